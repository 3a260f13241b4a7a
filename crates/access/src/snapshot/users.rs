//! Users by number, in branches and leaves of which a change copies one each.
//!
//! A branch holds the near parts of 1,024 users (some 64 KB) and where they begin; a leaf the far parts of
//! 64 of them. Neither is changed in place while a snapshot shares it.

use super::packed::{UserParts, UserRef, UserWords};
use crate::words::{Number, UserId};
use std::sync::Arc;

/// Users in a leaf.
const LEAF: usize = 64;
/// Leaves in a branch.
const LEAVES: usize = 16;
const BRANCH: usize = LEAF * LEAVES;

type Leaf = Arc<[u32]>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Users {
    root: Arc<Vec<Arc<Branch>>>,
    count: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Branch {
    /// Where in `near` each user begins; at its end or beyond: there is no such user yet.
    starts: [u32; BRANCH],
    near: Vec<u32>,
    leaves: [Leaf; LEAVES],
}

impl Branch {
    fn empty() -> Self {
        let none: Leaf = Arc::from([]);
        Self { starts: [u32::MAX; BRANCH], near: Vec::new(), leaves: std::array::from_fn(|_| none.clone()) }
    }

    #[inline]
    fn user(&self, slot: usize) -> Option<UserRef<'_>> {
        let start = *self.starts.get(slot)?;
        UserRef::new(self.near.get(start as usize..)?, self.leaves.get(slot / LEAF)?)
    }

    /// Replaces the user at `slot`, or adds them when they are the next, and moves those behind.
    fn put(&mut self, slot: usize, user: &UserParts) {
        let Some(leaf) = self.leaves.get(slot / LEAF).cloned() else { return };
        let (from, len, far_range) = match (self.user(slot), self.starts.get(slot)) {
            (Some(old), Some(start)) => (*start as usize, old.near_len(), old.far_range()),
            _ => (self.near.len(), 0, leaf.len()..leaf.len()),
        };
        let (before, behind) = (leaf.get(..far_range.start), leaf.get(far_range.end..));
        let (mut near, mut far) = (Vec::new(), before.unwrap_or_default().to_vec());
        user.as_words().pack(&mut near, &mut far);
        let far_moved = word(far.len()).wrapping_sub(word(far_range.end));
        far.extend_from_slice(behind.unwrap_or_default());
        let near_moved = word(near.len()).wrapping_sub(word(len));
        self.near.splice(from..from + len, near);
        for (place, start) in self.starts.iter_mut().enumerate().skip(slot) {
            if place == slot {
                *start = word(from);
            } else if *start != u32::MAX {
                *start = start.wrapping_add(near_moved);
                if place / LEAF == slot / LEAF
                    && let Some(far_at) = self.near.get_mut(*start as usize + 1)
                {
                    *far_at = far_at.wrapping_add(far_moved);
                }
            }
        }
        if let Some(place) = self.leaves.get_mut(slot / LEAF) {
            *place = far.into();
        }
    }
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
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
        let near: usize = self.root.iter().map(|b| b.near.capacity() * 4).sum();
        let far: usize = self.root.iter().flat_map(|b| &b.leaves).map(|leaf| leaf.len() * 4 + ARC).sum();
        near + far + self.root.len() * (size_of::<Arc<Branch>>() + size_of::<Branch>() + ARC)
    }
}

/// Makes [`Users`] of users that come in the order of their numbers, each leaf written once.
#[derive(Debug, Default)]
pub(super) struct UsersBuilder {
    root: Vec<Arc<Branch>>,
    /// Of the branch and leaf that are being filled.
    starts: Vec<u32>,
    near: Vec<u32>,
    leaves: Vec<Leaf>,
    far: Vec<u32>,
    count: usize,
}

impl UsersBuilder {
    pub(super) fn push(&mut self, user: &UserWords<'_>) {
        self.starts.push(word(self.near.len()));
        user.pack(&mut self.near, &mut self.far);
        self.count += 1;
        if self.count.is_multiple_of(LEAF) {
            self.end_leaf();
        }
        if self.count.is_multiple_of(BRANCH) {
            self.end_branch();
        }
    }

    fn end_leaf(&mut self) {
        self.leaves.push(Arc::from(self.far.as_slice()));
        self.far.clear();
    }

    fn end_branch(&mut self) {
        let mut branch = Branch::empty();
        branch.near = self.near.as_slice().to_vec();
        branch.starts.iter_mut().zip(self.starts.drain(..)).for_each(|(place, start)| *place = start);
        branch.leaves.iter_mut().zip(self.leaves.drain(..)).for_each(|(place, leaf)| *place = leaf);
        self.near.clear();
        self.root.push(Arc::new(branch));
    }

    pub(super) fn finish(mut self) -> Users {
        if !self.far.is_empty() {
            self.end_leaf();
        }
        if !self.starts.is_empty() {
            self.end_branch();
        }
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
