//! Pages of a list.

use crate::cursor::Cursor;
use crate::error::CommerceError;
use crate::limits::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};

/// Which page is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    limit: usize,
    after: Option<Cursor>,
}

impl PageRequest {
    /// The first page, with as many rows as when nobody says how many.
    #[must_use]
    pub fn first() -> Self {
        Self { limit: PAGE_LIMIT_DEFAULT, after: None }
    }

    /// A page of at most `limit` rows ([`PAGE_LIMIT_DEFAULT`] for none) behind the cursor, or the first.
    ///
    /// # Errors
    /// [`CommerceError::BadLimit`] for none at all or more than [`PAGE_LIMIT_MAX`].
    pub fn new(limit: Option<usize>, after: Option<Cursor>) -> Result<Self, CommerceError> {
        match limit.unwrap_or(PAGE_LIMIT_DEFAULT) {
            limit @ 1..=PAGE_LIMIT_MAX => Ok(Self { limit, after }),
            given => Err(CommerceError::BadLimit { given }),
        }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn after(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }
}

/// Rows of a list, in its order. Filtered as of the filter given, whatever the cursor's was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R> {
    /// The rows; as many as were asked for, except on the last page.
    pub rows: Vec<R>,
    /// Where the next page begins; none when this is the last.
    pub next: Option<Cursor>,
    /// Whether the filter admits by other clauses than the one that the cursor was made with: rows before this page
    /// may have come into sight or gone out of it.
    pub filter_changed: bool,
}
