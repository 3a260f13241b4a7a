//! One page of a filtered list.

use super::{Mark, from};
use crate::commerce::Commerce;
use crate::cursor::{Cursor, fingerprint};
use crate::entities::{Kept, Table};
use crate::error::CommerceError;
use crate::limits::ROUND_BRANCHES_MAX;
use crate::page::{Page, PageRequest};
use crate::plan::{Branch, Plan, plan};
use crate::predicate::{Need, needs, push_need, push_predicate, push_sieve};
use crate::statement::{Column, Statement};
use access::words::Number;
use access::{AccountId, Filter};
use sql::{Row, SqlError, Tx, Value};
use std::collections::HashMap;

/// What one page needs to know.
pub(super) struct Reading<'a> {
    pub(super) table: Table,
    pub(super) account: AccountId,
    pub(super) needs: &'a [Need],
    /// The last row of the page before.
    pub(super) after: Option<Mark>,
    /// Rows to read: one more than the page has, to see whether there is another.
    pub(super) rows: usize,
}

impl Commerce {
    pub(super) fn list<E: Kept>(
        &self,
        filter: &Filter<E>,
        page: &PageRequest,
    ) -> Result<Page<E::Row>, CommerceError> {
        let needs = needs(filter);
        let print = fingerprint(&needs);
        let after = page.after();
        if after.is_some_and(|cursor| !cursor.is_of(E::TABLE.name, E::TABLE.key.is_instant)) {
            return Err(CommerceError::BadCursor);
        }
        let reading = Reading {
            table: E::TABLE,
            account: filter.account(),
            needs: &needs,
            after: after.map(|cursor| Mark { key: cursor.key.clone(), id: cursor.id.clone() }),
            rows: page.limit() + 1,
        };
        let mut found = match plan(&needs, &E::TABLE) {
            Plan::Nothing => Vec::new(),
            plan => self.db.read(|tx| reading.read(tx, &plan))?,
        };
        let is_last = found.len() <= page.limit();
        found.truncate(page.limit());
        let next = match found.last() {
            Some(row) if !is_last => {
                let (key, id) = (E::TABLE.key.read(&row.as_ref())?, row.text(1)?.to_owned());
                Some(Cursor::new(E::TABLE.name, filter.revision(), print, key, id))
            }
            _ => None,
        };
        let rows = found.iter().map(|row| E::read(&row.as_ref())).collect::<Result<_, _>>()?;
        let filter_changed = after.is_some_and(|cursor| !cursor.has_filter(print));
        Ok(Page { rows, next, filter_changed })
    }
}

impl Reading<'_> {
    fn read(&self, tx: &mut Tx<'_>, plan: &Plan) -> Result<Vec<Row>, SqlError> {
        match plan {
            Plan::Branches(branches) if branches.len() > 1 => self.merged(tx, branches),
            single => {
                let Some(query) = self.direct(single) else { return Ok(Vec::new()) };
                tx.query(&query.text, &query.values)
            }
        }
    }

    /// The rows of one range, or of all; none for nothing and for several ranges.
    pub(super) fn direct(&self, plan: &Plan) -> Option<Statement> {
        let mut query = from(&self.table, self.table.columns, self.account);
        if let Some(mark) = &self.after {
            let bound = self.bound(&mut query, mark);
            query.say(&bound);
        }
        match plan {
            Plan::Everything => {}
            Plan::Sieve => push_sieve(&mut query, |q| push_predicate(q, self.needs, &self.table.place)),
            Plan::Branches(branches) => match branches.as_slice() {
                [branch] => self.push_branch(&mut query, branch),
                _ => return None,
            },
            Plan::Nothing => return None,
        }
        query.say(self.table.key.order()).limit(self.rows);
        Some(query)
    }

    /// The rows of several ranges: first their keys, best of all rounds so far, then the rows.
    fn merged(&self, tx: &mut Tx<'_>, branches: &[Branch]) -> Result<Vec<Row>, SqlError> {
        let mut best: Vec<Mark> = Vec::new();
        for round in branches.chunks(ROUND_BRANCHES_MAX) {
            let query = self.round(round, &best);
            let found = tx.query(&query.text, &query.values)?;
            best = found.iter().map(|row| self.mark(row)).collect::<Result<_, _>>()?;
        }
        if best.is_empty() {
            return Ok(Vec::new());
        }
        let query = self.rows_of(&best);
        let mut rows = HashMap::with_capacity(best.len());
        for row in tx.query(&query.text, &query.values)? {
            rows.insert(row.text(1)?.to_owned(), row);
        }
        Ok(best.iter().filter_map(|mark| rows.remove(&mark.id)).collect())
    }

    /// The rows of these keys, in no order: asked for one, SQLite would walk the whole list to keep it.
    pub(super) fn rows_of(&self, best: &[Mark]) -> Statement {
        let mut query = Statement::default();
        query.say("SELECT ").say(self.table.columns);
        self.push_by_ids(&mut query, best);
        query
    }

    /// The keys of the first rows of these ranges and of `best`. The database compares them: it alone knows how it
    /// orders texts.
    pub(super) fn round(&self, branches: &[Branch], best: &[Mark]) -> Statement {
        let mut query = Statement::default();
        let mut keys =
            format!("SELECT {}, id FROM {} WHERE account_id = $1", self.table.key.name, self.table.name);
        query.values.push(self.account.number().into());
        if let Some(mark) = &self.after {
            keys.push_str(&self.bound(&mut query, mark));
        }
        for (at, branch) in branches.iter().enumerate() {
            query.say(if at == 0 { "" } else { " UNION " }).say("SELECT * FROM (").say(&keys);
            self.push_branch(&mut query, branch);
            query.say(self.table.key.order()).limit(self.rows).say(") AS range_").say(&at.to_string());
        }
        if !best.is_empty() {
            query.say(" UNION SELECT * FROM (SELECT ").say(self.table.key.name).say(", id");
            self.push_by_ids(&mut query, best);
            // The limit cuts nothing; it keeps the order that follows out of the brackets.
            query.limit(best.len()).say(") AS best");
        }
        query.say(self.table.key.order()).limit(self.rows);
        query
    }

    /// ` AND ..`: only what is behind the mark.
    ///
    /// A range is bounded at one end only. Bounded at both (by the best keys so far), SQLite, which knows nothing of
    /// how many rows a table has, takes the index of the whole list to be as good as that of the range.
    fn bound(&self, query: &mut Statement, mark: &Mark) -> String {
        query.values.push(mark.key.clone().into());
        query.values.push(mark.id.as_str().into());
        let (key, last) = (self.table.key, query.values.len());
        format!(" AND ({}, id) {} (${}, ${last})", key.name, key.behind(), last - 1)
    }

    fn mark(&self, row: &Row) -> Result<Mark, SqlError> {
        Ok(Mark { key: self.table.key.read(&row.as_ref())?, id: row.text(1)?.to_owned() })
    }

    fn push_branch(&self, query: &mut Statement, branch: &Branch) {
        // The plan makes ranges of columns that the table has.
        let Some(column) = self.table.place.of(branch.part) else { return };
        query.say(" AND ").say(column);
        match branch.number {
            Some(number) => query.say(" = ").number(number),
            None => query.say(" IS NULL"),
        };
        if !branch.rest.is_everything() {
            push_sieve(query, |query| push_need(query, &branch.rest, &self.table.place));
        }
    }

    fn push_by_ids(&self, query: &mut Statement, marks: &[Mark]) {
        let ids: Vec<Value> = marks.iter().map(|mark| mark.id.as_str().into()).collect();
        query.wanted(self.table.name, self.account, &[Column::Text("id")], ids.chunks(1));
    }
}
