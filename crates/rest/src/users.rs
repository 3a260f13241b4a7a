//! The ways out and in again of a user, for those who manage them: `/api/v1/users/{user}/...`.

use crate::App;
use crate::body;
use crate::caller::{Caller, Visit};
use crate::decisions::instant;
use crate::form::nothing_asked;
use crate::refusal::Refusal;
use crate::tokens::{RevisionBody, UserPath, answer, named};
use access::UserId;
use access::commands::EnableUser;
use authn::Principal;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Response, Uri};
use serde::{Deserialize, Serialize};
use service::{LINK_PATH, Out, Reset, ResetBy, ServiceError, Visitor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResetBody {
    by: By,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Link,
    Generated,
}

/// Shown this once.
#[derive(Serialize)]
#[serde(untagged)]
enum ShownOnce {
    Link { link: String, expires_at: String },
    Password { password: String },
}

pub(crate) async fn disable(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    user: UserPath,
    uri: Uri,
) -> Response<Body> {
    put_out(&app, &who, &visitor, user, &uri, Out::Disable)
}

pub(crate) async fn sign_out(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    user: UserPath,
    uri: Uri,
) -> Response<Body> {
    put_out(&app, &who, &visitor, user, &uri, Out::SignOut)
}

pub(crate) async fn remove(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    user: UserPath,
    uri: Uri,
) -> Response<Body> {
    put_out(&app, &who, &visitor, user, &uri, Out::Remove)
}

fn put_out(
    app: &App,
    who: &Principal,
    visitor: &Visitor,
    user: UserPath,
    uri: &Uri,
    out: Out,
) -> Response<Body> {
    answer(of_path(app, who, user, uri).and_then(|user| {
        let origin = visitor.origin(who.application());
        let done = App::blocking(|| app.service().put_out(who, origin, user, out))?;
        Ok(Json(RevisionBody::from(done)))
    }))
}

pub(crate) async fn enable(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    user: UserPath,
    uri: Uri,
) -> Response<Body> {
    answer(of_path(&app, &who, user, &uri).and_then(|id| {
        let origin = visitor.origin(who.application());
        let revision = App::blocking(|| app.service().execute(&who, origin, EnableUser { id }))?;
        Ok(Json(RevisionBody::from(revision)))
    }))
}

pub(crate) async fn reset_password(
    State(app): State<App>,
    Caller(who): Caller,
    Visit(visitor): Visit,
    user: UserPath,
    request: Request,
) -> Response<Body> {
    answer(reset(&app, who, &visitor, user, request).await.map(Json))
}

async fn reset(
    app: &App,
    who: Principal,
    visitor: &Visitor,
    user: UserPath,
    request: Request,
) -> Result<ShownOnce, Refusal> {
    let id = of_path(app, &who, user, request.uri())?;
    let ResetBody { by } = body::object(request).await?;
    let base = app.config().base_url.as_ref().map(|base| base.as_str().to_owned());
    let by = match by {
        // Before anything is changed: a link that leads nowhere would leave them without any way in.
        By::Link if base.is_none() => {
            let why = "this server was not told the URL at which it is reached, so it makes no link: use `generated`";
            return Err(Refusal::from(ServiceError::Invalid(why.into())));
        }
        By::Link => ResetBy::Link,
        By::Generated => ResetBy::Generated,
    };
    let origin = visitor.origin(who.application());
    let made = app.slowly(move |service| service.reset_password(&who, id, by, origin)).await?;
    Ok(match made {
        Reset::Link(secret, until) => ShownOnce::Link {
            link: format!("{}{LINK_PATH}?code={}", base.unwrap_or_default(), secret.reveal()),
            expires_at: instant(until),
        },
        Reset::Generated(password) => ShownOnce::Password { password: password.reveal().to_owned() },
    })
}

fn of_path(app: &App, who: &Principal, user: UserPath, uri: &Uri) -> Result<UserId, Refusal> {
    nothing_asked(uri)?;
    Ok(named(app, who, user.ok().map(|Path(user)| user).as_deref())?)
}
