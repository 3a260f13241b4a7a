//! The browser of the tests, Chromium with its driver, and the rules of accessibility that pages are held to.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::npm::install_packages;
use crate::server_programs::{apt_get_command, install};
use crate::steps::{Failure, quietly};

/// Tells the tests where the driver of the browser is.
pub(crate) const CHROMEDRIVER: &str = "KEYWARD_CHROMEDRIVER";

/// Tells the tests where `axe.min.js` is.
pub(crate) const AXE: &str = "KEYWARD_AXE";

/// What the browser is called, and Debian's package of it. The driver finds it under the same names.
const BROWSER: ([&str; 4], &str) =
    (["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], "chromium");

/// Where macOS keeps it, not on PATH.
const BROWSER_OF_MACOS: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// What the driver is called, and Debian's package of it.
const DRIVER: ([&str; 1], &str) = (["chromedriver"], "chromium-driver");

const HOW_TO_INSTALL: &str = "Install Chromium and its driver, of one version, and run this again:
  Debian:  sudo apt-get install chromium chromium-driver
  Fedora:  sudo dnf install chromium chromedriver
  macOS:   brew install --cask google-chrome chromedriver
Tests open the pages in it, without a window and with a profile of their own.";

/// Makes sure that there is a browser that tests can drive, and says where its driver is.
///
/// # Errors
///
/// Tells what to install when this program may not.
pub(crate) fn chromedriver() -> Result<PathBuf, Failure> {
    chromium()?;
    if let Some(driver) = driver() {
        return Ok(driver);
    }
    install_missing("`chromedriver`", DRIVER.1)?;
    driver().ok_or_else(|| Failure::new(format!("`chromedriver` does not work.\n{HOW_TO_INSTALL}")))
}

/// Makes sure that there is a browser, and says where.
///
/// # Errors
///
/// Tells what to install when this program may not.
pub(crate) fn chromium() -> Result<PathBuf, Failure> {
    if let Some(browser) = browser() {
        return Ok(browser);
    }
    install_missing("`chromium`", BROWSER.1)?;
    browser().ok_or_else(|| Failure::new(format!("`chromium` does not work.\n{HOW_TO_INSTALL}")))
}

/// Makes sure that the rules of accessibility are there, npm's `axe-core`, and says where. `npm` must be there.
///
/// # Errors
///
/// As [`install_packages`].
pub(crate) fn axe() -> Result<PathBuf, Failure> {
    let file = install_packages("axe", &[])?.join("node_modules/axe-core/axe.min.js");
    if file.is_file() { Ok(file) } else { Err(Failure::new(format!("there is no {}", file.display()))) }
}

fn install_missing(what: &str, package: &str) -> Result<(), Failure> {
    let missing = || Failure::new(format!("{what} is missing.\n{HOW_TO_INSTALL}"));
    let apt_get = apt_get_command().ok_or_else(missing)?;
    println!("{what} is missing and this is a Debian-like system: installing the package `{package}`.");
    install(&apt_get, package, HOW_TO_INSTALL)
}

fn browser() -> Option<PathBuf> {
    let of_macos = Path::new(BROWSER_OF_MACOS);
    found(&BROWSER.0).or_else(|| of_macos.is_file().then(|| of_macos.to_path_buf()))
}

fn driver() -> Option<PathBuf> {
    found(&DRIVER.0)
}

/// The first program on PATH that has one of the names and says its version.
fn found(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let named = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let (program, said) = named.filter(|file| file.is_file()).find_map(|file| {
        let said = quietly(Command::new(&file).arg("--version")).ok()?;
        Some((file, String::from_utf8_lossy(&said.stdout).into_owned()))
    })?;
    println!("Found {} ({})", said.lines().next().unwrap_or_default().trim(), program.display());
    Some(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::repository;
    use std::fs;

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        assert_eq!(found(&["keyward-no-such-program"]), None);
    }

    #[test]
    fn the_rules_are_of_one_version_and_their_lock_file_names_no_host() {
        let folder = repository().join("xtask/axe");
        let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
        assert!(!read("package-lock.json").contains("://"));
        let package = read("package.json");
        let (_, version) = package.split_once("\"axe-core\": \"").expect("the package");
        assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{package}");
        assert!(folder.join(".npmrc").is_file());
    }
}
