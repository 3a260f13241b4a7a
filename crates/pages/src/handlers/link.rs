//! A link of an invitation or reset: looking at it spends nothing, setting the password spends it.

use std::sync::Arc;

use authn::Secret;
use axum::http::StatusCode;
use service::{LinkPurpose, LinkView, ServiceError};

use super::password::{errors_of, typed_twice};
use super::sign_in::{self, Typed};
use crate::answer::{Answer, Fail, page, status, with_retry};
use crate::call::Call;
use crate::session::{blocking, slowly};
use crate::views::password::{LinkKind, LinkPage, LinkRefused, PasswordErrors};
use crate::views::sign_in::SignInMessage;

fn refused(call: &Call) -> Answer {
    Ok(page(StatusCode::NOT_FOUND, &LinkRefused { frame: call.frame() }))
}

fn view(call: &Call, secret: &Secret, link: LinkView) -> LinkPage {
    LinkPage {
        frame: call.frame(),
        kind: match link.purpose {
            LinkPurpose::Invitation => LinkKind::Invitation,
            LinkPurpose::Reset => LinkKind::Reset,
        },
        code: secret.reveal().to_owned(),
        name: Some(link.name).filter(|name| !name.is_empty() && *name != link.login),
        login: link.login,
        errors: PasswordErrors::default(),
        notice: None,
    }
}

/// The link that a code opens.
///
/// # Errors
/// A database that cannot be asked.
fn look(call: &Call, code: &str) -> Result<Option<(Secret, LinkView)>, ServiceError> {
    let Ok(secret) = Secret::parse(code) else { return Ok(None) };
    match blocking(|| call.service.look_at_link(&secret, &call.visitor)) {
        Ok(link) => Ok(Some((secret, link))),
        Err(ServiceError::BadLink) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    match look(&call, query.optional("code")?.unwrap_or_default())? {
        Some((secret, link)) => Ok(page(StatusCode::OK, &view(&call, &secret, link))),
        None => refused(&call),
    }
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let Some((secret, link)) = look(&call, call.form.one("code")?)? else { return refused(&call) };
    let (login, account) = (link.login.clone(), Some(link.account.clone()));
    let mut view = view(&call, &secret, link);
    let new = match typed_twice(&call.form)? {
        Ok(new) => new,
        Err(errors) => {
            view.errors = errors;
            return Ok(page(StatusCode::BAD_REQUEST, &view));
        }
    };
    let inside = call.clone();
    match slowly(move || inside.service.use_link(&secret, &new, &inside.visitor)).await {
        Ok(()) => {
            let typed = Typed { login, account, ..Typed::default() };
            sign_in::page(&call, StatusCode::OK, Some(SignInMessage::PasswordSet), typed)
        }
        Err(ServiceError::BadLink) => refused(&call),
        Err(error) => {
            let Some((errors, notice)) = errors_of(&error) else { return Err(Fail::Service(error)) };
            (view.errors, view.notice) = (errors, notice);
            let fault = error.fault();
            Ok(with_retry(page(status(fault), &view), crate::answer::wait_s(fault)))
        }
    }
}
