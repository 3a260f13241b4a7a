//! My information, put together from what the service tells of oneself.

use std::sync::Arc;

use access::change::SignIn;
use access::{Application, Grant, Instant, Snapshot};
use axum::http::StatusCode;
use service::OwnView;

use super::agents;
use super::effective;
use super::places;
use super::profile::shown;
use super::user::validity;
use crate::answer::{Answer, Fail, page};
use crate::call::Call;
use crate::clock::Clock;
use crate::session::{Session, blocking};
use crate::views::frame::{Input, Listed, Moment};
use crate::views::me::{
    AccessRow, ActivePlace, Everywhere, MyInformation, NewToken, Place, SessionRow, SignsInBy, TokenForm,
    TokenRow, TokensOff,
};
use crate::views::message::Trouble;

/// Most sessions that are shown, those used last first.
const SESSIONS_MAX: usize = 50;
/// Most lines of access that are shown.
const ACCESS_MAX: usize = 100;
/// The word of a long-duration token among kinds of tokens.
pub(crate) const LONG: &str = "long_duration";

/// What was just done, by the word that a redirect carries.
const DONE: &[(&str, &str)] = &[
    ("profile", "Your profile is saved."),
    ("place", "The active place is changed."),
    ("password", "Your password is changed. Everywhere else you have to sign in again."),
    ("session", "The session has ended."),
    ("token", "The token is revoked."),
];

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let notice = call.done(DONE)?;
    let view = MyInformation { notice, ..view(&call)? };
    Ok(page(StatusCode::OK, &view))
}

/// What the service tells of whoever is signed in.
pub(crate) fn own(call: &Call) -> Result<OwnView, Fail> {
    let who = &call.session()?.who;
    Ok(blocking(|| call.service.own(who))?)
}

/// The page as things are now.
pub(crate) fn view(call: &Call) -> Result<MyInformation, Fail> {
    let (session, own) = (call.session()?, own(call)?);
    let profile = own.on.whole_profile(own.user).ok_or(Fail::Trouble(Trouble::NotFound))?;
    let sessions = sessions(session, &own);
    let tokens = tokens(&own, call.clock());
    Ok(MyInformation {
        frame: call.frame(),
        notice: None,
        profile: shown(session.person.login.clone(), &profile),
        signs_in_by: signs_in_by(session, &own),
        place: active_place(session, &own.on),
        access: access(&own, call.clock()),
        effective: effective::table(&own.on, session.who.subject(), own.user, own.now),
        everywhere: everywhere(&own),
        new_token: new_token(&own, tokens.len()),
        sessions,
        tokens,
    })
}

/// What "sign out everywhere" ends.
pub(crate) fn everywhere(own: &OwnView) -> Everywhere {
    let tokens = own.tokens.iter().filter(|row| row.kind.word() == LONG).count();
    Everywhere { sessions: own.tokens.len() - tokens, tokens }
}

fn signs_in_by(session: &Session, own: &OwnView) -> SignsInBy {
    match (own.on.user(own.user).map(|user| user.sign_in()), &session.provider) {
        (Some(SignIn::Sso(_)), Some(provider)) => SignsInBy::Provider { name: provider.name.clone() },
        _ => SignsInBy::Password {
            changed: own.password_set_at.map(|Instant(at)| Moment::of(at, &session.clock)),
        },
    }
}

fn active_place(session: &Session, on: &Snapshot) -> ActivePlace {
    let (subject, places) = (session.who.subject(), on.places());
    let place = |reference: &dyn ToString, name: &dyn ToString| Place {
        reference: reference.to_string(),
        name: name.to_string(),
    };
    let site = subject.active_retailer().and_then(|id| places.retailer(id));
    let store = subject.active_location().and_then(|id| places.location(id));
    let (site, store) = (site.map(|r| place(&r.r#ref, &r.name)), store.map(|l| place(&l.r#ref, &l.name)));
    let input = |place: &Option<Place>| Input::of(place.as_ref().map_or("", |place| &place.reference));
    ActivePlace { site_input: input(&site), store_input: input(&store), site, store }
}

fn access(own: &OwnView, clock: &Clock) -> Listed<AccessRow> {
    let grants = own.on.grants(own.user);
    let row = |grant: &Grant| {
        let role = own.on.role(grant.spec.role);
        AccessRow {
            id: grant.id.to_string(),
            role: role.map_or_else(|| "?".to_owned(), |role| role.label.to_string()),
            application: role
                .and_then(|role| role.application)
                .map_or_else(|| "All applications".to_owned(), |application| title(application).to_owned()),
            place: sites(&own.on, grant),
            validity: validity(grant.spec.validity, clock),
        }
    };
    Listed { total: grants.len(), rows: grants.iter().take(ACCESS_MAX).map(row).collect() }
}

/// The sites of a grant, and the stores and sales channels where it lists them.
fn sites(on: &Snapshot, grant: &Grant) -> String {
    let scope = &grant.spec.scope;
    let channels = places::channels(on, scope);
    let channels = channels.map_or_else(String::new, |channels| format!(", only {channels}"));
    let at = match (places::sites(on, scope), places::locations(on, scope)) {
        (None, None) => "All sites".to_owned(),
        (None, Some(stores)) => format!("All sites: {stores}"),
        (Some(sites), None) => sites,
        (Some(sites), Some(stores)) => format!("{sites}: {stores}"),
    };
    format!("{at}{channels}")
}

/// What people call an application.
pub(crate) fn title(application: Application) -> &'static str {
    match application {
        Application::Omc => crate::Door::Omc.title(),
        Application::StoreApp => crate::Door::StoreApp.title(),
        Application::Api => "API",
    }
}

/// Everything that is signed in, programs included, but for long-duration tokens; this one first.
fn sessions(session: &Session, own: &OwnView) -> Listed<SessionRow> {
    let mut rows: Vec<_> = own.tokens.iter().filter(|row| row.kind.word() != LONG).collect();
    let this = session.who.token();
    rows.sort_by_key(|row| (Some(row.id) != this, std::cmp::Reverse(row.seen_at.unwrap_or(row.made_at))));
    let total = rows.len();
    let shown = rows.into_iter().take(SESSIONS_MAX).map(|row| SessionRow {
        id: row.id.to_string(),
        application: title(row.application).to_owned(),
        address: row.address.clone(),
        browser: agents::browser(&row.agent),
        agent: row.agent.clone(),
        made: Moment::of(row.made_at.0, &session.clock),
        seen: Moment::of(row.seen_at.unwrap_or(row.made_at).0, &session.clock),
        this: Some(row.id) == this,
    });
    Listed { rows: shown.collect(), total }
}

/// One's long-duration tokens, the newest first.
pub(crate) fn tokens(own: &OwnView, clock: &Clock) -> Vec<TokenRow> {
    let mut rows: Vec<_> = own.tokens.iter().filter(|row| row.kind.word() == LONG).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.made_at));
    let token = |row: &&_| token_row(row, clock);
    rows.iter().map(token).collect()
}

fn token_row(row: &service::TokenRow, clock: &Clock) -> TokenRow {
    TokenRow {
        id: row.id.to_string(),
        label: row.label.clone(),
        made: Moment::of(row.made_at.0, clock),
        expires: (row.expires_at.0 != i64::MAX).then(|| Moment::of(row.expires_at.0, clock)),
        used: row.seen_at.map(|at| Moment::of(at.0, clock)),
    }
}

fn new_token(own: &OwnView, have: usize) -> NewToken {
    match own.enters {
        (true, true) if have < service::Service::LONG_TOKENS_MAX => NewToken::Form(TokenForm::default()),
        (true, true) => NewToken::Off(TokensOff::Full { max: service::Service::LONG_TOKENS_MAX }),
        (omc, api) => NewToken::Off(TokensOff::NeedsAccess { omc, api }),
    }
}
