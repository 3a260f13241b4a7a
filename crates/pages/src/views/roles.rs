//! Roles: the table role x module, and one role.

use askama::Template;

use super::frame::{Frame, Listed, Notice, counted};
use crate::paths;

/// How far a role opens a module, as the pages show it: a colour, a sign and a word, so that none of them is needed
/// alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing of it.
    None,
    /// Less than its read list, and not nothing.
    Some,
    /// All of its read list.
    Read,
    /// All of both lists.
    Write,
}

impl Level {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Some => "some",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::None => "\u{2013}",
            Self::Some => "\u{25d0}",
            Self::Read => "\u{25cb}",
            Self::Write => "\u{270e}",
        }
    }
}

/// The page "Roles".
#[derive(Template)]
#[template(path = "roles.html")]
pub struct Roles {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What was searched for.
    pub search: String,
    /// One table for each application, and one for the roles of none.
    pub tables: Vec<RoleTable>,
    /// Custom roles that were found and are not shown.
    pub more: usize,
    /// Whether whoever looks may make roles.
    pub may_create: bool,
}

/// The roles of an application.
pub struct RoleTable {
    /// What people call the application.
    pub title: String,
    /// Its id in the page.
    pub id: &'static str,
    /// Its modules.
    pub modules: Vec<String>,
    /// Its roles.
    pub rows: Vec<RoleRow>,
}

/// One line of the table.
pub struct RoleRow {
    /// Its key.
    pub key: String,
    /// Its name.
    pub label: String,
    /// Its rank, `none`, or `custom`.
    pub rank: String,
    /// How far it opens each module.
    pub levels: Vec<Level>,
}

impl RoleRow {
    fn address(&self) -> String {
        paths::role(&self.key)
    }
}

impl RoleTable {
    fn cells<'t>(&'t self, row: &'t RoleRow) -> impl Iterator<Item = (&'t String, &'t Level)> {
        self.modules.iter().zip(&row.levels)
    }
}

impl Roles {
    fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.rows.is_empty())
    }

    /// How many roles are shown.
    fn found(&self) -> String {
        counted(self.tables.iter().map(|table| table.rows.len()).sum(), "role")
    }
}

/// The page of one role.
#[derive(Template)]
#[template(path = "role.html")]
pub struct RolePage {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was just done.
    pub notice: Option<Notice>,
    /// Its key.
    pub key: String,
    /// Its name.
    pub label: String,
    /// The application that it is bound to, or that it counts in all.
    pub application: String,
    /// Its rank there; custom roles have none.
    pub rank: Option<u16>,
    /// Whether it is fixed.
    pub built_in: bool,
    /// Whether it holds whatever permission there ever will be.
    pub every: bool,
    /// How far it opens each module of its applications.
    pub modules: Vec<(String, Level)>,
    /// How many permissions it holds.
    pub count: usize,
    /// What was searched for among them.
    pub search: String,
    /// The permissions that were found, by what they are about.
    pub groups: Vec<PermissionGroup>,
    /// The first of those who hold it and whom one sees, and how many they are; none for whoever sees no users.
    pub holders: Option<Listed<HolderRow>>,
    /// Whether whoever looks may make roles, so that a copy is offered.
    pub may_copy: bool,
    /// Whether they may edit this one.
    pub may_edit: bool,
}

/// Somebody who holds a role.
#[derive(Clone)]
pub struct HolderRow {
    /// Their id.
    pub id: String,
    /// Their login.
    pub login: String,
    /// Where they hold it, and when, if not always: those of their grants that one sees.
    pub places: Vec<(String, Option<String>)>,
    /// How many more grants of it they have.
    pub more: usize,
}

impl HolderRow {
    fn address(&self) -> String {
        paths::user(&self.id)
    }
}

/// Permissions on one entity.
pub struct PermissionGroup {
    /// The entity: `ORDER`.
    pub noun: String,
    /// What may be done: `VIEW`, `UPDATE`.
    pub verbs: Vec<String>,
}

impl RolePage {
    fn copy_address(&self) -> String {
        paths::with_query(paths::ROLE_NEW, &[("from", &self.key)])
    }

    fn act(&self, act: &str) -> String {
        paths::role_act(&self.key, act)
    }

    fn holders_address(&self) -> String {
        paths::with_query(paths::USERS, &[("role", &self.key)])
    }

    fn counted(&self) -> String {
        counted(self.count, "permission")
    }

    /// How many of them the search found.
    fn found(&self) -> String {
        let found: usize = self.groups.iter().map(|group| group.verbs.len()).sum();
        format!("{found} of {}", self.counted())
    }
}
