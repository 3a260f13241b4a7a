//! Signing in, and the page after signing out.

use askama::Template;

use super::frame::{Frame, Notice, Tone, waiting};
use crate::next::LocalPath;

/// The sign-in page of an application.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// The frame; nobody is signed in.
    pub frame: Frame,
    /// What happened before.
    pub message: Option<SignInMessage>,
    /// What was typed as the account where the page must ask for it; none where it is known.
    pub account: Option<String>,
    /// What was typed as the login. What was typed as the password is never kept.
    pub login: String,
    /// Where to go afterwards.
    pub next: Option<LocalPath>,
    /// The identity providers of the account, one button each.
    pub providers: Vec<Provider>,
}

/// An identity provider that one may sign in with.
#[derive(Clone)]
pub struct Provider {
    /// Its ref, sent back in the field `provider`.
    pub reference: String,
    /// Its name on the button.
    pub name: String,
}

/// Why somebody sees the sign-in page, when they did not just ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInMessage {
    /// Login and password do not fit: one sentence for unknown, wrong and disabled.
    Wrong,
    /// The account is needed and was left empty.
    AccountMissing,
    /// The session ended by itself or was ended.
    SessionExpired,
    /// The form was open for too long, or the visit that it belongs to is over.
    FormExpired,
    /// Single sign-on was asked for in an account that has none, or that is none: alike.
    NoProviders,
    /// The password was set; now it can be used.
    PasswordSet,
    /// Too many tries: wait so many seconds.
    TooManyTries {
        /// Seconds until the next try counts.
        wait_s: u32,
    },
    /// Too many sign-ins at once: wait so many seconds.
    Busy {
        /// Seconds until trying again makes sense.
        wait_s: u32,
    },
    /// Single sign-on did not work; a sentence says why.
    SsoFailed(String),
}

impl SignInMessage {
    /// What the page says.
    #[must_use]
    pub fn notice(&self) -> Notice {
        let (tone, text) = match self {
            Self::Wrong => (
                Tone::Bad,
                "Login and password do not match, or this user may not sign in. Check both and try again."
                    .to_owned(),
            ),
            Self::AccountMissing => (Tone::Bad, "Type the account that you belong to.".to_owned()),
            Self::SessionExpired => {
                (Tone::Info, "Your session has ended. Sign in to go on where you were.".to_owned())
            }
            Self::FormExpired => {
                (Tone::Info, "The page was open for too long. Please sign in again.".to_owned())
            }
            Self::NoProviders => (
                Tone::Info,
                "There is no single sign-on for this account. Check its name, or sign in with a password."
                    .to_owned(),
            ),
            Self::PasswordSet => {
                (Tone::Good, "Your password is set. Sign in with it from now on.".to_owned())
            }
            Self::TooManyTries { wait_s } => {
                (Tone::Warn, format!("Too many tries. Wait {}, then try again.", waiting(*wait_s)))
            }
            Self::Busy { wait_s } => (
                Tone::Warn,
                format!(
                    "Too many people are signing in just now. Try again in {}; your password was not looked at.",
                    waiting(*wait_s)
                ),
            ),
            Self::SsoFailed(why) => (Tone::Bad, format!("Single sign-on did not work. {why}")),
        };
        Notice { tone, text }
    }
}

impl SignIn {
    fn account_is_wrong(&self) -> bool {
        self.message == Some(SignInMessage::AccountMissing)
    }

    /// Whether it can say by whom one signs in only once the account is known.
    fn asks_for_providers(&self) -> bool {
        self.account.is_some() && self.providers.is_empty()
    }

    /// The first field that is still to be filled: where typing begins.
    fn focus(&self) -> &'static str {
        if self.account.as_ref().is_some_and(String::is_empty) || self.account_is_wrong() {
            "account"
        } else if self.login.is_empty() {
            "login"
        } else {
            "password"
        }
    }

    fn title(&self) -> String {
        let notice = self.message.as_ref().map(SignInMessage::notice);
        let failed = notice.is_some_and(|notice| notice.tone == Tone::Bad);
        self.frame.titled(if failed { "Error: Sign in" } else { "Sign in" })
    }
}

/// The page after signing out.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub struct SignedOut {
    /// The frame; nobody is signed in any more.
    pub frame: Frame,
    /// The name of the identity provider whose own session may still be open.
    pub provider: Option<String>,
    /// Whether every session and token of the user has ended, and not this session alone.
    pub everywhere: bool,
}
