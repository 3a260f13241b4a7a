//! Packages of npm that the tests need: a folder of `xtask`, installed below `target/` by its lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps::{Failure, exit_code, repository};

pub(crate) const LOCK_FILE: &str = "package-lock.json";

/// What every such folder holds besides files of its own. The lock file decides whether it is installed anew.
pub(crate) const FILES: [&str; 3] = [LOCK_FILE, "package.json", ".npmrc"];

/// A copy of the lock file, written when everything in it was installed.
const STAMP: &str = ".installed";

/// Installs `xtask/NAME`, with files of its own beside the package's, into `target/NAME`, unless the lock file says that
/// it was done; where that is. `npm` must be there.
///
/// # Errors
///
/// Folders that cannot be written, and when `npm` fails.
pub(crate) fn install_packages(name: &str, own: &[&str]) -> Result<PathBuf, Failure> {
    let (from, to) = (repository().join("xtask").join(name), repository().join("target").join(name));
    copy(&from, &to, own)?;
    if is_installed(&to) {
        println!("Found it in {}", to.display());
        return Ok(to);
    }
    npm_ci(&to)?;
    let stamp = fs::copy(to.join(LOCK_FILE), to.join(STAMP));
    stamp.map_err(|error| Failure::new(format!("cannot write {}: {error}", to.join(STAMP).display())))?;
    Ok(to)
}

/// Copies the folder's own files; what `npm` made beside them stays.
fn copy(from: &Path, to: &Path, own: &[&str]) -> Result<(), Failure> {
    fs::create_dir_all(to)
        .map_err(|error| Failure::new(format!("cannot make the folder {}: {error}", to.display())))?;
    for name in FILES.iter().chain(own) {
        fs::copy(from.join(name), to.join(name)).map_err(|error| {
            Failure::new(format!("cannot copy {} to {}: {error}", from.join(name).display(), to.display()))
        })?;
    }
    Ok(())
}

/// Whether what the lock file names was installed completely.
fn is_installed(folder: &Path) -> bool {
    let stamp = fs::read(folder.join(STAMP)).ok();
    stamp.is_some() && stamp == fs::read(folder.join(LOCK_FILE)).ok()
}

fn npm_ci(folder: &Path) -> Result<(), Failure> {
    let mut command = Command::new("npm");
    command.args(["ci", "--prefer-offline"]).current_dir(folder).stdin(Stdio::null());
    if exit_code(&mut command)? == 0 {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`npm ci` failed in {}: it needs the packages of {LOCK_FILE}, from npm's cache or its registry",
        folder.display()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_counts_as_installed_for_its_own_lock_file_alone() {
        let folder = std::env::temp_dir().join(format!("keyward-npm-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
        assert!(!is_installed(&folder));
        write(LOCK_FILE, "1");
        assert!(!is_installed(&folder));
        write(STAMP, "1");
        assert!(is_installed(&folder));
        write(LOCK_FILE, "2");
        assert!(!is_installed(&folder));
        fs::remove_dir_all(&folder).expect("removed");
    }
}
