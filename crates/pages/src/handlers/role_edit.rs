//! Custom roles: made, mostly as a copy; edited, with what it changes for whom shown before; removed.

use std::sync::Arc;

use access::catalogue::{ModuleLevel, PermissionSet};
use access::commands::{CopyRole, CreateRole, EditRole, Refusal, RemoveRole};
use access::named::Names;
use access::snapshot::Role;
use access::{Label, PermissionName, RoleKey, Snapshot};
use axum::http::StatusCode;
use service::{Fault, OfficePage, Previewed, Seen, ServiceError, Thing};

use super::grant_form;
use super::preview::lines;
use super::profile::label;
use super::roles::{module_title, modules};
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
        _ => {
            let reach = super::reach(&call, &seen)?;
            Some(grant_form::role(&Names::new(&seen.on, &reach), &mut from))
        }
    };
    let (Some(parsed_key), Some(parsed_label), None | Some(Some(_))) = (parsed_key, parsed_label, original)
    else {
        let view = new_view(&call, (from, key, name), &application, Some(Notice::fields_are_wrong()));
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    };
    let origin = call.origin()?;
    let (made, word) = (parsed_key.clone(), if original.is_some() { "copied" } else { "made" });
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
        Ok(_) => Ok(done_at(made.as_str(), word)),
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
        module: String::new(),
        levels: choices(&LEVELS),
        level: String::new(),
        groups,
    }
}

/// The form as it was sent.
struct Sent {
    ticked: PermissionSet,
    label: String,
    module: String,
    level: String,
}

impl Sent {
    fn of(call: &Call, on: &Snapshot) -> Result<Self, Fail> {
        let ticked = on.permissions().set(call.form.all("p"));
        let text = |name| Ok::<_, Fail>(call.form.optional(name)?.unwrap_or_default().to_owned());
        Ok(Self {
            ticked: ticked.map_err(|_| Fail::Trouble(Trouble::NotUnderstood))?,
            label: call.form.one("label")?.trim().to_owned(),
            module: text("module")?,
            level: text("level")?,
        })
    }

    /// What it asks for: the ticked permissions, and then the module.
    fn wanted(&self, on: &Snapshot, role: &Role) -> Result<PermissionSet, Fail> {
        let not_understood = || Fail::Trouble(Trouble::NotUnderstood);
        let mut held = self.ticked.clone();
        let level = LEVELS.iter().find(|(value, _, _)| *value == self.level);
        let level = level.ok_or_else(not_understood)?.2;
        if let (false, Some(level)) = (self.module.is_empty(), level) {
            let module = modules(on, role.application).find(|module| module.name() == self.module);
            let module = module.ok_or_else(not_understood)?;
            held = held.without(&module.permissions(ModuleLevel::Write));
            held.extend(&module.permissions(level));
        }
        Ok(held)
    }

    /// The editor with what was sent; its version is that of the role as it is now.
    fn view(&self, call: &Call, on: &Snapshot, role: &Role, notice: Option<Notice>) -> RoleEdit {
        let mut view = edit_view(call, on, role, &self.ticked);
        (view.notice, view.called) = (notice, Input::of(&*self.label));
        (view.module, view.level) = (self.module.clone(), self.level.clone());
        view
    }

    /// What the question sends on: the same form.
    fn fields(&self, on: &Snapshot, version: &str) -> Vec<(&'static str, String)> {
        let rest = [("label", &self.label), ("module", &self.module), ("level", &self.level)];
        let mut fields = vec![("version", version.to_owned()), ("sure", "yes".to_owned())];
        fields.extend(rest.map(|(name, value)| (name, value.clone())));
        fields.extend(permission_names(on, &self.ticked).iter().map(|name| ("p", name.to_string())));
        fields
    }
}

/// Edits a role: shown first, done when the form says that it was.
pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let (seen, role) = named(&call)?;
    let (on, who) = (&seen.on, &call.session()?.who);
    let version = call.form.one("version")?;
    let sent = Sent::of(&call, on)?;
    let held = sent.wanted(on, &role)?;
    if call.form.optional("again")? == Some("yes") {
        blocking(|| call.service.may(who, same(on, &role)))?;
        let mut view = sent.view(&call, on, &role, None);
        // What somebody else did since the form was shown is not theirs to overwrite unseen.
        version.clone_into(&mut view.version);
        return Ok(page(StatusCode::OK, &view));
    }
    if sent.module.is_empty() != sent.level.is_empty() {
        let why = "Nothing was changed. Choose a module and what it is to be, or neither.";
        let view = sent.view(&call, on, &role, Some(Notice::new(Tone::Bad, why)));
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    }
    let parsed: Label = match label(&sent.label, "A name") {
        Ok(parsed) => parsed,
        Err(wrong) => {
            let mut view = sent.view(&call, on, &role, Some(Notice::fields_are_wrong()));
            view.called = wrong;
            return Ok(page(StatusCode::BAD_REQUEST, &view));
        }
    };
    let command = EditRole { id: role.id, label: parsed, permissions: permission_names(on, &held) };
    if call.form.optional("sure")? == Some("yes") {
        let origin = call.origin()?;
        return match blocking(|| {
            call.service.execute_on(who, origin, (Thing::Role(role.id), version), command)
        }) {
            Ok(_) => Ok(done_at(role.key.as_str(), "saved")),
            Err(error) => refused(&call, &sent, error),
        };
    }
    let previewed = match blocking(|| call.service.preview(who, command)) {
        Ok(previewed) => previewed,
        Err(error) => return refused(&call, &sent, error),
    };
    let question = question(&call, (on, &role), (&sent, version), (&held, &previewed))?;
    Ok(page(StatusCode::OK, &question))
}

/// Whether it shall be saved, with what it changes for whom.
fn question(
    call: &Call,
    (on, role): (&Snapshot, &Role),
    (sent, version): (&Sent, &str),
    (held, previewed): (&PermissionSet, &Previewed),
) -> Result<Confirm, Fail> {
    let (added, taken) = (held.without(&role.permissions).len(), role.permissions.without(held).len());
    let paragraphs = match previewed.preview.is_empty() {
        true => vec!["Nobody gains or loses anything by it now.".to_owned()],
        false => vec!["It holds at the next click of each of them.".to_owned()],
    };
    Ok(Confirm {
        frame: call.frame(),
        heading: format!("Save the role {}?", role.key),
        paragraphs,
        facts: vec![("Permissions added", added.to_string()), ("Permissions taken", taken.to_string())],
        lines: lines(call, previewed)?,
        action: paths::role_act(role.key.as_str(), paths::ACT_EDIT),
        fields: sent.fields(on, version),
        choices: vec![],
        asks_reason: false,
        button: "Save role",
        danger: taken > 0,
        again: true,
        cancel: paths::role(role.key.as_str()),
    })
}

/// The editor again, with what was sent and what the service said.
fn refused(call: &Call, sent: &Sent, error: ServiceError) -> Answer {
    if !matches!(error.fault(), Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    // What somebody else did meanwhile is what the form is about now.
    let (seen, role) = named(call)?;
    let notice = Notice::new(Tone::Bad, format!("Nothing was changed. {}", sentence(&error)));
    Ok(page(status(error.fault()), &sent.view(call, &seen.on, &role, Some(notice))))
}

/// The page of a role, which says what was done.
fn done_at(key: &str, word: &str) -> axum::http::Response<axum::body::Body> {
    see_other(&paths::with_query(&paths::role(key), &[("done", word)]))
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
        lines: lines(&call, &previewed)?,
        action: paths::role_act(role.key.as_str(), paths::ACT_REMOVE),
        fields: vec![],
        choices: vec![],
        asks_reason: false,
        button: "Remove role",
        danger: true,
        again: false,
        cancel: paths::role(role.key.as_str()),
    };
    Ok(page(StatusCode::OK, &confirm))
}

pub(crate) async fn remove(call: Arc<Call>) -> Answer {
    let (_, role) = named(&call)?;
    let (who, origin) = (&call.session()?.who, call.origin()?);
    blocking(|| call.service.execute(who, origin, RemoveRole { id: role.id }))?;
    Ok(see_other(&paths::with_query(paths::ROLES, &[("done", "removed")])))
}
