//! A proof is copied, to be spent twice.

use access::Authorized;
use access::commands::{Command, DisableUser};

fn twice(proof: Authorized<'_, DisableUser>) {
    let _ = DisableUser::run(proof.clone());
    let _ = DisableUser::run(proof);
}

fn main() {}
