//! The users of a branch, in tables by how soon an answer needs them.
//!
//! An entry has what most answers need, on one line of memory; the far words (the bodies of grants) and the
//! logins lie apart from it. Memory that is in no cache costs more than all the rest of an answer, so an
//! answer is to read one such place, two when a grant's places must be looked at, one more for a login.

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
    logins: Arc<str>,
    /// Where the login of each user ends; it begins where the one before ends.
    login_ends: [u32; BRANCH],
}

impl Branch {
    pub(super) fn empty() -> Self {
        let none: Leaf = Arc::from([]);
        Self {
            entries: [Entry::NOBODY; BRANCH],
            leaves: std::array::from_fn(|_| none.clone()),
            logins: Arc::from(""),
            login_ends: [0; BRANCH],
        }
    }

    #[inline]
    pub(super) fn user(&self, slot: usize) -> Option<UserRef<'_>> {
        let (entry, leaf) = (self.entries.get(slot)?, self.leaves.get(slot / LEAF)?);
        entry.is_somebody().then_some(UserRef { entry, leaf, branch: self, slot })
    }

    #[inline]
    pub(super) fn login(&self, slot: usize) -> &str {
        let begin =
            slot.checked_sub(1).and_then(|before| self.login_ends.get(before)).map_or(0, |at| *at as usize);
        let end = self.login_ends.get(slot).map_or(0, |at| *at as usize);
        self.logins.get(begin..end).unwrap_or_default()
    }

    /// Replaces the user at `slot`, or adds them when they are the next, and moves what lies behind.
    pub(super) fn put(&mut self, slot: usize, user: &UserParts) {
        let Some(leaf) = self.leaves.get(slot / LEAF).cloned() else { return };
        let old = self.user(slot).map(UserRef::far_range);
        let is_new = old.is_none();
        let old = old.unwrap_or(leaf.len()..leaf.len());
        let mut far = leaf.get(..old.start).unwrap_or_default().to_vec();
        let entry = user.as_words().pack(&mut far);
        let moved = word(far.len()).wrapping_sub(word(old.end));
        far.extend_from_slice(leaf.get(old.end..).unwrap_or_default());
        if is_new {
            self.add_login(slot, &user.login);
        }
        let behind_in_leaf = self.entries.iter_mut().take((slot / LEAF + 1) * LEAF).skip(slot + 1);
        behind_in_leaf.for_each(|behind| behind.move_far(moved));
        if let Some(place) = self.entries.get_mut(slot) {
            *place = entry;
        }
        if let Some(place) = self.leaves.get_mut(slot / LEAF) {
            *place = far.into();
        }
    }

    fn add_login(&mut self, slot: usize, login: &str) {
        self.logins = [&self.logins, login].concat().into();
        let end = word(self.logins.len());
        self.login_ends.get_mut(slot..).unwrap_or_default().fill(end);
    }

    /// Bytes behind it, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        const ARC: usize = 16;
        let far: usize = self.leaves.iter().map(|leaf| leaf.len() * 4 + ARC).sum();
        size_of::<Self>() + ARC + far + self.logins.len() + ARC
    }
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Fills one branch after the other, each leaf written once.
#[derive(Debug, Default)]
pub(super) struct BranchBuilder {
    entries: Vec<Entry>,
    leaves: Vec<Leaf>,
    far: Vec<u32>,
    logins: String,
    login_ends: Vec<u32>,
}

impl BranchBuilder {
    /// Adds a user; the branch, when it is full.
    pub(super) fn push(&mut self, user: &UserWords<'_>) -> Option<Branch> {
        self.entries.push(user.pack(&mut self.far));
        self.logins.push_str(user.login);
        self.login_ends.push(word(self.logins.len()));
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
        branch.logins = self.logins.as_str().into();
        branch.login_ends.fill(word(self.logins.len()));
        branch.login_ends.iter_mut().zip(self.login_ends.drain(..)).for_each(|(place, end)| *place = end);
        branch.entries.iter_mut().zip(self.entries.drain(..)).for_each(|(place, entry)| *place = entry);
        branch.leaves.iter_mut().zip(self.leaves.drain(..)).for_each(|(place, leaf)| *place = leaf);
        self.logins.clear();
        Some(branch)
    }
}
