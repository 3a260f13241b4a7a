//! A small company behind the router: two retailers, three stores, sixty orders, and callers of several kinds.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up fails")]
#![expect(dead_code, reason = "each test file uses some of it")]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use rest::{BaseUrl, Config};
use serde_json::{Value, json};
use service::ops::{ClientOp, GrantNames, ImportFile, ImportOp, InitOp, Op, Reply, ScopeNames, UserOp};
use service::{Service, SignInOptions, Target, Visitor};
use std::sync::OnceLock;
use tower::ServiceExt;

pub(crate) const ADMIN: &str = "admin@shop.example";
/// Customer service of the North, in the OMC and through the API.
pub(crate) const ADA: &str = "ada@shop.example";
/// May enter the API, and holds nothing else.
pub(crate) const BOB: &str = "bob@shop.example";
/// A program that asks for decisions about things of the North alone.
pub(crate) const PEP: &str = "pep-north";
/// May edit orders of the South for a while.
pub(crate) const EVE: &str = "eve@shop.example";
pub(crate) const UNTIL: &str = "2099-01-01T00:00:00Z";
pub(crate) const ORDERS: usize = 60;
pub(crate) const PASSWORD: &str = "correct horse battery";

const MAPPING: &str = r#"
[[retailers]]
file = "stores.csv"
ref = "{Retailer}"
name = "{Retailer}"

[[channels]]
file = "orders.csv"
retailer = "{Retailer}"
ref = "{Channel}"
name = "{Channel}"

[[locations]]
file = "stores.csv"
retailer = "{Retailer}"
ref = "{Store}"
name = "{Store}"
kind = "store"

[[items]]
file = "orders.csv"
ref = "{Item}"
name = "{Item}"

[[orders]]
file = "orders.csv"
ref = "{Order}"
retailer = "{Retailer}"
channel = "{Channel}"
placed_on = "{Day}"
currency = "EUR"
status = "COMPLETE"

[[order_lines]]
file = "orders.csv"
order = "{Order}"
number = "1"
item = "{Item}"
quantity = "2"
unit_price = "9.95"

[[fulfilments]]
file = "orders.csv"
order = "{Order}"
location = "{Store}"
status = "DELIVERED"
"#;

pub(crate) fn perform(service: &Service, op: Op) -> Reply {
    let request = service::ops::Request { account: Some("shop".into()), op };
    service.perform(&request, &mut |_, _, _| ()).unwrap()
}

fn import(service: &Service) {
    let stores = "Retailer,Store\nNorth,N1\nNorth,N2\nSouth,S1\n";
    let mut orders = "Order,Retailer,Channel,Store,Item,Day\n".to_owned();
    for n in 1..=ORDERS {
        let (retailer, store) = [("North", "N1"), ("North", "N2"), ("South", "S1")][n % 3];
        let channel = ["Online", "In-Store"][n % 2];
        orders +=
            &format!("SO-{n:03},{retailer},{channel},{store},ITEM-{},2026-01-{:02}\n", n % 7, n % 28 + 1);
    }
    let files = vec![
        ImportFile::new("stores.csv", stores.as_bytes()),
        ImportFile::new("orders.csv", orders.as_bytes()),
    ];
    perform(service, Op::Import(ImportOp { mapping: MAPPING.into(), files, dry_run: false }));
}

pub(crate) fn grant(role: &str, retailer: Option<&str>) -> GrantNames {
    let scope = ScopeNames {
        everywhere: retailer.is_none(),
        retailers: retailer.map(str::to_owned).into_iter().collect(),
        ..ScopeNames::default()
    };
    GrantNames { role: role.into(), scope, valid_from: None, valid_until: None }
}

fn user(service: &Service, login: &str, grants: Vec<GrantNames>) {
    let create = UserOp::Create {
        login: login.into(),
        name: None,
        email: None,
        language: None,
        time_zone: None,
        system: !login.contains('@'),
        application: false,
        sso: None,
        grants,
        password: Some(PASSWORD.into()),
    };
    perform(service, Op::User(create));
}

pub(crate) fn company() -> Service {
    company_with(SignInOptions::default())
}

pub(crate) fn company_with(sign_in: SignInOptions) -> Service {
    let service = Service::open_target_with(&Target::Memory, sign_in).unwrap();
    let init = InitOp { name: None, admin_login: ADMIN.into(), password: Some(PASSWORD.into()) };
    perform(&service, Op::Init(init));
    import(&service);
    user(&service, ADA, vec![grant("customer_service", Some("North")), grant("api_user", Some("North"))]);
    user(&service, BOB, vec![grant("ENFORCER", Some("South"))]);
    user(&service, PEP, vec![grant("ENFORCER", Some("North"))]);
    let timed = GrantNames { valid_until: Some(UNTIL.into()), ..grant("STORE", Some("South")) };
    user(&service, EVE, vec![grant("api_user", Some("South")), timed]);
    service
}

pub(crate) fn base() -> BaseUrl {
    BaseUrl::parse("https://access.shop.example").unwrap()
}

/// The company is the same for all tests of a file: nobody changes it here.
pub(crate) fn shared() -> Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    let make = || rest::router(company(), Config { base_url: Some(base()), ..Config::default() });
    ROUTER.get_or_init(make).clone()
}

pub(crate) fn basic(login: &str) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(format!("{login}:{PASSWORD}"));
    format!("Basic {text}")
}

/// A request for JSON, from somebody.
pub(crate) fn post(path: &str, login: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    request.header("authorization", basic(login)).body(body.into()).unwrap()
}

pub(crate) fn get(path: &str, login: &str) -> Request<Body> {
    Request::get(path).header("authorization", basic(login)).body(Body::empty()).unwrap()
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

/// The answer to a question that is well formed.
pub(crate) async fn decided(path: &str, login: &str, body: &Value) -> Value {
    let answer = ask(&shared(), post(path, login, body.to_string())).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// The request, from an address.
pub(crate) fn from(mut request: Request<Body>, address: &str) -> Request<Body> {
    request.extensions_mut().insert(Visitor::new(address.parse().ok(), "test/1"));
    request
}

/// A request without credentials; a body that is not empty is JSON.
pub(crate) fn bare(method: &str, path: &str, body: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = if body.is_empty() { request } else { request.header("content-type", "application/json") };
    request.body(Body::from(body.to_owned())).unwrap()
}

/// A request with a header more.
pub(crate) fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().append(name, value.parse().unwrap());
    request
}

/// A request by a token.
pub(crate) fn bearer(method: &str, path: &str, body: &str, token: &str) -> Request<Body> {
    with(bare(method, path, body), "authorization", &format!("Bearer {token}"))
}

/// A request by a password.
pub(crate) fn by(login: &str, method: &str, path: &str, body: &str) -> Request<Body> {
    with(bare(method, path, body), "authorization", &basic(login))
}

/// A company and its router.
pub(crate) fn open() -> (Service, Router) {
    let service = company();
    let router = rest::router(service.clone(), Config { base_url: Some(base()), ..Config::default() });
    (service, router)
}

/// The secret of a new API client of a retailer.
pub(crate) fn client(service: &Service, id: &str, retailer: &str) -> String {
    let create = ClientOp::Create { r#ref: id.into(), name: None, retailer: retailer.into() };
    perform(service, Op::Client(create)).json["client_secret"].as_str().unwrap().to_owned()
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// `POST /oauth/token` with a form.
pub(crate) fn oauth(fields: &[(&str, &str)]) -> Request<Body> {
    let request = Request::post("/oauth/token").header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(form(fields))).unwrap()
}

/// The pair of tokens of a user, by a client.
pub(crate) async fn pair(router: &Router, login: &str, id: &str, secret: &str) -> (String, String) {
    let fields = [
        ("grant_type", "password"),
        ("username", login),
        ("password", PASSWORD),
        ("client_id", id),
        ("client_secret", secret),
        ("scope", "api"),
    ];
    let answer = ask(router, oauth(&fields)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let json = answer.json();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

/// The token that a client of OneStock signs in for.
pub(crate) async fn login(router: &Router, login: &str, site: &str) -> String {
    let body = json!({ "site_id": site, "user_id": login, "password": PASSWORD }).to_string();
    let answer = ask(router, bare("POST", "/v2/login", &body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["token"].as_str().unwrap().to_owned()
}

/// A new long-duration token, with its id.
pub(crate) async fn long(router: &Router, login: &str) -> (String, String) {
    let body = json!({ "label": "nightly export" }).to_string();
    let answer = ask(router, by(login, "POST", "/api/v1/me/tokens", &body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let json = answer.json();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("token"), text("id"))
}
