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
use crate::answer::{Answer, Fail, page, see_other, sentence, status};
use crate::call::Call;
use crate::days::{begin_of, end_of, first_day, last_day};
use crate::form::Form;
use crate::paths;
use crate::session::blocking;
use crate::views::confirm::Confirm;
use crate::views::frame::{Input, Notice, Tone};
use crate::views::message::Trouble;
use crate::views::user::{AssignForm, GrantChange};

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
    let (scope, validity) = scope(on, form)?;
    Some(GrantSpec { role: role?, scope, validity })
}

/// Where and when the form says; none where a field is wrong, which is written beside it.
fn scope(on: &Snapshot, form: &mut AssignForm) -> Option<(Scope, Validity)> {
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
    let scope = Scope {
        retailers: retailer.map_or(Extent::All, |id| IdSet::new([id]).map_or(Extent::All, Extent::Set)),
        locations: IdSet::new(locations).map_or(LocationExtent::All, LocationExtent::Only),
        channels: IdSet::new(channels).map_or(Extent::All, Extent::Set),
    };
    Some((scope, Validity { from: from.flatten(), until: until.flatten() }))
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

/// The form as a grant is now; none for one that names several sites, which a form of one site cannot show.
fn filled(on: &Snapshot, grant: &Grant) -> Option<AssignForm> {
    let (scope, places) = (&grant.spec.scope, on.places());
    let site = match scope.retailers.listed() {
        [] => String::new(),
        [one] => places.retailer(*one)?.r#ref.to_string(),
        _ => return None,
    };
    let locations = scope.locations.listed().iter().filter_map(|id| places.location(*id));
    let channels = scope.channels.listed().iter().filter_map(|id| places.channel(*id));
    let locations: Vec<&str> = locations.map(|found| found.r#ref.as_str()).collect();
    let channels: Vec<&str> = channels.map(|found| found.r#ref.as_str()).collect();
    Some(AssignForm {
        role: Input::default(),
        site: Input::of(site),
        locations: Input::of(locations.join(", ")),
        channels: Input::of(channels.join(", ")),
        from: Input::of(grant.spec.validity.from.map(first_day).unwrap_or_default()),
        until: Input::of(grant.spec.validity.until.map(last_day).unwrap_or_default()),
    })
}

fn change_view(
    call: &Call,
    (named, grant): (&Named, &Grant),
    assign: AssignForm,
    notice: Option<Notice>,
) -> GrantChange {
    let on = &named.on;
    GrantChange {
        frame: call.frame(),
        notice,
        id: named.id.to_string(),
        login: on.user(named.id).map(|user| user.login()).unwrap_or_default(),
        version: Thing::User(named.id).version(on),
        grant: grant.id.to_string(),
        role: grant_row(on, grant).role,
        assign,
    }
}

pub(crate) async fn show_change(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let query = call.query()?;
    let Some(text) = query.optional("grant")? else {
        return Ok(see_other(&paths::user(&named.id.to_string())));
    };
    let grant = grant_named(&call, &named.on, &named, text)?;
    let several = || {
        let why = "this access names several sites: take it and give it anew for each, or change it on the command line";
        Fail::Service(ServiceError::Invalid(why.to_owned()))
    };
    let form = filled(&named.on, &grant).ok_or_else(several)?;
    Ok(page(StatusCode::OK, &change_view(&call, (&named, &grant), form, None)))
}

/// The form again, with what the service said, and what the user is like by now.
fn change_refused(call: &Call, grant: &Grant, form: AssignForm, error: ServiceError) -> Answer {
    let fault = error.fault();
    if !matches!(fault, Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    let notice = Notice::new(Tone::Bad, format!("Nothing was changed. {}", sentence(&error)));
    let view = change_view(call, (&named(call)?, grant), form, Some(notice));
    Ok(page(status(fault), &view))
}

/// Changes where and when a grant holds: shown first, done when the form says that it was.
pub(crate) async fn change(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let version = call.form.one("version")?.to_owned();
    let grant = grant_named(&call, &named.on, &named, call.form.one("grant")?)?;
    let mut form = form(&call.form)?;
    let Some((mut new, validity)) = scope(&named.on, &mut form) else {
        let view = change_view(&call, (&named, &grant), form, Some(Notice::fields_are_wrong()));
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    };
    // Whether things without a location are admitted beside the listed ones is no matter of this form: it stays.
    if let (LocationExtent::Narrow(_), LocationExtent::Only(set)) =
        (&grant.spec.scope.locations, &new.locations)
    {
        new.locations = LocationExtent::Narrow(set.clone());
    }
    let edit = GrantEdit::Change { id: grant.id, scope: new.clone(), validity };
    let command = EditGrants { edits: vec![(named.id, edit)] };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    if call.form.optional("sure")? == Some("yes") {
        let done =
            blocking(|| call.service.execute_on(who, origin, (Thing::User(named.id), &version), command));
        return match done {
            Ok(_) => Ok(done_at(named.id, paths::ACT_GRANT_CHANGE)),
            Err(error) => change_refused(&call, &grant, form, error),
        };
    }
    let previewed = match blocking(|| call.service.preview(who, command)) {
        Ok(previewed) => previewed,
        Err(error) => return change_refused(&call, &grant, form, error),
    };
    let (before, text) = (grant_row(&named.on, &grant), named.id.to_string());
    let when = |validity| super::user::validity(validity).unwrap_or_else(|| "Always".to_owned());
    let values = [&form.site, &form.locations, &form.channels, &form.from, &form.until];
    let names = ["site", "locations", "channels", "from", "until"];
    let mut fields: Vec<(&'static str, String)> =
        names.into_iter().zip(values.map(|input| input.value.clone())).collect();
    fields.extend([("version", version), ("grant", before.id), ("sure", "yes".to_owned())]);
    let confirm = Confirm {
        frame: call.frame(),
        heading: "Change this access?".to_owned(),
        paragraphs: nothing_new(&previewed),
        facts: vec![
            ("Role", before.role),
            ("Where, until now", before.scope),
            ("Where, from now on", named.on.scope_text(&new)),
            ("When", when(validity)),
        ],
        lines: lines(&previewed),
        action: paths::user_act(&text, paths::ACT_GRANT_CHANGE),
        fields,
        choices: vec![],
        asks_reason: false,
        button: "Change access",
        danger: false,
        cancel: paths::user(&text),
    };
    Ok(page(StatusCode::OK, &confirm))
}
