//! Suggestions for whoever types: JSON for those who may, a status for others.

use serde_json::{Value, json};
use service::ops::{LocationOp, Op, RetailerOp};

use crate::browser::{Browser, Seen};
use crate::company::{ADA, ADMIN, Company, SAM};

fn told(seen: &Seen) -> Value {
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    serde_json::from_str(&seen.text).unwrap()
}

async fn values(browser: &mut Browser, path: &str) -> Vec<String> {
    let list = told(&browser.get(path).await);
    list.as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_is_told_the_few_that_fit_best() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let found = told(&admin.get("/suggest?of=site&q=NOR").await);
    assert_eq!(found, json!([{ "value": "north", "title": "NORTH", "note": "" }]));
    let found = told(&admin.get("/suggest?of=location&q=lee").await);
    assert_eq!(found, json!([{ "value": "leeds", "title": "leeds", "note": "NORTH" }]));
    assert_eq!(values(&mut admin, "/suggest?of=location&q=&site=south").await, ["dover"]);
    assert_eq!(values(&mut admin, "/suggest?of=user&q=ada").await, [ADA]);
    let permissions = values(&mut admin, "/suggest?of=permission&q=order_update").await;
    assert_eq!(
        permissions.first().unwrap(),
        "ORDER_UPDATE",
        "itself, before those with it somewhere in them"
    );
    assert_eq!(values(&mut admin, "/suggest?of=channel&q=web&site=south&application=").await, ["web"]);
    let roles = values(&mut admin, "/suggest?of=role&q=&application=store_app").await;
    assert!(roles.contains(&"vendor".to_owned()) && !roles.contains(&"client_admin".to_owned()));
    assert_eq!(values(&mut admin, "/suggest?of=role").await.len(), service::SUGGESTIONS_MAX);
    assert_eq!(values(&mut admin, "/suggest?of=site&q=nothing").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_they_may_not_know() {
    let company = Company::new();
    let mut stranger = Browser::new(&company);
    for door in ["", "/store"] {
        let seen = stranger.get(&format!("{door}/suggest?of=site&q=")).await;
        assert!(
            seen.location().starts_with(&format!("{door}/sign-in?next=")) && !seen.text.contains("north")
        );
    }
    let mut ada = Browser::of(&company, "", ADA).await;
    assert_eq!(values(&mut ada, "/suggest?of=site&q=").await, ["north"]);
    assert_eq!(values(&mut ada, "/suggest?of=location&q=").await, ["leeds"]);
    assert_eq!(values(&mut ada, "/suggest?of=location&q=dover&site=south").await, [""; 0]);
    assert_eq!(values(&mut ada, "/suggest?of=user&q=shop").await, [""; 0]);
    for of in ["role", "permission"] {
        let refused = ada.get(&format!("/suggest?of={of}&q=")).await;
        assert_eq!((refused.status.as_u16(), refused.text.as_str()), (403, ""), "{of}");
    }
    let mut sam = Browser::of(&company, "/store", SAM).await;
    let own = sam.get("/store/me").await;
    own.says(200, "data-suggest=\"/store/suggest\"").says(200, "data-suggest=\"location\"");
    assert_eq!(values(&mut sam, "/store/suggest?of=location&q=").await, ["leeds"]);
    assert_eq!(values(&mut sam, "/store/suggest?of=site&q=o").await, ["north"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_question_is_refused_without_a_page() {
    let company = Company::new();
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let long = format!("of=site&q={}", "x".repeat(501));
    for odd in [
        "",
        "of=password",
        "q=a",
        "of=site&of=role",
        "of=site&q=a&q=b",
        "of=role&application=mars",
        long.as_str(),
    ] {
        let refused = admin.get(&format!("/suggest?{odd}")).await;
        assert_eq!((refused.status.as_u16(), refused.text.as_str()), (400, ""), "{odd}");
    }
    let post = admin.post("/suggest", &[("of", "site")]).await;
    assert_eq!(post.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_is_a_text_in_json_and_nothing_a_browser_would_run() {
    let company = Company::new();
    let name = "</script><img src=x onerror=\"alert(1)\">\u{2028}\\";
    let (key, site) = ("q\"1<b>", "north".to_owned());
    let create = LocationOp::Create {
        retailer: site,
        key: key.into(),
        name: Some(name.replace('\u{2028}', " ")),
        warehouse: false,
    };
    company.perform(Op::Location(create));
    company.perform(Op::Retailer(RetailerOp::Edit {
        retailer: "north".into(),
        name: Some("<i>".into()),
        default_channel: None,
    }));
    let mut admin = Browser::of(&company, "", ADMIN).await;
    let seen = admin.get("/suggest?of=location&q=%3Cimg").await;
    assert_eq!(seen.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(told(&seen), json!([{ "value": key, "title": name.replace('\u{2028}', " "), "note": "<i>" }]));
}
