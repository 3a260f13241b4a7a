//! Roles and permissions, for scripting.

use super::text::{table, wrapped};
use super::{Desk, Reply, changed, origin};
use crate::accounts::Service;
use crate::error::ServiceError;
use access::commands::{AddPermission, CopyRole, CreateRole, EditRole, Refusal, RemoveRole};
use access::snapshot::Role;
use access::{Application, Label, ModuleLevel, PermissionName, RoleKey, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is done with roles.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum RoleOp {
    /// A custom role.
    Create { key: String, label: Option<String>, application: Option<String>, permissions: Vec<String> },
    /// A custom role with what another one holds.
    Copy { from: String, key: String, label: Option<String> },
    /// Its label, and permissions put in or taken out.
    Edit { role: String, label: Option<String>, add: Vec<String>, take: Vec<String> },
    /// The role and every grant of it.
    Remove { role: String },
    /// All of them.
    List,
    /// One of them.
    Show { role: String },
}

/// What is done with permissions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum PermissionOp {
    /// A permission of the account's own.
    Add { name: String },
    /// All of them.
    List,
}

fn names(texts: &[String]) -> Result<Vec<PermissionName>, ServiceError> {
    let parse = |text: &String| PermissionName::parse(text);
    Ok(texts.iter().map(parse).collect::<Result<Vec<_>, _>>().map_err(Refusal::from)?)
}

fn find<'s>(on: &'s Snapshot, text: &str) -> Result<&'s Role, ServiceError> {
    Ok(on.find_role(text).ok_or_else(|| Refusal::unknown("role", text))?)
}

fn label(text: Option<&str>, otherwise: &str) -> Result<Label, ServiceError> {
    Ok(Label::parse(text.unwrap_or(otherwise)).map_err(Refusal::from)?)
}

pub(super) fn perform(service: &Service, desk: &Desk, op: &RoleOp) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    let done =
        |what: &str, key: &str, revision| changed(format!("{what} {key}"), revision, json!({ "role": key }));
    match op {
        RoleOp::Create { key, label: text, application, permissions } => {
            let application = application.as_deref().map(Application::parse).transpose();
            let command = CreateRole {
                key: RoleKey::parse(key).map_err(Refusal::from)?,
                label: label(text.as_deref(), key)?,
                application: application.map_err(ServiceError::Invalid)?,
                permissions: names(permissions)?,
            };
            Ok(done("created", key, service.execute(&desk.who, origin(), command)?))
        }
        RoleOp::Copy { from, key, label: text } => {
            let original = find(&on, from)?;
            let command = CopyRole {
                from: original.id,
                key: RoleKey::parse(key).map_err(Refusal::from)?,
                label: label(text.as_deref(), key)?,
            };
            Ok(done("created", key, service.execute(&desk.who, origin(), command)?))
        }
        RoleOp::Edit { role, label: text, add, take } => {
            let found = find(&on, role)?;
            let (add, take) = (names(add)?, names(take)?);
            if let Some(absent) = take.iter().find(|p| !held(&on, found).contains(p)) {
                return Err(ServiceError::Invalid(format!("the role {role} does not hold {absent}")));
            }
            let (id, new) = (found.id, text.as_deref().map(|t| label(Some(t), t)).transpose()?);
            let edit = move |on: &Snapshot| {
                let found = on.role(id).ok_or_else(|| Refusal::unknown("role", id))?;
                let mut permissions = held(on, found);
                permissions.retain(|p| !take.contains(p));
                permissions.extend(add.clone());
                Ok(EditRole { id, label: new.clone().unwrap_or_else(|| found.label.clone()), permissions })
            };
            Ok(done("edited", role, service.execute_made(&desk.who, origin(), edit)?))
        }
        RoleOp::Remove { role } => {
            let command = RemoveRole { id: find(&on, role)?.id };
            Ok(done("removed", role, service.execute(&desk.who, origin(), command)?))
        }
        RoleOp::List => Ok(list(&on)),
        RoleOp::Show { role } => Ok(show(&on, find(&on, role)?)),
    }
}

fn held(on: &Snapshot, role: &Role) -> Vec<PermissionName> {
    let all = on.permissions().names();
    role.permissions.iter().filter_map(|p| all.get(p.index()).cloned()).collect()
}

/// A role for programs.
pub(super) fn facts(on: &Snapshot, role: &Role) -> Value {
    json!({
        "id": role.id.to_string(), "key": role.key, "label": role.label, "application": role.application,
        "rank": role.rank, "built_in": role.id.is_built_in(), "every": role.every, "permissions": held(on, role),
    })
}

fn list(on: &Snapshot) -> Reply {
    let rows: Vec<_> = on
        .roles()
        .map(|r| {
            let kind = if r.id.is_built_in() { "built-in" } else { "custom" };
            let application = r.application.map_or("any", Application::name);
            let rank = r.rank.map_or_else(String::new, |n| n.to_string());
            [
                r.key.to_string(),
                r.label.to_string(),
                application.into(),
                rank,
                kind.into(),
                r.permissions.len().to_string(),
            ]
        })
        .collect();
    let items: Vec<Value> = on.roles().map(|r| facts(on, r)).collect();
    let text = table(["key", "label", "application", "rank", "kind", "permissions"], &rows);
    Reply::new(text, json!({ "items": items, "revision": on.revision() }))
}

fn show(on: &Snapshot, role: &Role) -> Reply {
    let modules = on.contract().modules().iter();
    let levels: Vec<_> = modules
        .filter(|m| role.counts_in().contains(m.application()))
        .map(|m| (m.name(), m.level(&role.permissions)))
        .filter(|(_, level)| *level != ModuleLevel::None)
        .map(|(name, level)| format!("{name} {}", level.name()))
        .collect();
    let permissions: Vec<String> = held(on, role).iter().map(ToString::to_string).collect();
    let text = format!(
        "{} {}: {}\nmodules: {}\n{}",
        role.id,
        role.key,
        role.label,
        levels.join(", "),
        wrapped("permissions: ", &permissions)
    );
    Reply::new(text, json!({ "role": facts(on, role), "modules": levels, "revision": on.revision() }))
}

pub(super) fn perform_permission(
    service: &Service,
    desk: &Desk,
    op: &PermissionOp,
) -> Result<Reply, ServiceError> {
    match op {
        PermissionOp::Add { name } => {
            let parsed = PermissionName::parse(name).map_err(Refusal::from)?;
            let revision = service.execute(&desk.who, origin(), AddPermission { name: parsed })?;
            Ok(changed(format!("added {name}"), revision, json!({ "permission": name })))
        }
        PermissionOp::List => {
            let on = service.newest(desk.account)?;
            let names: Vec<&str> = on.permissions().names().iter().map(PermissionName::as_str).collect();
            Ok(Reply::new(names.join("\n"), json!({ "items": names, "revision": on.revision() })))
        }
    }
}
