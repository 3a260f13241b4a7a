//! The demo company, which the project makes itself: what the list shows over HTTP and what a check answers
//! agree for every user and every order.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;
mod lists;

use common::{Place, Server};
use lists::{Caller, disagreement};
use serde_json::Value;
use std::collections::BTreeSet;

const PASSWORD: &str = "Tour-the-demo-2026";

#[test]
fn every_list_of_the_demo_company_agrees_with_every_check() {
    let place = Place::sqlite("demo");
    let server = Server::start(place.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]));
    let admin = Caller::new(&server.url, "maison/admin@maison-demo.example", PASSWORD);
    let all = admin.orders();
    assert!(all.len() > 2_000, "{} orders", all.len());
    let users: Value =
        serde_json::from_str(&place.ok(&["--json", "--account", "maison", "user", "list"])).expect("JSON");
    let users = users["items"].as_array().expect("users").clone();
    assert!(users.len() > 45, "{} users", users.len());
    let (mut lists, mut shown) = (0, 0);
    for login in users.iter().filter_map(|u| u["login"].as_str()) {
        let caller = Caller::new(&server.url, &format!("maison/{login}"), PASSWORD);
        // Whoever has no password or may not list is asked about all the same.
        let own = caller.try_orders();
        lists += usize::from(own.is_some());
        shown += own.as_ref().map_or(0, BTreeSet::len);
        // A list is one of the API, so the question is, too.
        assert_eq!(disagreement(&admin, login, Some("api"), &all, own.as_ref()), None, "{login}");
    }
    assert!(lists >= 4 && shown > 4_000, "{lists} users list {shown} orders");
    // Both accounts are there, and nothing crosses.
    let other = Caller::new(&server.url, "corner/admin@corner-demo.example", PASSWORD).orders();
    assert_eq!(other.len(), 300);
    assert!(other.iter().all(|o| !all.contains(o)));
}

/// Wherever a first start is cut off, the next one completes the company.
#[test]
fn a_first_start_that_was_cut_off_is_completed_by_the_next() {
    let place = Place::sqlite("cut");
    for pause in [150, 400, 900] {
        let mut first = place.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
        let first = first.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn();
        let mut first = first.expect("the program runs");
        std::thread::sleep(std::time::Duration::from_millis(pause));
        first.kill().expect("killed");
        first.wait().expect("gone");
    }
    let server = Server::start(place.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]));
    let admin = Caller::new(&server.url, "maison/admin@maison-demo.example", PASSWORD);
    assert_eq!(admin.orders().len(), 2_400);
    assert_eq!(
        Caller::new(&server.url, "corner/wendy.chan@corner-demo.example", PASSWORD).orders().len(),
        300
    );
    assert!(place.ok(&["account", "list"]).contains("Maison Demo"));
}
