//! Worlds, the oracle and fixtures: the specification of access as data and plain sentences.
//!
//! A [`World`] is the state of an account in the plainest form there is. The [`oracle`] answers questions
//! on it by reading DESIGN section 2 aloud, looking at every grant, one after the other. Tests hold every
//! fast path to it: `decide`, `filter`, `explain`, `who_can` and `what_can` here, SQL in `commerce`.
//!
//! **Invariant:** the oracle calls nothing of `access` that judges; it shares its ids and plain data alone.
//! **Invariant:** what the oracle knows of roles and entities it has read from `contracts/` by itself.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests call this crate: a fixture that does not hold must stop them at once"
)]

pub mod contract;
pub mod convert;
pub mod fixture;
pub mod generate;
pub mod oracle;
mod run;
pub mod world;

pub use generate::{asked_worlds, questions, worlds};
pub use run::{cases, check};
pub use world::{Grant, Question, Resource, Role, Scope, Status, User, Validity, World};
