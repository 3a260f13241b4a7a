//! Giving and taking access: shown exactly before it is done.

use std::sync::Arc;

use access::commands::{EditGrants, GrantEdit, Refusal};
use access::scope::{Extent, IdSet, LocationExtent};
use access::{Grant, GrantSpec, Number, Scope, Snapshot, Validity};
use axum::http::StatusCode;
use service::{Fault, Previewed, ServiceError, Thing};

use super::names;
use super::user::{Named, done_at, grant_row, named, view};
use super::user_acts::lines;
use crate::answer::{Answer, Fail, page, sentence, status};
use crate::call::Call;
use crate::days::{begin_of, end_of};
use crate::form::Form;
use crate::paths;
use crate::session::blocking;
use crate::views::confirm::Confirm;
use crate::views::frame::{Input, Notice, Tone};
use crate::views::message::Trouble;
use crate::views::user::AssignForm;

/// The fields of a grant, in the order of [`AssignForm`].
const FIELDS: [&str; 6] = ["role", "site", "locations", "channels", "from", "until"];

pub(crate) fn form(sent: &Form) -> Result<AssignForm, Fail> {
    let input = |name| Ok::<_, Fail>(Input::of(sent.optional(name)?.unwrap_or_default().trim()));
    Ok(AssignForm {
        role: input("role")?,
        site: input("site")?,
        locations: input("locations")?,
        channels: input("channels")?,
        from: input("from")?,
        until: input("until")?,
    })
}

/// Whether nothing was filled in.
pub(crate) fn is_empty(form: &AssignForm) -> bool {
    let all = [&form.role, &form.site, &form.locations, &form.channels, &form.from, &form.until];
    all.iter().all(|input| input.value.is_empty())
}

/// What a list with commas names; what is wrong is written beside it.
fn listed<T: Number>(input: &mut Input, what: &str, find: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let mut ids = Vec::new();
    for name in input.value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match find(name) {
            Some(id) => ids.push(id),
            None => {
                input.error = Some(format!("There is no {what} `{name}` at this site."));
                return None;
            }
        }
    }
    Some(ids)
}

/// The grant that the form describes; none where a field is wrong, which is written beside it.
pub(crate) fn spec(on: &Snapshot, form: &mut AssignForm) -> Option<GrantSpec> {
    let role = names::role(on, &form.role.value).map(|role| role.id);
    if role.is_none() {
        form.role.error = Some("There is no role of this key: see the page Roles.".to_owned());
    }
    let retailer = match form.site.value.as_str() {
        "" => None,
        text => {
            let found = names::site(on, text).map(|site| site.id);
            if found.is_none() {
                form.site.error = Some("There is no site of this ref.".to_owned());
            }
            Some(found?)
        }
    };
    for (input, what) in [(&mut form.locations, "stock locations"), (&mut form.channels, "sales channels")] {
        if retailer.is_none() && !input.value.is_empty() {
            input.error = Some(format!("Name the site of these {what}, too."));
            return None;
        }
    }
    let locations = listed(&mut form.locations, "stock location", |name| {
        names::location(on, retailer, name).map(|found| found.id)
    })?;
    let channels = listed(&mut form.channels, "sales channel", |name| {
        names::channel(on, retailer, name).map(|found| found.id)
    })?;
    let from = match form.from.value.as_str() {
        "" => None,
        day => Some(begin_of(day)),
    };
    let until = match form.until.value.as_str() {
        "" => None,
        day => Some(end_of(day)),
    };
    for (input, day) in [(&mut form.from, from), (&mut form.until, until)] {
        if day == Some(None) {
            input.error = Some("This is no date: give it as 2026-11-03.".to_owned());
            return None;
        }
    }
    Some(GrantSpec {
        role: role?,
        scope: Scope {
            retailers: retailer.map_or(Extent::All, |id| IdSet::new([id]).map_or(Extent::All, Extent::Set)),
            locations: IdSet::new(locations).map_or(LocationExtent::All, LocationExtent::Only),
            channels: IdSet::new(channels).map_or(Extent::All, Extent::Set),
        },
        validity: Validity { from: from.flatten(), until: until.flatten() },
    })
}

/// Gives access: shown first, done when the form says that it was.
pub(crate) async fn give(call: Arc<Call>) -> Answer {
    let Named { id, on, .. } = named(&call)?;
    let version = call.form.one("version")?.to_owned();
    let mut form = form(&call.form)?;
    let Some(spec) = spec(&on, &mut form) else { return again(&call, form, None, StatusCode::BAD_REQUEST) };
    let command = EditGrants { edits: vec![(id, GrantEdit::Add(spec.clone()))] };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    if call.form.optional("sure")? == Some("yes") {
        let done = blocking(|| call.service.execute_on(who, origin, (Thing::User(id), &version), command));
        return match done {
            Ok(_) => Ok(done_at(id, paths::ACT_GRANT_ADD)),
            Err(error) => refused(&call, form, error),
        };
    }
    let previewed = match blocking(|| call.service.preview(who, command)) {
        Ok(previewed) => previewed,
        Err(error) => return refused(&call, form, error),
    };
    let role = on.role(spec.role).map_or_else(String::new, |role| role.label.to_string());
    let login = on.user(id).map(|user| user.login()).unwrap_or_default();
    let values = [&form.role, &form.site, &form.locations, &form.channels, &form.from, &form.until];
    let mut fields: Vec<(&'static str, String)> =
        FIELDS.into_iter().zip(values.map(|input| input.value.clone())).collect();
    fields.extend([("version", version), ("sure", "yes".to_owned())]);
    let text = id.to_string();
    let facts = vec![
        ("Role", role),
        ("Where", on.scope_text(&spec.scope)),
        ("When", super::user::validity(spec.validity).unwrap_or_else(|| "Always".to_owned())),
    ];
    let confirm = Confirm {
        frame: call.frame(),
        heading: format!("Give {login} this access?"),
        paragraphs: nothing_new(&previewed),
        facts,
        lines: lines(&previewed),
        action: paths::user_act(&text, paths::ACT_GRANT_ADD),
        fields,
        choices: vec![],
        asks_reason: false,
        button: "Give access",
        danger: false,
        cancel: paths::user(&text),
    };
    Ok(page(StatusCode::OK, &confirm))
}

fn nothing_new(previewed: &Previewed) -> Vec<String> {
    match previewed.preview.is_empty() {
        true => {
            vec!["It changes nothing now: what it gives is held already, or does not count yet.".to_owned()]
        }
        false => vec!["It holds at the next click of the user.".to_owned()],
    }
}

/// The form again, with what the service said.
fn refused(call: &Call, form: AssignForm, error: ServiceError) -> Answer {
    match error.fault() {
        Fault::Invalid | Fault::Forbidden | Fault::Conflict => {
            let notice = Notice::new(Tone::Bad, format!("Nothing was changed. {}", sentence(&error)));
            again(call, form, Some(notice), status(error.fault()))
        }
        _ => Err(Fail::Service(error)),
    }
}

fn again(call: &Call, form: AssignForm, notice: Option<Notice>, status: StatusCode) -> Answer {
    // What somebody else did meanwhile is shown, and the form is about that.
    let mut view = view(call, &named(call)?)?;
    view.notice = Some(notice.unwrap_or_else(Notice::fields_are_wrong));
    view.assign = view.assign.map(|_| form);
    Ok(page(status, &view))
}

/// The grant that a field names, of those that one sees.
fn grant_named(call: &Call, on: &Snapshot, named: &Named, text: &str) -> Result<Grant, Fail> {
    let seen = on.grants_seen(call.session()?.who.subject(), named.id, named.now);
    let found = seen.seen.into_iter().find(|grant| grant.id.to_string() == text);
    found.ok_or(Fail::Trouble(Trouble::NotFound))
}

pub(crate) async fn ask_take(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let query = call.query()?;
    let grant = grant_named(&call, &named.on, &named, query.one("grant")?)?;
    let command = EditGrants { edits: vec![(named.id, GrantEdit::Remove(grant.id))] };
    let who = &call.session()?.who;
    let previewed = blocking(|| call.service.preview(who, command))?;
    let row = grant_row(&named.on, &grant);
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
        lines: lines(&previewed),
        action: paths::user_act(&text, paths::ACT_GRANT_REMOVE),
        fields: vec![("grant", row.id), ("version", Thing::User(named.id).version(&named.on))],
        choices: vec![],
        asks_reason: false,
        button: "Take access",
        danger: true,
        cancel: paths::user(&text),
    };
    Ok(page(StatusCode::OK, &confirm))
}

pub(crate) async fn take(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let version = call.form.one("version")?;
    let grant = grant_named(&call, &named.on, &named, call.form.one("grant")?);
    // Whoever sends it twice has had it done.
    let Ok(grant) = grant else { return Ok(done_at(named.id, paths::ACT_GRANT_REMOVE)) };
    let command = EditGrants { edits: vec![(named.id, GrantEdit::Remove(grant.id))] };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    match blocking(|| call.service.execute_on(who, origin, (Thing::User(named.id), version), command)) {
        Ok(_) => Ok(done_at(named.id, paths::ACT_GRANT_REMOVE)),
        Err(error @ ServiceError::Refused(Refusal::ChangedMeanwhile { .. })) => {
            let mut view = view(&call, &super::user::named(&call)?)?;
            view.notice = Some(Notice::new(Tone::Warn, format!("Nothing was changed. {}", sentence(&error))));
            Ok(page(StatusCode::CONFLICT, &view))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}
