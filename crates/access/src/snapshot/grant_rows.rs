//! Grants from the rows of a store, packed on their way, so that they can be read beside the users.

use super::packed_grant::{PackedGrant, PlaceNumbers};
use super::roles::slot_among;
use super::{ApplyError, Contract};
use crate::catalogue::RoleSlot;
use crate::change::GrantSpec;
use crate::scope::IdSet;
use crate::time::Validity;
use crate::words::{GrantId, LocationId, Revision, RoleId, UserId};

/// A grant as a store keeps it: the places of its scope by number, ascending; none of a dimension is All.
#[derive(Clone, Copy, Debug)]
pub struct GrantRow<'a> {
    /// Whose it is.
    pub user: UserId,
    /// Its id.
    pub id: GrantId,
    /// Its role.
    pub role: RoleId,
    /// Listed retailers.
    pub retailers: Option<&'a [u32]>,
    /// Listed locations.
    pub locations: LocationNumbers<'a>,
    /// Listed sales channels.
    pub channels: Option<&'a [u32]>,
    /// When it holds.
    pub validity: Validity,
}

/// The locations of a scope by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocationNumbers<'a> {
    /// Every location, and things that have none.
    All,
    /// These, and things of the retailer that have none.
    Narrow(&'a [u32]),
    /// These alone.
    Only(&'a [u32]),
}

/// Grants in the order of their users and ids.
#[derive(Debug)]
pub struct GrantRows {
    built_in: usize,
    words: Vec<u32>,
    /// Users who have grants, each with the end of theirs.
    runs: Vec<(UserId, usize)>,
    last: Option<(UserId, GrantId)>,
}

/// Hands out the grants of users who are asked for in order.
pub(super) struct ByUser<'a> {
    words: &'a [u32],
    runs: std::iter::Peekable<std::slice::Iter<'a, (UserId, usize)>>,
    begin: usize,
}

impl GrantRows {
    /// None yet.
    #[must_use]
    pub fn new(contract: &Contract) -> Self {
        Self { built_in: contract.built_in_roles().len(), words: Vec::new(), runs: Vec::new(), last: None }
    }

    /// The next grant.
    ///
    /// # Errors
    /// One out of turn, an unknown built-in role, or places that are no set of a scope.
    pub fn push(&mut self, row: &GrantRow<'_>) -> Result<(), ApplyError> {
        let slot = self.slot(row.user, row.id, row.role)?;
        let (locations, listed) = match row.locations {
            LocationNumbers::All => (None, None),
            LocationNumbers::Narrow(set) => (Some((true, set)), Some(set)),
            LocationNumbers::Only(set) => (Some((false, set)), Some(set)),
        };
        if ![row.retailers, listed, row.channels].into_iter().flatten().all(is_set) {
            return Err(wrong("a grant lists places that are no set"));
        }
        let places = PlaceNumbers {
            retailers: row.retailers.map(|set| set.iter().copied()),
            locations: locations.map(|(narrow, set)| (narrow, set.iter().copied())),
            channels: row.channels.map(|set| set.iter().copied()),
        };
        PackedGrant::pack_numbers(&mut self.words, row.id, slot, row.validity, places);
        self.end(row.user);
        Ok(())
    }

    pub(super) fn push_spec(
        &mut self,
        user: UserId,
        id: GrantId,
        spec: &GrantSpec,
    ) -> Result<(), ApplyError> {
        let slot = self.slot(user, id, spec.role)?;
        PackedGrant::pack(&mut self.words, id, slot, &spec.scope, spec.validity);
        self.end(user);
        Ok(())
    }

    /// The place of the role, when the grant is in turn.
    fn slot(&mut self, user: UserId, id: GrantId, role: RoleId) -> Result<RoleSlot, ApplyError> {
        if self.last.is_some_and(|last| last >= (user, id)) {
            return Err(wrong("a grant is out of turn"));
        }
        self.last = Some((user, id));
        slot_among(self.built_in, role).ok_or_else(|| wrong("a grant names an unknown role"))
    }

    fn end(&mut self, user: UserId) {
        let end = self.words.len();
        match self.runs.last_mut() {
            Some((last, to)) if *last == user => *to = end,
            _ => self.runs.push((user, end)),
        }
    }

    /// The last user who has a grant.
    pub(super) fn last_user(&self) -> Option<UserId> {
        self.runs.last().map(|(user, _)| *user)
    }

    pub(super) fn by_user(&self) -> ByUser<'_> {
        ByUser { words: &self.words, runs: self.runs.iter().peekable(), begin: 0 }
    }
}

impl<'a> ByUser<'a> {
    /// The grants of a user behind all who were asked for before.
    pub(super) fn of(&mut self, user: UserId) -> &'a [u32] {
        match self.runs.next_if(|(other, _)| *other == user) {
            None => &[],
            Some((_, end)) => {
                let words = self.words.get(self.begin..*end).unwrap_or_default();
                self.begin = *end;
                words
            }
        }
    }
}

fn is_set(numbers: &[u32]) -> bool {
    !numbers.is_empty()
        && numbers.len() <= IdSet::<LocationId>::COUNT_MAX
        && !numbers.contains(&0)
        && numbers.is_sorted_by(|a, b| a < b)
}

/// Grants are read before anybody knows at which revision.
fn wrong(what: &'static str) -> ApplyError {
    ApplyError::new(Revision::default(), what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Number;

    fn row(user: u32, id: u32, retailers: Option<&[u32]>) -> GrantRow<'_> {
        GrantRow {
            user: UserId::from_number(user).unwrap(),
            id: GrantId::from_number(id).unwrap(),
            role: RoleId::from_number(1).unwrap(),
            retailers,
            locations: LocationNumbers::All,
            channels: None,
            validity: Validity::ALWAYS,
        }
    }

    #[test]
    fn rows_come_in_order_with_sets_that_are_sets() {
        let mut rows = GrantRows::new(&Contract::built_in().unwrap());
        rows.push(&row(2, 5, Some(&[1, 2]))).unwrap();
        for wrong in [row(2, 5, None), row(2, 4, None), row(1, 9, None)] {
            assert!(rows.push(&wrong).is_err(), "{wrong:?}");
        }
        for wrong in [&[][..], &[0], &[2, 1], &[1, 1]] {
            let mut rows = GrantRows::new(&Contract::built_in().unwrap());
            assert!(rows.push(&row(1, 1, Some(wrong))).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn each_user_gets_their_own_grants() {
        let mut rows = GrantRows::new(&Contract::built_in().unwrap());
        for (user, id) in [(2, 1), (2, 7), (5, 3)] {
            rows.push(&row(user, id, None)).unwrap();
        }
        let mut by_user = rows.by_user();
        let counts: Vec<usize> =
            (1..=6).map(|n| by_user.of(UserId::from_number(n).unwrap()).len() / 3).collect();
        assert_eq!(counts, [0, 2, 0, 0, 1, 0]);
    }
}
