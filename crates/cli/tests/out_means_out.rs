//! Out means out: no request that starts after the answer to `user disable` is allowed, on no connection and on no
//! server of the same database, however many are under way.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::http::{Answer, Connection, ask, get, post};
use common::{Over, Place, Server};
use server::Client;
use service::ops::{Op, Request, UserOp};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Over all servers.
const CONNECTIONS: usize = 16;
const ADMIN: (&str, &str) = ("ann@acme.example", "seven quiet lamps");
const LOGIN: &str = "cleo@acme.example";
const PASSWORD: &str = "nine green doors";
/// Requests of each connection after the answer, in each round.
const AFTER: u32 = 5;

/// What a connection asks for, again and again, and what it may hear of it.
#[derive(Clone, Copy)]
enum Ask {
    /// The user asks about themselves.
    Evaluation,
    /// The user lists orders.
    Orders,
    /// Somebody else asks about the user.
    About,
}

impl Ask {
    fn of(connection: usize) -> Self {
        match connection % 4 {
            0 | 2 => Ask::Evaluation,
            1 => Ask::Orders,
            _ => Ask::About,
        }
    }

    fn bytes(self, password: &str) -> Vec<u8> {
        let question = format!(
            r#"{{"subject":{{"type":"user","id":"{LOGIN}"}},"action":{{"name":"ORDER_VIEW"}},
            "resource":{{"type":"order","id":"any","properties":{{"retailer":"north","channel":"web"}}}}}}"#
        );
        match self {
            Ask::Evaluation => post("/access/v1/evaluation", (LOGIN, password), &question),
            Ask::About => post("/access/v1/evaluation", ADMIN, &question),
            Ask::Orders => get("/api/v1/orders?limit=1", (LOGIN, password)),
        }
    }

    /// Whether the user was let in. Anything but yes and no is a fault of the server; too many sign-ins at once
    /// is neither. Whoever failed often is told to wait: that is no. A password that was verified before never gets
    /// there, so one that is remembered for too long would be let in all the same.
    fn is_allowed(self, answer: &Answer) -> Option<bool> {
        let yes = answer.body.contains("\"decision\":true");
        match (self, answer.status) {
            (Ask::Evaluation | Ask::Orders, 401 | 429) => Some(false),
            (Ask::Orders, 200) => Some(true),
            (Ask::Evaluation, 200) if yes => Some(true),
            (Ask::About, 200) => Some(yes),
            (_, 503) => None,
            _ => panic!("{answer:?}"),
        }
    }
}

fn company(place: &Place) {
    place.init("acme", ADMIN.0, ADMIN.1);
    place.ok(&["retailer", "create", "north", "--default-channel", "web"]);
    let create = ["user", "create", LOGIN, "--password-stdin", "--retailer", "north"];
    let roles = ["--role", "customer_service", "--role", "api_user"];
    place.ok_with(&[&create[..], &roles].concat(), PASSWORD);
}

/// Through the local socket of the first server.
fn tell(place: &Place, op: UserOp) {
    let mut client = Client::connect(&place.data()).expect("a server");
    client.call(&Request { account: None, op: Op::User(op) }, &mut |_, _, _| ()).expect("done");
}

fn user() -> String {
    LOGIN.to_owned()
}

/// Connections ask all the time; in the middle of it the user is put out by `out`. From then on nobody is let in.
fn put_out_under_fire(servers: &[&Server], password: &str, out: impl FnOnce()) {
    let (is_out, let_in) = (AtomicBool::new(false), AtomicU64::new(0));
    let working = AtomicU64::new(0);
    std::thread::scope(|threads| {
        for number in 0..CONNECTIONS {
            let server = servers.get(number % servers.len()).expect("a server");
            // Each kind of question goes to each server.
            let ask = Ask::of(number / servers.len());
            let (is_out, let_in, working) = (&is_out, &let_in, &working);
            threads.spawn(move || {
                let (bytes, mut connection) = (ask.bytes(password), Connection::open(&server.url));
                let (mut was_in, mut after) = (false, 0);
                while after < AFTER {
                    // Read before the request starts: whoever reads true starts after the answer.
                    let started_after = is_out.load(Ordering::SeqCst);
                    let answer = connection.ask(&bytes).expect("an answer");
                    let Some(allowed) = ask.is_allowed(&answer) else {
                        std::thread::sleep(Duration::from_millis(5));
                        continue;
                    };
                    if allowed && !was_in {
                        was_in = true;
                        working.fetch_add(1, Ordering::SeqCst);
                    }
                    after += u32::from(started_after);
                    let_in.fetch_add(u64::from(allowed && started_after), Ordering::SeqCst);
                }
            });
        }
        // All are let in before; if they never are, the test says so instead of waiting for ever.
        let all = CONNECTIONS as u64;
        let begun = (0..6_000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            working.load(Ordering::SeqCst) == all
        });
        let over = Over(&is_out);
        if begun {
            out();
        }
        drop(over);
        assert!(begun, "only {} of {all} connections were let in", working.load(Ordering::SeqCst));
    });
    assert_eq!(let_in.load(Ordering::SeqCst), 0, "requests that started after the answer were allowed");
    for server in servers {
        for ask in [Ask::Evaluation, Ask::Orders, Ask::About] {
            let late = common::http::ask(&server.url, &ask.bytes(password));
            assert_eq!(ask.is_allowed(&late), Some(false), "on a new connection: {late:?}");
        }
    }
}

fn every_way_out(place: &Place, servers: &[&Server]) {
    for _ in 0..2 {
        put_out_under_fire(servers, PASSWORD, || tell(place, UserOp::Disable { user: user() }));
        tell(place, UserOp::Enable { user: user() });
    }
    put_out_under_fire(servers, PASSWORD, || tell(place, UserOp::Remove { user: user() }));
}

#[test]
fn on_sqlite() {
    let place = Place::sqlite("out");
    company(&place);
    let server = place.serve();
    every_way_out(&place, &[&server]);
}

#[test]
fn on_two_servers_of_one_postgresql() {
    let Some(place) = Place::postgres("out") else { return };
    company(&place);
    let first = place.serve();
    let mut second = std::process::Command::new(env!("CARGO_BIN_EXE_keyward"));
    second.arg("--database-url").arg(place.url.as_deref().expect("a url"));
    second.args(["serve", "--listen", "127.0.0.1:0", "--node", "second"]);
    let second = Server::start(second);
    every_way_out(&place, &[&first, &second]);
}

#[test]
fn a_new_password_ends_the_old_one() {
    let place = Place::sqlite("password");
    company(&place);
    let server = place.serve();
    let orders = |password| ask(&server.url, &get("/api/v1/orders", (LOGIN, password))).status;
    assert_eq!(orders(PASSWORD), 200);
    let password = Some("four warm stones".to_owned());
    tell(&place, UserOp::Password { user: user(), password });
    assert_eq!((orders(PASSWORD), orders("four warm stones")), (401, 200));
    // Ending the sessions of a user leaves the password as it is.
    tell(&place, UserOp::SignOut { user: user() });
    assert_eq!((orders(PASSWORD), orders("four warm stones")), (401, 200));
}

#[test]
fn a_grant_that_is_taken_is_gone_for_the_next_request() {
    let place = Place::sqlite("taken");
    company(&place);
    let server = place.serve();
    let shown = place.ok(&["--json", "grant", "list", LOGIN]);
    let mut ids: Vec<&str> = shown.split('"').filter(|word| word.starts_with("gra_")).collect();
    ids.dedup();
    assert_eq!(ask(&server.url, &get("/api/v1/orders", (LOGIN, PASSWORD))).status, 200);
    place.ok(&[&["grant", "remove", LOGIN], &ids[..]].concat());
    let answer = ask(&server.url, &get("/api/v1/orders", (LOGIN, PASSWORD)));
    assert_eq!(answer.status, 403, "no grant opens the API any more: {answer:?}");
}
