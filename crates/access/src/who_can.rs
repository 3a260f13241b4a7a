//! `who_can`: the users who have a permission on a resource, and by which grant.

use crate::decide::Grounds;
use crate::decide::Question;
use crate::snapshot::Snapshot;
use crate::time::Instant;
use crate::words::UserId;

impl Snapshot {
    /// The users behind `after` for whom the question (whose own user is not looked at) is allowed, in
    /// the order of their numbers, each with the grounds. Lazy: the caller takes a page of it.
    pub fn who_can<'s>(
        &'s self,
        question: &Question,
        after: Option<UserId>,
        now: Instant,
    ) -> impl Iterator<Item = (UserId, Grounds)> + 's {
        let question = *question;
        self.users_after(after).filter_map(move |(user, _)| {
            let asked = Question { user, ..question };
            self.allows(&asked, now).then(|| (user, self.decide(&asked, now).grounds))
        })
    }
}
