//! The roles of the account.

use std::sync::Arc;

use access::catalogue::{Module, ModuleLevel, PermissionSet};
use access::directory::{Sort, SortKey, UserQuery};
use access::snapshot::Role;
use access::{Application, Grant, Snapshot, UserId};
use axum::http::StatusCode;
use service::OfficePage;

use super::me::title;
use super::user::validity;
use super::{may_read, where_allowed};
use crate::answer::{Answer, Fail, page};
use crate::call::Call;
use crate::paths;
use crate::session::blocking;
use crate::views::frame::Listed;
use crate::views::message::Trouble;
use crate::views::roles::{HolderRow, Level, PermissionGroup, RolePage, RoleRow, RoleTable, Roles};

/// Most custom roles that are shown; an account may have thousands.
const CUSTOM_MAX: usize = 200;

/// Most holders of a role who are named on its page.
const HOLDERS_MAX: usize = 10;
/// Most grants of one of them that are told.
const PLACES_MAX: usize = 5;

/// What was just done with roles, by the word that a redirect carries.
const DONE: &[(&str, &str)] = &[
    ("made", "The role is made. It holds nothing yet."),
    ("copied", "The role is made, as a copy."),
    ("saved", "The role is saved. It holds at the next click of whoever holds it."),
    ("removed", "The role was removed. Whoever held it holds it no more."),
];

/// What the tables are called, besides those of applications.
const UNBOUND: &str = "All applications";

/// A level for people, who want to know whether none is nothing: whether there is some of the module all the same.
pub(crate) fn level(level: ModuleLevel, some: bool) -> Level {
    match level {
        ModuleLevel::None if some => Level::Some,
        ModuleLevel::None => Level::None,
        ModuleLevel::Read => Level::Read,
        ModuleLevel::Write => Level::Write,
    }
}

/// How far a role opens the modules of its application, when it holds these permissions.
pub(crate) fn levels<'s>(on: &'s Snapshot, role: &Role, held: &PermissionSet) -> Vec<(&'s Module, Level)> {
    let all: Vec<_> = modules(on, role.application).map(|module| (module, module.level(held))).collect();
    let told = Module::told(all.iter().copied());
    // OneStock states the levels of its own roles, those with a rank: their table is its table.
    let some = |module: &Module| {
        role.rank.is_none() && module.untold(&told).iter().any(|permission| held.contains(permission))
    };
    all.into_iter().map(|(module, own)| (module, level(own, some(module)))).collect()
}

/// The name of a module for people: `Stock locations`.
pub(crate) fn module_title(name: &str) -> String {
    let mut chars = name.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}", chars.as_str()).replace('_', " ").replace("Bi ", "BI ").replace(" api", " API")
}

/// The modules that a role of that application may open.
pub(crate) fn modules(on: &Snapshot, application: Option<Application>) -> impl Iterator<Item = &Module> {
    let of = move |module: &&Module| application.is_none_or(|own| own == module.application());
    on.contract().modules().iter().filter(of)
}

fn table(on: &Snapshot, application: Option<Application>, roles: &[&Role]) -> RoleTable {
    let (title, id) = match application {
        None => (UNBOUND, "unbound"),
        Some(application) => (title(application), application.name()),
    };
    let row = |role: &&&Role| RoleRow {
        key: role.key.to_string(),
        label: role.label.to_string(),
        rank: match (role.rank, role.id.is_built_in()) {
            (Some(rank), _) => rank.to_string(),
            (None, true) => "none".to_owned(),
            (None, false) => "custom".to_owned(),
        },
        levels: levels(on, role, &role.permissions).into_iter().map(|(_, level)| level).collect(),
    };
    RoleTable {
        title: title.to_owned(),
        id,
        modules: modules(on, application).map(|module| module_title(module.name())).collect(),
        rows: roles.iter().filter(|role| role.application == application).map(|role| row(&role)).collect(),
    }
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    let search = query.optional("q")?.unwrap_or_default().trim();
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::Roles))?;
    let part = search.to_lowercase();
    let matches = |role: &&Role| {
        role.label.as_str().to_lowercase().contains(&part) || role.key.as_str().to_lowercase().contains(&part)
    };
    let (built_in, mut custom): (Vec<&Role>, Vec<&Role>) =
        seen.on.roles().filter(matches).partition(|role| role.id.is_built_in());
    let more = custom.len().saturating_sub(CUSTOM_MAX);
    custom.truncate(CUSTOM_MAX);
    let roles = [built_in, custom].concat();
    let applications = Application::ALL.map(Some).into_iter().chain([None]);
    let tables = applications.map(|application| table(&seen.on, application, &roles)).collect();
    let may_create = may_read(&call, OfficePage::NewRole)?;
    let view = Roles {
        frame: call.frame(),
        notice: call.done(DONE)?,
        search: search.to_owned(),
        tables,
        more,
        may_create,
    };
    Ok(page(StatusCode::OK, &view))
}

pub(crate) async fn show_one(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    let search = query.optional("q")?.unwrap_or_default().trim();
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::Roles))?;
    let on = &seen.on;
    let key = call.last_segment(paths::ROLES).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let role = on.find_role(&key).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let view = RolePage {
        frame: call.frame(),
        notice: call.done(DONE)?,
        key: role.key.to_string(),
        label: role.label.to_string(),
        application: role.application.map_or(UNBOUND, title).to_owned(),
        rank: role.rank,
        built_in: role.id.is_built_in(),
        every: role.every,
        modules: levels(on, role, &role.permissions)
            .into_iter()
            .map(|(module, level)| (module_title(module.name()), level))
            .collect(),
        count: role.permissions.len(),
        search: search.to_owned(),
        groups: groups(on, role, search),
        holders: holders(&call, role)?,
        may_copy: may_read(&call, OfficePage::NewRole)?,
        may_edit: where_allowed(blocking(|| call.service.may(who, super::role_edit::same(on, role))))?
            .is_some(),
    };
    Ok(page(StatusCode::OK, &view))
}

/// Those who hold a role and whom whoever asks sees; none for whoever sees nobody.
fn holders(call: &Call, role: &Role) -> Result<Option<Listed<HolderRow>>, Fail> {
    let who = &call.session()?.who;
    let of_role = UserQuery {
        role: Some(role.id),
        sort: Sort { key: SortKey::Login, descending: false },
        ..UserQuery::default()
    };
    let Some(list) = where_allowed(blocking(|| call.service.users(who, &of_role)))? else { return Ok(None) };
    let on = list.on();
    let row = |id: &UserId| {
        let mut seen = on.grants_seen(who.subject(), *id, list.now).seen;
        seen.retain(|grant| grant.spec.role == role.id);
        let place =
            |grant: &Grant| (on.scope_named(&grant.spec.scope), validity(grant.spec.validity, call.clock()));
        HolderRow {
            id: id.to_string(),
            login: on.user(*id).map(|user| user.login()).unwrap_or_default(),
            places: seen.iter().take(PLACES_MAX).map(place).collect(),
            more: seen.len().saturating_sub(PLACES_MAX),
        }
    };
    let first = list.selection.page(1, HOLDERS_MAX);
    Ok(Some(Listed { rows: first.iter().map(row).collect(), total: list.selection.len() }))
}

/// The permissions of a role that have the text in their name, by what they are about.
fn groups(on: &Snapshot, role: &Role, search: &str) -> Vec<PermissionGroup> {
    let part = search.to_uppercase();
    let mut names: Vec<&str> = role.permissions.iter().map(|id| on.permissions().name(id)).collect();
    names.retain(|name| name.contains(&part));
    names.sort_unstable();
    let mut groups: Vec<PermissionGroup> = Vec::new();
    for name in names {
        let (noun, verb) = name.rsplit_once('_').unwrap_or((name, ""));
        match groups.last_mut().filter(|group| group.noun == noun) {
            Some(group) => group.verbs.push(verb.to_owned()),
            None => groups.push(PermissionGroup { noun: noun.to_owned(), verbs: vec![verb.to_owned()] }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_have_names_for_people() {
        for (name, title) in [
            ("orders", "Orders"),
            ("stock_locations", "Stock locations"),
            ("bi_suite", "BI suite"),
            ("public_api", "Public API"),
        ] {
            assert_eq!(module_title(name), title);
        }
    }
}
