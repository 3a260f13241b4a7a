//! Developer commands: `cargo xtask VERB`.
//!
//! One file per verb. A new verb is a file with an `Args` and a `run`, a variant of [`Verb`] and an
//! arm in [`dispatch`]. The doc comment of a verb's `Args` is its help text; `cargo xtask` without
//! arguments prints them all.

mod browser;
mod cluster;
mod fuzz;
mod idp;
mod lighthouse;
mod lint;
mod load;
mod npm;
mod postgres;
mod server_programs;
mod steps;
mod test;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::steps::Outcome;

/// Developer commands of Keyward: `cargo xtask VERB`
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Xtask {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Test(test::Args),
    Lint(lint::Args),
    Postgres(postgres::Args),
    Load(load::Args),
    Lighthouse(lighthouse::Args),
    Fuzz(fuzz::Args),
}

fn main() -> ExitCode {
    dispatch(Xtask::parse().verb.as_ref()).unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::FAILURE
    })
}

fn dispatch(verb: Option<&Verb>) -> Outcome {
    match verb {
        None => {
            print!("{}", help_of_every_verb());
            Ok(ExitCode::SUCCESS)
        }
        Some(Verb::Test(args)) => test::run(args),
        Some(Verb::Lint(args)) => lint::run(args),
        Some(Verb::Postgres(args)) => postgres::run(args),
        Some(Verb::Load(args)) => load::run(args),
        Some(Verb::Lighthouse(args)) => lighthouse::run(args),
        Some(Verb::Fuzz(args)) => fuzz::run(args),
    }
}

/// The whole help: the list of verbs, then the full text of each.
fn help_of_every_verb() -> String {
    let mut command = Xtask::command();
    command.build();
    let mut text = command.render_long_help().to_string();
    for verb in command.get_subcommands_mut() {
        let help = verb.render_long_help();
        text.push_str(&format!("\n--- cargo xtask {} ---\n\n{help}", verb.get_name()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_holds_the_text_of_every_verb() {
        let help = help_of_every_verb();
        for verb in Xtask::command().get_subcommands() {
            let about =
                verb.get_long_about().or(verb.get_about()).expect("a verb has a doc comment").to_string();
            assert!(
                help.contains(about.lines().next().expect("a first line")),
                "{} in {help}",
                verb.get_name()
            );
        }
    }

    #[test]
    fn arguments_are_consistent() {
        Xtask::command().debug_assert();
    }
}
