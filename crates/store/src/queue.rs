//! New rows of a table, waiting to be written many at a time.

use crate::error::StoreError;
use sql::{Tx, Value};

/// Rows that wait before they are written.
const ROWS_MAX: usize = 8_192;

/// Bytes of text that wait before they are written.
const BYTES_MAX: usize = 8 << 20;

/// New rows of one table. What was given is in the database after [`Queue::flush`].
pub(crate) struct Queue {
    table: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
    bytes: usize,
}

impl Queue {
    pub(crate) fn new(table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { table, columns, rows: Vec::new(), bytes: 0 }
    }

    pub(crate) fn push(&mut self, tx: &mut Tx<'_>, row: Vec<Value>) -> Result<(), StoreError> {
        self.bytes += row.iter().map(text_bytes).sum::<usize>();
        self.rows.push(row);
        if self.rows.len() >= ROWS_MAX || self.bytes >= BYTES_MAX { self.flush(tx) } else { Ok(()) }
    }

    /// Writes what waits.
    pub(crate) fn flush(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        if !self.rows.is_empty() {
            tx.insert_many(self.table, self.columns, self.rows.drain(..))?;
            self.bytes = 0;
        }
        Ok(())
    }
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        _ => 0,
    }
}
