//! Where a database file is, and whether it is still there.
//!
//! A file that was deleted or replaced while it is open can be written as before, on Unix: what is committed then is
//! gone when the process ends. So each transaction looks first whether the path still leads to the file.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::SqlError;

/// The path of an open database and the file that it led to.
pub(crate) struct Home {
    path: PathBuf,
    file: Option<(u64, u64)>,
}

impl Home {
    /// Makes the file where there is none, for its owner alone: it holds hashed passwords. What hinders this
    /// hinders SQLite next, which says it better.
    pub(crate) fn prepare(path: &Path) {
        drop(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path));
    }

    /// To be called once the database is open.
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: identity(path) }
    }

    /// Looks whether the path still leads to the file that was opened.
    pub(crate) fn check(&self) -> Result<(), SqlError> {
        if identity(&self.path) == self.file {
            return Ok(());
        }
        Err(SqlError::Unavailable(format!(
            "{} was deleted or replaced while it was in use: put it back, or stop the program and start it again",
            self.path.display()
        )))
    }
}

/// The device and the number of a file. It is not opened: closing it would end SQLite's locks on it.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}
