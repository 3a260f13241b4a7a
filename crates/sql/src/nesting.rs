//! One transaction per database and thread.
//!
//! A second one would wait for the first for ever (SQLite has one writer) or drain the connection pool, so
//! it is refused instead.

use std::cell::RefCell;

use crate::error::SqlError;

thread_local! {
    static OPEN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Marks this thread as being inside a transaction of one database, until dropped.
pub(crate) struct Inside(usize);

impl Inside {
    /// `database` is any number that tells databases apart.
    pub(crate) fn enter(database: usize) -> Result<Self, SqlError> {
        OPEN.with_borrow_mut(|open| {
            if open.contains(&database) {
                return Err(SqlError::Statement(
                    "a transaction was opened inside another one of the same database; use the `Tx` at hand"
                        .to_owned(),
                ));
            }
            open.push(database);
            Ok(Self(database))
        })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(|open| open.retain(|database| *database != self.0));
    }
}
