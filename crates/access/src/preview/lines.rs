//! The differences of many users, summed up for people.

use super::region::Region;
use super::{Difference, Period, Preview, What};
use crate::catalogue::PermissionId;
use crate::words::UserId;
use std::collections::{BTreeMap, BTreeSet};

/// The same difference at more sets of places than this is one line: "each at places of their own".
pub const SETS_MAX: usize = 6;

/// One line of a preview: what changes, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewLine {
    /// For whom, ascending, all of them.
    pub users: Vec<UserId>,
    /// What changes. Where `others` is not 0, the places in it are those of some of the users.
    pub what: What,
    /// When.
    pub when: Period,
    /// How many more sets of places there are, each of which is that of some of the users.
    pub others: usize,
}

impl PreviewLine {
    /// Whether it is something gained; none for what becomes of a user as a whole.
    #[must_use]
    pub fn gain(&self) -> Option<bool> {
        match self.what {
            What::Status(_) => None,
            What::Entry { gain, .. } | What::Access { gain, .. } => Some(gain),
        }
    }

    /// The permissions that it is about, all of them, ascending; none where it is not about single ones.
    #[must_use]
    pub fn permissions(&self) -> &[PermissionId] {
        match &self.what {
            What::Access { permissions, .. } => permissions,
            What::Status(_) | What::Entry { .. } => &[],
        }
    }

    /// Where; none for what has no place.
    #[must_use]
    pub fn at(&self) -> &[Region] {
        match &self.what {
            What::Access { at, .. } => at,
            What::Status(_) | What::Entry { .. } => &[],
        }
    }
}

impl Preview {
    /// The lines: statuses, then entries, then permissions, what is lost before what is gained, each line once.
    #[must_use]
    pub fn lines(&self) -> Vec<PreviewLine> {
        self.summed(Difference::clone)
    }

    /// [`Self::lines`] for people, who always are in an application: those for whom the same changes there are told
    /// together, whatever questions that name no application are answered.
    #[must_use]
    pub fn lines_for_people(&self) -> Vec<PreviewLine> {
        self.summed(in_applications)
    }

    fn summed(&self, told: impl Fn(&Difference) -> Difference) -> Vec<PreviewLine> {
        let mut by_difference: BTreeMap<Difference, Vec<UserId>> = BTreeMap::new();
        for group in &self.groups {
            for difference in &group.differences {
                by_difference.entry(told(difference)).or_default().extend(&group.users);
            }
        }
        // The same without its places: those that are too many become one line.
        let mut alike: BTreeMap<Difference, Vec<(Difference, Vec<UserId>)>> = BTreeMap::new();
        for (difference, users) in by_difference {
            alike.entry(anywhere(&difference)).or_default().push((difference, users));
        }
        alike.into_values().flat_map(lines_of).collect()
    }
}

/// The same in the applications that it is about; as it is where it is about none of them, or about everything.
fn in_applications(difference: &Difference) -> Difference {
    let mut difference = difference.clone();
    if let What::Access { contexts, .. } = &mut difference.what
        && !contexts.is_every()
        && let Some(named) = contexts.named()
    {
        *contexts = named;
    }
    difference
}

fn anywhere(difference: &Difference) -> Difference {
    match &difference.what {
        What::Access { gain, permissions, contexts, .. } => {
            let (permissions, contexts) = (permissions.clone(), *contexts);
            let what = What::Access { gain: *gain, permissions, contexts, at: Vec::new() };
            Difference { what, when: difference.when }
        }
        What::Status(_) | What::Entry { .. } => difference.clone(),
    }
}

fn lines_of(alike: Vec<(Difference, Vec<UserId>)>) -> Vec<PreviewLine> {
    let line = |Difference { what, when }: Difference, mut users: Vec<UserId>, others| {
        users.sort_unstable();
        users.dedup();
        PreviewLine { users, what, when, others }
    };
    if alike.len() <= SETS_MAX {
        return alike.into_iter().map(|(difference, users)| line(difference, users, 0)).collect();
    }
    let others = alike.len() - 1;
    let users: BTreeSet<UserId> = alike.iter().flat_map(|(_, users)| users).copied().collect();
    let first = alike.into_iter().next();
    first.map(|(difference, _)| line(difference, users.into_iter().collect(), others)).into_iter().collect()
}
