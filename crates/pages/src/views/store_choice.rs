//! The question which store somebody works in.

use askama::Template;

use super::frame::Frame;

/// What stands in place of the users of a store for whoever is in none.
#[derive(Template)]
#[template(path = "store_choice.html")]
pub struct StoreChoice {
    /// The frame, with the person.
    pub frame: Frame,
    /// The stores that they work in: ref and name.
    pub stores: Vec<(String, String)>,
}
