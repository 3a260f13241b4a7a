//! The throw-away PostgreSQL, started for real: it answers, and it goes when its owner goes.
//!
//! These tests need the PostgreSQL server programs, which `cargo xtask test` sees to before it sets
//! `KEYWARD_TEST_POSTGRES`; without that variable they skip, visibly.

#![cfg(unix)]
#![expect(clippy::expect_used, reason = "the helpers of a test stop it when the system does not play along")]

use std::io::{BufRead, BufReader, Read, Write, stderr};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// How long the server may take to go after its owner, in steps of 100 ms.
const GONE_STEPS_MAX: u32 = 600;

/// A running `xtask postgres`.
struct Running {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

fn start() -> Option<Running> {
    if std::env::var_os("KEYWARD_TEST_POSTGRES").is_none() {
        writeln!(stderr(), "SKIPPED: needs PostgreSQL; run it with `cargo xtask test -p xtask`")
            .expect("stderr");
        return None;
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("xtask starts");
    let folder = std::env::temp_dir().join(format!("keyward-pg-{}-0", child.id()));
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let url = lines.by_ref().map(|line| line.expect("text")).find(|line| line.starts_with("postgres://"));
    let url = url.expect("xtask prints the address");
    let export = lines.next().expect("a line after the address").expect("text");
    assert_eq!(export, format!("export KEYWARD_TEST_POSTGRES={url}"));
    // The rest is read, so that the program never writes into a closed pipe.
    std::thread::spawn(move || lines.for_each(drop));
    let address = url.trim_start_matches("postgres://postgres@").trim_end_matches("/postgres");
    Some(Running { child, address: address.parse().expect("host and port"), folder })
}

/// Asks for TLS, which every PostgreSQL answers with one byte.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47])?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        Ok(answer[0])
    };
    matches!(ask(), Ok(b'N' | b'S'))
}

fn is_gone_soon(running: &Running) -> bool {
    for _ in 0..GONE_STEPS_MAX {
        if !answers(running.address) && !running.folder.exists() {
            return true;
        }
        sleep(Duration::from_millis(100));
    }
    false
}

#[test]
fn end_of_input_stops_it() {
    let Some(mut running) = start() else { return };
    assert!(answers(running.address));
    assert!(running.folder.is_dir());
    drop(running.child.stdin.take());
    assert!(running.child.wait().expect("xtask ends").success());
    assert!(!answers(running.address), "the server is stopped before xtask ends");
    assert!(!running.folder.exists(), "and its folder is removed");
}

#[test]
fn it_goes_even_when_its_owner_is_killed() {
    let Some(mut running) = start() else { return };
    assert!(answers(running.address));
    running.child.kill().expect("xtask is ours to kill");
    running.child.wait().expect("xtask ends");
    assert!(is_gone_soon(&running), "{} or its folder is still there", running.address);
}
