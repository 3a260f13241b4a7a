//! The long run: what `cargo xtask fuzz` builds with all optimisations and starts.

use clap::Parser;
use fuzz::{Finding, Tally, Target, all, by_name, fuzz, replayed, target_folder};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// An input that takes longer is written down like one that breaks a promise.
const SLOW_MS_MAX: u128 = 1000;

/// Tries inputs of its own making on every parser of foreign text
#[derive(Debug, Parser)]
struct Args {
    /// Targets; all where none is named
    #[arg(value_name = "TARGET", value_parser = by_name)]
    targets: Vec<&'static Target>,
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

fn main() -> ExitCode {
    let args = Args::parse();
    if args.list {
        all().for_each(|target| println!("{}", target.name));
        return ExitCode::SUCCESS;
    }
    run(&args).unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::FAILURE
    })
}

fn run(args: &Args) -> Result<ExitCode, String> {
    let time = Duration::try_from_secs_f64(args.minutes * 60.0).map_err(|_| {
        format!("--minutes is {}: expected a number above 0, such as 60 or 0.5", args.minutes)
    })?;
    let seed = args.seed.unwrap_or_else(new_seed);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let targets: Vec<&Target> = if args.targets.is_empty() { all().collect() } else { args.targets.clone() };
    println!("seed {seed}, {threads} threads, {} min each of {} targets", args.minutes, targets.len());
    println!(
        "{:<14} {:>12} {:>10} {:>9} {:>9} {:>10}  found",
        "target", "inputs", "inputs/s", "accepted", "features", "slowest"
    );
    let mut broken = 0;
    for target in targets {
        broken += one(target, seed, threads, time)?;
    }
    println!("{broken} broken promises");
    Ok(ExitCode::from(u8::from(broken > 0)))
}

/// Replays what was found before, then runs a target on all threads, tells about it, and returns how many
/// promises it broke.
fn one(target: &'static Target, seed: u64, threads: usize, time: Duration) -> Result<usize, String> {
    let regressions = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let (_, again) = replayed(target, &regressions)
        .map_err(|error| format!("the known inputs cannot be read: {error}"))?;
    let (tally, took) = all_threads(target, seed, threads, time);
    let findings: Vec<Finding> = again.into_iter().chain(tally.findings.iter().cloned()).collect();
    println!(
        "{:<14} {:>12} {:>10.0} {:>8.1}% {:>9} {:>7.1} ms  {}",
        target.name,
        tally.inputs,
        tally.inputs as f64 / took.as_secs_f64().max(1e-9),
        100.0 * tally.accepted as f64 / tally.inputs.max(1) as f64,
        tally.features,
        tally.slowest.0.as_secs_f64() * 1000.0,
        findings.len(),
    );
    for finding in &findings {
        tell(finding)?;
    }
    if tally.slowest.0.as_millis() > SLOW_MS_MAX {
        let message = format!("took {} ms", tally.slowest.0.as_millis());
        let broken = fuzz::Broken { place: "slow".to_owned(), message };
        tell(&Finding { target: target.name, input: tally.slowest.1, broken })?;
    }
    Ok(findings.len())
}

fn tell(finding: &Finding) -> Result<(), String> {
    let path =
        finding.write(&target_folder()).map_err(|error| format!("a finding cannot be written: {error}"))?;
    println!("  {finding}\n    {}", path.display());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a run lasts as long as it was told to")]
fn all_threads(target: &'static Target, seed: u64, threads: usize, time: Duration) -> (Tally, Duration) {
    let start = Instant::now();
    let tally = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..threads as u64)
            .map(|thread| {
                scope.spawn(move || fuzz(target, seed.wrapping_add(thread), |_| start.elapsed() >= time))
            })
            .collect();
        runs.into_iter().filter_map(|run| run.join().ok()).fold(Tally::default(), Tally::and)
    });
    (tally, start.elapsed())
}

/// Another one for every run.
fn new_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one("seed")
}
