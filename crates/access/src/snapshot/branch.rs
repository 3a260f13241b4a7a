//! The users of a branch, in tables by how soon an answer needs them.
//!
//! Where a user begins, the near words (status and heads of grants), the far words (bodies of grants), the
//! logins: most questions read the first two. The first table is small enough to stay in the cache and the
//! others are dense, so that what is asked for lies on few pages: memory that is in no cache, on a page
//! that was not touched lately, costs more than all the rest of an answer.

use super::packed::{UserParts, UserRef, UserWords};
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
    /// Where the near words of each user begin; [`NOBODY`]: there is no such user yet.
    starts: [u32; BRANCH],
    /// See `packed`.
    near: Vec<u32>,
    leaves: [Leaf; LEAVES],
    /// Logins never change, so a change of a user shares them.
    logins: Arc<str>,
    /// Where the login of each user ends; it begins where the one before ends.
    login_ends: [u32; BRANCH],
}

const NOBODY: u32 = u32::MAX;

impl Branch {
    pub(super) fn empty() -> Self {
        let none: Leaf = Arc::from([]);
        Self {
            starts: [NOBODY; BRANCH],
            near: Vec::new(),
            leaves: std::array::from_fn(|_| none.clone()),
            logins: Arc::from(""),
            login_ends: [0; BRANCH],
        }
    }

    #[inline]
    pub(super) fn user(&self, slot: usize) -> Option<UserRef<'_>> {
        let start = *self.starts.get(slot)?;
        let leaf = self.leaves.get(slot / LEAF)?;
        Some(UserRef { near: self.near.get(start as usize..)?, leaf, branch: self, slot })
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
        let (start, old_near, old_far) = match (self.user(slot), self.starts.get(slot)) {
            (Some(old), Some(start)) => (*start as usize, old.near().len(), old.far_range()),
            _ => (self.near.len(), 0, leaf.len()..leaf.len()),
        };
        let (mut near, mut far) = (Vec::new(), leaf.get(..old_far.start).unwrap_or_default().to_vec());
        user.as_words().pack(&mut near, &mut far);
        let far_moved = word(far.len()).wrapping_sub(word(old_far.end));
        far.extend_from_slice(leaf.get(old_far.end..).unwrap_or_default());
        let near_moved = word(near.len()).wrapping_sub(word(old_near));
        if old_near == 0 {
            self.add_login(slot, &user.login);
        }
        self.near.reserve_exact(near.len());
        self.near.splice(start..start + old_near, near);
        self.move_behind(slot, near_moved, far_moved);
        if let Some(place) = self.starts.get_mut(slot) {
            *place = word(start);
        }
        if let Some(place) = self.leaves.get_mut(slot / LEAF) {
            *place = far.into();
        }
    }

    /// The near words of the users behind one lie elsewhere, and so do the far words in the same leaf.
    fn move_behind(&mut self, slot: usize, near: u32, far: u32) {
        for (place, start) in self.starts.iter_mut().enumerate().skip(slot + 1) {
            if *start == NOBODY {
                return;
            }
            *start = start.wrapping_add(near);
            if place / LEAF == slot / LEAF
                && let Some(at) = self.near.get_mut(*start as usize + UserRef::FAR_AT)
            {
                *at = at.wrapping_add(far);
            }
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
        size_of::<Self>() + ARC + self.near.capacity() * 4 + far + self.logins.len() + ARC
    }
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Fills one branch after the other, each leaf written once.
#[derive(Debug, Default)]
pub(super) struct BranchBuilder {
    starts: Vec<u32>,
    near: Vec<u32>,
    leaves: Vec<Leaf>,
    far: Vec<u32>,
    logins: String,
    login_ends: Vec<u32>,
}

impl BranchBuilder {
    /// Adds a user; the branch, when it is full.
    pub(super) fn push(&mut self, user: &UserWords<'_>) -> Option<Branch> {
        self.starts.push(word(self.near.len()));
        user.pack(&mut self.near, &mut self.far);
        self.logins.push_str(user.login);
        self.login_ends.push(word(self.logins.len()));
        if self.starts.len().is_multiple_of(LEAF) {
            self.end_leaf();
        }
        if self.starts.len() == BRANCH { self.finish() } else { None }
    }

    fn end_leaf(&mut self) {
        self.leaves.push(Arc::from(self.far.as_slice()));
        self.far.clear();
    }

    /// The branch of those who are left; none when there is nobody.
    pub(super) fn finish(&mut self) -> Option<Branch> {
        if self.starts.is_empty() {
            return None;
        }
        if !self.starts.len().is_multiple_of(LEAF) {
            self.end_leaf();
        }
        let mut branch = Branch::empty();
        branch.near = self.near.as_slice().to_vec();
        branch.logins = self.logins.as_str().into();
        branch.login_ends.fill(word(self.logins.len()));
        branch.login_ends.iter_mut().zip(self.login_ends.drain(..)).for_each(|(place, end)| *place = end);
        branch.starts.iter_mut().zip(self.starts.drain(..)).for_each(|(place, start)| *place = start);
        branch.leaves.iter_mut().zip(self.leaves.drain(..)).for_each(|(place, leaf)| *place = leaf);
        self.near.clear();
        self.logins.clear();
        Some(branch)
    }
}
