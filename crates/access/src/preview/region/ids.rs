//! Places of one dimension, as a finite set or all but one.

use crate::words::Number;
use std::cmp::Ordering;

/// Places of one dimension: those listed, or all but those.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ids<T> {
    except: bool,
    /// Ascending, each once.
    listed: Vec<T>,
}

impl<T: Number> Ids<T> {
    /// Every place, those to come too.
    #[must_use]
    pub fn all() -> Self {
        Self { except: true, listed: Vec::new() }
    }

    /// No place.
    #[must_use]
    pub fn none() -> Self {
        Self { except: false, listed: Vec::new() }
    }

    /// The places, when they are listed; none when it is all or all but some.
    #[must_use]
    pub fn only(&self) -> Option<&[T]> {
        (!self.except).then_some(&self.listed)
    }

    /// The places left out, when it is all (then none is) or all but some.
    #[must_use]
    pub fn all_but(&self) -> Option<&[T]> {
        self.except.then_some(&self.listed)
    }

    /// Whether it is every place.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.except && self.listed.is_empty()
    }

    /// Whether it is no place.
    #[must_use]
    pub fn is_none(&self) -> bool {
        !self.except && self.listed.is_empty()
    }

    /// Whether a place is in.
    #[must_use]
    pub fn contains(&self, place: T) -> bool {
        self.listed.binary_search(&place).is_ok() != self.except
    }

    pub(super) fn these(listed: &[T]) -> Self {
        Self { except: false, listed: listed.to_vec() }
    }

    pub(super) fn complement(&self) -> Self {
        Self { except: !self.except, listed: self.listed.clone() }
    }

    pub(super) fn intersect(&self, other: &Self) -> Self {
        let keep = |list: &[T], by: &Self| list.iter().copied().filter(|m| by.contains(*m)).collect();
        match (self.except, other.except) {
            (false, _) => Self { except: false, listed: keep(&self.listed, other) },
            (true, false) => Self { except: false, listed: keep(&other.listed, self) },
            (true, true) => Self { except: true, listed: united(&self.listed, &other.listed) },
        }
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.intersect(&other.complement())
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        self.complement().intersect(&other.complement()).complement()
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self.except, other.except) {
            (true, true) => true,
            (true, false) => other.listed.iter().any(|m| self.contains(*m)),
            (false, _) => self.listed.iter().any(|m| other.contains(*m)),
        }
    }
}

/// Both ascending lists as one.
fn united<T: Number>(one: &[T], other: &[T]) -> Vec<T> {
    let (mut one, mut other) = (one.iter().copied().peekable(), other.iter().copied().peekable());
    std::iter::from_fn(|| {
        let order = match (one.peek(), other.peek()) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => one.next(),
            Ordering::Greater => other.next(),
            Ordering::Equal => {
                one.next();
                other.next()
            }
        }
    })
    .collect()
}
