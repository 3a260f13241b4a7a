//! The users that one sees: searched, filtered, sorted.

use std::sync::Arc;

use access::RetailerId;
use access::change::{SignIn, UserKind};
use access::commands::EditGrants;
use access::directory::{SignInFilter, Sort, SortKey, Status, StatusCounts, UserQuery, Words};
use access::named::{Names, NotNamed};
use access::{Snapshot, UserId};
use axum::http::StatusCode;
use service::{OfficePage, ServiceError, UserList};

use super::audit::{csv_file, plain};
use super::store_choice::choice;
use super::user::DONE;
use super::users_bulk::acts;
use super::{application, applications, choices, may_read, where_allowed};
use super::{grant_form, reach};
use crate::answer::{Answer, Fail, page, see_other, sentence};
use crate::call::Call;
use crate::door::Door;
use crate::form::Form;
use crate::paths;
use crate::session::blocking;
use crate::views::frame::{Input, Notice};
use crate::views::message::Trouble;
use crate::views::users::{BulkForm, StatusWord, UserFilters, UserListRow, Users};

/// Rows that a page may have, the usual number second.
const SIZES: [usize; 3] = [10, 25, 100];
/// Most roles that a line names.
const ROLES_MAX: usize = 3;
/// Most users of one export.
const EXPORT_MAX: usize = 100_000;
/// The columns that a list may be sorted by.
const COLUMNS: [(&str, &str, SortKey); 3] = [
    ("login", "Login", SortKey::Login),
    ("name", "Name", SortKey::Name),
    ("email", "E-mail", SortKey::Email),
];
/// The word for those who are gone: they have no access, so nobody of a site or store is among them.
const REMOVED: &str = "removed";
const STATUSES: [(&str, &str, Option<Status>); 5] = [
    ("", "All", None),
    ("enabled", "Enabled", Some(Status::Enabled)),
    ("disabled", "Disabled", Some(Status::Disabled)),
    ("deprovisioned", "Deprovisioned", Some(Status::Deprovisioned)),
    (REMOVED, "Removed", Some(Status::Removed)),
];
const SIGN_INS: [(&str, &str, Option<SignInFilter>); 3] = [
    ("", "Any way", None),
    ("password", "By password", Some(SignInFilter::Password)),
    ("sso", "By single sign-on", Some(SignInFilter::Sso)),
];
const KINDS: [(&str, &str, Option<UserKind>); 4] = [
    ("", "All", None),
    ("person", "Person", Some(UserKind::Person)),
    ("system", "System", Some(UserKind::System)),
    ("application", "Application", Some(UserKind::Application)),
];

/// What one of a few values of a field stands for.
fn chosen<T: Copy>(all: &[(&str, &str, T)], value: &str) -> Result<T, Fail> {
    let found = all.iter().find(|(own, _, _)| *own == value).map(|(_, _, meant)| *meant);
    found.ok_or(Fail::Trouble(Trouble::NotUnderstood))
}

/// What the address asks for. The list of a store is found by words and status alone.
fn filters(query: &Form, door: Door) -> Result<UserFilters, Fail> {
    let text = |name| match (door, name) {
        (Door::Omc, _) | (_, "q" | "status" | "sort" | "rows") => {
            Ok::<_, Fail>(query.optional(name)?.unwrap_or_default().trim().to_owned())
        }
        (Door::StoreApp, _) => Ok(String::new()),
    };
    let input = |name| Ok::<_, Fail>(Input::of(text(name)?));
    Ok(UserFilters {
        q: input("q")?,
        site: input("site")?,
        location: input("location")?,
        channel: input("channel")?,
        role: input("role")?,
        application: text("application")?,
        status: text("status")?,
        sign_in: text("sign_in")?,
        kind: text("kind")?,
        sort: Some(text("sort")?).filter(|sort| !sort.is_empty()).unwrap_or_else(|| "login".to_owned()),
        rows: Some(text("rows")?).filter(|rows| !rows.is_empty()).unwrap_or_else(|| "25".to_owned()),
    })
}

/// The one thing that a field names, if any; what is wrong with it is written beside it.
fn named<T>(input: &mut Input, find: impl FnOnce(&[&str]) -> Result<Vec<T>, NotNamed>) -> Option<T> {
    if input.value.is_empty() {
        return None;
    }
    let found = blocking(|| find(&[&input.value])).map_err(|error| input.error = Some(sentence(&error)));
    found.ok()?.pop()
}

/// The list that the filters ask for; none where a field is wrong, which is written beside it.
fn query(names: &Names<'_>, filters: &mut UserFilters) -> Result<Option<UserQuery>, Fail> {
    let (key, descending) = match filters.sort.strip_prefix('-') {
        Some(key) => (key, true),
        None => (filters.sort.as_str(), false),
    };
    let application = application(&filters.application)?;
    let words = match Words::parse(&filters.q.value) {
        Ok(words) => words,
        Err(error) => {
            filters.q.error = Some(sentence(&error));
            Words::default()
        }
    };
    let retailer = named(&mut filters.site, |all| names.retailers(all));
    let of: Vec<RetailerId> = retailer.into_iter().collect();
    let role = match filters.role.value.is_empty() {
        true => None,
        false => grant_form::role(names, &mut filters.role),
    };
    let query = UserQuery {
        words,
        retailer,
        location: named(&mut filters.location, |all| names.locations(&of, all)),
        channel: named(&mut filters.channel, |all| names.channels(&of, all)),
        role,
        application,
        status: chosen(&STATUSES, &filters.status)?,
        sign_in: chosen(&SIGN_INS, &filters.sign_in)?,
        kind: chosen(&KINDS, &filters.kind)?,
        sort: Sort { key: chosen(&COLUMNS, key)?, descending },
    };
    let all = [&filters.q, &filters.site, &filters.location, &filters.channel, &filters.role];
    Ok(all.iter().all(|input| input.error.is_none()).then_some(query))
}

fn statuses(counts: StatusCounts, door: Door) -> Vec<(String, String, usize)> {
    let count = |status| match status {
        None => counts.everybody,
        Some(Status::Enabled) => counts.enabled,
        Some(Status::Disabled) => counts.disabled,
        Some(Status::Deprovisioned) => counts.deprovisioned,
        Some(Status::Removed) => counts.removed,
    };
    let offered = STATUSES.iter().filter(|(value, _, _)| door == Door::Omc || *value != REMOVED);
    let shown = offered.map(|(value, title, status)| (*value, *title, count(*status)));
    shown.map(|(value, title, count)| (value.to_owned(), title.to_owned(), count)).collect()
}

/// The status of a user.
pub(crate) fn status(user: access::snapshot::UserRef<'_>) -> StatusWord {
    match (user.is_removed(), user.is_enabled(), user.is_provisioned()) {
        (true, _, _) => StatusWord::Removed,
        (_, false, _) => StatusWord::Disabled,
        (_, _, false) => StatusWord::Deprovisioned,
        _ => StatusWord::Enabled,
    }
}

/// What a user is and how they sign in.
pub(crate) fn kind(on: &Snapshot, user: access::snapshot::UserRef<'_>) -> String {
    let kind = match user.kind() {
        UserKind::Person => "Person",
        UserKind::System => "System",
        UserKind::Application => "Application",
    };
    match user.sign_in() {
        SignIn::Password => format!("{kind}, password"),
        SignIn::Sso(id) => {
            let provider = on.entrances().provider(id).map(|provider| provider.name.to_string());
            format!("{kind}, {}", provider.unwrap_or_else(|| "single sign-on".to_owned()))
        }
    }
}

fn row(list: &UserList, call: &Call, id: UserId) -> Option<UserListRow> {
    let on = list.on();
    let user = on.user(id)?;
    let (name, email) = on.profile(id).unwrap_or_default();
    let who = call.session().ok()?.who.subject();
    let grants = on.grants_seen(who, id, list.now);
    let role = |grant: &access::Grant| {
        let label = on.role(grant.spec.role).map_or_else(|| "?".to_owned(), |role| role.label.to_string());
        format!("{label}: {}", on.scope_named(&grant.spec.scope))
    };
    let shown: Vec<String> = grants.seen.iter().take(ROLES_MAX).map(role).collect();
    Some(UserListRow {
        id: id.to_string(),
        login: user.login(),
        name: name.to_owned(),
        email: email.to_owned(),
        status: status(user),
        kind: kind(on, user),
        more: grants.seen.len() + grants.hidden - shown.len(),
        roles: shown,
    })
}

/// The list that was asked for. Where a field is wrong, the list is of nobody, and its status says so.
fn found(call: &Call, fields: &Form) -> Result<(UserFilters, UserList, StatusCode), Fail> {
    let who = &call.session()?.who;
    let mut filters = filters(fields, call.door)?;
    let seen = blocking(|| call.service.read_page(who, OfficePage::Users))?;
    // Whoever is in a site looks at its users first; an empty field shows those of all sites. Who was removed is of none.
    if let (Door::Omc, None, Some(active)) =
        (call.door, fields.optional("site")?, who.subject().active_retailer())
        && filters.status != REMOVED
    {
        let site = seen.on.places().retailer(active).map(|site| site.r#ref.to_string());
        filters.site = Input::of(site.unwrap_or_default());
    }
    let query = query(&Names::new(&seen.on, &reach(call, &seen)?), &mut filters)?;
    let status = if query.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let list = blocking(|| call.service.users(who, &query.unwrap_or_default()))?;
    Ok((filters, list, status))
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let notice = call.done(DONE)?;
    listed(&call, &call.query()?, BulkForm::default(), (StatusCode::OK, notice))
}

/// The list that the fields ask for, with the form about those who are ticked and what is said above it.
pub(super) fn listed(
    call: &Call,
    fields: &Form,
    bulk: BulkForm,
    (status, notice): (StatusCode, Option<Notice>),
) -> Answer {
    if let Some(choice) = choice(call, OfficePage::Users)? {
        return Ok(page(StatusCode::OK, &choice));
    }
    let (filters, list, found) = found(call, fields)?;
    let size = filters.rows.parse().ok().filter(|rows| SIZES.contains(rows));
    let size: usize = size.ok_or(Fail::Trouble(Trouble::NotUnderstood))?;
    let pages = list.selection.pages(size);
    let number = match fields.optional("page")? {
        None | Some("") => 1,
        // Whoever asks for a page behind the last sees the last: rows may have gone meanwhile.
        Some(text) => text.parse().map_err(|_| Fail::Trouble(Trouble::NotUnderstood))?,
    };
    let number = number.clamp(1, pages);
    let who = &call.session()?.who;
    let gives = list.on().authorize(who.subject(), EditGrants { edits: Vec::new() }, list.now).is_ok();
    let view = Users {
        frame: call.frame(),
        notice,
        store: call.session()?.store().map(|store| store.name.clone()),
        may_create: may_create(call)?,
        statuses: statuses(list.counts(), call.door),
        applications: applications("All"),
        sign_ins: choices(&SIGN_INS),
        kinds: choices(&KINDS),
        sizes: SIZES.map(|size| (size.to_string(), size.to_string())).to_vec(),
        // Nothing brings back who was removed.
        acts: if gives && filters.status != REMOVED {
            std::iter::once(&("", "Choose\u{2026}"))
                .chain(acts(call.door))
                .map(|(word, title)| ((*word).to_owned(), (*title).to_owned()))
                .collect()
        } else {
            vec![]
        },
        columns: COLUMNS.map(|(field, title, _)| (field, title)).to_vec(),
        rows: list.selection.page(number, size).iter().filter_map(|id| row(&list, call, *id)).collect(),
        total: list.selection.len(),
        page: number,
        pages,
        filters,
        bulk,
    };
    // A filter that is wrong shows nobody, whatever else is.
    Ok(page(found.max(status), &view))
}

/// Whether the form for a new user is offered.
fn may_create(call: &Call) -> Result<bool, Fail> {
    match call.door {
        Door::Omc => may_read(call, OfficePage::NewUser),
        // Whoever makes users in another store may have no role to give in this one.
        Door::StoreApp => {
            let who = &call.session()?.who;
            Ok(where_allowed(blocking(|| call.service.grants_in_store(who)))?.is_some())
        }
    }
}

pub(crate) async fn export(call: Arc<Call>) -> Answer {
    if choice(&call, OfficePage::Users)?.is_some() {
        return Ok(see_other(&call.door.to(paths::USERS)));
    }
    let (_, list, status) = found(&call, &call.query()?)?;
    if status != StatusCode::OK {
        return Err(Fail::Trouble(Trouble::NotUnderstood));
    }
    let written = blocking(|| written(&call, &list));
    let text = written.map_err(|error| Fail::Service(ServiceError::Internal(error.to_string())))?;
    Ok(csv_file("users.csv", text))
}

fn written(call: &Call, list: &UserList) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "login", "name", "email", "status", "type", "roles"])?;
    for id in list.selection.users().iter().take(EXPORT_MAX) {
        let Some(row) = row(list, call, *id) else { continue };
        let more = if row.more == 0 { String::new() } else { format!("; and {} more", row.more) };
        let roles = format!("{}{more}", row.roles.join("; "));
        let status = row.status.word().to_owned();
        let cells =
            [row.id, plain(row.login), plain(row.name), plain(row.email), status, row.kind, plain(roles)];
        writer.write_record(cells)?;
    }
    let left = list.selection.len().saturating_sub(EXPORT_MAX);
    if left > 0 {
        writer.write_record(["", &format!("{left} more are left out"), "", "", "", "", ""])?;
    }
    writer.flush()?;
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}
