//! Health and metrics. One test: the recorder of a process counts what all its tests do.

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::{ADMIN, ask, company, get, post};
use rest::Config;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_are_answered_to_anybody() {
    let recorder = rest::install_recorder().unwrap();
    let router = rest::router(company(), Config { metrics: Some(recorder), ..Config::default() });
    let public = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(ask(&router, public("/healthz")).await.status, StatusCode::OK);
    assert_eq!(ask(&router, public("/readyz")).await.status, StatusCode::OK);
    let question = json!({
        "subject": { "type": "user", "id": ADMIN }, "action": { "name": "ORDER_VIEW" },
        "resource": { "type": "order", "id": "SO-001" }, "evaluations": [{}, {}, { "subject": 1 }],
    });
    ask(&router, post("/access/v1/evaluations", ADMIN, question.to_string())).await;
    ask(&router, get("/api/v1/orders", ADMIN)).await;
    let text = ask(&router, public("/metrics")).await.text;
    for line in [
        r#"keyward_http_requests_total{route="/access/v1/evaluations",status="200"} 1"#,
        r#"keyward_http_requests_total{route="/healthz",status="200"} 1"#,
        r#"keyward_http_request_duration_seconds_bucket{route="/healthz",le="0.0001"}"#,
        r#"keyward_decisions_total{outcome="allowed"} 2"#,
        r#"keyward_decisions_total{outcome="error"} 1"#,
        r#"keyward_sign_ins_total{outcome="verified"} 1"#,
        r#"keyward_sign_ins_total{outcome="remembered"} 1"#,
        "keyward_accounts_loaded 1",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
}
