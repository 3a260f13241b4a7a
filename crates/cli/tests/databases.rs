//! A database that is locked, full, newer, not there or taken away, and two who begin at once: a clear error, nothing
//! written by half, and the server goes on.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::http::{ask, get};
use common::{Place, Server, text};
use serde_json::Value;
use sql::{Database, SqlError};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const ANN: (&str, &str) = ("ann@acme.example", "seven quiet lamps");

fn company(place: &Place) {
    place.init("acme", ANN.0, ANN.1);
    place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
    place.ok(&["location", "create", "leeds", "--retailer", "north"]);
}

fn file(place: &Place) -> PathBuf {
    place.data().join("keyward.db")
}

fn open(place: &Place) -> Database {
    let opened = match &place.url {
        Some(url) => Database::postgres(url),
        None => Database::sqlite_file(&file(place)),
    };
    opened.expect("the database")
}

fn execute(place: &Place, sql: &str) {
    open(place).write::<_, SqlError>(|tx| tx.execute(sql, &[]).map(drop)).expect("done");
}

/// Exit status 2, and what was said.
fn refused(place: &Place, args: &[&str], expected: &str) {
    let output = place.run(args);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {}{said}", text(&output.stdout));
    assert!(said.contains(expected), "{args:?}: {said}");
}

fn statuses(server: &Server) -> (u16, u16) {
    let of = |path| ask(&server.url, &get(path, ANN)).status;
    (of("/readyz"), of("/api/v1/orders"))
}

fn a_newer_database_is_refused(place: &Place) {
    company(place);
    let export = place.ok(&["--json", "export"]);
    execute(place, "INSERT INTO schema_step (module_name, step_no) VALUES ('store', 9999)");
    for args in [
        &["user", "list"][..],
        &["retailer", "create", "south"],
        &["serve", "--listen", "127.0.0.1:0"],
        &["init", "--account", "beta", "--admin-login", "b@beta.example", "--generate-password"],
    ] {
        refused(place, args, "newer than this program");
    }
    execute(place, "DELETE FROM schema_step WHERE step_no = 9999");
    assert_eq!(place.ok(&["--json", "export"]), export, "nothing was written");
}

#[test]
fn a_newer_database_is_refused_on_sqlite() {
    a_newer_database_is_refused(&Place::sqlite("newer"));
}

#[test]
fn a_newer_database_is_refused_on_postgresql() {
    if let Some(place) = Place::postgres("newer") {
        a_newer_database_is_refused(&place);
    }
}

#[test]
fn a_database_that_another_process_holds_can_be_read_and_is_written_later() {
    let place = Place::sqlite("locked");
    company(&place);
    let server = place.serve();
    open(&place)
        .write::<_, SqlError>(|_| {
            refused(&place, &["retailer", "create", "south"], "locked by another process");
            assert_eq!(statuses(&server), (200, 200));
            Ok(())
        })
        .expect("held");
    place.ok(&["retailer", "create", "south"]);
    place.ok(&["audit", "verify"]);
}

#[test]
fn a_database_that_is_taken_away_is_noticed() {
    let place = Place::sqlite("gone");
    company(&place);
    let server = place.serve();
    assert_eq!(statuses(&server), (200, 200));
    let (here, away) = (file(&place), place.data().join("away"));
    fs::rename(&here, &away).expect("taken away");
    assert_eq!(statuses(&server), (503, 503));
    refused(&place, &["retailer", "create", "lost"], "deleted or replaced");
    // Another file in its place is another database.
    fs::copy(&away, &here).expect("another one");
    assert_eq!(statuses(&server), (503, 503));
    refused(&place, &["retailer", "create", "lost"], "deleted or replaced");
    fs::rename(&away, &here).expect("put back");
    assert_eq!(statuses(&server), (200, 200));
    place.ok(&["retailer", "create", "kept"]);
    drop(server);
    let listed = place.ok(&["retailer", "list"]);
    assert!(listed.contains("kept") && !listed.contains("lost"), "{listed}");
    // Where a server left its socket and nothing else, no empty database is made.
    fs::remove_file(&here).expect("deleted");
    assert!(place.data().join("keyward.sock").exists());
    refused(&place, &["user", "list"], "keyward init");
    assert!(!here.exists());
}

#[test]
fn the_database_is_its_owners_alone() {
    let place = Place::sqlite("mode");
    fs::create_dir_all(place.data()).expect("a folder");
    fs::set_permissions(place.data(), fs::Permissions::from_mode(0o755)).expect("open to all");
    company(&place);
    let mode = fs::metadata(file(&place)).expect("the file").permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}: the file holds hashed passwords");
}

#[test]
fn a_directory_that_cannot_be_written_is_told() {
    let place = Place::sqlite("readonly");
    company(&place);
    let set = |mode| fs::set_permissions(place.data(), fs::Permissions::from_mode(mode)).expect("a mode");
    set(0o500);
    if fs::write(place.data().join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write everywhere");
    } else {
        fs::set_permissions(place.data().join("keyward.lock"), fs::Permissions::from_mode(0o400))
            .expect("a mode");
        refused(&place, &["retailer", "create", "south"], "cannot be used");
    }
    set(0o700);
}

/// The program with files that cannot grow above some `blocks`, as on a disk that is full. None, visibly, where that
/// cannot be had.
fn with_little_room(place: &Place, blocks: u32, args: &[&str]) -> Option<Command> {
    let script = format!("trap '' XFSZ && ulimit -f {blocks} && exec \"$0\" \"$@\"");
    let can = Command::new("sh").args(["-c", &script, "true"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        eprintln!("skipped: this shell cannot bound the size of files");
        return None;
    }
    let full = place.command(args);
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(full.get_program()).args(full.get_args()).stdin(Stdio::null());
    Some(command)
}

#[test]
fn a_server_without_room_refuses_changes_and_answers_questions() {
    let place = Place::sqlite("full");
    company(&place);
    let blocks =
        u32::try_from(fs::metadata(file(&place)).expect("the file").len() / 512 + 100).expect("small");
    let Some(command) = with_little_room(&place, blocks, &["serve", "--listen", "127.0.0.1:0"]) else {
        return;
    };
    let server = Server::start(command);
    let create = |number: u32| {
        let key = format!("site-{number}");
        let output = place.run(&["retailer", "create", &key, "--name", &"n".repeat(200)]);
        (output.status.success(), text(&output.stderr))
    };
    let (acknowledged, said) = (0..2_000)
        .map(create)
        .enumerate()
        .find_map(|(number, (done, said))| (!done).then_some((number, said)))
        .expect("the room ends");
    assert!(said.contains("the database cannot be used now"), "{said}");
    assert_eq!(statuses(&server), (200, 200));
    place.ok(&["check", ANN.0, "ORDER_VIEW", "--retailer", "north", "--channel", "web"]);
    // What was not written is not in force: the user is still in, and the answer said so.
    refused(&place, &["user", "create", "bea@acme.example"], "cannot be used now");
    refused(&place, &["check", "bea@acme.example", "ORDER_VIEW", "--retailer", "north"], "no user");
    server.kill();
    let listed = place.ok(&["retailer", "list"]);
    assert_eq!(listed.matches("site-").count(), acknowledged, "what was acknowledged and nothing else");
    assert!(place.ok(&["audit", "verify"]).starts_with("unbroken"));
    place.ok(&["user", "create", "bea@acme.example"]);
}

const ORDERS: usize = 6_000;

/// Orders, customers and users of a small company. Returns the arguments that import them.
fn data(place: &Place) -> Vec<String> {
    let folder = place.folder.0.join("files");
    fs::create_dir_all(&folder).expect("a folder");
    let row = |n: usize| format!("O{n},C{},2024-01-{:02},{n}.50\n", n % 50, n % 28 + 1);
    let rows: String =
        std::iter::once("ref,cust,date,amt\n".to_owned()).chain((0..ORDERS).map(row)).collect();
    fs::write(folder.join("o.csv"), rows).expect("a file");
    let mapping = r#"
        [[items]]
        file = "o.csv"
        ref = "ITEM"
        name = "thing"
        [[customers]]
        file = "o.csv"
        retailer = "north"
        ref = "{cust}"
        name = "{cust}"
        [[orders]]
        file = "o.csv"
        ref = "{ref}"
        retailer = "north"
        channel = "web"
        customer = "{cust}"
        placed_on = "{date}"
        currency = "USD"
        status = "DONE"
        [[order_lines]]
        file = "o.csv"
        order = "{ref}"
        number = "1"
        item = "ITEM"
        quantity = "1"
        unit_price = "{amt}"
        [[users]]
        file = "o.csv"
        login = "{cust}@acme.example"
        name = "{cust}"
        [[grants]]
        file = "o.csv"
        login = "{cust}@acme.example"
        role = "customer_service"
        retailers = ["north"]
        locations = "*"
        channels = "*"
    "#;
    let map = folder.join("map.toml");
    fs::write(&map, mapping).expect("a mapping");
    let path = |path: PathBuf| path.to_str().expect("text").to_owned();
    vec!["--json".into(), "import".into(), "--mapping".into(), path(map), path(folder)]
}

/// How many orders the import created, and how many it found.
fn orders(printed: &str) -> (u64, u64) {
    let json: Value = serde_json::from_str(printed).expect("JSON");
    let of = |what: &str| json["rows"]["orders"][what].as_u64().expect("a count");
    (of("created"), of("unchanged"))
}

/// An interrupted import is completed by the next one, and nothing is there twice.
fn completed(place: &Place, args: &[&str]) {
    let (created, found) = orders(&place.ok(args));
    assert_eq!(created + found, ORDERS as u64);
    assert_eq!(orders(&place.ok(args)), (0, ORDERS as u64), "another run changes nothing");
    let export: Value = serde_json::from_str(&place.ok(&["--json", "export"])).expect("JSON");
    let users = export["users"].as_array().expect("users");
    let imported: Vec<_> =
        users.iter().filter(|u| u["login"].as_str().is_some_and(|l| l.starts_with('c'))).collect();
    assert_eq!(imported.len(), 50);
    assert!(imported.iter().all(|u| u["grants"].as_array().is_some_and(|g| g.len() == 1)), "{imported:?}");
    assert!(place.ok(&["audit", "verify"]).starts_with("unbroken"));
}

#[test]
fn an_import_without_room_is_completed_later() {
    let place = Place::sqlite("room");
    company(&place);
    let args = data(&place);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    // The first has no room for the users, the second none for the goods.
    for blocks in [700, 1_600] {
        let Some(mut command) = with_little_room(&place, blocks, &args) else { return };
        let output = command.output().expect("it runs");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("the database cannot be used now"), "{said}");
    }
    completed(&place, &args);
}

#[test]
fn an_import_that_is_killed_is_completed_later() {
    let place = Place::sqlite("killed");
    company(&place);
    let args = data(&place);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let log = place.data().join("keyward.db-wal");
    // Each kill comes when more has been written: in the users, and between the transactions of the goods.
    for bytes in [1, 100_000, 400_000] {
        let mut child = place.command(&args).stdout(Stdio::null()).spawn().expect("it runs");
        let has_written = || fs::metadata(&log).is_ok_and(|m| m.len() >= bytes);
        while !has_written() && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        drop(child.kill());
        child.wait().expect("gone");
    }
    completed(&place, &args);
}

fn of_two_who_begin_at_once_one_succeeds(place: &Place) {
    let begin = |login: &str| {
        let args = ["init", "--account", "acme", "--admin-login", login, "--generate-password"];
        let mut command = place.command(&args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs")
    };
    let children = ["a@acme.example", "b@acme.example", "c@acme.example"].map(begin);
    let outputs = children.map(|child| child.wait_with_output().expect("it ends"));
    let done = outputs.iter().filter(|o| o.status.success()).count();
    assert_eq!(done, 1, "{outputs:?}");
    for output in outputs.iter().filter(|o| !o.status.success()) {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("acme") && (said.contains("already") || said.contains("taken")), "{said}");
    }
    let users: Value = serde_json::from_str(&place.ok(&["--json", "user", "list"])).expect("JSON");
    assert_eq!(users["items"].as_array().map(Vec::len), Some(1), "{users}");
    assert!(place.ok(&["audit", "verify"]).starts_with("unbroken"));
}

#[test]
fn of_two_who_begin_at_once_one_succeeds_on_sqlite() {
    of_two_who_begin_at_once_one_succeeds(&Place::sqlite("begin"));
}

#[test]
fn of_two_who_begin_at_once_one_succeeds_on_postgresql() {
    if let Some(place) = Place::postgres("begin") {
        of_two_who_begin_at_once_one_succeeds(&place);
    }
}

#[test]
fn a_postgresql_that_goes_away_and_comes_back() {
    let Some(place) = Place::postgres("away") else { return };
    company(&place);
    let server = place.serve();
    assert_eq!(statuses(&server), (200, 200));
    let url = place.url.clone().expect("a url");
    let name = url.rsplit_once('/').expect("a name").1;
    let administer = |sql: String| {
        let around = std::env::var("KEYWARD_TEST_POSTGRES").expect("a url");
        let done = Command::new("psql").arg(around).arg("-qc").arg(sql).stdout(Stdio::null()).status();
        assert!(done.expect("psql").success());
    };
    administer(format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"));
    administer(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    // It cannot be proven that nobody was put out meanwhile, so nobody is let in.
    assert_eq!(statuses(&server), (503, 503));
    refused(&place, &["retailer", "create", "lost"], "cannot be used now");
    administer(format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"));
    assert_eq!(statuses(&server), (200, 200));
    place.ok(&["retailer", "create", "kept"]);
    place.ok(&["audit", "verify"]);
}
