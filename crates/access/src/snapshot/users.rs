//! Users by number: a root of branches, of which a change copies one.

use super::branch::{BRANCH, Branch, BranchBuilder};
use super::packed::{UserParts, UserRef, UserWords};
use crate::words::{Number, UserId};
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Users {
    root: Arc<Vec<Arc<Branch>>>,
    count: usize,
}

impl Users {
    /// How many users there ever were, removed ones included.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    #[inline]
    pub(super) fn get(&self, id: UserId) -> Option<UserRef<'_>> {
        let index = id.number() as usize - 1;
        self.root.get(index / BRANCH)?.user(index % BRANCH)
    }

    /// All users ever, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (UserId, UserRef<'_>)> {
        self.after(None)
    }

    /// The users behind `after`, in the order of their numbers.
    pub(super) fn after(&self, after: Option<UserId>) -> impl Iterator<Item = (UserId, UserRef<'_>)> {
        let from = after.map_or(1, |id| id.number().saturating_add(1));
        let until = u32::try_from(self.count).unwrap_or(u32::MAX);
        (from..=until).filter_map(UserId::from_number).filter_map(|id| Some((id, self.get(id)?)))
    }

    /// Puts a user in their place: the next one, or that of the same number. Whether there was such a place.
    #[must_use]
    pub(super) fn put(&mut self, id: UserId, user: &UserParts) -> bool {
        let index = id.number() as usize - 1;
        if index > self.count {
            return false;
        }
        let root = Arc::make_mut(&mut self.root);
        if root.len() == index / BRANCH {
            root.push(Arc::new(Branch::empty()));
        }
        let Some(branch) = root.get_mut(index / BRANCH) else { return false };
        Arc::make_mut(branch).put(index % BRANCH, user);
        self.count = self.count.max(index + 1);
        true
    }

    /// Those who are not in `before`, or have another login there, in the order of their numbers. What both
    /// share in memory is not looked at.
    pub(super) fn with_other_login(&self, before: &Users) -> Vec<UserId> {
        let mut others = Vec::new();
        for (number, branch) in self.root.iter().enumerate() {
            let old = before.root.get(number);
            if old.is_some_and(|old| Arc::ptr_eq(old, branch) || old.shares_logins(branch)) {
                continue;
            }
            for (slot, user) in (0..BRANCH).map_while(|slot| Some((slot, branch.user(slot)?))) {
                if !old.and_then(|old| old.user(slot)).is_some_and(|old| user.shares_login(old)) {
                    others
                        .extend(u32::try_from(number * BRANCH + slot + 1).ok().and_then(UserId::from_number));
                }
            }
        }
        others
    }

    /// Bytes behind this structure, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        self.root.iter().map(|branch| branch.bytes() + size_of::<Arc<Branch>>()).sum()
    }
}

/// Makes [`Users`] of users that come in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct UsersBuilder {
    root: Vec<Arc<Branch>>,
    branch: BranchBuilder,
    count: usize,
}

impl UsersBuilder {
    pub(super) fn push(&mut self, user: &UserWords<'_>) {
        self.count += 1;
        self.root.extend(self.branch.push(user).map(Arc::new));
    }

    pub(super) fn finish(mut self) -> Users {
        self.root.extend(self.branch.finish().map(Arc::new));
        Users { root: Arc::new(self.root), count: self.count }
    }
}

#[cfg(test)]
mod tests {
    use super::super::packed::UserParts;
    use super::*;
    use crate::change::{SignIn, UserKind};
    use crate::words::Login;

    fn user(number: u32) -> (UserId, UserParts) {
        let login = Login::parse(&format!("user{number}@shop.example")).unwrap();
        (UserId::from_number(number).unwrap(), UserParts::new(&login, UserKind::Person, SignIn::Password))
    }

    /// Counts around the ends of leaves and branches.
    const COUNTS: [u32; 9] = [0, 1, 63, 64, 65, 1023, 1024, 1025, 2100];

    #[test]
    fn users_put_one_by_one_lie_as_those_built_at_once() {
        for count in COUNTS {
            let (mut one_by_one, mut at_once) = (Users::default(), UsersBuilder::default());
            for (id, parts) in (1..=count).map(user) {
                assert!(one_by_one.put(id, &parts));
                at_once.push(&parts.as_words());
            }
            assert_eq!(one_by_one, at_once.finish(), "{count} users");
            assert_eq!(one_by_one.iter().count(), count as usize);
            let (next, parts) = user(count + 1);
            assert!(one_by_one.get(next).is_none(), "there is no user {next}");
            let (beyond, _) = user(count + 2);
            assert!(!one_by_one.put(beyond, &parts), "user {beyond} is out of turn");
        }
    }

    #[test]
    fn a_user_put_again_leaves_the_others_as_they_were() {
        let mut users = Users::default();
        for (id, parts) in (1..=1100).map(user) {
            assert!(users.put(id, &parts));
        }
        let before = users.clone();
        let (id, mut parts) = user(70);
        parts.epoch = 9;
        assert!(users.put(id, &parts));
        for (other, was) in before.iter().filter(|(other, _)| *other != id) {
            let same = users.get(other).unwrap();
            assert_eq!((same.login(), same.epoch()), (was.login(), was.epoch()), "{other}");
        }
        assert_eq!((before.get(id).unwrap().epoch(), users.get(id).unwrap().epoch()), (1, 9));
    }
}
