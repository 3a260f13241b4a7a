//! Where the PostgreSQL server programs are, and how they get onto the machine.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps::{Failure, exit_code, quietly};

/// The oldest PostgreSQL that Keyward works with, a major version.
const VERSION_MIN: u32 = 15;

/// The programs that a throw-away server needs; they must stand in one folder.
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Folders whose children named `PREFIX...` hold `SUFFIX/initdb` where packages put it.
const PACKAGE_FOLDERS: [(&str, &str, &str); 5] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

const HOW_TO_INSTALL: &str = "Install the PostgreSQL server, version 15 or newer, and run this again:
  Debian, Ubuntu:  sudo apt-get install postgresql
  Fedora:          sudo dnf install postgresql-server
  macOS:           brew install postgresql@17
Only its programs (initdb, pg_ctl, postgres) are used; no server of yours is touched.";

/// The server programs of one PostgreSQL installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerPrograms {
    folder: PathBuf,
    version: u32,
}

impl ServerPrograms {
    pub(crate) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(crate) fn pg_ctl(&self) -> PathBuf {
        self.folder.join("pg_ctl")
    }

    /// What stands in `folder`, if all programs do and say their version.
    /// The folder of the programs; the client program `psql` is there too, where it is not on PATH.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        if !NEEDED.iter().all(|name| folder.join(name).is_file()) {
            return None;
        }
        let said = quietly(Command::new(folder.join("postgres")).arg("--version")).ok()?;
        let version = major_version(&String::from_utf8_lossy(&said.stdout))?;
        Some(Self { folder: folder.to_path_buf(), version })
    }
}

impl fmt::Display for ServerPrograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {} ({})", self.version, self.folder.display())
    }
}

/// The server programs on this machine; installs Debian's when there are none and it may.
///
/// # Errors
///
/// Tells what to install when this program may not, or when what is there is too old.
pub(crate) fn find_or_install() -> Result<ServerPrograms, Failure> {
    if let Ok(programs) = find() {
        println!("Found {programs}");
        return Ok(programs);
    }
    let Some(apt_get) = apt_get_command() else {
        return find();
    };
    println!("PostgreSQL is missing and this is a Debian-like system: installing the package `postgresql`.");
    println!("The package may start a server of its own; the tests do not use that one.");
    install(&apt_get, "postgresql", HOW_TO_INSTALL)?;
    find()
}

/// Makes sure that `curl` is there: the tour of the README, which a test pastes into a shell, calls it.
///
/// # Errors
///
/// Tells what to install when this program may not.
pub(crate) fn curl() -> Result<(), Failure> {
    const HOW: &str = "Install curl: the package `curl` of your system.";
    let there = || quietly(Command::new("curl").arg("--version")).is_ok();
    if there() {
        return Ok(());
    }
    let apt_get = apt_get_command().ok_or_else(|| Failure::new(format!("`curl` is missing. {HOW}")))?;
    println!("curl is missing and this is a Debian-like system: installing the package `curl`.");
    install(&apt_get, "curl", HOW)?;
    if there() { Ok(()) } else { Err(Failure::new(format!("`curl` does not work. {HOW}"))) }
}

/// Installs one Debian package.
pub(crate) fn install(apt_get: &[&str], package: &str, how: &str) -> Result<(), Failure> {
    for arguments in [&["update"][..], &["install", "-y", "--no-install-recommends", package]] {
        let [program, before @ ..] = apt_get else { continue };
        let mut command = Command::new(program);
        command.args(before).args(arguments).stdin(Stdio::null());
        println!("==> {} {}", apt_get.join(" "), arguments.join(" "));
        if exit_code(&mut command)? != 0 {
            return Err(Failure::new(format!("`apt-get {}` failed. {how}", arguments.join(" "))));
        }
    }
    Ok(())
}

/// The first installation that is new enough.
fn find() -> Result<ServerPrograms, Failure> {
    let found: Vec<_> = folders().iter().filter_map(|folder| ServerPrograms::in_folder(folder)).collect();
    choose(&found).cloned()
}

/// The first of `found` that is new enough, or what is missing.
fn choose(found: &[ServerPrograms]) -> Result<&ServerPrograms, Failure> {
    found.iter().find(|programs| programs.version >= VERSION_MIN).ok_or_else(|| {
        let seen = match found {
            [] => "no PostgreSQL server programs found (initdb, pg_ctl, postgres).".to_owned(),
            [first, ..] => format!("found only {first}, too old: version {VERSION_MIN} is needed."),
        };
        Failure::new(format!("{seen}\n{HOW_TO_INSTALL}"))
    })
}

/// Where to look: PATH first, then where packages put it, newest first.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    for (parent, prefix, suffix) in PACKAGE_FOLDERS {
        let mut names: Vec<String> = fs::read_dir(parent)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with(prefix))
            .collect();
        names.sort_by_key(|name| std::cmp::Reverse(first_number(name)));
        folders.extend(names.iter().map(|name| Path::new(parent).join(name).join(suffix)));
    }
    folders
}

/// The major version in what `postgres --version` says: `postgres (PostgreSQL) 15.14 (Debian ...)`.
fn major_version(said: &str) -> Option<u32> {
    first_number(said.strip_prefix("postgres (PostgreSQL)")?)
}

/// The first run of digits in `text`.
fn first_number(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// How to call `apt-get` here without a question, if there is one and we may.
pub(crate) fn apt_get_command() -> Option<Vec<&'static str>> {
    quietly(Command::new("apt-get").arg("--version")).ok()?;
    if is_root() {
        return Some(vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    quietly(Command::new("sudo").args(["-n", "true"])).ok()?;
    Some(vec!["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
}

/// Whether this program runs as root.
pub(crate) fn is_root() -> bool {
    quietly(Command::new("id").arg("-u")).is_ok_and(|said| said.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(version: u32) -> ServerPrograms {
        ServerPrograms { folder: PathBuf::from("/somewhere/bin"), version }
    }

    #[test]
    fn version_is_read_from_what_packages_say() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 17.2 (Homebrew)\n"), Some(17));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("something else 15"), None);
    }

    #[test]
    fn folders_are_ordered_by_number_not_by_letter() {
        assert!(first_number("9") < first_number("15"));
        assert_eq!(first_number("postgresql@17"), Some(17));
        assert_eq!(first_number("latest"), None);
    }

    #[test]
    fn the_first_that_is_new_enough_is_chosen() {
        assert_eq!(choose(&[programs(13), programs(16), programs(17)]), Ok(&programs(16)));
    }

    #[test]
    fn nothing_and_too_old_say_what_to_install() {
        let nothing = choose(&[]).expect_err("nothing there").to_string();
        let old = choose(&[programs(13)]).expect_err("13 is too old").to_string();
        assert!(old.contains("PostgreSQL 13 (/somewhere/bin), too old"), "{old}");
        for text in [nothing, old] {
            for system in ["Debian, Ubuntu:", "Fedora:", "macOS:"] {
                assert!(text.contains(system), "{text}");
            }
        }
    }
}
