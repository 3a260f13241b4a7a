//! Fuzz targets: every parser of foreign text, with what must hold of its answers.
//!
//! ```text
//! seeds, words -> mutate -> check (a target) -> what it reached -> corpus
//!                              |
//!                              +-> panic -> minimise -> target/fuzz/<target>/<hash>
//! ```
//! A target is a function of bytes that takes them to its parser and asserts what the parser promises. The
//! same table serves the short run of the tests and the long one of `cargo xtask fuzz`.
//!
//! **Invariant:** a run is a function of target, seed and number of inputs; only the report has times.
//! **Invariant:** nothing that ships depends on this crate.

mod corpus;
mod driver;
mod found;
mod minimise;
mod mutate;
mod random;
mod reached;
mod target;
mod targets;
mod trial;

pub use driver::{FINDINGS_MAX, Tally, fuzz};
pub use found::{Finding, replayed, target_folder};
pub use reached::Reached;
pub use target::Target;
pub use targets::{all, by_name};
pub use trial::{Broken, attempt};
