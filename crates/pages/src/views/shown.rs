//! What is shown once: a link or a password that was made for somebody.

use askama::Template;

use super::frame::{Frame, Moment};

/// The page of a link or password.
#[derive(Template)]
#[template(path = "shown.html")]
pub struct ShownOnce {
    /// The frame, with the person.
    pub frame: Frame,
    /// For whom it is: the login.
    pub login: String,
    /// The account that they name at sign-in; none where there is one alone.
    pub account: Option<String>,
    /// The link or the password.
    pub secret: String,
    /// When the link ends; none for a password.
    pub until: Option<Moment>,
    /// Where to go from there.
    pub back: String,
}
