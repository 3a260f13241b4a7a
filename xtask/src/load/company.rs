//! The company that is asked about, and the server that answers.

use crate::steps::{Failure, quietly};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SITES: usize = 10;
const STORES: usize = 500;
const USERS: usize = 1_000;
const LOGIN: &str = "ann@load.example";
const PASSWORD: &str = "load of questions";
/// `ann@load.example:load of questions` in base64.
const CREDENTIAL: &str = "YW5uQGxvYWQuZXhhbXBsZTpsb2FkIG9mIHF1ZXN0aW9ucw==";

/// A served company; the server ends and the folder goes with the value.
pub(super) struct Company {
    folder: PathBuf,
    server: Child,
    address: SocketAddr,
}

impl Company {
    pub(super) fn make(program: &Path) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("keyward-load-{}", std::process::id()));
        let made =
            write_files(&folder).map_err(|e| Failure::new(format!("cannot write {}: {e}", folder.display())));
        made?;
        let data = folder.join("data");
        let keyward = || {
            let mut command = Command::new(program);
            command.arg("--data").arg(&data);
            command
        };
        let mut init = keyward();
        init.args(["init", "--account", "load", "--admin-login", LOGIN, "--admin-password-stdin"]);
        let mut child = init.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().map_err(started)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(PASSWORD.as_bytes()).map_err(started)?;
        }
        child.wait().map_err(started)?;
        quietly(keyward().args(["import", "--mapping"]).arg(folder.join("map.toml")).arg(&folder))?;
        let mut serve = keyward();
        serve.args(["serve", "--listen", "127.0.0.1:0", "--bench-floor"]);
        let mut server = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(started)?;
        let address = server.stdout.take().and_then(|out| {
            let line = BufReader::new(out).lines().next()?.ok()?;
            line.split("http://").nth(1)?.trim().parse().ok()
        });
        let address = address.ok_or_else(|| Failure::new("the server did not say its address"))?;
        Ok(Self { folder, server, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn credential(&self) -> &'static str {
        CREDENTIAL
    }

    /// Single questions, different ones in turn.
    pub(super) fn questions(&self) -> Vec<String> {
        let question = |i: usize| {
            format!(
                r#"{{"subject":{{"type":"user","id":"u{}@load.example"}},"action":{{"name":"FULFILMENT_UPDATE"}},"resource":{}}}"#,
                i * 37 % USERS,
                place(i * 53)
            )
        };
        (0..2_000).map(question).collect()
    }

    /// Batches with subject and action at the top and `size` places below.
    pub(super) fn batches(&self, size: usize) -> Vec<String> {
        let batch = |b: usize| {
            let places: Vec<String> =
                (0..size).map(|i| format!(r#"{{"resource":{}}}"#, place(b * 31 + i * 7))).collect();
            format!(
                r#"{{"subject":{{"type":"user","id":"u{}@load.example"}},"action":{{"name":"FULFILMENT_UPDATE"}},"evaluations":[{}]}}"#,
                b * 37 % USERS,
                places.join(",")
            )
        };
        (0..20).map(batch).collect()
    }

    /// Seconds of processor time that the server has used; 0 where the system does not say.
    pub(super) fn server_seconds(&self) -> f64 {
        const TICKS_A_SECOND: f64 = 100.0;
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.server.id())).unwrap_or_default();
        // Behind the name in parentheses: state is field 3, user and system time are fields 14 and 15.
        let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let ticks: f64 = fields.skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
        ticks / TICKS_A_SECOND
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is called by map_err, which hands the error over")]
fn started(error: std::io::Error) -> Failure {
    Failure::new(format!("cannot start keyward: {error}"))
}

fn site(store: usize) -> usize {
    store % SITES
}

fn place(seed: usize) -> String {
    let store = seed % STORES;
    format!(
        r#"{{"type":"fulfilment","id":"f{seed}","properties":{{"retailer":"site-{}","location":"store-{store}","channel":"web"}}}}"#,
        site(store)
    )
}

fn write_files(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let (mut stores, mut users) = ("ref,site\n".to_owned(), "login,site,store\n".to_owned());
    for store in 0..STORES {
        stores += &format!("store-{store},site-{}\n", site(store));
    }
    for user in 0..USERS {
        let store = user * 13 % STORES;
        users += &format!("u{user}@load.example,site-{},store-{store}\n", site(store));
    }
    std::fs::write(folder.join("stores.csv"), stores)?;
    std::fs::write(folder.join("users.csv"), users)?;
    std::fs::write(folder.join("map.toml"), MAPPING)
}

const MAPPING: &str = r#"
[[retailers]]
file = "stores.csv"
ref = "{site}"
name = "{site}"

[[channels]]
file = "stores.csv"
retailer = "{site}"
ref = "web"
name = "Web"

[[locations]]
file = "stores.csv"
retailer = "{site}"
ref = "{ref}"
name = "{ref}"
kind = "store"

[[users]]
file = "users.csv"
login = "{login}"
name = "{login}"

[[grants]]
file = "users.csv"
login = "{login}"
role = "vendor"
retailers = ["{site}"]
locations = ["{store}"]
channels = "*"

[[grants]]
file = "users.csv"
login = "{login}"
role = "customer_service"
retailers = ["{site}"]
locations = "*"
channels = "*"
"#;
