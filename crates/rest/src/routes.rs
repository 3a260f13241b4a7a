//! The table of routes: each with who may call it, and why.

use crate::refusal::{Refusal, Style};
use crate::{
    App, Config, Inner, caller, decisions, discovery, health, oauth, orders, outer, sso, telemetry, tokens,
    users, v2,
};
use axum::body::Body;
use axum::http::{Response, StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, post};
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
    /// The same, for the rows of the site that the body names; the token may be in the body too.
    InSite(&'static str),
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
pub const METHODS: [&str; 3] = ["GET", "POST", "DELETE"];

const DISCOVERED: Access =
    Access::Public("a caller reads where to ask before it has credentials; nothing of an account is told");
const PER_QUESTION: Access = Access::SignedIn(
    "asking about oneself is free; about others each question is judged: DECISION_VIEW on its resource",
);
const OWN: Access =
    Access::SignedIn("everybody sees and ends their own sessions and tokens, and nobody else's");
const SEEN: Access =
    Access::SignedIn("the users that one sees: USER_VIEW over a grant of theirs; others are not there");
const MANAGED: Access = Access::SignedIn(
    "the command judges: only who could have given every grant of that user; those whom one does not see are not there",
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
    Route {
        method: "POST",
        path: "/oauth/token",
        access: Access::Public(
            "this is where a client signs in: it shows a password or a refresh token, and its secret",
        ),
        handler: || post(oauth::token),
    },
    Route {
        method: "POST",
        path: "/sso/{account}/{provider}/logout",
        access: Access::Public(
            "an identity provider has no credentials: its signature on the logout token is judged",
        ),
        handler: || post(sso::logout),
    },
    Route {
        method: "POST",
        path: "/v2/login",
        access: Access::Public("this is where a client of OneStock signs in: it shows a password"),
        handler: || post(v2::login),
    },
    Route {
        method: "GET",
        path: "/v2/orders/{order}",
        access: Access::InSite("ORDER_VIEW"),
        handler: || get(v2::order),
    },
    Route {
        method: "POST",
        path: "/v2/orders/{order}",
        access: Access::InSite("ORDER_VIEW"),
        handler: || post(v2::order_overridden),
    },
    Route { method: "GET", path: "/api/v1/me/tokens", access: OWN, handler: || get(tokens::own) },
    Route { method: "POST", path: "/api/v1/me/tokens", access: OWN, handler: || post(tokens::make) },
    Route {
        method: "DELETE",
        path: "/api/v1/me/tokens/{token}",
        access: OWN,
        handler: || delete(tokens::end_own),
    },
    Route { method: "POST", path: "/api/v1/me/sign-out", access: OWN, handler: || post(tokens::sign_out) },
    Route {
        method: "GET",
        path: "/api/v1/users/{user}/tokens",
        access: SEEN,
        handler: || get(tokens::of_user),
    },
    Route {
        method: "DELETE",
        path: "/api/v1/users/{user}/tokens/{token}",
        access: MANAGED,
        handler: || delete(tokens::end_of_user),
    },
    Route {
        method: "POST",
        path: "/api/v1/users/{user}/disable",
        access: MANAGED,
        handler: || post(users::disable),
    },
    Route {
        method: "POST",
        path: "/api/v1/users/{user}/enable",
        access: MANAGED,
        handler: || post(users::enable),
    },
    Route {
        method: "POST",
        path: "/api/v1/users/{user}/sign-out",
        access: MANAGED,
        handler: || post(users::sign_out),
    },
    Route {
        method: "POST",
        path: "/api/v1/users/{user}/password-reset",
        access: MANAGED,
        handler: || post(users::reset_password),
    },
    Route {
        method: "DELETE",
        path: "/api/v1/users/{user}",
        access: MANAGED,
        handler: || delete(users::remove),
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
        handler = match route.access {
            Access::Public(_) => handler,
            Access::SignedIn(_) | Access::Filtered(_) => {
                handler.route_layer(from_fn_with_state(app.clone(), caller::authenticate))
            }
            Access::InSite(_) => handler.route_layer(from_fn_with_state(app.clone(), v2::authenticate)),
        };
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
