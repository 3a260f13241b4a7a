//! Custom roles: a new one, and the editor.

use askama::Template;

use super::frame::{Frame, Input, Notice};
use super::roles::Level;
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
    /// The field `bound_to`: the application that a role is bound to which is no copy; empty for none.
    pub bound_to: String,
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
    /// How the form differs from the role as it is by now, a sentence each, where somebody changed that meanwhile.
    pub meanwhile: Vec<String>,
    /// The key of the role.
    pub key: String,
    /// What it is like, for the form: another text once somebody changed it.
    pub version: String,
    /// The field `label`.
    pub called: Input,
    /// The modules of its applications, as [`RoleEdit::module`] makes them.
    pub modules: Vec<EditModule>,
    /// What a module may be made: value and title; the first, which is empty, leaves it as it is ticked.
    pub levels: Vec<(String, String)>,
    /// Every permission, by what it is about.
    pub groups: Vec<EditGroup>,
}

/// A module of the applications of a role.
pub struct EditModule {
    name: String,
    titled: String,
    now: Level,
    chosen: String,
    read: String,
    all: String,
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
    /// A module: its name and its title, how far the role opens it now, the value of its field, and the names of
    /// the permissions of its read list and of both its lists, with spaces between them.
    #[must_use]
    pub fn module(
        (name, titled): (String, String),
        now: Level,
        chosen: &str,
        [read, all]: [String; 2],
    ) -> EditModule {
        EditModule { name, titled, now, chosen: chosen.to_owned(), read, all }
    }

    fn address(&self) -> String {
        paths::role_act(&self.key, paths::ACT_EDIT)
    }

    fn back(&self) -> String {
        paths::role(&self.key)
    }
}
