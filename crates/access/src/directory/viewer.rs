//! Who looks at users, and whom they see: the rule of DESIGN ("Users as resources") for many users at once.
//!
//! **Invariant:** [`Viewer::sees`] and [`Snapshot::sees_user`] say the same of every user; a test holds them
//! together.

use crate::proof::{Actor, Subject};
use crate::snapshot::{Listed, PackedGrant, Snapshot, UserRef};
use crate::time::Instant;
use crate::words::{Application, Number, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who looks at users: where they hold `USER_VIEW` by grants that hold now and count in the
/// application that they call from.
#[derive(Clone, Debug)]
pub struct Viewer<'s> {
    snapshot: &'s Snapshot,
    /// Themselves, when they are in: everybody who is in sees themselves and all that they were granted.
    oneself: Option<UserId>,
    /// From (All, All, All): also those who have no grants.
    everywhere: bool,
    /// Where else; empty for those who look from everywhere.
    scopes: Vec<Listed>,
    /// The Store App's limit: those with individual access to this location by one of its roles.
    store: Option<u32>,
    holds_until: Option<Instant>,
}

impl<'s> Viewer<'s> {
    /// The subject as a viewer of the users of a state. One of another account, not active or not let in to the
    /// application sees nobody.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot, subject: &Subject, now: Instant) -> Self {
        let nobody = Self {
            snapshot,
            oneself: None,
            everywhere: false,
            scopes: Vec::new(),
            store: None,
            holds_until: None,
        };
        if subject.account() != snapshot.account().id {
            return nobody;
        }
        let id = match subject.actor() {
            Actor::Operator => return Self { everywhere: true, ..nobody },
            Actor::User(id) => id,
        };
        let application = subject.application();
        let active = snapshot.user(id).filter(|u| u.is_active());
        let nobody = Self { holds_until: active.and_then(|u| u.next_boundary(now)), ..nobody };
        let Some(user) = active.filter(|u| snapshot.may_enter(*u, application, now)) else { return nobody };
        let own = Self { oneself: Some(id), ..nobody };
        let store = match (application, subject.active_location()) {
            (Some(Application::StoreApp), None) => return own,
            (Some(Application::StoreApp), Some(location)) => Some(location.number()),
            _ => None,
        };
        let view = snapshot.permissions.find("USER_VIEW");
        let holding = snapshot
            .counting(user, application, now)
            .filter(|g| view.is_some_and(|view| snapshot.roles.holds(g.role(), view)));
        let scopes: Vec<Listed> = holding.map(|g| Listed::of(&g.scope())).collect();
        let everywhere = scopes.iter().any(Listed::is_account);
        let scopes = if everywhere { Vec::new() } else { merged(scopes) };
        Self { everywhere, scopes, store, ..own }
    }

    /// Whether they see that user; removed ones, of whom no grant is left, from (All, All, All) alone.
    #[must_use]
    pub fn sees(&self, user: UserId) -> bool {
        self.snapshot.user(user).is_some_and(|u| self.is_oneself(user) || self.sees_other(u))
    }

    /// Whether they see every user of the account.
    #[must_use]
    pub fn sees_everybody(&self) -> bool {
        self.everywhere && self.store.is_none()
    }

    /// The instant at which a grant of theirs begins or ends next, and whom they see may change by itself.
    #[must_use]
    pub fn holds_until(&self) -> Option<Instant> {
        self.holds_until
    }

    pub(super) fn is_oneself(&self, user: UserId) -> bool {
        self.oneself == Some(user)
    }

    /// Whether they see that user, as far as it does not come from being them.
    #[inline]
    pub(super) fn sees_other(&self, user: UserRef<'_>) -> bool {
        self.is_of_the_store(user)
            && (self.everywhere || user.grants().any(|g| self.scopes.iter().any(|s| g.meets(s))))
    }

    /// Whether they see that user, and a grant of theirs that passes.
    #[inline]
    pub(super) fn sees_grant_of(
        &self,
        id: UserId,
        user: UserRef<'_>,
        passes: impl Fn(PackedGrant<'_>) -> bool,
    ) -> bool {
        if self.is_oneself(id) || self.sees_everybody() {
            return user.grants().any(passes);
        }
        let seen = |g: PackedGrant<'_>| self.everywhere || self.scopes.iter().any(|s| g.meets(s));
        user.grants().any(|g| passes(g) && seen(g)) && self.is_of_the_store(user)
    }

    fn is_of_the_store(&self, user: UserRef<'_>) -> bool {
        let Some(store) = self.store else { return true };
        user.grants().any(|g| {
            let role = self.snapshot.roles.at(g.role());
            role.is_some_and(|r| r.application == Some(Application::StoreApp)) && g.lists_location(store)
        })
    }
}

/// Fewer scopes that are met by the same ones: of those that differ in one dimension alone, one with all that
/// is listed there.
fn merged(mut scopes: Vec<Listed>) -> Vec<Listed> {
    for dimension in 0..3 {
        let mut groups: BTreeMap<Listed, Option<BTreeSet<u32>>> = BTreeMap::new();
        for mut scope in scopes {
            let own = scope.0.get_mut(dimension).and_then(Option::take);
            let all = groups.entry(scope).or_insert_with(|| Some(BTreeSet::new()));
            match (own, all) {
                (Some(own), Some(all)) => all.extend(own),
                (None, all) => *all = None,
                (Some(_), None) => {}
            }
        }
        let group = |(mut scope, all): (Listed, Option<BTreeSet<u32>>)| {
            if let Some(place) = scope.0.get_mut(dimension) {
                *place = all.map(|all| all.into_iter().collect());
            }
            scope
        };
        scopes = groups.into_iter().map(group).collect();
    }
    scopes
}
