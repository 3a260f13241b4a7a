//! `cargo xtask fuzz`: the long run of the fuzz targets.

use std::process::ExitCode;

use crate::steps::{Outcome, cargo, exit_code};

/// Tries inputs of its own making on every parser of foreign text, for an hour each
///
/// Builds the crate `fuzz` with all optimisations and runs its targets one after the other, each on
/// as many threads as there are cores: first the inputs that were found before
/// (crates/fuzz/regressions), then new ones. Prints the seed, and for each target the inputs tried,
/// how many a second, how many of them the parser accepted, how many different ways of answering
/// they reached, the time of the slowest, and what was found. An input that breaks a promise is made
/// as short as possible and written to target/fuzz/TARGET/HASH, what it broke beside it in
/// HASH.message; put it into crates/fuzz/regressions/TARGET/ when it is mended. The exit code is 1
/// where a promise was broken.
///
/// The tests run the same targets for some seconds, always with the same seed; another one is taken
/// from KEYWARD_FUZZ_SEED. More is in docs/FUZZING.md.
///
/// Examples:
///   cargo xtask fuzz                          every target, an hour each
///   cargo xtask fuzz form cookies             two of them
///   cargo xtask fuzz id-token --minutes 0.5   one, for half a minute
///   cargo xtask fuzz --list                   their names
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Targets; all where none is named
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,

    /// Minutes for each target; a part of one is fine
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,

    /// A number that decides the inputs, to see a run again; a new one where none is given
    #[arg(long)]
    seed: Option<u64>,

    /// Prints the names of the targets and does nothing else
    #[arg(long)]
    list: bool,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let run = ["run", "--quiet", "--release", "-p", "fuzz", "--"];
    let mut command = cargo();
    command.args(run).args(handed_on(args));
    println!("==> Building the targets with all optimisations, and running them");
    Ok(ExitCode::from(exit_code(&mut command)?))
}

/// The words for the program of the crate `fuzz`, which judges them.
fn handed_on(args: &Args) -> Vec<String> {
    let mut words = vec![format!("--minutes={}", args.minutes)];
    words.extend(args.seed.map(|seed| format!("--seed={seed}")));
    words.extend(args.list.then(|| "--list".to_owned()));
    words.push("--".to_owned());
    words.extend(args.targets.iter().cloned());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_is_handed_on() {
        let args = Args { targets: vec!["form".to_owned()], minutes: 0.5, seed: Some(7), list: true };
        assert_eq!(handed_on(&args), ["--minutes=0.5", "--seed=7", "--list", "--", "form"]);
    }
}
