//! `/access/v1/evaluation`: what is asked, what is answered, and what is refused.

mod common;

use axum::http::StatusCode;
use common::{ADA, ADMIN, BOB, EVE, PEP, UNTIL, ask, decided, post, shared};
use serde_json::{Value, json};

const PATH: &str = "/access/v1/evaluation";

#[expect(clippy::needless_pass_by_value, reason = "values are made where they are asked about")]
fn question(user: &str, permission: &str, resource: Value) -> Value {
    json!({ "subject": { "type": "user", "id": user }, "action": { "name": permission }, "resource": resource })
}

fn order_at(retailer: &str) -> Value {
    json!({ "type": "order", "id": "any", "properties": { "retailer": retailer } })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_its_decision_its_reason_and_its_revision() {
    let answer = decided(PATH, ADMIN, &question(ADA, "ORDER_VIEW", order_at("North"))).await;
    assert_eq!(answer["decision"], true);
    assert_eq!(answer["context"]["reason"], json!({ "code": "granted" }));
    assert!(answer["context"]["revision"].as_u64().unwrap() > 5, "{answer}");
    let answer = decided(PATH, ADMIN, &question(ADA, "ORDER_VIEW", order_at("South"))).await;
    assert_eq!(
        (&answer["decision"], &answer["context"]["reason"]["code"]),
        (&json!(false), &json!("not_here"))
    );
    let answer = decided(PATH, ADMIN, &question(BOB, "ORDER_VIEW", order_at("South"))).await;
    assert_eq!(answer["context"]["reason"]["code"], "not_held");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_thing_is_judged_where_it_is_and_one_that_is_not_stored_nowhere() {
    let order = |id: &str| json!({ "type": "order", "id": id });
    let may = |id: &'static str| async move {
        decided(PATH, ADMIN, &question(ADA, "ORDER_VIEW", order(id))).await["decision"] == true
    };
    // 1 and 3 of every three orders are of the North.
    assert!(may("SO-003").await && may("SO-001").await && !may("SO-002").await);
    assert!(!may("nothing").await, "an empty place is admitted by All alone");
    let of_admin = decided(PATH, ADMIN, &question(ADMIN, "ORDER_VIEW", order("nothing"))).await;
    assert_eq!(of_admin["decision"], true);
    let location = |id: &str| json!({ "type": "location", "id": id });
    assert_eq!(
        decided(PATH, ADMIN, &question(ADA, "LOCATION_VIEW", location("S1"))).await["decision"],
        false
    );
    // Nothing of that entity is stored here, and it has no place when none is sent.
    let carrier = json!({ "type": "workflow", "id": "x" });
    assert_eq!(decided(PATH, ADMIN, &question(ADA, "ORDER_VIEW", carrier)).await["decision"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_that_are_sent_are_the_place_whatever_is_stored() {
    let mut resource = order_at("South");
    resource["id"] = json!("SO-003");
    assert_eq!(decided(PATH, ADMIN, &question(ADA, "ORDER_VIEW", resource)).await["decision"], false);
    let at_store = |store: &str| json!({ "type": "fulfilment", "id": "x", "properties": { "location": store, "channel": "Online", "x": [1] } });
    assert_eq!(
        decided(PATH, ADMIN, &question(ADA, "FULFILMENT_VIEW", at_store("N1"))).await["decision"],
        true
    );
    assert_eq!(
        decided(PATH, ADMIN, &question(ADA, "FULFILMENT_VIEW", at_store("S1"))).await["decision"],
        false
    );
    // A property that is null is one that is not sent.
    let null = json!({ "type": "order", "id": "SO-003", "properties": { "retailer": null } });
    assert_eq!(decided(PATH, ADMIN, &question(ADA, "ORDER_VIEW", null)).await["decision"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_asked_about_by_login_or_id_and_unknown_ones_are_denied() {
    let upper = ADA.to_uppercase();
    assert_eq!(
        decided(PATH, ADMIN, &question(&upper, "ORDER_VIEW", order_at("North"))).await["decision"],
        true
    );
    let by_id = decided(PATH, ADMIN, &question("usr_2", "ORDER_VIEW", order_at("North"))).await;
    assert_eq!(by_id["decision"], true);
    for unknown in ["nobody@shop.example", "usr_4000000", ""] {
        let answer = decided(PATH, ADMIN, &question(unknown, "ORDER_VIEW", order_at("North"))).await;
        assert_eq!(answer["decision"], false);
        assert_eq!(answer["context"]["reason"]["code"], "unknown_user");
    }
    let user = |login: &str| json!({ "type": "user", "id": login });
    // Being oneself is no grant.
    let oneself = decided(PATH, ADMIN, &question(PEP, "USER_VIEW", user(PEP))).await;
    assert_eq!(oneself["context"]["reason"]["code"], "not_held");
    assert_eq!(decided(PATH, ADMIN, &question(ADMIN, "USER_VIEW", user(ADA))).await["decision"], true);
    assert_eq!(decided(PATH, ADMIN, &question(ADA, "USER_VIEW", user("nobody"))).await["decision"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_about_others_needs_decision_view_there_and_tells_nothing_without() {
    let asked =
        |user, retailer| post(PATH, PEP, question(user, "ORDER_VIEW", order_at(retailer)).to_string());
    assert_eq!(ask(&shared(), asked(ADA, "North")).await.status, StatusCode::OK);
    let known = ask(&shared(), asked(ADA, "South")).await;
    let unknown = ask(&shared(), asked("nobody@shop.example", "South")).await;
    assert_eq!((known.status, unknown.status), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    assert!(known.text.contains("DECISION_VIEW") && known.text == unknown.text, "{}", known.text);
    // About oneself one may always ask.
    assert_eq!(decided(PATH, PEP, &question(PEP, "ORDER_VIEW", order_at("South"))).await["decision"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_counts_when_it_is_named() {
    let within = |application: &str| {
        let mut asked = question(ADA, "ORDER_UPDATE", order_at("North"));
        asked["context"] = json!({ "application": application, "time": "12:00", "ip": { "v": 4 } });
        asked
    };
    assert_eq!(decided(PATH, ADMIN, &within("omc")).await["decision"], true);
    let closed = decided(PATH, ADMIN, &within("store_app")).await;
    assert_eq!(closed["context"]["reason"]["code"], "application_closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_and_the_end_of_an_answer_are_told() {
    let mut asked = question(ADA, "ORDER_VIEW", order_at("South"));
    asked["options"] = json!({ "explain": true, "unknown": {} });
    let answer = decided(PATH, ADMIN, &asked).await;
    let text = answer["context"]["reason"]["text"].as_str().unwrap();
    assert!(text.starts_with("nearest: ") && text.contains("ORDER_VIEW over North"), "{text}");
    assert_eq!(answer["context"].get("valid_until"), None);
    let timed = decided(PATH, ADMIN, &question(EVE, "ORDER_VIEW", order_at("South"))).await;
    assert_eq!(timed["context"]["valid_until"], UNTIL);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_members_are_ignored_and_their_order_is_free() {
    let text = r#"{ "zzz": [[{}]], "resource": {"properties": {"retailer": "Nor\u0074h"}, "id": "", "type": "order"},
        "action": {"properties": {"soft": true}, "name": "ORDER_VIEW"}, "context": {}, "evaluations": 7,
        "subject": {"id": "ada@shop.example", "x": null, "type": "user", "properties": {"role": "admin"}} }"#;
    let answer = ask(&shared(), post(PATH, ADMIN, text)).await;
    assert_eq!(
        (answer.status, &answer.json()["decision"]),
        (StatusCode::OK, &json!(true)),
        "{}",
        answer.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_asked_is_400_and_says_what_is_wrong() {
    let right = question(ADA, "ORDER_VIEW", order_at("North"));
    let with = |pointer: &str, value: Value| {
        let mut asked = right.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        asked.pointer_mut(parent).unwrap()[name] = value;
        asked.to_string()
    };
    let without = |name: &str| {
        let mut asked = right.clone();
        asked.as_object_mut().unwrap().remove(name);
        asked.to_string()
    };
    let deep = |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let cases = [
        (String::new(), "empty"),
        ("{".to_owned(), "cannot be read"),
        ("null".to_owned(), "no JSON object"),
        ("[]".to_owned(), "no JSON object"),
        (format!("{right} x"), "cannot be read"),
        (r#"{"subject":{},"subject":{}}"#.to_owned(), "`subject` is there twice"),
        (r#"{"x":"\ud800"}"#.to_owned(), "cannot be read"),
        (deep(200), "recursion limit"),
        (deep(20_000), "recursion limit"),
        (without("subject"), "`subject` is missing"),
        (without("action"), "`action` is missing"),
        (without("resource"), "`resource` is missing"),
        (with("/subject", json!("alice")), "`subject` is no object"),
        (with("/subject", json!(null)), "`subject` is no object"),
        (with("/subject", json!({})), "`subject.type` is missing"),
        (with("/subject/type", json!("robot")), "`robot`: it is `user`"),
        (with("/subject/id", json!(7)), "`subject.id` is no text"),
        (with("/subject/properties", json!([])), "`subject.properties` is no object"),
        (with("/action/name", json!(123)), "`action.name` is no text"),
        (with("/action/name", json!("ORDER_EAT")), "no permission `ORDER_EAT`"),
        (with("/resource/type", json!("sandwich")), "no entity `sandwich`"),
        (with("/resource/type", json!("sandwich")), "fulfilment"),
        (with("/resource/id", json!(null)), "`resource.id` is missing"),
        (with("/resource/properties", json!("x")), "no object"),
        (
            with("/resource/properties/retailer", json!(["North"])),
            "`resource.properties.retailer` is no text",
        ),
        (with("/resource/properties/retailer", json!("East")), "no retailer `East`"),
        (with("/resource/properties/location", json!("S1")), "another retailer"),
        (with("/context", json!("omc")), "`context` is no object"),
        (with("/context", json!({ "application": "fax" })), "omc, store_app, api"),
        (with("/options", json!(1)), "`options` is no object"),
        (with("/options", json!({ "explain": "yes" })), "neither true nor false"),
    ];
    for (body, told) in cases {
        let answer = ask(&shared(), post(PATH, ADMIN, body.clone())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body:.200}: {}", answer.text);
        assert!(answer.text.contains(told), "{body:.200}: {} does not say {told}", answer.text);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    }
    let utf8 = post(PATH, ADMIN, b"{\"x\":\"\xff\"}".to_vec());
    assert!(ask(&shared(), utf8).await.text.contains("UTF-8"));
}
