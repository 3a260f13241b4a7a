//! What somebody has place by place, as the page of a user shows it.

use access::at_place::{At, Standing, retailers_of};
use access::snapshot::Role;
use access::{Application, Grant, GrantId, Scope, Snapshot};

use super::scene::{Fields, fields_at, place_text};
use crate::Door;
use crate::answer::Fail;
use crate::call::Call;
use crate::clock::Clock;
use crate::handlers::me::title;
use crate::handlers::places;
use crate::handlers::user::validity;
use crate::views::user_access::{Held, PlaceRow};

/// The place that a door shows: in the Store App the store that whoever asks is in.
///
/// # Errors
/// Nobody is signed in.
pub(crate) fn place_of_door(call: &Call) -> Result<Option<At>, Fail> {
    let subject = call.session()?.who.subject();
    let store = subject.active_retailer().zip(subject.active_location());
    let in_store = store.filter(|_| call.door == Door::StoreApp);
    Ok(in_store.map(|(site, store)| At::Location(site, store)))
}

/// The titles of the columns.
pub(crate) fn columns(at: Option<At>) -> Vec<&'static str> {
    fields_at(at).map(|fields| title(fields.application)).collect()
}

/// What somebody has place by place, of these grants, or at that place alone; and the others. A user has at most 1,000
/// grants, so every site has its row.
pub(crate) fn rows(
    (on, clock): (&Snapshot, &Clock),
    grants: &[Grant],
    at: Option<At>,
) -> (Vec<PlaceRow>, Vec<Grant>) {
    let row = |at: At| {
        let standing = |fields: &'static Fields| Standing::of(on, grants, at, fields.application);
        let standings: Vec<Standing> = fields_at(Some(at)).map(standing).collect();
        let ids: Vec<GrantId> = standings.iter().filter_map(own).collect();
        let (place, reference) = place_text(on, at);
        let held = standings.iter().map(|standing| held((on, clock), standing, at)).collect();
        (PlaceRow { place, reference, held }, ids)
    };
    let all = std::iter::once(At::Account).chain(retailers_of(on, grants).into_iter().map(At::Retailer));
    let (rows, shown): (Vec<PlaceRow>, Vec<Vec<GrantId>>) = match at {
        Some(at) => std::iter::once(row(at)).unzip(),
        None => all.map(row).filter(|(_, ids)| !ids.is_empty()).unzip(),
    };
    let others = grants.iter().filter(|grant| !shown.iter().flatten().any(|id| *id == grant.id));
    (rows, others.cloned().collect())
}

/// The grant of a standing of this place alone.
fn own(standing: &Standing) -> Option<GrantId> {
    match standing {
        Standing::Own(grant) => Some(grant.id),
        _ => None,
    }
}

fn held((on, clock): (&Snapshot, &Clock), standing: &Standing, at: At) -> Option<Held> {
    let (grant, wider) = match standing {
        Standing::Nothing => return None,
        Standing::Own(grant) => (grant, false),
        Standing::Wider(grant) => (grant, true),
    };
    let role = on.role(grant.spec.role);
    let limits = match (wider, at) {
        // It is told where it stands that it holds here, too.
        (true, _) => Some(format!("By access to {}", on.scope_named(&grant.spec.scope))),
        (false, At::Retailer(_)) => Some(limits(on, role, &grant.spec.scope)),
        (false, _) => None,
    };
    Some(Held {
        grant: grant.id.to_string(),
        wider,
        role: role.map_or_else(|| "?".to_owned(), |role| role.label.to_string()),
        role_key: role.map_or_else(String::new, |role| role.key.to_string()),
        limits,
        validity: validity(grant.spec.validity, clock),
    })
}

/// Where in its site a role holds, in words.
fn limits(on: &Snapshot, role: Option<&Role>, scope: &Scope) -> String {
    let (locations, channels) = (places::locations(on, scope), places::channels(on, scope));
    let is_store = role.is_some_and(|role| role.application == Some(Application::StoreApp));
    let all = if is_store { "All stock locations" } else { "All sales channels" };
    match (locations, channels) {
        (None, None) => all.to_owned(),
        (Some(some), None) | (None, Some(some)) => format!("Only {some}"),
        (Some(locations), Some(channels)) => format!("Only {locations}; only {channels}"),
    }
}
