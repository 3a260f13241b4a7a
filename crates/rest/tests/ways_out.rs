//! One's own tokens, and what those who manage users do: every way out holds at once, for every kind of credential.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use access::Application;
use authn::BasicCredentials;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::{
    ADA, ADMIN, BOB, EVE, PASSWORD, PEP, ask, bare, bearer, by, client, company, grant, login, long, oauth,
    open, pair, perform,
};
use rest::Config;
use serde_json::{Value, json};
use service::ops::{GrantOp, Op, UserOp};
use service::{Issued, Service, Visitor, Way};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Signs in to pages: a session is no business of the API's, but it ends with the other four.
fn session(service: &Service, login: &str) -> Issued {
    let nowhere = Visitor::default();
    let credentials = BasicCredentials::new(login, PASSWORD).unwrap();
    let knock = service.knock(credentials, None, Application::Omc, &nowhere, Way::Form).unwrap();
    let who = service.verify(knock).unwrap();
    service.begin_session(&who, &nowhere).unwrap()
}

/// One of each of the five kinds.
struct Five {
    session: Issued,
    entered: String,
    access: String,
    refresh: String,
    long: String,
    client: String,
}

impl Five {
    async fn of(service: &Service, router: &Router, user: &str, app: &str) -> Self {
        let client = client(service, app, "North");
        let (access, refresh) = pair(router, user, app, &client).await;
        let entered = login(router, user, "North").await;
        let long = long(router, user).await.0;
        Self { session: session(service, user), entered, access, refresh, long, client }
    }

    /// What each opens: the session, Basic, the two access tokens, the long-duration token.
    async fn statuses(&self, service: &Service, router: &Router, user: &str) -> Vec<u16> {
        let session = service.sign_in_token(&self.session.secret, Application::Omc, &Visitor::default());
        let mut statuses = vec![if session.is_ok() { 200 } else { 401 }];
        let path = "/api/v1/orders?limit=1";
        let mut requests = vec![by(user, "GET", path, "")];
        requests.extend([&self.entered, &self.access, &self.long].map(|t| bearer("GET", path, "", t)));
        for request in requests {
            statuses.push(ask(router, request).await.status.as_u16());
        }
        statuses
    }

    async fn refresh(&self, router: &Router, app: &str) -> u16 {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.refresh.as_str()),
            ("client_id", app),
            ("client_secret", &self.client),
        ];
        ask(router, oauth(&fields)).await.status.as_u16()
    }
}

async fn posted(router: &Router, who: &str, path: &str, body: &str) -> common::Answer {
    ask(router, by(who, "POST", path, body)).await
}

fn of(user: &str, what: &str) -> String {
    format!("/api/v1/users/{user}/{what}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_token_is_made_listed_used_and_revoked() {
    let (_, router) = open();
    let body = json!({ "label": " till 7 ", "expires_at": "2099-12-31T23:59:59Z" }).to_string();
    let made = posted(&router, ADA, "/api/v1/me/tokens", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let (token, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert!(token.starts_with("kw_"));
    assert_eq!((&made["label"], &made["expires_at"]), (&json!("till 7"), &json!("2099-12-31T23:59:59Z")));
    let listed = ask(&router, bearer("GET", "/api/v1/me/tokens", "", token)).await;
    assert!(!listed.text.contains(token) && !listed.text.contains("secret"), "{}", listed.text);
    let listed = listed.json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{listed}");
    let item = items.first().unwrap();
    assert_eq!((&item["id"], &item["kind"]), (&json!(id), &json!("long_duration")));
    assert_eq!((&item["label"], &item["current"]), (&json!("till 7"), &json!(true)));
    assert!(item["last_used_at"].is_string() && item["made_at"].is_string());
    // It makes no other, and somebody else does not end it by its id.
    let another = ask(&router, bearer("POST", "/api/v1/me/tokens", &body, token)).await;
    assert_eq!(another.status, StatusCode::FORBIDDEN, "{}", another.text);
    let path = format!("/api/v1/me/tokens/{id}");
    assert_eq!(ask(&router, by(ADMIN, "DELETE", &path, "")).await.status, StatusCode::NOT_FOUND);
    let gone = ask(&router, by(ADA, "DELETE", &path, "")).await;
    assert!(gone.status == StatusCode::OK && gone.json()["revision"].as_u64().unwrap() > 1, "{}", gone.text);
    assert_eq!(
        ask(&router, bearer("GET", "/api/v1/orders", "", token)).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(ask(&router, by(ADA, "DELETE", &path, "")).await.status, StatusCode::NOT_FOUND);
    let listed = ask(&router, by(ADA, "GET", "/api/v1/me/tokens", "")).await.json();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_token_that_may_not_be_is_not_made() {
    let (_, router) = open();
    let path = "/api/v1/me/tokens";
    for wrong in [
        "",
        "[]",
        "{}",
        r#"{"label":""}"#,
        r#"{"label":"   "}"#,
        r#"{"label":1}"#,
        r#"{"label":"a","label":"b"}"#,
        r#"{"label":"a","expires":"2099-01-01T00:00:00Z"}"#,
        r#"{"label":"a","expires_at":"2020-01-01T00:00:00Z"}"#,
        r#"{"label":"a","expires_at":"tomorrow"}"#,
        &json!({ "label": "x".repeat(101) }).to_string(),
    ] {
        let answer = posted(&router, ADA, path, wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}: {}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    let api_alone = posted(&router, EVE, path, r#"{"label":"a"}"#).await;
    assert_eq!(api_alone.status, StatusCode::FORBIDDEN, "{}", api_alone.text);
    for n in 0..10 {
        let made = posted(&router, ADA, path, &json!({ "label": n.to_string() }).to_string()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{n}");
    }
    let eleventh = posted(&router, ADA, path, r#"{"label":"a"}"#).await;
    assert_eq!(eleventh.status, StatusCode::CONFLICT, "{}", eleventh.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_token_has_the_rights_of_its_owner_at_that_moment() {
    let (service, router) = open();
    let add = GrantOp::Add { users: vec![BOB.into()], grant: grant("customer_service", Some("South")) };
    let added = perform(&service, Op::Grant(add)).json;
    let (token, _) = long(&router, BOB).await;
    let opens = async || ask(&router, bearer("GET", "/api/v1/me/tokens", "", &token)).await.status.as_u16();
    assert_eq!(opens().await, 200);
    // Without access to the OMC it opens nothing, nor may another be made.
    let grant = added.pointer("/grants/0").and_then(Value::as_str).unwrap().to_owned();
    perform(&service, Op::Grant(GrantOp::Remove { user: BOB.into(), grants: vec![grant] }));
    assert_eq!(opens().await, 403);
    let another = posted(&router, BOB, "/api/v1/me/tokens", r#"{"label":"a"}"#).await;
    assert_eq!(another.status, StatusCode::FORBIDDEN, "{}", another.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_token_that_was_used_and_no_other() {
    let (_, router) = open();
    let (first, second) = (login(&router, ADA, "North").await, login(&router, ADA, "North").await);
    let path = "/api/v1/me/sign-out";
    let done = ask(&router, bearer("POST", path, "", &first)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    for (token, status) in [(&first, 401), (&second, 200)] {
        assert_eq!(ask(&router, bearer("GET", "/api/v1/orders", "", token)).await.status.as_u16(), status);
    }
    assert_eq!(ask(&router, bearer("POST", path, "", &first)).await.status, StatusCode::UNAUTHORIZED);
    let password = posted(&router, ADA, path, "").await;
    assert_eq!(password.status, StatusCode::BAD_REQUEST, "{}", password.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn disable_ends_all_five_kinds_at_once_and_enable_gives_none_of_them_back() {
    let (service, router) = open();
    let five = Five::of(&service, &router, ADA, "shop-app").await;
    assert_eq!(five.statuses(&service, &router, ADA).await, [200; 5]);
    let done = posted(&router, ADMIN, &of(ADA, "disable"), "").await;
    assert!(done.status == StatusCode::OK && done.json()["revision"].is_u64(), "{}", done.text);
    assert_eq!(five.statuses(&service, &router, ADA).await, [401; 5]);
    assert_eq!(five.refresh(&router, "shop-app").await, 400);
    let none = ask(&router, by(ADMIN, "GET", &of(ADA, "tokens"), "")).await;
    assert_eq!(none.json()["items"], json!([]));
    let done = posted(&router, ADMIN, &of(ADA, "enable"), "").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    // The password is good again, and nothing that was made before.
    assert_eq!(five.statuses(&service, &router, ADA).await, [401, 200, 401, 401, 401]);
    assert_eq!(five.refresh(&router, "shop-app").await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_way_out_ends_what_it_says() {
    let (service, router) = open();
    let ways: [(&str, &str, &str, [u16; 5]); 3] = [
        ("sign-out", "", "first-app", [401, 200, 401, 401, 401]),
        ("password-reset", r#"{"by":"link"}"#, "second-app", [401; 5]),
        ("password-reset", r#"{"by":"generated"}"#, "third-app", [401, 401, 401, 401, 401]),
    ];
    for (what, body, app, after) in ways {
        perform(&service, Op::User(UserOp::Password { user: ADA.into(), password: Some(PASSWORD.into()) }));
        let five = Five::of(&service, &router, ADA, app).await;
        assert_eq!(five.statuses(&service, &router, ADA).await, [200; 5], "{what} {body}");
        let done = posted(&router, ADMIN, &of(ADA, what), body).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        assert_eq!(five.statuses(&service, &router, ADA).await, after, "{what} {body}");
        assert_eq!(five.refresh(&router, app).await, 400, "{what} {body}");
    }
    perform(&service, Op::User(UserOp::Password { user: ADA.into(), password: Some(PASSWORD.into()) }));
    let five = Five::of(&service, &router, ADA, "fourth-app").await;
    let removed = ask(&router, by(ADMIN, "DELETE", &format!("/api/v1/users/{ADA}"), "")).await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text);
    assert_eq!(five.statuses(&service, &router, ADA).await, [401; 5]);
    assert_eq!(posted(&router, ADMIN, &of(ADA, "enable"), "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_shown_once_and_a_link_is_below_the_base_url() {
    let (service, router) = open();
    let link = posted(&router, ADMIN, &of(ADA, "password-reset"), r#"{"by":"link"}"#).await.json();
    let url = link["link"].as_str().unwrap();
    assert!(url.starts_with("https://access.shop.example/link?code=kwl_"), "{url}");
    assert!(link["expires_at"].as_str().unwrap().ends_with('Z'));
    let (_, code) = url.split_once("code=").unwrap();
    let code = authn::Secret::parse(code).unwrap();
    assert_eq!(service.look_at_link(&code, &Visitor::default()).unwrap().login, ADA);
    let made = posted(&router, ADMIN, &of(ADA, "password-reset"), r#"{"by":"generated"}"#).await.json();
    let password = made["password"].as_str().unwrap();
    assert!(service.look_at_link(&code, &Visitor::default()).is_err(), "a reset takes the link back");
    // A first password: right, and good for nothing here but being told so.
    let first = common::with(bare("GET", "/api/v1/orders", ""), "auth-user", ADA);
    let first = ask(&router, common::with(first, "auth-password", password)).await;
    assert!(first.status == StatusCode::FORBIDDEN && first.text.contains("first one"), "{}", first.text);
    for wrong in ["", "{}", r#"{"by":"me"}"#, r#"{"by":"generated","password":"chosen by me"}"#] {
        let answer = posted(&router, ADMIN, &of(BOB, "password-reset"), wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    // A server that does not know its URL makes no link, and takes no password away.
    let unset = rest::router(company(), Config::default());
    let refused = posted(&unset, ADMIN, &of(ADA, "password-reset"), r#"{"by":"link"}"#).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
    assert_eq!(ask(&unset, by(ADA, "GET", "/api/v1/orders", "")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_and_ends_the_tokens_of_a_user() {
    let (service, router) = open();
    let (token, id) = long(&router, ADA).await;
    let session = session(&service, ADA);
    let listed = ask(&router, by(ADMIN, "GET", &of(ADA, "tokens"), "")).await.json();
    let kinds: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert!(kinds.len() == 2 && kinds.contains(&&json!("session")), "{listed}");
    let path = format!("{}/{id}", of(ADA, "tokens"));
    let of_other = format!("{}/{id}", of(BOB, "tokens"));
    assert_eq!(ask(&router, by(ADMIN, "DELETE", &of_other, "")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&router, by(ADMIN, "DELETE", &path, "")).await.status, StatusCode::OK);
    assert_eq!(
        ask(&router, bearer("GET", "/api/v1/orders", "", &token)).await.status,
        StatusCode::UNAUTHORIZED
    );
    let path = format!("{}/{}", of(ADA, "tokens"), session.id);
    assert_eq!(ask(&router, by(ADMIN, "DELETE", &path, "")).await.status, StatusCode::OK);
    let opened = service.sign_in_token(&session.secret, Application::Omc, &Visitor::default());
    assert!(opened.is_err());
    for wrong in ["tok_1", "x", "tok_00000000000000ff"] {
        let path = format!("{}/{wrong}", of(ADA, "tokens"));
        assert_eq!(
            ask(&router, by(ADMIN, "DELETE", &path, "")).await.status,
            StatusCode::NOT_FOUND,
            "{wrong}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_manage_users_changes_nothing_and_learns_nothing() {
    let (_, router) = open();
    let nobody = ask(&router, by(PEP, "GET", &of("nobody@shop.example", "tokens"), "")).await;
    for (method, what, body) in [
        ("GET", "tokens", ""),
        ("DELETE", "tokens/tok_0000000000000001", ""),
        ("POST", "disable", ""),
        ("POST", "enable", ""),
        ("POST", "sign-out", ""),
        ("POST", "password-reset", r#"{"by":"generated"}"#),
        ("DELETE", "", ""),
    ] {
        // Those whom one does not see are not there.
        for user in [ADA, "usr_1", "nobody@shop.example", "%ff"] {
            let path = of(user, what);
            let answer = ask(&router, by(PEP, method, path.trim_end_matches('/'), body)).await;
            assert_eq!(
                (answer.status, &answer.text),
                (StatusCode::NOT_FOUND, &nobody.text),
                "{method} {path}"
            );
        }
    }
    // Those whom one sees and does not manage are there, and stay as they are.
    for what in ["disable", "sign-out", "password-reset"] {
        let seen = posted(&router, ADA, &of(ADMIN, what), r#"{"by":"generated"}"#).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{what}: {}", seen.text);
    }
    // Everybody sees themselves; that is no right to change it.
    for what in ["disable", "password-reset"] {
        let own = posted(&router, ADA, &of(ADA, what), r#"{"by":"generated"}"#).await;
        assert!(
            own.status.is_client_error() && own.status != StatusCode::UNAUTHORIZED,
            "{what}: {}",
            own.text
        );
    }
    let last = posted(&router, ADMIN, &of(ADMIN, "disable"), "").await;
    assert!(last.status.is_client_error(), "{}", last.text);
    assert_eq!(ask(&router, by(ADMIN, "GET", "/api/v1/orders", "")).await.status, StatusCode::OK);
    assert_eq!(ask(&router, by(ADA, "GET", "/api/v1/orders", "")).await.status, StatusCode::OK);
    let asked = ask(&router, by(ADMIN, "GET", "/api/v1/me/tokens?user=1", "")).await;
    assert_eq!(asked.status, StatusCode::BAD_REQUEST);
}

/// Asks without end by one credential, and says how many requests were let in that began after the answer.
async fn hammer(router: Router, request: impl Fn() -> Request<Body>, out: Arc<AtomicBool>) -> (usize, usize) {
    let (mut before, mut after) = (0, 0);
    for turn in 0.. {
        let began_after = out.load(Ordering::SeqCst);
        let let_in = usize::from(ask(&router, request()).await.status == StatusCode::OK);
        if began_after {
            after += let_in;
        } else {
            before += let_in;
        }
        // A few more tries once it is over.
        if began_after && turn % 8 == 0 {
            break;
        }
    }
    (before, after)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_many_ask_no_request_that_begins_after_the_answer_is_let_in() {
    for (n, (method, what)) in
        [("POST", "disable"), ("POST", "sign-out"), ("DELETE", "")].into_iter().enumerate()
    {
        let (service, router) = open();
        let five = Five::of(&service, &router, ADA, &format!("app-{n}")).await;
        let out = Arc::new(AtomicBool::new(false));
        let mut credentials: Vec<String> =
            [&five.entered, &five.access, &five.long].map(|token| format!("Bearer {token}")).to_vec();
        // A password is good again after a sign-out.
        credentials.extend((what != "sign-out").then(|| common::basic(ADA)));
        let mut tasks = Vec::new();
        for credential in credentials.into_iter().cycle().take(16) {
            let request = move || {
                let path = "/api/v1/orders?limit=1";
                common::with(bare("GET", path, ""), "authorization", &credential)
            };
            tasks.push(tokio::spawn(hammer(router.clone(), request, out.clone())));
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let path = of(ADA, what);
        let done = ask(&router, by(ADMIN, method, path.trim_end_matches('/'), "")).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        out.store(true, Ordering::SeqCst);
        for task in tasks {
            let (before, after) = task.await.unwrap();
            assert!(before > 0, "it asked before too");
            assert_eq!(after, 0, "{method} {what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hammer_hears_of_a_hole() {
    let (_, router) = open();
    let token = login(&router, ADA, "North").await;
    // "Out" was said and nobody was put out: every request that is let in counts against it.
    let request = move || bearer("GET", "/api/v1/orders?limit=1", "", &token);
    let (_, after) = hammer(router, request, Arc::new(AtomicBool::new(true))).await;
    assert!(after > 0);
}
