//! Grants of a user, one by one: given, changed and taken, each shown exactly before it is done.

use std::sync::Arc;

use access::commands::{EditGrants, GrantEdit, Refusal};
use access::{Grant, GrantSpec, Snapshot};
use axum::http::StatusCode;
use service::{Fault, Previewed, ServiceError, Thing};

use super::grant_form::{self, filled};
use super::user::{Named, done_at, grant_row, named, view};
use super::user_access::place_of_door;
use super::user_acts::lines;
use crate::answer::{Answer, Fail, page, see_other, sentence, status};
use crate::call::Call;
use crate::clock::Clock;
use crate::days::left_alone;
use crate::paths;
use crate::session::blocking;
use crate::views::confirm::Confirm;
use crate::views::frame::Notice;
use crate::views::message::Trouble;
use crate::views::user::{AssignForm, GrantForm};

/// The word for access that is not there, or not any more: whoever sends a form twice has had it done.
const GONE: &str = "gone";

/// What a preview says before its lines.
pub(crate) fn nothing_new(previewed: &Previewed) -> Vec<String> {
    match previewed.preview.is_empty() {
        true => {
            vec!["It changes nothing now: what it gives is held already, or does not count yet.".to_owned()]
        }
        false => vec!["It holds at the next click of the user.".to_owned()],
    }
}

/// A form that was not taken.
pub(crate) struct Refused {
    pub(crate) error: ServiceError,
    pub(crate) status: StatusCode,
    /// Whether somebody else changed the user meanwhile: only then is the form about what they are like by now.
    pub(crate) changed: bool,
    /// What the user was like whom the form is about.
    pub(crate) version: String,
}

/// Edits of grants that a form asks for: shown first, done when the form says that they were; then the page of the user
/// says so by that word. `again` is the form, when it was not taken, about the user as they are by now.
pub(crate) fn asked_first(
    call: &Call,
    named: &Named,
    (command, word): (EditGrants, &str),
    question: impl FnOnce(&Previewed) -> Result<Confirm, Fail>,
    again: impl FnOnce(Named, Refused) -> Answer,
) -> Answer {
    let (who, origin) = (&call.session()?.who, call.origin()?);
    let version = call.form.one("version")?.to_owned();
    let on_user = (Thing::User(named.id), version.as_str());
    let error = if call.form.optional("sure")? == Some("yes") {
        match blocking(|| call.service.execute_on(who, origin, on_user, command)) {
            Ok(_) => return Ok(done_at(call, named.id, word)),
            Err(error) => error,
        }
    } else {
        match blocking(|| call.service.preview_on(who, on_user, command)) {
            Ok(previewed) => {
                let mut confirm = question(&previewed)?;
                confirm.fields.extend([("version", version), ("sure", "yes".to_owned())]);
                return Ok(page(StatusCode::OK, &confirm));
            }
            Err(error) => error,
        }
    };
    let fault = error.fault();
    if !matches!(fault, Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    let changed = matches!(error, ServiceError::Refused(Refusal::ChangedMeanwhile { .. }));
    let fresh = super::user::named(call)?;
    let version = if changed { fresh.version() } else { version };
    again(fresh, Refused { error, status: status(fault), changed, version })
}

/// The grant that a field names, of those that one sees.
fn grant_named(call: &Call, named: &Named, text: &str) -> Result<Grant, Fail> {
    let seen = named.on.grants_seen(call.session()?.who.subject(), named.id, named.now);
    let found = seen.seen.into_iter().find(|grant| grant.id.to_string() == text);
    found.ok_or(Fail::Trouble(Trouble::NotFound))
}

/// The page of the user: for whoever comes from the sign-in page, where what the address asked for was lost.
fn page_of(call: &Call, named: &Named) -> String {
    call.door.to(&paths::user(&named.id.to_string()))
}

/// A form about a grant that is to be given (none) or changed.
fn form_view(
    call: &Call,
    (named, version): (&Named, String),
    grant: Option<&Grant>,
    (assign, notice): (AssignForm, Option<Notice>),
) -> GrantForm {
    GrantForm {
        frame: call.frame(),
        notice,
        id: named.id.to_string(),
        login: named.login(),
        version,
        grant: grant.map(|grant| grant_row(&named.on, grant, call.clock())),
        assign,
    }
}

pub(crate) async fn show_give(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    // In a store access is given there alone.
    let form = match place_of_door(&call)? {
        Some(at) => grant_form::at((&named.on, &named.names()), &at.whole()),
        None => grant_form::at_active_site(&named.on, call.session()?.who.subject()),
    };
    Ok(page(StatusCode::OK, &form_view(&call, (&named, named.version()), None, (form, None))))
}

pub(crate) async fn show_change(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let query = call.query()?;
    let Some(text) = query.optional("grant")? else { return Ok(see_other(&page_of(&call, &named))) };
    let grant = grant_named(&call, &named, text)?;
    let form = filled((&named.on, &named.names()), &grant, call.clock());
    Ok(page(StatusCode::OK, &form_view(&call, (&named, named.version()), Some(&grant), (form, None))))
}

pub(crate) async fn give(call: Arc<Call>) -> Answer {
    submit(&call, &named(&call)?, None)
}

pub(crate) async fn change(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let grant = grant_named(&call, &named, call.form.one("grant")?)?;
    submit(&call, &named, Some(&grant))
}

/// What the form asks for; none where a field is wrong, which is written beside it.
fn edits(
    (named, clock): (&Named, &Clock),
    grant: Option<&Grant>,
    form: &mut AssignForm,
) -> Option<Vec<GrantEdit>> {
    let (names, at) = (named.names(), (clock, named.now));
    let Some(grant) = grant else {
        let specs = grant_form::specs(&names, at, form)?;
        return Some(specs.into_iter().map(GrantEdit::Add).collect());
    };
    let scope = grant_form::scope(&names.beside(&grant.spec.scope), form)?;
    let validity = left_alone(grant_form::validity(form, at)?, grant.spec.validity, clock);
    Some(vec![GrantEdit::Change { id: grant.id, scope, validity }])
}

fn submit(call: &Call, named: &Named, grant: Option<&Grant>) -> Answer {
    let version = call.form.one("version")?.to_owned();
    let mut form = grant_form::form(&call.form)?;
    if call.form.optional("again")? == Some("yes") {
        return Ok(page(StatusCode::OK, &form_view(call, (named, version), grant, (form, None))));
    }
    let Some(edits) = edits((named, call.clock()), grant, &mut form) else {
        let notice = Some(Notice::fields_are_wrong());
        return Ok(page(StatusCode::BAD_REQUEST, &form_view(call, (named, version), grant, (form, notice))));
    };
    let command = EditGrants { edits: edits.iter().map(|edit| (named.id, edit.clone())).collect() };
    let act = if grant.is_some() { paths::ACT_GRANT_CHANGE } else { paths::ACT_GRANT_ADD };
    let question = |previewed: &Previewed| question(call, named, (grant, &edits, act), &form, previewed);
    asked_first(call, named, (command, act), question, |fresh, refused| {
        let grant = grant.map(|grant| grant_named(call, &fresh, &grant.id.to_string())).transpose()?;
        let mut form = form.clone();
        // The form of a grant that is changed has no field for the role.
        let notice = match grant.is_none() && grant_form::mark(&mut form, &refused.error) {
            true => Notice::fields_are_wrong(),
            false => Notice::nothing_changed(&sentence(&refused.error)),
        };
        let shown = (form, Some(notice));
        Ok(page(refused.status, &form_view(call, (&fresh, refused.version), grant.as_ref(), shown)))
    })
}

fn question(
    call: &Call,
    named: &Named,
    (grant, edits, act): (Option<&Grant>, &[GrantEdit], &str),
    form: &AssignForm,
    previewed: &Previewed,
) -> Result<Confirm, Fail> {
    let (id, login) = (named.id.to_string(), named.login());
    let (heading, button) = match grant {
        None => (format!("Give {login} this access?"), "Give access"),
        Some(_) => (format!("Change this access of {login}?"), "Change access"),
    };
    let mut fields = grant_form::fields(form);
    fields.extend(grant.map(|grant| ("grant", grant.id.to_string())));
    Ok(Confirm {
        frame: call.frame(),
        heading,
        paragraphs: nothing_new(previewed),
        facts: facts((&named.on, call.clock()), grant, edits),
        lines: lines(call, previewed)?,
        action: call.door.to(&paths::user_act(&id, act)),
        fields,
        choices: vec![],
        asks_reason: false,
        button,
        danger: false,
        again: true,
        cancel: call.door.to(&paths::user(&id)),
    })
}

/// What is given, for people: a role, and all places where it holds.
pub(crate) fn given(on: &Snapshot, specs: &[GrantSpec]) -> Vec<(&'static str, String)> {
    let role = specs.first().and_then(|spec| on.role(spec.role));
    let places: Vec<String> = specs.iter().map(|spec| on.scope_named(&spec.scope)).collect();
    vec![("Role", role.map_or_else(String::new, |role| role.label.to_string())), ("Where", places.join("; "))]
}

/// What the access is and was, for people.
fn facts(
    (on, clock): (&Snapshot, &Clock),
    grant: Option<&Grant>,
    edits: &[GrantEdit],
) -> Vec<(&'static str, String)> {
    let when = |validity| super::user::validity(validity, clock).unwrap_or_else(|| "Always".to_owned());
    match (edits, grant.map(|grant| grant_row(on, grant, clock))) {
        ([GrantEdit::Change { scope, validity, .. }], Some(before)) => vec![
            ("Role", before.role),
            ("Where, until now", before.scope),
            ("Where, from now on", on.scope_named(scope)),
            ("When", when(*validity)),
        ],
        (edits, _) => {
            let added = |edit: &GrantEdit| match edit {
                GrantEdit::Add(spec) => Some(spec.clone()),
                _ => None,
            };
            let specs: Vec<GrantSpec> = edits.iter().filter_map(added).collect();
            let days = specs.first().map(|spec| ("When", when(spec.validity)));
            given(on, &specs).into_iter().chain(days).collect()
        }
    }
}

pub(crate) async fn ask_take(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let query = call.query()?;
    let Some(text) = query.optional("grant")? else { return Ok(see_other(&page_of(&call, &named))) };
    let grant = grant_named(&call, &named, text)?;
    let command = EditGrants { edits: vec![(named.id, GrantEdit::Remove(grant.id))] };
    let who = &call.session()?.who;
    let previewed = blocking(|| call.service.preview(who, command))?;
    let row = grant_row(&named.on, &grant, call.clock());
    let text = named.id.to_string();
    let confirm = Confirm {
        frame: call.frame(),
        heading: format!("Take this access from {}?", named.login()),
        paragraphs: vec![match previewed.preview.is_empty() {
            true => "It changes nothing now: what it gives is held by other grants, too.".to_owned(),
            false => "It holds at the next click of the user.".to_owned(),
        }],
        facts: vec![("Role", row.role), ("Where", row.scope)],
        lines: lines(&call, &previewed)?,
        action: call.door.to(&paths::user_act(&text, paths::ACT_GRANT_REMOVE)),
        fields: vec![("grant", row.id), ("version", named.version())],
        choices: vec![],
        asks_reason: false,
        button: "Take access",
        danger: true,
        again: false,
        cancel: call.door.to(&paths::user(&text)),
    };
    Ok(page(StatusCode::OK, &confirm))
}

pub(crate) async fn take(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let version = call.form.one("version")?;
    let grant = grant_named(&call, &named, call.form.one("grant")?);
    let Ok(grant) = grant else { return Ok(done_at(&call, named.id, GONE)) };
    let command = EditGrants { edits: vec![(named.id, GrantEdit::Remove(grant.id))] };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    match blocking(|| call.service.execute_on(who, origin, (Thing::User(named.id), version), command)) {
        Ok(_) => Ok(done_at(&call, named.id, paths::ACT_GRANT_REMOVE)),
        Err(error @ ServiceError::Refused(Refusal::ChangedMeanwhile { .. })) => {
            let mut view = view(&call, &super::user::named(&call)?)?;
            view.notice = Some(Notice::nothing_changed(&sentence(&error)));
            Ok(page(StatusCode::CONFLICT, &view))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}
