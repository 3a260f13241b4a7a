//! Who may do what, where: the pure model and decision engine.
//!
//! credentials -> Principal -> Authorized<Op> -> Changeset -> Committed -> Snapshot
//!                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//! This crate owns the middle of the chain: it decides, and it says what a command changes.
//!
//! **Invariant:** no I/O, no clock, no randomness, no wire format; time and state are parameters.
//! **Invariant:** only [`Snapshot::authorize`] makes a proof, only a command spends it, and only a
//! spent proof makes a [`Changeset`].
//! **Invariant:** `decide`, `filter`, `explain`, `who_can` and `what_can` judge by the same two
//! functions: the role holds the permission, the scope admits the resource.

pub mod at_place;
pub mod catalogue;
pub mod change;
pub mod commands;
pub mod decide;
pub mod delegation;
pub mod directory;
pub mod effective;
pub mod explain;
pub mod filter;
pub mod named;
pub mod preview;
pub mod proof;
pub mod reach;
pub mod resource;
pub mod scope;
pub mod seen;
pub mod snapshot;
pub mod time;
pub mod typed;
pub mod what_can;
pub mod who_can;
pub mod words;

#[cfg(test)]
mod tests;

pub use catalogue::{Contract, Entity, Module, ModuleLevel, PermissionId, RoleSlot};
pub use change::{Change, Changeset, Grant, GrantSpec};
pub use decide::{Decision, Grounds, Question};
pub use filter::Filter;
pub use proof::{Authorized, Demand, Denial, Guarded, Subject};
pub use resource::{Place, Resource};
pub use scope::{Extent, IdSet, LocationExtent, Scope};
pub use snapshot::Snapshot;
pub use time::{Instant, Validity};
pub use words::*;
