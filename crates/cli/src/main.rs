//! The `keyward` program: arguments in, one request to the service, text or JSON out.
//!
//! Commands on a data directory that a running server owns go to it through its local socket; otherwise
//! this process owns the directory while it works. On PostgreSQL they work beside any running servers.
//!
//! **Invariant:** no rules here: what a command means is said in `service::ops`.
//! Exit status: 0 yes or done, 1 no, 2 an error.

mod args;
mod demo;
mod passwords;
mod run;
mod serve;
mod show;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match run::run(args) {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            show::error(&message);
            ExitCode::from(2)
        }
    }
}
