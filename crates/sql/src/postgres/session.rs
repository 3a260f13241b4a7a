//! One connection, its prepared statements, and a transaction on it.

use std::collections::HashMap;

use postgres::types::ToSql;
use postgres::{Client, IsolationLevel, Statement, Transaction};

use super::convert::{Bound, check};
use super::fault::{commit_fault, fault};
use crate::error::{Fault, refused};
use crate::limits::{PG_PAGE_ROWS, STATEMENTS_MAX};
use crate::row::{Owned, Row, RowRef, Source};
use crate::tx::{Mode, check_parameters};
use crate::value::Value;

/// Held by all who write to the database, together, or by one alone. The number is "keyward" in ASCII; an advisory
/// lock belongs to one database.
const LOCK_SHARED: &str = "SELECT pg_advisory_xact_lock_shared(30229394876363364)";
/// A process that is stopped between this and its transaction loses the lock with its connection.
const LOCK_OUT: &str = "SET idle_session_timeout = '10s'; SELECT pg_advisory_lock(30229394876363364)";
const LET_IN: &str = "SELECT pg_advisory_unlock(30229394876363364); RESET idle_session_timeout";

/// A connection of the pool.
pub(crate) struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Connection {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, statements: HashMap::new() }
    }

    /// Begins a transaction. Writers are SERIALIZABLE, as the single writer of SQLite is: with REPEATABLE READ
    /// two writers may each check a rule over rows the other one changes (the last administrator), and code
    /// tested on one backend would break on the other. Readers need one snapshot and never conflict.
    ///
    /// Whoever writes alone locks the others out before its transaction begins: its snapshot is taken after the last
    /// of them is done. They wait in their first statement, holding nothing; a lock of the transaction would be taken
    /// behind the snapshot, which is what loses.
    pub(crate) fn begin(&mut self, mode: Mode) -> Result<Session<'_>, Fault> {
        if mode == Mode::WriteAlone {
            self.client.batch_execute(LOCK_OUT).map_err(|error| fault(&error, LOCK_OUT))?;
        }
        let builder = self.client.build_transaction();
        let builder = match mode {
            Mode::Read => builder.isolation_level(IsolationLevel::RepeatableRead).read_only(true),
            Mode::Write | Mode::WriteAlone => {
                builder.isolation_level(IsolationLevel::Serializable).read_only(false)
            }
        };
        let mut transaction = builder.start().map_err(|error| fault(&error, "BEGIN"))?;
        if mode == Mode::Write {
            transaction.batch_execute(LOCK_SHARED).map_err(|error| fault(&error, LOCK_SHARED))?;
        }
        Ok(Session { transaction, statements: &mut self.statements })
    }

    /// Ends what [`Mode::WriteAlone`] began; false when that failed, and the connection is to be closed.
    pub(crate) fn let_others_write(&mut self) -> bool {
        self.client.batch_execute(LET_IN).is_ok()
    }
}

/// A running transaction.
pub(crate) struct Session<'a> {
    transaction: Transaction<'a>,
    statements: &'a mut HashMap<String, Statement>,
}

impl Session<'_> {
    pub(crate) fn commit(self) -> Result<(), Fault> {
        self.transaction.commit().map_err(|error| commit_fault(&error))
    }

    pub(crate) fn rollback(self) -> Result<(), Fault> {
        self.transaction.rollback().map_err(|error| fault(&error, "ROLLBACK"))
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Fault> {
        let statement = self.prepare(sql, params)?;
        with_bound(params, |bound| self.transaction.execute(&statement, bound))
            .map_err(|error| fault(&error, sql))
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Fault> {
        let statement = self.prepare(sql, params)?;
        let rows = with_bound(params, |bound| self.transaction.query(&statement, bound))
            .map_err(|error| fault(&error, sql))?;
        Ok(rows.into_iter().map(|row| Row(Owned::Postgres(row))).collect())
    }

    /// Gives each row to `sink` until it answers false, fetching a page of rows at a time.
    pub(crate) fn stream(
        &mut self,
        sql: &str,
        params: &[Value],
        sink: &mut dyn FnMut(RowRef<'_>) -> bool,
    ) -> Result<(), Fault> {
        let statement = self.prepare(sql, params)?;
        let portal = with_bound(params, |bound| self.transaction.bind(&statement, bound))
            .map_err(|error| fault(&error, sql))?;
        loop {
            let page =
                self.transaction.query_portal(&portal, PG_PAGE_ROWS).map_err(|error| fault(&error, sql))?;
            if !page.iter().all(|row| sink(RowRef(Source::Postgres(row)))) {
                return Ok(());
            }
            if i32::try_from(page.len()).is_ok_and(|rows| rows < PG_PAGE_ROWS) {
                return Ok(());
            }
        }
    }

    pub(crate) fn execute_batch(&mut self, sql: &str) -> Result<(), Fault> {
        // A step of the schema may change what the prepared statements return.
        self.statements.clear();
        self.transaction.batch_execute(sql).map_err(|error| fault(&error, sql))
    }

    fn prepare(&mut self, sql: &str, params: &[Value]) -> Result<Statement, Fault> {
        check_parameters(params)?;
        let statement = match self.statements.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                let statement = self.transaction.prepare(sql).map_err(|error| fault(&error, sql))?;
                if self.statements.len() >= STATEMENTS_MAX {
                    // The texts are few by contract; whoever breaks it pays with preparing again.
                    self.statements.clear();
                }
                self.statements.insert(sql.to_owned(), statement.clone());
                statement
            }
        };
        let types = statement.params();
        if types.len() != params.len() {
            let message = format!("it has {} parameters, {} were given", types.len(), params.len());
            return Err(refused(&message, sql).into());
        }
        for (index, (value, ty)) in params.iter().zip(types).enumerate() {
            check(index, value, ty)?;
        }
        Ok(statement)
    }
}

fn with_bound<T>(params: &[Value], run: impl FnOnce(&[&(dyn ToSql + Sync)]) -> T) -> T {
    let bound: Vec<Bound<'_>> = params.iter().map(Bound).collect();
    let borrowed: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|value| value as _).collect();
    run(&borrowed)
}
