//! A command is called with the intent alone: nobody has checked it.

use access::commands::{Command, DisableUser};

fn main() {
    let operation = DisableUser { id: testkit::world::id(1) };
    let _ = DisableUser::run(operation);
}
