//! The identity provider of the tests: `xtask/idp`, installed below `target/`.

use std::path::PathBuf;
use std::process::Command;

use crate::npm::install_packages;
use crate::server_programs::{apt_get_command, install};
use crate::steps::{Failure, quietly};

/// Tells the tests where the provider is.
pub(crate) const IDP: &str = "KEYWARD_IDP";

/// The oldest Node.js that the provider runs on, a major version.
const NODE_VERSION_MIN: u32 = 20;

/// The provider, beside what it needs of npm.
const PROGRAM: &str = "idp.mjs";

const HOW_TO_INSTALL: &str = "Install Node.js, version 20 or newer, with npm, and run this again:
  Debian 13, Ubuntu: sudo apt-get install nodejs npm
  Fedora:            sudo dnf install nodejs
  macOS:             brew install node
It runs the identity provider that the tests of single sign-on sign in at, and measures pages.";

/// Makes sure that the provider can be started, and says where it is: the path of its `idp.mjs`.
///
/// # Errors
///
/// Tells what to install when this program may not, and when `npm` fails.
pub(crate) fn install_idp() -> Result<PathBuf, Failure> {
    node()?;
    Ok(install_packages("idp", &[PROGRAM])?.join(PROGRAM))
}

/// Makes sure that Node.js and npm are there, new enough.
///
/// # Errors
///
/// Tells what to install when this program may not.
pub(crate) fn node() -> Result<(), Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npm::{FILES, LOCK_FILE};
    use crate::steps::repository;
    use std::fs;

    #[test]
    fn version_is_read_from_what_node_says() {
        assert_eq!(major_version("v20.20.2\n"), Some(20));
        assert_eq!(major_version("v9.0.0"), Some(9));
        assert_eq!(major_version("nodejs"), None);
    }

    #[test]
    fn the_lock_file_names_no_host_and_every_file_is_there() {
        let folder = repository().join("xtask/idp");
        for name in FILES.into_iter().chain([PROGRAM]) {
            let text = fs::read_to_string(folder.join(name)).expect(name);
            assert!(name != LOCK_FILE || !text.contains("://"), "{name} names a host");
        }
    }
}
