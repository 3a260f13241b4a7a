//! The stores that somebody works in. Whoever works in the Store App is in one of them: its users and its commands are
//! those of a store.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::office::OfficePage;
use access::at_place::ranked_roles;
use access::commands::Refusal;
use access::delegation::Giver;
use access::reach::Reach;
use access::scope::{IdSet, LocationExtent};
use access::snapshot::{Location, Retailer};
use access::{
    Application, GrantSpec, Instant, LocationId, RetailerId, Scope, Snapshot, Subject, UserId, Validity,
};
use authn::Principal;

/// The open locations that the user has individual access to (listed, not all) by grants that hold now and count in the
/// Store App, in the order of their refs.
pub(crate) fn stores_of(on: &Snapshot, user: UserId, now: Instant) -> Vec<&Location> {
    let places = on.places();
    let is_open = |store: &&Location| store.open && places.retailer(store.retailer).is_some_and(|r| r.open);
    let mut stores: Vec<&Location> = Vec::new();
    for grant in on.grants(user) {
        let role = on.role(grant.spec.role);
        let counts = role.is_some_and(|role| role.counts_in().contains(Application::StoreApp));
        if counts && grant.spec.validity.holds_at(now) {
            let listed = grant.spec.scope.locations.listed().iter();
            stores.extend(listed.filter_map(|id| places.location(*id)).filter(is_open));
        }
    }
    stores.sort_by(|a, b| a.r#ref.as_str().cmp(b.r#ref.as_str()));
    stores.dedup_by_key(|store| store.id);
    stores
}

/// The open sites that grants of the subject meet which hold now and count where it calls from, in the order of their
/// refs: those that it may be in.
pub(crate) fn sites_of<'s>(on: &'s Snapshot, subject: &Subject, now: Instant) -> Vec<&'s Retailer> {
    let reach = Reach::of(on, subject, now);
    let mut open: Vec<_> =
        on.places().retailers().filter(|site| site.open && reach.has_retailer(site.id)).collect();
    open.sort_by(|a, b| a.r#ref.as_str().cmp(b.r#ref.as_str()));
    open
}

impl Service {
    /// The place that a session begins in: where the principal is already; for whoever has one site alone, that site; in
    /// the Store App, for whoever works in one store alone, that store.
    pub(crate) fn first_place(
        &self,
        who: &Principal,
    ) -> Result<(Option<RetailerId>, Option<LocationId>), ServiceError> {
        let place = (who.subject().active_retailer(), who.subject().active_location());
        let (Some(user), (None, None)) = (who.user(), place) else { return Ok(place) };
        let (on, now) = (self.newest(who.account())?, self.inner.clock.now());
        Ok(match who.application() {
            Some(Application::StoreApp) => match stores_of(&on, user, now).as_slice() {
                [only] => (Some(only.retailer), Some(only.id)),
                _ => place,
            },
            Some(Application::Omc) => match sites_of(&on, who.subject(), now).as_slice() {
                [only] => (Some(only.id), None),
                _ => place,
            },
            _ => place,
        })
    }

    /// The grants that the principal may give to a new user of the store that they are in: one of each ranked role of the
    /// Store App, at that store alone, the weakest role first.
    ///
    /// # Errors
    /// A principal who is no longer current, makes no users or is in no store; one who may give none of them, with the
    /// reason.
    pub fn grants_in_store(&self, who: &Principal) -> Result<Vec<GrantSpec>, ServiceError> {
        let seen = self.read_page(who, OfficePage::NewUser)?;
        let (on, now) = (seen.on, seen.now);
        let store = who.subject().active_location().and_then(|id| on.places().location(id));
        let store = store.ok_or_else(|| ServiceError::Invalid("you are in no store: choose one".into()))?;
        let locations = LocationExtent::Only(IdSet::one(store.id));
        let scope = Scope { locations, ..Scope::retailer(store.retailer) };
        let giver = Giver::new(&on, who.actor(), who.application(), now);
        let (mut grants, mut refused) = (Vec::new(), None);
        for role in ranked_roles(&on, Application::StoreApp).into_iter().rev() {
            let validity = Validity::ALWAYS;
            let spec = GrantSpec { role: role.id, scope: scope.clone(), validity };
            match giver.could_give(&spec, "USER_CREATE") {
                Ok(()) => grants.push(spec),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        match refused {
            Some(refusal) if grants.is_empty() => Err(Refusal::from(refusal).into()),
            _ => Ok(grants),
        }
    }
}
