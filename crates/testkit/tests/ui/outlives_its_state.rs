//! A proof outlives the state that it was made from, to be spent on a later one.

use access::commands::{Command, DisableUser};
use access::{Instant, Snapshot, Subject};

fn later(state: Snapshot, subject: &Subject) {
    let operation = DisableUser { id: testkit::world::id(1) };
    let Ok(proof) = state.authorize(subject, operation, Instant(0)) else { return };
    drop(state);
    let _ = DisableUser::run(proof);
}

fn main() {}
