//! Instants and validity. Time is a parameter everywhere: nothing here reads a clock.

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

/// When a grant holds: from `from` (included) until `until` (excluded); an absent end is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Validity {
    /// The first instant at which the grant holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// The first instant at which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

impl Validity {
    /// Always.
    pub const ALWAYS: Validity = Validity { from: None, until: None };

    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds_at(self, now: Instant) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// Whether every instant of `other` is one of this.
    #[must_use]
    pub fn contains(self, other: Validity) -> bool {
        let begins = match (self.from, other.from) {
            (None, _) => true,
            (Some(own), Some(others)) => own <= others,
            (Some(_), None) => false,
        };
        let ends = match (self.until, other.until) {
            (None, _) => true,
            (Some(own), Some(others)) => others <= own,
            (Some(_), None) => false,
        };
        begins && ends
    }

    /// The same from `now` on: a beginning that is past is none.
    #[must_use]
    pub fn from_now(self, now: Instant) -> Validity {
        Validity { from: self.from.filter(|from| *from > now), until: self.until }
    }

    /// Whether there is an instant in it at all.
    #[must_use]
    pub fn is_possible(self) -> bool {
        match (self.from, self.until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        }
    }

    /// The next instant after `now` at which it begins or ends.
    #[must_use]
    pub fn next_boundary(self, now: Instant) -> Option<Instant> {
        [self.from, self.until].into_iter().flatten().filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_is_included_and_until_is_not() {
        let v = Validity { from: Some(Instant(10)), until: Some(Instant(20)) };
        let holds: Vec<i64> = [9, 10, 19, 20].into_iter().filter(|t| v.holds_at(Instant(*t))).collect();
        assert_eq!(holds, [10, 19]);
        assert_eq!(v.next_boundary(Instant(10)), Some(Instant(20)));
        assert!(Validity::ALWAYS.contains(v) && !v.contains(Validity::ALWAYS) && v.contains(v));
    }
}
