//! Grants of a user, one by one: given, changed and taken, each shown exactly before it is done.

use std::sync::Arc;

use access::commands::{EditGrants, GrantEdit, Refusal};
use access::{Grant, Snapshot};
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
use crate::views::frame::{Notice, Tone};
use crate::views::message::Trouble;
use crate::views::user::{AssignForm, GrantForm};

/// What a preview says before its lines.
pub(crate) fn nothing_new(previewed: &Previewed) -> Vec<String> {
    match previewed.preview.is_empty() {
        true => {
            vec!["It changes nothing now: what it gives is held already, or does not count yet.".to_owned()]
        }
        false => vec!["It holds at the next click of the user.".to_owned()],
    }
}

/// The grant that a field names, of those that one sees.
fn grant_named(call: &Call, named: &Named, text: &str) -> Result<Grant, Fail> {
    let seen = named.on.grants_seen(call.session()?.who.subject(), named.id, named.now);
    let found = seen.seen.into_iter().find(|grant| grant.id.to_string() == text);
    found.ok_or(Fail::Trouble(Trouble::NotFound))
}

/// A form about a grant that is to be given (none) or changed.
fn form_view(
    call: &Call,
    (named, grant): (&Named, Option<&Grant>),
    assign: AssignForm,
    notice: Option<Notice>,
) -> GrantForm {
    let on = &named.on;
    GrantForm {
        frame: call.frame(),
        notice,
        id: named.id.to_string(),
        login: on.user(named.id).map(|user| user.login()).unwrap_or_default(),
        version: Thing::User(named.id).version(on),
        grant: grant.map(|grant| grant_row(on, grant, call.clock())),
        assign,
    }
}

pub(crate) async fn show_give(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    // In a store access is given there alone.
    let form = match place_of_door(&call)? {
        Some(at) => grant_form::at(&named.on, &at.whole()),
        None => AssignForm::default(),
    };
    Ok(page(StatusCode::OK, &form_view(&call, (&named, None), form, None)))
}

pub(crate) async fn show_change(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let query = call.query()?;
    let Some(text) = query.optional("grant")? else {
        return Ok(see_other(&call.door.to(&paths::user(&named.id.to_string()))));
    };
    let grant = grant_named(&call, &named, text)?;
    Ok(page(
        StatusCode::OK,
        &form_view(&call, (&named, Some(&grant)), filled(&named.on, &grant, call.clock()), None),
    ))
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
fn edit((named, clock): (&Named, &Clock), grant: Option<&Grant>, form: &mut AssignForm) -> Option<GrantEdit> {
    let (on, now) = (&named.on, named.now);
    let Some(grant) = grant else { return grant_form::spec((on, clock, now), form).map(GrantEdit::Add) };
    let scope = grant_form::scope(on, form)?;
    let validity = left_alone(grant_form::validity(form, (clock, now))?, grant.spec.validity, clock);
    Some(GrantEdit::Change { id: grant.id, scope, validity })
}

/// Shown first, done when the form says that it was.
fn submit(call: &Call, named: &Named, grant: Option<&Grant>) -> Answer {
    let version = call.form.one("version")?.to_owned();
    let mut form = grant_form::form(&call.form)?;
    if call.form.optional("again")? == Some("yes") {
        return Ok(page(StatusCode::OK, &form_view(call, (named, grant), form, None)));
    }
    let Some(edit) = edit((named, call.clock()), grant, &mut form) else {
        let view = form_view(call, (named, grant), form, Some(Notice::fields_are_wrong()));
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    };
    let command = EditGrants { edits: vec![(named.id, edit.clone())] };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    let act = if grant.is_some() { paths::ACT_GRANT_CHANGE } else { paths::ACT_GRANT_ADD };
    if call.form.optional("sure")? == Some("yes") {
        let on_user = (Thing::User(named.id), version.as_str());
        return match blocking(|| call.service.execute_on(who, origin, on_user, command)) {
            Ok(_) => Ok(done_at(call, named.id, act)),
            Err(error) => refused(call, grant, form, error),
        };
    }
    let previewed = match blocking(|| call.service.preview(who, command)) {
        Ok(previewed) => previewed,
        Err(error) => return refused(call, grant, form, error),
    };
    let mut fields = grant_form::fields(&form);
    fields.extend([("version", version), ("sure", "yes".to_owned())]);
    fields.extend(grant.map(|grant| ("grant", grant.id.to_string())));
    let (id, on) = (named.id.to_string(), &named.on);
    let login = on.user(named.id).map(|user| user.login()).unwrap_or_default();
    let confirm = Confirm {
        frame: call.frame(),
        heading: match grant {
            None => format!("Give {login} this access?"),
            Some(_) => format!("Change this access of {login}?"),
        },
        paragraphs: nothing_new(&previewed),
        facts: facts((on, call.clock()), grant, &edit),
        lines: lines(call, &previewed)?,
        action: call.door.to(&paths::user_act(&id, act)),
        fields,
        choices: vec![],
        asks_reason: false,
        button: if grant.is_some() { "Change access" } else { "Give access" },
        danger: false,
        again: true,
        cancel: call.door.to(&paths::user(&id)),
    };
    Ok(page(StatusCode::OK, &confirm))
}

/// What the access is and was, for people.
fn facts(
    (on, clock): (&Snapshot, &Clock),
    grant: Option<&Grant>,
    edit: &GrantEdit,
) -> Vec<(&'static str, String)> {
    let when = |validity| super::user::validity(validity, clock).unwrap_or_else(|| "Always".to_owned());
    match (edit, grant.map(|grant| grant_row(on, grant, clock))) {
        (GrantEdit::Add(spec), _) => vec![
            ("Role", on.role(spec.role).map_or_else(String::new, |role| role.label.to_string())),
            ("Where", on.scope_text(&spec.scope)),
            ("When", when(spec.validity)),
        ],
        (GrantEdit::Change { scope, validity, .. }, Some(before)) => vec![
            ("Role", before.role),
            ("Where, until now", before.scope),
            ("Where, from now on", on.scope_text(scope)),
            ("When", when(*validity)),
        ],
        _ => vec![],
    }
}

/// The form again, with what the service said, and what the user is like by now.
fn refused(call: &Call, grant: Option<&Grant>, form: AssignForm, error: ServiceError) -> Answer {
    let fault = error.fault();
    if !matches!(fault, Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    let notice = Notice::new(Tone::Bad, format!("Nothing was changed. {}", sentence(&error)));
    let named = named(call)?;
    let fresh = grant.map(|grant| grant_named(call, &named, &grant.id.to_string())).transpose()?;
    Ok(page(status(fault), &form_view(call, (&named, fresh.as_ref()), form, Some(notice))))
}

pub(crate) async fn ask_take(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let query = call.query()?;
    let grant = grant_named(&call, &named, query.one("grant")?)?;
    let command = EditGrants { edits: vec![(named.id, GrantEdit::Remove(grant.id))] };
    let who = &call.session()?.who;
    let previewed = blocking(|| call.service.preview(who, command))?;
    let row = grant_row(&named.on, &grant, call.clock());
    let login = named.on.user(named.id).map(|user| user.login()).unwrap_or_default();
    let text = named.id.to_string();
    let confirm = Confirm {
        frame: call.frame(),
        heading: format!("Take this access from {login}?"),
        paragraphs: vec![match previewed.preview.is_empty() {
            true => "It changes nothing now: what it gives is held by other grants, too.".to_owned(),
            false => "It holds at the next click of the user.".to_owned(),
        }],
        facts: vec![("Role", row.role), ("Where", row.scope)],
        lines: lines(&call, &previewed)?,
        action: call.door.to(&paths::user_act(&text, paths::ACT_GRANT_REMOVE)),
        fields: vec![("grant", row.id), ("version", Thing::User(named.id).version(&named.on))],
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
    // Whoever sends it twice has had it done.
    let Ok(grant) = grant else { return Ok(done_at(&call, named.id, paths::ACT_GRANT_REMOVE)) };
    let command = EditGrants { edits: vec![(named.id, GrantEdit::Remove(grant.id))] };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    match blocking(|| call.service.execute_on(who, origin, (Thing::User(named.id), version), command)) {
        Ok(_) => Ok(done_at(&call, named.id, paths::ACT_GRANT_REMOVE)),
        Err(error @ ServiceError::Refused(Refusal::ChangedMeanwhile { .. })) => {
            let mut view = view(&call, &super::user::named(&call)?)?;
            view.notice = Some(Notice::new(Tone::Warn, format!("Nothing was changed. {}", sentence(&error))));
            Ok(page(StatusCode::CONFLICT, &view))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}
