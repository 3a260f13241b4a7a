//! The table of routes: each with who may call it, and why.

use crate::refusal::{Refusal, Style};
use crate::{App, Config, Inner, caller, decisions, discovery, health, orders, outer, telemetry};
use axum::body::Body;
use axum::http::{Response, StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use axum::{Router, http};
use service::Service;
use std::sync::Arc;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; the sentence says why.
    Public(&'static str),
    /// Whoever signs in to the API; the sentence says what is judged then.
    SignedIn(&'static str),
    /// Whoever signs in to the API sees the rows over which they hold this permission, and no others.
    Filtered(&'static str),
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its path; `{name}` stands for one segment.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    handler: fn() -> MethodRouter<App>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.path, self.access)
    }
}

/// Every method that a route may have.
pub const METHODS: [&str; 2] = ["GET", "POST"];

const DISCOVERED: Access =
    Access::Public("a caller reads where to ask before it has credentials; nothing of an account is told");
const PER_QUESTION: Access = Access::SignedIn(
    "asking about oneself is free; about others each question is judged: DECISION_VIEW on its resource",
);

const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/healthz",
        access: Access::Public(
            "a supervisor has no credentials; the answer says only that the process lives",
        ),
        handler: || get(health::live),
    },
    Route {
        method: "GET",
        path: "/readyz",
        access: Access::Public(
            "a load balancer has no credentials; the answer says only whether to send requests",
        ),
        handler: || get(health::ready),
    },
    Route {
        method: "GET",
        path: "/metrics",
        access: Access::Public("a scraper has no credentials; counts name no account, user or thing"),
        handler: || get(health::metrics),
    },
    Route {
        method: "GET",
        path: "/.well-known/authzen-configuration",
        access: DISCOVERED,
        handler: || get(discovery::of_installation),
    },
    Route {
        method: "GET",
        path: "/.well-known/authzen-configuration/{account}",
        access: DISCOVERED,
        handler: || get(discovery::of_account),
    },
    Route {
        method: "POST",
        path: "/access/v1/evaluation",
        access: PER_QUESTION,
        handler: || post(decisions::evaluation),
    },
    Route {
        method: "POST",
        path: "/access/v1/evaluations",
        access: PER_QUESTION,
        handler: || post(decisions::evaluations),
    },
    Route {
        method: "GET",
        path: "/api/v1/orders",
        access: Access::Filtered("ORDER_VIEW"),
        handler: || get(orders::list),
    },
    Route {
        method: "GET",
        path: "/api/v1/orders/{order}",
        access: Access::Filtered("ORDER_VIEW"),
        handler: || get(orders::one),
    },
];

/// There only when a benchmark asked for it.
const FLOOR: Route = Route {
    method: "POST",
    path: "/access/v1/evaluation-floor",
    access: Access::SignedIn("it decides nothing: it measures what a request costs without the decision"),
    handler: || post(decisions::floor),
};

/// The routes of a configuration.
pub fn routes(config: &Config) -> impl Iterator<Item = Route> {
    ROUTES.iter().copied().chain(config.bench_floor.then_some(FLOOR))
}

/// The path of a route, to be named by a metric.
pub(crate) fn label(path: &str) -> &'static str {
    ROUTES.iter().chain([&FLOOR]).find(|route| route.path == path).map_or("none", |route| route.path)
}

/// The surface over a service. Its handlers need tokio's multi-thread runtime.
pub fn router(service: Service, config: Config) -> Router {
    telemetry::describe();
    let table: Vec<Route> = routes(&config).collect();
    let app = App(Arc::new(Inner { service, config }));
    let mut router = Router::new();
    for route in table {
        let mut handler = (route.handler)();
        // Signing in is not left to handlers: what is not public lies behind the layer.
        if !matches!(route.access, Access::Public(_)) {
            handler = handler.route_layer(from_fn_with_state(app.clone(), caller::authenticate));
        }
        router = router.route(route.path, handler);
    }
    router
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn(outer::layer))
        .with_state(app)
}

async fn not_found(uri: Uri) -> Response<Body> {
    Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address").respond(Style::of(uri.path()))
}

async fn not_allowed(method: http::Method, uri: Uri) -> Response<Body> {
    let method: String = method.as_str().chars().take(20).collect();
    let detail = format!("{method} is not answered here; the header Allow says what is");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail).respond(Style::of(uri.path()))
}
