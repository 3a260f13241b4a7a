//! `/api/v1/orders`: complete, filtered, page by page.

mod common;

use axum::http::StatusCode;
use common::{ADA, ADMIN, BOB, ORDERS, ask, company, get, grant, perform, shared};
use rest::Config;
use serde_json::Value;
use service::ops::{GrantOp, Op};
use std::collections::BTreeSet;

async fn page(login: &str, query: &str) -> Value {
    let answer = ask(&shared(), get(&format!("/api/v1/orders{query}"), login)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_order_once_newest_first() {
    let (mut seen, mut days, mut query) = (BTreeSet::new(), Vec::new(), "?limit=7".to_owned());
    loop {
        let page = page(ADMIN, &query).await;
        for item in page["items"].as_array().unwrap() {
            assert!(seen.insert(item["ref"].as_str().unwrap().to_owned()), "once");
            days.push(item["placed_at"].as_str().unwrap().to_owned());
        }
        assert_eq!(page.get("filter_changed"), None);
        let Some(next) = page["next_cursor"].as_str() else { break };
        assert_eq!(page["items"].as_array().unwrap().len(), 7);
        query = format!("?cursor={next}&limit=7");
    }
    assert_eq!(seen.len(), ORDERS);
    assert!(days.is_sorted_by(|a, b| a >= b));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_names_its_places_by_their_refs() {
    let page = page(ADA, "?limit=200").await;
    assert!(page["next_cursor"].is_null() && page["revision"].as_u64().unwrap() > 1);
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), ORDERS / 3 * 2, "two of three orders are of the North");
    for item in items {
        assert_eq!(item["retailer"], "North");
        assert!(["Online", "In-Store"].contains(&item["channel"].as_str().unwrap()));
        assert_eq!((&item["currency"], &item["total_minor"]), (&"EUR".into(), &1990.into()));
        assert!(item["id"].as_str().unwrap().starts_with("ord_"));
        assert!(item["placed_at"].as_str().unwrap().starts_with("2026-01-"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_view_orders_nowhere_is_refused() {
    let answer = ask(&shared(), get("/api/v1/orders", BOB)).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    assert!(answer.text.contains("ORDER_VIEW"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_is_found_by_ref_or_id_and_one_out_of_sight_is_as_absent() {
    let by_ref = ask(&shared(), get("/api/v1/orders/SO-003", ADA)).await;
    assert_eq!(by_ref.status, StatusCode::OK, "{}", by_ref.text);
    let order = by_ref.json();
    assert_eq!(order["lines"][0]["unit_price_minor"], 995);
    assert_eq!(order["fulfilments"][0]["location"], "N1");
    let id = order["id"].as_str().unwrap();
    assert_eq!(ask(&shared(), get(&format!("/api/v1/orders/{id}"), ADA)).await.json(), order);
    let hidden = ask(&shared(), get("/api/v1/orders/SO-002", ADA)).await;
    let absent = ask(&shared(), get("/api/v1/orders/SO-999", ADA)).await;
    assert_eq!((hidden.status, &hidden.text), (StatusCode::NOT_FOUND, &absent.text));
    assert_eq!(ask(&shared(), get("/api/v1/orders/SO-002", ADMIN)).await.status, StatusCode::OK);
    let extra = ask(&shared(), get("/api/v1/orders/SO-003?x=1", ADA)).await;
    assert_eq!(extra.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_is_a_problem_document() {
    for (query, told) in [
        ("?limit=0", "1 to 200"),
        ("?limit=201", "1 to 200"),
        ("?limit=-1", "1 to 200"),
        ("?limit=ten", "1 to 200"),
        ("?limit=5&limit=6", "twice"),
        ("?page=2", "limit and cursor"),
        ("?cursor=garbage", "no cursor"),
        ("?cursor=", "no cursor"),
    ] {
        let answer = ask(&shared(), get(&format!("/api/v1/orders{query}"), ADMIN)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        let problem = answer.json();
        assert_eq!((&problem["type"], &problem["status"]), (&"about:blank".into(), &400.into()));
        assert_eq!(problem["title"], "Bad Request");
        assert!(problem["detail"].as_str().unwrap().contains(told), "{query}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_changed_between_two_pages_is_told() {
    let service = company();
    let router = rest::router(service.clone(), Config::default());
    let first = ask(&router, get("/api/v1/orders?limit=5", ADA)).await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let add = GrantOp::Add { users: vec![ADA.into()], grant: grant("api_user", Some("South")) };
    perform(&service, Op::Grant(add));
    let next = ask(&router, get(&format!("/api/v1/orders?limit=5&cursor={cursor}"), ADA)).await.json();
    assert_eq!(
        (&next["filter_changed"], next["items"].as_array().unwrap().len()),
        (&true.into(), 5),
        "{next}"
    );
    assert!(next["revision"].as_u64() > first["revision"].as_u64());
}
