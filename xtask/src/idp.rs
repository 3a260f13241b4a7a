//! The identity provider of the tests: `xtask/idp`, installed below `target/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::server_programs::{apt_get_command, install};
use crate::steps::{Failure, exit_code, quietly, repository};

/// Tells the tests where the provider is.
pub(crate) const IDP: &str = "KEYWARD_IDP";

/// The oldest Node.js that the provider runs on, a major version.
const NODE_VERSION_MIN: u32 = 20;

/// The files of the provider. The lock file decides whether it is installed anew.
const FILES: [&str; 4] = [LOCK_FILE, "package.json", ".npmrc", "idp.mjs"];
const LOCK_FILE: &str = "package-lock.json";

/// A copy of the lock file, written when everything in it was installed.
const STAMP: &str = ".installed";

const HOW_TO_INSTALL: &str = "Install Node.js, version 20 or newer, with npm, and run this again:
  Debian 13, Ubuntu: sudo apt-get install nodejs npm
  Fedora:            sudo dnf install nodejs
  macOS:             brew install node
It runs the identity provider that the tests of single sign-on sign in at.";

/// Makes sure that the provider can be started, and says where it is: the path of its `idp.mjs`.
///
/// # Errors
///
/// Tells what to install when this program may not, and when `npm` fails.
pub(crate) fn install_idp() -> Result<PathBuf, Failure> {
    node()?;
    let (from, to) = (repository().join("xtask/idp"), repository().join("target/idp"));
    copy(&from, &to)?;
    if is_installed(&to) {
        println!("Found it in {}", to.display());
    } else {
        npm_ci(&to)?;
        let stamp = fs::copy(to.join(LOCK_FILE), to.join(STAMP));
        stamp.map_err(|error| Failure::new(format!("cannot write {}: {error}", to.join(STAMP).display())))?;
    }
    Ok(to.join("idp.mjs"))
}

/// Makes sure that Node.js and npm are there, new enough.
fn node() -> Result<(), Failure> {
    if node_version().is_none() || !npm_is_there() {
        let apt_get = apt_get_command()
            .ok_or_else(|| Failure::new(format!("`node` or `npm` is missing.\n{HOW_TO_INSTALL}")))?;
        println!("Node.js is missing and this is a Debian-like system: installing `nodejs` and `npm`.");
        for package in ["nodejs", "npm"] {
            install(&apt_get, package, HOW_TO_INSTALL)?;
        }
    }
    match node_version() {
        Some(version) if version >= NODE_VERSION_MIN && npm_is_there() => Ok(()),
        Some(version) if version < NODE_VERSION_MIN => Err(Failure::new(format!(
            "found only Node.js {version}, too old: version {NODE_VERSION_MIN} is needed.\n{HOW_TO_INSTALL}"
        ))),
        _ => Err(Failure::new(format!("`node` or `npm` does not work.\n{HOW_TO_INSTALL}"))),
    }
}

fn node_version() -> Option<u32> {
    let said = quietly(Command::new("node").arg("--version")).ok()?;
    major_version(&String::from_utf8_lossy(&said.stdout))
}

/// The major version in what `node --version` says: `v20.20.2`.
fn major_version(said: &str) -> Option<u32> {
    said.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn npm_is_there() -> bool {
    quietly(Command::new("npm").arg("--version")).is_ok()
}

/// Copies the provider's own files; what `npm` made beside them stays.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)
        .map_err(|error| Failure::new(format!("cannot make the folder {}: {error}", to.display())))?;
    for name in FILES {
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
    fn version_is_read_from_what_node_says() {
        assert_eq!(major_version("v20.20.2\n"), Some(20));
        assert_eq!(major_version("v9.0.0"), Some(9));
        assert_eq!(major_version("nodejs"), None);
    }

    #[test]
    fn a_folder_counts_as_installed_for_its_own_lock_file_alone() {
        let folder = std::env::temp_dir().join(format!("keyward-idp-{}", std::process::id()));
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

    #[test]
    fn the_lock_file_names_no_host_and_every_file_is_there() {
        let folder = repository().join("xtask/idp");
        for name in FILES {
            let text = fs::read_to_string(folder.join(name)).expect(name);
            assert!(name != LOCK_FILE || !text.contains("://"), "{name} names a host");
        }
    }
}
