//! The real data: six files of a company with four regions, read from the folder named by
//! `KEYWARD_TRIAL_DATA`. What the list shows and what a check says agree for every order and every user.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use access::Application;
use access::decide::Question;
use authn::{BasicCredentials, Principal};
use service::ops::{GrantOp, ImportFile, ImportOp, InitOp, Op, Reply, Request, ScopeNames, UserOp};
use service::{Places, Service, Target, Visitor, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const PASSWORD: &str = "a trial of the real data";

fn perform(service: &Service, op: Op) -> Reply {
    service.perform(&Request { account: Some("us".into()), op }, &mut |_, _, _| ()).expect("performed")
}

/// The import of the folder; none, visibly, where nobody named one.
fn import(dry_run: bool) -> Option<ImportOp> {
    let Some(folder) = std::env::var_os("KEYWARD_TRIAL_DATA").map(PathBuf::from) else {
        eprintln!("skipped: KEYWARD_TRIAL_DATA is not set");
        return None;
    };
    let folder = folder.join("us-regional-sales");
    let mapping = include_str!("../../../examples/us-regional-sales.toml").to_owned();
    let names = import::Mapping::parse(&mapping).expect("the mapping");
    let read =
        |name: &&str| ImportFile::new(name, &std::fs::read(folder.join(name)).expect("a file of the data"));
    let files = names.files().iter().map(read).collect();
    Some(ImportOp { mapping, files, dry_run })
}

fn imported() -> Option<Service> {
    let op = import(false)?;
    let service = Service::open_target(&Target::Memory).expect("a database in memory");
    let init = InitOp { name: None, admin_login: "admin@us.example".into(), password: Some(PASSWORD.into()) };
    perform(&service, Op::Init(init));
    perform(&service, Op::Import(op));
    Some(service)
}

fn sign_in(service: &Service, login: &str) -> Principal {
    let set = UserOp::Password { user: login.into(), password: Some(PASSWORD.into()) };
    perform(service, Op::User(set));
    let credentials = BasicCredentials::new(login, PASSWORD).expect("credentials");
    let visitor = Visitor::default();
    let knock = service.knock(credentials, None, Application::Api, &visitor, Way::Basic).expect("let try");
    service.verify(knock).expect("signed in")
}

/// Ref and channel of every order that the list shows, page after page.
fn listed(service: &Service, who: &Principal) -> BTreeMap<String, (String, String)> {
    let (mut all, mut cursor) = (BTreeMap::new(), None::<String>);
    loop {
        let page = service.orders(who, Some(200), cursor.as_deref()).expect("a page");
        let places = service.inquire(who).expect("current");
        let places = places.snapshot().places();
        for order in page.rows.rows {
            let retailer = places.retailer(order.retailer).expect("its retailer").r#ref.to_string();
            let channel = places.channel(order.channel).expect("its channel").r#ref.to_string();
            let twice = all.insert(order.reference.to_string(), (retailer, channel));
            assert!(twice.is_none(), "an order is listed once");
        }
        match page.rows.next {
            Some(next) => cursor = Some(next.to_string()),
            None => return all,
        }
    }
}

#[test]
fn the_import_brings_what_the_files_hold_and_a_second_one_changes_nothing() {
    let Some(service) = imported() else { return };
    let again = perform(&service, Op::Import(import(false).expect("set")));
    insta_like(
        &again.text,
        "retailers: 4 unchanged\nchannels: 16 unchanged\nlocations: 367 unchanged\nusers: 28 unchanged\nitems: 47 unchanged\ncustomers: 200 unchanged\nlocation details: 367 unchanged\nstock: none\norders: 7991 unchanged",
    );
    let dry = perform(&service, Op::Import(import(true).expect("set")));
    assert_eq!(dry.json["revision"], again.json["revision"]);
}

fn insta_like(seen: &str, expected: &str) {
    assert_eq!(seen, expected, "\nseen:\n{seen}");
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let Some(op) = import(true) else { return };
    let service = Service::open_target(&Target::Memory).expect("a database in memory");
    let init = InitOp { name: None, admin_login: "admin@us.example".into(), password: Some(PASSWORD.into()) };
    let before = perform(&service, Op::Init(init)).json["revision"].clone();
    let dry = perform(&service, Op::Import(op));
    assert!(dry.text.contains("orders: 7991 would be created"), "{}", dry.text);
    assert!(dry.text.contains("locations: 367 would be created"), "{}", dry.text);
    assert_eq!(dry.json["revision"], before);
    let admin = sign_in(&service, "admin@us.example");
    assert!(listed(&service, &admin).is_empty());
}

#[test]
fn every_user_lists_exactly_the_orders_of_their_region_and_check_agrees_on_each() {
    let Some(service) = imported() else { return };
    let admin = sign_in(&service, "admin@us.example");
    let all = listed(&service, &admin);
    assert_eq!(all.len(), 7_991);
    let users = perform(&service, Op::User(UserOp::List { search: None, after: None, limit: 100 }));
    let logins: Vec<String> = users.json["items"]
        .as_array()
        .expect("users")
        .iter()
        .filter_map(|u| u["login"].as_str().map(str::to_owned))
        .filter(|l| l.ends_with("@us-regional.example"))
        .collect();
    assert_eq!(logins.len(), 28);
    let mut totals = BTreeSet::new();
    for login in logins {
        let own: BTreeSet<String> = listed(&service, &sign_in(&service, &login)).into_keys().collect();
        let operator = service.operator(admin.account());
        let asked = service.inquire(&operator).expect("the operator");
        let user = asked.user(&login).expect("a user");
        let permission = asked.permission("ORDER_VIEW").expect("a permission");
        let entity = asked.entity("order").expect("an entity");
        for (key, (retailer, channel)) in &all {
            let named = Places { retailer: Some(retailer), location: None, channel: Some(channel) };
            let resource = access::Resource::thing(entity, asked.place(&named).expect("places"));
            let question = Question { user, permission, resource, application: None };
            assert_eq!(asked.decide(&question).expect("asked").allowed, own.contains(key), "{login} {key}");
        }
        totals.insert(own.len());
    }
    assert_eq!(totals, BTreeSet::from([970, 1_665, 2_572, 2_784]));
}

#[test]
fn grants_limited_to_one_channel_list_exactly_that_part() {
    let Some(service) = imported() else { return };
    let users = perform(&service, Op::User(UserOp::List { search: None, after: None, limit: 100 }));
    let midwest = users.json["items"].as_array().expect("users").iter().find_map(|u| {
        let login = u["login"].as_str()?.to_owned();
        let shown = perform(&service, Op::User(UserOp::Show { user: login.clone() }));
        shown.text.contains("Midwest").then_some((login, shown))
    });
    let (login, shown) = midwest.expect("somebody in the Midwest");
    for grant in shown.json["grants"].as_array().expect("grants") {
        let change = GrantOp::Change {
            user: login.clone(),
            grant: grant["id"].as_str().expect("an id").into(),
            scope: Some(ScopeNames {
                retailers: vec!["Midwest".into()],
                channels: vec!["Online".into()],
                ..ScopeNames::default()
            }),
            valid_from: None,
            valid_until: None,
            always: false,
        };
        perform(&service, Op::Grant(change));
    }
    let own = listed(&service, &sign_in(&service, &login));
    assert_eq!(own.len(), 506);
    assert!(own.values().all(|(retailer, channel)| retailer == "Midwest" && channel == "Online"));
}
