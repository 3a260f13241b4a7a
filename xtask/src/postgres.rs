//! `cargo xtask postgres`: a throw-away PostgreSQL to run single tests against.

use std::io;
use std::process::ExitCode;

use crate::cluster::Cluster;
use crate::server_programs::find_or_install;
use crate::steps::{Failure, Outcome, Steps};

/// Starts a throw-away PostgreSQL for single tests, until Ctrl-C or end of input
///
/// Prints the address and an `export KEYWARD_TEST_POSTGRES=...` to paste into another terminal, so
/// that `cargo test -p CRATE` there runs against PostgreSQL as well. Everything in it is gone when
/// it stops. Installs PostgreSQL like `cargo xtask test` does.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> Outcome {
    let mut steps = Steps::default();
    let programs = steps.step("Looking for PostgreSQL 15 or newer", find_or_install)?;
    let cluster = steps.step(format!("Starting a throw-away {programs}"), || Cluster::start(&programs))?;
    println!("{}", cluster.url());
    println!("export KEYWARD_TEST_POSTGRES={}", cluster.url());
    println!("==> Running until Ctrl-C or end of input");
    // Ctrl-C ends this program at once; the cluster's watch then stops the server.
    io::copy(&mut io::stdin().lock(), &mut io::sink())
        .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))?;
    steps.step("Stopping it", || cluster.stop())?;
    Ok(ExitCode::SUCCESS)
}
