//! A proof of one operation pays for another.

use access::Authorized;
use access::commands::{Command, DisableUser, EnableUser};

fn other(proof: Authorized<'_, EnableUser>) {
    let _ = DisableUser::run(proof);
}

fn main() {}
