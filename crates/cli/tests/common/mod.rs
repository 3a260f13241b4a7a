//! What the tests of the program share: a folder of their own, a database of their own, a server.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod http;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A folder that goes away with the value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(what: &str) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("keyward-{what}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Where a test keeps its state: a folder, and on PostgreSQL a database of its own.
pub(crate) struct Place {
    pub(crate) folder: Folder,
    pub(crate) url: Option<String>,
}

impl Place {
    pub(crate) fn sqlite(what: &str) -> Self {
        Self { folder: Folder::new(what), url: None }
    }

    /// None, visibly, where no PostgreSQL is offered.
    pub(crate) fn postgres(what: &str) -> Option<Self> {
        let Ok(server) = std::env::var("KEYWARD_TEST_POSTGRES") else {
            eprintln!("skipped: KEYWARD_TEST_POSTGRES is not set");
            return None;
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("keyward_{what}_{}_{number}", std::process::id());
        // CREATE DATABASE cannot run inside a transaction, so it goes through the client program.
        let made =
            Command::new("psql").arg(&server).arg("-qc").arg(format!("CREATE DATABASE {name}")).status();
        assert!(made.expect("psql").success());
        let base = server.rsplit_once('/').expect("a url with a database").0.to_owned();
        Some(Self { folder: Folder::new(what), url: Some(format!("{base}/{name}")) })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.0.join("data")
    }

    /// The program with its place.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyward"));
        command.arg("--data").arg(self.data()).args(args).stdin(Stdio::null());
        if let Some(url) = &self.url {
            command.arg("--database-url").arg(url);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// Runs and expects exit status 0; what it printed.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// [`Self::run`] with something to read, such as a password.
    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Output {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut stdin = child.stdin.take().expect("its input");
        // A program that fails before it reads is told of by whoever looks at the output.
        drop(std::io::Write::write_all(&mut stdin, format!("{input}\n").as_bytes()));
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }

    /// [`Self::ok`] with something to read.
    pub(crate) fn ok_with(&self, args: &[&str], input: &str) -> String {
        let output = self.run_with(args, input);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    pub(crate) fn init(&self, account: &str, login: &str, password: &str) {
        let args = ["init", "--account", account, "--admin-login", login, "--admin-password-stdin"];
        let mut child =
            self.command(&args).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("init");
        let mut stdin = child.stdin.take().expect("its input");
        std::io::Write::write_all(&mut stdin, format!("{password}\n").as_bytes()).expect("a password");
        drop(stdin);
        assert!(child.wait().expect("init ends").success());
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }
}

/// A running server; it ends with the value.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let address =
            |line: &str| line.split_whitespace().find(|w| w.starts_with("http://")).map(str::to_owned);
        let url = lines.by_ref().map_while(Result::ok).find_map(|line| address(&line)).expect("an address");
        // Whatever else it says is read, so that it never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// SIGKILL, and gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Ends what runs until the flag is set, also when the test fails first: it would wait for ever for its threads.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The top of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}
