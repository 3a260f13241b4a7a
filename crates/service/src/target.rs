//! Where state is kept, in the operator's words.

use crate::accounts::{Options, Service};
use crate::error::ServiceError;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
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
            Target::Directory(folder) => {
                let file = folder.join(Target::FILE);
                make_private(&file);
                sql::Database::sqlite_file(&file)
            }
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

/// Makes a missing database file for its owner alone: a directory that was there before may be open to others.
/// SQLite gives its side files the same mode. What fails here fails there too, and is told there.
fn make_private(file: &Path) {
    drop(OpenOptions::new().write(true).create_new(true).mode(0o600).open(file));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_database_is_its_owners_alone_in_an_open_directory() {
        let folder = std::env::temp_dir().join(format!("keyward-target-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        drop(Service::open_target(&Target::Directory(folder.clone())).unwrap());
        let mode = std::fs::metadata(folder.join(Target::FILE)).unwrap().permissions().mode();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(mode & 0o777, 0o600);
    }
}
