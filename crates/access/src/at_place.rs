//! Access as head offices give it: at a site, at all sites or at a store, one ranked role in each application.
//!
//! What is read and edited so are grants: each standing is one grant or none, and each wish one edit or two. Grants
//! that are not of this kind (roles without a rank, several sites at once) are seen and edited one by one.

use crate::change::{Grant, GrantSpec};
use crate::commands::GrantEdit;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::{Role, Snapshot};
use crate::words::{Application, LocationId, RetailerId, RoleId};

/// Where access is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Every site, future ones too.
    AllSites,
    /// One site.
    Site(RetailerId),
    /// One store of a site.
    Store(RetailerId, LocationId),
}

impl At {
    /// The widest scope of that place.
    #[must_use]
    pub fn whole(self) -> Scope {
        let account = Scope::account();
        match self {
            At::AllSites => account,
            At::Site(site) => Scope { retailers: Extent::one(site), ..account },
            At::Store(site, store) => {
                let locations = LocationExtent::Only(IdSet::one(store));
                Scope { retailers: Extent::one(site), locations, ..account }
            }
        }
    }

    /// Whether a scope is of this place and no other.
    fn is_just(self, scope: &Scope) -> bool {
        let whole = self.whole();
        match self {
            At::AllSites => *scope == whole,
            At::Site(_) => scope.retailers == whole.retailers,
            At::Store(_, store) => scope.retailers == whole.retailers && scope.locations.listed() == [store],
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

    /// The edits that lead from here to that role and scope, or to none: nothing where it is so already. Validity
    /// stays as it is. A standing by a wider grant is left as it is, whatever is wished.
    #[must_use]
    pub fn edits(&self, wished: Option<(RoleId, Scope)>) -> Vec<GrantEdit> {
        match (self, wished) {
            (Self::Wider(_), _) | (Self::Nothing, None) => vec![],
            (Self::Nothing, Some((role, scope))) => {
                vec![GrantEdit::Add(GrantSpec { role, scope, validity: crate::Validity::ALWAYS })]
            }
            (Self::Own(grant), None) => vec![GrantEdit::Remove(grant.id)],
            (Self::Own(grant), Some((role, scope))) => {
                let GrantSpec { role: old, scope: there, validity } = &grant.spec;
                match (*old == role, *there == scope) {
                    (true, true) => vec![],
                    (true, false) => vec![GrantEdit::Change { id: grant.id, scope, validity: *validity }],
                    // A grant's role stays what it is: another role is another grant.
                    (false, _) => vec![
                        GrantEdit::Remove(grant.id),
                        GrantEdit::Add(GrantSpec { role, scope, validity: *validity }),
                    ],
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

/// The sites that these grants name by themselves, ascending, where each is a standing of one site.
#[must_use]
pub fn sites_of(on: &Snapshot, grants: &[Grant]) -> Vec<RetailerId> {
    let mut sites: Vec<RetailerId> = grants
        .iter()
        .filter_map(|grant| match grant.spec.scope.retailers.listed() {
            [site] if is_standing(on, grant) => Some(*site),
            _ => None,
        })
        .collect();
    sites.sort_unstable();
    sites.dedup();
    sites
}

/// Whether a grant is a standing at all sites or at one: a ranked role there.
#[must_use]
pub fn is_standing(on: &Snapshot, grant: &Grant) -> bool {
    let ranked =
        on.role(grant.spec.role).is_some_and(|role| role.application.is_some() && role.rank.is_some());
    let place = match grant.spec.scope.retailers.listed() {
        [] => At::AllSites.is_just(&grant.spec.scope),
        [_] => true,
        _ => false,
    };
    ranked && place
}
