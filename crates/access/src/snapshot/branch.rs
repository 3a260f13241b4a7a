//! The users of a branch: entries with what most answers need, each on one line of memory; the beginnings of
//! logins, each on one line; and the far words (bodies of grants, ends of long logins) in leaves.
//!
//! Memory that is in no cache costs more than all the rest of an answer, so an answer is to read one such
//! place, a second one when it looks at the places of a grant, and one beside the first for a login.

use super::login_head::LoginHead;
use super::packed::{Entry, UserParts, UserRef, UserWords};
use std::sync::Arc;

/// Users in a branch.
pub(super) const BRANCH: usize = LEAF * LEAVES;
/// Users in a leaf.
pub(super) const LEAF: usize = 64;
const LEAVES: usize = 16;

/// The far words of 64 users, one after the other: see `packed`.
type Leaf = Arc<[u32]>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Branch {
    entries: [Entry; BRANCH],
    leaves: [Leaf; LEAVES],
    /// Logins never change, so a change of a user shares them.
    logins: Arc<[LoginHead]>,
}

impl Branch {
    pub(super) fn empty() -> Self {
        let none: Leaf = Arc::from([]);
        let leaves = std::array::from_fn(|_| none.clone());
        Self { entries: [Entry::NOBODY; BRANCH], leaves, logins: Arc::from([]) }
    }

    #[inline]
    pub(super) fn user(&self, slot: usize) -> Option<UserRef<'_>> {
        let (entry, leaf) = (self.entries.get(slot)?, self.leaves.get(slot / LEAF)?);
        entry.is_somebody().then_some(UserRef { entry, leaf, branch: self, slot })
    }

    #[inline]
    pub(super) fn login(&self, slot: usize) -> Option<&LoginHead> {
        self.logins.get(slot)
    }

    /// Whether both have the very same logins in memory; logins that are not shared may be the same, too.
    pub(super) fn shares_logins(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.logins, &other.logins)
    }

    /// Replaces the user at `slot`, or adds them when they are the next, and moves what lies behind.
    pub(super) fn put(&mut self, slot: usize, user: &UserParts) {
        let Some(leaf) = self.leaves.get(slot / LEAF).cloned() else { return };
        let old = self.user(slot).map(UserRef::far_range);
        let old = old.unwrap_or(leaf.len()..leaf.len());
        let mut far = leaf.get(..old.start).unwrap_or_default().to_vec();
        let entry = user.as_words().pack(&mut far);
        let moved = word(far.len()).wrapping_sub(word(old.end));
        far.extend_from_slice(leaf.get(old.end..).unwrap_or_default());
        let behind_in_leaf = self.entries.iter_mut().take((slot / LEAF + 1) * LEAF).skip(slot + 1);
        behind_in_leaf.for_each(|behind| behind.move_far(moved));
        if slot == self.logins.len() {
            self.logins = [&*self.logins, &[LoginHead::of(&user.login)]].concat().into();
        }
        if let Some(place) = self.entries.get_mut(slot) {
            *place = entry;
        }
        if let Some(place) = self.leaves.get_mut(slot / LEAF) {
            *place = far.into();
        }
    }

    /// Bytes behind it, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        const ARC: usize = 16;
        let far: usize = self.leaves.iter().map(|leaf| leaf.len() * 4 + ARC).sum();
        size_of::<Self>() + ARC + far + self.logins.len() * size_of::<LoginHead>() + ARC
    }
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Fills one branch after the other, each leaf written once.
#[derive(Debug, Default)]
pub(super) struct BranchBuilder {
    entries: Vec<Entry>,
    logins: Vec<LoginHead>,
    leaves: Vec<Leaf>,
    far: Vec<u32>,
}

impl BranchBuilder {
    /// Adds a user; the branch, when it is full.
    pub(super) fn push(&mut self, user: &UserWords<'_>) -> Option<Branch> {
        self.entries.push(user.pack(&mut self.far));
        self.logins.push(LoginHead::of(user.login));
        if self.entries.len().is_multiple_of(LEAF) {
            self.end_leaf();
        }
        if self.entries.len() == BRANCH { self.finish() } else { None }
    }

    fn end_leaf(&mut self) {
        self.leaves.push(Arc::from(self.far.as_slice()));
        self.far.clear();
    }

    /// The branch of those who are left; none when there is nobody.
    pub(super) fn finish(&mut self) -> Option<Branch> {
        if self.entries.is_empty() {
            return None;
        }
        if !self.entries.len().is_multiple_of(LEAF) {
            self.end_leaf();
        }
        let mut branch = Branch::empty();
        branch.entries.iter_mut().zip(self.entries.drain(..)).for_each(|(place, entry)| *place = entry);
        branch.leaves.iter_mut().zip(self.leaves.drain(..)).for_each(|(place, leaf)| *place = leaf);
        branch.logins = std::mem::take(&mut self.logins).into();
        Some(branch)
    }
}
