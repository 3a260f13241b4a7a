//! Who is calling: HTTP Basic becomes a principal before a guarded handler is reached.

use crate::App;
use crate::refusal::{Refusal, Style};
use authn::Principal;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::middleware::Next;
use service::{Fault, ServiceError};

/// The header that names the account.
const ACCOUNT: &str = "keyward-account";

/// The principal that a guarded route was entered with.
#[derive(Clone)]
pub(crate) struct Caller(pub(crate) Principal);

/// Lets nobody past without a principal. Every route that is not public lies behind this.
pub(crate) async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Response<Body> {
    match sign_in(&app, request.headers()) {
        Ok(principal) => {
            request.extensions_mut().insert(Caller(principal));
            next.run(request).await
        }
        Err(error) => {
            let style = Style::of(request.uri().path());
            refusal(&error).respond(style)
        }
    }
}

/// What a stranger is told. Which accounts there are is not their business.
fn refusal(error: &ServiceError) -> Refusal {
    match error {
        ServiceError::Account(_) => Refusal::invalid(
            "name the account: in the header Keyward-Account, or before the login, as account/login",
        ),
        other => Refusal::from(other),
    }
}

/// What is no text names no account and opens nothing, but it is not the same as nothing.
fn text(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or("\u{fffd}")
}

/// A header that says who is calling. One that is there twice says two things, and others on the way may have
/// believed the other one.
fn single<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<Option<&'h HeaderValue>, ServiceError> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (_, Some(_)) => Err(ServiceError::Invalid(format!("the header {name} is there twice: send it once"))),
        (found, None) => Ok(found),
    }
}

fn sign_in(app: &App, headers: &HeaderMap) -> Result<Principal, ServiceError> {
    // What is no text names no account and opens nothing, but it is not the same as nothing.
    let credentials = single(headers, AUTHORIZATION.as_str())?.map(text);
    let account = single(headers, ACCOUNT)?.map(text).filter(|name| !name.is_empty());
    if let Some(known) = app.service().recall_basic(credentials, account) {
        count("remembered");
        return Ok(known);
    }
    // A password may be hashed, an account loaded.
    let found = App::blocking(|| app.service().sign_in_basic(credentials, account));
    count(match &found {
        Ok(_) => "verified",
        Err(error) => match error.fault() {
            Fault::Unauthenticated if credentials.is_none() => "absent",
            Fault::Unauthenticated => "refused",
            Fault::Forbidden => "not_allowed",
            Fault::Busy { .. } => "busy",
            _ => "failed",
        },
    });
    found
}

fn count(outcome: &'static str) {
    metrics::counter!(crate::telemetry::SIGN_INS, "outcome" => outcome).increment(1);
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Response<Body>;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.remove::<Caller>().ok_or_else(|| {
            tracing::error!(path = parts.uri.path(), "a guarded handler was reached without a principal");
            let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "an internal error");
            refusal.respond(Style::of(parts.uri.path()))
        })
    }
}
