//! Why rows were not read or written.

use crate::limits::{LINES_MAX, PAGE_LIMIT_MAX, WRITE_ROWS_MAX};
use access::{AccountId, Revision};
use sql::SqlError;

/// Why rows were not read or written. Nothing was written, except where [`SqlError::Unknown`] says that this is not
/// known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommerceError {
    /// The proof does not name the place where the row goes, or from where it is moved.
    #[error("the {what} `{key}` {at} a place that this write was not allowed for")]
    NotProven {
        /// What the row is.
        what: &'static str,
        /// Its ref.
        key: String,
        /// "goes to" or "is now at".
        at: &'static str,
    },
    /// A location or channel of another retailer than the row's.
    #[error("the {what} `{key}` names {place}, which does not belong to its retailer")]
    WrongPlace {
        /// What the row is.
        what: &'static str,
        /// Its ref.
        key: String,
        /// The place that does not fit, or is none of the account.
        place: String,
    },
    /// The row refers to something that is not stored.
    #[error("the {what} `{key}` names the {other} `{given}`, which its retailer does not have")]
    Unknown {
        /// What the row is.
        what: &'static str,
        /// Its ref.
        key: String,
        /// What it refers to.
        other: &'static str,
        /// By which ref.
        given: String,
    },
    /// Two rows of one write have the same key.
    #[error("the {what} `{key}` is there twice: give each once")]
    Twice {
        /// What the row is.
        what: &'static str,
        /// Its ref.
        key: String,
    },
    /// A ref that looks like an id of ours.
    #[error("the {what} `{key}` has a ref that looks like an id: give another one")]
    LooksLikeId {
        /// What the row is.
        what: &'static str,
        /// Its ref.
        key: String,
    },
    /// A quantity or price that is out of range.
    #[error("the order `{key}` has {why}")]
    Amount {
        /// The order's ref.
        key: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More rows than one write takes.
    #[error("{given} rows were given, more than the {max} of one write: write them in parts", max = WRITE_ROWS_MAX)]
    TooManyRows {
        /// Rows given.
        given: usize,
    },
    /// More lines or fulfilments than an order has.
    #[error("the order `{key}` has more than {max} lines or fulfilments", max = LINES_MAX)]
    TooManyLines {
        /// The order's ref.
        key: String,
    },
    /// The access state has moved since the proof was made: authorize again.
    #[error("the access state of the account has changed since this write was allowed: try again")]
    Stale,
    /// The proof no longer holds: something it rests on ended by itself.
    #[error("this write came too late: a grant that it rests on has ended or begun")]
    TooLate,
    /// The text is no cursor of this list.
    #[error("this is no cursor of this list: pass a next cursor as it was given, or none for the first page")]
    BadCursor,
    /// A page of no rows, or of too many.
    #[error("a page of {given} rows was asked for: ask for 1 to {max}", max = PAGE_LIMIT_MAX)]
    BadLimit {
        /// Rows asked for.
        given: usize,
    },
    /// Several things have that ref.
    #[error("more than one {entity} has the ref `{key}`: use the id of the one you mean")]
    Ambiguous {
        /// The entity.
        entity: String,
        /// The ref.
        key: String,
    },
    /// The entity is in the contract, but nothing of it is kept here.
    #[error("no {entity} is stored here: name its retailer, location and channel instead of an id")]
    NotKept {
        /// The entity.
        entity: String,
    },
    /// What is stored contradicts itself; the text is for an operator.
    #[error("a stored row cannot be used: {0}")]
    Corrupt(String),
    /// The operating system gives no random bytes, so no id can be made.
    #[error(transparent)]
    NoRandomness(#[from] store::NoRandomness),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] SqlError),
}

impl CommerceError {
    /// The account has no head: it was never opened in this database.
    pub(crate) fn no_head(account: AccountId, revision: Revision) -> Self {
        Self::Corrupt(format!("{account} has no head here, but a write was allowed on revision {revision}"))
    }
}
