//! A proof is spent on changes that no command has judged.

use access::commands::DisableUser;
use access::{Authorized, Changeset};

fn spend(proof: Authorized<'_, DisableUser>) -> Changeset {
    proof.spend(vec![])
}

fn main() {}
