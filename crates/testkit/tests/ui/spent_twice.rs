//! A proof is spent twice.

use access::Authorized;
use access::commands::{Command, DisableUser};

fn twice(proof: Authorized<'_, DisableUser>) {
    let _ = DisableUser::run(proof);
    let _ = DisableUser::run(proof);
}

fn main() {}
