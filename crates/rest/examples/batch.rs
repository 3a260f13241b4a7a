//! How fast the part of a decision is that is not the network: `cargo run --release -p rest --example batch`.
//!
//! 4 retailers with 2,000 stores each; one user asked about, one permission, and 1,000 places below.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up ends")]
#![expect(clippy::disallowed_methods, reason = "durations that decide nothing")]

use access::Application;
use authn::BasicCredentials;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use rest::Config;
use rest::decisions::{Locate, evaluate, evaluate_batch};
use serde_json::{Value, json};
use service::ops::{GrantNames, ImportFile, ImportOp, InitOp, Op, ScopeNames, UserOp};
use service::{Service, Target, Visitor, Way};
use std::hint::black_box;
use std::time::Instant;
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";
const PEP: &str = "pep";
const USER: &str = "ada@shop.example";
const RETAILERS: usize = 4;
const STORES: usize = 2_000;

const MAPPING: &str = r#"
[[retailers]]
file = "stores.csv"
ref = "{Retailer}"
name = "{Retailer}"

[[channels]]
file = "stores.csv"
retailer = "{Retailer}"
ref = "Online"
name = "Online"

[[locations]]
file = "stores.csv"
retailer = "{Retailer}"
ref = "{Store}"
name = "{Store}"
kind = "store"
"#;

fn perform(service: &Service, op: Op) {
    let request = service::ops::Request { account: Some("shop".into()), op };
    service.perform(&request, &mut |_, _, _| ()).unwrap();
}

fn user(service: &Service, login: &str, grants: &[(&str, Option<usize>)]) {
    let grant = |(role, retailer): &(&str, Option<usize>)| GrantNames {
        role: (*role).into(),
        scope: ScopeNames {
            everywhere: retailer.is_none(),
            retailers: retailer.map(|r| format!("Retailer {r}")).into_iter().collect(),
            ..ScopeNames::default()
        },
        valid_from: None,
        valid_until: None,
    };
    let create = UserOp::Create {
        login: login.into(),
        name: None,
        email: None,
        language: None,
        time_zone: None,
        system: !login.contains('@'),
        application: false,
        sso: None,
        grants: grants.iter().map(grant).collect(),
        password: Some(PASSWORD.into()),
    };
    perform(service, Op::User(create));
}

fn company() -> Service {
    let service = Service::open_target(&Target::Memory).unwrap();
    let admin = InitOp { name: None, admin_login: "a@shop.example".into(), password: Some(PASSWORD.into()) };
    perform(&service, Op::Init(admin));
    let mut stores = "Retailer,Store\n".to_owned();
    for n in 0..RETAILERS * STORES {
        stores += &format!("Retailer {},STORE-{n}\n", n % RETAILERS);
    }
    let files = vec![ImportFile::new("stores.csv", stores.as_bytes())];
    perform(&service, Op::Import(ImportOp { mapping: MAPPING.into(), files, dry_run: false }));
    user(
        &service,
        USER,
        &[("customer_service", Some(0)), ("customer_service", Some(1)), ("api_user", Some(0))],
    );
    user(&service, PEP, &[("ENFORCER", None)]);
    service
}

fn batch(place: impl Fn(usize) -> Value) -> String {
    let items: Vec<Value> = (0..1_000).map(|n| json!({ "resource": place(n * 7_919 + 13) })).collect();
    let top = json!({ "type": "user", "id": USER });
    json!({ "subject": top, "action": { "name": "ORDER_VIEW" }, "evaluations": items }).to_string()
}

/// Seconds for one of `count` runs, the best of seven.
fn best(count: u32, mut run: impl FnMut()) -> f64 {
    let mut seconds = f64::MAX;
    for _ in 0..7 {
        let began = Instant::now();
        for _ in 0..count {
            run();
        }
        seconds = seconds.min(began.elapsed().as_secs_f64() / f64::from(count));
    }
    seconds
}

fn credentials() -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{PEP}:{PASSWORD}")))
}

fn main() {
    let service = company();
    let shown = BasicCredentials::parse(credentials()).unwrap();
    let knock = service.knock(shown, None, Application::Api, &Visitor::default(), Way::Basic).unwrap();
    let pep = service.verify(knock).unwrap();
    let inquiry = service.inquire(&pep).unwrap();
    let locate = |entity, id: &str| service.locate(&inquiry, entity, id);
    let locate: Locate<'_> = &locate;
    let order = |n: usize| {
        let retailer = format!("Retailer {}", n % RETAILERS);
        json!({ "type": "order", "id": n.to_string(), "properties": { "retailer": retailer, "channel": "Online" } })
    };
    let store = |n: usize| {
        let store = format!("STORE-{}", n % (RETAILERS * STORES));
        json!({ "type": "fulfilment", "id": n.to_string(), "properties": { "location": store } })
    };
    let one = |n: usize| json!({ "type": "order", "id": n.to_string(), "properties": { "retailer": "Retailer 0" } });
    let mut out = Vec::new();
    for (name, body) in [
        ("orders at retailer and channel", batch(order)),
        ("fulfilments at 8,000 stores", batch(store)),
        ("orders of one retailer", batch(one)),
    ] {
        let seconds = best(100, || {
            out.clear();
            black_box(evaluate_batch(&inquiry, locate, body.as_bytes(), &mut out).unwrap());
        });
        let (rate, size) = (1e-3 / seconds, body.len() / 1_000);
        println!(
            "{name:32} {:6.0} ns a decision, {rate:5.2} M/s, {size} bytes each, answers {}",
            seconds * 1e6,
            out.len() / 1_000
        );
    }
    let single = json!({
        "subject": { "type": "user", "id": USER }, "action": { "name": "ORDER_VIEW" }, "resource": one(0),
    })
    .to_string();
    let seconds = best(10_000, || {
        out.clear();
        black_box(evaluate(&inquiry, locate, single.as_bytes(), &mut out).unwrap());
    });
    println!("{:32} {:6.0} ns", "a single question", seconds * 1e9);
    through_the_router(service, &single, &batch(order));
}

/// The same through the router, with signing in, but no socket.
fn through_the_router(service: Service, single: &str, batch: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let metrics = rest::install_recorder();
    let router = rest::router(service, Config { bench_floor: true, metrics, ..Config::default() });
    let ask = |path: &'static str, body: &str| {
        let request = Request::post(path).header("content-type", "application/json");
        let request =
            request.header("authorization", credentials()).body(Body::from(body.to_owned())).unwrap();
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap();
            assert!(response.status().is_success(), "{}", response.status());
            axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap()
        }
    };
    for (path, body, count) in [
        ("/access/v1/evaluation-floor", single, 2_000),
        ("/access/v1/evaluation", single, 2_000),
        ("/access/v1/evaluation-floor", single, 2_000),
        ("/access/v1/evaluation", single, 2_000),
        ("/access/v1/evaluations", batch, 50),
    ] {
        let seconds = best(1, || {
            runtime.block_on(async {
                for _ in 0..count {
                    black_box(ask(path, body).await);
                }
            });
        });
        println!("{path:32} {:8.2} us a request", seconds * 1e6 / f64::from(count));
    }
}
