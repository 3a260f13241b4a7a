//! A proof is written down instead of asked for.

use access::commands::DisableUser;
use access::{Authorized, Snapshot, Subject};

fn forge(on: &Snapshot, subject: Subject) -> Authorized<'_, DisableUser> {
    let operation = DisableUser { id: testkit::world::id(1) };
    Authorized { operation, subject, on, now: access::Instant(0), holds_until: None }
}

fn main() {}
