//! One user: profile, status, access, effective access, sessions and tokens.

use askama::Template;

use super::frame::{Frame, Input, Listed, Moment, Notice};
use super::me::Profile;
use super::roles::Level;
use super::users::StatusWord;
use crate::paths;

/// The page of one user.
#[derive(Template)]
#[template(path = "user.html")]
pub struct UserPage {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was just done, or not done.
    pub notice: Option<Notice>,
    /// Their id.
    pub id: String,
    /// What they are like, for the forms: another text once somebody changed them.
    pub version: String,
    /// Who they are.
    pub profile: Profile,
    /// Their status.
    pub status: StatusWord,
    /// What they are and how they sign in.
    pub kind: String,
    /// Why whoever looks may not change profile and status; none when they may.
    pub fixed: Option<String>,
    /// Whether they have a password that can be reset.
    pub has_password: bool,
    /// The grants that one sees.
    pub grants: Vec<GrantRow>,
    /// How many others there are.
    pub hidden: usize,
    /// The form for another grant; none where whoever looks gives none.
    pub assign: Option<AssignForm>,
    /// What they may do where.
    pub effective: EffectiveTable,
    /// Their sessions and tokens; none where they are not one's business.
    pub tokens: Option<Listed<UserTokenRow>>,
    /// Where their history is; none for whoever does not see the audit.
    pub history: Option<String>,
}

/// A grant.
pub struct GrantRow {
    /// Its id.
    pub id: String,
    /// The application of the role.
    pub application: String,
    /// The name of the role.
    pub role: String,
    /// Its key.
    pub role_key: String,
    /// Where it holds.
    pub scope: String,
    /// When it holds, where that has a beginning or an end.
    pub validity: Option<String>,
}

/// The form that changes where and when a grant holds.
#[derive(Template)]
#[template(path = "grant_change.html")]
pub struct GrantChange {
    /// The frame, with the person.
    pub frame: Frame,
    /// What was not taken.
    pub notice: Option<Notice>,
    /// The id of the user.
    pub id: String,
    /// Their login.
    pub login: String,
    /// What they are like: another text once somebody changed them.
    pub version: String,
    /// The id of the grant.
    pub grant: String,
    /// The name of its role, which stays.
    pub role: String,
    /// Where and when; its field `role` is not used.
    pub assign: AssignForm,
}

impl GrantChange {
    fn address(&self) -> String {
        paths::user_act(&self.id, paths::ACT_GRANT_CHANGE)
    }

    fn back(&self) -> String {
        paths::user(&self.id)
    }
}

/// The form for another grant.
#[derive(Clone, Default)]
pub struct AssignForm {
    /// The key of the role.
    pub role: Input,
    /// The ref of the site; empty for the whole account.
    pub site: Input,
    /// Refs of stock locations, with commas; none: all of them.
    pub locations: Input,
    /// Refs of sales channels, with commas; none: all of them.
    pub channels: Input,
    /// The first day, `YYYY-MM-DD`; empty: at once.
    pub from: Input,
    /// The last day, `YYYY-MM-DD`; empty: without end.
    pub until: Input,
}

/// Modules x sites.
pub struct EffectiveTable {
    /// The sites.
    pub columns: Vec<String>,
    /// One row for each module.
    pub rows: Vec<EffectiveRow>,
    /// Sites that have no column.
    pub beyond: usize,
}

/// A module.
pub struct EffectiveRow {
    /// Its name, with its application.
    pub module: String,
    /// One cell for each site.
    pub cells: Vec<EffectiveCell>,
}

/// A module at a site.
pub struct EffectiveCell {
    /// The level.
    pub level: Level,
    /// Where it holds, if not everywhere at the site.
    pub limits: Option<String>,
    /// The grants that give it.
    pub why: Vec<String>,
}

/// A session or token.
#[derive(Clone)]
pub struct UserTokenRow {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// The application that it opens.
    pub application: String,
    /// When it was made.
    pub made: Moment,
    /// When it was last used.
    pub used: Option<Moment>,
    /// From where it was made.
    pub address: String,
}

impl UserPage {
    /// The address of what is done with them.
    fn act(&self, verb: &str) -> String {
        paths::user_act(&self.id, verb)
    }

    fn shown_name(&self) -> &str {
        let name = &self.profile.name.value;
        if name.is_empty() { &self.profile.login } else { name }
    }

    fn is_disabled(&self) -> bool {
        self.status == StatusWord::Disabled
    }

    fn change_grant(&self, grant: &str) -> String {
        paths::with_query(&self.act(paths::ACT_GRANT_CHANGE), &[("grant", grant)])
    }

    fn remove_grant(&self, grant: &str) -> String {
        paths::with_query(&self.act(paths::ACT_GRANT_REMOVE), &[("grant", grant)])
    }
}

impl EffectiveTable {
    fn cells<'t>(&'t self, row: &'t EffectiveRow) -> impl Iterator<Item = (&'t String, &'t EffectiveCell)> {
        self.columns.iter().zip(&row.cells)
    }
}
