//! `filter`: everything a user may do that with, as a predicate.
//!
//! One clause for each grant that counts; a thing is admitted when one clause admits it. Turned into SQL
//! by `commerce`, into nothing else: the predicate selects exactly what `decide` allows.

use crate::catalogue::{Entity, EntityType, PermissionId};
use crate::resource::Place;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::Snapshot;
use crate::time::Instant;
use crate::words::{AccountId, Application, ChannelId, LocationId, Number, RetailerId, Revision, UserId};
use std::marker::PhantomData;

/// A condition on one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<T> {
    /// Anything, nothing included.
    Any,
    /// One of these.
    OneOf(Vec<T>),
    /// One of these, or nothing: shared reference data that is viewed.
    OneOfOrNone(Vec<T>),
}

impl<T: PartialEq + Copy> Condition<T> {
    fn admits(&self, value: Option<T>) -> bool {
        match (self, value) {
            (Condition::Any, _) => true,
            (Condition::OneOf(list) | Condition::OneOfOrNone(list), Some(v)) => list.contains(&v),
            (Condition::OneOf(_), None) => false,
            (Condition::OneOfOrNone(_), None) => true,
        }
    }
}

/// A row is admitted by a clause when all three conditions hold. A condition on a column that the entity
/// does not carry is always [`Condition::Any`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// On the retailer.
    pub retailer: Condition<RetailerId>,
    /// On the location.
    pub location: Condition<LocationId>,
    /// On the sales channel.
    pub channel: Condition<ChannelId>,
}

impl Clause {
    fn is_everything(&self) -> bool {
        matches!(self, Clause { retailer: Condition::Any, location: Condition::Any, channel: Condition::Any })
    }
}

/// The things of entity `E` that a user may act on. Only [`Snapshot::filter`] makes one.
#[derive(Clone, Debug)]
pub struct Filter<E> {
    account: AccountId,
    revision: Revision,
    valid_until: Option<Instant>,
    clauses: Vec<Clause>,
    entity: PhantomData<fn() -> E>,
}

impl<E> Filter<E> {
    /// The account whose rows it is for.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The state it was made on.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The next instant at which it may change by itself.
    #[must_use]
    pub fn valid_until(&self) -> Option<Instant> {
        self.valid_until
    }

    /// The clauses; none admits nothing.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// Whether every row of the account is admitted.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.clauses.iter().any(Clause::is_everything)
    }

    /// Whether a thing at that place is admitted.
    #[must_use]
    pub fn admits(&self, place: &Place) -> bool {
        self.clauses.iter().any(|c| {
            c.retailer.admits(place.retailer)
                && c.location.admits(place.location)
                && c.channel.admits(place.channel)
        })
    }
}

impl Snapshot {
    /// The things of `E` on which the user has the permission; nothing for a user who may not enter.
    pub(crate) fn filter_for<E: EntityType>(
        &self,
        user: UserId,
        permission: PermissionId,
        application: Option<Application>,
        now: Instant,
    ) -> Filter<E> {
        let viewing = self.permissions.is_view(permission);
        let active = self.user(user).filter(|u| u.is_active());
        let entered = active.filter(|u| self.may_enter(*u, application, now));
        let mut clauses = Vec::new();
        if let (Some(user), Some(entity)) = (entered, self.contract.entity(E::NAME)) {
            let holding =
                self.counting(user, application, now).filter(|g| self.roles.holds(g.role(), permission));
            for clause in holding.filter_map(|g| clause(entity, &g.scope(), viewing)) {
                if !clauses.contains(&clause) {
                    clauses.push(clause);
                }
            }
        }
        if let Some(at) = clauses.iter().position(Clause::is_everything) {
            clauses = vec![clauses.swap_remove(at)];
        }
        Filter {
            account: self.account.id,
            revision: self.revision,
            valid_until: active.and_then(|u| u.next_boundary(now)),
            clauses,
            entity: PhantomData,
        }
    }

    /// No row at all.
    pub(crate) fn filter_of_nothing<E: EntityType>(&self) -> Filter<E> {
        Filter { clauses: Vec::new(), ..self.filter_of_everything() }
    }

    /// Every row of the account: for the operator.
    pub(crate) fn filter_of_everything<E: EntityType>(&self) -> Filter<E> {
        let everything =
            Clause { retailer: Condition::Any, location: Condition::Any, channel: Condition::Any };
        Filter {
            account: self.account.id,
            revision: self.revision,
            valid_until: None,
            clauses: vec![everything],
            entity: PhantomData,
        }
    }
}

/// What a scope asks of the columns of an entity; none when it admits no thing of it at all.
fn clause(entity: Entity, scope: &Scope, viewing: bool) -> Option<Clause> {
    let reference = viewing && entity.is_reference_data();
    let retailer = match &scope.retailers {
        Extent::All => Condition::Any,
        Extent::Set(set) if entity.carries_retailer() => listed(set, reference),
        Extent::Set(_) if reference => Condition::Any,
        Extent::Set(_) => return None,
    };
    let location = match &scope.locations {
        LocationExtent::All => Condition::Any,
        LocationExtent::Narrow(set) | LocationExtent::Only(set) if entity.carries_location() => {
            listed(set, reference)
        }
        LocationExtent::Narrow(_) => Condition::Any,
        LocationExtent::Only(_) if reference => Condition::Any,
        LocationExtent::Only(_) => return None,
    };
    let channel = match &scope.channels {
        Extent::Set(set) if entity.carries_channel() => listed(set, reference),
        Extent::All | Extent::Set(_) => Condition::Any,
    };
    Some(Clause { retailer, location, channel })
}

/// One of the listed places; for reference data that is viewed, or none.
fn listed<T: Number>(set: &IdSet<T>, reference: bool) -> Condition<T> {
    let members = set.members().to_vec();
    if reference { Condition::OneOfOrNone(members) } else { Condition::OneOf(members) }
}
