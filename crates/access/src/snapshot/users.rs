//! Users by number, in leaves that a change copies alone.
//!
//! Three levels: a root of branches of leaves. A leaf holds 64 users in one run of words
//! (about 9 KB at three grants each) and is never changed in place while a snapshot shares it. The branch
//! knows where in their leaves its 2,048 users begin: those places lie close together and are soon all in
//! the cache, so that finding a user costs one look at memory that is not.

use super::packed::{LeafWriter, UserParts, UserRef, UserWords};
use crate::words::{Number, UserId};
use std::sync::Arc;

/// Users in a leaf.
const LEAF: usize = 64;
/// Leaves in a branch.
const LEAVES: usize = 32;
const BRANCH: usize = LEAF * LEAVES;

type Leaf = Arc<[u32]>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Users {
    root: Arc<Vec<Arc<Branch>>>,
    count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Branch {
    /// Where each user begins in their leaf; at its end or beyond: there is no such user yet.
    starts: [u32; BRANCH],
    leaves: [Leaf; LEAVES],
}

impl Branch {
    fn empty() -> Self {
        let none: Leaf = Arc::from([]);
        Self { starts: [u32::MAX; BRANCH], leaves: std::array::from_fn(|_| none.clone()) }
    }

    #[inline]
    fn user(&self, slot: usize) -> Option<UserRef<'_>> {
        let start = *self.starts.get(slot)?;
        UserRef::new(self.leaves.get(slot / LEAF)?, start as usize)
    }

    /// The leaf of `slot` with the user there replaced.
    fn put(&mut self, slot: usize, user: &UserParts) {
        let mut writer = LeafWriter::default();
        let first = slot / LEAF * LEAF;
        for place in first..first + LEAF {
            match self.user(place) {
                _ if place == slot => writer.push(&user.as_words()),
                Some(same) => writer.copy(same),
                // Users come in turn, so none follows.
                None => break,
            }
        }
        self.put_leaf(slot / LEAF, &mut writer);
    }

    fn put_leaf(&mut self, leaf: usize, writer: &mut LeafWriter) {
        let (words, starts) = writer.finish();
        self.starts.iter_mut().skip(leaf * LEAF).zip(starts).for_each(|(place, start)| *place = start);
        if let Some(place) = self.leaves.get_mut(leaf) {
            *place = words;
        }
    }
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

    /// Bytes behind this structure, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        const ARC: usize = 16;
        let words: usize = self.root.iter().flat_map(|b| &b.leaves).map(|leaf| leaf.len() * 4 + ARC).sum();
        words + self.root.len() * (size_of::<Arc<Branch>>() + size_of::<Branch>() + ARC)
    }
}

/// Makes [`Users`] of users that come in the order of their numbers, each leaf written once.
#[derive(Debug, Default)]
pub(super) struct UsersBuilder {
    root: Vec<Arc<Branch>>,
    branch: Option<Box<Branch>>,
    leaf: LeafWriter,
    count: usize,
}

impl UsersBuilder {
    pub(super) fn push(&mut self, user: &UserWords<'_>) {
        self.leaf.push(user);
        self.count += 1;
        if self.count.is_multiple_of(LEAF) {
            self.end_leaf();
        }
        if self.count.is_multiple_of(BRANCH) {
            self.end_branch();
        }
    }

    fn end_leaf(&mut self) {
        let leaf = (self.count - 1) % BRANCH / LEAF;
        self.branch.get_or_insert_with(|| Box::new(Branch::empty())).put_leaf(leaf, &mut self.leaf);
    }

    fn end_branch(&mut self) {
        self.root.extend(self.branch.take().map(|branch| Arc::new(*branch)));
    }

    pub(super) fn finish(mut self) -> Users {
        if !self.count.is_multiple_of(LEAF) {
            self.end_leaf();
        }
        self.end_branch();
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
    const COUNTS: [u32; 9] = [0, 1, 63, 64, 65, 2047, 2048, 2049, 4200];

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
