//! Changing one's own password: at first sign-in, and whenever one wants to.

use std::sync::Arc;

use axum::http::StatusCode;
use service::{Fault, ServiceError};

use super::sign_in::entered_as;
use crate::answer::{Answer, Fail, page, sentence, status, with_retry};
use crate::call::Call;
use crate::form::{Form, FormError};
use crate::paths;
use crate::session::slowly;
use crate::views::frame::{Notice, Tone};
use crate::views::message::Trouble;
use crate::views::password::{PasswordChange, PasswordChangeKind, PasswordErrors};
use crate::views::sign_in::SignInMessage;

/// What a new password is refused with where it was typed differently the second time.
pub(crate) const AGAIN: &str = "This is not the same as above. Type both once more.";

/// The new password, typed twice.
///
/// # Errors
/// A field that is missing; inside, what is wrong with them.
pub(crate) fn typed_twice(form: &Form) -> Result<Result<String, PasswordErrors>, FormError> {
    let (new, again) = (form.one("new")?, form.one("again")?);
    Ok(match new == again {
        true => Ok(new.to_owned()),
        false => Err(PasswordErrors { again: Some(AGAIN.to_owned()), ..PasswordErrors::default() }),
    })
}

/// What is wrong with a new password, or how long to wait; another error is none of the form's.
pub(crate) fn errors_of(error: &ServiceError) -> Option<(PasswordErrors, Option<Notice>)> {
    let none = PasswordErrors::default;
    let notice = |message: SignInMessage| Some((none(), Some(message.notice())));
    match (error, error.fault()) {
        (ServiceError::WrongPassword, _) => {
            let current = Some("This is not your current password.".to_owned());
            Some((PasswordErrors { current, ..none() }, None))
        }
        (ServiceError::BadPassword(_), _) => {
            Some((PasswordErrors { new: Some(sentence(error)), ..none() }, None))
        }
        (_, Fault::TooMany { retry_after_s }) => {
            notice(SignInMessage::TooManyTries { wait_s: retry_after_s })
        }
        (_, Fault::Busy { retry_after_s }) => {
            let text = format!(
                "Too many passwords are being set or looked at just now. Nothing was changed: try again in {retry_after_s} s."
            );
            Some((none(), Some(Notice::new(Tone::Warn, text))))
        }
        _ => None,
    }
}

fn view(call: &Call, kind: PasswordChangeKind) -> Result<PasswordChange, Fail> {
    let session = call.session()?;
    if session.provider.is_some() {
        let missing = Some("a password that is kept here, not at an identity provider".to_owned());
        return Err(Fail::Trouble(Trouble::Forbidden { missing }));
    }
    let login = session.person.login.clone();
    let (frame, errors) = (call.frame(), PasswordErrors::default());
    Ok(PasswordChange { frame, kind, login, errors, notice: None })
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    Ok(page(StatusCode::OK, &view(&call, PasswordChangeKind::Own)?))
}

pub(crate) async fn show_first(call: Arc<Call>) -> Answer {
    Ok(page(StatusCode::OK, &view(&call, PasswordChangeKind::First)?))
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let done = paths::with_query(&call.door.to(paths::ME), &[("done", "password")]);
    change(call, PasswordChangeKind::Own, &done).await
}

pub(crate) async fn submit_first(call: Arc<Call>) -> Answer {
    let home = call.door.home();
    change(call, PasswordChangeKind::First, home.as_str()).await
}

async fn change(call: Arc<Call>, kind: PasswordChangeKind, done: &str) -> Answer {
    let mut view = view(&call, kind)?;
    let present = match kind {
        PasswordChangeKind::First => String::new(),
        PasswordChangeKind::Own => call.form.one("current")?.to_owned(),
    };
    let new = match typed_twice(&call.form)? {
        Ok(new) => new,
        Err(errors) => {
            view.errors = errors;
            return Ok(page(StatusCode::BAD_REQUEST, &view));
        }
    };
    let (inside, who) = (call.clone(), call.session()?.who.clone());
    let changed =
        slowly(move || inside.service.change_own_password(&who, &present, &new, &inside.visitor)).await;
    match changed {
        Ok(session) => Ok(entered_as(&call, call.door, &session, done)),
        Err(error) => {
            let Some((errors, notice)) = errors_of(&error) else { return Err(Fail::Service(error)) };
            (view.errors, view.notice) = (errors, notice);
            let fault = error.fault();
            Ok(with_retry(page(status(fault), &view), crate::answer::wait_s(fault)))
        }
    }
}
