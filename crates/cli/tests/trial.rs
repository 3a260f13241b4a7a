//! The whole trial on the real data, as the README has it: init, import, check, and lists over HTTP.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;
mod lists;

use common::{Place, repository};
use lists::{Caller, disagreement};
use serde_json::Value;
use std::path::PathBuf;

const PASSWORD: &str = "a trial of the real data";

/// A served import of the real data; none, visibly, where nobody says where it is.
fn imported(place: &Place) -> bool {
    let Some(folder) = std::env::var_os("KEYWARD_TRIAL_DATA").map(PathBuf::from) else {
        eprintln!("skipped: KEYWARD_TRIAL_DATA is not set");
        return false;
    };
    place.init("us", "admin@us.example", PASSWORD);
    let mapping = repository().join("examples/us-regional-sales.toml");
    let (mapping, folder) =
        (mapping.display().to_string(), folder.join("us-regional-sales").display().to_string());
    let args = ["--account", "us", "import", "--mapping", &mapping, &folder];
    let said = place.ok(&args);
    for expected in [
        "retailers: 4 created",
        "locations: 367 created",
        "users: 28 created",
        "customers: 200 created",
        "orders: 7991 created",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    let adam = [
        "--account",
        "us",
        "check",
        "adam.hernandez@us-regional.example",
        "ORDER_VIEW",
        "--retailer",
        "Northeast",
    ];
    assert!(place.ok(&adam).starts_with("allow"));
    true
}

fn users(place: &Place) -> Vec<String> {
    let listed: Value = serde_json::from_str(&place.ok(&["--json", "user", "list"])).expect("JSON");
    let logins = listed["items"].as_array().expect("users").iter().filter_map(|u| u["login"].as_str());
    logins.filter(|l| l.ends_with("@us-regional.example")).map(str::to_owned).collect()
}

fn set_password(place: &Place, login: &str) {
    let mut child = place
        .command(&["user", "password", login, "--stdin"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("its input");
    std::io::Write::write_all(&mut input, PASSWORD.as_bytes()).expect("a password");
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

fn lists_agree(place: &Place) {
    if !imported(place) {
        return;
    }
    let server = place.serve();
    let admin = Caller::new(&server.url, "admin@us.example", PASSWORD);
    let all = admin.orders();
    assert_eq!(all.len(), 7_991);
    let mut totals = std::collections::BTreeSet::new();
    let logins = users(place);
    assert_eq!(logins.len(), 28);
    let mut midwest = None;
    for login in &logins {
        set_password(place, login);
        let own = Caller::new(&server.url, login, PASSWORD).orders();
        totals.insert(own.len());
        midwest = midwest.or((own.len() == 1_665).then_some(login));
        assert_eq!(disagreement(&admin, login, None, &all, Some(&own)), None, "{login}");
    }
    assert_eq!(Vec::from_iter(totals), [970, 1_665, 2_572, 2_784]);
    // With both grants limited to the channel Online, exactly that part.
    let login = midwest.expect("somebody in the Midwest");
    let shown: Value = serde_json::from_str(&place.ok(&["--json", "grant", "list", login])).expect("JSON");
    for grant in shown["items"].as_array().expect("grants").iter().filter_map(|g| g["id"].as_str()) {
        place.ok(&["grant", "change", login, grant, "--retailer", "Midwest", "--channel", "Online"]);
    }
    let own = Caller::new(&server.url, login, PASSWORD).orders();
    assert_eq!(own.len(), 506);
    assert_eq!(disagreement(&admin, login, None, &all, Some(&own)), None);
}

#[test]
fn lists_over_http_are_exactly_the_region_on_sqlite() {
    lists_agree(&Place::sqlite("trial"));
}

#[test]
fn lists_over_http_are_exactly_the_region_on_postgresql() {
    if let Some(place) = Place::postgres("trial") {
        lists_agree(&place);
    }
}
