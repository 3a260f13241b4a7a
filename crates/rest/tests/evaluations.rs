//! `/access/v1/evaluations`: what items inherit, where a batch ends, and trouble with one of many.

#![expect(clippy::unwrap_used, reason = "a test that finds no answer fails")]

mod common;

use axum::http::StatusCode;
use common::{ADA, ADMIN, PEP, ask, decided, post, shared};
use serde_json::{Value, json};

const PATH: &str = "/access/v1/evaluations";

fn order_at(retailer: &str) -> Value {
    json!({ "type": "order", "id": "any", "properties": { "retailer": retailer } })
}

/// A batch about one user and permission, and these items.
#[expect(clippy::needless_pass_by_value, reason = "values are made where they are asked about")]
fn batch(items: Value) -> Value {
    json!({
        "subject": { "type": "user", "id": ADA }, "action": { "name": "ORDER_VIEW" },
        "resource": order_at("North"), "evaluations": items,
    })
}

fn decisions(answer: &Value) -> Vec<bool> {
    assert_eq!(answer.as_object().unwrap().len(), 1, "no member besides evaluations: {answer}");
    let all = answer["evaluations"].as_array().unwrap();
    all.iter().map(|one| one["decision"].as_bool().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn items_inherit_whole_objects_and_answers_keep_their_order() {
    let items = json!([
        {},
        { "resource": order_at("South") },
        // The whole resource is replaced: without properties the stored order says where it is.
        { "resource": { "type": "order", "id": "SO-002" } },
        { "resource": { "type": "order", "id": "SO-003" }, "unknown": 1 },
        { "action": { "name": "USER_UPDATE" } },
        { "subject": { "type": "user", "id": ADMIN }, "action": { "name": "USER_UPDATE" } },
        { "context": { "application": "store_app" } },
        {},
    ]);
    let answer = decided(PATH, ADMIN, &batch(items)).await;
    assert_eq!(decisions(&answer), [true, false, false, true, false, true, false, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn context_is_inherited_and_replaced_as_a_whole() {
    let mut asked = batch(json!([{}, { "context": {} }, { "context": { "application": "omc" } }]));
    asked["context"] = json!({ "application": "store_app" });
    assert_eq!(decisions(&decided(PATH, ADMIN, &asked).await), [false, true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_evaluations_it_is_a_single_question() {
    for items in [json!([]), Value::Null] {
        let mut asked = batch(items.clone());
        if items.is_null() {
            asked.as_object_mut().unwrap().remove("evaluations");
        }
        let answer = decided(PATH, ADMIN, &asked).await;
        assert_eq!(answer["decision"], true);
        asked.as_object_mut().unwrap().remove("action");
        let answer = ask(&shared(), post(PATH, ADMIN, asked.to_string())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "an incomplete request is refused as a whole");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn defaults_that_nobody_inherits_need_not_be_complete() {
    let mut asked = batch(json!([{ "resource": order_at("North") }, {}]));
    asked["resource"] = json!({});
    asked["context"] = json!({});
    let answer = decided(PATH, ADMIN, &asked).await;
    assert_eq!(decisions(&answer), [true, false]);
    assert_eq!(answer["evaluations"][1]["context"]["error"]["status"], 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_with_one_item_is_told_in_its_place() {
    let user = |login: &str| json!({ "subject": { "type": "user", "id": login } });
    let place = |name: &str| json!({ "resource": order_at(name) });
    let items = json!([
        {}, 7, { "subject": "x" }, { "resource": {} }, user("nobody@shop.example"), place("East"),
        { "resource": { "type": "sandwich", "id": "1" } }, { "action": { "name": "ORDER_EAT" } },
        { "context": { "application": 1 } }, {},
    ]);
    let answer = decided(PATH, ADMIN, &batch(items)).await;
    let all = answer["evaluations"].as_array().unwrap();
    let told: Vec<u64> =
        all.iter().map(|one| one["context"]["error"]["status"].as_u64().unwrap_or(0)).collect();
    assert_eq!(told, [0, 400, 400, 400, 404, 404, 400, 400, 400, 0]);
    for one in all.iter().filter(|one| one["context"].get("error").is_some()) {
        assert_eq!(one["decision"], false);
        assert!(!one["context"]["error"]["message"].as_str().unwrap().is_empty());
    }
    assert_eq!((&all[0]["decision"], &all[9]["decision"]), (&json!(true), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_about_an_item_is_told_so_there() {
    let items = json!([
        {}, { "resource": order_at("South") },
        { "subject": { "type": "user", "id": "nobody@shop.example" }, "resource": order_at("South") },
    ]);
    let answer = decided(PATH, PEP, &batch(items)).await;
    assert_eq!(decisions(&answer), [true, false, false]);
    let error = |n: usize| &answer["evaluations"][n]["context"]["error"];
    assert_eq!(error(1)["status"], 403);
    assert_eq!(error(1), error(2), "whether there is such a user is not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_semantic_ends_the_batch_where_it_says() {
    let asked = |semantic: &str, places: &[&str]| {
        let items: Vec<Value> = places.iter().map(|p| json!({ "resource": order_at(p) })).collect();
        let mut asked = batch(Value::Array(items));
        asked["options"] = json!({ "evaluations_semantic": semantic, "other": 1 });
        asked
    };
    let cases: [(&str, &[&str], &[bool]); 6] = [
        ("execute_all", &["North", "South", "North"], &[true, false, true]),
        ("deny_on_first_deny", &["North", "South", "North"], &[true, false]),
        ("deny_on_first_deny", &["North", "East", "North"], &[true, false]),
        ("deny_on_first_deny", &["North", "North"], &[true, true]),
        ("permit_on_first_permit", &["South", "North", "South"], &[false, true]),
        ("permit_on_first_permit", &["South", "East"], &[false, false]),
    ];
    for (semantic, places, expected) in cases {
        assert_eq!(decisions(&decided(PATH, ADMIN, &asked(semantic, places)).await), expected, "{semantic}");
    }
    let unknown = ask(&shared(), post(PATH, ADMIN, asked("guess", &["North"]).to_string())).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert!(unknown.text.contains("permit_on_first_permit"), "{}", unknown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_are_answered_each_by_its_place_and_more_are_refused() {
    let places = ["North", "South", "North", "North", "South"];
    let items = |count: usize| (0..count).map(|n| json!({ "resource": order_at(places[n % 5]) })).collect();
    let answer = decided(PATH, ADMIN, &batch(Value::Array(items(1_000)))).await;
    let expected: Vec<bool> = (0..1_000).map(|n| places[n % 5] == "North").collect();
    assert_eq!(decisions(&answer), expected);
    let refused = ask(&shared(), post(PATH, ADMIN, batch(Value::Array(items(1_003))).to_string())).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("1003 items"), "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_answers_as_single_questions_do() {
    let users = [ADA, ADMIN, PEP, "bob@shop.example", "eve@shop.example"];
    let permissions = ["ORDER_VIEW", "ORDER_UPDATE", "DECISION_VIEW", "FULFILMENT_VIEW"];
    let resources = [
        order_at("North"),
        order_at("South"),
        json!({ "type": "order", "id": "SO-010" }),
        json!({ "type": "fulfilment", "id": "x", "properties": { "location": "N2" } }),
        json!({ "type": "user", "id": ADA }),
    ];
    let mut items = Vec::new();
    for user in users {
        for permission in permissions {
            for resource in &resources {
                let subject = json!({ "type": "user", "id": user });
                items.push(
                    json!({ "subject": subject, "action": { "name": permission }, "resource": resource }),
                );
            }
        }
    }
    let many = decided(PATH, ADMIN, &json!({ "evaluations": items })).await;
    let mut allowed = 0;
    for (item, answer) in items.iter().zip(many["evaluations"].as_array().unwrap()) {
        let one = decided("/access/v1/evaluation", ADMIN, item).await;
        assert_eq!(&one, answer, "{item}");
        allowed += usize::from(one["decision"] == true);
    }
    assert!((10..90).contains(&allowed), "the questions tell nothing apart: {allowed} allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_with_the_whole_request_is_400() {
    let mut wrong_default = batch(json!([{ "subject": { "type": "user", "id": ADA } }]));
    wrong_default["subject"] = json!({ "type": "user", "id": 5 });
    let cases = [
        (batch(json!({})), "no array"),
        (batch(json!("x")), "no array"),
        (wrong_default, "`subject.id` is no text"),
        (json!({ "action": [], "evaluations": [{}] }), "`action` is no object"),
        (json!({ "resource": { "properties": { "channel": 1 } }, "evaluations": [{}] }), "is no text"),
        (json!({ "context": 1, "evaluations": [{}] }), "`context` is no object"),
        (json!({ "options": { "evaluations_semantic": 1 }, "evaluations": [{}] }), "is no text"),
    ];
    for (body, told) in cases {
        let answer = ask(&shared(), post(PATH, ADMIN, body.to_string())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.text);
        assert!(answer.text.contains(told), "{body}: {}", answer.text);
    }
}
