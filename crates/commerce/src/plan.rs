//! How a filtered list is read: from the index ranges that hold its rows, each in the order of the list.
//!
//! Everything is one range. A clause that lists places is one range for each place of its narrowest part: a location
//! or a channel is in one retailer, so beside it the retailer is no range of its own. What else the clause asks is
//! asked of the rows of the range. Ranges may overlap: they are put together by `UNION`, which keeps each row once.
//!
//! A page of `n` rows takes at most `n` keys from each range, whatever the table holds; `n` of them are looked up.

use crate::entities::Table;
use crate::limits::BRANCHES_MAX;
use crate::predicate::{CHANNEL, LOCATION, Need, Part, RETAILER};
use std::collections::HashSet;

/// How a list is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing is admitted.
    Nothing,
    /// All rows, along the order of the list.
    Everything,
    /// These ranges.
    Branches(Vec<Branch>),
    /// Along the order of the list, asking the predicate of every row: too many ranges.
    Sieve,
}

/// One range: the rows where a part of the place is this, and which the rest of the clause admits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Branch {
    pub(crate) part: usize,
    /// The place; none for rows that have none there.
    pub(crate) number: Option<i64>,
    /// Conditions on the other parts.
    pub(crate) rest: Need,
}

/// The plan for these clauses of a table.
pub(crate) fn plan(needs: &[Need], table: &Table) -> Plan {
    if needs.is_empty() {
        return Plan::Nothing;
    }
    if needs.iter().any(Need::is_everything) {
        return Plan::Everything;
    }
    let mut branches: Vec<Branch> = Vec::new();
    let mut seen = HashSet::new();
    for need in needs {
        // A clause that is not everything lists something; if only what the table does not carry, it is sieved.
        let Some(part) = range_part(need, table) else { return Plan::Sieve };
        for branch in ranges(need, part) {
            if seen.insert(branch.clone()) {
                branches.push(branch);
            }
        }
        if branches.len() > BRANCHES_MAX {
            return Plan::Sieve;
        }
    }
    Plan::Branches(without_covered(branches))
}

/// The part whose places become ranges: the narrowest that is listed.
fn range_part(need: &Need, table: &Table) -> Option<usize> {
    let listed = |at: &usize| matches!(need.0.get(*at), Some(Part::In { .. }));
    [LOCATION, CHANNEL, RETAILER].into_iter().find(|at| listed(at) && table.place.of(*at).is_some())
}

fn ranges(need: &Need, part: usize) -> Vec<Branch> {
    let mut rest = need.clone();
    let own = rest.0.get_mut(part).map_or(Part::Any, |p| std::mem::replace(p, Part::Any));
    let Part::In { numbers, or_none } = own else { return Vec::new() };
    let nothing = or_none.then_some(None);
    let numbers = numbers.into_iter().map(Some).chain(nothing);
    numbers.map(|number| Branch { part, number, rest: rest.clone() }).collect()
}

/// Leaves out ranges all of whose rows another one has.
fn without_covered(branches: Vec<Branch>) -> Vec<Branch> {
    let whole: HashSet<(usize, Option<i64>)> =
        branches.iter().filter(|b| b.rest.is_everything()).map(|b| (b.part, b.number)).collect();
    let covered = |branch: &Branch| {
        let same_range = !branch.rest.is_everything() && whole.contains(&(branch.part, branch.number));
        let in_retailers = match branch.rest.0.get(RETAILER) {
            Some(Part::In { numbers, or_none: false }) => {
                numbers.iter().all(|retailer| whole.contains(&(RETAILER, Some(*retailer))))
            }
            _ => false,
        };
        same_range || in_retailers
    };
    branches.into_iter().filter(|branch| !covered(branch)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::Kept;
    use access::catalogue::kind::{Fulfilment, Item, Order};

    fn listed(numbers: &[i64]) -> Part {
        Part::In { numbers: numbers.to_vec(), or_none: false }
    }

    fn said(plan: &Plan) -> Vec<(usize, Option<i64>)> {
        let Plan::Branches(branches) = plan else { panic!("{plan:?}") };
        branches.iter().map(|b| (b.part, b.number)).collect()
    }

    #[test]
    fn a_range_is_of_the_narrowest_part() {
        let needs = [
            Need([listed(&[1]), Part::Any, Part::Any]),
            Need([listed(&[2]), Part::Any, listed(&[20, 21])]),
            Need([listed(&[1]), Part::Any, listed(&[10])]),
        ];
        let orders = plan(&needs, &Order::TABLE);
        assert_eq!(said(&orders), [(RETAILER, Some(1)), (CHANNEL, Some(20)), (CHANNEL, Some(21))]);
        let needs = [Need([listed(&[1]), listed(&[5, 6]), listed(&[10])])];
        assert_eq!(said(&plan(&needs, &Fulfilment::TABLE)), [(LOCATION, Some(5)), (LOCATION, Some(6))]);
    }

    #[test]
    fn rows_without_a_retailer_are_a_range() {
        let needs = [Need([Part::In { numbers: vec![1], or_none: true }, Part::Any, Part::Any])];
        assert_eq!(said(&plan(&needs, &Item::TABLE)), [(RETAILER, Some(1)), (RETAILER, None)]);
    }

    #[test]
    fn nothing_everything_and_too_much_are_no_ranges() {
        assert_eq!(plan(&[], &Order::TABLE), Plan::Nothing);
        assert_eq!(plan(&[Need([Part::Any, Part::Any, Part::Any])], &Order::TABLE), Plan::Everything);
        let many: Vec<i64> = (1..=10_000).collect();
        assert_eq!(plan(&[Need([Part::Any, listed(&many), Part::Any])], &Fulfilment::TABLE), Plan::Sieve);
        assert_eq!(plan(&[Need([Part::Any, listed(&[1]), Part::Any])], &Order::TABLE), Plan::Sieve);
    }
}
