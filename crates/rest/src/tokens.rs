//! Sessions and tokens: one's own below `/api/v1/me`, those of others below `/api/v1/users/{user}`.

use crate::App;
use crate::body;
use crate::caller::{Caller, Visit};
use crate::decisions::instant;
use crate::form::{nothing_asked, short};
use crate::refusal::{Refusal, Style};
use access::{Instant, TokenId, UserId};
use authn::Principal;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{Response, StatusCode, Uri};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use service::{Living, LongTokenWish, PutOut, ServiceError, Visitor};

/// A session or token, without what opens it.
#[derive(Serialize)]
struct TokenBody {
    id: TokenId,
    kind: &'static str,
    application: &'static str,
    label: String,
    made_at: String,
    /// None for never.
    expires_at: Option<String>,
    /// To the minute.
    last_used_at: Option<String>,
    address: String,
    agent: String,
    /// Whether the request came by it.
    current: bool,
}

#[derive(Serialize)]
struct ListBody {
    items: Vec<TokenBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WishBody {
    label: String,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct MadeBody<'a> {
    id: TokenId,
    /// Shown this once.
    token: &'a str,
    label: &'a str,
    expires_at: Option<String>,
}

/// The answer to a change: the state that has it.
#[derive(Serialize)]
pub(crate) struct RevisionBody {
    revision: u64,
}

impl From<PutOut> for RevisionBody {
    fn from(done: PutOut) -> Self {
        Self { revision: done.revision.0 }
    }
}

impl From<access::Revision> for RevisionBody {
    fn from(revision: access::Revision) -> Self {
        Self { revision: revision.0 }
    }
}

/// The path of a user, and the path of a session or token of theirs.
pub(crate) type UserPath = Result<Path<String>, PathRejection>;
pub(crate) type UserTokenPath = Result<Path<(String, String)>, PathRejection>;

/// What a handler came to, as an answer.
pub(crate) fn answer(done: Result<impl IntoResponse, Refusal>) -> Response<Body> {
    match done {
        Ok(done) => done.into_response(),
        Err(refusal) => refusal.respond(Style::Problem),
    }
}

pub(crate) async fn own(State(app): State<App>, Caller(who): Caller, uri: Uri) -> Response<Body> {
    answer(nothing_asked(&uri).and_then(|()| {
        let own = App::blocking(|| app.service().own(&who))?;
        Ok(Json(list(&who, own.tokens)))
    }))
}

pub(crate) async fn make(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    request: Request,
) -> Response<Body> {
    answer(made(&app, &who, &visitor, request).await)
}

async fn made(
    app: &App,
    who: &Principal,
    visitor: &Visitor,
    request: Request,
) -> Result<Response<Body>, Refusal> {
    nothing_asked(request.uri())?;
    let WishBody { label, expires_at } = body::object(request).await?;
    let expires_at = expires_at.as_deref().map(parse_instant).transpose()?;
    let wish = LongTokenWish { label, expires_at };
    let issued = App::blocking(|| app.service().make_long_token(who, &wish, visitor))?;
    let body = MadeBody {
        id: issued.id,
        token: issued.secret.reveal(),
        label: wish.label.trim(),
        expires_at: end(issued.expires_at),
    };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

pub(crate) async fn end_own(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    token: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Response<Body> {
    answer(nothing_asked(&uri).and_then(|()| {
        let own = who.user().ok_or(ServiceError::NotFound("session or token"))?;
        ended(&app, &who, &visitor, own, token.ok().map(|Path(token)| token).as_deref())
    }))
}

pub(crate) async fn of_user(
    State(app): State<App>,
    Caller(who): Caller,
    user: UserPath,
    uri: Uri,
) -> Response<Body> {
    answer(nothing_asked(&uri).and_then(|()| {
        let user = named(&app, &who, user.ok().map(|Path(user)| user).as_deref())?;
        let living = App::blocking(|| app.service().tokens_of(&who, user))?;
        Ok(Json(list(&who, living)))
    }))
}

pub(crate) async fn end_of_user(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    path: UserTokenPath,
    uri: Uri,
) -> Response<Body> {
    answer(nothing_asked(&uri).and_then(|()| {
        let (user, token) = path.ok().map(|Path(both)| both).unzip();
        let user = named(&app, &who, user.as_deref())?;
        ended(&app, &who, &visitor, user, token.as_deref())
    }))
}

/// Ends the session or token that the request came by.
pub(crate) async fn sign_out(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    uri: Uri,
) -> Response<Body> {
    answer(nothing_asked(&uri).and_then(|()| {
        let done = App::blocking(|| app.service().sign_out(&who, &visitor))?;
        Ok(Json(RevisionBody::from(done)))
    }))
}

/// The user that an address names; what is not written in UTF-8 is nobody.
pub(crate) fn named(app: &App, who: &Principal, user: Option<&str>) -> Result<UserId, ServiceError> {
    let user = user.ok_or(ServiceError::NotFound("user"))?;
    App::blocking(|| app.service().user_named(who, user))
}

fn ended(
    app: &App,
    who: &Principal,
    visitor: &Visitor,
    user: UserId,
    token: Option<&str>,
) -> Result<Json<RevisionBody>, Refusal> {
    let token = token.and_then(|text| TokenId::parse(text).ok());
    let token = token.ok_or(ServiceError::NotFound("session or token"))?;
    let done =
        App::blocking(|| app.service().end_tokens(who, user, &[token], visitor.origin(who.application())))?;
    Ok(Json(done.into()))
}

fn list(who: &Principal, living: Living) -> ListBody {
    let items = living.into_iter().map(|row| TokenBody {
        id: row.id,
        kind: row.kind.word(),
        application: row.application.name(),
        made_at: instant(row.made_at),
        expires_at: end(row.expires_at),
        last_used_at: row.seen_at.map(instant),
        current: who.token() == Some(row.id),
        label: row.label,
        address: row.address,
        agent: row.agent,
    });
    ListBody { items: items.collect() }
}

fn end(at: Instant) -> Option<String> {
    (at.0 != i64::MAX).then(|| instant(at))
}

fn parse_instant(text: &str) -> Result<Instant, Refusal> {
    let read = text.parse::<jiff::Timestamp>();
    read.map(|at| Instant(at.as_microsecond())).map_err(|_| {
        let detail = format!("expires_at is `{}`: write it like 2031-12-31T23:59:59Z", short(text));
        Refusal::invalid(detail)
    })
}
