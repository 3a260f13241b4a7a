//! `cargo xtask lint`: formatting and clippy.

use std::process::ExitCode;

use crate::steps::{Failure, Outcome, Steps, cargo, exit_code, quietly};

/// Checks the formatting and runs clippy; a warning is a failure
///
/// Runs `cargo fmt --all --check` and `cargo clippy --workspace --all-targets -- -D warnings`, the
/// second also when the first fails. The exit code is that of the first which failed. Needs the
/// components rustfmt and clippy.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Outcome {
    for component in ["fmt", "clippy"] {
        component_present(component)?;
    }
    let mut steps = Steps::default();
    let format =
        steps.step("cargo fmt --all --check", || exit_code(cargo().args(["fmt", "--all", "--check"])))?;
    let clippy = steps.step("cargo clippy --workspace --all-targets -- -D warnings", || {
        exit_code(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    steps.print_times();
    if format != 0 {
        println!("==> The formatting differs: `cargo fmt --all` mends it");
    }
    let code = if format != 0 { format } else { clippy };
    println!("==> {}", if code == 0 { "Lints passed" } else { "Lints FAILED" });
    Ok(ExitCode::from(code))
}

fn component_present(name: &str) -> Result<(), Failure> {
    quietly(cargo().args([name, "--version"])).map(drop).map_err(|failure| {
        Failure::new(format!(
            "`cargo {name}` does not work. Install it: `rustup component add rustfmt clippy`, or without rustup the \
             packages rustfmt and clippy of your system (Debian: rustfmt, rust-clippy).\n{failure}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_component_is_told_with_what_to_install() {
        let failure = component_present("no-such-component").expect_err("there is none of that name");
        assert!(failure.to_string().contains("rustup component add rustfmt clippy"), "{failure}");
    }
}
