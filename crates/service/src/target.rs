//! Where state is kept, in the operator's words.

use crate::accounts::{Options, Service, SignInOptions};
use crate::error::ServiceError;
use authn::{Fingerprint, Sealer};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{IdSource, SystemClock, SystemIds};

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
    /// The name of the file with the key that secrets are sealed with in a data directory.
    pub const KEY: &'static str = "keyward.key";
}

impl Service {
    /// Opens a target with the clock and the randomness of the machine.
    ///
    /// # Errors
    /// A database that cannot be used, is newer than the program, or is no database of ours.
    pub fn open_target(target: &Target) -> Result<Self, ServiceError> {
        Self::open_target_with(target, SignInOptions::default())
    }

    /// [`Self::open_target`], with what the operator says of how users sign in. In a directory the key that secrets are
    /// sealed with is kept beside the database, in a file of its own that is made when it is missing.
    ///
    /// # Errors
    /// Those of [`Self::open_target`], and a key that cannot be read or made.
    pub fn open_target_with(target: &Target, sign_in: SignInOptions) -> Result<Self, ServiceError> {
        let key = match (sign_in.key, target) {
            (None, Target::Directory(folder)) => Some(key_of(&folder.join(Target::KEY))?),
            (given, _) => given,
        };
        let sign_in = SignInOptions { key, ..sign_in };
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
            sign_in,
        })
    }
}

/// The key in a file, of 64 hexadecimal digits; made, for its owner alone, when there is no such file.
///
/// # Errors
/// A file that holds something else, or that cannot be read or made.
pub fn key_of(file: &Path) -> Result<[u8; Sealer::KEY_BYTES], ServiceError> {
    let unusable = |why: &dyn std::fmt::Display| {
        ServiceError::Unavailable(format!("the key file {}: {why}", file.display()))
    };
    match std::fs::read_to_string(file) {
        Ok(text) => Fingerprint::from_hex(text.trim())
            .map(|key| *key.as_bytes())
            .ok_or_else(|| unusable(&"it holds no 64 hexadecimal digits")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut key = [0; Sealer::KEY_BYTES];
            SystemIds.fill(&mut key).map_err(|e| unusable(&e))?;
            // Whole or not at all: a name is given to what was written to its end.
            let fresh = file.with_extension("key.new");
            drop(std::fs::remove_file(&fresh));
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh);
            let mut made = made.map_err(|e| unusable(&e))?;
            let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            made.write_all(digits.as_bytes()).and_then(|()| made.sync_all()).map_err(|e| unusable(&e))?;
            std::fs::rename(&fresh, file).map_err(|e| unusable(&e))?;
            Ok(key)
        }
        Err(error) => Err(unusable(&error)),
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
