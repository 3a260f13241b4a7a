//! `POST /access/v1/evaluation` and `/evaluations`: AuthZEN 1.0 over the engine.

mod answer;
mod ask;
mod evaluate;
mod shape;
mod wire;

pub use answer::Tally;
pub use ask::{Locate, Trouble};
pub use evaluate::{evaluate, evaluate_batch};

pub(crate) use answer::instant;

use crate::App;
use crate::body;
use crate::caller::Caller;
use crate::refusal::{Refusal, Style};
use crate::telemetry::DECISIONS;
use authn::Principal;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode};
use service::{Inquiry, ServiceError};

/// A part that evaluates a body: [`evaluate`] or [`evaluate_batch`].
type Evaluate = fn(&Inquiry, Locate<'_>, &[u8], &mut Vec<u8>) -> Result<Tally, Trouble>;

pub(crate) async fn evaluation(
    State(app): State<App>,
    Caller(who): Caller,
    request: Request,
) -> Response<Body> {
    serve(&app, &who, request, evaluate).await
}

pub(crate) async fn evaluations(
    State(app): State<App>,
    Caller(who): Caller,
    request: Request,
) -> Response<Body> {
    serve(&app, &who, request, evaluate_batch).await
}

/// Does all that [`evaluation`] does except deciding: what a decision is measured against.
pub(crate) async fn floor(State(_): State<App>, Caller(_): Caller, request: Request) -> Response<Body> {
    let parse = |body: &[u8]| evaluate::parse_only(body).map(|()| br#"{"decision":true}"#.to_vec());
    match body::json(request).await {
        Ok(body) => parse(&body).map_or_else(refuse, answer),
        Err(refusal) => refusal.respond(Style::Sentence),
    }
}

async fn serve(app: &App, who: &Principal, request: Request, evaluate: Evaluate) -> Response<Body> {
    let body = match body::json(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal.respond(Style::Sentence),
    };
    let inquiry = match inquire(app, who) {
        Ok(inquiry) => inquiry,
        Err(error) => return Refusal::from(error).respond(Style::Sentence),
    };
    let locate = |entity, id: &str| App::blocking(|| app.service().locate(&inquiry, entity, id));
    let mut out = Vec::with_capacity(body.len().max(256));
    match evaluate(&inquiry, &locate, &body, &mut out) {
        Ok(tally) => {
            count(tally);
            answer(out)
        }
        Err(trouble) => {
            count(Tally { errors: 1, ..Tally::default() });
            refuse(trouble)
        }
    }
}

fn inquire(app: &App, who: &Principal) -> Result<Inquiry, ServiceError> {
    let service = app.service();
    if service.is_newest_in_memory() { service.inquire(who) } else { App::blocking(|| service.inquire(who)) }
}

fn answer(body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Trouble with the whole request. A name that is unknown is the request's fault: the address does exist.
fn refuse(trouble: Trouble) -> Response<Body> {
    let status = StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let status = if status == StatusCode::NOT_FOUND { StatusCode::BAD_REQUEST } else { status };
    Refusal::new(status, trouble.message).respond(Style::Sentence)
}

fn count(tally: Tally) {
    for (outcome, count) in [("allowed", tally.allowed), ("denied", tally.denied), ("error", tally.errors)] {
        if count > 0 {
            metrics::counter!(DECISIONS, "outcome" => outcome).increment(count);
        }
    }
}
