//! Custom roles: a new one, and the editor.

use askama::Template;

use super::frame::{Frame, Input, Notice};
use crate::paths;

/// The page "New role".
#[derive(Template)]
#[template(path = "role_new.html")]
pub struct RoleNew {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was not taken.
    pub notice: Option<Notice>,
    /// The key of the role that is copied; empty for a role that holds nothing.
    pub from: Input,
    /// The field `key`.
    pub key: Input,
    /// The field `label`.
    pub called: Input,
    /// The field `application`: what a role that is no copy is bound to.
    pub application: String,
    /// The applications: value and title.
    pub applications: Vec<(String, String)>,
}

/// The editor of a custom role.
#[derive(Template)]
#[template(path = "role_edit.html")]
pub struct RoleEdit {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was not taken.
    pub notice: Option<Notice>,
    /// The key of the role.
    pub key: String,
    /// What it is like, for the form: another text once somebody changed it.
    pub version: String,
    /// The field `label`.
    pub called: Input,
    /// The modules of its applications: name and title.
    pub modules: Vec<(String, String)>,
    /// The field `module`.
    pub module: String,
    /// The levels: value and title.
    pub levels: Vec<(String, String)>,
    /// The field `level`.
    pub level: String,
    /// Every permission, by what it is about.
    pub groups: Vec<EditGroup>,
}

/// Permissions on one entity.
pub struct EditGroup {
    /// The entity: `ORDER`.
    pub noun: String,
    /// Its permissions.
    pub permissions: Vec<EditPermission>,
}

/// A permission that a role may hold.
pub struct EditPermission {
    /// Its name.
    pub name: String,
    /// What may be done: `VIEW`.
    pub verb: String,
    /// Whether the role holds it.
    pub held: bool,
}

impl RoleEdit {
    fn address(&self) -> String {
        paths::role_act(&self.key, paths::ACT_EDIT)
    }

    fn back(&self) -> String {
        paths::role(&self.key)
    }
}
