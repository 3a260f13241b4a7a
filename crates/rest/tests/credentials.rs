//! Who is calling: every kind of credential on every kind of route, wrong ones, and several at once.

mod common;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::{
    ADA, ADMIN, PASSWORD, PEP, ask, bare, basic, bearer, by, client, from, login, long, open, pair, perform,
    with,
};
use rest::{ADDRESS_BYTES_MAX, HEADERS_BYTES_MAX};
use serde_json::json;
use service::ops::{InitOp, Op, UserOp};

/// A route of each kind of access, with a body that suits it.
fn guarded() -> [(&'static str, &'static str, String); 4] {
    let question = json!({
        "subject": { "type": "user", "id": ADA }, "action": { "name": "ORDER_VIEW" },
        "resource": { "type": "order", "id": "SO-001" },
    });
    [
        ("POST", "/access/v1/evaluation", question.to_string()),
        ("GET", "/api/v1/orders?limit=3", String::new()),
        ("GET", "/api/v1/me/tokens", String::new()),
        ("GET", "/v2/orders/SO-001", json!({ "site_id": "North" }).to_string()),
    ]
}

/// Puts a token into the query, whatever else is there.
fn in_query(path: &str, token: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}token={token}")
}

struct Tokens {
    /// Those that open the API.
    good: Vec<String>,
    refresh: String,
    client: String,
}

async fn tokens(service: &service::Service, router: &Router) -> Tokens {
    let client = client(service, "shop-app", "North");
    let (access, refresh) = pair(router, ADA, "shop-app", &client).await;
    let good = vec![access, login(router, ADA, "North").await, long(router, ADA).await.0];
    Tokens { good, refresh, client }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_credential_opens_every_kind_of_route() {
    let (service, router) = open();
    let tokens = tokens(&service, &router).await;
    for (method, path, body) in guarded() {
        let mut requests = vec![by(ADA, method, path, &body)];
        let old = with(bare(method, path, &body), "auth-user", &format!("shop/{ADA}"));
        requests.push(with(old, "auth-password", PASSWORD));
        for token in &tokens.good {
            requests.push(bearer(method, path, &body, token));
            requests.push(with(bare(method, path, &body), "token", token));
            requests.push(bare(method, &in_query(path, token), &body));
            requests.push(with(bearer(method, path, &body, token), "keyward-account", "shop"));
        }
        for request in requests {
            let what = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
            let answer = ask(&router, request).await;
            assert_eq!(answer.status, StatusCode::OK, "{what}: {}", answer.text);
            assert!(!answer.text.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_nothing_is_401_everywhere_and_says_what_would() {
    let (service, router) = open();
    let tokens = tokens(&service, &router).await;
    let good = tokens.good.first().unwrap();
    let (head, last) = good.split_at(good.len() - 1);
    let mistyped = format!("{head}{}", if last == "0" { "1" } else { "0" });
    let wrong = [mistyped.as_str(), &tokens.refresh, &tokens.client, "", "x", "kw_", &"k".repeat(4000)];
    for (method, path, body) in guarded() {
        for token in wrong {
            let requests = [
                bearer(method, path, &body, token),
                with(bare(method, path, &body), "token", token),
                bare(method, &in_query(path, token), &body),
            ];
            for request in requests {
                let answer = ask(&router, request).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} {token}");
                assert_eq!(answer.headers.get_all("www-authenticate").iter().count(), 2);
                assert!(!answer.text.contains("kw"), "{}", answer.text);
            }
        }
        let half = with(bare(method, path, &body), "auth-user", ADA);
        assert_eq!(ask(&router, half).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_credentials_at_once_are_refused_also_when_each_would_do() {
    let (service, router) = open();
    let tokens = tokens(&service, &router).await;
    let token = tokens.good.first().unwrap();
    for (method, path, body) in guarded() {
        let auth = |request| with(with(request, "auth-user", ADA), "auth-password", PASSWORD);
        let twice = format!("{}&token={token}", in_query(path, token));
        let requests: Vec<Request<Body>> = vec![
            auth(by(ADA, method, path, &body)),
            auth(bearer(method, path, &body, token)),
            with(by(ADA, method, path, &body), "authorization", &basic(ADA)),
            with(by(ADA, method, path, &body), "token", token),
            with(bearer(method, path, &body, token), "token", token),
            by(ADA, method, &in_query(path, token), &body),
            with(bare(method, &in_query(path, token), &body), "token", token),
            with(with(bare(method, path, &body), "token", token), "token", token),
            bare(method, &twice, &body),
            with(with(auth(bare(method, path, &body)), "auth-user", ADA), "auth-user", ADA),
        ];
        for request in requests {
            let what = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
            assert_eq!(ask(&router, request).await.status, StatusCode::BAD_REQUEST, "{what}");
        }
    }
    let both = json!({ "site_id": "North", "token": token }).to_string();
    let request = bearer("GET", "/v2/orders/SO-001", &both, token);
    assert_eq!(ask(&router, request).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_names_its_account_and_a_header_that_names_another_is_refused() {
    let (service, router) = open();
    let tokens = tokens(&service, &router).await;
    for token in &tokens.good {
        let request = with(bearer("GET", "/api/v1/orders", "", token), "keyward-account", "other");
        let answer = ask(&router, request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_changes_nothing_by_a_password_that_a_browser_remembers() {
    let (_, router) = open();
    let path = format!("/api/v1/users/{ADA}/sign-out");
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
        let request = with(by(ADMIN, "POST", &path, ""), "sec-fetch-site", site);
        assert_eq!(ask(&router, request).await.status.as_u16(), status, "{site}");
    }
    let reading = with(by(ADMIN, "GET", "/api/v1/orders", ""), "sec-fetch-site", "cross-site");
    assert_eq!(ask(&router, reading).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_comes_in_from_some_addresses_comes_in_from_no_other_by_anything() {
    let (service, router) = open();
    let client = client(&service, "shop-app", "North");
    let (access, refresh) = pair(&router, PEP, "shop-app", &client).await;
    let entered = login(&router, PEP, "North").await;
    let ranges = vec!["192.0.2.0/24".to_owned(), "2001:db8::/32".to_owned()];
    perform(&service, Op::User(UserOp::Addresses { user: PEP.into(), ranges }));
    let path = "/api/v1/me/tokens";
    // A password from elsewhere is not even compared: it is refused as a wrong one is.
    let (inside, outside) = ((200, 200), (401, 403));
    for (address, (password, token)) in [
        ("192.0.2.7", inside),
        ("2001:db8::1", inside),
        ("198.51.100.1", outside),
        ("::1", outside),
        ("", outside),
    ] {
        let requests = [
            (by(PEP, "GET", path, ""), password),
            (bearer("GET", path, "", &access), token),
            (bearer("GET", path, "", &entered), token),
        ];
        for (request, status) in requests {
            let answer = ask(&router, from(request, address)).await;
            assert_eq!(answer.status.as_u16(), status, "{address}: {}", answer.text);
        }
    }
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_id", "shop-app"),
        ("client_secret", &client),
    ];
    let outside = ask(&router, from(common::oauth(&fields), "198.51.100.1")).await;
    assert_eq!((outside.status.as_u16(), &outside.json()["error"]), (400, &json!("invalid_grant")));
    let inside = ask(&router, from(common::oauth(&fields), "192.0.2.7")).await;
    assert_eq!(inside.status, StatusCode::OK, "{}", inside.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_is_refused_at_their_address_and_the_user_is_not() {
    let (_, router) = open();
    let guess = |n: usize| {
        let credentials = with(bare("GET", "/api/v1/orders", ""), "auth-user", ADA);
        from(with(credentials, "auth-password", &format!("guess number {n}")), "203.0.113.9")
    };
    let mut refused = None;
    for n in 0..12 {
        let answer = ask(&router, guess(n)).await;
        match answer.status {
            StatusCode::UNAUTHORIZED => {}
            StatusCode::TOO_MANY_REQUESTS => {
                refused = Some((n, answer));
                break;
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    let (tries, answer) = refused.unwrap();
    assert!((1..=6).contains(&tries), "{tries} tries were let in");
    let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds >= 1);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let own = from(by(ADA, "GET", "/api/v1/orders", ""), "192.0.2.1");
    assert_eq!(ask(&router, own).await.status, StatusCode::OK, "elsewhere the user comes in");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_longer_than_any_request_is_refused_at_the_door() {
    let (_, router) = open();
    let query = |bytes: usize| format!("/healthz?{}", "x".repeat(bytes));
    let status = async |request| ask(&router, request).await.status.as_u16();
    assert_eq!(status(bare("GET", &query(ADDRESS_BYTES_MAX), "")).await, 200);
    assert_eq!(status(bare("GET", &query(ADDRESS_BYTES_MAX + 1), "")).await, 414);
    assert_eq!(status(bare("GET", &format!("/{}", "x".repeat(ADDRESS_BYTES_MAX)), "")).await, 414);
    let large = |bytes: usize| with(bare("GET", "/healthz", ""), "x-large", &"x".repeat(bytes));
    assert_eq!(status(large(HEADERS_BYTES_MAX - 7)).await, 200);
    assert_eq!(status(large(HEADERS_BYTES_MAX - 6)).await, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_are_several_accounts_a_password_needs_one_and_a_token_does_not() {
    let (service, router) = open();
    let client = client(&service, "shop-app", "North");
    let token = login(&router, ADA, "North").await;
    let init =
        InitOp { name: None, admin_login: ADMIN.into(), password: Some("another long password".into()) };
    let request = service::ops::Request { account: Some("other".into()), op: Op::Init(init) };
    service.perform(&request, &mut |_, _, _| ()).unwrap();
    let body = |user: &str| json!({ "site_id": "North", "user_id": user, "password": PASSWORD }).to_string();
    let fields = |user: &'static str| {
        common::oauth(&[
            ("grant_type", "password"),
            ("username", user),
            ("password", PASSWORD),
            ("client_id", "shop-app"),
            ("client_secret", &client),
        ])
    };
    let status = async |request| ask(&router, request).await.status.as_u16();
    let path = "/api/v1/orders";
    assert_eq!(status(by(ADA, "GET", path, "")).await, 400);
    assert_eq!(status(bare("POST", "/v2/login", &body(ADA))).await, 400);
    assert_eq!(status(fields(ADA)).await, 400);
    for named in [
        by("shop/ada@shop.example", "GET", path, ""),
        with(by(ADA, "GET", path, ""), "keyward-account", "shop"),
        bare("POST", "/v2/login", &body("shop/ada@shop.example")),
        with(bare("POST", "/v2/login", &body(ADA)), "keyward-account", "shop"),
        fields("shop/ada@shop.example"),
        with(fields(ADA), "keyward-account", "shop"),
        bearer("GET", path, "", &token),
    ] {
        let what = format!("{} {:?}", named.uri(), named.headers());
        assert_eq!(status(named).await, 200, "{what}");
    }
    // The password of one account is none of another, and a client of one is none of another.
    assert_eq!(status(by("other/admin@shop.example", "GET", path, "")).await, 401);
    assert_eq!(status(fields("other/admin@shop.example")).await, 401);
    let other = with(bearer("GET", path, "", &token), "keyward-account", "other");
    assert_eq!(status(other).await, 400);
}
