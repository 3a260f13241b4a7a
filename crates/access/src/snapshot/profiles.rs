//! Names and e-mail addresses, kept compactly beside the users to be shown and searched.

use crate::change::Profile;
use crate::words::{Label, Number, UserId};
use std::sync::Arc;

/// Users in a leaf.
pub(crate) const LEAF: usize = 32;
/// Leaves in a branch.
const BRANCH: usize = 256;
/// Between name and e-mail, and after each user; no label has control characters.
pub(crate) const FIELD: char = '\u{1f}';
pub(crate) const END: char = '\u{1e}';

type Branch = Arc<Vec<Arc<str>>>;

/// One text a leaf: `name FIELD email END` for each user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profiles {
    root: Arc<Vec<Branch>>,
}

fn position(id: UserId) -> (usize, usize, usize) {
    let index = id.number() as usize - 1;
    (index / (LEAF * BRANCH), index / LEAF % BRANCH, index % LEAF)
}

fn write(to: &mut String, profile: &Profile) {
    to.push_str(profile.name.as_str());
    to.push(FIELD);
    to.push_str(profile.email.as_ref().map_or("", Label::as_str));
    to.push(END);
}

impl Profiles {
    /// Name and e-mail (empty when there is none) of a user.
    pub(super) fn get(&self, id: UserId) -> Option<(&str, &str)> {
        let (branch, leaf, slot) = position(id);
        self.root.get(branch)?.get(leaf)?.split_terminator(END).nth(slot)?.split_once(FIELD)
    }

    /// The text of the leaf of that number; none behind the last one.
    pub(super) fn leaf(&self, number: usize) -> Option<&str> {
        self.root.get(number / BRANCH)?.get(number % BRANCH).map(|leaf| &**leaf)
    }

    /// Those who are not in `before`, or have another profile there, in the order of their numbers. What both
    /// share in memory is not looked at.
    pub(super) fn others_than(&self, before: &Profiles) -> Vec<UserId> {
        let mut others = Vec::new();
        for (number, branch) in self.root.iter().enumerate() {
            let old = before.root.get(number);
            if old.is_some_and(|old| Arc::ptr_eq(old, branch)) {
                continue;
            }
            for (at, leaf) in branch.iter().enumerate() {
                let old = old.and_then(|old| old.get(at));
                if old.is_some_and(|old| Arc::ptr_eq(old, leaf)) {
                    continue;
                }
                let mut were = old.map_or("", |old| old).split_terminator(END);
                for (slot, profile) in leaf.split_terminator(END).enumerate() {
                    if were.next() != Some(profile) {
                        let number = (number * BRANCH + at) * LEAF + slot + 1;
                        others.extend(u32::try_from(number).ok().and_then(UserId::from_number));
                    }
                }
            }
        }
        others
    }

    /// Puts a profile in its place: the next one, or that of the same number.
    pub(super) fn put(&mut self, id: UserId, profile: &Profile) {
        let (branch, leaf, slot) = position(id);
        let root = Arc::make_mut(&mut self.root);
        if root.len() == branch {
            root.push(Arc::default());
        }
        let Some(branch) = root.get_mut(branch) else { return };
        let leaves = Arc::make_mut(branch);
        let mut text = String::new();
        let old = leaves.get(leaf).cloned().unwrap_or_default();
        let mut users = old.split_terminator(END);
        for _ in 0..slot {
            text.push_str(users.next().unwrap_or_default());
            text.push(END);
        }
        write(&mut text, profile);
        users.next();
        for rest in users {
            text.push_str(rest);
            text.push(END);
        }
        match leaves.get_mut(leaf) {
            Some(place) => *place = text.into(),
            None => leaves.push(text.into()),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let leaves = self.root.iter().flat_map(|b| b.iter());
        leaves.map(|l| l.len() + 16 + size_of::<Arc<str>>()).sum()
    }
}

/// Makes [`Profiles`] of profiles that come in the order of their users' numbers.
#[derive(Debug, Default)]
pub(super) struct ProfilesBuilder {
    root: Vec<Branch>,
    leaves: Vec<Arc<str>>,
    text: String,
    count: usize,
}

impl ProfilesBuilder {
    pub(super) fn push(&mut self, profile: &Profile) {
        write(&mut self.text, profile);
        self.count += 1;
        if self.count.is_multiple_of(LEAF) {
            self.end_leaf();
        }
    }

    fn end_leaf(&mut self) {
        self.leaves.push(self.text.as_str().into());
        self.text.clear();
        if self.leaves.len() == BRANCH {
            self.root.push(Arc::new(std::mem::take(&mut self.leaves)));
        }
    }

    pub(super) fn finish(mut self) -> Profiles {
        if !self.text.is_empty() {
            self.end_leaf();
        }
        if !self.leaves.is_empty() {
            self.root.push(Arc::new(self.leaves));
        }
        Profiles { root: Arc::new(self.root) }
    }
}
