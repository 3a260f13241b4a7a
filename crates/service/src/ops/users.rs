//! Users, for scripting and recovery.

use super::text::table;
use super::{Desk, GrantNames, Reply, changed, grants, origin, tokens};
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::out::Out;
use crate::zones::time_zone;
use access::change::{Profile, SignIn, UserKind};
use access::commands::{CreateUser, EditUser, EnableUser, Refusal, SetAddresses};
use access::snapshot::UserRef;
use access::{AddressRange, GrantSpec, Label, Language, Login, Snapshot, TimeZoneName, TokenId, UserId};
use authn::NewPassword;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::CredentialWrite;

/// What is done with users.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum UserOp {
    /// A new user with their first grants.
    Create {
        login: String,
        name: Option<String>,
        email: Option<String>,
        language: Option<String>,
        time_zone: Option<String>,
        system: bool,
        application: bool,
        sso: Option<String>,
        grants: Vec<GrantNames>,
        password: Option<String>,
    },
    /// The profile: what is not named stays.
    Edit {
        user: String,
        name: Option<String>,
        email: Option<String>,
        language: Option<String>,
        time_zone: Option<String>,
    },
    /// Out, at once, everywhere.
    Disable { user: String },
    /// In again.
    Enable { user: String },
    /// Gone; the login stays reserved.
    Remove { user: String },
    /// Every session and token ends.
    SignOut { user: String },
    /// A new password: the given one, else one that is made and shown once.
    Password { user: String, password: Option<String> },
    /// The password, every session and token end; a link that lets them set a new one is shown once.
    Link { user: String },
    /// They sign in by this identity provider, or by a password.
    SignIn { user: String, sso: Option<String> },
    /// The addresses from which they come in to the API; everywhere when there are none.
    Addresses { user: String, ranges: Vec<String> },
    /// Their sessions and tokens.
    Tokens { user: String },
    /// One session or token ends.
    EndToken { user: String, token: String },
    /// A page of users.
    List { search: Option<String>, after: Option<String>, limit: usize },
    /// One user.
    Show { user: String },
}

/// Most users in one page.
const LIST_MAX: usize = 10_000;

pub(super) fn perform(service: &Service, desk: &Desk, op: &UserOp) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    let id = |text: &str| find(&on, text);
    let done = |what: &str, user: &str, revision| {
        changed(format!("{what} {user}"), revision, json!({ "user": user }))
    };
    let out = |what: &str, user: &str, out: Out| {
        let done_at = service.put_out(&desk.who, origin(), id(user)?, out)?;
        Ok(done(what, user, done_at.revision))
    };
    match op {
        UserOp::Create { .. } => create(service, desk, &on, op, false),
        UserOp::Edit { user, .. } => {
            let edit = edit(id(user)?, op)?;
            Ok(done("edited", user, service.execute_made(&desk.who, origin(), edit)?))
        }
        UserOp::Disable { user } => out("disabled", user, Out::Disable),
        UserOp::Enable { user } => {
            let command = EnableUser { id: id(user)? };
            Ok(done("enabled", user, service.execute(&desk.who, origin(), command)?))
        }
        UserOp::Remove { user } => out("removed", user, Out::Remove),
        UserOp::SignOut { user } => out("signed out", user, Out::SignOut),
        UserOp::SignIn { user, sso } => {
            let sign_in = sign_in_of(&on, sso.as_deref())?;
            out("set the sign-in of", user, Out::SignIn(sign_in))
        }
        UserOp::Addresses { user, ranges } => {
            let ranges: Result<Vec<_>, _> = ranges.iter().map(|text| AddressRange::parse(text)).collect();
            let ranges = ranges.map_err(|e| ServiceError::Invalid(e.to_string()))?;
            let command = SetAddresses { id: id(user)?, ranges };
            let revision = service.execute(&desk.who, origin(), command)?;
            Ok(done("set the addresses of", user, revision))
        }
        UserOp::Link { user } => tokens::link(service, desk, id(user)?, user),
        UserOp::Tokens { user } => tokens::list(service, &on, id(user)?),
        UserOp::EndToken { user, token } => {
            let token = TokenId::parse(token).map_err(|e| ServiceError::Invalid(e.to_string()))?;
            tokens::end(service, desk, id(user)?, token)
        }
        UserOp::Password { user, password } => {
            set_password(service, desk, id(user)?, user, password.as_deref())
        }
        UserOp::List { search, after, limit } => {
            list(&on, search.as_deref(), after.as_deref(), (*limit).clamp(1, LIST_MAX))
        }
        UserOp::Show { user } => Ok(show(&on, id(user)?)),
    }
}

/// The user of that id or login, also one who was removed.
pub(super) fn find(on: &Snapshot, text: &str) -> Result<UserId, ServiceError> {
    Ok(on.find_user(text).ok_or_else(|| Refusal::unknown("user", text))?)
}

fn sign_in_of(on: &Snapshot, sso: Option<&str>) -> Result<SignIn, ServiceError> {
    let Some(provider) = sso else { return Ok(SignIn::Password) };
    let found = on.entrances().find_provider(provider);
    Ok(SignIn::Sso(found.ok_or_else(|| Refusal::unknown("identity provider", provider))?.id))
}

/// The edit of what is named, on the state that it comes to: what is not named stays as it is there.
fn edit(
    id: UserId,
    op: &UserOp,
) -> Result<impl Fn(&Snapshot) -> Result<EditUser, Refusal> + use<>, ServiceError> {
    let UserOp::Edit { name, email, language, time_zone, .. } = op else {
        return Err(ServiceError::Internal("no edit".into()));
    };
    let name = name.as_deref().map(Label::parse).transpose().map_err(Refusal::from)?;
    let email = email.as_deref().map(optional_label).transpose()?;
    let language = language.as_deref().map(chosen_language).transpose()?;
    let time_zone = time_zone.as_deref().map(chosen_zone).transpose()?;
    Ok(move |on: &Snapshot| {
        let old = on.whole_profile(id).ok_or_else(|| Refusal::unknown("user", id))?;
        let profile = Profile {
            name: name.clone().unwrap_or(old.name),
            email: email.clone().unwrap_or(old.email),
            language: language.unwrap_or(old.language),
            time_zone: time_zone.clone().unwrap_or(old.time_zone),
        };
        Ok(EditUser { id, profile })
    })
}

/// The language of a tag; none for an empty one.
fn chosen_language(tag: &str) -> Result<Option<Language>, ServiceError> {
    let read = || Language::parse(tag).map_err(|e| ServiceError::Invalid(e.to_string()));
    if tag.is_empty() { Ok(None) } else { read().map(Some) }
}

/// The time zone of a name; none for an empty one.
fn chosen_zone(name: &str) -> Result<Option<TimeZoneName>, ServiceError> {
    if name.is_empty() { Ok(None) } else { time_zone(name).map(Some) }
}

fn optional_label(text: &str) -> Result<Option<Label>, Refusal> {
    match text {
        "" => Ok(None),
        some => Ok(Some(Label::parse(some)?)),
    }
}

/// The first user of an account; refused when there is one, who may have come a moment ago.
pub(super) fn create_first(service: &Service, desk: &Desk, op: &UserOp) -> Result<Reply, ServiceError> {
    create(service, desk, &*service.newest(desk.account)?, op, true)
}

fn create(
    service: &Service,
    desk: &Desk,
    on: &Snapshot,
    op: &UserOp,
    is_first: bool,
) -> Result<Reply, ServiceError> {
    let UserOp::Create {
        login,
        name,
        email,
        language,
        time_zone,
        system,
        application,
        sso,
        grants,
        password,
    } = op
    else {
        return Err(ServiceError::Internal("no creation".into()));
    };
    let login = Login::parse(login).map_err(Refusal::from)?;
    let name = Label::parse(name.as_deref().unwrap_or(login.as_str())).map_err(Refusal::from)?;
    let email = match email {
        Some(email) => optional_label(email)?,
        None if login.is_email() => optional_label(login.as_str())?,
        None => None,
    };
    let profile = Profile {
        name,
        email,
        language: chosen_language(language.as_deref().unwrap_or_default())?,
        time_zone: chosen_zone(time_zone.as_deref().unwrap_or_default())?,
    };
    let specs = grants.iter().map(|g| g.resolve(on)).collect::<Result<Vec<GrantSpec>, _>>()?;
    let sign_in = sign_in_of(on, sso.as_deref())?;
    if sso.is_some() && password.is_some() {
        return Err(ServiceError::Invalid(
            "a user signs in by password or by single sign-on, never both".into(),
        ));
    }
    let kind = match (system, application) {
        (true, _) => UserKind::System,
        (false, true) => UserKind::Application,
        (false, false) => UserKind::Person,
    };
    let command = CreateUser { login: login.clone(), profile, kind, sign_in, grants: specs };
    let hash = password.as_deref().map(|p| service.hash_new(p)).transpose()?;
    let allows = move |on: &Snapshot| match is_first && on.user_count() > 0 {
        true => {
            let given = on.account().r#ref.to_string();
            Err(Refusal::Taken { what: "account ref", given, by: "" })
        }
        false => Ok(()),
    };
    let ways_in = move |user| {
        let write = |hash| CredentialWrite::SetPassword { user, hash, must_change: false };
        hash.clone().map(write).into_iter().collect()
    };
    let (id, after) = service.make_user(&desk.who, origin(), command, allows, ways_in)?;
    let json = json!({ "id": id.to_string(), "login": login });
    Ok(changed(format!("created {login} as {id}"), after.revision(), json))
}

/// A password to be shown once, where none is given.
pub(super) fn made(service: &Service, given: Option<&str>) -> Result<Option<String>, ServiceError> {
    if given.is_some() {
        return Ok(None);
    }
    let made = NewPassword::generate(service.inner.ids.as_ref());
    let made = made.map_err(|e| ServiceError::Internal(e.to_string()))?;
    Ok(Some(made.reveal().to_owned()))
}

/// A new password ends what the old one opened.
fn set_password(
    service: &Service,
    desk: &Desk,
    id: UserId,
    user: &str,
    given: Option<&str>,
) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    if on.user(id).is_some_and(|u| u.sign_in() != SignIn::Password) {
        return Err(ServiceError::Invalid(format!("{user} signs in by single sign-on: no password is kept")));
    }
    let made = made(service, given)?;
    let password = given.or(made.as_deref()).unwrap_or_default();
    let hash = service.hash_new(password)?;
    // Whoever runs the program may choose one, to get in again; what is made is a first password for a person.
    let must_change = given.is_none() && on.user(id).is_some_and(|u| u.kind() == UserKind::Person);
    let done = service.put_out(&desk.who, origin(), id, Out::NewPassword { hash, must_change })?;
    let json = json!({ "user": user, "password": made });
    let mut reply = changed(format!("new password for {user}"), done.revision, json);
    if let Some(made) = made {
        reply.text += &format!("\npassword, shown this once: {made}");
    }
    Ok(reply)
}

/// What a list shows of a user.
pub(super) fn facts(on: &Snapshot, id: UserId, user: UserRef<'_>) -> Value {
    let (name, email) = on.profile(id).unwrap_or_default();
    json!({
        "id": id.to_string(), "login": user.login(), "name": name, "email": email, "status": status(user),
        "language": on.language(id).map(Language::tag), "time_zone": on.time_zone(id).map(TimeZoneName::as_str),
        "kind": user.kind(), "sign_in": user.sign_in(), "grants": user.grant_count(),
    })
}

fn status(user: UserRef<'_>) -> &'static str {
    match (user.is_removed(), user.is_active()) {
        (true, _) => "removed",
        (false, true) => "active",
        (false, false) => "disabled",
    }
}

fn list(
    on: &Snapshot,
    search: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Reply, ServiceError> {
    let after = after.map(|text| find(on, text)).transpose()?;
    let mut ids: Vec<UserId> = match search {
        Some(part) => on.search(part, after).take(limit + 1).collect(),
        None => {
            let there = on.users_after(after).filter(|(_, u)| !u.is_removed());
            there.map(|(id, _)| id).take(limit + 1).collect()
        }
    };
    let more = ids.len() > limit;
    ids.truncate(limit);
    let found: Vec<_> = ids.iter().filter_map(|id| Some((*id, on.user(*id)?))).collect();
    let row = |(id, user): &(UserId, UserRef<'_>)| {
        let name = on.profile(*id).unwrap_or_default().0.to_owned();
        [id.to_string(), user.login(), name, status(*user).to_owned(), user.grant_count().to_string()]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let mut text = table(["id", "login", "name", "status", "grants"], &rows);
    let next = ids.last().filter(|_| more).map(ToString::to_string);
    if let Some(next) = &next {
        text += &format!("\nthere are more: --after {next}");
    }
    let items: Vec<Value> = found.iter().map(|(id, user)| facts(on, *id, *user)).collect();
    Ok(Reply::new(text, json!({ "items": items, "next": next, "revision": on.revision() })))
}

fn show(on: &Snapshot, id: UserId) -> Reply {
    let Some(user) = on.user(id) else { return Reply::new("", Value::Null) };
    let facts = facts(on, id, user);
    let (name, email) = on.profile(id).unwrap_or_default();
    let (table, grants) = grants::listed(on, id);
    let kind = match user.kind() {
        UserKind::Person => "person",
        UserKind::System => "system",
        UserKind::Application => "application",
    };
    let mut text = format!("{id} {}: {}, {kind}\nname: {name}", user.login(), status(user));
    if !email.is_empty() {
        text += &format!("\ne-mail: {email}");
    }
    if let Some(language) = on.language(id) {
        text += &format!("\nlanguage: {language}");
    }
    if let Some(zone) = on.time_zone(id) {
        text += &format!("\ntime zone: {zone}");
    }
    if let SignIn::Sso(provider) = user.sign_in() {
        let name = on.entrances().provider(provider).map_or("?", |p| p.r#ref.as_str());
        text += &format!("\nsigns in by single sign-on: {name}");
    }
    let ranges: Vec<String> = on.entrances().ranges(id).iter().map(ToString::to_string).collect();
    if !ranges.is_empty() {
        text += &format!("\ncomes in to the API from {}", ranges.join(", "));
    }
    text += &if grants.is_empty() { "\nno grants".to_owned() } else { format!("\n{table}") };
    Reply::new(text, json!({ "user": facts, "grants": grants, "revision": on.revision() }))
}
