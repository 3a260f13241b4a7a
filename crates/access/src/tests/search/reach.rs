//! What a group of users can do between them, wherever and whenever.
//!
//! Read from DESIGN alone: one grant holds the permission and its scope admits the resource. Applications
//! are left out: every grant counts, as in a question that names none.

use super::super::world::contract;
use crate::catalogue::{Entity, PermissionId, PermissionSet};
use crate::scope::Scope;
use crate::snapshot::{Role, Snapshot};
use crate::words::*;
use crate::{Instant, Place, Question, Resource};
use std::sync::OnceLock;

/// The instants looked at: before, between and after the ends that validities have in these worlds.
pub(super) const INSTANTS: [Instant; 3] = [Instant(1_000), Instant(2_000), Instant(3_000)];

/// Stands for all permissions to come: held by the roles of every permission.
const FUTURE: PermissionId = PermissionId(1023);

/// Things at every pair of places, of the same retailer and of different ones, and at none.
pub(super) fn things() -> &'static [(Entity, Place)] {
    static THINGS: OnceLock<Vec<(Entity, Place)>> = OnceLock::new();
    THINGS.get_or_init(|| {
        let ids = |n: u32| std::iter::once(None).chain((1..=n).map(Some));
        let mut all = Vec::new();
        // `control` carries all three and may miss any; `order` has no location; `item` is reference data.
        for name in ["control", "order", "item", "role"] {
            let entity = contract().entity(name).unwrap();
            for (r, l, c) in ids(2).flat_map(|r| ids(4).flat_map(move |l| ids(4).map(move |c| (r, l, c)))) {
                let place = Place {
                    retailer: r.and_then(RetailerId::from_number),
                    location: l.and_then(LocationId::from_number),
                    channel: c.and_then(ChannelId::from_number),
                };
                let Resource::Thing { place, .. } = Resource::thing(entity, place) else { continue };
                if !all.contains(&(entity, place)) {
                    all.push((entity, place));
                }
            }
        }
        all
    })
}

/// For each instant and thing, what the group may do.
pub(super) struct Reach(Vec<PermissionSet>);

/// What one user's grants are at one instant.
struct Standing<'s> {
    grants: Vec<(Scope, &'s Role)>,
    /// Rule 3: counts as holding everything.
    everything: bool,
}

impl<'s> Standing<'s> {
    fn of(state: &'s Snapshot, user: UserId, at: Instant) -> Self {
        let active = state.user(user).is_some_and(|u| u.is_active());
        let grants = if active { state.grants(user) } else { vec![] };
        let valid = grants.into_iter().filter(|g| g.spec.validity.holds_at(at));
        let grants: Vec<_> = valid.map(|g| (g.spec.scope, state.role(g.spec.role).unwrap())).collect();
        let wide = || grants.iter().filter(|(scope, _)| scope.is_account());
        let manager = |key: &str| wide().any(|(_, role)| role.key.as_str() == key);
        let mut held = PermissionSet::default();
        wide().for_each(|(_, role)| held.extend(&role.permissions));
        let everything = (manager("ROLE_MANAGER") && manager("USER_MANAGER"))
            || state.permissions().all().is_subset(&held);
        Self { grants, everything }
    }
}

impl Reach {
    /// What these users may do from `now` on.
    pub(super) fn of(state: &Snapshot, users: &[UserId], now: Instant) -> Self {
        let mut all = vec![PermissionSet::default(); INSTANTS.len() * things().len()];
        let views: PermissionSet =
            state.permissions().ids().filter(|p| state.permissions().is_view(*p)).collect();
        let everything: PermissionSet = (0..=FUTURE.0).map(PermissionId).collect();
        for (at, chunk) in INSTANTS.iter().zip(all.chunks_mut(things().len())).filter(|(at, _)| **at >= now) {
            for user in users {
                let standing = Standing::of(state, *user, *at);
                for ((entity, place), held) in things().iter().zip(chunk.iter_mut()) {
                    if standing.everything {
                        held.extend(&everything);
                        continue;
                    }
                    for (scope, role) in &standing.grants {
                        add(held, role, &views, |viewing| scope.admits(*entity, place, viewing));
                    }
                }
            }
        }
        Self(all)
    }

    /// Something that this reaches and `before` did not: the three entries are free, permissions that the
    /// account had not yet (those from `born` on) belong to whoever held every permission to come.
    pub(super) fn beyond(
        &self,
        before: &Reach,
        born: usize,
        free: &PermissionSet,
    ) -> Option<(PermissionId, usize)> {
        self.0.iter().zip(&before.0).enumerate().find_map(|(at, (now, then))| {
            let gained = now.without(then).without(free);
            let own = |p: &PermissionId| p.index() >= born && then.contains(FUTURE);
            gained.iter().find(|p| !own(p)).map(|p| (p, at))
        })
    }

    /// Whether this agrees with the engine on one question.
    pub(super) fn agrees(&self, state: &Snapshot, user: UserId, permission: PermissionId, at: usize) -> bool {
        let (entity, place) = things()[at % things().len()];
        let question =
            Question { user, permission, resource: Resource::thing(entity, place), application: None };
        let allowed = state.allows(&question, INSTANTS[at / things().len()]);
        !allowed || self.0[at].contains(permission)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn add(held: &mut PermissionSet, role: &Role, views: &PermissionSet, admits: impl Fn(bool) -> bool) {
    match (admits(true), admits(false)) {
        (_, true) => {
            held.extend(&role.permissions);
            if role.every {
                held.insert(FUTURE);
            }
        }
        (true, false) => held.extend(&role.permissions.without(&role.permissions.without(views))),
        (false, false) => {}
    }
}
