//! Rows found by their key, inserted where there is none, updated where it says something else.

use super::{Frame, Written};
use crate::error::CommerceError;
use crate::limits::CHUNK_ROWS;
use crate::statement::{Column, Statement};
use access::AccountId;
use access::words::Number;
use sql::{Row, SqlError, Tx, Value};
use std::collections::HashMap;

/// How rows of one table are found and compared. A table without ids has its key alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) table: &'static str,
    pub(super) has_id: bool,
    /// What says which row it is.
    pub(super) key: &'static [Column],
    /// The part of the key that rows are looked up by, never empty in a row.
    pub(super) found_by: &'static [Column],
    /// What it says.
    pub(super) data: &'static [Column],
}

/// A row as it should be.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Its id, if it is new.
    pub(super) id: String,
    pub(super) key: Vec<Value>,
    /// Its part of the key for [`Shape::found_by`].
    pub(super) found_by: Vec<Value>,
    pub(super) data: Vec<Value>,
}

/// A row as it is.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) data: Vec<Value>,
}

impl Shape {
    /// The stored rows of these drafts, by key. Others may be among them.
    pub(super) fn stored(
        &self,
        tx: &mut Tx<'_>,
        account: AccountId,
        drafts: &[Draft],
    ) -> Result<HashMap<Vec<Value>, Stored>, SqlError> {
        if drafts.is_empty() {
            return Ok(HashMap::new());
        }
        let query = self.query(account, drafts);
        let mut out = HashMap::new();
        for row in tx.query(&query.text, &query.values)? {
            let (id, key, data) = self.read(&row, 0)?;
            out.insert(key, Stored { id, data });
        }
        Ok(out)
    }

    /// Id, key and data of a row that has them from column `first` on.
    pub(super) fn read(&self, row: &Row, first: usize) -> Result<(String, Vec<Value>, Vec<Value>), SqlError> {
        let read = |from: usize, columns: &[Column]| -> Result<Vec<Value>, SqlError> {
            columns.iter().enumerate().map(|(at, column)| column.read(row, from + at)).collect()
        };
        let id = if self.has_id { row.text(first)?.to_owned() } else { String::new() };
        let first = first + usize::from(self.has_id);
        Ok((id, read(first, self.key)?, read(first + self.key.len(), self.data)?))
    }

    fn query(&self, account: AccountId, drafts: &[Draft]) -> Statement {
        let mut query = Statement::default();
        let columns: Vec<&str> = self.columns().collect();
        query.say("SELECT ").say(&columns.join(", "));
        let wanted = drafts.iter().map(|draft| draft.found_by.as_slice());
        query.wanted(self.table, account, self.found_by, wanted);
        query
    }

    /// The columns of a row but the account: id, key, data.
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        let id = self.has_id.then_some("id");
        id.into_iter().chain(self.key.iter().chain(self.data).map(|column| column.name()))
    }

    /// Inserts rows that are not there.
    pub(super) fn insert<'d>(
        &self,
        tx: &mut Tx<'_>,
        account: AccountId,
        drafts: impl IntoIterator<Item = &'d Draft>,
    ) -> Result<(), SqlError> {
        let columns: Vec<&str> = std::iter::once("account_id").chain(self.columns()).collect();
        let rows = drafts.into_iter().map(|draft| {
            let mut row = vec![Value::from(account.number())];
            row.extend(self.has_id.then(|| Value::from(draft.id.as_str())));
            row.extend(draft.key.iter().chain(&draft.data).cloned());
            row
        });
        tx.insert_many(self.table, &columns, rows)?;
        Ok(())
    }

    /// Lets a row that is there say what the draft says.
    pub(super) fn update(
        &self,
        tx: &mut Tx<'_>,
        account: AccountId,
        draft: &Draft,
        stored: &Stored,
    ) -> Result<(), SqlError> {
        let mut query = Statement::default();
        query.say("UPDATE ").say(self.table).say(" SET ");
        for (at, (column, value)) in self.data.iter().zip(&draft.data).enumerate() {
            query.say(if at == 0 { "" } else { ", " }).say(column.name()).say(" = ").give(value.clone());
        }
        query.say(" WHERE account_id = ").give(account.number());
        if self.has_id {
            query.say(" AND id = ").give(stored.id.as_str());
        } else {
            for (column, value) in self.key.iter().zip(&draft.key) {
                query.say(" AND ").say(column.name()).say(" = ").give(value.clone());
            }
        }
        tx.execute(&query.text, &query.values)?;
        Ok(())
    }

    /// Brings the stored rows to the drafts.
    pub(super) fn upsert(
        &self,
        tx: &mut Tx<'_>,
        frame: &Frame<'_>,
        drafts: &[Draft],
    ) -> Result<Written, CommerceError> {
        let mut written = Written::default();
        for chunk in drafts.chunks(CHUNK_ROWS) {
            let stored = self.stored(tx, frame.account, chunk)?;
            let new = |draft: &&Draft| !stored.contains_key(&draft.key);
            let changed: Vec<(&Draft, &Stored)> = chunk
                .iter()
                .filter_map(|draft| stored.get(&draft.key).map(|stored| (draft, stored)))
                .filter(|(draft, stored)| draft.data != stored.data)
                .collect();
            let (all, inserted) = (chunk.len(), chunk.iter().filter(new).count());
            written.inserted += inserted as u64;
            written.updated += changed.len() as u64;
            written.unchanged += (all - inserted - changed.len()) as u64;
            if frame.is_preview() {
                continue;
            }
            self.insert(tx, frame.account, chunk.iter().filter(new))?;
            for (draft, stored) in changed {
                self.update(tx, frame.account, draft, stored)?;
            }
        }
        Ok(written)
    }
}
