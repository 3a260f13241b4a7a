//! `POST /sso/{account}/{provider}/logout`: an identity provider says that a session has ended (OpenID Connect
//! Back-Channel Logout 1.0, sections 2.5 and 2.8).

use crate::App;
use crate::body;
use crate::caller::Visit;
use crate::form::Form;
use crate::refusal::{Refusal, Style};
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;
use service::Visitor;

pub(crate) async fn logout(
    State(app): State<App>,
    Visit(visitor): Visit,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response<Body> {
    let mut response = match ended(&app, visitor, path, request).await {
        Ok(()) => StatusCode::OK.into_response(),
        // It was not looked at, and may come again.
        Err(refusal) if refusal.status == StatusCode::TOO_MANY_REQUESTS => refusal.respond(Style::Problem),
        // Which account, provider or rule it was is not told to strangers; the log and the audit have it.
        Err(_) => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request" }))).into_response(),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn ended(
    app: &App,
    visitor: Visitor,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Result<(), Refusal> {
    let Path((account, provider)) = path.map_err(|_| Refusal::invalid("an address that is not UTF-8"))?;
    let (parts, body) = request.into_parts();
    let bytes = body::form(&parts.headers, body).await?;
    let token = Form::read(&[&bytes])?.need("logout_token")?.to_owned();
    let ended = app.slowly(move |service| {
        let account = service.account_of_header(Some(&account))?;
        service.provider_logout(account, &provider, &token, &visitor)
    });
    Ok(ended.await.map(drop)?)
}
