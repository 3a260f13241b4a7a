//! The provider as a process of ours, and a listener that it may call.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use oidc::{Algorithm, ClientSecret, Issuer, NoEntropy, Provider, ProviderConfig};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

pub(crate) const BACK: &str = "https://keyward.example/sso/callback";
pub(crate) const OUT: &str = "https://keyward.example/signed-out";
const CLIENT: &str = "keyward";
const SECRET: &str = "a secret of the tests: long, with + and %";

/// Longest wait for what another process sends, in seconds.
const WAIT_S_MAX: u64 = 20;

/// A provider that runs until this is dropped.
pub(crate) struct Idp {
    child: Child,
    pub(crate) issuer: String,
}

impl Idp {
    pub(crate) fn start(environment: &[(&str, &str)]) -> Option<Self> {
        Self::start_with(None, environment)
    }

    /// Starts it, with the address that it is to call when a session ends; none where it is not installed.
    pub(crate) fn start_with(backchannel: Option<&str>, environment: &[(&str, &str)]) -> Option<Self> {
        let Some(script) = std::env::var_os("KEYWARD_IDP") else {
            assert!(std::env::var_os("CI").is_none(), "KEYWARD_IDP is not set: run `cargo xtask test`");
            eprintln!("skipped: KEYWARD_IDP is not set");
            return None;
        };
        let mut client = json!({
            "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [BACK],
            "post_logout_redirect_uris": [OUT],
        });
        if let Some(url) = backchannel {
            client["backchannel_logout_uri"] = json!(url);
            client["backchannel_logout_session_required"] = json!(true);
        }
        let mut command = Command::new("node");
        command.arg(script).env("KEYWARD_IDP_CLIENTS", json!([client]).to_string());
        command.envs(environment.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        let mut idp = Self { child, issuer: String::new() };
        let mut stdout = BufReader::new(stdout);
        stdout.read_line(&mut line).expect("a line");
        // A provider that cannot say what it says ends.
        thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let said: Value = serde_json::from_str(&line).expect("the provider says where it is");
        idp.issuer = said["issuer"].as_str().expect("an issuer").to_owned();
        Some(idp)
    }

    /// Our side of the agreement with it.
    pub(crate) fn provider(&self, claim: &str) -> Provider {
        Provider::new(ProviderConfig {
            issuer: Issuer::parse(&self.issuer).expect("an issuer"),
            client_id: CLIENT.to_owned(),
            client_secret: Some(ClientSecret::new(SECRET.to_owned())),
            scopes: vec!["email".to_owned(), "profile".to_owned()],
            claim: claim.to_owned(),
            algorithms: vec![Algorithm::Rs256],
        })
    }

    pub(crate) fn rotate_keys(&self) {
        let answer = ureq::post(format!("{}/rotate-keys", self.issuer)).send_empty().expect("rotated");
        assert_eq!(answer.status(), 204);
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        // It may have ended by itself; nothing else is to be done about it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes one logout token, as our server would.
pub(crate) struct Listener {
    address: SocketAddr,
    token: Receiver<String>,
}

impl Listener {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, token) = mpsc::channel();
        // Where nobody calls, this thread ends with the process of the test.
        thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            let body = receive(&stream);
            let form = form_urlencoded::parse(body.as_bytes());
            let found = form.into_owned().find(|(name, _)| name == "logout_token");
            sender.send(found.expect("a logout token").1).expect("the test waits");
        });
        Self { address, token }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/backchannel", self.address)
    }

    pub(crate) fn received(&self) -> String {
        self.token.recv_timeout(Duration::from_secs(WAIT_S_MAX)).expect("the provider calls us")
    }
}

fn receive(mut stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).expect("a request") <= 2 {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").expect("answered");
    String::from_utf8(body).expect("text")
}

pub(crate) fn random(bytes: &mut [u8]) -> Result<(), NoEntropy> {
    SystemRandom::new().fill(bytes).map_err(|_| NoEntropy)
}

/// The provider keeps real time, so these tests do.
#[expect(clippy::disallowed_methods, reason = "the provider is a process with a clock of its own")]
pub(crate) fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("before the end of time")
}
