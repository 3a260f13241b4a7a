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
        return from_stdin().map(Some);
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

/// One line of standard input.
pub(crate) fn from_stdin() -> Result<String, String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|e| format!("cannot read the password from standard input: {e}"))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("standard input has no password: give it as one line".into());
    }
    Ok(password.to_owned())
}
