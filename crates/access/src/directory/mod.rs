//! The users that somebody sees: searched, filtered, sorted, a page at a time.
//!
//! snapshot -> [`Directory`] (orders) + [`Viewer`] + [`UserQuery`] -> [`Selection`] -> pages
//!
//! A directory keeps the users of one state in order of login, name and e-mail; a selection walks through all
//! users once, so that the count is exact and the last page costs what the first does.
//!
//! **Invariant:** whom somebody sees is judged as [`Snapshot::sees_user`] does.
//! **Invariant:** `Directory::of(a).next(b) == Directory::of(b)`.
//! **Invariant:** removed users are in no selection but that of [`Status::Removed`].

pub(crate) mod fold;
mod order;
mod query;
mod select;
mod viewer;

pub use query::{SignInFilter, Sort, SortKey, Status, UserQuery, Words, WordsError};
pub use select::StatusCounts;
pub use viewer::Viewer;

use crate::proof::Subject;
use crate::snapshot::Snapshot;
use crate::time::Instant;
use crate::words::UserId;
use order::{By, Order};

/// The users of one state of an account in every order that a list may have.
///
/// Memory: 12 bytes a user (4 for each of login, name and e-mail), removed ones included; orders that a change
/// leaves alone are shared with the directory before. It holds the state that it is of, which shares with later
/// states all but what changed since: a directory that is kept is moved on with [`Self::next`].
#[derive(Clone, Debug)]
pub struct Directory {
    of: Snapshot,
    by_login: Order,
    by_name: Order,
    by_email: Order,
}

impl PartialEq for Directory {
    /// By the revision and the orders.
    fn eq(&self, other: &Self) -> bool {
        let is = |d: &Self| (d.of.account().id, d.of.revision());
        is(self) == is(other)
            && self.by_login == other.by_login
            && self.by_name == other.by_name
            && self.by_email == other.by_email
    }
}

impl Directory {
    /// Sorts the users of a state three times: about 0.3 s for a million of them, with up to 100 bytes a user
    /// beside it until it is done.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        Self {
            by_login: By::Login.sorted(snapshot),
            by_name: By::Name.sorted(snapshot),
            by_email: By::Email.sorted(snapshot),
            of: snapshot.clone(),
        }
    }

    /// The directory of another state of the account, mostly a later one.
    ///
    /// Only users who are new or have another profile are looked at: others are passed over by what both states
    /// share in memory. Without such users the orders are shared, else 4 bytes a user are copied for each order
    /// that changes.
    #[must_use]
    pub fn next(&self, to: &Snapshot) -> Self {
        let from = &self.of;
        if from.account().id != to.account().id || from.user_count() > to.user_count() {
            return Self::of(to);
        }
        let (logins, profiles) = (to.with_other_login(from), to.with_other_profile(from));
        Self {
            by_login: By::Login.next(&self.by_login, from, to, &logins),
            by_name: By::Name.next(&self.by_name, from, to, &profiles),
            by_email: By::Email.next(&self.by_email, from, to, &profiles),
            of: to.clone(),
        }
    }

    /// The state that it is of.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.of
    }

    /// The subject as a viewer of these users.
    #[must_use]
    pub fn viewer(&self, subject: &Subject, now: Instant) -> Viewer<'_> {
        Viewer::new(&self.of, subject, now)
    }

    /// The users that a viewer of this state sees and that pass the query, in its order.
    ///
    /// It is the same for the same subject and query at this revision, until [`Viewer::holds_until`]. Memory: 4
    /// bytes for each user that it holds.
    #[must_use]
    pub fn select(&self, viewer: &Viewer<'_>, query: &UserQuery) -> Selection {
        let (marked, counts) = select::select(&self.of, viewer, query);
        let mut users = Vec::with_capacity(marked.count());
        let order = match query.sort.key {
            SortKey::Made => None,
            SortKey::Login => Some(&self.by_login),
            SortKey::Name => Some(&self.by_name),
            SortKey::Email => Some(&self.by_email),
        };
        match order {
            Some(order) => users.extend(order.iter().copied().filter(|id| marked.has(*id))),
            None => users.extend(marked.iter()),
        }
        if query.sort.descending {
            users.reverse();
        }
        Selection { users, counts }
    }

    /// Bytes behind the orders, those shared with other directories included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        [&self.by_login, &self.by_name, &self.by_email].iter().map(|order| size_of_val(&***order)).sum()
    }
}

/// The users of a list, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    users: Vec<UserId>,
    counts: StatusCounts,
}

impl Selection {
    /// How many there are, exactly.
    #[must_use]
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// All of them.
    #[must_use]
    pub fn users(&self) -> &[UserId] {
        &self.users
    }

    /// How many pages of so many rows there are. There is always a first one; pages of no rows have no more.
    #[must_use]
    pub fn pages(&self, rows: usize) -> usize {
        if rows == 0 { 1 } else { self.users.len().div_ceil(rows).max(1) }
    }

    /// The users of a page; the first one is number 1. Nobody on a page that there is not.
    #[must_use]
    pub fn page(&self, number: usize, rows: usize) -> &[UserId] {
        let begin = number.checked_sub(1).and_then(|before| before.checked_mul(rows));
        let behind = begin.and_then(|begin| self.users.get(begin..)).unwrap_or_default();
        behind.get(..rows).unwrap_or(behind)
    }

    /// How many there are of each status, whatever status the query asks for: what filters by status may show.
    #[must_use]
    pub fn counts(&self) -> StatusCounts {
        self.counts
    }
}
