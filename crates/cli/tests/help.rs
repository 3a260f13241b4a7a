//! The help of every command, as an expected file: the command line is an interface.
//!
//! `crates/cli/tests/snapshots/help__every_command.snap` is what a reviewer reads when arguments change.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::VecDeque;
use std::process::Command;

/// The heading above the options that every command takes.
const EVERYWHERE: &str = "Options of every command:";

/// The help of a command; it must not depend on the terminal or the environment of the caller.
fn help(path: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_keyward"))
        .args(path)
        .arg("--help")
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{path:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The commands that a help lists: the first word of each line below `Commands:`.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn help_of_every_command() {
    let (mut all, mut count) = (String::new(), 0);
    let mut todo = VecDeque::from([Vec::new()]);
    while let Some(path) = todo.pop_front() {
        let said = help(&path);
        let below = listed(&said).into_iter().filter(|name| name != "help");
        for name in below.rev() {
            let mut path = path.clone();
            path.push(name);
            todo.push_front(path);
        }
        let name = [&["keyward".to_owned()], path.as_slice()].concat().join(" ");
        // What every command takes is read once, in the help of the program.
        let (own, shared) = said.split_once(EVERYWHERE).expect("the options of every command");
        assert!(shared.contains("--data") && shared.contains("--json"), "{name}: {shared}");
        let shown = if path.is_empty() { &said } else { own };
        let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
        all += &format!("===== {name} --help\n{}\n\n", lines.join("\n").trim_end());
        count += 1;
    }
    // A parser of help that finds nothing would compare nothing.
    assert!(count > 50, "only {count} commands were found");
    insta::assert_snapshot!("every_command", all);
}
