//! A changeset is altered on its way from the command to the store.

use access::{Change, Changeset};

fn slip_in(mut changes: Changeset, more: Change) -> Changeset {
    changes.changes.push(more);
    changes
}

fn main() {}
