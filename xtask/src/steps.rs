//! What every verb shares: failures, announced and timed steps, and calls of `cargo`.

use std::env;
use std::fmt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};

/// Why a verb could not do its work: one text, for the person at the terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a verb ends with: the exit code of the programs it ran, or why it could not run them.
pub(crate) type Outcome = Result<ExitCode, Failure>;

/// The steps of a verb: each is announced on stdout when it starts and timed for the summary.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    taken: Vec<(String, Duration)>,
}

impl Steps {
    /// Announces `title` on a line of its own, does `work` and remembers how long it took.
    #[expect(
        clippy::disallowed_methods,
        reason = "a developer is told how long each step took; nothing depends on it"
    )]
    pub(crate) fn step<T>(
        &mut self,
        title: impl Into<String>,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let title = title.into();
        println!("==> {title}");
        let start = Instant::now();
        let result = work();
        self.taken.push((title, start.elapsed()));
        result
    }

    /// Prints the time of every step taken so far, in seconds.
    pub(crate) fn print_times(&self) {
        println!("==> Time of each step");
        for (title, took) in &self.taken {
            println!("{:>8.1} s  {title}", took.as_secs_f64());
        }
    }
}

/// The top of the repository that `cargo xtask` was called in. Where this was built says nothing: a target directory may
/// have served another checkout before.
pub(crate) fn repository() -> PathBuf {
    let built_in = || env!("CARGO_MANIFEST_DIR").into();
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(built_in));
    here.parent().unwrap_or(&here).to_path_buf()
}

/// The `cargo` that started this program, to be run at the top of the repository.
///
/// `cargo run` describes the package `xtask` to its child in variables. Build scripts that watch
/// them would run again on every change between `cargo xtask` and a plain `cargo`, so they are not
/// handed on.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(repository()).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs `command` with the output going to the terminal, and returns its exit code.
///
/// A program ended by a signal counts as exit code 1.
pub(crate) fn exit_code(command: &mut Command) -> Result<u8, Failure> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    Ok(if status.success() { 0 } else { status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1) })
}

/// Runs `command` in silence and returns what it printed; any exit code but 0 is a failure that
/// quotes the output.
pub(crate) fn quietly(command: &mut Command) -> Result<Output, Failure> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(Failure::new(format!(
        "`{}` failed ({}):\n{}{}",
        shown(command),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    )))
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot start `{}`: {error}", shown(command)))
}

/// The command as a line to read, not to paste.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn exit_code_is_that_of_the_program() {
        assert_eq!(exit_code(&mut shell("exit 0")), Ok(0));
        assert_eq!(exit_code(&mut shell("exit 101")), Ok(101));
    }

    #[test]
    fn a_program_ended_by_a_signal_does_not_count_as_success() {
        assert_eq!(exit_code(&mut shell("kill -9 $$")), Ok(1));
    }

    #[test]
    fn a_quiet_failure_quotes_the_output() {
        let failure = quietly(&mut shell("echo no room; exit 3")).expect_err("exit code 3");
        assert!(failure.to_string().contains("no room"), "{failure}");
    }

    #[test]
    fn a_failed_step_is_timed_too() {
        let mut steps = Steps::default();
        let result: Result<(), _> = steps.step("a step", || Err(Failure::new("reason")));
        assert_eq!(result, Err(Failure::new("reason")));
        assert_eq!(steps.taken.len(), 1);
    }

    #[test]
    fn the_repository_holds_this_crate() {
        assert!(repository().join("xtask/src/steps.rs").is_file());
    }
}
