//! The handle to a database and the two kinds of transaction.

use std::path::Path;
use std::sync::Arc;

use crate::error::SqlError;
use crate::limits::Settings;
use crate::nesting::Inside;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::tx::Tx;

/// Which database is behind a [`Database`]. For help texts and benchmarks: no statement may depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// SQLite, in memory or in a file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// An open database; cheap to clone and shared by all threads.
///
/// Every call blocks. On an async runtime call it inside `block_in_place` or `spawn_blocking`: a PostgreSQL
/// connection has a small runtime of its own and panics when it is driven from an async worker thread.
#[derive(Clone)]
pub struct Database(Arc<Engine>);

enum Engine {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

impl Database {
    /// An empty SQLite database in memory, gone with its last handle. Transactions run one at a time.
    pub fn sqlite_memory() -> Result<Self, SqlError> {
        Sqlite::memory(&Settings::default()).map(Self::from_sqlite)
    }

    /// The SQLite database in this file, created when missing (its directory is not).
    pub fn sqlite_file(path: &Path) -> Result<Self, SqlError> {
        Self::sqlite_file_with(path, &Settings::default())
    }

    /// [`Database::sqlite_file`] with bounds of your own.
    pub fn sqlite_file_with(path: &Path, settings: &Settings) -> Result<Self, SqlError> {
        Sqlite::file(path, settings).map(Self::from_sqlite)
    }

    /// The PostgreSQL database of a `postgres://user:password@host:port/name` URL, connected to at once.
    ///
    /// Connections are not encrypted: use a private network, a Unix socket or a local proxy.
    pub fn postgres(url: &str) -> Result<Self, SqlError> {
        Self::postgres_with(url, &Settings::default())
    }

    /// [`Database::postgres`] with bounds of your own.
    pub fn postgres_with(url: &str, settings: &Settings) -> Result<Self, SqlError> {
        Postgres::connect(url, settings).map(Self::from_postgres)
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match *self.0 {
            Engine::Sqlite(_) => Backend::Sqlite,
            Engine::Postgres(_) => Backend::Postgres,
        }
    }

    /// Runs queries that all see the same state, that of the first one. Nothing can be written.
    ///
    /// # Errors
    /// Those of `body`, and those of the database turned into `E`.
    pub fn read<T, E: From<SqlError>>(&self, body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let _inside = self.enter()?;
        match &*self.0 {
            Engine::Sqlite(sqlite) => sqlite.read(body),
            Engine::Postgres(postgres) => postgres.read(body),
        }
    }

    /// Runs `body` as one serializable transaction: all of it is on disk when this answers `Ok`, nothing of it
    /// is there when it answers `Err` (except [`SqlError::Unknown`], which says so).
    ///
    /// `body` may run several times, when other writers were faster, and runs while others wait: it has no
    /// effects besides those on `tx`, and does not sleep, call out or open another transaction.
    /// If it panics, its part is rolled back and the panic goes on; other writers do not notice.
    ///
    /// # Errors
    /// Those of `body`, after which its part is rolled back, and those of the database turned into `E`:
    /// [`SqlError::Conflict`] after [`WRITE_RETRIES_MAX`](crate::WRITE_RETRIES_MAX) retries.
    pub fn write<T, E: From<SqlError>>(&self, body: impl Fn(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let _inside = self.enter()?;
        match &*self.0 {
            Engine::Sqlite(sqlite) => sqlite.write(body),
            Engine::Postgres(postgres) => postgres.write(body),
        }
    }

    fn from_sqlite(sqlite: Sqlite) -> Self {
        Self(Arc::new(Engine::Sqlite(Box::new(sqlite))))
    }

    fn from_postgres(postgres: Postgres) -> Self {
        Self(Arc::new(Engine::Postgres(Box::new(postgres))))
    }

    fn enter(&self) -> Result<Inside, SqlError> {
        Inside::enter(Arc::as_ptr(&self.0).addr())
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.backend()).finish()
    }
}
