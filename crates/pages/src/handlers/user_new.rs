//! A new user, together with their first access and the way they get in.

use std::sync::Arc;

use access::change::{Profile, SignIn, UserKind};
use access::commands::Refusal;
use access::named::Names;
use access::{GrantSpec, Label, Login, Snapshot};
use axum::body::Body;
use axum::http::{Response, StatusCode};
use service::{Fault, FirstWay, NewUser, OfficePage, Seen, ServiceError};

use super::profile::{email, label};
use super::store_user_new;
use super::user::done_at;
use super::user_acts::{asks_account, shown_once};
use super::{grant_form, reach};
use crate::answer::{Answer, Fail, page, sentence, status};
use crate::call::Call;
use crate::door::Door;
use crate::session::{blocking, slowly};
use crate::views::frame::{Input, Notice};
use crate::views::message::Trouble;
use crate::views::user::AssignForm;
use crate::views::user_new::{NewUserForm, UserNew};

const KINDS: [(&str, &str, UserKind); 3] = [
    ("person", "Person", UserKind::Person),
    ("system", "System, for an external system", UserKind::System),
    ("application", "Application, for a program of your own", UserKind::Application),
];
pub(super) const INVITATION: &str = "invitation";
const GENERATED: &str = "generated";

pub(super) fn read(call: &Call) -> Result<Seen, Fail> {
    let who = &call.session()?.who;
    Ok(blocking(|| call.service.read_page(who, OfficePage::NewUser))?)
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    if call.door == Door::StoreApp {
        return store_user_new::show(&call);
    }
    let seen = read(&call)?;
    let who = NewUserForm { kind: "person".to_owned(), way: INVITATION.to_owned(), ..NewUserForm::default() };
    let assign = grant_form::at_active_site(&seen.on, call.session()?.who.subject());
    Ok(page(StatusCode::OK, &view(&call, &seen.on, (who, assign), None)))
}

fn view(
    call: &Call,
    on: &Snapshot,
    (who, assign): (NewUserForm, AssignForm),
    notice: Option<Notice>,
) -> UserNew {
    UserNew {
        frame: call.frame(),
        notice,
        who,
        assign,
        kinds: KINDS.map(|(value, title, _)| (value.to_owned(), title.to_owned())).to_vec(),
        ways: ways(on),
    }
}

/// How they may get in: the values of the field `way`, and what they are called.
pub(super) fn ways(on: &Snapshot) -> Vec<(String, String)> {
    let own =
        [(INVITATION, "By a link that lets them set a password"), (GENERATED, "By a password, shown once")];
    let own = own.map(|(value, title)| (value.to_owned(), title.to_owned()));
    let providers = on
        .entrances()
        .providers()
        .map(|provider| (provider.id.to_string(), format!("By single sign-on with {}", provider.name)));
    own.into_iter().chain(providers).collect()
}

/// How they sign in, and how they get in at first.
pub(super) fn way(on: &Snapshot, way: &str) -> Result<(SignIn, FirstWay), Fail> {
    match way {
        INVITATION => Ok((SignIn::Password, FirstWay::Invitation)),
        GENERATED => Ok((SignIn::Password, FirstWay::Generated)),
        provider => {
            let found = on.entrances().find_provider(provider);
            let found = found.ok_or(Fail::Trouble(Trouble::NotUnderstood))?;
            Ok((SignIn::Sso(found.id), FirstWay::Nothing))
        }
    }
}

/// The grants of a colleague that whoever asks sees.
fn grants_like(call: &Call, seen: &Seen, like: &mut Input) -> Result<Vec<GrantSpec>, Fail> {
    let who = &call.session()?.who;
    let user = match blocking(|| call.service.user_named(who, &like.value)) {
        Ok(user) => user,
        Err(ServiceError::NotFound(_)) => {
            like.error = Some("You see nobody of this login.".to_owned());
            return Ok(Vec::new());
        }
        Err(error) => return Err(Fail::Service(error)),
    };
    let grants = seen.on.grants_seen(who.subject(), user, seen.now).seen;
    Ok(grants.into_iter().map(|grant| grant.spec).collect())
}

/// Who they are to be; what is wrong with a field is written beside it.
pub(super) fn profile(who: &mut NewUserForm) -> Option<(Login, Profile)> {
    let login = Login::parse(&who.login.value).map_err(|error| who.login.error = Some(sentence(&error))).ok();
    let is_email = login.as_ref().is_some_and(Login::is_email);
    let name = if who.name.value.is_empty() { who.login.value.clone() } else { who.name.value.clone() };
    let address = if who.email.value.is_empty() && is_email {
        who.login.value.clone()
    } else {
        who.email.value.clone()
    };
    // What is wrong with the login is told beside that.
    let name: Option<Label> = match label(&name, "A name") {
        Ok(name) => Some(name),
        Err(wrong) => {
            who.name.error = wrong.error.filter(|_| !who.name.value.is_empty());
            None
        }
    };
    let email = email(&address).map_err(|wrong| who.email.error = wrong.error).ok();
    Some((login?, Profile::of(name?, email?)))
}

pub(super) fn form(call: &Call) -> Result<NewUserForm, Fail> {
    let text = |name| Ok::<_, Fail>(call.form.optional(name)?.unwrap_or_default().trim().to_owned());
    Ok(NewUserForm {
        login: Input::of(text("login")?),
        name: Input::of(text("name")?),
        email: Input::of(text("email")?),
        kind: text("kind")?,
        way: text("way")?,
        like: Input::of(text("like")?),
    })
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    if call.door == Door::StoreApp {
        return store_user_new::submit(call).await;
    }
    let seen = read(&call)?;
    let (mut who, mut assign) = (form(&call)?, grant_form::form(&call.form)?);
    let kind = KINDS.iter().find(|(value, _, _)| *value == who.kind).map(|(_, _, kind)| *kind);
    let kind = kind.ok_or(Fail::Trouble(Trouble::NotUnderstood))?;
    let (sign_in, first) = way(&seen.on, &who.way)?;
    let profile = profile(&mut who);
    let grants = match (who.like.value.is_empty(), grant_form::is_empty(&assign)) {
        (true, true) => Some(Vec::new()),
        (true, false) => {
            let reach = reach(&call, &seen)?;
            let (names, at) = (Names::new(&seen.on, &reach), (call.clock(), seen.now));
            grant_form::specs(&names, at, &mut assign)
        }
        (false, true) => Some(grants_like(&call, &seen, &mut who.like)?).filter(|_| who.like.error.is_none()),
        (false, false) => {
            who.like.error = Some("Either like a colleague, or chosen: empty one of the two.".to_owned());
            None
        }
    };
    let (Some((login, profile)), Some(grants)) = (profile, grants) else {
        let notice = Some(Notice::fields_are_wrong());
        return Ok(page(StatusCode::BAD_REQUEST, &view(&call, &seen.on, (who, assign), notice)));
    };
    match create(&call, NewUser { login, profile, kind, sign_in, grants, first }).await? {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let (status, notice) = refusal(&mut who, Some(&mut assign), error)?;
            Ok(page(status, &view(&call, &seen.on, (who, assign), Some(notice))))
        }
    }
}

/// Makes the user: the answer where that was done, else what the service said.
pub(super) async fn create(
    call: &Arc<Call>,
    new: NewUser,
) -> Result<Result<Response<Body>, ServiceError>, Fail> {
    let (inside, principal, origin) = (call.clone(), call.session()?.who.clone(), call.origin()?);
    let asked = asks_account(call)?;
    // A password that is made is hashed in its turn.
    let made = match slowly(move || inside.service.create_user(&principal, origin, new)).await {
        Ok(made) => made,
        Err(error) => return Ok(Err(error)),
    };
    match &made.shown {
        Some(shown) => shown_once(call, made.id, &made.seen, (shown, asked)).map(Ok),
        None => Ok(Ok(done_at(call, made.id, "new"))),
    }
}

/// What stands above the form that is shown again; where it is about the login or the access that was chosen, that is marked.
///
/// # Errors
/// What no other word in the form would mend.
pub(super) fn refusal(
    who: &mut NewUserForm,
    chosen: Option<&mut AssignForm>,
    error: ServiceError,
) -> Result<(StatusCode, Notice), Fail> {
    let fault = error.fault();
    if !matches!(fault, Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    let notice = match &error {
        ServiceError::Refused(Refusal::Taken { what: "login", .. } | Refusal::OmcNeedsEmail(_)) => {
            who.login.error = Some(sentence(&error));
            Notice::fields_are_wrong()
        }
        _ => {
            // What a colleague has is nobody's choice here.
            let chosen = chosen.filter(|_| who.like.value.is_empty());
            match chosen.is_some_and(|assign| grant_form::mark(assign, &error)) {
                true => Notice::fields_are_wrong(),
                false => Notice::nothing_changed(&sentence(&error)),
            }
        }
    };
    Ok((status(fault), notice))
}
