//! The roles of the account.

use std::sync::Arc;

use access::catalogue::{Module, ModuleLevel};
use access::directory::UserQuery;
use access::snapshot::Role;
use access::{Application, Snapshot};
use axum::http::StatusCode;
use service::OfficePage;

use super::me::title;
use crate::answer::{Answer, Fail, page};
use crate::call::Call;
use crate::paths;
use crate::session::blocking;
use crate::views::message::Trouble;
use crate::views::roles::{Level, PermissionGroup, RolePage, RoleRow, RoleTable, Roles};

/// Most custom roles that are shown; an account may have thousands.
const CUSTOM_MAX: usize = 200;

/// What the tables are called, besides those of applications.
const UNBOUND: &str = "All applications";

pub(crate) fn level(level: ModuleLevel) -> Level {
    match level {
        ModuleLevel::None => Level::None,
        ModuleLevel::Read => Level::Read,
        ModuleLevel::Write => Level::Write,
    }
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
        levels: modules(on, application).map(|module| level(module.level(&role.permissions))).collect(),
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
    let may_create = blocking(|| call.service.read_page(who, OfficePage::NewRole)).is_ok();
    let view = Roles { frame: call.frame(), search: search.to_owned(), tables, more, may_create };
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
    let of_role = UserQuery { role: Some(role.id), ..UserQuery::default() };
    let view = RolePage {
        frame: call.frame(),
        key: role.key.to_string(),
        label: role.label.to_string(),
        application: role.application.map_or(UNBOUND, title).to_owned(),
        rank: role.rank,
        built_in: role.id.is_built_in(),
        every: role.every,
        modules: modules(on, role.application)
            .map(|module| (module_title(module.name()), level(module.level(&role.permissions))))
            .collect(),
        count: role.permissions.len(),
        search: search.to_owned(),
        groups: groups(on, role, search),
        holders: blocking(|| call.service.users(who, &of_role)).ok().map(|list| list.selection.len()),
        may_copy: blocking(|| call.service.read_page(who, OfficePage::NewRole)).is_ok(),
        may_edit: blocking(|| call.service.may(who, super::role_edit::same(on, role))).is_ok(),
    };
    Ok(page(StatusCode::OK, &view))
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
