//! A new user of the store that whoever makes them is in: a person, with one of the roles of the Store App there.

use std::sync::Arc;

use access::change::UserKind;
use access::{GrantSpec, Snapshot};
use axum::http::StatusCode;
use service::{NewUser, OfficePage, Seen};

use super::store_choice::choice;
use super::user_new::{INVITATION, create, form, profile, read, refusal, way, ways};
use crate::answer::{Answer, Fail, page, see_other};
use crate::call::Call;
use crate::paths;
use crate::session::blocking;
use crate::views::frame::Notice;
use crate::views::message::Trouble;
use crate::views::store_user_new::StoreUserNew;
use crate::views::user_new::NewUserForm;

/// What the form is made from: the state, and the grants that may be given, of which there is one or more.
struct Offer {
    seen: Seen,
    grants: Vec<GrantSpec>,
}

/// None for whoever is in no store.
fn offer(call: &Call) -> Result<Option<Offer>, Fail> {
    if choice(call, OfficePage::NewUser)?.is_some() {
        return Ok(None);
    }
    let seen = read(call)?;
    let grants = blocking(|| call.service.grants_in_store(&call.session()?.who).map_err(Fail::from))?;
    Ok(Some(Offer { seen, grants }))
}

pub(super) fn show(call: &Call) -> Answer {
    // The list asks for the store.
    let Some(offer) = offer(call)? else { return Ok(see_other(&call.door.to(paths::USERS))) };
    let who = NewUserForm { way: INVITATION.to_owned(), ..NewUserForm::default() };
    Ok(page(StatusCode::OK, &view(call, &offer, (who, String::new()), None)?))
}

fn view(
    call: &Call,
    Offer { seen, grants }: &Offer,
    (who, role): (NewUserForm, String),
    notice: Option<Notice>,
) -> Result<StoreUserNew, Fail> {
    let named = |spec: &GrantSpec| {
        let role = seen.on.role(spec.role)?;
        Some((role.key.to_string(), role.label.to_string()))
    };
    Ok(StoreUserNew {
        frame: call.frame(),
        notice,
        store: call.session()?.store().map(|store| store.name.clone()).unwrap_or_default(),
        who,
        role,
        roles: grants.iter().filter_map(named).collect(),
        ways: ways(&seen.on),
    })
}

/// The grant of the role that was chosen, at the store. Whether that may be given says the service.
fn chosen(on: &Snapshot, grants: &[GrantSpec], role: &str) -> Result<GrantSpec, Fail> {
    let role = on.find_role(role).map(|role| role.id);
    let (Some(role), Some(any)) = (role, grants.first()) else {
        return Err(Fail::Trouble(Trouble::NotUnderstood));
    };
    Ok(GrantSpec { role, ..any.clone() })
}

pub(super) async fn submit(call: Arc<Call>) -> Answer {
    let Some(offer) = offer(&call)? else { return Ok(see_other(&call.door.to(paths::USERS))) };
    let (mut who, role) = (form(&call)?, call.form.one("role")?.to_owned());
    let spec = chosen(&offer.seen.on, &offer.grants, &role)?;
    let (sign_in, first) = way(&offer.seen.on, &who.way)?;
    let Some((login, profile)) = profile(&mut who) else {
        let notice = Some(Notice::fields_are_wrong());
        return Ok(page(StatusCode::BAD_REQUEST, &view(&call, &offer, (who, role), notice)?));
    };
    let new = NewUser { login, profile, kind: UserKind::Person, sign_in, grants: vec![spec], first };
    match create(&call, new).await? {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let (status, notice) = refusal(&mut who, None, error)?;
            Ok(page(status, &view(&call, &offer, (who, role), Some(notice))?))
        }
    }
}
