//! `GET /v2/orders/{id}`: one order of a site, with the members that are asked for.

use super::{Said, not_overridden};
use crate::App;
use crate::caller::Caller;
use crate::form::short;
use crate::orders::{FIELDS, members};
use crate::refusal::{Refusal, Style};
use crate::shown;
use authn::Principal;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{ALLOW, HeaderValue};
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse;
use axum::{Extension, Json};

/// The header of clients that cannot send a body with GET.
const OVERRIDE: &str = "x-http-method-override";

pub(crate) async fn order(
    State(app): State<App>,
    Caller(who): Caller,
    Extension(said): Extension<Said>,
    key: Result<Path<String>, PathRejection>,
) -> Response<Body> {
    found(&app, &who, &said, key).unwrap_or_else(|refusal| refusal.respond(Style::Problem))
}

pub(crate) async fn order_overridden(
    State(app): State<App>,
    Caller(who): Caller,
    Extension(said): Extension<Said>,
    key: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response<Body> {
    let method = match shown::single(&headers, OVERRIDE) {
        Ok(method) => method.map(shown::text),
        Err(error) => return Refusal::from(error).respond(Style::Problem),
    };
    if method.is_some_and(|method| method.eq_ignore_ascii_case("GET")) {
        return found(&app, &who, &said, key).unwrap_or_else(|refusal| refusal.respond(Style::Problem));
    }
    let mut response = not_overridden().respond(Style::Problem);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
    response
}

fn found(
    app: &App,
    who: &Principal,
    said: &Said,
    key: Result<Path<String>, PathRejection>,
) -> Result<Response<Body>, Refusal> {
    let Ok(Path(key)) = key else {
        return Err(Refusal::invalid("the id or ref in the address is not written in UTF-8"));
    };
    let wanted = said.fields.as_deref().unwrap_or_default();
    if let Some(unknown) = wanted.iter().find(|field| !FIELDS.contains(&field.as_str())) {
        let all = FIELDS.join(", ");
        let detail = format!("an order has no field `{}`: it has {all}", short(unknown));
        return Err(Refusal::invalid(detail));
    }
    let order = App::blocking(|| app.service().order_at(who, said.site_id.as_deref(), &key))?;
    let told = members(&order, |name| wanted.is_empty() || wanted.iter().any(|field| field == name));
    Ok(Json(told).into_response())
}
