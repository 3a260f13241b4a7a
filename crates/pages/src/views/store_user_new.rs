//! The form for a new user of a store.

use askama::Template;

use super::frame::{Frame, Notice};
use super::user_new::NewUserForm;

/// The page "New user" of the Store App: a person, at the store that whoever makes them is in.
#[derive(Template)]
#[template(path = "store_user_new.html")]
pub struct StoreUserNew {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was not taken.
    pub notice: Option<Notice>,
    /// The store, by name.
    pub store: String,
    /// Who they are to be; its fields `kind` and `like` are not used.
    pub who: NewUserForm,
    /// The key of their role.
    pub role: String,
    /// The roles that may be given: key and name.
    pub roles: Vec<(String, String)>,
    /// How they get in: value and title.
    pub ways: Vec<(String, String)>,
}
