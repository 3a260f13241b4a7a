//! `POST /v2/login`: a password for a token.

use crate::App;
use crate::body;
use crate::caller::{self, Visit, tried};
use crate::refusal::{Refusal, Style};
use crate::shown;
use authn::BasicCredentials;
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::json;
use service::{Issued, ServiceError, Visitor, Way};

/// Who signs in, and in which site. No `Debug`: the password is a secret.
#[derive(Deserialize)]
struct LoginBody {
    site_id: String,
    user_id: String,
    password: String,
}

pub(crate) async fn login(State(app): State<App>, Visit(visitor): Visit, request: Request) -> Response<Body> {
    match begin(&app, visitor, request).await {
        Ok(issued) => Json(json!({ "token": issued.secret.reveal() })).into_response(),
        Err(refusal) => refusal.respond(Style::Problem),
    }
}

async fn begin(app: &App, visitor: Visitor, request: Request) -> Result<Issued, Refusal> {
    let told = |error: ServiceError| caller::refusal(&error);
    let account = shown::account(request.headers()).map_err(told)?.map(str::to_owned);
    let LoginBody { site_id, user_id, password } = body::object(request).await?;
    // A login that can be nobody's is a wrong one.
    let credentials = BasicCredentials::new(&user_id, &password);
    let credentials = credentials.map_err(|_| Refusal::from(ServiceError::Unauthenticated))?;
    let from = visitor.clone();
    let begun = tried(app, credentials, account.as_deref(), &visitor, Way::Login, move |service, knock| {
        service.begin_access_at(&service.verify(knock)?, &site_id, &from)
    });
    begun.await.map_err(told)
}
