//! A small account for the tests of previews and effective access, changed without asking anybody.
//!
//! Three retailers: North (Leeds, York; North Web, North Shop), South (Brighton, Dover; South Web, South Shop) and
//! West (no location; West Web).

use crate::change::{Change, Grant, GrantSpec, LocationKind, Profile, SignIn, Switch, UserKind};
use crate::commands::open_account;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::{Account, Snapshot};
use crate::words::*;
use crate::{Contract, Instant, Place, Resource, Validity};
use std::collections::HashSet;

/// When questions are asked.
pub(crate) const NOW: Instant = Instant(1_000);
/// The first instant of each stretch of time that grants of random worlds make.
pub(crate) const INSTANTS: [Instant; 4] = [NOW, Instant(1_001), Instant(1_500), Instant(2_500)];

/// Permissions that random roles hold: to view and to change, of reference data and of other things, entries.
pub(crate) const PALETTE: [&str; 8] = [
    "ORDER_VIEW",
    "ORDER_UPDATE",
    "CARRIER_VIEW",
    "CARRIER_UPDATE",
    "SALESCHANNEL_VIEW",
    "OMC_ACCESS",
    "STOREAPP_ACCESS",
    "API_ACCESS",
];

pub(crate) fn id<T: Number>(number: u32) -> T {
    T::from_number(number).unwrap()
}

pub(crate) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(crate) fn names(permissions: &[&str]) -> Vec<PermissionName> {
    permissions.iter().map(|p| PermissionName::parse(p).unwrap()).collect()
}

/// A state and how it is changed.
#[derive(Clone)]
pub(crate) struct Trial {
    pub(crate) state: Snapshot,
}

impl Trial {
    pub(crate) fn new() -> Self {
        let account = Account { id: id(1), r#ref: Ref::parse("shop").unwrap(), name: label("Shop") };
        let opened = open_account(&account);
        let state = Snapshot::first(Contract::built_in().unwrap(), opened.changes()).unwrap();
        let key = |text: &str| Ref::parse(text).unwrap();
        let mut changes = Vec::new();
        for (number, name, channel) in [(1, "North", 1), (2, "South", 3), (3, "West", 5)] {
            let (name, r#ref) = (label(name), key(&name.to_lowercase()));
            changes.push(Change::RetailerCreated {
                id: id(number),
                r#ref,
                name,
                default_channel: id(channel),
            });
        }
        for (number, of, name) in [(1, 1, "Leeds"), (2, 1, "York"), (3, 2, "Brighton"), (4, 2, "Dover")] {
            let (name, r#ref, kind) = (label(name), key(&name.to_lowercase()), LocationKind::Store);
            changes.push(Change::LocationCreated { id: id(number), retailer: id(of), r#ref, name, kind });
        }
        let channels =
            [(1, "North Web"), (1, "North Shop"), (2, "South Web"), (2, "South Shop"), (3, "West Web")];
        for (number, (of, name)) in (1..).zip(channels) {
            let (name, r#ref) = (label(name), key(&name.to_lowercase()));
            changes.push(Change::ChannelCreated { id: id(number), retailer: id(of), r#ref, name });
        }
        Self { state: state.apply(&changes).unwrap() }
    }

    /// The state after these changes; this one stays.
    pub(crate) fn after(&self, changes: &[Change]) -> Snapshot {
        self.state.apply(changes).unwrap()
    }

    pub(crate) fn run(&mut self, changes: &[Change]) {
        self.state = self.after(changes);
    }

    pub(crate) fn role(
        &mut self,
        key: &str,
        application: Option<Application>,
        permissions: &[&str],
    ) -> RoleId {
        let id: RoleId = id(RoleId::BUILT_IN_MAX + 1 + self.state.counters().custom_roles);
        let (permissions, key) = (names(permissions), RoleKey::parse(key).unwrap());
        self.run(&[Change::RoleCreated { id, key, label: label("A role"), application, permissions }]);
        id
    }

    pub(crate) fn user(&mut self, grants: &[(RoleId, Scope)]) -> UserId {
        let changes = self.created();
        self.run(&changes);
        let user = id(self.state.user_count() as u32);
        for (role, scope) in grants {
            let change = self.grant(user, *role, scope.clone(), Validity::ALWAYS);
            self.run(&[change]);
        }
        user
    }

    pub(crate) fn created(&self) -> Vec<Change> {
        let number = self.state.user_count() as u32 + 1;
        let login = Login::parse(&format!("user{number}@shop.example")).unwrap();
        let profile = Profile::of(label("Somebody"), None);
        let (kind, sign_in) = (UserKind::Person, SignIn::Password);
        vec![Change::UserCreated { id: id(number), login, profile, kind, sign_in }]
    }

    pub(crate) fn grant(&self, user: UserId, role: RoleId, scope: Scope, validity: Validity) -> Change {
        let id = id(self.state.counters().grants + 1);
        Change::GrantAdded { grant: Grant { id, user, spec: GrantSpec { role, scope, validity } } }
    }

    pub(crate) fn give(&mut self, user: UserId, role: RoleId, scope: Scope, validity: Validity) -> GrantId {
        let change = self.grant(user, role, scope, validity);
        self.run(&[change]);
        self.state.grants(user).last().unwrap().id
    }
}

fn set<T: Number>(members: &[u32]) -> IdSet<T> {
    IdSet::new(members.iter().map(|m| id(*m))).unwrap()
}

pub(crate) fn sites(retailers: &[u32]) -> Scope {
    Scope { retailers: Extent::Set(set(retailers)), ..Scope::account() }
}

pub(crate) fn only(retailer: u32, locations: &[u32]) -> Scope {
    Scope { locations: LocationExtent::Only(set(locations)), ..sites(&[retailer]) }
}

pub(crate) fn narrow(retailer: u32, locations: &[u32]) -> Scope {
    Scope { locations: LocationExtent::Narrow(set(locations)), ..sites(&[retailer]) }
}

pub(crate) fn channels(retailer: u32, channels: &[u32]) -> Scope {
    Scope { channels: Extent::Set(set(channels)), ..sites(&[retailer]) }
}

pub(crate) fn switched(id: UserId, on: bool) -> Change {
    Change::UserSwitched { id, by: Switch::Administrators, on }
}

/// Every kind of thing at every place, places that do not exist (yet) and that do not fit together included.
pub(crate) fn things(state: &Snapshot) -> Vec<Resource> {
    fn part<T: Number>(count: u32) -> Vec<Option<T>> {
        (0..=count + 1).map(T::from_number).collect()
    }
    let mut all = HashSet::new();
    let mut shapes = HashSet::new();
    for entity in state.contract().entities() {
        let carried = [entity.carries_retailer(), entity.carries_location(), entity.carries_channel()];
        if !shapes.insert((carried, entity.is_reference_data(), entity.is_user())) {
            continue;
        }
        all.insert(Resource::unplaced(entity));
        for retailer in part(3) {
            for location in part(4) {
                for channel in part(5) {
                    let thing = Resource::thing(entity, Place { retailer, location, channel });
                    all.extend([thing, thing.unshared()]);
                }
            }
        }
    }
    all.into_iter().collect()
}

/// Random numbers that are the same every time (splitmix64).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn of<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn some(&mut self, of: &[u32]) -> Vec<u32> {
        let (first, second) = (*self.of(of), *self.of(of));
        if self.chance(40) { vec![first, second] } else { vec![first] }
    }

    pub(crate) fn scope(&mut self) -> Scope {
        if self.chance(10) {
            return Scope::account();
        }
        let (retailers, places): (&[u32], &[u32]) = match self.below(5) {
            0 | 1 => (&[1], &[1, 2]),
            2 => (&[2], &[3, 4]),
            3 => (&[1, 2], &[1, 2, 3, 4]),
            _ => (&[], &[1, 2, 3, 4]),
        };
        let retailers = if retailers.is_empty() { Extent::All } else { Extent::Set(set(retailers)) };
        let locations = match self.below(4) {
            0 => LocationExtent::Narrow(set(&self.some(places))),
            1 => LocationExtent::Only(set(&self.some(places))),
            _ => LocationExtent::All,
        };
        let channels = if self.chance(30) { Extent::Set(set(&self.some(places))) } else { Extent::All };
        Scope { retailers, locations, channels }
    }

    pub(crate) fn validity(&mut self) -> Validity {
        let marks = [500, 1_000, 1_001, 1_500, 2_500].map(|at| Some(Instant(at)));
        match self.below(10) {
            0 | 1 => Validity { from: None, until: *self.of(&marks) },
            2 => Validity { from: *self.of(&marks), until: None },
            3 => Validity { from: *self.of(&marks), until: *self.of(&marks) },
            _ => Validity::ALWAYS,
        }
    }

    pub(crate) fn permissions(&mut self) -> Vec<&'static str> {
        PALETTE.into_iter().filter(|_| self.chance(35)).collect()
    }

    /// Two or three users with up to four grants of three custom roles and a few built-in ones.
    pub(crate) fn trial(&mut self) -> Trial {
        let mut trial = Trial::new();
        for key in ["a", "b", "c"] {
            let application = self.chance(40).then(|| *self.of(&Application::ALL));
            let permissions = self.permissions();
            trial.role(key, application, &permissions);
        }
        for _ in 0..2 + self.below(2) {
            let user = trial.user(&[]);
            for _ in 0..self.below(5) {
                let role = self.role(&trial.state);
                let (scope, validity) = (self.scope(), self.validity());
                trial.give(user, role, scope, validity);
            }
            if self.chance(15) {
                trial.run(&[switched(user, false)]);
            }
        }
        trial
    }

    pub(crate) fn role(&mut self, state: &Snapshot) -> RoleId {
        let built_in: [&str; 4] = ["ADMIN", "client_admin", "vendor", "api_user"];
        let custom: Vec<RoleId> = state.roles().filter(|r| !r.id.is_built_in()).map(|r| r.id).collect();
        if custom.is_empty() || self.chance(12) {
            state.find_role(self.of::<&str>(&built_in)).unwrap().id
        } else {
            *self.of(&custom)
        }
    }

    /// One random change of whom a user is or what they may do, with what must go before it.
    pub(crate) fn changes(&mut self, trial: &Trial) -> Vec<Change> {
        let state = &trial.state;
        let user: UserId = id(1 + self.below(state.user_count()) as u32);
        let gone = state.user(user).is_some_and(|u| u.is_removed());
        let grants = state.grants(user);
        let (scope, validity) = (self.scope(), self.validity());
        let custom: Vec<RoleId> = state.roles().filter(|r| !r.id.is_built_in()).map(|r| r.id).collect();
        match self.below(12) {
            0 => trial.created(),
            1 if state.permissions().find("GIFTWRAP_VIEW").is_none() => {
                names(&["GIFTWRAP_VIEW"]).into_iter().map(|name| Change::PermissionAdded { name }).collect()
            }
            2 if !gone => {
                let on = state.user(user).is_some_and(|u| u.is_enabled());
                vec![switched(user, !on)]
            }
            3 if !gone => {
                let taken = grants.iter().map(|g| Change::GrantRemoved { id: g.id, user });
                taken.chain([Change::UserRemoved { id: user }]).collect()
            }
            4 if !custom.is_empty() && self.chance(40) => {
                let id = *self.of(&custom);
                let users = state.users_after(None).flat_map(|(user, _)| state.grants(user));
                let held = users.filter(|g| g.spec.role == id);
                let taken = held.map(|g| Change::GrantRemoved { id: g.id, user: g.user });
                taken.chain([Change::RoleRemoved { id }]).collect()
            }
            5..=7 if !custom.is_empty() => {
                let (id, permissions) = (*self.of(&custom), names(&self.permissions()));
                vec![Change::RoleEdited { id, label: label("As edited"), permissions }]
            }
            8 | 9 if !grants.is_empty() => {
                vec![Change::GrantChanged { id: self.of(&grants).id, user, scope, validity }]
            }
            10 if !grants.is_empty() => vec![Change::GrantRemoved { id: self.of(&grants).id, user }],
            _ if gone => Vec::new(),
            _ => vec![trial.grant(user, self.role(state), scope, validity)],
        }
    }
}
