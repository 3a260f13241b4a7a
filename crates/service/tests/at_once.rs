//! Many at once: edits that name different parts of the same thing all count, and everybody is answered.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use service::ops::{InitOp, Op, Reply, Request, RoleOp, UserOp};
use service::{Service, Target};

fn perform(service: &Service, op: Op) -> Reply {
    service.perform(&Request { account: Some("acme".into()), op }, &mut |_, _, _| ()).expect("performed")
}

fn company() -> Service {
    let service = Service::open_target(&Target::Memory).expect("a database in memory");
    let init = InitOp {
        name: None,
        admin_login: "ann@acme.example".into(),
        password: Some("seven quiet lamps".into()),
    };
    perform(&service, Op::Init(init));
    service
}

#[test]
fn edits_of_one_role_at_once_lose_nothing() {
    const NAMES: [&str; 8] = [
        "ORDER_VIEW",
        "ORDER_CREATE",
        "ORDER_UPDATE",
        "CUSTOMER_VIEW",
        "CARRIER_VIEW",
        "PRICE_VIEW",
        "SETTING_VIEW",
        "WORKFLOW_VIEW",
    ];
    let service = company();
    let (key, label, application) = ("night".to_owned(), None, None);
    perform(&service, Op::Role(RoleOp::Create { key, label, application, permissions: vec![] }));
    std::thread::scope(|threads| {
        for name in NAMES {
            let service = &service;
            threads.spawn(move || {
                let (role, label) = ("night".to_owned(), None);
                let edit = RoleOp::Edit { role, label, add: vec![name.to_owned()], take: vec![] };
                perform(service, Op::Role(edit));
            });
        }
    });
    let shown = perform(&service, Op::Role(RoleOp::Show { role: "night".into() }));
    for name in NAMES {
        assert!(shown.text.contains(name), "{name} was lost: {}", shown.text);
    }
}

#[test]
fn everybody_who_writes_at_once_is_answered_and_no_login_is_made_twice() {
    let service = company();
    let create = |number: u32| UserOp::Create {
        login: format!("u{number}@acme.example"),
        name: None,
        email: None,
        language: None,
        time_zone: None,
        system: false,
        application: false,
        sso: None,
        grants: vec![],
        password: None,
    };
    let made = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|threads| {
        // Two threads ask for each login: one of them is told that it is taken.
        for number in 0..24 {
            let (service, made, create) = (&service, &made, &create);
            threads.spawn(move || {
                for round in 0..10 {
                    let op = Op::User(create(number / 2 * 10 + round));
                    let request = Request { account: None, op };
                    let answer = service.perform(&request, &mut |_, _, _| ());
                    made.fetch_add(u32::from(answer.is_ok()), std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(made.into_inner(), 120);
    let list = perform(&service, Op::User(UserOp::List { search: None, after: None, limit: 1_000 }));
    assert_eq!(list.json.get("items").and_then(serde_json::Value::as_array).map(Vec::len), Some(121));
}
