//! The README's tour works when it is pasted.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Folder, repository, text};
use std::process::{Command, Stdio};

#[test]
fn the_tour_of_the_readme_works() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let (_, rest) = readme.split_once("<!-- tour: begin -->").expect("its begin");
    let (tour, _) = rest.split_once("<!-- tour: end -->").expect("its end");
    let script = tour.trim().trim_start_matches("```sh").trim_end_matches("```");
    // The program under test stands in for the release build, a free port for the one in the text.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_keyward")).parent().expect("its folder");
    let script = script
        .replace("cargo build --release\n", "")
        .replace("$PWD/target/release", &bin.display().to_string())
        .replace("8642", &port.to_string());
    let folder = Folder::new("tour");
    let output = Command::new("bash")
        .args(["-euc", &format!("trap 'kill $SERVER 2>/dev/null || true' EXIT\n{script}")])
        .env("TMPDIR", &folder.0)
        .current_dir(repository())
        .stdin(Stdio::null())
        .output()
        .expect("bash");
    let (said, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{errors}");
    for expected in [
        "allow: vendor holds FULFILMENT_UPDATE over north, only at leeds",
        "deny: nearest: vendor holds FULFILMENT_UPDATE over north, only at leeds, but this is at another location",
        "exit status 1",
        "cleo@acme.example",
        "\"decision\":true",
        "deny: the user is disabled or removed",
        "user.disabled",
        "unbroken:",
    ] {
        assert!(said.contains(expected), "missing `{expected}` in:\n{said}\n{errors}");
    }
}
