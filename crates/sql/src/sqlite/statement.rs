//! Running one statement on a SQLite connection.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection};

use super::fault::fault;
use crate::error::{Fault, SqlError, refused};
use crate::row::{Owned, Row, RowRef, Source, missing};
use crate::text::numbered;
use crate::tx::{Mode, check_parameters};
use crate::value::{Cell, Value};

struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// Runs a statement and answers the rows it changed: 0 for one that changes none.
pub(crate) fn execute(
    connection: &Connection,
    mode: Mode,
    sql: &str,
    params: &[Value],
) -> Result<u64, Fault> {
    let mut statement = prepare(connection, mode, sql, params)?;
    let reads_only = statement.readonly();
    let mut rows = statement.raw_query();
    // Stepped as a query, so that `RETURNING` or a SELECT is no error, as on PostgreSQL.
    while rows.next().map_err(|error| fault(&error, sql))?.is_some() {}
    drop(rows);
    Ok(if reads_only { 0 } else { connection.changes() })
}

/// All rows, each copied out of the driver.
pub(crate) fn query(
    connection: &Connection,
    mode: Mode,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Row>, Fault> {
    let mut statement = prepare(connection, mode, sql, params)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(|error| fault(&error, sql))? {
        let values = (0..width).map(|column| cell(row, column).map(Value::from));
        out.push(Row(Owned::Values(values.collect::<Result<_, _>>()?)));
    }
    Ok(out)
}

/// Gives each row to `sink` until it answers false.
pub(crate) fn stream(
    connection: &Connection,
    mode: Mode,
    sql: &str,
    params: &[Value],
    sink: &mut dyn FnMut(RowRef<'_>) -> bool,
) -> Result<(), Fault> {
    let mut statement = prepare(connection, mode, sql, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| fault(&error, sql))? {
        if !sink(RowRef(Source::Sqlite(row))) {
            break;
        }
    }
    Ok(())
}

/// Runs statements without parameters.
pub(crate) fn execute_batch(connection: &Connection, sql: &str) -> Result<(), Fault> {
    connection.execute_batch(sql).map_err(|error| fault(&error, sql))
}

fn prepare<'c>(
    connection: &'c Connection,
    mode: Mode,
    sql: &str,
    params: &[Value],
) -> Result<CachedStatement<'c>, Fault> {
    check_parameters(params)?;
    let mut statement = connection.prepare_cached(&numbered(sql)).map_err(|error| fault(&error, sql))?;
    if mode == Mode::Read && !statement.readonly() {
        return Err(refused("a read transaction runs queries only", sql).into());
    }
    let wanted = statement.parameter_count();
    if wanted != params.len() {
        let message = format!("it has {wanted} parameters, {} were given", params.len());
        return Err(refused(&message, sql).into());
    }
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, Bound(value)).map_err(|error| fault(&error, sql))?;
    }
    Ok(statement)
}

/// One column of a row, from 0.
pub(crate) fn cell<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<Cell<'a>, SqlError> {
    let unexpected = |found: &str| SqlError::Type {
        place: format!("column {column}"),
        found: found.to_owned(),
        expected: "an integer, text, bytes or NULL",
    };
    match row.get_ref(column).map_err(|_| missing(column))? {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(value) => Ok(Cell::Int(value)),
        ValueRef::Text(bytes) => {
            std::str::from_utf8(bytes).map(Cell::Text).map_err(|_| unexpected("text that is not UTF-8"))
        }
        ValueRef::Blob(bytes) => Ok(Cell::Bytes(bytes)),
        ValueRef::Real(_) => Err(unexpected("a floating-point number")),
    }
}
