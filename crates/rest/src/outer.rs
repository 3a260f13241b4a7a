//! The outermost layer: what every answer has, also those to requests that no route takes. It writes nothing of a
//! request to a log: an address may have a token or a password in it.

use crate::limits::{ADDRESS_BYTES_MAX, HEADERS_BYTES_MAX, REQUEST_ID_BYTES_MAX};
use crate::refusal::{Refusal, Style};
use crate::{routes, telemetry};
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Response, StatusCode};
use axum::middleware::Next;
use metrics::SharedString;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[expect(clippy::disallowed_methods, reason = "a duration for a metric, which decides nothing")]
fn now() -> Instant {
    Instant::now()
}

/// Echoes the request id, adds the headers that every answer has, and counts.
pub(crate) async fn layer(request: Request, next: Next) -> Response<Body> {
    let began = now();
    let id = request.headers().get(&REQUEST_ID).filter(|id| may_be_echoed(id)).cloned();
    let route = request.extensions().get::<MatchedPath>().map_or("none", |path| routes::label(path.as_str()));
    let mut response = match oversized(&request) {
        Some(refusal) => refusal.respond(Style::of(request.uri().path())),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    if let Some(id) = id {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    count(route.into(), response.status(), began);
    response
}

/// Counts the requests to another surface beside this one, each by the path of its route.
pub async fn counted(request: Request, next: Next) -> Response<Body> {
    let began = now();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or("none".into(), |path| SharedString::from(path.as_str().to_owned()));
    let response = next.run(request).await;
    count(route, response.status(), began);
    response
}

fn count(route: SharedString, status: StatusCode, began: Instant) {
    let status = status_label(status);
    metrics::counter!(telemetry::REQUESTS, "route" => route.clone(), "status" => status).increment(1);
    metrics::histogram!(telemetry::SECONDS, "route" => route).record(began.elapsed());
}

/// A head that is longer than any that is meant.
fn oversized(request: &Request) -> Option<Refusal> {
    let (uri, headers) = (request.uri(), request.headers());
    let address = uri.path().len().max(uri.query().map_or(0, str::len));
    if address > ADDRESS_BYTES_MAX {
        let detail = format!("the path or query has {address} bytes, {ADDRESS_BYTES_MAX} at most");
        return Some(Refusal::new(StatusCode::URI_TOO_LONG, detail));
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    (bytes > HEADERS_BYTES_MAX).then(|| {
        let detail = format!("the headers have {bytes} bytes, {HEADERS_BYTES_MAX} at most");
        Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
    })
}

/// What is echoed goes into logs: visible ASCII, not long.
fn may_be_echoed(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=REQUEST_ID_BYTES_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

/// The statuses that we answer, as labels without an allocation.
fn status_label(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200 => "200",
        201 => "201",
        303 => "303",
        304 => "304",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        408 => "408",
        409 => "409",
        413 => "413",
        414 => "414",
        429 => "429",
        431 => "431",
        500 => "500",
        502 => "502",
        503 => "503",
        504 => "504",
        _ => "other",
    }
}
