//! `/v2`: the habits of OneStock's clients.

mod common;

use axum::http::StatusCode;
use common::{ADA, ADMIN, BOB, PASSWORD, ask, bare, by, from, grant, login, long, open, perform, with};
use serde_json::{Value, json};
use service::ops::{GrantOp, Op};

const ORDER: &str = "/v2/orders/SO-001";

fn login_body(site: &str, user: &str, password: &str) -> String {
    json!({ "site_id": site, "user_id": user, "password": password }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_site_a_strange_site_and_a_wrong_password_look_alike() {
    let (_, router) = open();
    let mut answers = Vec::new();
    for (n, (site, user, password)) in [
        ("Nowhere", ADA, PASSWORD),
        ("South", ADA, PASSWORD),
        ("", ADA, PASSWORD),
        ("North", ADA, "a wrong password"),
        ("North", "nobody@shop.example", PASSWORD),
        ("North", "no body", PASSWORD),
        ("North", "other/ada@shop.example", PASSWORD),
    ]
    .into_iter()
    .enumerate()
    {
        let request = bare("POST", "/v2/login", &login_body(site, user, password));
        let answer = ask(&router, from(request, &format!("192.0.2.{n}"))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{site} {user}: {}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for wrong in ["", "{}", "[]", "x", r#"{"site_id":"North","user_id":"a","password":1}"#] {
        let answer = ask(&router, bare("POST", "/v2/login", wrong)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}: {}", answer.text);
    }
    assert_eq!(ask(&router, bare("GET", "/v2/login", "")).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_and_the_site_are_in_the_body_of_get() {
    let (_, router) = open();
    let token = login(&router, ADA, "North").await;
    let (kept, _) = long(&router, ADA).await;
    for token in [&token, &kept] {
        let body =
            json!({ "site_id": "North", "token": token, "fields": ["id", "ref", "lines"] }).to_string();
        let answer = ask(&router, bare("GET", ORDER, &body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let json = answer.json();
        let names: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(names, ["id", "lines", "ref"]);
        assert_eq!((&json["ref"], json["lines"].as_array().unwrap().len()), (&json!("SO-001"), 1));
    }
    // The token of a sign-in is active in its site; others are asked to name one.
    let active = json!({ "token": token }).to_string();
    let whole = ask(&router, bare("GET", ORDER, &active)).await;
    assert_eq!(whole.status, StatusCode::OK, "{}", whole.text);
    let whole = whole.json();
    assert_eq!(whole.as_object().unwrap().len(), 11, "{whole}");
    assert_eq!((&whole["retailer"], &whole["status"]), (&json!("North"), &json!("COMPLETE")));
    let nowhere = json!({ "token": kept }).to_string();
    assert_eq!(ask(&router, bare("GET", ORDER, &nowhere)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_cannot_send_a_body_with_get_sends_post_and_says_so() {
    let (_, router) = open();
    let token = login(&router, ADA, "North").await;
    let body = json!({ "site_id": "North", "token": token, "fields": ["ref"] }).to_string();
    let post = || bare("POST", ORDER, &body);
    let answer = ask(&router, with(post(), "x-http-method-override", "GET")).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "ref": "SO-001" })));
    for request in [post(), with(post(), "x-http-method-override", "DELETE")] {
        let answer = ask(&router, request).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, Some("GET")));
    }
    let twice = with(with(post(), "x-http-method-override", "GET"), "x-http-method-override", "GET");
    assert_eq!(ask(&router, twice).await.status, StatusCode::BAD_REQUEST);
    let stranger = with(bare("POST", ORDER, "{}"), "x-http-method-override", "GET");
    assert_eq!(ask(&router, stranger).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_clients_send_a_password_in_two_headers_and_the_site_in_the_body() {
    let (_, router) = open();
    let body = json!({ "site_id": "North", "token": "", "fields": ["ref"] }).to_string();
    let request =
        |user: &str| with(with(bare("GET", ORDER, &body), "auth-user", user), "auth-password", PASSWORD);
    assert_eq!(ask(&router, request(ADA)).await.json(), json!({ "ref": "SO-001" }));
    assert_eq!(ask(&router, request("nobody@shop.example")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unseen_is_404_and_an_unknown_field_is_400() {
    let (service, router) = open();
    let token = login(&router, ADA, "North").await;
    let get = |order: &str, site: &str, fields: Value| {
        let body = json!({ "site_id": site, "token": token, "fields": fields }).to_string();
        bare("GET", &format!("/v2/orders/{order}"), &body)
    };
    let absent = ask(&router, get("SO-999", "North", json!(["ref"]))).await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
    for (order, site) in
        [("SO-002", "North"), ("SO-002", "South"), ("SO-001", "Nowhere"), ("SO-001", "South")]
    {
        let unseen = ask(&router, get(order, site, json!(["ref"]))).await;
        assert_eq!((unseen.status, &unseen.text), (StatusCode::NOT_FOUND, &absent.text), "{order} {site}");
    }
    for wrong in [json!(["ref", "password"]), json!(["revision"]), json!("ref"), json!([1])] {
        let answer = ask(&router, get("SO-001", "North", wrong.clone())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    // Whoever may see both sites sees an order in its own site alone.
    let add = GrantOp::Add { users: vec![ADA.into()], grant: grant("api_user", Some("South")) };
    perform(&service, Op::Grant(add));
    let may = ask(&router, get("SO-002", "South", json!(["ref"]))).await;
    assert_eq!(may.json(), json!({ "ref": "SO-002" }), "a grant holds at the next request");
    assert_eq!(ask(&router, get("SO-002", "North", json!(["ref"]))).await.status, StatusCode::NOT_FOUND);
    let everywhere = by(ADMIN, "GET", ORDER, &json!({ "site_id": "South" }).to_string());
    assert_eq!(ask(&router, everywhere).await.status, StatusCode::NOT_FOUND);
    let holds_nothing = by(BOB, "GET", "/v2/orders/SO-002", &json!({ "site_id": "South" }).to_string());
    assert_eq!(ask(&router, holds_nothing).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&router, bare("GET", ORDER, "")).await.status, StatusCode::UNAUTHORIZED);
    let twice = format!(r#"{{"site_id":"North","token":"{token}","token":"{token}"}}"#);
    assert_eq!(ask(&router, bare("GET", ORDER, &twice)).await.status, StatusCode::BAD_REQUEST);
}
