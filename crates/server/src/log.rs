//! The log: lines on standard error.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Writes the log to standard error from now on, at the level that `KEYWARD_LOG` says (`info` without it). A second
/// call does nothing.
pub fn install_log() {
    let level = EnvFilter::try_from_env("KEYWARD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(level).with_ansi(colours);
    let installed = log.with_writer(std::io::stderr).try_init();
    // Whoever installed one before us wants that one.
    drop(installed);
}
