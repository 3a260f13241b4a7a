//! Custom roles: made, mostly as a copy; edited, with what it changes for whom shown before; removed.

use std::sync::Arc;

use access::catalogue::{ModuleLevel, PermissionSet};
use access::commands::{CopyRole, CreateRole, EditRole, Refusal, RemoveRole};
use access::snapshot::Role;
use access::{Label, PermissionName, RoleKey, Snapshot};
use axum::http::StatusCode;
use service::{Fault, OfficePage, Seen, ServiceError, Thing};

use super::names;
use super::profile::label;
use super::roles::{module_title, modules};
use super::user_acts::lines;
use super::{applications, choices};
use crate::answer::{Answer, Fail, page, see_other, sentence, status};
use crate::call::Call;
use crate::paths;
use crate::session::blocking;
use crate::views::confirm::Confirm;
use crate::views::frame::{Input, Notice, Tone};
use crate::views::message::Trouble;
use crate::views::role_edit::{EditGroup, EditPermission, RoleEdit, RoleNew};

const LEVELS: [(&str, &str, Option<ModuleLevel>); 4] = [
    ("", "as ticked below", None),
    ("none", "none", Some(ModuleLevel::None)),
    ("read", "read", Some(ModuleLevel::Read)),
    ("write", "write", Some(ModuleLevel::Write)),
];

pub(crate) async fn show_new(call: Arc<Call>) -> Answer {
    let who = &call.session()?.who;
    blocking(|| call.service.read_page(who, OfficePage::NewRole))?;
    let from = call.query()?.optional("from")?.unwrap_or_default().to_owned();
    Ok(page(
        StatusCode::OK,
        &new_view(&call, (Input::of(from), Input::default(), Input::default()), "", None),
    ))
}

fn new_view(
    call: &Call,
    (from, key, called): (Input, Input, Input),
    application: &str,
    notice: Option<Notice>,
) -> RoleNew {
    let applications = applications("In all applications");
    RoleNew {
        frame: call.frame(),
        notice,
        from,
        key,
        called,
        application: application.to_owned(),
        applications,
    }
}

pub(crate) async fn submit_new(call: Arc<Call>) -> Answer {
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::NewRole))?;
    let text = |name| Ok::<_, Fail>(call.form.optional(name)?.unwrap_or_default().trim().to_owned());
    let (mut from, mut key) = (Input::of(text("from")?), Input::of(text("key")?));
    let (mut name, application) = (Input::of(text("label")?), text("application")?);
    let parsed_key = RoleKey::parse(&key.value).map_err(|error| key.error = Some(sentence(&error))).ok();
    let parsed_label = label(&name.value, "A name").map_err(|wrong| name.error = wrong.error).ok();
    let original = match from.value.as_str() {
        "" => None,
        text => {
            let found = names::role(&seen.on, text).map(|role| role.id);
            if found.is_none() {
                from.error = Some("There is no role of this key: see the page Roles.".to_owned());
            }
            Some(found)
        }
    };
    let (Some(parsed_key), Some(parsed_label), None | Some(Some(_))) = (parsed_key, parsed_label, original)
    else {
        let view = new_view(&call, (from, key, name), &application, Some(Notice::fields_are_wrong()));
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    };
    let origin = call.origin()?;
    let address = paths::role(parsed_key.as_str());
    let done = match original.flatten() {
        Some(from) => {
            let command = CopyRole { from, key: parsed_key, label: parsed_label };
            blocking(|| call.service.execute(who, origin, command))
        }
        None => {
            let application = super::application(&application)?;
            let command =
                CreateRole { key: parsed_key, label: parsed_label, application, permissions: vec![] };
            blocking(|| call.service.execute(who, origin, command))
        }
    };
    match done {
        Ok(_) => Ok(see_other(&address)),
        Err(error) if matches!(error.fault(), Fault::Invalid | Fault::Forbidden | Fault::Conflict) => {
            if matches!(error, ServiceError::Refused(Refusal::Taken { .. })) {
                key.error = Some(sentence(&error));
            }
            let notice = Notice::new(Tone::Bad, format!("Nothing was changed. {}", sentence(&error)));
            let view = new_view(&call, (from, key, name), &application, Some(notice));
            Ok(page(status(error.fault()), &view))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}

/// The custom role of the address. Built-in ones are fixed, and told so by the command.
fn named(call: &Call) -> Result<(Seen, Role), Fail> {
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::Roles))?;
    let rest = call.last_segment(paths::ROLES).unwrap_or_default();
    let key = rest.split('/').next().unwrap_or_default();
    let role = seen.on.find_role(key).cloned().ok_or(Fail::Trouble(Trouble::NotFound))?;
    Ok((seen, role))
}

/// The edit that changes nothing: whoever may not edit is told so by it.
pub(crate) fn same(on: &Snapshot, role: &Role) -> EditRole {
    EditRole { id: role.id, label: role.label.clone(), permissions: permission_names(on, &role.permissions) }
}

fn permission_names(on: &Snapshot, held: &PermissionSet) -> Vec<PermissionName> {
    held.iter().filter_map(|id| on.permissions().names().get(id.index()).cloned()).collect()
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let (seen, role) = named(&call)?;
    let who = &call.session()?.who;
    blocking(|| call.service.may(who, same(&seen.on, &role)))?;
    Ok(page(StatusCode::OK, &edit_view(&call, &seen.on, &role, &role.permissions)))
}

fn edit_view(call: &Call, on: &Snapshot, role: &Role, ticked: &PermissionSet) -> RoleEdit {
    let mut all: Vec<_> = on.permissions().ids().map(|id| (on.permissions().name(id), id)).collect();
    all.sort_unstable();
    let mut groups: Vec<EditGroup> = Vec::new();
    for (name, id) in all {
        let (noun, verb) = name.rsplit_once('_').unwrap_or((name, ""));
        let permission =
            EditPermission { name: name.to_owned(), verb: verb.to_owned(), held: ticked.contains(id) };
        match groups.last_mut().filter(|group| group.noun == noun) {
            Some(group) => group.permissions.push(permission),
            None => groups.push(EditGroup { noun: noun.to_owned(), permissions: vec![permission] }),
        }
    }
    let own = modules(on, role.application);
    let own = own.map(|module| (module.name().to_owned(), module_title(module.name())));
    RoleEdit {
        frame: call.frame(),
        notice: None,
        key: role.key.to_string(),
        version: Thing::Role(role.id).version(on),
        called: Input::of(role.label.as_str()),
        modules: std::iter::once((String::new(), "None".to_owned())).chain(own).collect(),
        levels: choices(&LEVELS),
        groups,
    }
}

/// What the form asks for: the ticked permissions, and then the module.
fn wanted(call: &Call, on: &Snapshot, role: &Role) -> Result<PermissionSet, Fail> {
    let not_understood = || Fail::Trouble(Trouble::NotUnderstood);
    let mut held = on.permissions().set(call.form.all("p")).map_err(|_| not_understood())?;
    let (module, level) = (call.form.optional("module")?, call.form.optional("level")?);
    let level = LEVELS.iter().find(|(value, _, _)| *value == level.unwrap_or_default());
    let level = level.ok_or_else(not_understood)?.2;
    if let (Some(name), Some(level)) = (module.filter(|name| !name.is_empty()), level) {
        let module = modules(on, role.application).find(|module| module.name() == name);
        let module = module.ok_or_else(not_understood)?;
        held = held.without(&module.permissions(ModuleLevel::Write));
        held.extend(&module.permissions(level));
    }
    Ok(held)
}

/// Edits a role: shown first, done when the form says that it was.
pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let (seen, role) = named(&call)?;
    let (on, who) = (&seen.on, &call.session()?.who);
    let version = call.form.one("version")?;
    let held = wanted(&call, on, &role)?;
    let text = call.form.one("label")?.trim();
    let chosen = |name| Ok::<_, Fail>(call.form.optional(name)?.is_some_and(|value| !value.is_empty()));
    if chosen("module")? != chosen("level")? {
        let mut view = edit_view(&call, on, &role, &held);
        let why = "Nothing was changed. Choose a module and what it is to be, or neither.";
        (view.notice, view.called) = (Some(Notice::new(Tone::Bad, why)), Input::of(text));
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    }
    let parsed: Label = match label(text, "A name") {
        Ok(parsed) => parsed,
        Err(wrong) => {
            let mut view = edit_view(&call, on, &role, &held);
            (view.notice, view.called) = (Some(Notice::fields_are_wrong()), wrong);
            return Ok(page(StatusCode::BAD_REQUEST, &view));
        }
    };
    let permissions = permission_names(on, &held);
    let command = EditRole { id: role.id, label: parsed, permissions: permissions.clone() };
    if call.form.optional("sure")? == Some("yes") {
        let origin = call.origin()?;
        return match blocking(|| {
            call.service.execute_on(who, origin, (Thing::Role(role.id), version), command)
        }) {
            Ok(_) => Ok(see_other(&paths::role(role.key.as_str()))),
            Err(error) => refused(&call, &held, text, error),
        };
    }
    let previewed = match blocking(|| call.service.preview(who, command)) {
        Ok(previewed) => previewed,
        Err(error) => return refused(&call, &held, text, error),
    };
    let mut fields =
        vec![("version", version.to_owned()), ("label", text.to_owned()), ("sure", "yes".to_owned())];
    fields.extend(permissions.iter().map(|name| ("p", name.to_string())));
    let (added, taken) = (held.without(&role.permissions).len(), role.permissions.without(&held).len());
    let paragraphs = match previewed.preview.is_empty() {
        true => vec!["Nobody gains or loses anything by it now.".to_owned()],
        false => vec!["It holds at the next click of each of them.".to_owned()],
    };
    let confirm = Confirm {
        frame: call.frame(),
        heading: format!("Save the role {}?", role.key),
        paragraphs,
        facts: vec![("Permissions added", added.to_string()), ("Permissions taken", taken.to_string())],
        lines: lines(&previewed),
        action: paths::role_act(role.key.as_str(), paths::ACT_EDIT),
        fields,
        choices: vec![],
        asks_reason: false,
        button: "Save role",
        danger: taken > 0,
        cancel: paths::role(role.key.as_str()),
    };
    Ok(page(StatusCode::OK, &confirm))
}

/// The editor again, with what was ticked and what the service said.
fn refused(call: &Call, held: &PermissionSet, text: &str, error: ServiceError) -> Answer {
    if !matches!(error.fault(), Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    // What somebody else did meanwhile is what the form is about now.
    let (seen, role) = named(call)?;
    let mut view = edit_view(call, &seen.on, &role, held);
    view.called = Input::of(text);
    view.notice = Some(Notice::new(Tone::Bad, format!("Nothing was changed. {}", sentence(&error))));
    Ok(page(status(error.fault()), &view))
}

pub(crate) async fn ask_remove(call: Arc<Call>) -> Answer {
    let (_, role) = named(&call)?;
    let who = &call.session()?.who;
    let previewed = blocking(|| call.service.preview(who, RemoveRole { id: role.id }))?;
    let confirm = Confirm {
        frame: call.frame(),
        heading: format!("Remove the role {}?", role.key),
        paragraphs: vec![
            "Whoever holds it loses it at the next click. It cannot be brought back.".to_owned(),
        ],
        facts: vec![],
        lines: lines(&previewed),
        action: paths::role_act(role.key.as_str(), paths::ACT_REMOVE),
        fields: vec![],
        choices: vec![],
        asks_reason: false,
        button: "Remove role",
        danger: true,
        cancel: paths::role(role.key.as_str()),
    };
    Ok(page(StatusCode::OK, &confirm))
}

pub(crate) async fn remove(call: Arc<Call>) -> Answer {
    let (_, role) = named(&call)?;
    let (who, origin) = (&call.session()?.who, call.origin()?);
    blocking(|| call.service.execute(who, origin, RemoveRole { id: role.id }))?;
    Ok(see_other(paths::ROLES))
}
