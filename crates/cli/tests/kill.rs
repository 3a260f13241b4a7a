//! Nothing lost: a server is killed a hundred times in the middle of writes. Whatever it acknowledged is
//! there after the restart, nothing is there by half, and the audit chain ends at the head.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::Place;
use service::ops::{GrantNames, Op, Request, ScopeNames, UserOp};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const KILLS: u64 = 100;
const WRITERS: u64 = 4;

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    kill_many_times(&Place::sqlite("kill"));
}

#[test]
fn nothing_acknowledged_is_lost_on_postgresql() {
    if let Some(place) = Place::postgres("kill") {
        kill_many_times(&place);
    }
}

fn create(login: &str) -> Request {
    let grant = |role: &str| GrantNames {
        role: role.into(),
        scope: ScopeNames { retailers: vec!["north".into()], ..ScopeNames::default() },
        valid_from: None,
        valid_until: None,
    };
    let user = UserOp::Create {
        login: login.into(),
        name: None,
        email: None,
        language: None,
        time_zone: None,
        system: false,
        application: false,
        sso: None,
        grants: vec![grant("customer_service"), grant("api_user")],
        password: None,
    };
    Request { account: None, op: Op::User(user) }
}

fn kill_many_times(place: &Place) {
    place.init("acme", "ann@acme.example", "seven quiet lamps");
    place.ok(&["retailer", "create", "north"]);
    let acknowledged: Mutex<BTreeSet<String>> = Mutex::default();
    let (mut seen_before, mut interrupted) = (0, 0);
    for round in 0..KILLS {
        let server = place.serve();
        let over = AtomicBool::new(false);
        std::thread::scope(|threads| {
            for writer in 0..WRITERS {
                let (over, acknowledged) = (&over, &acknowledged);
                threads.spawn(move || {
                    for number in 0.. {
                        let login = format!("u{round}-{writer}-{number}@acme.example");
                        let ask = server::Client::connect(&place.data());
                        let answer = ask.and_then(|mut c| c.call(&create(&login), &mut |_, _, _| ()));
                        match answer {
                            Ok(_) => drop(acknowledged.lock().expect("the list").insert(login)),
                            Err(_) => break,
                        }
                        if over.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                });
            }
            // The writers are at work once one of them was answered; then another moment each time, so
            // that all parts of a write are hit.
            let before = seen_before;
            for _ in 0..200 {
                if acknowledged.lock().expect("the list").len() > before {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            std::thread::sleep(Duration::from_micros(round * 7_919 % 50_000));
            server.kill();
            over.store(true, Ordering::Relaxed);
        });
        let known = acknowledged.lock().expect("the list");
        verify(place, &known);
        interrupted += u64::from(known.len() > seen_before);
        seen_before = known.len();
    }
    let total = acknowledged.lock().expect("the list").len();
    eprintln!("{KILLS} kills, {interrupted} of them after writes, {total} acknowledged users, all there");
    assert!(interrupted > KILLS * 9 / 10, "the kills hit a server that writes: {interrupted}");
}

/// Every acknowledged user is there, each user has both grants, chain and head agree.
fn verify(place: &Place, acknowledged: &BTreeSet<String>) {
    let export: serde_json::Value = serde_json::from_str(&place.ok(&["--json", "export"])).expect("JSON");
    let users = export["users"].as_array().expect("users");
    let mut there = BTreeSet::new();
    for user in users {
        let login = user["login"].as_str().expect("a login");
        if login.starts_with('u') {
            assert_eq!(user["grants"].as_array().map(Vec::len), Some(2), "{login} is there by half");
            there.insert(login.to_owned());
        }
    }
    let lost: Vec<&String> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let verdict = place.ok(&["audit", "verify"]);
    assert!(verdict.starts_with("unbroken"), "{verdict}");
}
