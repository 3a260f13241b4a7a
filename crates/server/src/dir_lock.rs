//! Who owns a data directory.

use crate::LOCK;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Ownership of a data directory, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DirLock {
    folder: PathBuf,
    /// The operating system holds the lock as long as this is open.
    _file: File,
}

/// Why a data directory is not ours.
#[derive(Debug, thiserror::Error)]
pub enum DirLockError {
    /// Another process owns it.
    #[error("another process{} owns the data directory {}: stop it, or name another directory", of(.process), .folder.display())]
    Held {
        /// The directory.
        folder: PathBuf,
        /// The id of the process, if it wrote that down.
        process: Option<u32>,
    },
    /// It cannot be used.
    #[error("the data directory {} cannot be used: {error}", .folder.display())]
    Unusable {
        /// The directory.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
}

fn of(process: &Option<u32>) -> String {
    process.map_or_else(String::new, |id| format!(" ({id})"))
}

impl DirLock {
    /// Takes the directory, which is made when it is missing, for its owner alone. Does not wait.
    ///
    /// # Errors
    /// Another process owns it, or it cannot be written.
    pub fn take(folder: &Path) -> Result<Self, DirLockError> {
        let unusable = |error| DirLockError::Unusable { folder: folder.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(folder.join(LOCK)).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DirLockError::Held { folder: folder.to_owned(), process: written(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        write_down(&mut file).map_err(unusable)?;
        Ok(Self { folder: folder.to_owned(), _file: file })
    }

    /// The directory.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The id of the owner, for the message alone: the lock itself is the operating system's.
fn written(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_down(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
