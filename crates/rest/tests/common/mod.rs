//! A small company behind the router: two retailers, three stores, sixty orders, and callers of several kinds.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up fails")]
#![expect(dead_code, reason = "each test file uses some of it")]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use rest::{BaseUrl, Config};
use serde_json::Value;
use service::ops::{GrantNames, ImportFile, ImportOp, InitOp, Op, Reply, ScopeNames, UserOp};
use service::{Service, Target};
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
const PASSWORD: &str = "correct horse battery";

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
        system: !login.contains('@'),
        sso: false,
        grants,
        password: Some(PASSWORD.into()),
    };
    perform(service, Op::User(create));
}

pub(crate) fn company() -> Service {
    let service = Service::open_target(&Target::Memory).unwrap();
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
