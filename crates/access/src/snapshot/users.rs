//! Users by number, in leaves that a change copies alone.
//!
//! Three levels: a root of branches of leaves; a leaf holds 64 users in one run of words (about 9 KB at
//! three grants each), begins with their offsets, and is never changed in place while a snapshot shares it.

use super::packed::{UserParts, UserRef, UserWords};
use crate::words::{Number, UserId};
use std::sync::Arc;

/// Users in a leaf.
const LEAF: usize = 64;
/// Leaves in a branch.
const BRANCH: usize = 128;

type Leaf = Arc<[u32]>;
type Branch = Arc<Vec<Leaf>>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Users {
    root: Arc<Vec<Branch>>,
    count: usize,
}

/// Where a leaf keeps the user at `index`.
fn position(index: usize) -> (usize, usize, usize) {
    (index / (LEAF * BRANCH), index / LEAF % BRANCH, index % LEAF)
}

#[inline]
fn record(leaf: &[u32], slot: usize) -> Option<&[u32]> {
    let [from, to] = leaf.get(slot..).and_then(|w| w.first_chunk::<2>())?;
    leaf.get(*from as usize..*to as usize)
}

impl Users {
    /// How many users there ever were, removed ones included.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    #[inline]
    pub(super) fn leaf_of(&self, id: UserId) -> Option<(&[u32], usize)> {
        let (branch, leaf, slot) = position(id.number() as usize - 1);
        Some((self.root.get(branch)?.get(leaf)?, slot))
    }

    #[inline]
    pub(super) fn get(&self, id: UserId) -> Option<UserRef<'_>> {
        let (leaf, slot) = self.leaf_of(id)?;
        Self::in_leaf(leaf, slot)
    }

    #[inline]
    pub(super) fn in_leaf(leaf: &[u32], slot: usize) -> Option<UserRef<'_>> {
        UserRef::new(record(leaf, slot)?)
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
        let (branch, leaf, slot) = position(index);
        let root = Arc::make_mut(&mut self.root);
        if root.len() == branch {
            root.push(Arc::new(Vec::with_capacity(1)));
        }
        let Some(branch) = root.get_mut(branch) else { return false };
        let leaves = Arc::make_mut(branch);
        let old = leaves.get(leaf).cloned().unwrap_or_else(|| Arc::from([LEAF as u32 + 1; LEAF + 1]));
        let new: Leaf = rewritten(&old, slot, user).into();
        match leaves.get_mut(leaf) {
            Some(place) => *place = new,
            None => leaves.push(new),
        }
        self.count = self.count.max(index + 1);
        true
    }

    /// Bytes behind this structure, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        const ARC: usize = 16;
        let leaves = self.root.iter().flat_map(|b| b.iter());
        leaves.map(|l| l.len() * 4 + ARC + size_of::<Leaf>()).sum::<usize>()
            + self.root.len() * (size_of::<Branch>() + size_of::<Vec<Leaf>>() + ARC)
    }
}

/// The leaf with the user at `slot` replaced.
fn rewritten(leaf: &[u32], slot: usize, user: &UserParts) -> Vec<u32> {
    let mut words = Vec::with_capacity(leaf.len() + 64);
    words.extend_from_slice(leaf.get(..=LEAF).unwrap_or_default());
    for i in 0..LEAF {
        if i == slot {
            user.as_words().pack(&mut words);
        } else {
            words.extend_from_slice(record(leaf, i).unwrap_or_default());
        }
        let end = u32::try_from(words.len()).unwrap_or(u32::MAX);
        if let Some(offset) = words.get_mut(i + 1) {
            *offset = end;
        }
    }
    words
}

/// Makes [`Users`] of users that come in the order of their numbers, each leaf written once.
#[derive(Debug, Default)]
pub(super) struct UsersBuilder {
    root: Vec<Branch>,
    leaves: Vec<Leaf>,
    leaf: Vec<u32>,
    count: usize,
}

impl UsersBuilder {
    pub(super) fn push(&mut self, user: &UserWords<'_>) {
        let slot = self.count % LEAF;
        if slot == 0 {
            self.leaf.clear();
            self.leaf.resize(LEAF + 1, LEAF as u32 + 1);
        }
        user.pack(&mut self.leaf);
        let end = u32::try_from(self.leaf.len()).unwrap_or(u32::MAX);
        // The users who are not there yet are empty runs at the end.
        self.leaf.get_mut(slot + 1..=LEAF).unwrap_or_default().fill(end);
        self.count += 1;
        if self.count.is_multiple_of(LEAF) {
            self.end_leaf();
        }
    }

    fn end_leaf(&mut self) {
        self.leaves.push(Arc::from(self.leaf.as_slice()));
        self.leaf.clear();
        if self.leaves.len() == BRANCH {
            self.root.push(Arc::new(std::mem::take(&mut self.leaves)));
        }
    }

    pub(super) fn finish(mut self) -> Users {
        if !self.leaf.is_empty() {
            self.end_leaf();
        }
        if !self.leaves.is_empty() {
            self.root.push(Arc::new(self.leaves));
        }
        Users { root: Arc::new(self.root), count: self.count }
    }
}
