//! A PostgreSQL server that lives as long as this program.
//!
//! **Invariant:** the server and its folder are gone soon after the owner of a [`Cluster`] is,
//! however that ended. A small shell, the *watch*, holds the other end of a pipe from this program;
//! when the pipe closes (drop, panic, Ctrl-C, even SIGKILL) it stops the server and removes the
//! folder. It sits in a process group of its own, which Ctrl-C does not reach.

use std::env;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio, id};

use crate::server_programs::{ServerPrograms, is_root};
use crate::steps::{Failure, quietly};

/// The superuser of the cluster, and the system user that runs it when we are root.
const SUPERUSER: &str = "postgres";

/// How often another program may take the free port between our look and the start.
const START_ATTEMPTS_MAX: u32 = 5;

/// Longest folder that leaves room for the name of a socket: the system allows 104 bytes or more.
const FOLDER_BYTES_MAX: usize = 80;

/// Settings of the throw-away server.
///
/// `fsync` is off because what the tests kill is Keyward's own process, never PostgreSQL nor the
/// machine: a commit that PostgreSQL acknowledged survives that in the memory of the system.
/// `synchronous_commit` stays on, so an acknowledgement still follows the write of the log.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
fsync = off
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
";

/// A running throw-away server; stops when dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    port: u16,
    watch: Watch,
}

impl Cluster {
    /// Makes a cluster in a new folder and starts it on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// Quotes what the PostgreSQL programs said; nothing is left behind.
    pub(crate) fn start(programs: &ServerPrograms) -> Result<Self, Failure> {
        let user = ServerUser::of_this_process()?;
        let folder = new_folder(&user)?;
        let watch = Watch::over(folder, &user, programs)?;
        user.owns(&watch.folder)?;
        let data = watch.folder.join("data");
        quietly(&mut user.command(&watch.folder, &initdb(programs, &data)))?;
        append(&data, &format!("{SETTINGS}unix_socket_directories = {}\n", quoted_setting(&watch.folder)))?;
        let port = start_on_a_free_port(programs, &user, &watch.folder)?;
        Ok(Self { port, watch })
    }

    /// Where the server listens, with its superuser and first database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server and removes its folder; dropping does the same but can only warn.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        self.watch.end()
    }
}

fn initdb(programs: &ServerPrograms, data: &Path) -> Vec<String> {
    let mut words =
        vec![text(&programs.initdb()), "-D".to_owned(), text(data), "-U".to_owned(), SUPERUSER.to_owned()];
    words.extend(
        ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"].map(str::to_owned),
    );
    words
}

fn start_on_a_free_port(programs: &ServerPrograms, user: &ServerUser, folder: &Path) -> Result<u16, Failure> {
    let (data, log) = (folder.join("data"), folder.join("log"));
    let words = ["start", "-w", "-t", "60", "-D", &text(&data), "-l", &text(&log)].map(str::to_owned);
    let start: Vec<String> = std::iter::once(text(&programs.pg_ctl())).chain(words).collect();
    for _ in 0..START_ATTEMPTS_MAX {
        let port =
            free_port().map_err(|error| Failure::new(format!("no free port on 127.0.0.1: {error}")))?;
        // A later line of the file wins, so each attempt only adds one.
        append(&data, &format!("port = {port}\n"))?;
        let Err(failure) = quietly(&mut user.command(folder, &start)) else { return Ok(port) };
        let log = fs::read_to_string(&log).unwrap_or_default();
        if !log.contains("could not bind") {
            return Err(Failure::new(format!("{failure}The server's log:\n{log}")));
        }
    }
    Err(Failure::new(format!(
        "{START_ATTEMPTS_MAX} free ports of 127.0.0.1 were taken before PostgreSQL had them"
    )))
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn append(data: &Path, lines: &str) -> Result<(), Failure> {
    let file = data.join("postgresql.conf");
    let written =
        OpenOptions::new().append(true).open(&file).and_then(|mut open| open.write_all(lines.as_bytes()));
    written.map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display())))
}

/// A new folder that only its owner may enter, where `user` can reach it.
///
/// In the folder for temporary files; in `/tmp` where that one is too long for a socket or closed
/// to `user`, as root's own may be.
fn new_folder(user: &ServerUser) -> Result<PathBuf, Failure> {
    let usual = env::temp_dir();
    let reach = ["test", "-x", &text(&usual)].map(str::to_owned);
    let fits = usual.as_os_str().len() <= FOLDER_BYTES_MAX
        && quietly(&mut user.command(Path::new("/"), &reach)).is_ok();
    let parent = if fits { usual } else { PathBuf::from("/tmp") };
    for number in 0..1_000 {
        let folder = parent.join(format!("keyward-pg-{}-{number}", id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Failure::new(format!("cannot make {}: {error}", folder.display()))),
        }
    }
    Err(Failure::new(format!("{} is full of folders keyward-pg-{}-*: remove them", parent.display(), id())))
}

/// Who runs the server: PostgreSQL refuses to be run by root.
#[derive(Debug)]
enum ServerUser {
    Ourselves,
    /// The system user [`SUPERUSER`], through `runuser` where there is one, else `su`.
    System {
        runuser: bool,
    },
}

impl ServerUser {
    /// Makes the system user when we are root and there is none.
    fn of_this_process() -> Result<Self, Failure> {
        if !is_root() {
            return Ok(Self::Ourselves);
        }
        if quietly(Command::new("id").arg(SUPERUSER)).is_err() {
            println!("PostgreSQL does not run as root: adding the system user `{SUPERUSER}`");
            let options = ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SUPERUSER];
            quietly(Command::new("useradd").args(options))?;
        }
        Ok(Self::System { runuser: quietly(Command::new("runuser").arg("--version")).is_ok() })
    }

    fn owns(&self, folder: &Path) -> Result<(), Failure> {
        match self {
            Self::Ourselves => Ok(()),
            Self::System { .. } => quietly(Command::new("chown").arg(SUPERUSER).arg(folder)).map(drop),
        }
    }

    /// `words` as this user runs them.
    fn words(&self, words: &[String]) -> Vec<String> {
        let before: Vec<&str> = match self {
            Self::Ourselves => vec![],
            Self::System { runuser: true } => vec!["runuser", "-u", SUPERUSER, "--"],
            Self::System { runuser: false } => {
                let line = shell_line(words);
                return ["su", "-s", "/bin/sh", SUPERUSER, "-c", &line].map(str::to_owned).to_vec();
            }
        };
        before.into_iter().map(str::to_owned).chain(words.iter().cloned()).collect()
    }

    /// `words` as a command in `folder`; the current one may be closed to this user.
    fn command(&self, folder: &Path, words: &[String]) -> Command {
        let words = self.words(words);
        let mut command = Command::new(words.first().map_or("false", String::as_str));
        command.args(words.iter().skip(1)).current_dir(folder);
        command
    }
}

/// The shell that outlives this program by the time it takes to clean up.
#[derive(Debug)]
struct Watch {
    folder: PathBuf,
    shell: Child,
    ended: bool,
}

impl Watch {
    fn over(folder: PathBuf, user: &ServerUser, programs: &ServerPrograms) -> Result<Self, Failure> {
        let script = watch_script(&folder, user, programs);
        let shell = Command::new("sh")
            .args(["-c", &script])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn();
        match shell {
            Ok(shell) => Ok(Self { folder, shell, ended: false }),
            Err(error) => {
                // The folder is still empty; if it stays, that is all that stays.
                let _ = fs::remove_dir(&folder);
                Err(Failure::new(format!("cannot start `sh`: {error}")))
            }
        }
    }

    /// Closes the pipe and waits until the server is stopped and the folder removed.
    fn end(&mut self) -> Result<(), Failure> {
        if self.ended {
            return Ok(());
        }
        self.ended = true;
        // `wait` closes our end of the pipe first.
        let status =
            self.shell.wait().map_err(|error| Failure::new(format!("cannot wait for `sh`: {error}")))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("PostgreSQL did not stop: look into {}", self.folder.display())))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Err(failure) = self.end() {
            eprintln!("warning: {failure}");
        }
    }
}

/// Waits for the end of input, then stops the server that wrote `postmaster.pid`, if one did.
fn watch_script(folder: &Path, user: &ServerUser, programs: &ServerPrograms) -> String {
    let data = text(&folder.join("data"));
    let stop = |mode: &str| {
        let words = [&text(&programs.pg_ctl()), "stop", "-w", "-t", "30", "-D", &data, "-m", mode];
        shell_line(&user.words(&words.map(str::to_owned)))
    };
    let pid_file = shell_word(&format!("{data}/postmaster.pid"));
    format!(
        "cat >/dev/null\n\
         if [ -f {pid_file} ]; then {{ {fast} || {immediate}; }} </dev/null >/dev/null 2>&1 || exit 1; fi\n\
         rm -rf {folder}",
        fast = stop("fast"),
        immediate = stop("immediate"),
        folder = shell_word(&text(folder)),
    )
}

/// `words` as one line for `sh`.
fn shell_line(words: &[String]) -> String {
    words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ")
}

fn shell_word(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A path as a value in `postgresql.conf`.
fn quoted_setting(path: &Path) -> String {
    format!("'{}'", text(path).replace('\'', "''"))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_line_comes_out_as_the_words_that_went_in() {
        let words = ["printf", "%s\n", "it's", "a b", "$HOME", "\"q\"", ""].map(str::to_owned);
        let said = quietly(Command::new("sh").args(["-c", &shell_line(&words)])).expect("sh runs");
        assert_eq!(String::from_utf8_lossy(&said.stdout), "it's\na b\n$HOME\n\"q\"\n\n");
    }

    #[test]
    fn without_runuser_su_gets_one_line() {
        let words = ServerUser::System { runuser: false }.words(&["pg_ctl".to_owned(), "a b".to_owned()]);
        assert_eq!(words, ["su", "-s", "/bin/sh", "postgres", "-c", "'pg_ctl' 'a b'"]);
    }

    #[test]
    fn folders_are_new_and_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let (one, two) = (
            new_folder(&ServerUser::Ourselves).expect("one"),
            new_folder(&ServerUser::Ourselves).expect("two"),
        );
        assert_ne!(one, two);
        assert_eq!(fs::metadata(&one).expect("one is there").permissions().mode() & 0o777, 0o700);
        for folder in [one, two] {
            fs::remove_dir(folder).expect("it is empty");
        }
    }
}
