//! The question before something that cannot be taken back.

use askama::Template;

use super::frame::Frame;
use super::me::{Everywhere, TokenRow};
use crate::paths;

/// A page that says what will happen and asks whether it shall.
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct Confirm {
    /// The frame, with the person.
    pub frame: Frame,
    /// The question.
    pub heading: String,
    /// What will happen, a sentence or more a paragraph.
    pub paragraphs: Vec<String>,
    /// What it is about: name and value, as a list.
    pub facts: Vec<(&'static str, String)>,
    /// What will change for whom, a line each.
    pub lines: Vec<ConfirmLine>,
    /// Where the form goes.
    pub action: String,
    /// The hidden fields that it sends besides `csrf`.
    pub fields: Vec<(&'static str, String)>,
    /// The values and titles of the field `by`; none where there is nothing to choose.
    pub choices: Vec<(String, String)>,
    /// Whether a reason is asked for, in the field `reason`.
    pub asks_reason: bool,
    /// What the button says: the deed, not "yes".
    pub button: &'static str,
    /// Whether it takes something away.
    pub danger: bool,
    /// Whether it came from a form that is shown again, as it was filled in, when `again` is sent as `yes`.
    pub again: bool,
    /// Where whoever does not want it goes.
    pub cancel: String,
}

/// A line about what will change, with what it only counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmLine {
    /// The sentence.
    pub sentence: String,
    /// What it counts, by name; nothing where it says all.
    pub details: Vec<ConfirmDetail>,
}

/// Names behind a number of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmDetail {
    /// What they are: `12 permissions`.
    pub title: String,
    /// The names.
    pub names: Vec<String>,
    /// How many more there are, or whom one does not see.
    pub more: usize,
}

impl From<String> for ConfirmLine {
    fn from(sentence: String) -> Self {
        Self { sentence, details: Vec::new() }
    }
}

impl Confirm {
    /// A question about one's own, that leads back to one's own page.
    fn own(frame: Frame, heading: &str, action: &str, button: &'static str) -> Self {
        Self {
            heading: heading.to_owned(),
            paragraphs: vec![],
            facts: vec![],
            lines: vec![],
            action: frame.to(action),
            fields: vec![],
            choices: vec![],
            asks_reason: false,
            button,
            danger: true,
            again: false,
            cancel: frame.to(paths::ME),
            frame,
        }
    }
}

impl Confirm {
    /// Before all sessions and tokens end.
    #[must_use]
    pub fn sign_out_everywhere(frame: Frame, everywhere: Everywhere) -> Self {
        Self {
            paragraphs: vec![
                everywhere.sentence(),
                "It holds at once, on every device and for every program.".to_owned(),
            ],
            ..Self::own(frame, "Sign out everywhere?", paths::ME_SIGN_OUT_EVERYWHERE, "Sign out everywhere")
        }
    }

    /// Before a token is revoked.
    #[must_use]
    pub fn revoke_token(frame: Frame, token: &TokenRow) -> Self {
        let moment_or = |moment: &Option<super::frame::Moment>, none: &str| {
            moment.as_ref().map_or_else(|| none.to_owned(), |moment| moment.text.clone())
        };
        Self {
            paragraphs: vec![
                "Programs that use it are refused from that moment on. It cannot be brought back; you can make a new one.".to_owned(),
            ],
            facts: vec![
                ("Token", token.label.clone()),
                ("Made", token.made.text.clone()),
                ("Last used", moment_or(&token.used, "Not yet")),
                ("Expires", moment_or(&token.expires, "Never")),
            ],
            fields: vec![("token", token.id.clone())],
            ..Self::own(frame, "Revoke this token?", paths::ME_TOKEN_REVOKE, "Revoke token")
        }
    }
}
