//! A statement while it is put together: its text and its parameters.

use crate::limits::NUMBER_PARAMETERS_MAX;
use sql::Value;
use std::fmt::Write as _;

/// Text with `$1`, `$2`, ... and the values for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

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

    /// Appends values as parameters, with commas between them.
    pub(crate) fn give_all(&mut self, values: &[Value]) {
        for (at, value) in values.iter().enumerate() {
            self.say(if at == 0 { "" } else { ", " }).give(value.clone());
        }
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

    /// Appends `(text, text, ...)`; the last is repeated up to a power of two, so that there are few texts.
    pub(crate) fn texts<'t>(&mut self, texts: &[&'t str]) -> &mut Self {
        let padded = texts.len().next_power_of_two();
        let rest = texts.last().into_iter().cycle().take(padded - texts.len());
        self.list(texts.iter().chain(rest), |s, text: &&'t str| {
            s.give(*text);
        })
    }
}
