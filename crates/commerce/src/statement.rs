//! A statement while it is put together: its text and its parameters.

use crate::limits::NUMBER_PARAMETERS_MAX;
use access::AccountId;
use access::words::Number;
use sql::{Row, SqlError, Value};
use std::fmt::Write as _;

/// Text with `$1`, `$2`, ... and the values for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

/// A row of as many columns as anything is looked up by.
static NOTHING: [Value; 2] = [Value::Null, Value::Null];

impl Statement {
    /// Appends words of ours.
    pub(crate) fn say(&mut self, words: &str) -> &mut Self {
        self.text.push_str(words);
        self
    }

    /// Appends a value as a parameter.
    pub(crate) fn give(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let at = self.values.len();
        self.refer(at)
    }

    /// Appends the parameter that was given as the `at`th, from 1.
    pub(crate) fn refer(&mut self, at: usize) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "${at}");
        self
    }

    /// Appends a number: as a parameter while there are few, else written out.
    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        if self.values.len() < NUMBER_PARAMETERS_MAX {
            return self.give(number);
        }
        let _ = write!(self.text, "{number}");
        self
    }

    /// Appends ` LIMIT n`. Written out: PostgreSQL plans a page it knows to be small otherwise than one it does not.
    pub(crate) fn limit(&mut self, rows: usize) -> &mut Self {
        let _ = write!(self.text, " LIMIT {rows}");
        self
    }

    /// Appends `(a,b,c)`, what `each` appends for the items. There is at least one.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (at, item) in items.into_iter().enumerate() {
            self.say(if at == 0 { "(" } else { "," });
            each(self, item);
        }
        self.say(")")
    }

    /// Appends ` FROM (VALUES ..) AS wanted CROSS JOIN table WHERE account_id = .. AND a = wanted.column1 ..`: the rows
    /// of `table` whose `columns` are one of `rows`.
    ///
    /// Not `IN (..)`: to SQLite, which knows nothing of how many rows a table has, a walk over all rows of the account
    /// seems cheaper than looking up many values. A `CROSS JOIN` it runs from left to right.
    pub(crate) fn wanted<'v>(
        &mut self,
        table: &str,
        account: AccountId,
        columns: &[Column],
        rows: impl ExactSizeIterator<Item = &'v [Value]>,
    ) -> &mut Self {
        self.say(" FROM (VALUES ");
        // Filled up with nothing to a power of two, so that there are few texts to be prepared.
        let padded = rows.len().next_power_of_two();
        let fill = std::iter::repeat_n(NOTHING.as_slice(), padded - rows.len());
        for (at, row) in rows.chain(fill).enumerate() {
            self.say(if at == 0 { "" } else { ", " });
            self.list(columns.iter().zip(row), |s, (column, value)| match at {
                // PostgreSQL takes the types of such a list from its first row.
                0 => _ = s.say("CAST(").give(value.clone()).say(column.cast()),
                _ => _ = s.give(value.clone()),
            });
        }
        self.say(") AS wanted CROSS JOIN ").say(table).say(" WHERE account_id = ").give(account.number());
        for (number, column) in (1..).zip(columns) {
            self.say(" AND ").say(column.name()).say(&format!(" = wanted.column{number}"));
        }
        self
    }
}

/// A column and what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Int(&'static str),
    Text(&'static str),
}

impl Column {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Int(name) | Self::Text(name) => name,
        }
    }

    fn cast(self) -> &'static str {
        match self {
            Self::Int(_) => " AS BIGINT)",
            Self::Text(_) => " AS TEXT)",
        }
    }

    /// Its value in a row.
    pub(crate) fn read(self, row: &Row, at: usize) -> Result<Value, SqlError> {
        match self {
            Self::Int(_) => row.opt_int(at).map(Value::from),
            Self::Text(_) => row.opt_text(at).map(Value::from),
        }
    }
}
