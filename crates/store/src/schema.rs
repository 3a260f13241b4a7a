//! The tables, made step by step, and the record of the steps that were taken.
//!
//! A step is one statement in a transaction of its own, as distributed databases want it. It is recorded by the
//! name of its module and its number, so that crates add tables without knowing each other's.

use crate::error::StoreError;
use crate::tables;
use sql::{Database, SqlError, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One step of the schema: never changed once released; a later step mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The part of the schema that it belongs to, usually the name of a crate.
    pub module: &'static str,
    /// Its number in that part, from 1.
    pub number: u32,
    /// One statement of the definition language.
    pub sql: &'static str,
}

/// How often a step is tried: another process may be making the same table.
const ATTEMPTS_MAX: u32 = 5;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_step (
    module_name TEXT NOT NULL, step_no BIGINT NOT NULL, PRIMARY KEY (module_name, step_no))";
const ALL: &str = "SELECT module_name, step_no FROM schema_step ORDER BY module_name, step_no";
const FIND: &str = "SELECT step_no FROM schema_step WHERE module_name = $1 AND step_no = $2";
const INSERT: &str = "INSERT INTO schema_step (module_name, step_no) VALUES ($1, $2)";

pub(crate) const STATEMENTS: &[&str] = &[ALL, FIND, INSERT];

/// Takes the steps that are missing.
pub(crate) fn migrate(db: &Database, more: &[Migration]) -> Result<(), StoreError> {
    let own = (1..).zip(tables::STEPS).map(|(number, sql)| Migration { module: "store", number, sql });
    let steps: Vec<Migration> = own.chain(more.iter().copied()).collect();
    let known: BTreeSet<(&str, u32)> = steps.iter().map(|s| (s.module, s.number)).collect();
    if known.len() != steps.len() {
        return Err(StoreError::corrupt("two steps of the schema have the same module and number"));
    }
    let taken = taken(db)?;
    refuse_newer(&taken, &known)?;
    for step in steps.iter().filter(|s| !taken.contains(&(s.module.to_owned(), s.number))) {
        take(db, step)?;
    }
    Ok(())
}

/// The steps in the database.
fn taken(db: &Database) -> Result<BTreeSet<(String, u32)>, StoreError> {
    patiently(|| db.write(|tx| tx.execute_batch(CREATE)))?;
    db.read(|tx| {
        let rows = tx.query(ALL, &[])?;
        let read = |row: &sql::Row| {
            let number =
                u32::try_from(row.int(1)?).map_err(|_| StoreError::corrupt("a step out of range"))?;
            Ok((row.text(0)?.to_owned(), number))
        };
        rows.iter().map(read).collect()
    })
}

fn refuse_newer(taken: &BTreeSet<(String, u32)>, known: &BTreeSet<(&str, u32)>) -> Result<(), StoreError> {
    let mut highest: BTreeMap<&str, u32> = BTreeMap::new();
    for (module, number) in taken {
        if !known.contains(&(module.as_str(), *number)) {
            highest.insert(module, *number);
        }
    }
    match highest.into_iter().next() {
        None => Ok(()),
        Some((module, found)) => {
            let own = known.iter().filter(|(name, _)| *name == module).map(|(_, number)| *number);
            Err(StoreError::Newer { module: module.to_owned(), found, known: own.max().unwrap_or(0) })
        }
    }
}

fn take(db: &Database, step: &Migration) -> Result<(), StoreError> {
    let key = [Value::from(step.module), Value::from(step.number)];
    patiently(|| {
        db.write(|tx| {
            // Another process may have taken it since we looked.
            if tx.query_opt(FIND, &key)?.is_none() {
                tx.execute_batch(step.sql)?;
                tx.execute(INSERT, &key)?;
            }
            Ok(())
        })
    })
}

/// Runs `step` again when it was refused: of two processes that make one table at once, the database refuses
/// one, which then finds the table made.
fn patiently(step: impl Fn() -> Result<(), SqlError>) -> Result<(), StoreError> {
    let mut attempts = 1;
    loop {
        match step() {
            Err(SqlError::Unique { .. } | SqlError::Statement(_)) if attempts < ATTEMPTS_MAX => attempts += 1,
            other => return Ok(other?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_statement() {
        for sql in tables::STEPS {
            let defines = sql.starts_with("CREATE ") || sql.starts_with("ALTER TABLE ");
            assert!(!sql.contains(';') && defines, "{sql}");
        }
    }
}
