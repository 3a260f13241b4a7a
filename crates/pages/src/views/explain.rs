//! Why somebody may do something or may not.

use askama::Template;

use super::frame::{Frame, Input};
use crate::paths;

/// The page "Explain".
#[derive(Template)]
#[template(path = "explain.html")]
pub struct Explain {
    /// The frame, with the person.
    pub frame: Frame,
    /// The login of whoever looks, where they may ask about nobody else.
    pub alone: Option<String>,
    /// The question as it was sent.
    pub form: ExplainForm,
    /// The entities: name and title.
    pub entities: Vec<(String, String)>,
    /// The applications: name and title.
    pub applications: Vec<(String, String)>,
    /// The answer; none before something was asked.
    pub answer: Option<ExplainAnswer>,
    /// The place that must be named before there is an answer: `site`, `stock location` or `sales channel`.
    pub depends_on: Option<&'static str>,
    /// The places where the permission is held, at most a few; none where that is not told.
    pub held: Vec<String>,
    /// Whether there are more than those.
    pub held_more: bool,
}

/// A question.
#[derive(Clone, Default)]
pub struct ExplainForm {
    /// The login or id of the user.
    pub user: Input,
    /// The permission.
    pub permission: Input,
    /// What is acted on.
    pub entity: String,
    /// The id, ref or name of its site.
    pub site: Input,
    /// The id, ref or name of its location.
    pub location: Input,
    /// The id, ref or name of its sales channel.
    pub channel: Input,
    /// The application that is used; empty: any.
    pub application: String,
}

/// An answer.
pub struct ExplainAnswer {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The login of the user; none where whoever asks may not hear of them.
    pub user: Option<String>,
    /// The id of the user, for whoever may read their page.
    pub user_id: Option<String>,
    /// Why, or the nearest miss, as a sentence.
    pub sentence: String,
    /// Every grant of the user with what it said, the nearest first; none where the asker may not hear of them.
    pub opinions: Vec<OpinionRow>,
    /// How many there are.
    pub total: usize,
    /// Some who could grant it.
    pub givers: Vec<String>,
    /// The version of the access state.
    pub revision: String,
}

/// What a grant said.
pub struct OpinionRow {
    /// Its id.
    pub grant: String,
    /// Its role: name and key.
    pub role: String,
    /// The key of the role; none for whoever does not see roles.
    pub role_key: Option<String>,
    /// Where it holds.
    pub scope: String,
    /// Whether it allows.
    pub allows: bool,
    /// What it said.
    pub verdict: &'static str,
}
