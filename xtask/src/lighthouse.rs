//! `cargo xtask lighthouse`: how fast and how well made the pages are, as Google's Lighthouse sees them.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

use crate::browser::chromium;
use crate::idp::node;
use crate::npm::install_packages;
use crate::steps::{Failure, Outcome, Steps, cargo, exit_code, quietly, repository};

/// What runs Lighthouse, beside what it needs of npm.
const PROGRAM: &str = "lighthouse.mjs";

/// Measures the pages of a release server with Lighthouse and prints a table; nothing passes or fails
///
/// Builds the program, serves the demo company from a temporary folder, signs in as its administrator, and opens the
/// pages in Chromium without a window: as on a desk, and as on a phone with a slow processor and a slow network.
/// Bytes are those that came over the wire, of the page alone and with everything that it loads. Below the table
/// are the audits that each score under 95 failed; the whole reports are in target/lighthouse/reports.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How often each page is measured; the middle figures are printed
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: u32,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let mut steps = Steps::default();
    let chromium = steps.step("finding Chromium", chromium)?;
    let folder = steps.step("installing Lighthouse", || {
        node()?;
        install_packages("lighthouse", &[PROGRAM])
    })?;
    let built = steps.step("cargo build --release -p keyward", || {
        exit_code(cargo().args(["build", "--release", "-p", "keyward"]))
    })?;
    if built != 0 {
        return Ok(ExitCode::from(built));
    }
    let reports = folder.join("reports");
    fs::create_dir_all(&reports)
        .map_err(|error| Failure::new(format!("cannot make the folder {}: {error}", reports.display())))?;
    let demo = steps.step("serving the demo company", || Demo::serve(&built_program()))?;
    let measured = steps.step("measuring", || {
        let mut lighthouse = Command::new("node");
        lighthouse.arg(folder.join(PROGRAM)).arg(&demo.told.address).arg(&chromium);
        lighthouse.args([&demo.told.login, &demo.told.password]).arg(&reports).arg(args.runs.to_string());
        exit_code(lighthouse.stdin(Stdio::null()))
    })?;
    Ok(ExitCode::from(measured))
}

fn built_program() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), Into::into);
    target.join("release/keyward")
}

/// What a server says of the demo company when it starts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// Where it is served: `http://HOST:PORT`.
    address: String,
    /// The first administrator, with the account before it.
    login: String,
    password: String,
}

impl Told {
    /// Reads until the address has been said, which comes last; none where something was left out.
    fn read(lines: impl Iterator<Item = String>) -> Option<Self> {
        let mut told = Self::default();
        for line in lines {
            if let Some((_, password)) = line.split_once("all with the password ") {
                password.trim_end_matches(':').clone_into(&mut told.password);
            } else if let Some(login) = line.strip_suffix(" administrator").filter(|_| told.login.is_empty())
            {
                login.trim().clone_into(&mut told.login);
            } else if let Some(address) = line.strip_prefix("Keyward serves ") {
                address.clone_into(&mut told.address);
                return (!told.login.is_empty() && !told.password.is_empty()).then_some(told);
            }
        }
        None
    }
}

/// The demo company, served; the server ends and the folder goes with the value.
struct Demo {
    folder: PathBuf,
    server: Child,
    told: Told,
    /// What it prints: kept open, so that it can go on printing.
    _printed: Option<Lines<BufReader<ChildStdout>>>,
}

impl Demo {
    fn serve(program: &Path) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("keyward-lighthouse-{}", std::process::id()));
        let keyward = || {
            let mut command = Command::new(program);
            command.arg("--data").arg(&folder).stdin(Stdio::null());
            command
        };
        let mut serve = keyward();
        serve.args(["serve", "--demo", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        let server = serve.stderr(Stdio::null()).spawn();
        let server = server.map_err(|error| Failure::new(format!("cannot start keyward: {error}")))?;
        let mut demo = Self { folder: folder.clone(), server, told: Told::default(), _printed: None };
        let mut lines = demo.server.stdout.take().map(|out| BufReader::new(out).lines());
        let told = lines.as_mut().and_then(|lines| Told::read(lines.map_while(Result::ok)));
        demo.told = told.ok_or_else(|| Failure::new("the server did not say where and how to sign in"))?;
        demo._printed = lines;
        // A role that can be edited: the demo has built-in ones alone.
        let role = ["role", "create", "night_shift", "ORDER_VIEW", "ORDER_UPDATE", "--label", "Night shift"];
        quietly(keyward().args(["--account", demo.account()]).args(role))?;
        Ok(demo)
    }

    fn account(&self) -> &str {
        self.told.login.split_once('/').map_or("", |(account, _)| account)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npm::{FILES, LOCK_FILE};

    fn told(text: &str) -> Option<Told> {
        Told::read(text.lines().map(str::to_owned))
    }

    #[test]
    fn the_first_administrator_signs_in() {
        let head = "Demo sign-ins, all with the password one two three:\n  account a (A)\n";
        let logins = "    a/admin@a.example        administrator\n    a/ann@a.example     administrator of little\n    b/admin@b.example  administrator\n";
        let whole = told(&format!("{head}{logins}Keyward serves http://127.0.0.1:99\nmore"));
        let expected = Told {
            address: "http://127.0.0.1:99".into(),
            login: "a/admin@a.example".into(),
            password: "one two three".into(),
        };
        assert_eq!(whole, Some(expected));
        assert_eq!(told(&format!("{head}{logins}")), None);
        assert_eq!(told("Keyward serves http://127.0.0.1:99"), None);
    }

    #[test]
    fn the_lock_file_names_no_host_and_every_file_is_there() {
        let folder = repository().join("xtask/lighthouse");
        for name in FILES.into_iter().chain([PROGRAM]) {
            let text = fs::read_to_string(folder.join(name)).expect(name);
            assert!(name != LOCK_FILE || !text.contains("://"), "{name} names a host");
        }
    }
}
