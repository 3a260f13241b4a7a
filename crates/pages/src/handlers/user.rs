//! One user, as somebody sees them who may look, and perhaps manage.

use std::sync::Arc;

use access::change::SignIn;
use access::commands::{EditGrants, EditUser, GrantEdit, RemoveUser};
use access::named::Names;
use access::reach::Reach;
use access::{Grant, GrantSpec, Instant, Snapshot, Subject, UserId, Validity};
use axum::http::StatusCode;
use service::{AuditSearch, Fault, OfficePage, Thing, TokenRow};

use super::agents;
use super::effective;
use super::me::{LONG, title};
use super::profile::{beside, read, sent, shown};
use super::user_access;
use super::users::{kind, status};
use super::{may_read, where_allowed};
use crate::answer::{Answer, Fail, page, sentence};
use crate::call::Call;
use crate::clock::Clock;
use crate::door::Door;
use crate::paths;
use crate::session::blocking;
use crate::views::frame::{Listed, Moment, Notice, Tone};
use crate::views::me::Profile;
use crate::views::message::Trouble;
use crate::views::user::{GrantRow, UserPage, UserTokenRow};

/// The word of the tab with sessions and tokens.
const SESSIONS: &str = "sessions";
/// Most sessions and tokens that are shown.
const TOKENS_MAX: usize = 50;

/// What was just done, by the word that a redirect carries.
pub(crate) const DONE: &[(&str, &str)] = &[
    ("profile", "The profile is saved."),
    ("disable", "The user is disabled: every session and token has ended."),
    ("enable", "The user is enabled, and has to sign in again."),
    ("sign-out", "Every session and token of the user has ended."),
    ("end-token", "The session or token has ended."),
    ("give", "The access is given. It holds at the next click of the user."),
    ("change", "The access is changed. It holds at the next click of the user."),
    ("gone", "This access is not there, or not any more."),
    ("take", "The access is taken. It holds at the next click of the user."),
    ("new", "The user is made."),
    ("many", "It is done with all who were ticked."),
    ("remove", "The user was removed: every session and token has ended, and the login stays reserved."),
];

/// The user that the address names, on the newest state.
pub(crate) struct Named {
    pub(crate) id: UserId,
    pub(crate) on: Arc<Snapshot>,
    pub(crate) now: Instant,
    /// What whoever asks may be told of by its name.
    reach: Reach,
    subject: Subject,
}

impl Named {
    /// What names mean to whoever asks.
    pub(crate) fn names(&self) -> Names<'_> {
        Names::new(&self.on, &self.reach)
    }

    /// The user's login.
    pub(crate) fn login(&self) -> String {
        self.on.user(self.id).map(|user| user.login()).unwrap_or_default()
    }

    /// What the user is like, for a form: another text once somebody changed them.
    pub(crate) fn version(&self) -> String {
        Thing::User(self.id).version(&self.on, &self.subject, self.now)
    }
}

/// The user of the address.
///
/// # Errors
/// Nobody whom whoever asks sees.
pub(crate) fn named(call: &Call) -> Result<Named, Fail> {
    let who = &call.session()?.who;
    blocking(|| call.service.read_page(who, OfficePage::Users))?;
    let rest = call.last_segment(paths::USERS).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let name = rest.split('/').next().unwrap_or_default();
    let (id, on, now) = blocking(|| call.service.user_seen(who, name))?;
    let subject = *who.subject();
    let reach = Reach::of(&on, &subject, now);
    Ok(Named { id, on, now, reach, subject })
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    let notice = call.done(DONE)?;
    let mut view = view(&call, &named(&call)?)?;
    view.notice = notice;
    view.shows_tokens = view.tokens.is_some() && query.optional("tab")? == Some(SESSIONS);
    Ok(page(StatusCode::OK, &view))
}

/// The page as things are now.
pub(crate) fn view(call: &Call, named: &Named) -> Result<UserPage, Fail> {
    let (who, Named { id, on, now, .. }) = (&call.session()?.who, named);
    let user = on.user(*id).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let profile = on.whole_profile(*id).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let seen = on.grants_seen(who.subject(), *id, *now);
    let at = user_access::place_of_door(call)?;
    let (places, others) = user_access::rows((on, call.clock()), &seen.seen, at);
    let version = named.version();
    let text = id.to_string();
    let fixed = fixed(call, *id, user.is_removed())?;
    let tokens = where_allowed(blocking(|| call.service.tokens_of(who, *id)))?;
    let tokens = tokens.filter(|_| !user.is_removed());
    let sees_audit = call.door == Door::Omc && may_read(call, OfficePage::Audit)?;
    let gives = on.authorize(who.subject(), EditGrants { edits: Vec::new() }, *now).is_ok();
    let manages = gives && who.user() != Some(*id) && !user.is_removed();
    Ok(UserPage {
        frame: call.frame(),
        notice: None,
        version,
        called: profile.name.to_string(),
        profile: shown(user.login(), &profile),
        status: status(user),
        kind: kind(on, user),
        has_password: user.sign_in() == SignIn::Password && who.user() != Some(*id),
        removable: where_allowed(blocking(|| call.service.may(who, RemoveUser { id: *id })))?.is_some(),
        fixed,
        manages,
        applications: user_access::columns(at),
        places,
        grants: grant_rows(call, named, &others, manages)?,
        strength: strength(on, *id, &seen.seen, *now),
        hidden: seen.hidden,
        // It tells of every place, of which a store sees its own alone.
        effective: (call.door == Door::Omc).then(|| effective::table(on, who.subject(), *id, *now)),
        tokens: tokens.map(|tokens| Listed {
            total: tokens.len(),
            rows: tokens.iter().take(TOKENS_MAX).map(|row| token_row(row, call.clock())).collect(),
        }),
        shows_tokens: false,
        history: sees_audit.then(|| history(&text, &seen.seen)),
        id: text,
    })
}

/// What is to be known of somebody beside all modules: that nothing is kept from them.
fn strength(on: &Snapshot, id: UserId, grants: &[Grant], now: Instant) -> Option<&'static str> {
    let active = on.user(id).is_some_and(|user| user.is_active());
    let specs = grants.iter().map(|grant| grant.spec.clone());
    let specs: Vec<GrantSpec> = specs.filter(|spec| active && spec.validity.holds_at(now)).collect();
    match (on.administrators().contains(&id), on.are_managers(&specs)) {
        (true, _) => Some("An administrator: holds every permission over the whole account, without end."),
        (false, true) => Some(
            "As strong as an administrator: holds ROLE_MANAGER and USER_MANAGER over the whole account, and may give any role to anybody.",
        ),
        (false, false) => None,
    }
}

/// Why whoever looks may not change profile and status of a user; none when they may.
fn fixed(call: &Call, id: UserId, removed: bool) -> Result<Option<String>, Fail> {
    let who = &call.session()?.who;
    if removed {
        return Ok(Some("This user was removed. The login stays reserved.".to_owned()));
    }
    if who.user() == Some(id) {
        return Ok(Some("This is you: what is your own you change under My information.".to_owned()));
    }
    let disable = access::commands::DisableUser { id };
    match blocking(|| call.service.may(who, disable)) {
        Ok(()) => Ok(None),
        Err(error) if matches!(error.fault(), Fault::Forbidden | Fault::NotFound | Fault::Conflict) => {
            Ok(Some(format!("You may look, not change: {}", sentence(&error))))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}

/// What the history of a user is about: them, and the roles that they hold.
fn history(id: &str, grants: &[Grant]) -> String {
    let mut roles: Vec<String> = grants.iter().map(|grant| grant.spec.role.to_string()).collect();
    roles.sort_unstable();
    roles.dedup();
    let of: Vec<String> = std::iter::once(id.to_owned()).chain(roles).take(AuditSearch::OF_MAX).collect();
    of.join(",")
}

/// The grants, each with whether whoever looks may take it.
fn grant_rows(call: &Call, named: &Named, grants: &[Grant], manages: bool) -> Result<Vec<GrantRow>, Fail> {
    let take = |grant: &Grant| EditGrants { edits: vec![(named.id, GrantEdit::Remove(grant.id))] };
    let refused = match manages {
        true => {
            let who = &call.session()?.who;
            blocking(|| call.service.refusals(who, grants.iter().map(take).collect()))?
        }
        false => vec![],
    };
    let mut taken = refused.into_iter().map(|refusal| refusal.is_none()).chain(std::iter::repeat(false));
    let row = |grant: &Grant| {
        let taken = taken.next().unwrap_or_default();
        GrantRow { taken, ..grant_row(&named.on, grant, call.clock()) }
    };
    Ok(grants.iter().map(row).collect())
}

pub(crate) fn grant_row(on: &Snapshot, grant: &Grant, clock: &Clock) -> GrantRow {
    let role = on.role(grant.spec.role);
    let application = role.and_then(|role| role.application);
    GrantRow {
        id: grant.id.to_string(),
        application: application.map_or("All applications", title).to_owned(),
        role: role.map_or_else(|| "?".to_owned(), |role| role.label.to_string()),
        role_key: role.map_or_else(String::new, |role| role.key.to_string()),
        scope: on.scope_named(&grant.spec.scope),
        validity: validity(grant.spec.validity, clock),
        taken: false,
    }
}

/// When a grant holds, in words; none for always.
pub(crate) fn validity(validity: Validity, clock: &Clock) -> Option<String> {
    let at = |Instant(at): Instant| Moment::of(at, clock).text;
    match (validity.from, validity.until) {
        (None, None) => None,
        (Some(from), None) => Some(format!("From {}", at(from))),
        (None, Some(until)) => Some(format!("Until {}", at(until))),
        (Some(from), Some(until)) => Some(format!("From {} until {}", at(from), at(until))),
    }
}

fn token_row(row: &TokenRow, clock: &Clock) -> UserTokenRow {
    let is_long = row.kind.word() == LONG;
    let kind = match row.kind.word() {
        "session" => "Session".to_owned(),
        LONG => format!("Long-duration token {}", row.label),
        _ => "Access token".to_owned(),
    };
    UserTokenRow {
        id: row.id.to_string(),
        kind,
        application: title(row.application).to_owned(),
        made: Moment::of(row.made_at.0, clock),
        // A session begins by being used; a token is made, and may never be.
        used: row.seen_at.or((!is_long).then_some(row.made_at)).map(|at| Moment::of(at.0, clock)),
        address: row.address.clone(),
        browser: agents::browser(&row.agent),
    }
}

/// The profile of a user.
pub(crate) async fn save_profile(call: Arc<Call>) -> Answer {
    let named = named(&call)?;
    let version = call.form.one("version")?;
    let old = named.on.whole_profile(named.id).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let mut typed = sent(&call.form, &old)?;
    let Some(profile) = read(&mut typed, &old) else {
        let mut view = view(&call, &named)?;
        view.notice = Some(Notice::fields_are_wrong());
        view.profile = Profile { login: view.profile.login, ..typed };
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    let command = EditUser { id: named.id, profile };
    let done = blocking(|| call.service.execute_on(who, origin, (Thing::User(named.id), version), command));
    match done {
        Ok(_) => Ok(done_at(&call, named.id, "profile")),
        Err(error) if error.fault() == Fault::Conflict => {
            // What they typed stays in the form, beside what the other one did.
            let fresh = super::user::named(&call)?;
            let mut view = view(&call, &fresh)?;
            view.notice = Some(Notice::new(Tone::Warn, sentence(&error)));
            view.profile = beside(typed, view.profile);
            Ok(page(StatusCode::CONFLICT, &view))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}

/// Where a user is found by whoever did something with them: on their own page; in the list by whoever does not see them,
/// or not any more; on the first page by whoever reads no list.
pub(crate) fn found_at(call: &Call, id: UserId) -> String {
    let (named, session) = (id.to_string(), call.some_session());
    let seen =
        session.is_some_and(|session| blocking(|| call.service.user_seen(&session.who, &named)).is_ok());
    let lists = session.is_some_and(|session| session.menu.contains(&OfficePage::Users));
    call.door.to(&match (seen, lists) {
        (true, _) => paths::user(&named),
        (false, true) => paths::USERS.to_owned(),
        (false, false) => paths::HOME.to_owned(),
    })
}

/// Back to where the user is found, which says what was done.
pub(crate) fn done_at(call: &Call, id: UserId, word: &str) -> axum::http::Response<axum::body::Body> {
    let address = found_at(call, id);
    // Whoever ends one token looks at the others.
    let tab = (word == paths::ACT_TOKEN_END).then_some(("tab", SESSIONS));
    let fields: Vec<(&str, &str)> = std::iter::once(("done", word)).chain(tab).collect();
    // What was changed is shown, not the head of the page.
    let access = [paths::ACT_GRANT_ADD, paths::ACT_GRANT_CHANGE, paths::ACT_GRANT_REMOVE].contains(&word);
    let own = address == call.door.to(&paths::user(&id.to_string()));
    let part = if own && access { "#access" } else { "" };
    crate::answer::see_other(&format!("{}{part}", paths::with_query(&address, &fields)))
}
