//! The page that shows a new long-duration token, once.

use askama::Template;

use super::frame::{Frame, Moment};

/// A new token. The page is the only one that ever shows it, so it must not be kept by the browser
/// ([`crate::headers::security_headers`] says `no-store`).
#[derive(Template)]
#[template(path = "token_made.html")]
pub struct TokenMade {
    /// The frame, with the person.
    pub frame: Frame,
    /// What they called it.
    pub label: String,
    /// The token itself.
    pub token: String,
    /// From when on it no longer counts; none: never.
    pub expires: Option<Moment>,
}
