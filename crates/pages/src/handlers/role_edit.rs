//! Custom roles: made, mostly as a copy; edited, with what it changes for whom shown before; removed.

use std::sync::Arc;

use access::catalogue::{Module, ModuleLevel, PermissionSet};
use access::commands::{CopyRole, CreateRole, EditRole, Refusal, RemoveRole};
use access::named::Names;
use access::preview::NAMED_MAX;
use access::snapshot::Role;
use access::{Label, PermissionName, RoleKey, Snapshot};
use axum::http::StatusCode;
use service::{Fault, OfficePage, Previewed, Seen, ServiceError, Thing};

use super::grant_form;
use super::preview::lines;
use super::profile::label;
use super::roles::{levels as levels_of, module_title, modules};
use super::{applications, choices};
use crate::answer::{Answer, Fail, page, see_other, sentence, status};
use crate::call::Call;
use crate::paths;
use crate::session::blocking;
use crate::views::confirm::{Confirm, ConfirmDetail, ConfirmLine};
use crate::views::frame::{Input, Notice, counted};
use crate::views::message::Trouble;
use crate::views::role_edit::{EditGroup, EditPermission, RoleEdit, RoleNew};
use crate::views::roles::Level;

/// What a module is to be: each has a field `level_` and its name.
const LEVELS: [(&str, &str, Option<ModuleLevel>); 4] = [
    ("", "As ticked below", None),
    ("none", "none", Some(ModuleLevel::None)),
    ("read", "read", Some(ModuleLevel::Read)),
    ("write", "write", Some(ModuleLevel::Write)),
];

/// The field by which a question sends on what the modules are to be: `orders=write users=none`.
const CARRIED: &str = "levels";

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
    bound_to: &str,
    notice: Option<Notice>,
) -> RoleNew {
    let applications = applications("None: it counts in all");
    RoleNew { frame: call.frame(), notice, from, key, called, bound_to: bound_to.to_owned(), applications }
}

pub(crate) async fn submit_new(call: Arc<Call>) -> Answer {
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::NewRole))?;
    let text = |name| Ok::<_, Fail>(call.form.optional(name)?.unwrap_or_default().trim().to_owned());
    let (mut from, mut key) = (Input::of(text("from")?), Input::of(text("key")?));
    let (mut name, bound_to) = (Input::of(text("label")?), text("bound_to")?);
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
        let view = new_view(&call, (from, key, name), &bound_to, Some(Notice::fields_are_wrong()));
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
            let application = super::application(&bound_to)?;
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
            let notice = Notice::nothing_changed(&sentence(&error));
            let view = new_view(&call, (from, key, name), &bound_to, Some(notice));
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
    Ok(page(StatusCode::OK, &edit_view(&call, &seen.on, &role, (&role.permissions, &[]))))
}

/// The editor with what is ticked and the modules that are to be something else.
fn edit_view(
    call: &Call,
    on: &Snapshot,
    role: &Role,
    (ticked, levels): (&PermissionSet, &[(&Module, ModuleLevel)]),
) -> RoleEdit {
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
    let joined = |module: &Module, level| names(on, &module.permissions(level)).join(" ");
    let row = |(module, now): (&Module, Level)| {
        let chosen = levels.iter().find(|(own, _)| own.name() == module.name());
        RoleEdit::module(
            (module.name().to_owned(), module_title(module.name())),
            now,
            chosen.map(|(_, level)| level.name()).unwrap_or_default(),
            [joined(module, ModuleLevel::Read), joined(module, ModuleLevel::Write)],
        )
    };
    RoleEdit {
        frame: call.frame(),
        notice: None,
        meanwhile: vec![],
        key: role.key.to_string(),
        version: Thing::role_version(on, role.id),
        called: Input::of(role.label.as_str()),
        modules: levels_of(on, role, &role.permissions).into_iter().map(row).collect(),
        levels: choices(&LEVELS),
        groups,
    }
}

/// The names of permissions, in the order of the alphabet.
fn names(on: &Snapshot, held: &PermissionSet) -> Vec<String> {
    let mut names: Vec<String> = held.iter().map(|id| on.permissions().name(id).to_owned()).collect();
    names.sort_unstable();
    names
}

/// What the form says that modules are to be, of the form itself or of the question after it.
fn chosen<'s>(call: &Call, on: &'s Snapshot, role: &Role) -> Result<Vec<(&'s Module, ModuleLevel)>, Fail> {
    let not_understood = || Fail::Trouble(Trouble::NotUnderstood);
    let mut sent = Vec::new();
    for module in on.contract().modules() {
        let field = format!("level_{}", module.name());
        sent.extend(call.form.all(&field).map(|value| (module.name(), value.to_owned())));
    }
    for one in call.form.optional(CARRIED)?.unwrap_or_default().split_whitespace() {
        let (module, value) = one.split_once('=').ok_or_else(not_understood)?;
        sent.push((module, value.to_owned()));
    }
    let mut levels: Vec<(&Module, ModuleLevel)> = Vec::new();
    for (name, value) in sent {
        let level = LEVELS.iter().find(|(own, _, _)| *own == value).ok_or_else(not_understood)?.2;
        let Some(level) = level else { continue };
        let module = modules(on, role.application).find(|module| module.name() == name);
        let module = module.ok_or_else(not_understood)?;
        // Of two levels nobody can say which is meant.
        if levels.iter().any(|(other, _)| other.name() == name) {
            return Err(not_understood());
        }
        levels.push((module, level));
    }
    Ok(levels)
}

/// The form as it was sent.
struct Sent<'s> {
    ticked: PermissionSet,
    label: String,
    levels: Vec<(&'s Module, ModuleLevel)>,
}

impl<'s> Sent<'s> {
    fn of(call: &Call, on: &'s Snapshot, role: &Role) -> Result<Self, Fail> {
        let ticked = on.permissions().set(call.form.all("p"));
        Ok(Self {
            ticked: ticked.map_err(|_| Fail::Trouble(Trouble::NotUnderstood))?,
            label: call.form.one("label")?.trim().to_owned(),
            levels: chosen(call, on, role)?,
        })
    }

    /// What it asks for: the ticked permissions, and then the modules.
    fn wanted(&self) -> PermissionSet {
        // Modules share permissions, so that what one of them is not to open another one may need. Whatever they
        // open is taken first, for all of them, and only then comes what is to be read and written: whatever is
        // asked for is held, in whichever order the modules stand. The script of the editor ticks by the same rule.
        let mut held = self.ticked.clone();
        for (module, _) in &self.levels {
            held = held.without(&module.permissions(ModuleLevel::Write));
        }
        for (module, level) in &self.levels {
            held.extend(&module.permissions(*level));
        }
        held
    }

    /// The editor with what was sent; its version is that of the role as it is now.
    fn view(&self, call: &Call, on: &Snapshot, role: &Role, notice: Option<Notice>) -> RoleEdit {
        let mut view = edit_view(call, on, role, (&self.ticked, &self.levels));
        (view.notice, view.called) = (notice, Input::of(&*self.label));
        view
    }

    /// What the question sends on: the same form.
    fn fields(&self, on: &Snapshot, version: &str) -> Vec<(&'static str, String)> {
        let levels = self.levels.iter().map(|(module, level)| format!("{}={}", module.name(), level.name()));
        let mut fields = vec![
            ("version", version.to_owned()),
            ("sure", "yes".to_owned()),
            ("label", self.label.clone()),
            (CARRIED, levels.collect::<Vec<_>>().join(" ")),
        ];
        fields.extend(permission_names(on, &self.ticked).iter().map(|name| ("p", name.to_string())));
        fields
    }
}

/// Edits a role: shown first, done when the form says that it was.
pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let (seen, role) = named(&call)?;
    let (on, who) = (&seen.on, &call.session()?.who);
    let version = call.form.one("version")?;
    let sent = Sent::of(&call, on, &role)?;
    let held = sent.wanted();
    if call.form.optional("again")? == Some("yes") {
        blocking(|| call.service.may(who, same(on, &role)))?;
        let mut view = sent.view(&call, on, &role, None);
        // What somebody else did since the form was shown is not theirs to overwrite unseen.
        version.clone_into(&mut view.version);
        return Ok(page(StatusCode::OK, &view));
    }
    let parsed: Label = match label(&sent.label, "A name") {
        Ok(parsed) => parsed,
        Err(wrong) => {
            let mut view = sent.view(&call, on, &role, Some(Notice::fields_are_wrong()));
            (view.called, view.version) = (wrong, version.to_owned());
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
            Err(error) => refused(&call, (&sent, version), error),
        };
    }
    let on_role = (Thing::Role(role.id), version);
    let previewed = match blocking(|| call.service.preview_on(who, on_role, command)) {
        Ok(previewed) => previewed,
        Err(error) => return refused(&call, (&sent, version), error),
    };
    let question = question(&call, (on, &role), (&sent, version), (&held, &previewed))?;
    Ok(page(StatusCode::OK, &question))
}

/// What a line of the question says: all by name, or how many, which opens to their names.
fn line(what: &str, noun: &str, names: Vec<String>) -> ConfirmLine {
    if names.len() <= NAMED_MAX {
        return format!("{what}: {}.", names.join(", ")).into();
    }
    let title = counted(names.len(), noun);
    ConfirmLine {
        sentence: format!("{what}: {title}."),
        details: vec![ConfirmDetail { title, names, more: 0 }],
    }
}

/// What becomes of the role itself: its permissions, and how far it opens modules.
fn changes(on: &Snapshot, role: &Role, held: &PermissionSet) -> Vec<ConfirmLine> {
    let added = names(on, &held.without(&role.permissions));
    let taken = names(on, &role.permissions.without(held));
    let (before, after) = (&role.permissions, held);
    let [before, after] = [before, after].map(|held| levels_of(on, role, held));
    let turned = |((module, before), (_, after)): ((&Module, Level), (&Module, Level))| {
        let title = module_title(module.name());
        (before != after).then(|| format!("{title} from {} to {}", before.word(), after.word()))
    };
    // Of modules that nobody set, too: they may share permissions with one that was.
    let turned = before.into_iter().zip(after).filter_map(turned).collect();
    [
        ("Added to the role", "permission", added),
        ("Taken from the role", "permission", taken),
        ("Levels", "module", turned),
    ]
    .into_iter()
    .filter(|(_, _, names)| !names.is_empty())
    .map(|(what, noun, names)| line(what, noun, names))
    .collect()
}

/// Whether somebody loses something, or may: what is taken from a role that is held may count again later.
fn takes(role: &Role, held: &PermissionSet, previewed: &Previewed) -> bool {
    let preview = &previewed.preview;
    let is_held = preview.examined() + preview.beyond() > 0;
    let loses = || preview.lines().iter().any(|line| line.gain() == Some(false));
    (is_held && !role.permissions.is_subset(held)) || loses()
}

/// Whether it shall be saved, with what it changes for whom.
fn question(
    call: &Call,
    (on, role): (&Snapshot, &Role),
    (sent, version): (&Sent<'_>, &str),
    (held, previewed): (&PermissionSet, &Previewed),
) -> Result<Confirm, Fail> {
    let mut said = changes(on, role, held);
    let mut paragraphs = match previewed.preview.is_empty() {
        true => vec!["Nobody gains or loses anything by it now.".to_owned()],
        false => vec!["It holds at the next click of whoever gains or loses by it.".to_owned()],
    };
    if said.is_empty() {
        paragraphs.insert(0, "Its permissions stay as they are.".to_owned());
    }
    said.extend(lines(call, previewed)?);
    let renamed = (role.label.as_str() != sent.label)
        .then(|| [("Name until now", role.label.to_string()), ("Name from now on", sent.label.clone())]);
    Ok(Confirm {
        frame: call.frame(),
        heading: format!("Save the role {}?", role.key),
        paragraphs,
        facts: renamed.into_iter().flatten().collect(),
        lines: said,
        action: paths::role_act(role.key.as_str(), paths::ACT_EDIT),
        fields: sent.fields(on, version),
        choices: vec![],
        asks_reason: false,
        button: "Save role",
        danger: takes(role, held, previewed),
        again: true,
        cancel: paths::role(role.key.as_str()),
    })
}

/// The editor again, with what was sent and what the service said.
fn refused(call: &Call, (sent, version): (&Sent<'_>, &str), error: ServiceError) -> Answer {
    if !matches!(error.fault(), Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    let (seen, role) = named(call)?;
    let notice = Notice::nothing_changed(&sentence(&error));
    let mut view = sent.view(call, &seen.on, &role, Some(notice));
    if matches!(error, ServiceError::Refused(Refusal::ChangedMeanwhile { .. })) {
        // What somebody else did is what the form is about now, and is told.
        view.meanwhile = differences(&seen.on, &role, sent);
    } else {
        version.clone_into(&mut view.version);
    }
    Ok(page(status(error.fault()), &view))
}

/// How the form that was sent differs from the role as it is by now.
fn differences(on: &Snapshot, role: &Role, sent: &Sent<'_>) -> Vec<String> {
    let held = sent.wanted();
    let renamed = (role.label.as_str() != sent.label)
        .then(|| format!("The role is called {} now, and would be called {}.", role.label, sent.label));
    let sides = [
        ("The role does not hold these now, and would", held.without(&role.permissions)),
        ("The role holds these now, and would not any more", role.permissions.without(&held)),
    ];
    let told = sides.into_iter().filter(|(_, set)| !set.is_empty());
    renamed
        .into_iter()
        .chain(told.map(|(what, set)| format!("{what}: {}.", names(on, &set).join(", "))))
        .collect()
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
