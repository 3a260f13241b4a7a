//! `cargo xtask test`: everything the tests need, then all tests.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::browser::{AXE, CHROMEDRIVER, axe, chromedriver};
use crate::cluster::Cluster;
use crate::idp::{IDP, install_idp};
use crate::server_programs::{curl, find_or_install};
use crate::steps::{Failure, Outcome, Steps, cargo, exit_code};

/// The folder with the real data; tests on it skip, visibly, where it is not set.
const TRIAL_DATA: &str = "KEYWARD_TRIAL_DATA";

/// A file that the folder with the real data always holds.
const TRIAL_FILE: &str = "us-regional-sales/orders.csv";

/// Options of `cargo test` that choose packages, other than `-p`.
const PACKAGES: [&str; 3] = ["--package", "--workspace", "--all"];

/// Options of `cargo test` that choose targets.
const TARGETS: &str =
    "--lib --bin --bins --test --tests --example --examples --bench --benches --doc --all-targets";

/// Installs what the tests need and is missing, and runs all tests
///
/// Finds the PostgreSQL server programs, version 15 or newer; where they are missing installs
/// Debian's package `postgresql` if it may (root or sudo without a password), and otherwise says
/// what to install and fails; the same for `curl`, which the README's tour calls, and for Node.js 20
/// or newer with npm, which runs the identity provider of the tests (installed into target/idp, its
/// path in KEYWARD_IDP), and for Chromium with its driver (its path in KEYWARD_CHROMEDRIVER), in which
/// tests open the pages; the rules of accessibility that they are held to are npm's `axe-core`
/// (installed into target/axe, its path in KEYWARD_AXE). Starts a throw-away PostgreSQL on a free port of 127.0.0.1, runs
/// `cargo test` on the whole workspace with its address in KEYWARD_TEST_POSTGRES, then the examples
/// in the documentation, and stops it. No other PostgreSQL on the machine is touched.
///
/// KEYWARD_TRIAL_DATA names the folder with the real data; without it the tests on that data are
/// skipped, and say so. The exit code is that of `cargo test`.
///
/// Examples:
///   cargo xtask test                       all tests
///   cargo xtask test --long                with 10,000 worlds in the property tests
///   cargo xtask test -p sql                one crate
///   cargo xtask test conformance           tests with this in their name
///   cargo xtask test -- -- --nocapture     options of the test programs
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Look at 10,000 worlds in the property tests instead of 500 (sets KEYWARD_LONG=1)
    #[arg(long)]
    long: bool,

    /// Handed to `cargo test` as they are; a choice of packages or targets replaces "all"
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "CARGO TEST ARGUMENTS")]
    rest: Vec<String>,
}

/// PATH with one more folder behind it.
fn path_with(folder: &Path) -> Result<std::ffi::OsString, Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([folder.to_path_buf()]);
    env::join_paths(folders).map_err(|error| Failure::new(format!("PATH cannot be extended: {error}")))
}

pub(crate) fn run(args: &Args) -> Outcome {
    let trial_data = trial_data()?;
    let mut steps = Steps::default();
    let programs = steps.step("Looking for PostgreSQL 15 or newer", find_or_install)?;
    steps.step("Looking for curl", curl)?;
    let idp = steps.step("Looking for the identity provider of the tests", install_idp)?;
    let chromedriver = steps.step("Looking for Chromium and its driver", chromedriver)?;
    let axe = steps.step("Looking for the rules of accessibility", axe)?;
    let path = path_with(programs.folder())?;
    let cluster = steps.step(format!("Starting a throw-away {programs}"), || Cluster::start(&programs))?;
    match &trial_data {
        Some(folder) => println!("==> The real data is read from {} ({TRIAL_DATA})", folder.display()),
        None => println!("==> {TRIAL_DATA} is not set: the tests on the real data will be SKIPPED"),
    }
    let mut code = 0;
    for words in cargo_calls(&args.rest) {
        let mut command = cargo();
        command.args(&words).env("KEYWARD_TEST_POSTGRES", cluster.url()).env("PATH", &path).env(IDP, &idp);
        command.env(CHROMEDRIVER, &chromedriver).env(AXE, &axe);
        if let Some(folder) = &trial_data {
            command.env(TRIAL_DATA, folder);
        }
        if args.long {
            command.env("KEYWARD_LONG", "1");
        }
        let this = steps.step(format!("cargo {}", words.join(" ")), || exit_code(&mut command))?;
        code = if code == 0 { this } else { code };
    }
    steps.step("Stopping the throw-away PostgreSQL", || cluster.stop())?;
    steps.print_times();
    let which = if args.rest.is_empty() { "All tests" } else { "The chosen tests" };
    let skipped = if trial_data.is_none() { "; those on the real data were skipped" } else { "" };
    println!("==> {which} {}{skipped}", if code == 0 { "passed" } else { "FAILED" });
    Ok(ExitCode::from(code))
}

/// The calls of `cargo` that run what `rest` asks for.
///
/// `--all-targets` leaves out the examples in the documentation, which are a call of their own.
/// Where `rest` chooses, cargo's own defaults (with those examples) are the better reading of it.
fn cargo_calls(rest: &[String]) -> Vec<Vec<String>> {
    let options = || {
        let ours = rest.iter().take_while(|word| *word != "--");
        ours.map(|word| word.split_once('=').map_or(word.as_str(), |(name, _)| name))
    };
    let packages = options().any(|word| PACKAGES.contains(&word) || is_short_package(word));
    let targets = options().any(|word| TARGETS.split(' ').any(|target| target == word));
    let calls: &[&[&str]] = match (packages, targets) {
        (true, _) => &[&["test", "--no-fail-fast"]],
        (false, true) => &[&["test", "--no-fail-fast", "--workspace"]],
        (false, false) => &[
            &["test", "--no-fail-fast", "--workspace", "--all-targets"],
            &["test", "--no-fail-fast", "--workspace", "--doc"],
        ],
    };
    calls
        .iter()
        .map(|call| call.iter().map(|word| (*word).to_owned()).chain(rest.iter().cloned()).collect())
        .collect()
}

/// `-p NAME` or `-pNAME`.
fn is_short_package(word: &str) -> bool {
    word.starts_with("-p")
}

/// The folder with the real data, absolute, because tests run in the folder of their crate.
fn trial_data() -> Result<Option<PathBuf>, Failure> {
    match env::var_os(TRIAL_DATA) {
        Some(folder) if !folder.is_empty() => trial_folder(Path::new(&folder)).map(Some),
        _ => Ok(None),
    }
}

fn trial_folder(folder: &Path) -> Result<PathBuf, Failure> {
    match folder.canonicalize() {
        Ok(absolute) if absolute.join(TRIAL_FILE).is_file() => Ok(absolute),
        _ => Err(Failure::new(format!(
            "{TRIAL_DATA} is `{}`, which holds no {TRIAL_FILE}: name the folder with the real data, or unset it",
            folder.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(line: &str) -> Vec<String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        cargo_calls(&words).iter().map(|call| call.join(" ")).collect()
    }

    #[test]
    fn without_arguments_everything_runs() {
        let all = ["test --no-fail-fast --workspace --all-targets", "test --no-fail-fast --workspace --doc"]
            .map(str::to_owned);
        assert_eq!(calls(""), all);
        assert_eq!(calls("conformance"), all.map(|call| call + " conformance"));
    }

    #[test]
    fn a_choice_of_packages_replaces_everything() {
        for choice in ["-p sql", "-psql", "--package=sql", "--workspace --exclude sql", "-p sql --doc"] {
            assert_eq!(calls(choice), [format!("test --no-fail-fast {choice}")]);
        }
    }

    #[test]
    fn a_choice_of_targets_is_looked_for_in_every_package() {
        for choice in ["--test kill", "--all-targets", "--doc"] {
            assert_eq!(calls(choice), [format!("test --no-fail-fast --workspace {choice}")]);
        }
    }

    #[test]
    fn options_of_the_test_programs_choose_nothing() {
        assert_eq!(calls("-- --test").len(), 2);
    }

    #[test]
    fn a_folder_without_the_real_data_is_refused() {
        let failure = trial_folder(Path::new(env!("CARGO_MANIFEST_DIR"))).expect_err("no orders here");
        assert!(failure.to_string().contains("holds no us-regional-sales/orders.csv"), "{failure}");
        assert!(trial_folder(Path::new("/nowhere/at/all")).is_err());
    }
}
