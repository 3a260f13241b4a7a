//! What was done with many, and what was not.

use askama::Template;

use super::frame::{Frame, Notice};

/// A page that tells what became of something.
#[derive(Template)]
#[template(path = "told.html")]
pub struct Told {
    /// The frame, with the person.
    pub frame: Frame,
    /// What it is about.
    pub heading: String,
    /// What became of it.
    pub notice: Notice,
    /// What was not done, and why.
    pub lines: Vec<String>,
    /// Where to go from there.
    pub back: String,
}
