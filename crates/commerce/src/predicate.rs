//! A filter as one SQL predicate.
//!
//! OR of clauses, each AND of conditions on columns: what the filter admits, row by row, in any place of a statement.

use crate::statement::Statement;
use access::Filter;
use access::filter::{Clause, Condition};
use access::words::Number;
use std::collections::HashMap;

/// The columns that hold a row's place; none for a part that the entity does not carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceColumns {
    pub(crate) retailer: Option<&'static str>,
    pub(crate) location: Option<&'static str>,
    pub(crate) channel: Option<&'static str>,
}

impl PlaceColumns {
    pub(crate) fn of(&self, part: usize) -> Option<&'static str> {
        [self.retailer, self.location, self.channel].get(part).copied().flatten()
    }
}

/// The parts of a place, in the order in which they are kept here.
pub(crate) const RETAILER: usize = 0;
pub(crate) const LOCATION: usize = 1;
pub(crate) const CHANNEL: usize = 2;

/// A condition on one part of a place, with bare numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Any,
    /// One of these (ascending, each once), or nothing where that is said.
    In {
        numbers: Vec<i64>,
        or_none: bool,
    },
}

/// A clause: conditions on retailer, location and channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Need(pub(crate) [Part; 3]);

fn part<T: Number>(condition: &Condition<T>) -> Part {
    let numbers = |list: &[T]| {
        let mut numbers: Vec<i64> = list.iter().map(|n| i64::from(n.number())).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    match condition {
        Condition::Any => Part::Any,
        Condition::OneOf(list) => Part::In { numbers: numbers(list), or_none: false },
        Condition::OneOfOrNone(list) => Part::In { numbers: numbers(list), or_none: true },
    }
}

impl Need {
    fn of(clause: &Clause) -> Self {
        Self([part(&clause.retailer), part(&clause.location), part(&clause.channel)])
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.0.iter().all(|part| *part == Part::Any)
    }

    /// The clause in unmistakable bytes, for a fingerprint: `=1,2,;?3,;*;`.
    pub(crate) fn words(&self) -> Vec<u8> {
        let mut words = String::new();
        for part in &self.0 {
            match part {
                Part::Any => words.push('*'),
                Part::In { numbers, or_none } => {
                    words.push(if *or_none { '?' } else { '=' });
                    numbers.iter().for_each(|n| words.extend([n.to_string().as_str(), ","]));
                }
            }
            words.push(';');
        }
        words.into_bytes()
    }
}

/// The clauses of a filter, as few as they can be said in: clauses that differ in one part only become one.
pub(crate) fn needs<E>(filter: &Filter<E>) -> Vec<Need> {
    let mut needs: Vec<Need> = filter.clauses().iter().map(Need::of).collect();
    if let Some(everything) = needs.iter().find(|need| need.is_everything()) {
        return vec![everything.clone()];
    }
    for at in [LOCATION, CHANNEL, RETAILER] {
        needs = united(needs, at);
    }
    needs
}

/// Unites the clauses that are the same but for the part `at`.
fn united(needs: Vec<Need>, at: usize) -> Vec<Need> {
    let mut out: Vec<Need> = Vec::new();
    let mut seen: HashMap<Need, usize> = HashMap::new();
    for need in needs {
        let mut rest = need.clone();
        let own = rest.0.get_mut(at).map_or(Part::Any, |part| std::mem::replace(part, Part::Any));
        // `OneOf` and `OneOfOrNone` stay apart: uniting them would widen the first.
        if let (Part::In { or_none, .. }, Some(part)) = (&own, rest.0.get_mut(at)) {
            *part = Part::In { numbers: Vec::new(), or_none: *or_none };
        }
        match seen.get(&rest).and_then(|known| out.get_mut(*known)) {
            Some(known) => known.take_in(at, own),
            None => {
                seen.insert(rest, out.len());
                out.push(need);
            }
        }
    }
    out
}

impl Need {
    fn take_in(&mut self, at: usize, other: Part) {
        if let (Some(Part::In { numbers, .. }), Part::In { numbers: more, .. }) = (self.0.get_mut(at), other)
        {
            numbers.extend(more);
            numbers.sort_unstable();
            numbers.dedup();
        }
    }
}

/// Appends the predicate in brackets.
pub(crate) fn push_predicate(into: &mut Statement, needs: &[Need], columns: &PlaceColumns) {
    match needs {
        [] => {
            into.say("(1 = 0)");
        }
        [need] => push_need(into, need, columns),
        several => {
            // Halved again and again: a chain of a thousand ORs would be too deep for SQLite.
            let (left, right) = several.split_at(several.len() / 2);
            into.say("(");
            push_predicate(into, left, columns);
            into.say(" OR ");
            push_predicate(into, right, columns);
            into.say(")");
        }
    }
}

/// Appends ` AND ..`: a condition for rows that are found otherwise, which leaves the choice of the index alone.
///
/// Both planners see an expression they know nothing of: SQLite does not take another index for it, and PostgreSQL
/// takes it to hold nearly always and keeps to the order of the list. Shown the bare columns, PostgreSQL would
/// multiply how many rows have the channel and how many its retailer, expect next to none, and sort the whole range.
pub(crate) fn push_sieve(into: &mut Statement, condition: impl FnOnce(&mut Statement)) {
    into.say(" AND CASE WHEN ");
    condition(into);
    into.say(" THEN 1 ELSE 0 END <> 0");
}

pub(crate) fn push_need(into: &mut Statement, need: &Need, columns: &PlaceColumns) {
    into.say("(1 = 1");
    for (at, part) in need.0.iter().enumerate() {
        push_part(into, part, columns.of(at));
    }
    into.say(")");
}

/// Appends ` AND ..` for one part of a clause.
fn push_part(into: &mut Statement, part: &Part, column: Option<&str>) {
    let Part::In { numbers, or_none } = part else { return };
    let Some(column) = column else {
        // A condition on what the entity does not carry: nothing is there, so only "or none" admits.
        into.say(if *or_none { "" } else { " AND 1 = 0" });
        return;
    };
    if numbers.is_empty() {
        into.say(" AND ").say(if *or_none { column } else { "1 = 0" }).say(if *or_none {
            " IS NULL"
        } else {
            ""
        });
        return;
    }
    into.say(" AND (").say(column).say(" IN ").list(numbers, |s, number| {
        s.number(*number);
    });
    if *or_none {
        into.say(" OR ").say(column).say(" IS NULL");
    }
    into.say(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: PlaceColumns =
        PlaceColumns { retailer: Some("retailer"), location: None, channel: Some("channel") };

    fn listed(numbers: &[i64]) -> Part {
        Part::In { numbers: numbers.to_vec(), or_none: false }
    }

    fn text(needs: &[Need]) -> String {
        let mut out = Statement::default();
        push_predicate(&mut out, needs, &COLUMNS);
        out.text
    }

    #[test]
    fn a_predicate_is_an_or_of_ands() {
        let needs = [
            Need([listed(&[1, 2]), Part::Any, Part::Any]),
            Need([listed(&[3]), Part::Any, listed(&[7])]),
            Need([Part::In { numbers: vec![4], or_none: true }, Part::Any, Part::Any]),
        ];
        let expected = "((1 = 1 AND (retailer IN ($1,$2))) OR ((1 = 1 AND (retailer IN ($3)) AND (channel IN ($4))) \
             OR (1 = 1 AND (retailer IN ($5) OR retailer IS NULL))))";
        assert_eq!(text(&needs), expected);
        assert_eq!(text(&[]), "(1 = 0)");
        assert_eq!(text(&[Need([Part::Any, Part::Any, Part::Any])]), "(1 = 1)");
        assert_eq!(text(&[Need([Part::Any, listed(&[9]), Part::Any])]), "(1 = 1 AND 1 = 0)");
    }

    #[test]
    fn clauses_that_differ_in_one_part_are_united() {
        let one = |r: i64, c: &[i64]| Need([listed(&[r]), Part::Any, listed(c)]);
        let united = united(vec![one(1, &[5]), one(1, &[6, 5]), one(2, &[5])], CHANNEL);
        assert_eq!(united, [one(1, &[5, 6]), one(2, &[5])]);
        let shared = Need([Part::In { numbers: vec![1], or_none: true }, Part::Any, Part::Any]);
        let own = Need([listed(&[2]), Part::Any, Part::Any]);
        assert_eq!(super::united(vec![shared.clone(), own.clone()], RETAILER), [shared, own]);
    }
}
