//! Rows and their typed columns, by position from 0.

use crate::error::SqlError;
use crate::value::{Cell, Value};

/// A row that is being streamed, borrowed from the driver.
///
/// Every getter refuses with [`SqlError::Type`] when there is no such column, when it holds another type, or
/// when it holds NULL (the `opt_` getters answer `None` then).
#[derive(Clone, Copy)]
pub struct RowRef<'a>(pub(crate) Source<'a>);

#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
    Values(&'a [Value]),
}

impl<'a> RowRef<'a> {
    /// An integer of any width, as 64 bits.
    ///
    /// PostgreSQL's `sum(bigint)` is NUMERIC, not an integer: write `CAST(sum(x) AS BIGINT)`.
    pub fn int(&self, column: usize) -> Result<i64, SqlError> {
        self.opt_int(column)?.ok_or_else(|| self.mismatch(column, "NULL", "an integer"))
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<&'a str, SqlError> {
        self.opt_text(column)?.ok_or_else(|| self.mismatch(column, "NULL", "text"))
    }

    /// A boolean; SQLite keeps them as the integers 0 and 1.
    pub fn bool(&self, column: usize) -> Result<bool, SqlError> {
        self.opt_bool(column)?.ok_or_else(|| self.mismatch(column, "NULL", "a boolean"))
    }

    /// Bytes.
    pub fn bytes(&self, column: usize) -> Result<&'a [u8], SqlError> {
        self.opt_bytes(column)?.ok_or_else(|| self.mismatch(column, "NULL", "bytes"))
    }

    /// An integer or NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, SqlError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Int(value) => Ok(Some(value)),
            other => Err(self.mismatch(column, other.shape(), "an integer")),
        }
    }

    /// Text or NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&'a str>, SqlError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Text(value) => Ok(Some(value)),
            other => Err(self.mismatch(column, other.shape(), "text")),
        }
    }

    /// A boolean or NULL.
    pub fn opt_bool(&self, column: usize) -> Result<Option<bool>, SqlError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Bool(value) => Ok(Some(value)),
            Cell::Int(0) => Ok(Some(false)),
            Cell::Int(1) => Ok(Some(true)),
            other => Err(self.mismatch(column, other.shape(), "a boolean")),
        }
    }

    /// Bytes or NULL.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<&'a [u8]>, SqlError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Bytes(value) => Ok(Some(value)),
            other => Err(self.mismatch(column, other.shape(), "bytes")),
        }
    }

    fn cell(&self, column: usize) -> Result<Cell<'a>, SqlError> {
        match self.0 {
            Source::Sqlite(row) => crate::sqlite::cell(row, column),
            Source::Postgres(row) => crate::postgres::cell(row, column),
            Source::Values(values) => values.get(column).map(Cell::from).ok_or_else(|| missing(column)),
        }
    }

    fn mismatch(&self, column: usize, found: &str, expected: &'static str) -> SqlError {
        let name = match self.0 {
            Source::Sqlite(row) => row.as_ref().column_name(column).ok().map(str::to_owned),
            Source::Postgres(row) => row.columns().get(column).map(|column| column.name().to_owned()),
            Source::Values(_) => None,
        };
        let place =
            name.map_or_else(|| format!("column {column}"), |name| format!("column {column} ({name})"));
        SqlError::Type { place, found: found.to_owned(), expected }
    }
}

/// The error of a position that the row does not have.
pub(crate) fn missing(column: usize) -> SqlError {
    SqlError::Type {
        place: format!("column {column}"),
        found: "nothing".to_owned(),
        expected: "a column of the row",
    }
}

/// A row that was read completely. The getters are those of [`RowRef`].
pub struct Row(pub(crate) Owned);

pub(crate) enum Owned {
    Values(Box<[Value]>),
    Postgres(postgres::Row),
}

impl Row {
    /// The same row, borrowed: code that reads a [`RowRef`] serves streams and single rows alike.
    #[must_use]
    pub fn as_ref(&self) -> RowRef<'_> {
        match &self.0 {
            Owned::Values(values) => RowRef(Source::Values(values)),
            Owned::Postgres(row) => RowRef(Source::Postgres(row)),
        }
    }

    /// See [`RowRef::int`].
    pub fn int(&self, column: usize) -> Result<i64, SqlError> {
        self.as_ref().int(column)
    }

    /// See [`RowRef::text`].
    pub fn text(&self, column: usize) -> Result<&str, SqlError> {
        self.as_ref().text(column)
    }

    /// See [`RowRef::bool`].
    pub fn bool(&self, column: usize) -> Result<bool, SqlError> {
        self.as_ref().bool(column)
    }

    /// See [`RowRef::bytes`].
    pub fn bytes(&self, column: usize) -> Result<&[u8], SqlError> {
        self.as_ref().bytes(column)
    }

    /// See [`RowRef::opt_int`].
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, SqlError> {
        self.as_ref().opt_int(column)
    }

    /// See [`RowRef::opt_text`].
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, SqlError> {
        self.as_ref().opt_text(column)
    }

    /// See [`RowRef::opt_bool`].
    pub fn opt_bool(&self, column: usize) -> Result<Option<bool>, SqlError> {
        self.as_ref().opt_bool(column)
    }

    /// See [`RowRef::opt_bytes`].
    pub fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, SqlError> {
        self.as_ref().opt_bytes(column)
    }
}
