//! The table of routes: each with who may call it, and why. The router is built from it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::routing::{MethodFilter, on};
use service::Service;

use crate::answer::{Answer, message, said, trouble};
use crate::call::{Call, serve};
use crate::door::Door;
use crate::handlers::{
    audit, explain, home, link, me, password, place, profile, role_edit, roles, sessions, sign_in, sign_out,
    sso, suggest, tokens, user, user_access, user_acts, user_grants, user_new, users, users_bulk,
};
use crate::headers::security_headers;
use crate::paths;
use crate::site::SiteUrl;
use crate::views::frame::Frame;
use crate::views::message::Trouble;

/// What the pages are told about their surroundings.
#[derive(Clone, Debug, Default)]
pub struct PagesConfig {
    /// Where browsers reach the pages. Without one every page answers 503 and says what the operator must set: cookies,
    /// the check of origins and the way back from a provider depend on it.
    pub base_url: Option<SiteUrl>,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; the sentence says why. Its forms are tied to a visit.
    Public(&'static str),
    /// Everybody, without anything being asked or set; the sentence says why.
    File(&'static str),
    /// Whoever is signed in to the door; others are sent to sign in. The sentence says what is judged then.
    SignedIn(&'static str),
    /// Whoever signed in by a first password; others are sent away.
    FirstPassword(&'static str),
    /// Whoever is signed in, and those who no longer are; the sentence says why.
    Leaving(&'static str),
}

pub(crate) type Handler = fn(Arc<Call>) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// Its method.
    pub method: &'static str,
    /// Its path below the prefix of a door.
    pub path: &'static str,
    /// Its doors.
    pub doors: &'static [Door],
    /// Who may call it.
    pub access: Access,
    pub(crate) handler: Handler,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.path, self.access)
    }
}

const BOTH: &[Door] = &Door::ALL;
/// At the root of the site alone.
const ROOT: &[Door] = &[Door::Omc];

const BEFORE: Access = Access::Public("somebody who signs in has not yet");
const OWN: Access = Access::SignedIn("everybody sees and changes what is their own");

macro_rules! route {
    ($method:literal $path:expr, $doors:expr, $access:expr, $handler:path) => {
        Route {
            method: $method,
            path: $path,
            doors: $doors,
            access: $access,
            handler: |call| Box::pin($handler(call)),
        }
    };
}

const ROUTES: &[Route] = &[
    route!("GET" "/assets/{name}", ROOT, Access::File("styles and the mark are the same for everybody"), home::nothing),
    route!("GET" paths::HOME, BOTH, Access::SignedIn("the first page shows what is one's own"), home::show),
    route!("GET" paths::SIGN_IN, BOTH, BEFORE, sign_in::show),
    route!("POST" paths::SIGN_IN, BOTH, BEFORE, sign_in::submit),
    route!("POST" paths::SINGLE_SIGN_ON, BOTH, BEFORE, sso::begin),
    route!("GET" paths::SSO_CALLBACK, ROOT, BEFORE, sso::finish),
    route!("POST" paths::SIGN_OUT, BOTH, Access::Leaving("whoever has no session is out already"), sign_out::submit),
    route!("GET" paths::SIGNED_OUT, BOTH, Access::Public("whoever signed out is a stranger"), sign_out::signed_out),
    route!("GET" paths::LINK, BOTH, Access::Public("the secret in the link says who comes"), link::show),
    route!("POST" paths::LINK, BOTH, Access::Public("the secret in the link says who comes"), link::submit),
    route!("GET" paths::PASSWORD_FIRST, BOTH, Access::FirstPassword("the one page of a first password"), password::show_first),
    route!("POST" paths::PASSWORD_FIRST, BOTH, Access::FirstPassword("the one page of a first password"), password::submit_first),
    route!("GET" paths::PASSWORD, BOTH, OWN, password::show),
    route!("POST" paths::PASSWORD, BOTH, OWN, password::submit),
    route!("GET" paths::ME, BOTH, OWN, me::show),
    route!("POST" paths::ME_PROFILE, BOTH, OWN, profile::submit),
    route!("POST" paths::ME_PLACE, BOTH, OWN, place::submit),
    route!("POST" paths::ME_SESSION_END, BOTH, OWN, sessions::end),
    route!("GET" paths::ME_SIGN_OUT_EVERYWHERE, BOTH, OWN, sessions::ask_everywhere),
    route!("POST" paths::ME_SIGN_OUT_EVERYWHERE, BOTH, OWN, sessions::everywhere),
    route!("POST" paths::ME_TOKENS, BOTH, OWN, tokens::make),
    route!("GET" paths::ME_TOKEN_REVOKE, BOTH, OWN, tokens::ask_revoke),
    route!("POST" paths::ME_TOKEN_REVOKE, BOTH, OWN, tokens::revoke),
    route!("GET" paths::SUGGEST, BOTH, Access::SignedIn("the service tells of what one may know"), suggest::show),
    route!("GET" paths::USERS, BOTH, Access::SignedIn("the service asks for USER_VIEW"), users::show),
    route!("GET" paths::USERS_EXPORT, BOTH, Access::SignedIn("the service asks for USER_VIEW"), users::export),
    route!("GET" paths::USER, BOTH, Access::SignedIn("the service asks for USER_VIEW"), user::show),
    route!("GET" "/users/{user}/profile", BOTH, Access::SignedIn("the service asks for USER_VIEW"), user::show),
    route!("POST" "/users/{user}/profile", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user::save_profile),
    route!("GET" "/users/{user}/access", BOTH, Access::SignedIn("the service asks for USER_VIEW"), user_access::show),
    route!("POST" "/users/{user}/access", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_access::submit),
    route!("GET" "/users/{user}/give", BOTH, Access::SignedIn("the service asks for USER_VIEW"), user_grants::show_give),
    route!("POST" "/users/{user}/give", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_grants::give),
    route!("GET" "/users/{user}/change", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_grants::show_change),
    route!("POST" "/users/{user}/change", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_grants::change),
    route!("GET" "/users/{user}/take", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_grants::ask_take),
    route!("POST" "/users/{user}/take", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_grants::take),
    route!("GET" "/users/{user}/end-token", BOTH, Access::SignedIn("the service asks for USER_VIEW"), user::show),
    route!("POST" "/users/{user}/end-token", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::end_token),
    route!("GET" "/users/{user}/disable", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::ask),
    route!("POST" "/users/{user}/disable", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::submit),
    route!("GET" "/users/{user}/enable", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::ask),
    route!("POST" "/users/{user}/enable", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::submit),
    route!("GET" "/users/{user}/remove", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::ask),
    route!("POST" "/users/{user}/remove", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::submit),
    route!("GET" "/users/{user}/sign-out", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::ask),
    route!("POST" "/users/{user}/sign-out", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::submit),
    route!("GET" "/users/{user}/reset-password", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::ask),
    route!("POST" "/users/{user}/reset-password", BOTH, Access::SignedIn("the service judges by the rules of delegation"), user_acts::submit),
    route!("POST" paths::USERS_BULK, BOTH, Access::SignedIn("the service judges by the rules of delegation"), users_bulk::submit),
    route!("GET" paths::USER_NEW, BOTH, Access::SignedIn("the service asks for USER_CREATE"), user_new::show),
    route!("POST" paths::USER_NEW, BOTH, Access::SignedIn("the service asks for USER_CREATE"), user_new::submit),
    route!("GET" paths::ROLES, ROOT, Access::SignedIn("the service asks for ROLE_VIEW"), roles::show),
    route!("GET" paths::ROLE, ROOT, Access::SignedIn("the service asks for ROLE_VIEW"), roles::show_one),
    route!("GET" paths::ROLE_NEW, ROOT, Access::SignedIn("the service asks for ROLE_CREATE account-wide"), role_edit::show_new),
    route!("POST" paths::ROLE_NEW, ROOT, Access::SignedIn("the service asks for ROLE_CREATE account-wide"), role_edit::submit_new),
    route!("GET" "/roles/{role}/edit", ROOT, Access::SignedIn("the service asks for ROLE_VIEW, and for ROLE_UPDATE account-wide; more where permissions are taken"), role_edit::show),
    route!("POST" "/roles/{role}/edit", ROOT, Access::SignedIn("the service asks for ROLE_VIEW, and for ROLE_UPDATE account-wide; more where permissions are taken"), role_edit::submit),
    route!("GET" "/roles/{role}/remove", ROOT, Access::SignedIn("the service asks for ROLE_VIEW, and for ROLE_REMOVE account-wide"), role_edit::ask_remove),
    route!("POST" "/roles/{role}/remove", ROOT, Access::SignedIn("the service asks for ROLE_VIEW, and for ROLE_REMOVE account-wide"), role_edit::remove),
    route!("GET" paths::EXPLAIN, ROOT, Access::SignedIn("everybody about themselves; about others the service asks for DECISION_VIEW"), explain::show),
    route!("GET" paths::AUDIT, ROOT, Access::SignedIn("the service asks for AUDIT_VIEW account-wide"), audit::show),
    route!("GET" paths::AUDIT_EXPORT, ROOT, Access::SignedIn("the service asks for AUDIT_VIEW account-wide"), audit::export),
];

/// The routes, each below the prefix of each of its doors.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter()
}

/// What every page is served with.
#[derive(Clone)]
pub(crate) struct Pages {
    pub(crate) service: Service,
    pub(crate) site: Option<SiteUrl>,
}

/// The pages over a service. Its handlers need tokio's multi-thread runtime, and find a [`service::Visitor`] among
/// the extensions of each request.
///
/// It has a fallback of its own, a page that says that there is nothing: whoever puts it beside other surfaces makes it
/// their `fallback_service`, or merges it after one of the two has called `reset_fallback`.
pub fn router(service: Service, config: PagesConfig) -> Router {
    let pages = Pages { service, site: config.base_url };
    let mut router = Router::new();
    for route in routes() {
        let filter = if route.method == "POST" { MethodFilter::POST } else { MethodFilter::GET };
        for door in route.doors {
            let handler = move |State(pages): State<Pages>, request: Request| serve(pages, route, request);
            router = router.route(&door.to(route.path), on(filter, handler));
            if *door == Door::StoreApp && route.path == paths::HOME {
                router = router.route(door.prefix(), on(filter, handler));
            }
        }
    }
    router
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn(secured))
        .with_state(pages)
}

fn frame(uri: &Uri) -> Frame {
    Frame {
        door: Door::of_path(uri.path()),
        csrf: String::new(),
        person: None,
        menu: Vec::new(),
        sites: None,
        clock: crate::Clock::default(),
    }
}

/// What is not there, for whoever asks: somebody who is signed in stays so on the page that says it.
static NOT_THERE: Route = Route {
    method: "GET",
    path: "",
    doors: BOTH,
    access: Access::Leaving("there is nothing"),
    handler: |call| Box::pin(home::nothing(call)),
};

async fn not_found(State(pages): State<Pages>, request: Request) -> Response<Body> {
    match request.method().is_safe() {
        true => serve(pages, &NOT_THERE, request).await,
        false => trouble(frame(request.uri()), &Trouble::NotFound),
    }
}

async fn not_allowed(uri: Uri) -> Response<Body> {
    let sentence = "This address is not asked for in this way. Nothing was changed.".to_owned();
    let advice = "Begin at the first page.";
    message(&said(frame(&uri), StatusCode::METHOD_NOT_ALLOWED, "This was not understood", sentence, advice))
}

/// Every answer carries the security headers; a page that needs others has set them already.
async fn secured(request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    for (name, value) in security_headers(&[]) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().entry(HeaderName::from_static(name)).or_insert(value);
        }
    }
    response
}
