//! `cargo xtask load`: what HTTP adds to a decision, measured against a floor in the same run.

mod client;
mod company;

use crate::steps::{Failure, Outcome, Steps, cargo, exit_code, repository};
use client::{Tally, hammer};
use company::Company;
use std::process::ExitCode;

/// Measures a release server over HTTP and prints a table; nothing passes or fails
///
/// Builds the program, makes a company (1,000 users, 500 stores) in a temporary folder, serves it and
/// sends it questions over kept-alive connections: `/access/v1/evaluation` in turn with a route that
/// does the same authentication and parsing and answers true, then `/access/v1/evaluations` with
/// subject and action at the top and 1,000 places below. Server time is that of the server process
/// as the system counts it (Linux only), so "a core" is a second of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Measurements of each kind, in turn; medians are printed
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Connections, each with one request under way
    #[arg(long, default_value_t = 8)]
    connections: usize,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut steps = Steps::default();
    let built = steps.step("cargo build --release -p keyward", || {
        exit_code(cargo().args(["build", "--release", "-p", "keyward"]))
    })?;
    if built != 0 {
        return Ok(ExitCode::from(built));
    }
    let program = target_folder().join("release/keyward");
    let company = steps.step("making a company", || Company::make(&program))?;
    let measured = steps.step("measuring", || measure(&company, args))?;
    println!("\n{measured}");
    Ok(ExitCode::SUCCESS)
}

fn target_folder() -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), Into::into)
}

fn measure(company: &Company, args: &Args) -> Result<String, Failure> {
    let single = company.questions();
    let batches = company.batches(1_000);
    let go = |path: &str, bodies: &[String], connections: usize| -> Result<(Tally, f64), Failure> {
        let before = company.server_seconds();
        let tally = hammer(company.address(), path, company.credential(), bodies, connections, args.seconds)?;
        Ok((tally, company.server_seconds() - before))
    };
    // Warm: the credential is verified once, pages are in memory.
    go("/access/v1/evaluation", &single, args.connections)?;
    let (mut real, mut floor, mut many) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.rounds {
        floor.push(go("/access/v1/evaluation-floor", &single, args.connections)?);
        real.push(go("/access/v1/evaluation", &single, args.connections)?);
        many.push(go("/access/v1/evaluations", &batches, 1)?);
    }
    let rate = |runs: &[(Tally, f64)]| median(runs.iter().map(|(t, _)| t.requests as f64 / t.seconds));
    let per_core = |runs: &[(Tally, f64)]| median(runs.iter().map(|(t, s)| t.requests as f64 / s.max(1e-9)));
    let ratios = |f: &dyn Fn(&(Tally, f64)) -> f64| median(real.iter().zip(&floor).map(|(r, w)| f(r) / f(w)));
    let row = |name: &str, runs: &[(Tally, f64)]| {
        let at = |q: f64| median(runs.iter().map(|(t, _)| t.quantile_us(q)));
        format!(
            "{name:<24} {:>12.0} {:>16.0} {:>9.0} {:>9.0}\n",
            rate(runs),
            per_core(runs),
            at(0.5),
            at(0.99)
        )
    };
    let mut text = format!(
        "{:<24} {:>12} {:>16} {:>9} {:>9}\n",
        "route", "requests/s", "req/server core s", "p50 us", "p99 us"
    );
    text += &row("evaluation-floor", &floor);
    text += &row("evaluation", &real);
    text += &row("evaluations x 1,000", &many);
    text += &format!(
        "\nevaluation / floor, median of {} pairs: throughput {:.3}, requests a core second {:.3}\n",
        args.rounds,
        ratios(&|(t, _)| t.requests as f64 / t.seconds),
        ratios(&|(t, s)| t.requests as f64 / s.max(1e-9)),
    );
    text +=
        &format!("decisions a core second in batches of 1,000: {:.2} million\n", per_core(&many) / 1_000.0);
    text += &format!("connections {}, {} s a measurement", args.connections, args.seconds);
    Ok(text)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
