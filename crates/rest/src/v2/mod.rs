//! The habits of OneStock's clients, below `/v2`: the token and the site stand in the JSON body, that of GET included.

mod login;
mod order;

pub(crate) use login::login;
pub(crate) use order::{order, order_overridden};

use crate::App;
use crate::body;
use crate::caller::{self, Caller, Head};
use crate::refusal::{Refusal, Style};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::middleware::Next;
use serde::Deserialize;

/// What every body says; members that are not known belong to other calls. No `Debug`: the token is a secret.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct Said {
    site_id: Option<String>,
    token: Option<String>,
    fields: Option<Vec<String>>,
}

/// [`caller::authenticate`], which looks for the token in the body too.
pub(crate) async fn authenticate(State(app): State<App>, request: Request, next: Next) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    match enter(&app, &mut parts, body).await {
        Ok(()) => next.run(Request::from_parts(parts, Body::empty())).await,
        Err(refusal) => refusal.respond(Style::Problem),
    }
}

async fn enter(app: &App, parts: &mut Parts, body: Body) -> Result<(), Refusal> {
    let mut said: Said = body::perhaps_object(&parts.headers, body).await?.unwrap_or_default();
    // Clients that send a password send the member empty.
    let token = said.token.take().filter(|token| !token.is_empty());
    let head = Head::of(&parts.method, &parts.uri, &parts.headers, &parts.extensions);
    let looked = head.look(app, token.as_deref());
    let principal = looked.finish(app).await.map_err(|error| caller::refusal(&error))?;
    parts.extensions.insert(Caller(principal));
    parts.extensions.insert(said);
    Ok(())
}

/// The answer to a method that is only there to carry another one.
fn not_overridden() -> Refusal {
    let detail = "POST is answered here with the header X-HTTP-Method-Override: GET alone";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
