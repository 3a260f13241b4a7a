//! A proof is taken to the state of another account: a command takes the proof alone.

use access::commands::{Command, DisableUser};
use access::{Authorized, Snapshot};

fn elsewhere(proof: Authorized<'_, DisableUser>, other: &Snapshot) {
    let _ = DisableUser::run(proof, other);
}

fn main() {}
