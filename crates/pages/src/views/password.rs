//! Choosing a password: at first sign-in, on one's own, and by a link.

use askama::Template;

use super::frame::{Frame, Notice};

/// What is wrong with the fields of a new password, each a sentence.
#[derive(Clone, Default)]
pub struct PasswordErrors {
    /// The current password.
    pub current: Option<String>,
    /// The new one.
    pub new: Option<String>,
    /// Its repetition.
    pub again: Option<String>,
}

impl PasswordErrors {
    fn any(&self) -> bool {
        self.current.is_some() || self.new.is_some() || self.again.is_some()
    }
}

/// Why somebody changes their password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordChangeKind {
    /// The one they have was generated for them: it must be changed before anything else.
    First,
    /// They want to.
    Own,
}

/// The change of one's own password.
#[derive(Template)]
#[template(path = "password_change.html")]
pub struct PasswordChange {
    /// The frame, with the person.
    pub frame: Frame,
    /// Why.
    pub kind: PasswordChangeKind,
    /// Whose password: shown, so that a password manager keeps it in the right place.
    pub login: String,
    /// What is wrong, if it was tried.
    pub errors: PasswordErrors,
    /// What else there is to say, such as a time to wait.
    pub notice: Option<Notice>,
}

impl PasswordChange {
    fn is_own(&self) -> bool {
        self.kind == PasswordChangeKind::Own
    }

    fn heading(&self) -> &'static str {
        match self.kind {
            PasswordChangeKind::First => "Choose your password",
            PasswordChangeKind::Own => "Change your password",
        }
    }

    fn action(&self) -> &'static str {
        match self.kind {
            PasswordChangeKind::First => crate::paths::PASSWORD_FIRST,
            PasswordChangeKind::Own => crate::paths::PASSWORD,
        }
    }

    fn title(&self) -> String {
        titled(&self.frame, self.heading(), &self.errors)
    }
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Somebody new chooses their first password.
    Invitation,
    /// Somebody who forgot theirs chooses another.
    Reset,
}

/// The page behind an invitation or reset link.
#[derive(Template)]
#[template(path = "link.html")]
pub struct LinkPage {
    /// The frame; nobody is signed in.
    pub frame: Frame,
    /// What the link is for.
    pub kind: LinkKind,
    /// The secret of the link, sent back with the form.
    pub code: String,
    /// Whose password is chosen.
    pub login: String,
    /// Their name, where they have one.
    pub name: Option<String>,
    /// What is wrong, if it was tried; `current` is not asked here.
    pub errors: PasswordErrors,
    /// What else there is to say, such as a time to wait.
    pub notice: Option<Notice>,
}

impl LinkPage {
    fn heading(&self) -> &'static str {
        match self.kind {
            LinkKind::Invitation => "Welcome: choose your password",
            LinkKind::Reset => "Choose a new password",
        }
    }

    fn title(&self) -> String {
        titled(&self.frame, self.heading(), &self.errors)
    }
}

fn titled(frame: &Frame, heading: &str, errors: &PasswordErrors) -> String {
    if errors.any() { frame.titled(&format!("Error: {heading}")) } else { frame.titled(heading) }
}

/// The page behind a link that opens nothing. Used, expired, replaced and wrong look the same.
#[derive(Template)]
#[template(path = "link_refused.html")]
pub struct LinkRefused {
    /// The frame; nobody is signed in.
    pub frame: Frame,
}
