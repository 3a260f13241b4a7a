//! What is done with a user: each asks first and says what will happen, then does it.

use std::sync::Arc;

use access::commands::{DisableUser, EnableUser, RemoveUser, SignOutUser};
use access::{UserId, commands::ResetPassword};
use axum::http::StatusCode;
use service::{LINK_PATH, Out, Previewed, Reset, ResetBy, Seen, ServiceError, Thing, TokenRow};

pub(crate) use super::preview::lines;
use super::sessions::token_id;
use super::sign_in::{Typed, account_of};
use super::user::{Named, done_at, found_at, named};
use crate::answer::{Answer, Fail, page};
use crate::call::Call;
use crate::session::{application, blocking, slowly};
use crate::views::confirm::Confirm;
use crate::views::frame::{Moment, counted};
use crate::views::message::Trouble;
use crate::views::shown::ShownOnce;
use crate::{Door, paths};

/// Most characters of a reason.
const REASON_CHARS_MAX: usize = 500;

/// What is done with a user besides edits of profile and grants.
#[derive(Clone, Copy)]
enum Act {
    Disable,
    Enable,
    Remove,
    SignOut,
    Reset,
}

impl Act {
    fn of(call: &Call) -> Result<Self, Fail> {
        let rest = call.last_segment(paths::USERS).unwrap_or_default();
        Ok(match rest.split_once('/').map(|(_, act)| act) {
            Some(paths::ACT_DISABLE) => Self::Disable,
            Some(paths::ACT_ENABLE) => Self::Enable,
            Some(paths::ACT_REMOVE) => Self::Remove,
            Some(paths::ACT_SIGN_OUT) => Self::SignOut,
            Some(paths::ACT_RESET) => Self::Reset,
            _ => return Err(Fail::Trouble(Trouble::NotFound)),
        })
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Disable => paths::ACT_DISABLE,
            Self::Enable => paths::ACT_ENABLE,
            Self::Remove => paths::ACT_REMOVE,
            Self::SignOut => paths::ACT_SIGN_OUT,
            Self::Reset => paths::ACT_RESET,
        }
    }

    /// What it would do. Whoever may not is told here, before they are asked.
    fn preview(self, call: &Call, id: UserId) -> Result<Previewed, ServiceError> {
        let service = &call.service;
        let who = match call.session() {
            Ok(session) => &session.who,
            Err(_) => return Err(ServiceError::Unauthenticated),
        };
        blocking(|| match self {
            Self::Disable => service.preview(who, DisableUser { id }),
            Self::Enable => service.preview(who, EnableUser { id }),
            Self::Remove => service.preview(who, RemoveUser { id }),
            Self::SignOut => service.preview(who, SignOutUser { id }),
            Self::Reset => service.preview(who, ResetPassword { id }),
        })
    }

    fn heading(self, login: &str) -> String {
        match self {
            Self::Disable => format!("Disable {login}?"),
            Self::Enable => format!("Enable {login}?"),
            Self::Remove => format!("Remove {login}?"),
            Self::SignOut => format!("Sign {login} out everywhere?"),
            Self::Reset => format!("Reset the password of {login}?"),
        }
    }

    fn sentences(self, ends: &str) -> Vec<String> {
        let said = match self {
            Self::Disable => format!("{ends} Nothing lets them in until they are enabled. Access and history stay."),
            Self::Enable => {
                "What they were granted holds again. Sessions and tokens that ended stay ended: they sign in anew.".to_owned()
            }
            Self::Remove => format!("{ends} Their access is taken, and cannot be brought back. The login stays reserved, the history stays."),
            Self::SignOut => format!("{ends} Whoever knows the password may sign in again."),
            Self::Reset => format!("{ends} The password is gone at once; they come in again by a new one."),
        };
        vec![said]
    }

    const fn button(self) -> &'static str {
        match self {
            Self::Disable => "Disable",
            Self::Enable => "Enable",
            Self::Remove => "Remove for good",
            Self::SignOut => "Sign out everywhere",
            Self::Reset => "Reset password",
        }
    }
}

/// How many sessions and tokens end.
fn ends(call: &Call, id: UserId) -> Result<String, Fail> {
    let who = &call.session()?.who;
    Ok(ends_of(&blocking(|| call.service.tokens_of(who, id))?))
}

pub(crate) fn ends_of(tokens: &[TokenRow]) -> String {
    let sessions = tokens.iter().filter(|token| token.kind.word() == "session").count();
    let others = tokens.len() - sessions;
    format!("{} and {} end at once.", counted(sessions, "session"), counted(others, "token"))
}

pub(crate) async fn ask(call: Arc<Call>) -> Answer {
    let act = Act::of(&call)?;
    let shown = named(&call)?;
    let id = shown.id;
    let previewed = act.preview(&call, id)?;
    let login = shown.login();
    let id_text = id.to_string();
    let choices = match act {
        Act::Reset => vec![
            ("link".to_owned(), "By a link that lets them set one".to_owned()),
            ("generated".to_owned(), "By a password that is made and shown once".to_owned()),
        ],
        _ => vec![],
    };
    let confirm = Confirm {
        frame: call.frame(),
        heading: act.heading(&login),
        paragraphs: act.sentences(&ends(&call, id)?),
        facts: vec![],
        lines: lines(&call, &previewed)?,
        action: call.door.to(&paths::user_act(&id_text, act.word())),
        fields: match act {
            Act::Enable => vec![("version", shown.version())],
            // Whoever is to be out is not kept in by what somebody else changes.
            _ => vec![],
        },
        choices,
        asks_reason: matches!(act, Act::Disable | Act::Enable | Act::Remove),
        button: act.button(),
        danger: !matches!(act, Act::Enable),
        again: false,
        cancel: call.door.to(&paths::user(&id_text)),
    };
    Ok(page(StatusCode::OK, &confirm))
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let act = Act::of(&call)?;
    let named = named(&call)?;
    let id = named.id;
    let (who, mut origin) = (&call.session()?.who, call.origin()?);
    origin.reason = reason(&call)?;
    let out = match act {
        Act::Reset => return reset(call.clone(), named).await,
        Act::Enable => {
            let on = (Thing::User(id), call.form.optional("version")?.unwrap_or_default());
            // Whoever sends it twice has had it done.
            if !named.on.user(id).is_some_and(|user| user.is_enabled() && !user.is_removed()) {
                blocking(|| call.service.execute_on(who, origin, on, EnableUser { id }))?;
            }
            return Ok(done_at(&call, id, act.word()));
        }
        Act::Disable => Out::Disable,
        Act::Remove => Out::Remove,
        Act::SignOut => Out::SignOut,
    };
    blocking(|| call.service.put_out(who, origin, id, out))?;
    Ok(match act {
        Act::Remove => {
            let list = call.door.to(paths::USERS);
            crate::answer::see_other(&paths::with_query(&list, &[("done", act.word())]))
        }
        _ => done_at(&call, id, act.word()),
    })
}

/// Why somebody does it, cut where it is long; none when they say nothing.
pub(crate) fn reason(call: &Call) -> Result<Option<String>, Fail> {
    let text = call.form.optional("reason")?.unwrap_or_default().trim();
    let text: String = text.chars().filter(|c| !c.is_control()).take(REASON_CHARS_MAX).collect();
    Ok((!text.is_empty()).then_some(text))
}

async fn reset(call: Arc<Call>, named: Named) -> Answer {
    let by = match call.form.one("by")? {
        "link" => ResetBy::Link,
        "generated" => ResetBy::Generated,
        _ => return Err(Fail::Trouble(Trouble::NotUnderstood)),
    };
    let (inside, id, asked) = (call.clone(), named.id, asks_account(&call)?);
    let (who, origin) = (call.session()?.who.clone(), call.origin()?);
    let made = slowly(move || inside.service.reset_password(&who, id, by, origin)).await?;
    shown_once(&call, id, &Seen { on: named.on, now: named.now }, (&made, asked))
}

/// Whether whoever signs in is asked for the account. It is known before something is made that is shown once: nothing may
/// go wrong between the two.
pub(crate) fn asks_account(call: &Call) -> Result<bool, Fail> {
    Ok(account_of(call, &Typed::default())?.must_be_named)
}

/// What is shown once: a link or a password of a user of that state. Whoever made it is shown it, whether or not they see
/// the user.
pub(crate) fn shown_once(
    call: &Call,
    id: UserId,
    Seen { on, now }: &Seen,
    (made, asks_account): (&Reset, bool),
) -> Answer {
    let user = on.user(id).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let (secret, until) = match made {
        Reset::Link(secret, until) => {
            // They set a password where they sign in then.
            let enters = |door: &Door| on.may_enter(user, Some(application(*door)), *now);
            let others = Door::ALL.into_iter().filter(|door| *door != call.door);
            let door = std::iter::once(call.door).chain(others).find(enters).unwrap_or(call.door);
            let path = door.to(LINK_PATH);
            let address = format!("{}{path}?code={}", call.site.origin().as_str(), secret.reveal());
            (address, Some(Moment::of(until.0, call.clock())))
        }
        Reset::Generated(password) => (password.reveal().to_owned(), None),
    };
    let back = found_at(call, id);
    let account = asks_account.then(|| on.account().r#ref.to_string());
    let view = ShownOnce { frame: call.frame(), login: user.login(), account, secret, until, back };
    Ok(page(StatusCode::OK, &view))
}

pub(crate) async fn end_token(call: Arc<Call>) -> Answer {
    let (user, token) = (named(&call)?.id, token_id(call.form.one("token")?)?);
    let (who, origin) = (&call.session()?.who, call.origin()?);
    match blocking(|| call.service.end_tokens(who, user, &[token], origin)) {
        // It ended by itself meanwhile, which is what was asked for.
        Ok(_) | Err(ServiceError::NotFound("session or token")) => {
            Ok(done_at(&call, user, paths::ACT_TOKEN_END))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}
