//! Grants: add, change, take; one or many at once, all or nothing.

use super::{Command, Refusal, spend_keeping_an_administrator};
use crate::change::{Change, Changeset, Grant, GrantSpec};
use crate::delegation::{Giver, Off, added_units, single_retailer};
use crate::proof::{Authorized, Demand, Denial, Guarded, Where};
use crate::scope::{LocationExtent, Scope};
use crate::snapshot::{Role, Snapshot};
use crate::time::Validity;
use crate::words::{Application, GrantId, Number, UserId};
use std::collections::BTreeMap;

/// One edit of a user's grants.
#[derive(Clone, Debug)]
pub enum GrantEdit {
    /// Give this.
    Add(GrantSpec),
    /// Let that grant hold there and then; its role stays.
    Change {
        /// Which.
        id: GrantId,
        /// Where.
        scope: Scope,
        /// When.
        validity: Validity,
    },
    /// Take that grant.
    Remove(GrantId),
}

/// Edits of the grants of any number of users: all or nothing.
#[derive(Clone, Debug)]
pub struct EditGrants {
    /// Whose, and what; in this order.
    pub edits: Vec<(UserId, GrantEdit)>,
}

impl EditGrants {
    /// Most edits of one command.
    pub const EDITS_MAX: usize = 10_000;
    /// Most grants of one user.
    pub const OF_USER_MAX: usize = 1_000;
}

impl Guarded for EditGrants {
    fn demand(&self, _on: &Snapshot) -> Demand {
        Demand::new("USER_UPDATE", Where::Somewhere)
    }
}

impl Command for EditGrants {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let edits = &proof.operation().edits;
        if edits.is_empty() {
            return Err(Refusal::Nothing);
        }
        if edits.len() > Self::EDITS_MAX {
            return Err(Refusal::TooMany { what: "edits in one command", max: Self::EDITS_MAX });
        }
        let mut by_user: BTreeMap<UserId, Vec<&GrantEdit>> = BTreeMap::new();
        for (user, edit) in edits {
            by_user.entry(*user).or_default().push(edit);
        }
        let mut changes = Vec::with_capacity(edits.len());
        let mut next = proof.snapshot().counters().grants + 1;
        for (user, edits) in by_user {
            edit_user(&proof, user, &edits, &mut next, &mut changes)?;
        }
        spend_keeping_an_administrator(proof, changes)
    }
}

fn edit_user(
    proof: &Authorized<'_, EditGrants>,
    user: UserId,
    edits: &[&GrantEdit],
    next: &mut u32,
    changes: &mut Vec<Change>,
) -> Result<(), Refusal> {
    let on = proof.snapshot();
    let known = on.user(user).filter(|_| on.sees_user(proof.subject(), user, proof.now()));
    let known = known.ok_or(Denial::Unseen)?;
    if known.is_removed() {
        return Err(Refusal::Removed);
    }
    if proof.subject().user() == Some(user) && !Off::current().oneself {
        return Err(Refusal::Oneself);
    }
    let mut grants = on.grants(user);
    let before: Vec<GrantSpec> = grants.iter().map(|g| g.spec.clone()).collect();
    let giver = Giver::of(proof);
    // A user without grants is managed from (All, All, All).
    if before.is_empty() {
        giver.could_have_given_all(user, "USER_UPDATE")?;
    }
    for edit in edits {
        match edit {
            GrantEdit::Add(spec) => {
                let others: Vec<GrantSpec> = grants.iter().map(|g| g.spec.clone()).collect();
                judge_added(proof, &others, std::slice::from_ref(spec), "USER_UPDATE")?;
                let id = GrantId::from_number(*next).ok_or(Refusal::Nothing)?;
                *next += 1;
                let grant = Grant { id, user, spec: spec.clone() };
                grants.push(grant.clone());
                changes.push(Change::GrantAdded { grant });
            }
            GrantEdit::Change { id, scope, validity } => {
                let at = position(&giver, &grants, *id)?;
                let old = grants.swap_remove(at);
                let new = GrantSpec { scope: scope.clone(), validity: *validity, ..old.spec.clone() };
                judge_changed(proof, &giver, &old.spec, &new, &grants)?;
                grants.push(Grant { id: *id, user, spec: new });
                changes.push(Change::GrantChanged {
                    id: *id,
                    user,
                    scope: scope.clone(),
                    validity: *validity,
                });
            }
            GrantEdit::Remove(id) => {
                let old = grants.swap_remove(position(&giver, &grants, *id)?);
                store_app_limit(proof, &old.spec)?;
                if let Some(role) = on.role(old.spec.role) {
                    giver.judge(role, &old.spec.scope, old.spec.validity, "USER_UPDATE")?;
                }
                changes.push(Change::GrantRemoved { id: *id, user });
            }
        }
    }
    let after: Vec<GrantSpec> = grants.into_iter().map(|g| g.spec).collect();
    few_enough(&after)?;
    giver.judge_managers(&before, &after)?;
    needs_email(on, &known.login(), &after)
}

/// Where a grant is that the giver sees; of the others they learn nothing.
fn position(giver: &Giver<'_>, grants: &[Grant], id: GrantId) -> Result<usize, Refusal> {
    let found = grants.iter().position(|g| g.id == id && giver.sees(&g.spec.scope));
    found.ok_or_else(|| Refusal::unknown("grant of this user", id))
}

/// Judges grants to be added to a user who has `others` (none for a new user).
pub(super) fn judge_added<Op>(
    proof: &Authorized<'_, Op>,
    others: &[GrantSpec],
    added: &[GrantSpec],
    manage: &'static str,
) -> Result<(), Refusal> {
    let (on, giver) = (proof.snapshot(), Giver::of(proof));
    few_enough(added)?;
    let mut all = others.to_vec();
    for spec in added {
        let role = on.role(spec.role).ok_or_else(|| Refusal::unknown("role", spec.role))?;
        well_formed(on, spec)?;
        places_open(on, &spec.scope)?;
        store_app_limit(proof, spec)?;
        giver.judge(role, &spec.scope, spec.validity, manage)?;
        giver.outranks(role)?;
        one_ranked_role((on, &giver), role, &spec.scope, &all)?;
        if !others.is_empty() && !giver.shares_a_site(others) {
            return Err(Refusal::NoSharedSite);
        }
        all.push(spec.clone());
    }
    giver.judge_managers(others, &all)?;
    Ok(())
}

fn judge_changed(
    proof: &Authorized<'_, EditGrants>,
    giver: &Giver<'_>,
    old: &GrantSpec,
    new: &GrantSpec,
    others: &[Grant],
) -> Result<(), Refusal> {
    let on = proof.snapshot();
    let role = on.role(old.role).ok_or_else(|| Refusal::unknown("role", old.role))?;
    well_formed(on, new)?;
    // What was granted before a place closed may be narrowed or cut short there, not extended.
    let added = added_units((&old.scope, old.validity), (&new.scope, new.validity));
    added.unwrap_or_else(|_| vec![new.scope.clone()]).iter().try_for_each(|unit| places_open(on, unit))?;
    store_app_limit(proof, old)?;
    store_app_limit(proof, new)?;
    active_site(proof, &old.scope, &new.scope)?;
    giver.judge_change(role, (&old.scope, old.validity), (&new.scope, new.validity))?;
    giver.outranks(role)?;
    let mut specs: Vec<GrantSpec> = others.iter().map(|g| g.spec.clone()).collect();
    one_ranked_role((on, giver), role, &new.scope, &specs)?;
    specs.push(old.clone());
    if !giver.shares_a_site(&specs) {
        return Err(Refusal::NoSharedSite);
    }
    Ok(())
}

/// Every question about a user walks through their grants: they stay few.
fn few_enough(grants: &[GrantSpec]) -> Result<(), Refusal> {
    match grants.len() > EditGrants::OF_USER_MAX {
        true => Err(Refusal::TooMany { what: "grants of one user", max: EditGrants::OF_USER_MAX }),
        false => Ok(()),
    }
}

/// A scope whose listed places exist and belong together, and a validity that has an instant.
fn well_formed(on: &Snapshot, spec: &GrantSpec) -> Result<(), Refusal> {
    if !spec.validity.is_possible() {
        return Err(Refusal::EmptyValidity);
    }
    let (places, scope) = (on.places(), &spec.scope);
    let retailers = scope.retailers.listed();
    for id in retailers {
        places.retailer(*id).ok_or_else(|| Refusal::unknown("retailer", id))?;
    }
    let outside = |owner| !retailers.is_empty() && !retailers.contains(&owner);
    let mut owners = Vec::new();
    for id in scope.locations.listed() {
        let found = places.location(*id).ok_or_else(|| Refusal::unknown("location", id))?;
        if outside(found.retailer) {
            return Err(Refusal::OutsideScope { what: "location", given: found.r#ref.to_string() });
        }
        owners.push(found.retailer);
    }
    every_retailer_listed(on, retailers, &owners, "locations")?;
    owners.clear();
    for id in scope.channels.listed() {
        let found = places.channel(*id).ok_or_else(|| Refusal::unknown("channel", id))?;
        if outside(found.retailer) {
            return Err(Refusal::OutsideScope { what: "channel", given: found.r#ref.to_string() });
        }
        owners.push(found.retailer);
    }
    every_retailer_listed(on, retailers, &owners, "channels")
}

/// Beside listed places, a listed retailer has one of them: else it would admit its reference data alone,
/// which nobody who lists it means.
fn every_retailer_listed(
    on: &Snapshot,
    retailers: &[crate::words::RetailerId],
    owners: &[crate::words::RetailerId],
    what: &'static str,
) -> Result<(), Refusal> {
    if owners.is_empty() {
        return Ok(());
    }
    match retailers.iter().find(|r| !owners.contains(r)) {
        None => Ok(()),
        Some(r) => {
            let name = on.places().retailer(*r).map_or_else(|| r.to_string(), |r| r.r#ref.to_string());
            Err(Refusal::NothingListed(name, what))
        }
    }
}

/// Nothing new is granted at a place that is closed, or whose retailer is.
fn places_open(on: &Snapshot, scope: &Scope) -> Result<(), Refusal> {
    let places = on.places();
    let open = |what: &'static str, given: &crate::words::Ref, open: bool| match open {
        true => Ok(()),
        false => Err(Refusal::Closed { what, given: given.to_string() }),
    };
    let retailer = |id| places.retailer(id).map_or(Ok(()), |r| open("the retailer", &r.r#ref, r.open));
    scope.retailers.listed().iter().try_for_each(|id| retailer(*id))?;
    for location in scope.locations.listed().iter().filter_map(|id| places.location(*id)) {
        open("the location", &location.r#ref, location.open)?;
        retailer(location.retailer)?;
    }
    for channel in scope.channels.listed().iter().filter_map(|id| places.channel(*id)) {
        open("the channel", &channel.r#ref, channel.open)?;
        retailer(channel.retailer)?;
    }
    Ok(())
}

/// At most one ranked role per user, application and retailer. Of one that the giver does not see they learn that it is
/// there.
fn one_ranked_role(
    (on, giver): (&Snapshot, &Giver<'_>),
    role: &Role,
    scope: &Scope,
    others: &[GrantSpec],
) -> Result<(), Refusal> {
    let (Some(application), Some(_)) = (role.application, role.rank) else { return Ok(()) };
    for other in others {
        let Some(held) = on.role(other.role) else { continue };
        let ranked = held.application == Some(application) && held.rank.is_some();
        if ranked && other.scope.shares_a_retailer(scope) {
            return Err(match giver.sees(&other.scope) {
                true => Refusal::SecondRankedRole { other: held.key.to_string(), application },
                false => Refusal::SecondRankedRoleElsewhere { application },
            });
        }
    }
    Ok(())
}

/// OneStock: channels and locations are changed only while the active site is that grant's retailer.
fn active_site<Op>(proof: &Authorized<'_, Op>, old: &Scope, new: &Scope) -> Result<(), Refusal> {
    let same = old.channels == new.channels && old.locations == new.locations;
    if same || proof.subject().user().is_none() {
        return Ok(());
    }
    match (single_retailer(old), proof.subject().active_retailer()) {
        (Some(site), Some(active)) if site == active => Ok(()),
        (None, _) => Ok(()),
        _ => Err(Refusal::OtherActiveSite),
    }
}

/// OneStock: from the Store App, only its roles, only at the store that the actor is in.
fn store_app_limit<Op>(proof: &Authorized<'_, Op>, spec: &GrantSpec) -> Result<(), Refusal> {
    let subject = proof.subject();
    if subject.application() != Some(Application::StoreApp) {
        return Ok(());
    }
    let role = proof.snapshot().role(spec.role);
    let its_role = role.is_some_and(|r| r.application == Some(Application::StoreApp));
    let there = match (&spec.scope.locations, subject.active_location()) {
        (LocationExtent::Only(set) | LocationExtent::Narrow(set), Some(store)) => set.members() == [store],
        _ => false,
    };
    if its_role && there { Ok(()) } else { Err(Refusal::NotOfTheStore) }
}

/// OneStock: nobody comes to enter the OMC whose login is no e-mail.
pub(super) fn needs_email(on: &Snapshot, login: &str, grants: &[GrantSpec]) -> Result<(), Refusal> {
    let opens =
        |spec: &GrantSpec| on.roles.slot(spec.role).is_some_and(|r| on.roles.opens(r, Application::Omc));
    if grants.iter().any(opens) && !crate::words::is_email(login) {
        return Err(Refusal::OmcNeedsEmail(login.to_owned()));
    }
    Ok(())
}
