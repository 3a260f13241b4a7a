//! The form for a new user.

use askama::Template;

use super::frame::{Frame, Input, Notice};
use super::user::AssignForm;

/// The page "New user".
#[derive(Template)]
#[template(path = "user_new.html")]
pub struct UserNew {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was not taken.
    pub notice: Option<Notice>,
    /// Who they are to be.
    pub who: NewUserForm,
    /// Their first access.
    pub assign: AssignForm,
    /// The kinds: value and title.
    pub kinds: Vec<(String, String)>,
    /// How they get in: value and title.
    pub ways: Vec<(String, String)>,
}

/// Who a new user is to be.
#[derive(Clone, Default)]
pub struct NewUserForm {
    /// The field `login`.
    pub login: Input,
    /// The field `name`.
    pub name: Input,
    /// The field `email`.
    pub email: Input,
    /// The field `kind`.
    pub kind: String,
    /// The field `way`: `invitation`, `generated`, or the id of a provider.
    pub way: String,
    /// The login of a colleague whose access is copied.
    pub like: Input,
}
