//! A subject becomes somebody else after signing in.

use access::{Subject, UserId};

fn become_somebody(mut subject: Subject, user: UserId) -> Subject {
    subject.actor = access::proof::Actor::User(user);
    subject
}

fn main() {}
