//! What a closure may do inside a transaction.

use crate::error::{Fault, SqlError};
use crate::limits::INSERT_ROWS_MAX;
use crate::row::{Row, RowRef};
use crate::text::insert_statement;
use crate::value::Value;
use crate::{postgres, sqlite};

/// A running transaction, lent to the closure of `Database::read` or `Database::write`.
///
/// **A statement that failed fails the transaction.** Later statements are refused with the same error and
/// nothing is committed, even if the closure answers `Ok`: PostgreSQL works that way, so SQLite does here too.
/// Look first (`query_opt`) or say `ON CONFLICT` where a failure is expected.
pub struct Tx<'a> {
    driver: Driver<'a>,
    mode: Mode,
    failed: Option<Fault>,
}

pub(crate) enum Driver<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(postgres::Session<'a>),
}

/// What the transaction was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Write,
    /// As [`Mode::Write`], while nobody else writes to the database, on whatever node.
    WriteAlone,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(driver: Driver<'a>, mode: Mode) -> Self {
        Self { driver, mode, failed: None }
    }

    /// The driver's side and the first failure, when the closure is done.
    pub(crate) fn into_parts(self) -> (Driver<'a>, Option<Fault>) {
        (self.driver, self.failed)
    }

    /// Runs one statement and answers how many rows it inserted, updated or deleted.
    ///
    /// The statement is written with `$1`, `$2`, ... for the parameters, is prepared and stays prepared, so
    /// its text should be one of few.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, SqlError> {
        self.guarded(|driver, mode| match driver {
            Driver::Sqlite(connection) => sqlite::execute(connection, mode, sql, params),
            Driver::Postgres(session) => session.execute(sql, params),
        })
    }

    /// All rows of a query. For thousands of rows or more use [`Tx::for_each`].
    pub fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.guarded(|driver, mode| match driver {
            Driver::Sqlite(connection) => sqlite::query(connection, mode, sql, params),
            Driver::Postgres(session) => session.query(sql, params),
        })
    }

    /// The row of a query, or none. More than one is [`SqlError::Statement`].
    pub fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, SqlError> {
        let mut rows = self.query(sql, params)?;
        if rows.len() > 1 {
            return Err(crate::error::refused(&format!("expected at most one row, got {}", rows.len()), sql));
        }
        Ok(rows.pop())
    }

    /// The only row of a query; none or several are [`SqlError::Statement`].
    pub fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Row, SqlError> {
        self.query_opt(sql, params)?.ok_or_else(|| crate::error::refused("expected one row, got none", sql))
    }

    /// Gives every row of a query to `each`, in order, holding a few thousand rows at most.
    /// The first error of `each` ends it and is answered; it does not fail the transaction.
    pub fn for_each<E: From<SqlError>>(
        &mut self,
        sql: &str,
        params: &[Value],
        mut each: impl FnMut(&RowRef<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut stopped = None;
        let mut sink = |row: RowRef<'_>| match each(&row) {
            Ok(()) => true,
            Err(error) => {
                stopped = Some(error);
                false
            }
        };
        self.guarded(|driver, mode| match driver {
            Driver::Sqlite(connection) => sqlite::stream(connection, mode, sql, params, &mut sink),
            Driver::Postgres(session) => session.stream(sql, params, &mut sink),
        })?;
        stopped.map_or(Ok(()), Err)
    }

    /// Runs statements without parameters, separated by `;`: for the steps of a schema.
    pub fn execute_batch(&mut self, sql: &str) -> Result<(), SqlError> {
        self.guarded(|driver, mode| {
            if mode == Mode::Read {
                return Err(crate::error::refused("a read transaction runs queries only", sql).into());
            }
            match driver {
                Driver::Sqlite(connection) => sqlite::execute_batch(connection, sql),
                Driver::Postgres(session) => session.execute_batch(sql),
            }
        })
    }

    /// Inserts rows in statements of many rows each and answers how many there were.
    ///
    /// A statement has at most [`INSERT_ROWS_MAX`] rows and stays under the backend's parameter limit. Its
    /// number of rows is a power of two, so that a table needs a handful of prepared statements whatever
    /// comes. Every row has one value per column.
    pub fn insert_many(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<u64, SqlError> {
        let width = columns.len();
        let rows_max = self.insert_rows_max(table, width)?;
        let mut pending = Vec::with_capacity(width * rows_max);
        let mut total = 0;
        for row in rows {
            if row.len() != width {
                let message = format!("a row has {} values for {width} columns of {table}", row.len());
                return Err(SqlError::Statement(message));
            }
            pending.extend(row);
            if pending.len() == width * rows_max {
                total += self.execute(&insert_statement(table, columns, rows_max), &pending)?;
                pending.clear();
            }
        }
        let mut rest = pending.as_slice();
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(width * power_of_two_at_most(rest.len() / width));
            total += self.execute(&insert_statement(table, columns, chunk.len() / width), chunk)?;
            rest = after;
        }
        Ok(total)
    }

    fn insert_rows_max(&self, table: &str, width: usize) -> Result<usize, SqlError> {
        let parameters_max = match self.driver {
            Driver::Sqlite(_) => crate::limits::SQLITE_PARAMETERS_MAX,
            Driver::Postgres(_) => crate::limits::PG_PARAMETERS_MAX,
        };
        if width == 0 || width > parameters_max {
            let message = format!("{width} columns of {table} cannot be inserted; 1 to {parameters_max} can");
            return Err(SqlError::Statement(message));
        }
        Ok(power_of_two_at_most(INSERT_ROWS_MAX.min(parameters_max / width)))
    }

    fn guarded<T>(
        &mut self,
        run: impl FnOnce(&mut Driver<'a>, Mode) -> Result<T, Fault>,
    ) -> Result<T, SqlError> {
        if let Some(fault) = &self.failed {
            return Err(fault.error.clone());
        }
        run(&mut self.driver, self.mode).map_err(|fault| self.failed.insert(fault).error.clone())
    }
}

/// The largest power of two that is not above `n`; 1 for 0.
fn power_of_two_at_most(n: usize) -> usize {
    n.checked_ilog2().map_or(1, |exponent| 1 << exponent)
}

/// Refuses text that PostgreSQL could not store, on both backends.
pub(crate) fn check_parameters(params: &[Value]) -> Result<(), SqlError> {
    let has_nul = |value: &Value| matches!(value, Value::Text(text) if text.as_bytes().contains(&0));
    match params.iter().position(has_nul) {
        None => Ok(()),
        Some(at) => Err(SqlError::Type {
            place: format!("parameter ${}", at + 1),
            found: "text with a NUL character".to_owned(),
            expected: "text without",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_of_two_is_never_above() {
        for (given, expected) in [(0, 1), (1, 1), (2, 2), (3, 2), (1_000, 512), (1_024, 1_024)] {
            assert_eq!(power_of_two_at_most(given), expected, "{given}");
        }
    }
}
