//! What holds for every route: who may call it, what every answer has, and what is refused at the door.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::{ADMIN, ask, base, basic, company, get, post, shared};
use rest::{Access, BODY_BYTES_MAX, Config, Route};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

fn of(route: &Route) -> String {
    let path = route.path.replace("{account}", "shop").replace("{order}", "SO-001");
    path.replace("{user}", "usr_2").replace("{token}", "tok_0000000000000001").replace("{provider}", "idp")
}

fn bare(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).header("x-request-id", "r-1").body(Body::empty()).unwrap()
}

fn all() -> Config {
    Config { base_url: Some(base()), bench_floor: true, ..Config::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_past_public_routes_alone() {
    let router = rest::router(company(), all());
    let (mut public, mut guarded) = (0, 0);
    for route in rest::routes(&all()) {
        let answer = ask(&router, bare(route.method, &of(&route))).await;
        if let Access::Public(reason) = route.access {
            assert!(reason.len() > 20, "{route:?} says why");
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{route:?}");
            public += 1;
            continue;
        }
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{route:?}");
        let challenges: Vec<&str> =
            answer.headers.get_all("www-authenticate").iter().map(|v| v.to_str().unwrap()).collect();
        assert_eq!(challenges, [r#"Basic realm="keyward", charset="UTF-8""#, r#"Bearer realm="keyward""#]);
        // Another login on each route: the same one may be tried some times only.
        let nobody = basic(&format!("nobody{guarded}@shop.example"));
        for wrong in ["Basic", "Bearer x", "Basic !!!", &nobody] {
            let mut request = bare(route.method, &of(&route));
            request.headers_mut().insert("authorization", wrong.parse().unwrap());
            assert_eq!(ask(&router, request).await.status, StatusCode::UNAUTHORIZED, "{route:?} {wrong}");
        }
        guarded += 1;
    }
    assert_eq!((public, guarded), (8, 18));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_headers_of_the_outermost_layer() {
    let router = rest::router(company(), all());
    let mut requests: Vec<(Request<Body>, StatusCode)> = vec![
        (bare("GET", "/nothing"), StatusCode::NOT_FOUND),
        (bare("GET", "/api/v1/nothing"), StatusCode::NOT_FOUND),
        (bare("POST", "/access/v1/search/subject"), StatusCode::NOT_FOUND),
        (bare("POST", "/access/v1/evaluation"), StatusCode::UNAUTHORIZED),
    ];
    for route in rest::routes(&all()) {
        let taken = |method: &str| rest::routes(&all()).any(|r| r.path == route.path && r.method == method);
        let other = rest::METHODS.into_iter().find(|method| !taken(method)).unwrap();
        requests.push((bare(other, &of(&route)), StatusCode::METHOD_NOT_ALLOWED));
    }
    let mut large = post("/access/v1/evaluation", ADMIN, vec![b' '; BODY_BYTES_MAX + 1]);
    large.headers_mut().insert("x-request-id", "r-1".parse().unwrap());
    requests.push((large, StatusCode::PAYLOAD_TOO_LARGE));
    for (request, status) in requests {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = ask(&router, request).await;
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(answer.header("x-request-id"), Some("r-1"), "{what}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        let problem = what.contains("/api/") || what.contains("/v2/");
        let kind = if problem { "application/problem+json" } else { "text/plain; charset=utf-8" };
        assert_eq!(answer.header("content-type"), Some(kind), "{what}");
        if status == StatusCode::METHOD_NOT_ALLOWED {
            assert!(answer.header("allow").is_some(), "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_that_is_none_is_not_echoed() {
    for (id, echoed) in
        [("a", true), (&*"x".repeat(128), true), (&*"x".repeat(129), false), ("a b", false), ("é", false)]
    {
        let mut request = bare("GET", "/healthz");
        request.headers_mut().insert("x-request-id", id.try_into().unwrap());
        let answer = ask(&shared(), request).await;
        assert_eq!(answer.headers.contains_key("x-request-id"), echoed, "{id}");
    }
    let request = Request::get("/healthz").body(Body::empty()).unwrap();
    assert!(!ask(&shared(), request).await.headers.contains_key("x-request-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_floor_is_hidden_unless_it_is_asked_for() {
    let question = json!({ "subject": { "type": "user", "id": ADMIN } }).to_string();
    let hidden = ask(&shared(), post("/access/v1/evaluation-floor", ADMIN, question.clone())).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let router = rest::router(company(), all());
    let answer = ask(&router, post("/access/v1/evaluation-floor", ADMIN, question)).await;
    assert_eq!((answer.status, &*answer.text), (StatusCode::OK, r#"{"decision":true}"#));
    let refused = ask(&router, post("/access/v1/evaluation-floor", ADMIN, "[")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_type_other_than_json_is_400() {
    for (kind, status) in [
        (Some("application/json"), 400),
        (Some("Application/JSON; charset=utf-8"), 400),
        (Some("text/plain"), 400),
        (Some("application/jsonx"), 400),
        (None, 400),
    ] {
        let mut request = post("/access/v1/evaluation", ADMIN, "{}");
        request.headers_mut().remove("content-type");
        if let Some(kind) = kind {
            request.headers_mut().insert("content-type", kind.parse().unwrap());
        }
        let answer = ask(&shared(), request).await;
        assert_eq!(answer.status.as_u16(), status);
        let is_json =
            kind.is_some_and(|k| k.to_lowercase().starts_with("application/json") && !k.ends_with('x'));
        assert_eq!(answer.text.contains("`subject` is missing"), is_json, "{kind:?}: {}", answer.text);
        assert_eq!(answer.text.contains("Content-Type"), !is_json, "{kind:?}: {}", answer.text);
    }
}

/// A body of ten million bytes that counts how much of it was taken.
struct Endless<'a>(&'a AtomicUsize);

impl axum::body::HttpBody for Endless<'static> {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame, Self::Error>>> {
        let taken = self.0.fetch_add(10_000, Ordering::Relaxed);
        let chunk = || Ok(Frame::data(axum::body::Bytes::from(vec![b' '; 10_000])));
        std::task::Poll::Ready((taken < 10_000_000).then(chunk))
    }
}

type Frame = http_body::Frame<axum::body::Bytes>;

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_refused_before_it_is_read_whole() {
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let request = post("/access/v1/evaluations", ADMIN, Body::new(Endless(&TAKEN)));
    assert_eq!(ask(&shared(), request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(TAKEN.load(Ordering::Relaxed) <= BODY_BYTES_MAX + 20_000, "{TAKEN:?}");
    // Said in advance, nothing of it is read.
    static UNREAD: AtomicUsize = AtomicUsize::new(0);
    let mut request = post("/access/v1/evaluations", ADMIN, Body::new(Endless(&UNREAD)));
    request.headers_mut().insert("content-length", 10_000_000.into());
    assert_eq!(ask(&shared(), request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(UNREAD.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_named_by_header_or_login() {
    let router = shared();
    let body = json!({
        "subject": { "type": "user", "id": ADMIN }, "action": { "name": "ORDER_VIEW" },
        "resource": { "type": "order", "id": "SO-001" },
    });
    let named = |account: Option<&str>, login: &str| {
        let mut request = post("/access/v1/evaluation", login, body.to_string());
        if let Some(account) = account {
            request.headers_mut().insert("keyward-account", account.parse().unwrap());
        }
        request
    };
    let with_account = format!("shop/{ADMIN}");
    assert_eq!(ask(&router, named(Some("shop"), ADMIN)).await.status, StatusCode::OK);
    assert_eq!(ask(&router, named(None, &with_account)).await.status, StatusCode::OK);
    assert_eq!(ask(&router, named(Some("other"), ADMIN)).await.status, StatusCode::UNAUTHORIZED);
}

async fn discovered(router: &Router, path: &str, host: &str) -> common::Answer {
    let request = Request::get(path).header("host", host).header("x-forwarded-host", host);
    ask(router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_comes_from_the_configuration_and_never_from_the_host() {
    let path = "/.well-known/authzen-configuration";
    let answer = discovered(&shared(), path, "evil.example").await;
    let base = "https://access.shop.example";
    let expected = json!({
        "policy_decision_point": base,
        "access_evaluation_endpoint": format!("{base}/access/v1/evaluation"),
        "access_evaluations_endpoint": format!("{base}/access/v1/evaluations"),
    });
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, expected));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
    let of_account = discovered(&shared(), &format!("{path}/sh%6Fp"), "evil.example").await.json();
    assert_eq!(of_account["policy_decision_point"], format!("{base}/sh%6Fp"), "byte by byte as it was asked");
    assert_eq!(discovered(&shared(), &format!("{path}/a\"b"), "x").await.status, StatusCode::NOT_FOUND);
    let unset = rest::router(company(), Config::default());
    assert_eq!(discovered(&unset, path, "x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_disabled_is_out_with_the_next_request() {
    use service::ops::{Op, UserOp};
    let service = company();
    let router = rest::router(service.clone(), Config::default());
    assert_eq!(ask(&router, get("/api/v1/orders", common::ADA)).await.status, StatusCode::OK);
    common::perform(&service, Op::User(UserOp::Disable { user: common::ADA.into() }));
    assert_eq!(ask(&router, get("/api/v1/orders", common::ADA)).await.status, StatusCode::UNAUTHORIZED);
}
