//! Where a password comes from: standard input, a prompt, or made by the service.

use std::io::{BufRead, IsTerminal};

/// How a password is asked for.
pub(crate) struct Ask {
    /// Read it from standard input.
    pub(crate) stdin: bool,
    /// Let the service make it.
    pub(crate) generate: bool,
}

/// The password; none when the service shall make one and show it once.
pub(crate) fn ask(how: &Ask, whose: &str) -> Result<Option<String>, String> {
    if how.stdin {
        return from_stdin("password").map(Some);
    }
    if how.generate || !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let prompt =
        |text: String| rpassword::prompt_password(text).map_err(|e| format!("cannot read a password: {e}"));
    let first = prompt(format!("password of {whose} (8 to 128 characters; empty to have one made): "))?;
    if first.is_empty() {
        return Ok(None);
    }
    if prompt("the same again: ".into())? == first {
        Ok(Some(first))
    } else {
        Err("the two passwords differ: nothing was changed".into())
    }
}

/// One line of standard input; `what` it has is named where it has none.
pub(crate) fn from_stdin(what: &str) -> Result<String, String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|e| format!("cannot read the {what} from standard input: {e}"))?;
    let secret = line.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("standard input has no {what}: give it as one line"));
    }
    Ok(secret.to_owned())
}
