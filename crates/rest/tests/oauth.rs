//! `POST /oauth/token`: pairs of tokens, errors in the words of the standard, and refresh tokens that are good once.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up fails")]

mod common;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine;
use common::{ADA, BOB, PASSWORD, ask, bearer, client, form, from, oauth, open, pair, perform, with};
use serde_json::{Value, json};
use service::ops::{Op, UserOp};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn query(fields: &[(&str, &str)]) -> Request<Body> {
    Request::post(format!("/oauth/token?{}", form(fields))).body(Body::empty()).unwrap()
}

fn as_client(request: Request<Body>, id: &str, secret: &str) -> Request<Body> {
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
    with(request, "authorization", &format!("Basic {text}"))
}

fn password(secret: &str) -> Vec<(&str, &str)> {
    vec![
        ("username", ADA),
        ("password", PASSWORD),
        ("scope", "api"),
        ("grant_type", "password"),
        ("client_id", "shop-app"),
        ("client_secret", secret),
    ]
}

fn refresh<'a>(token: &'a str, secret: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", "shop-app"),
        ("client_secret", secret),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_exchanged_wherever_the_parameters_stand() {
    let (service, router) = open();
    let secret = client(&service, "shop-app", "North");
    let all = password(&secret);
    let (first, rest) = all.split_at(3);
    let mixed = Request::post(format!("/oauth/token?{}", form(first)))
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Body::from(form(rest)))
        .unwrap();
    let without_client = all.get(..4).unwrap();
    let header = as_client(oauth(without_client), "shop-app", &secret);
    let mut named = all.clone();
    named.retain(|(name, _)| *name != "client_secret" && *name != "username");
    named.push(("username", "shop/ada@shop.example"));
    let named = as_client(oauth(&named), "shop%2Dapp", &secret);
    let account = with(oauth(&all), "keyward-account", "shop");
    for request in [oauth(&all), query(&all), mixed, header, named, account] {
        let answer = ask(&router, request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let json = answer.json();
        assert_eq!(
            (&json["token_type"], &json["expires_in"], &json["scope"], &json["Retailer_id"]),
            (&json!("bearer"), &json!(86_400), &json!("api"), &json!("1"))
        );
        let access = json["access_token"].as_str().unwrap();
        assert!(access.starts_with("kwa_") && json["refresh_token"].as_str().unwrap().starts_with("kwr_"));
        assert_eq!(ask(&router, bearer("GET", "/api/v1/orders", "", access)).await.status, StatusCode::OK);
    }
}

/// The status and code of a refusal, which says why and is not kept by anybody.
async fn refused(router: &Router, request: Request<Body>) -> (u16, String) {
    let answer = ask(router, request).await;
    let json: Value = answer.json();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let description = json["error_description"].as_str().unwrap();
    assert!(description.len() > 10 && description.bytes().all(|b| b != b'"' && (b' '..=b'~').contains(&b)));
    assert_eq!(answer.status == StatusCode::UNAUTHORIZED, answer.header("www-authenticate").is_some());
    (answer.status.as_u16(), json["error"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_those_of_the_standard() {
    let (service, router) = open();
    let secret = client(&service, "shop-app", "North");
    let other = client(&service, "other-app", "North");
    let all = password(&secret);
    let change = |name: &str, value: Option<&'static str>| -> Vec<(&str, &str)> {
        let mut fields = all.clone();
        fields.retain(|(other, _)| *other != name);
        if let Some(value) = value {
            fields.push((all.iter().find(|(n, _)| *n == name).unwrap().0, value));
        }
        fields
    };
    let mut wrong_client = all.clone();
    wrong_client.pop();
    wrong_client.push(("client_secret", &other));
    let mut doubled = all.clone();
    doubled.push(("username", ADA));
    let cases: Vec<(Request<Body>, u16, &str)> = vec![
        (oauth(&[]), 400, "invalid_request"),
        (oauth(&change("grant_type", None)), 400, "invalid_request"),
        (oauth(&change("grant_type", Some("client_credentials"))), 400, "unsupported_grant_type"),
        (oauth(&change("username", None)), 400, "invalid_request"),
        (oauth(&change("password", None)), 400, "invalid_request"),
        (oauth(&change("scope", Some("admin"))), 400, "invalid_scope"),
        (oauth(&change("client_id", None)), 401, "invalid_client"),
        (oauth(&change("client_id", Some("nobody"))), 401, "invalid_client"),
        (oauth(&change("client_secret", None)), 401, "invalid_client"),
        (oauth(&change("client_secret", Some("guess"))), 401, "invalid_client"),
        (oauth(&wrong_client), 401, "invalid_client"),
        (as_client(oauth(&change("client_secret", None)), "shop-app", "guess"), 401, "invalid_client"),
        (with(oauth(&change("client_secret", None)), "authorization", "Bearer x"), 401, "invalid_client"),
        (as_client(oauth(&all), "shop-app", &secret), 400, "invalid_request"),
        (as_client(oauth(&change("client_secret", None)), "other-app", &other), 400, "invalid_request"),
        (oauth(&doubled), 400, "invalid_request"),
        (oauth(&change("username", Some("nobody@shop.example"))), 400, "invalid_grant"),
        (oauth(&change("username", Some("no body"))), 400, "invalid_grant"),
        (oauth(&change("password", Some("a wrong password"))), 400, "invalid_grant"),
        (with(oauth(&all), "keyward-account", "other"), 401, "invalid_client"),
        (with(with(oauth(&all), "keyward-account", "a"), "keyward-account", "b"), 400, "invalid_request"),
    ];
    for (n, (request, status, error)) in cases.into_iter().enumerate() {
        let request = from(request, &format!("192.0.2.{n}"));
        assert_eq!(refused(&router, request).await, (status, error.to_owned()), "case {n}");
    }
    let mut both = oauth(&all);
    *both.uri_mut() = "/oauth/token?grant_type=password".parse().unwrap();
    assert_eq!(refused(&router, both).await.1, "invalid_request", "a name in the query and in the body");
    let json = Request::post("/oauth/token").header("content-type", "application/json");
    assert_eq!(refused(&router, json.body(Body::from("{}")).unwrap()).await, (400, "invalid_request".into()));
    let large = Request::post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
    let large = large.body(Body::from("x".repeat(rest::SMALL_BODY_BYTES_MAX + 1))).unwrap();
    assert_eq!(refused(&router, large).await, (413, "invalid_request".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_enter_the_api_or_has_a_first_password_gets_no_pair() {
    let (service, router) = open();
    let secret = client(&service, "shop-app", "North");
    let disabled = |user: &str| perform(&service, Op::User(UserOp::Disable { user: user.into() }));
    disabled(BOB);
    let mut fields = password(&secret);
    fields.retain(|(name, _)| *name != "username" && *name != "password");
    let with_user = |login: &'static str, password: &str| {
        let mut fields: Vec<(&str, &str)> = fields.clone();
        fields.extend([("username", login), ("password", password)]);
        oauth(&fields)
    };
    assert_eq!(refused(&router, with_user(BOB, PASSWORD)).await, (400, "invalid_grant".into()));
    let made = perform(&service, Op::User(UserOp::Password { user: ADA.into(), password: None }));
    let first = made.json["password"].as_str().unwrap();
    assert_eq!(refused(&router, with_user(ADA, first)).await, (400, "invalid_grant".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_tries_are_told_when_to_come_back() {
    let (service, router) = open();
    let secret = client(&service, "shop-app", "North");
    let mut last = None;
    for n in 0..12 {
        let mut fields = password(&secret);
        fields.retain(|(name, _)| *name != "password");
        let guess = format!("guess number {n}");
        fields.push(("password", &guess));
        let answer = ask(&router, from(oauth(&fields), "203.0.113.5")).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            last = Some(answer);
            break;
        }
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    }
    let answer = last.unwrap();
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_good_once_and_using_it_again_ends_the_family() {
    let (service, router) = open();
    let secret = client(&service, "shop-app", "North");
    let foreign = client(&service, "other-app", "North");
    let (access, first) = pair(&router, ADA, "shop-app", &secret).await;
    let (elsewhere, _) = pair(&router, ADA, "shop-app", &secret).await;
    let opens =
        async |token: &str| ask(&router, bearer("GET", "/api/v1/orders", "", token)).await.status.as_u16();
    // Another client's attempt and a wrong secret change nothing.
    let mut fields = refresh(&first, &foreign).to_vec();
    assert_eq!(refused(&router, oauth(&fields)).await, (401, "invalid_client".into()));
    fields.retain(|(name, _)| *name != "client_id");
    fields.push(("client_id", "other-app"));
    assert_eq!(refused(&router, oauth(&fields)).await, (400, "invalid_grant".into()));
    let answer = ask(&router, oauth(&refresh(&first, &secret))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let json = answer.json();
    let (newer, second) = (json["access_token"].as_str().unwrap(), json["refresh_token"].as_str().unwrap());
    assert!(newer != access && second != first);
    assert_eq!(json["Retailer_id"], "1");
    assert_eq!(opens(newer).await, 200);
    // Somebody has the first one who should not: everything that came of it ends.
    assert_eq!(refused(&router, oauth(&refresh(&first, &secret))).await, (400, "invalid_grant".into()));
    assert_eq!((opens(newer).await, opens(&access).await), (401, 401));
    assert_eq!(refused(&router, oauth(&refresh(second, &secret))).await, (400, "invalid_grant".into()));
    assert_eq!(opens(&elsewhere).await, 200, "another family of the same user goes on");
    for wrong in ["x", &access, ""] {
        let status = refused(&router, oauth(&refresh(wrong, &secret))).await.0;
        assert_eq!(status, 400, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_request_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (service, router) = open();
    let secret = client(&service, "shop-app", "North");
    let answer = ask(&router, query(&password(&secret))).await.json();
    let texts: Vec<&str> =
        ["access_token", "refresh_token"].into_iter().map(|name| answer[name].as_str().unwrap()).collect();
    let token = texts.first().unwrap();
    for path in ["/api/v1/orders", "/api/v1/me/tokens", "/v2/orders/SO-001", "/nothing"] {
        ask(&router, common::bare("GET", &format!("{path}?token={token}"), "")).await;
    }
    let mut wrong = password(&secret);
    wrong.retain(|(name, _)| *name != "password");
    wrong.push(("password", "a very wrong password"));
    ask(&router, from(query(&wrong), "192.0.2.200")).await;
    // An account that there is not has no audit: what is told of it is told in the log.
    wrong.retain(|(name, _)| *name != "username");
    wrong.push(("username", "elsewhere/ada@shop.example"));
    assert_eq!(refused(&router, from(query(&wrong), "192.0.2.201")).await.0, 401);
    tracing::info!("the log is heard");
    let written = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let written = String::from_utf8_lossy(&written);
    assert!(written.contains("the log is heard") && written.contains("a sign-in was refused"), "{written}");
    for text in texts.into_iter().chain([secret.as_str(), "very wrong", "correct+horse", PASSWORD]) {
        assert!(!written.contains(text), "{text} is in the log");
    }
}
