//! The form of an application at a place: what may be chosen, and what was.

use std::collections::BTreeSet;

use access::at_place::{At, Standing, ranked_roles};
use access::commands::{EditGrants, GrantEdit, Refusal};
use access::named::Names;
use access::scope::{Extent, IdSet, LocationExtent};
use access::{Application, GrantSpec, RetailerId, RoleId, Scope, Snapshot};

use super::scene::{Fields, Scene};
use crate::answer::{Fail, sentence};
use crate::form::Form;
use crate::handlers::grant_form;
use crate::handlers::me::title;
use crate::handlers::user::validity;
use crate::session::blocking;
use crate::views::frame::Input;
use crate::views::message::Trouble;
use crate::views::user_access::{ApplicationAccess, PlacesField, RoleChoice};

/// Most scopes that are tried for each role: all of the place, and those of whoever asks.
const SCOPES_MAX: usize = 20;

/// The form of one application.
pub(super) fn application(
    scene: &Scene<'_>,
    fields: &'static Fields,
    sent: &Form,
    elsewhere: bool,
) -> Result<ApplicationAccess, Fail> {
    let (on, standing) = (scene.on(), scene.standing(fields.application));
    let roles = choices(scene, fields, &standing, sent)?;
    let wider = match &standing {
        Standing::Wider(grant) => Some(format!(
            "Held by {}, for {}: it is changed there as a whole.",
            grant.id,
            on.scope_named(&grant.spec.scope)
        )),
        _ => None,
    };
    let given = roles.iter().any(|role| !role.chosen && role.why_not.is_none());
    let nothing = || roles.iter().find_map(|role| role.why_not.clone());
    let (now, spec) = match &standing {
        Standing::Own(grant) | Standing::Wider(grant) => (Some(said(on, &grant.spec)), Some(&grant.spec)),
        Standing::Nothing => (None, None),
    };
    let places = places(scene, fields, sent, elsewhere && matches!(standing, Standing::Own(_)))?;
    let may_move = matches!(standing, Standing::Own(_)) && places.is_some();
    let locked = wider.or_else(|| if given || may_move { None } else { nothing() });
    Ok(ApplicationAccess {
        word: fields.application.name(),
        application: title(fields.application),
        locked,
        now,
        roles,
        role_error: None,
        places,
        validity: spec.and_then(|spec| validity(spec.validity, scene.call.clock())).map(
            |when| match standing.is_over(scene.named.now) {
                true => format!("{when}: that is over. Another choice holds at once, without end."),
                false => format!("{when}, which stays."),
            },
        ),
    })
}

fn said(on: &Snapshot, spec: &GrantSpec) -> String {
    let role = role_label(on, spec.role).unwrap_or_else(|| "?".to_owned());
    format!("{role}: {}", on.scope_named(&spec.scope))
}

pub(super) fn role_label(on: &Snapshot, role: RoleId) -> Option<String> {
    on.role(role).map(|role| role.label.to_string())
}

/// The roles of the application, each with why it cannot be given.
fn choices(
    scene: &Scene<'_>,
    fields: &'static Fields,
    standing: &Standing,
    sent: &Form,
) -> Result<Vec<RoleChoice>, Fail> {
    let on = scene.on();
    let own = match standing {
        Standing::Own(grant) => Some(grant.spec.role),
        _ => None,
    };
    let chosen = match sent.optional(fields.role)? {
        Some(key) => key.to_owned(),
        None => own.and_then(|id| on.role(id)).map_or_else(String::new, |role| role.key.to_string()),
    };
    let roles = ranked_roles(on, fields.application);
    let wishes = std::iter::once(None).chain(roles.iter().map(|role| Some(role.id)));
    let why_not = why_not(scene, fields.application, standing, &wishes.collect::<Vec<_>>())?;
    let none = (String::new(), "No access".to_owned());
    let each = roles.iter().map(|role| (role.key.to_string(), role.label.to_string()));
    let choice = |((key, title), why_not): ((String, String), Option<String>)| RoleChoice {
        chosen: key == chosen,
        key,
        title,
        why_not,
    };
    Ok(std::iter::once(none).chain(each).zip(why_not).map(choice).collect())
}

/// For each role, or none, why whoever asks cannot bring it about at this place; they may where they may somewhere in it.
fn why_not(
    scene: &Scene<'_>,
    application: Application,
    standing: &Standing,
    wishes: &[Option<RoleId>],
) -> Result<Vec<Option<String>>, Fail> {
    let who = &scene.call.session()?.who;
    let first = scene.first_scope(application);
    let own = who.user().map(|id| scene.on().grants(id)).unwrap_or_default();
    let within: BTreeSet<Scope> = own
        .iter()
        .filter_map(|grant| within(scene.on(), &grant.spec.scope, scene.at))
        .filter(|scope| *scope != first)
        .collect();
    let scopes: Vec<Scope> = std::iter::once(first).chain(within).take(SCOPES_MAX).collect();
    let now = scene.named.now;
    let edits = |wish: &Option<RoleId>| -> Vec<Vec<GrantEdit>> {
        scopes.iter().map(|scope| standing.edits(wish.map(|role| (role, scope.clone())), now)).collect()
    };
    let tried: Vec<Vec<Vec<GrantEdit>>> = wishes.iter().map(edits).collect();
    // All of it is asked at once; what needs no edit is so already.
    let asked = tried.iter().flatten().filter(|edits| !edits.is_empty());
    let asked: Vec<EditGrants> = asked.cloned().map(|edits| scene.edit(edits)).collect();
    let told = match asked.is_empty() {
        true => Vec::new(),
        false => blocking(|| scene.call.service.refusals(who, asked))?,
    };
    let mut told = told.into_iter();
    let mut reason = |tried: &Vec<Vec<GrantEdit>>| {
        let each = tried.iter().map(|edits| if edits.is_empty() { None } else { told.next().flatten() });
        let each: Vec<Option<Refusal>> = each.collect();
        let refused = each.iter().all(Option::is_some);
        each.first().and_then(Option::as_ref).filter(|_| refused).map(sentence)
    };
    Ok(tried.iter().map(&mut reason).collect())
}

/// The part of a scope that lies in a place; none where they have nothing in common.
fn within(on: &Snapshot, scope: &Scope, at: At) -> Option<Scope> {
    let whole = at.whole();
    if !whole.shares_a_retailer(scope) || at == At::Account {
        return None;
    }
    let there = |retailer: Option<RetailerId>| retailer.is_some_and(|id| whole.retailers.contains(id));
    let locations = scope.locations.listed().iter().copied();
    let locations = locations.filter(|id| there(on.places().location(*id).map(|found| found.retailer)));
    let channels = scope.channels.listed().iter().copied();
    let channels = channels.filter(|id| there(on.places().channel(*id).map(|found| found.retailer)));
    Some(Scope {
        locations: match (&whole.locations, &scope.locations) {
            (LocationExtent::All, LocationExtent::All) => LocationExtent::All,
            (LocationExtent::All, LocationExtent::Narrow(_)) => {
                LocationExtent::Narrow(IdSet::new(locations).ok()?)
            }
            (LocationExtent::All, LocationExtent::Only(_)) => {
                LocationExtent::Only(IdSet::new(locations).ok()?)
            }
            (listed, _) => listed.clone(),
        },
        channels: match &scope.channels {
            Extent::All => Extent::All,
            Extent::Set(_) => Extent::Set(IdSet::new(channels).ok()?),
        },
        retailers: whole.retailers,
    })
}

/// Where in the place the role of an application holds: stock locations for the Store App, sales channels for others.
fn places(
    scene: &Scene<'_>,
    fields: &'static Fields,
    sent: &Form,
    fixed: bool,
) -> Result<Option<PlacesField>, Fail> {
    let At::Retailer(site) = scene.at else { return Ok(None) };
    let (on, scope, names) = (scene.on(), scene.first_scope(fields.application), scene.named.names());
    let locations = scope.locations.listed().iter().filter_map(|id| on.places().location(*id));
    let channels = scope.channels.listed().iter().filter_map(|id| on.places().channel(*id));
    let locations: Vec<String> = locations.map(Names::of_location).collect();
    let channels: Vec<String> = channels.map(|channel| names.of_channel(channel, &[site])).collect();
    let is_store = fields.application == Application::StoreApp;
    let (what, suggested, listed, other) = match is_store {
        true => ("stock locations", "location", locations, channels),
        false => ("sales channels", "channel", channels, locations),
    };
    let besides = (!other.is_empty()).then(|| format!("Also limited to {}, which stays.", other.join(", ")));
    let listed = listed.join(", ");
    let (only, typed) = match sent.optional(fields.all_or_only)? {
        Some(word) => (word == "only", sent.optional(fields.places)?.unwrap_or_default().trim().to_owned()),
        None => (!listed.is_empty(), listed),
    };
    Ok(Some(PlacesField { what, suggested, only, listed: Input::of(typed), besides, fixed }))
}

/// What the form wishes for an application; none where a field is wrong, which is written beside it.
pub(super) fn wished(
    scene: &Scene<'_>,
    fields: &'static Fields,
    sent: &Form,
    shown: &mut ApplicationAccess,
) -> Result<Option<Vec<GrantEdit>>, Fail> {
    let (standing, now) = (scene.standing(fields.application), scene.named.now);
    let Some(key) = sent.optional(fields.role)?.filter(|_| shown.locked.is_none()) else {
        return Ok(Some(vec![]));
    };
    if key.is_empty() {
        return Ok(Some(standing.edits(None, now)));
    }
    let Some(role) = ranked_roles(scene.on(), fields.application).into_iter().find(|r| r.key.as_str() == key)
    else {
        shown.role_error = Some("Choose one of the roles of the list.".to_owned());
        return Ok(None);
    };
    let mut scope = scene.first_scope(fields.application);
    let only = match sent.optional(fields.all_or_only)? {
        None if sent.optional(fields.places)?.is_none_or(str::is_empty) => None,
        Some("all") => Some(false),
        Some("only") => Some(true),
        _ => return Err(Fail::Trouble(Trouble::NotUnderstood)),
    };
    if let (Some(field), Some(only)) = (&mut shown.places, only) {
        let Some(chosen) = chosen(scene, field, only, &scope) else { return Ok(None) };
        // The form was shown while the active site was another one: nothing of it is left out silently.
        if field.fixed && chosen != scope {
            let why = format!("The {} were not changed: that is done from their own site alone.", field.what);
            shown.role_error = Some(why);
            return Ok(None);
        }
        scope = chosen;
    }
    Ok(Some(standing.edits(Some((role.id, scope)), now)))
}

/// The scope with the places that the field lists, or with all of them.
fn chosen(scene: &Scene<'_>, field: &mut PlacesField, only: bool, old: &Scope) -> Option<Scope> {
    let At::Retailer(site) = scene.at else { return None };
    let listed = !field.listed.value.is_empty();
    if only != listed {
        let what = field.what;
        field.listed.error = Some(match only {
            true => format!("Name at least one, or choose all {what}."),
            false => format!(
                "You chose all {what}, and named some: clear the names, or choose \u{201c}Only these\u{201d}."
            ),
        });
        return None;
    }
    let names = scene.named.names().beside(old);
    Some(match field.suggested {
        "location" => {
            let found = grant_form::listed(&mut field.listed, |all| names.locations(&[site], all))?;
            let locations = match (IdSet::new(found), &old.locations) {
                (Err(_), _) => LocationExtent::All,
                (Ok(set), LocationExtent::Narrow(_)) => LocationExtent::Narrow(set),
                (Ok(set), _) => LocationExtent::Only(set),
            };
            Scope { locations, ..old.clone() }
        }
        _ => {
            let found = grant_form::listed(&mut field.listed, |all| names.channels(&[site], all))?;
            Scope { channels: IdSet::new(found).map_or(Extent::All, Extent::Set), ..old.clone() }
        }
    })
}
