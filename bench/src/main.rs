//! Benchmarks that print a table. docs/BENCHMARKS.md says how to run them and what was seen.
//!
//! **Invariant:** what is compared is measured in one run, in turns, on the same questions.

mod directory;
mod engine;
mod memory;
mod orders;
mod sign_ins;
mod suggestions;
mod table;
mod timing;

use std::process::ExitCode;

const USAGE: &str = "usage: bench COMMAND [OPTIONS]

  engine [--users 1000,100000,1000000] [--quick]
      decisions, memory, changes and loading, with users of that many; --quick asks fewer questions
  orders [--orders 1000000] [--postgres URL]
      pages of guarded lists beside the same pages without a filter
  directory
      the users list of a million users: orders, searches, filters, pages
  suggestions
      what fields suggest of 100,000 stock locations and 10,000 roles
  sign-ins
      sign-ins over HTTP beside Argon2id alone, decisions meanwhile, Basic beside a token";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.split_first() {
        Some((command, options)) if command == "engine" => engine::run(options),
        Some((command, options)) if command == "orders" => orders::run(options),
        Some((command, _)) if command == "directory" => directory::run(),
        Some((command, _)) if command == "suggestions" => suggestions::run(),
        Some((command, _)) if command == "sign-ins" => sign_ins::run(),
        Some((command, _)) => Err(format!("unknown command `{command}`\n{USAGE}").into()),
        None => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::from(2)
        }
    }
}
