//! What somebody sees of a user whom they see: the grants that meet where they hold `USER_VIEW`, and that there are
//! others.

use crate::change::Grant;
use crate::delegation::Giver;
use crate::proof::Subject;
use crate::snapshot::Snapshot;
use crate::time::Instant;
use crate::words::UserId;

/// The grants of a user, as far as somebody sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantsSeen {
    /// Those that they see, in the order of their ids.
    pub seen: Vec<Grant>,
    /// How many others there are.
    pub hidden: usize,
}

impl Snapshot {
    /// The grants of a user that the subject sees. Everybody sees all of their own; of a user whom the subject does not
    /// see there is nothing, not even a number.
    #[must_use]
    pub fn grants_seen(&self, subject: &Subject, user: UserId, now: Instant) -> GrantsSeen {
        if !self.sees_user(subject, user, now) {
            return GrantsSeen::default();
        }
        let giver = Giver::new(self, subject.actor(), subject.application(), now);
        let own = subject.user() == Some(user);
        let (seen, others): (Vec<Grant>, Vec<Grant>) =
            self.grants(user).into_iter().partition(|grant| own || giver.sees(&grant.spec.scope));
        GrantsSeen { seen, hidden: others.len() }
    }
}
