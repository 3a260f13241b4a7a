//! What somebody may mean who types into a field, for the script of the pages.

use std::sync::Arc;

use access::Application;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use service::{SUGGESTIONS_MAX, Suggest, SuggestOf, Suggestion};

use super::application;
use crate::Door;
use crate::answer::{Answer, Fail, status, wait_s, with_retry};
use crate::call::Call;
use crate::session::blocking;
use crate::views::message::Trouble;

/// What a field asks for, by the word of its attribute `data-suggest`.
const KINDS: [(&str, SuggestOf); 6] = [
    ("role", SuggestOf::Role),
    ("site", SuggestOf::Site),
    ("location", SuggestOf::Location),
    ("channel", SuggestOf::Channel),
    ("user", SuggestOf::User),
    ("permission", SuggestOf::Permission),
];

/// What everybody may know: the names of time zones.
const TIME_ZONE: &str = "time_zone";

/// Nobody looks at the answer but the script, so a refusal is a status without a page.
pub(crate) async fn show(call: Arc<Call>) -> Answer {
    Ok(match found(&call) {
        Ok(found) => listed(&found),
        Err(Fail::Service(error)) => {
            tracing::debug!(%error, "nothing was suggested");
            with_retry(bare(status(error.fault())), wait_s(error.fault()))
        }
        Err(Fail::Trouble(_)) => bare(StatusCode::BAD_REQUEST),
    })
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn found(call: &Call) -> Result<Vec<Suggestion>, Fail> {
    let query = call.query()?;
    let kind = query.one("of")?;
    if kind == TIME_ZONE {
        let one = |value: String| Suggestion { title: value.clone(), note: String::new(), value };
        let found = service::time_zones(query.optional("q")?.unwrap_or_default(), SUGGESTIONS_MAX);
        return Ok(found.into_iter().map(one).collect());
    }
    let of = KINDS.iter().find(|(word, _)| *word == kind);
    let (_, of) = of.ok_or(Fail::Trouble(Trouble::NotUnderstood))?;
    let text = query.optional("q")?.unwrap_or_default();
    // In the Store App its own roles are given alone.
    let application = match call.door {
        Door::StoreApp => Some(Application::StoreApp),
        Door::Omc => application(query.optional("application")?.unwrap_or_default())?,
    };
    let wanted = Suggest { of: *of, text, site: query.optional("site")?, application };
    let who = &call.session()?.who;
    Ok(blocking(|| call.service.suggest(who, &wanted))?)
}

fn listed(found: &[Suggestion]) -> Response<Body> {
    let each = |one: &Suggestion| json!({ "value": one.value, "title": one.title, "note": one.note });
    let list: serde_json::Value = found.iter().map(each).collect();
    let mut response = Response::new(Body::from(list.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
