//! Access as head offices give it (OneStock): at a retailer, at all of them or at a location, one ranked role in each
//! application.
//!
//! What is read and edited so are grants: each standing is one grant or none, and each wish one edit or two. Grants
//! that are not of this kind (roles without a rank, several retailers at once) are seen and edited one by one.

use crate::change::{Grant, GrantSpec};
use crate::commands::GrantEdit;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::{Role, Snapshot};
use crate::time::{Instant, Validity};
use crate::words::{Application, LocationId, RetailerId, RoleId};
use std::collections::BTreeSet;

/// Where access is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Every retailer, future ones too.
    Account,
    /// One retailer.
    Retailer(RetailerId),
    /// One location of a retailer.
    Location(RetailerId, LocationId),
}

impl At {
    /// The widest scope of that place.
    #[must_use]
    pub fn whole(self) -> Scope {
        let account = Scope::account();
        match self {
            At::Account => account,
            At::Retailer(retailer) => Scope { retailers: Extent::one(retailer), ..account },
            At::Location(retailer, location) => {
                let locations = LocationExtent::Only(IdSet::one(location));
                Scope { retailers: Extent::one(retailer), locations, ..account }
            }
        }
    }

    /// Whether a scope is of this place and no other.
    fn is_just(self, scope: &Scope) -> bool {
        let whole = self.whole();
        match self {
            At::Account => *scope == whole,
            At::Retailer(_) => scope.retailers == whole.retailers,
            At::Location(_, location) => {
                scope.retailers == whole.retailers && scope.locations.listed() == [location]
            }
        }
    }
}

/// The ranked role that somebody has in an application at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None.
    Nothing,
    /// By a grant of that place and no other.
    Own(Grant),
    /// By a grant of other places too: it is changed as a whole, and leaves no room for another ranked role.
    Wider(Grant),
}

impl Standing {
    /// The standing that these grants of a user come to.
    #[must_use]
    pub fn of(on: &Snapshot, grants: &[Grant], at: At, application: Application) -> Self {
        let whole = at.whole();
        let ranked = |grant: &&Grant| {
            let role = on.role(grant.spec.role);
            role.is_some_and(|r| r.application == Some(application) && r.rank.is_some())
        };
        let there = || grants.iter().filter(ranked).filter(|g| g.spec.scope.shares_a_retailer(&whole));
        match there().find(|grant| at.is_just(&grant.spec.scope)) {
            Some(own) => Self::Own(own.clone()),
            None => there().next().map_or(Self::Nothing, |wider| Self::Wider(wider.clone())),
        }
    }

    /// Whether it is by a grant whose time is over.
    #[must_use]
    pub fn is_over(&self, now: Instant) -> bool {
        match self {
            Self::Nothing => false,
            Self::Own(grant) | Self::Wider(grant) => {
                grant.spec.validity.until.is_some_and(|until| until <= now)
            }
        }
    }

    /// The edits that lead from here to that role and scope, or to none: nothing where it is so already. Validity
    /// stays as it is; one that is over is left behind, for what is given would never hold. A standing by a wider grant
    /// is left as it is, whatever is wished.
    #[must_use]
    pub fn edits(&self, wished: Option<(RoleId, Scope)>, now: Instant) -> Vec<GrantEdit> {
        match (self, wished) {
            (Self::Wider(_), _) | (Self::Nothing, None) => vec![],
            (Self::Nothing, Some((role, scope))) => {
                vec![GrantEdit::Add(GrantSpec { role, scope, validity: Validity::ALWAYS })]
            }
            (Self::Own(grant), None) => vec![GrantEdit::Remove(grant.id)],
            (Self::Own(grant), Some((role, scope))) => {
                let GrantSpec { role: old, scope: there, validity } = &grant.spec;
                let (id, is_over) = (grant.id, self.is_over(now));
                let validity = if is_over { Validity::ALWAYS } else { *validity };
                match (*old == role, *there == scope) {
                    (true, true) => vec![],
                    (true, false) if !is_over => vec![GrantEdit::Change { id, scope, validity }],
                    // A grant's role stays what it is: another role is another grant.
                    _ => vec![GrantEdit::Remove(id), GrantEdit::Add(GrantSpec { role, scope, validity })],
                }
            }
        }
    }
}

/// The ranked roles of an application, the strongest first.
#[must_use]
pub fn ranked_roles(on: &Snapshot, application: Application) -> Vec<&Role> {
    let mut roles: Vec<&Role> =
        on.roles().filter(|r| r.application == Some(application) && r.rank.is_some()).collect();
    roles.sort_by_key(|role| role.rank);
    roles
}

/// The retailers that these grants name by themselves, ascending, where each is a standing at one retailer.
#[must_use]
pub fn retailers_of(on: &Snapshot, grants: &[Grant]) -> Vec<RetailerId> {
    let alone = |grant: &Grant| match grant.spec.scope.retailers.listed() {
        [retailer] if is_standing(on, grant) => Some(*retailer),
        _ => None,
    };
    let named: BTreeSet<RetailerId> = grants.iter().filter_map(alone).collect();
    named.into_iter().collect()
}

/// Whether a grant is a standing at all retailers or at one: a ranked role there.
#[must_use]
pub fn is_standing(on: &Snapshot, grant: &Grant) -> bool {
    let ranked =
        on.role(grant.spec.role).is_some_and(|role| role.application.is_some() && role.rank.is_some());
    let place = match grant.spec.scope.retailers.listed() {
        [] => At::Account.is_just(&grant.spec.scope),
        [_] => true,
        _ => false,
    };
    ranked && place
}
