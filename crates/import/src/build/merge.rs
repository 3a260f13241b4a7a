//! Rows by key: what is said twice alike is one row, what is said twice differently is a problem.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::Cells;
use crate::plan::{Fields, Row};

/// Rows in the order in which their keys were met first.
pub(super) struct Merged<K, T> {
    pub(super) rows: Vec<Row<T>>,
    at: HashMap<K, usize>,
    /// Keys whose row was reported, so that what belongs to it stays silent.
    broken: HashSet<K>,
}

impl<K: Hash + Eq, T> Default for Merged<K, T> {
    fn default() -> Self {
        Self { rows: Vec::new(), at: HashMap::new(), broken: HashSet::new() }
    }
}

impl<K: Hash + Eq, T: PartialEq + Fields> Merged<K, T> {
    /// Adds the row that `cells` stand for. `column` and `shown` name its key in a problem.
    pub(super) fn add(&mut self, key: K, value: T, column: &str, shown: &str, cells: &mut Cells<'_, '_>) {
        let before = self.at.get(&key).and_then(|at| self.rows.get(*at));
        match before {
            Some(before) if before.value == value => {}
            Some(before) => {
                let reason = contradiction(before, &value);
                cells.report(column, shown, reason);
            }
            None => {
                self.at.insert(key, self.rows.len());
                self.rows.push(cells.row(value));
            }
        }
    }

    /// Remembers a key whose row could not be made.
    pub(super) fn add_broken(&mut self, key: K) {
        self.broken.insert(key);
    }

    pub(super) fn is_broken(&self, key: &K) -> bool {
        self.broken.contains(key)
    }

    /// The index of a key's row.
    pub(super) fn index(&self, key: &K) -> Option<usize> {
        self.at.get(key).copied()
    }
}

/// What a row says otherwise than an earlier row of the same key.
pub(super) fn contradiction<T: Fields>(before: &Row<T>, value: &T) -> String {
    let differences = before.value.fields().into_iter().zip(value.fields()).filter(|(a, b)| a != b);
    let told: Vec<String> = differences
        .map(|((key, before), (_, now))| format!("{key} is `{before}` there and `{now}` here"))
        .collect();
    format!("was given at {} with other content: {}", before.origin, told.join(", "))
}
