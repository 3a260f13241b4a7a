//! SQLite: one writer with group commit; for a file also a pool of readers beside it (WAL).
//!
//! A database in memory has the one connection for everything: its readers take their turn among the writers.

mod fault;
mod group;
mod home;
mod statement;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::SqlError;
use crate::limits::{STATEMENTS_MAX, Settings};
use crate::pool::Pool;
use crate::tx::{Driver, Mode, Tx};
use fault::fault;
use group::Writer;
use home::Home;
pub(crate) use statement::{cell, execute, execute_batch, query, stream};

/// An open SQLite database.
pub(crate) struct Sqlite {
    writer: Writer,
    /// `None` in memory.
    home: Option<Home>,
    /// `None` in memory.
    readers: Option<Pool<Connection>>,
}

impl Sqlite {
    pub(crate) fn memory(settings: &Settings) -> Result<Self, SqlError> {
        let connection = Connection::open_in_memory().map_err(|error| fault(&error, "").error)?;
        set_up(&connection, settings, WRITER_PRAGMAS).map_err(|error| fault(&error, "").error)?;
        Ok(Self { writer: Writer::new(connection, lock_wait(settings)), home: None, readers: None })
    }

    pub(crate) fn file(path: &Path, settings: &Settings) -> Result<Self, SqlError> {
        Home::prepare(path);
        let writer = open_writer(path, settings)?;
        let home = Some(Home::of(path));
        let reader_path = path.to_owned();
        let reader_settings = settings.clone();
        let readers = Pool::new(settings, move || open_reader(&reader_path, &reader_settings));
        Ok(Self { writer: Writer::new(writer, lock_wait(settings)), home, readers: Some(readers) })
    }

    pub(crate) fn read<T, E: From<SqlError>>(
        &self,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(readers) = &self.readers else {
            return self.writer.run(Mode::Read, body);
        };
        self.is_there()?;
        let permit = readers.permit()?;
        let (connection, _) = permit.connection()?;
        let step = |sql| {
            let run = || connection.prepare_cached(sql)?.raw_execute();
            run().map_err(|error| fault(&error, sql).error)
        };
        step("BEGIN DEFERRED")?;
        let mut tx = Tx::new(Driver::Sqlite(&connection), Mode::Read);
        let mut answer = body(&mut tx);
        if let (_, Some(failed)) = tx.into_parts() {
            answer = answer.and(Err(E::from(failed.error)));
        }
        if step("ROLLBACK").is_ok() {
            permit.put(connection);
        }
        answer
    }

    pub(crate) fn write<T, E: From<SqlError>>(
        &self,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.is_there()?;
        self.writer.run(Mode::Write, body)
    }

    fn is_there(&self) -> Result<(), SqlError> {
        self.home.as_ref().map_or(Ok(()), Home::check)
    }
}

/// Full durability: a COMMIT that returned is on disk. 64 MB of pages for the writer, who also checkpoints.
const WRITER_PRAGMAS: &str = "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;
    PRAGMA trusted_schema=OFF; PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864;";

/// Readers share the operating system's pages through a map of the first 256 MB and keep 8 MB of their own.
const READER_PRAGMAS: &str = "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;
    PRAGMA cache_size=-8192; PRAGMA mmap_size=268435456;";

fn open_writer(path: &Path, settings: &Settings) -> Result<Connection, SqlError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(lock_wait(settings))?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
        set_up(&connection, settings, WRITER_PRAGMAS)?;
        Ok((connection, mode))
    };
    let (connection, mode) = open().map_err(|error| at(path, &error))?;
    if mode != "wal" {
        return Err(SqlError::Unavailable(format!(
            "{}: write-ahead logging is not possible there (journal mode `{mode}`); use a local file system",
            path.display()
        )));
    }
    Ok(connection)
}

fn open_reader(path: &PathBuf, settings: &Settings) -> Result<Connection, SqlError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let open = || {
        let connection = Connection::open_with_flags(path, flags)?;
        set_up(&connection, settings, READER_PRAGMAS)?;
        Ok(connection)
    };
    open().map_err(|error| at(path, &error))
}

fn set_up(connection: &Connection, settings: &Settings, pragmas: &str) -> rusqlite::Result<()> {
    connection.busy_timeout(lock_wait(settings))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Otherwise SQLite takes a misspelt "name" for a string, and PostgreSQL does not.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.execute_batch(pragmas)
}

fn lock_wait(settings: &Settings) -> Duration {
    Duration::from_millis(settings.lock_ms_max)
}

/// The failure to open a file, with its name.
fn at(path: &Path, error: &rusqlite::Error) -> SqlError {
    let path = path.display();
    match fault(error, "").error {
        SqlError::Locked(message) => SqlError::Locked(format!("{path}: {message}")),
        SqlError::Corrupt(message) => SqlError::Corrupt(format!("{path}: {message}")),
        SqlError::Full(message) => SqlError::Full(format!("{path}: {message}")),
        SqlError::Unavailable(message) => SqlError::Unavailable(format!("{path}: {message}")),
        other => other,
    }
}
