//! Whether the process lives, whether it can serve, and what it counted.

use crate::App;
use crate::refusal::{Refusal, Style};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode};

fn text(body: impl Into<Body>, kind: &'static str) -> Response<Body> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The process is alive: it answers.
pub(crate) async fn live() -> Response<Body> {
    text("alive\n", "text/plain; charset=utf-8")
}

/// The database answers too.
pub(crate) async fn ready(State(app): State<App>) -> Response<Body> {
    match App::blocking(|| app.service().ready()) {
        Ok(()) => text("ready\n", "text/plain; charset=utf-8"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let sentence = "not ready: the database does not answer; the log of the server says more";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence).respond(Style::Sentence)
        }
    }
}

/// The metrics as Prometheus reads them.
pub(crate) async fn metrics(State(app): State<App>) -> Response<Body> {
    let Some(handle) = &app.config().metrics else {
        return Refusal::new(StatusCode::NOT_FOUND, "this server keeps no metrics").respond(Style::Sentence);
    };
    // An account count is far below 2^52, so the conversion is exact.
    #[expect(clippy::cast_precision_loss, reason = "a count of accounts")]
    let loaded = app.service().accounts_loaded() as f64;
    metrics::gauge!(crate::telemetry::ACCOUNTS).set(loaded);
    text(handle.render(), "text/plain; version=0.0.4; charset=utf-8")
}
