//! A server on a data directory: who owns it, its local socket, and its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use server::{
    Client, ClientError, DirLock, DirLockError, Proxies, Running, SOCKET, ServeError, ServeOptions,
};
use service::ops::{AccessOp, AccountOp, InitOp, Op, Request};
use service::{SignInOptions, Target};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const ADMIN: &str = "admin@shop.example";

/// A directory that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("keyward-server-{}-{count}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn options(target: Target) -> ServeOptions {
    ServeOptions {
        target,
        socket_folder: None,
        listen: ([127, 0, 0, 1], 0).into(),
        base_url: None,
        sign_in: SignInOptions::default(),
        proxies: Proxies::default(),
        bench_floor: false,
    }
}

fn start(folder: &Path) -> Running {
    server::start(&options(Target::Directory(folder.to_owned())), |_| Ok(())).unwrap()
}

fn init() -> Request {
    let op = InitOp { name: None, admin_login: ADMIN.into(), password: Some("correct horse battery".into()) };
    Request { account: Some("shop".into()), op: Op::Init(op) }
}

fn what_can(user: &str) -> Request {
    Request { account: None, op: Op::Access(AccessOp::WhatCan { user: user.into() }) }
}

fn quiet(_: &str, _: u64, _: u64) {}

/// What a plain HTTP/1.1 client reads for a GET.
fn http(server: &Running, path: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn requests_go_over_the_socket_and_come_back() {
    let folder = Folder::new();
    let server = start(&folder.0);
    let mut client = Client::connect(&folder.0).unwrap();
    let made = client.call(&init(), &mut quiet).unwrap();
    assert_eq!(made.json["account"], "shop");
    // The same connection, and what the one before did.
    let reply = client.call(&what_can(ADMIN), &mut quiet).unwrap();
    assert!(reply.exit == 0 && reply.text.contains("client_admin"), "{}", reply.text);
    let refused = client.call(&what_can("nobody"), &mut quiet).unwrap_err();
    let ClientError::Refused { fault, message } = &refused else { panic!("{refused}") };
    assert!(fault == "invalid" && message.contains("nobody"), "{fault}: {message}");
    assert!(client.call(&what_can(ADMIN), &mut quiet).is_ok(), "an error does not end the connection");
    server.stop();
}

#[test]
fn a_line_that_is_no_request_is_told_so_and_the_next_is_served() {
    let folder = Folder::new();
    let server = start(&folder.0);
    let mut stream = BufReader::new(UnixStream::connect(folder.0.join(SOCKET)).unwrap());
    let mut say = |line: &str| {
        stream.get_mut().write_all(line.as_bytes()).unwrap();
        // In two parts, as a slow writer would.
        std::thread::sleep(Duration::from_millis(250));
        stream.get_mut().write_all(b"\n").unwrap();
        let mut answer = String::new();
        stream.read_line(&mut answer).unwrap();
        answer
    };
    let answer = say("{\"op\": 7}");
    assert!(
        answer.starts_with(r#"{"error":{"fault":"invalid","message":"the request cannot be read"#),
        "{answer}"
    );
    let list = serde_json::to_string(&Request { account: None, op: Op::Account(AccountOp::List) }).unwrap();
    let answer = say(&list);
    assert!(answer.starts_with(r#"{"reply":{"#), "{answer}");
    server.stop();
}

#[test]
fn the_socket_is_its_owners_alone() {
    let folder = Folder::new();
    let server = start(&folder.0);
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.0.join(SOCKET)), mode(folder.0.clone())), (0o600, 0o700));
    server.stop();
}

#[test]
fn a_second_server_is_refused_and_told_who_owns_the_directory() {
    let folder = Folder::new();
    let server = start(&folder.0);
    let second = server::start(&options(Target::Directory(folder.0.clone())), |_| Ok(())).unwrap_err();
    assert!(matches!(&second, ServeError::Directory(DirLockError::Held { .. })), "{second}");
    let told = second.to_string();
    assert!(
        told.contains(&std::process::id().to_string()) && told.contains(folder.0.to_str().unwrap()),
        "{told}"
    );
    // The first one is not disturbed.
    assert!(Client::connect(&folder.0).is_ok());
    server.stop();
    DirLock::take(&folder.0).unwrap();
}

#[test]
fn a_socket_left_behind_is_no_server_and_is_replaced() {
    let folder = Folder::new();
    assert!(matches!(Client::connect(&folder.0), Err(ClientError::NoServer)));
    std::fs::create_dir_all(&folder.0).unwrap();
    drop(UnixListener::bind(folder.0.join(SOCKET)).unwrap());
    assert!(folder.0.join(SOCKET).exists(), "its file is still there");
    assert!(matches!(Client::connect(&folder.0), Err(ClientError::NoServer)));
    let server = start(&folder.0);
    Client::connect(&folder.0).unwrap().call(&init(), &mut quiet).unwrap();
    server.stop();
}

#[test]
fn what_was_done_is_there_after_a_stop_and_nobody_listens_any_more() {
    let folder = Folder::new();
    let server = start(&folder.0);
    Client::connect(&folder.0).unwrap().call(&init(), &mut quiet).unwrap();
    assert!(http(&server, "/healthz").starts_with("HTTP/1.1 200 OK"));
    let document = http(&server, "/.well-known/authzen-configuration");
    assert!(document.contains(&format!("\"http://{}\"", server.address())), "{document}");
    // Pages are counted by their route, so that no address tells of anybody.
    http(&server, "/users/ann@acme.example");
    http(&server, "/nowhere");
    let metrics = http(&server, "/metrics");
    for counted in [
        r#"route="/healthz",status="200""#,
        r#"route="/users/{user}",status="303""#,
        r#"route="none",status="#,
    ] {
        assert!(metrics.contains(&format!("keyward_http_requests_total{{{counted}")), "{counted}: {metrics}");
    }
    assert!(!metrics.contains("ann@acme"), "{metrics}");
    let address = server.address();
    server.stop();
    assert!(TcpStream::connect(address).is_err());
    assert!(matches!(Client::connect(&folder.0), Err(ClientError::NoServer)));
    let again = start(&folder.0);
    assert!(Client::connect(&folder.0).unwrap().call(&what_can(ADMIN), &mut quiet).is_ok());
    again.stop();
}

#[test]
fn programs_and_browsers_are_answered_in_their_own_way() {
    let server = server::start(&options(Target::Memory), |_| Ok(())).unwrap();
    for path in ["/api/v1/nothing", "/api", "/access/v1/nothing", "/oauth/nothing", "/.well-known/nothing"] {
        let answer = http(&server, path);
        assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("text/html"), "{path}: {answer}");
    }
    for (path, status) in
        [("/nothing", "404"), ("/apis", "404"), ("/sign-in", "200"), ("/store/sign-in", "200")]
    {
        let answer = http(&server, path);
        let is_page = answer.contains("text/html") && answer.contains("content-security-policy");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && is_page, "{path}: {answer}");
    }
    server.stop();
}

#[test]
fn a_request_that_is_under_way_is_answered_before_the_end() {
    let folder = Folder::new();
    let server = start(&folder.0);
    Client::connect(&folder.0).unwrap().call(&init(), &mut quiet).unwrap();
    let mut idle = TcpStream::connect(server.address()).unwrap();
    let mut busy = TcpStream::connect(server.address()).unwrap();
    // `admin@shop.example:correct horse battery`
    let basic = "YWRtaW5Ac2hvcC5leGFtcGxlOmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ==";
    write!(
        busy,
        "POST /access/v1/evaluation HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{"
    )
    .unwrap();
    // Signing in hashes a password; the body is waited for after that.
    std::thread::sleep(Duration::from_millis(500));
    let stopping = std::thread::spawn(move || server.stop());
    std::thread::sleep(Duration::from_millis(300));
    assert!(!stopping.is_finished(), "it waits for the body");
    busy.write_all(b"}").unwrap();
    let mut text = String::new();
    busy.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 400 Bad Request") && text.contains("`subject` is missing"), "{text}");
    stopping.join().unwrap();
    let mut rest = Vec::new();
    assert_eq!(idle.read_to_end(&mut rest).unwrap_or(0), 0, "an idle connection is closed");
}

#[test]
fn what_is_prepared_is_there_before_anybody_asks_and_a_failure_starts_nothing() {
    let folder = Folder::new();
    let prepare = |service: &service::Service| service.perform(&init(), &mut |_, _, _| ()).map(drop);
    let server = server::start(&options(Target::Directory(folder.0.clone())), prepare).unwrap();
    assert_eq!(server.service().accounts().unwrap().len(), 1);
    server.stop();
    let again = server::start(&options(Target::Directory(folder.0.clone())), prepare);
    assert!(matches!(again, Err(ServeError::Service(_))), "the account is there already");
    start(&folder.0).stop();
}

#[test]
fn a_database_in_memory_has_no_directory_and_no_socket() {
    let server = server::start(&options(Target::Memory), |_| Ok(())).unwrap();
    assert!(http(&server, "/readyz").contains("ready"));
    let taken = ServeOptions { listen: server.address(), ..options(Target::Memory) };
    let second = server::start(&taken, |_| Ok(())).unwrap_err();
    assert!(matches!(&second, ServeError::Listen { .. }), "{second}");
    assert!(second.to_string().contains(&server.address().to_string()), "{second}");
    server.stop();
}
