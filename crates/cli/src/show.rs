//! What people and programs see of an answer.

use service::ops::Reply;
use std::io::Write;

/// The answer on standard output. A reader who has gone away is no error.
pub(crate) fn reply(reply: &Reply, json: bool) {
    let text = match (json, &reply.json) {
        // An export of lines is lines for programs too.
        (true, serde_json::Value::String(lines)) => lines.clone(),
        (true, value) => value.to_string(),
        (false, _) => printable(&reply.text),
    };
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// An error on standard error.
pub(crate) fn error(message: &str) {
    drop(writeln!(std::io::stderr(), "keyward: {}", printable(message)));
}

/// A line for people on standard output.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// Text with names that others chose, made safe for a terminal: what moves the cursor or turns the direction of
/// writing could hide or forge lines.
fn printable(text: &str) -> String {
    let is_bad = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if is_bad(c) { '\u{fffd}' } else { c }).collect()
}
