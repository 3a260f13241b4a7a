//! Signing in with a password.

use std::sync::Arc;

use access::AccountId;
use authn::BasicCredentials;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use service::{AccountHint, Fault, Issued, ProviderButton, ServiceError, Way};

use crate::answer::{
    Answer, Fail, leading, message, page_towards, said, see_other, sentence, status, wait_s, with_cookie,
    with_retry,
};
use crate::call::Call;
use crate::cookies;
use crate::door::Door;
use crate::form::{Form, FormError};
use crate::origin::Origin;
use crate::session::{Session, application, blocking, slowly};
use crate::views::sign_in::{Provider, SignIn, SignInMessage};
use crate::{LocalPath, paths};

/// What was typed or carried along, and stays when the page is shown again.
#[derive(Clone, Default)]
pub(crate) struct Typed {
    pub(crate) account: Option<String>,
    pub(crate) login: String,
    pub(crate) next: Option<LocalPath>,
}

impl Typed {
    /// Reads the fields of a form, or of an address.
    pub(crate) fn of(form: &Form) -> Result<Self, FormError> {
        let text = |name| form.optional(name).map(|text| text.map(str::trim).filter(|text| !text.is_empty()));
        Ok(Self {
            account: text("account")?.map(ToOwned::to_owned),
            login: text("login")?.unwrap_or_default().to_owned(),
            next: text("next")?.and_then(|next| LocalPath::parse(next).ok()),
        })
    }

    /// Where they go afterwards.
    pub(crate) fn next_or_home(&self, door: Door) -> LocalPath {
        self.next.clone().unwrap_or_else(|| door.home())
    }
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let typed = Typed { login: String::new(), ..Typed::of(&call.query()?)? };
    let secret = call.cookie_session(call.door);
    let ended = match secret.clone() {
        Some(secret) => {
            Session::open(&call.service, call.door, secret, &call.visitor).is_ok_and(|s| s.is_none())
        }
        None => false,
    };
    if !ended {
        return page(&call, StatusCode::OK, None, typed);
    }
    let answer = page(&call, StatusCode::OK, Some(SignInMessage::SessionExpired), typed)?;
    Ok(with_cookie(answer, &cookies::clear(call.session_cookie(call.door))))
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let typed = Typed::of(&call.form)?;
    let password = call.form.one("password")?;
    let asked = account_of(&call, &typed)?;
    let Ok(credentials) = BasicCredentials::new(&typed.login, password) else {
        // It can be nobody's.
        return page(&call, StatusCode::UNAUTHORIZED, Some(SignInMessage::Wrong), typed);
    };
    if asked.must_be_named && typed.account.is_none() && credentials.account().is_none() {
        return page(&call, StatusCode::BAD_REQUEST, Some(SignInMessage::AccountMissing), typed);
    }
    let named = typed.account.as_deref().filter(|_| asked.must_be_named);
    let knock =
        blocking(|| call.service.knock(credentials, named, application(call.door), &call.visitor, Way::Form));
    let knock = match knock {
        Ok(knock) => knock,
        Err(error) => return refused(&call, typed, error),
    };
    tokio::time::sleep(knock.delay()).await;
    let inside = call.clone();
    let entered = slowly(move || {
        let who = inside.service.verify(knock)?;
        let session = inside.service.begin_session(&who, &inside.visitor)?;
        inside.end_session_before(inside.door);
        Ok((session, who.must_change()))
    });
    match entered.await {
        Ok((session, true)) => {
            Ok(entered_as(&call, call.door, &session, &call.door.to(paths::PASSWORD_FIRST)))
        }
        Ok((session, false)) => {
            Ok(entered_as(&call, call.door, &session, typed.next_or_home(call.door).as_str()))
        }
        Err(error) => refused(&call, typed, error),
    }
}

/// Somebody is signed in from here on.
pub(crate) fn entered_as(call: &Call, door: Door, session: &Issued, to: &str) -> Response<Body> {
    call.with_value(see_other(to), call.session_cookie(door), session.secret.reveal())
}

/// The page again, with what was typed but for the password.
fn refused(call: &Call, typed: Typed, error: ServiceError) -> Answer {
    let fault = error.fault();
    let message = match (fault, &error) {
        (Fault::Unauthenticated, _) => SignInMessage::Wrong,
        (Fault::TooMany { retry_after_s }, _) => SignInMessage::TooManyTries { wait_s: retry_after_s },
        (Fault::Busy { retry_after_s }, _) => SignInMessage::Busy { wait_s: retry_after_s },
        (Fault::Invalid, ServiceError::Account(_)) => SignInMessage::AccountMissing,
        // The password was right: they may have come to the wrong door.
        (Fault::Forbidden, _) => return Ok(other_door(call, &error)),
        _ => return Err(Fail::Service(error)),
    };
    page(call, status(fault), Some(message), typed)
}

/// Whoever may not enter here is shown the other application.
fn other_door(call: &Call, error: &ServiceError) -> Response<Body> {
    let (door, text) = match call.door {
        Door::Omc => (Door::StoreApp, "Sign in to the Store App"),
        Door::StoreApp => (Door::Omc, "Sign in to the Order Management Center"),
    };
    let heading = format!("You may not enter the {}", call.door.title());
    let advice = format!(
        "If you work in the {}, sign in there. Otherwise ask whoever manages your users.",
        door.title()
    );
    let said = said(call.frame(), status(error.fault()), &heading, sentence(error), &advice);
    message(&leading(said, &door.to(paths::SIGN_IN), text))
}

/// The page for a form that was open for too long.
pub(crate) fn form_expired(call: &Call) -> Answer {
    let typed = Typed::of(&call.form)?;
    page(call, StatusCode::FORBIDDEN, Some(SignInMessage::FormExpired), typed)
}

/// Which account is meant.
pub(crate) struct Asked {
    /// Whether the page asks for it.
    pub(crate) must_be_named: bool,
    /// The one that is meant, where that is known.
    pub(crate) account: Option<AccountId>,
}

pub(crate) fn account_of(call: &Call, typed: &Typed) -> Result<Asked, ServiceError> {
    let of = |header| blocking(|| call.service.account_of(&AccountHint { header, login: None }));
    match of(None) {
        Ok(account) => Ok(Asked { must_be_named: false, account: Some(account) }),
        Err(ServiceError::Account(_)) => {
            let account = match typed.account.as_deref().map(|named| of(Some(named))) {
                None | Some(Err(ServiceError::Account(_))) => None,
                Some(found) => Some(found?),
            };
            Ok(Asked { must_be_named: true, account })
        }
        Err(other) => Err(other),
    }
}

/// The buttons of an account.
pub(crate) fn buttons(call: &Call, account: Option<AccountId>) -> Result<Vec<ProviderButton>, ServiceError> {
    account.map_or_else(|| Ok(Vec::new()), |account| blocking(|| call.service.provider_buttons(account)))
}

/// Where the forms of the sign-in page may lead.
pub(crate) fn targets(buttons: &[ProviderButton]) -> Vec<Origin> {
    let mut targets: Vec<Origin> = Vec::new();
    for origin in buttons.iter().filter_map(|button| Origin::of_url(&button.issuer).ok()) {
        if !targets.contains(&origin) {
            targets.push(origin);
        }
    }
    targets
}

/// The sign-in page.
pub(crate) fn page(call: &Call, status: StatusCode, message: Option<SignInMessage>, typed: Typed) -> Answer {
    let asked = account_of(call, &typed)?;
    let buttons = buttons(call, asked.account)?;
    let targets = targets(&buttons);
    // Whoever comes with an account and is told nothing else asked for the providers of that account.
    let none = asked.must_be_named && typed.account.is_some() && buttons.is_empty();
    let message = message.or_else(|| none.then_some(SignInMessage::NoProviders));
    let wait_s = match message {
        Some(SignInMessage::TooManyTries { wait_s } | SignInMessage::Busy { wait_s }) => Some(wait_s),
        _ => None,
    };
    let button = |button: ProviderButton| Provider { reference: button.r#ref, name: button.name };
    let view = SignIn {
        frame: call.frame(),
        message,
        account: asked.must_be_named.then(|| typed.account.unwrap_or_default()),
        login: typed.login,
        next: typed.next,
        providers: buttons.into_iter().map(button).collect(),
    };
    Ok(with_retry(page_towards(status, &view, &targets), wait_s))
}

/// The sign-in page after single sign-on did not work.
pub(crate) fn sso_failed(call: &Call, error: ServiceError, typed: Typed) -> Answer {
    let fault = error.fault();
    if matches!(fault, Fault::Internal | Fault::Unavailable) {
        return Err(Fail::Service(error));
    }
    let message = SignInMessage::SsoFailed(crate::answer::sentence(&error));
    Ok(with_retry(page(call, status(fault), Some(message), typed)?, wait_s(fault)))
}
