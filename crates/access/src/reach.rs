//! The places that somebody's grants have to do with: what they may be told of when they look for a place by its name.

use crate::proof::{Actor, Subject};
use crate::scope::Scope;
use crate::snapshot::{Channel, Location, Places, Snapshot};
use crate::time::Instant;
use crate::words::{ChannelId, LocationId, RetailerId};
use std::collections::BTreeSet;

/// The places that meet a grant which holds now and counts in the application that is called from.
///
/// A retailer is met as ({r}, All, All), a location as ({its retailer}, {l}, All), a channel as ({its retailer}, All,
/// {c}). It is made once and asked of every place of an account: each answer costs no more with many grants.
///
/// **Invariant:** it says what [`Scope::meets`] says of one of the grants; a test holds the two together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    everything: bool,
    retailers: BTreeSet<RetailerId>,
    every_retailer: bool,
    locations: Reached<LocationId>,
    channels: Reached<ChannelId>,
}

/// One kind of place that belongs to a retailer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reached<T> {
    every: bool,
    of_retailers: BTreeSet<RetailerId>,
    listed: BTreeSet<T>,
}

impl<T> Default for Reached<T> {
    fn default() -> Self {
        Self { every: false, of_retailers: BTreeSet::new(), listed: BTreeSet::new() }
    }
}

impl<T: Copy + Ord> Reached<T> {
    /// Adds what a scope lists of this kind; `parent` is whose each is.
    fn add(&mut self, scope: &Scope, listed: Option<&[T]>, parent: impl Fn(T) -> Option<RetailerId>) {
        let Some(listed) = listed else {
            match scope.retailers.listed() {
                [] => self.every = true,
                some => self.of_retailers.extend(some),
            }
            return;
        };
        let within = |id: &T| parent(*id).is_some_and(|retailer| scope.retailers.contains(retailer));
        self.listed.extend(listed.iter().copied().filter(within));
    }

    fn has(&self, id: T, retailer: RetailerId) -> bool {
        self.every || self.of_retailers.contains(&retailer) || self.listed.contains(&id)
    }
}

impl Reach {
    /// The reach of a subject: everything for the operator, nothing for whoever is of another account, not active or
    /// not let in to the application.
    #[must_use]
    pub fn of(on: &Snapshot, subject: &Subject, now: Instant) -> Self {
        let mut reach = Self::default();
        if subject.account() != on.account().id {
            return reach;
        }
        let application = subject.application();
        match subject.actor() {
            Actor::Operator => reach.everything = true,
            Actor::User(id) => {
                let user = on.user(id).filter(|u| u.is_active() && on.may_enter(*u, application, now));
                let grants = user.into_iter().flat_map(|u| on.counting(u, application, now));
                grants.for_each(|grant| reach.add(&grant.scope(), on.places()));
            }
        }
        reach
    }

    fn add(&mut self, scope: &Scope, places: &Places) {
        match scope.retailers.listed() {
            [] => self.every_retailer = true,
            some => self.retailers.extend(some),
        }
        // An extent that lists nothing is All: a set is never empty.
        let listed = Some(scope.locations.listed()).filter(|all| !all.is_empty());
        self.locations.add(scope, listed, |id| places.location(id).map(|l| l.retailer));
        let listed = Some(scope.channels.listed()).filter(|all| !all.is_empty());
        self.channels.add(scope, listed, |id| places.channel(id).map(|c| c.retailer));
    }

    /// Whether a grant meets that retailer.
    #[must_use]
    pub fn has_retailer(&self, id: RetailerId) -> bool {
        self.everything || self.every_retailer || self.retailers.contains(&id)
    }

    /// Whether a grant meets that location.
    #[must_use]
    pub fn has_location(&self, location: &Location) -> bool {
        self.everything || self.locations.has(location.id, location.retailer)
    }

    /// Whether a grant meets that channel.
    #[must_use]
    pub fn has_channel(&self, channel: &Channel) -> bool {
        self.everything || self.channels.has(channel.id, channel.retailer)
    }
}
