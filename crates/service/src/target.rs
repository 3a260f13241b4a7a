//! Where state is kept, in the operator's words.

use crate::accounts::{Options, Service};
use crate::error::ServiceError;
use std::path::PathBuf;
use std::sync::Arc;
use store::{SystemClock, SystemIds};

/// Where state is kept.
#[derive(Clone, Debug)]
pub enum Target {
    /// In memory, gone with the process.
    Memory,
    /// An SQLite database in a directory that this process owns.
    Directory(PathBuf),
    /// A PostgreSQL database, which other processes may write to as well.
    Postgres(String),
}

impl Target {
    /// The name of the database file in a data directory.
    pub const FILE: &'static str = "keyward.db";
}

impl Service {
    /// Opens a target with the clock and the randomness of the machine.
    ///
    /// # Errors
    /// A database that cannot be used, is newer than the program, or is no database of ours.
    pub fn open_target(target: &Target) -> Result<Self, ServiceError> {
        let database = match target {
            Target::Memory => sql::Database::sqlite_memory(),
            Target::Directory(folder) => sql::Database::sqlite_file(&folder.join(Target::FILE)),
            Target::Postgres(url) => sql::Database::postgres(url),
        };
        Self::open(Options {
            database: database.map_err(|e| ServiceError::Unavailable(e.to_string()))?,
            shared: matches!(target, Target::Postgres(_)),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
        })
    }
}
