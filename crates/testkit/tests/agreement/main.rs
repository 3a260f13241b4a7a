//! Every view of access agrees with the oracle, on worlds nobody would think of.
//!
//! 500 worlds a property; 10,000 with `KEYWARD_LONG=1`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "closures of a property are code of a test, and stop it"
)]

mod decisions;
mod filters;
mod lists;
mod scopes;
mod states;
mod time;
mod users;

use testkit::{Question, World, oracle};

/// What the specification says to a question.
fn answer(world: &World, question: &Question) -> bool {
    let Question { user, permission, resource, application } = question;
    oracle::allows(world, *user, permission, resource, *application)
}
