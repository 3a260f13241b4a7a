//! The state of an account as plain data: what the oracle reads.
//!
//! Ids, [`Place`] and [`Application`] are those of `access`; they hold no rule. Everything that is judged
//! (scopes, validity, roles) has a plain form of its own here.

use crate::contract::{CONTRACT, Entity};
use access::{Application, ChannelId, GrantId, LocationId, Number, Place, RetailerId, RoleId, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that access knows of one account, at one instant.
#[derive(Clone)]
pub struct World {
    /// The instant at which questions are asked, in microseconds.
    pub now: i64,
    /// How many retailers there are: the first has the number 1.
    pub retailers: u32,
    /// The retailer of each location: the first has the number 1.
    pub locations: Vec<RetailerId>,
    /// The retailer of each channel: the first has the number 1.
    pub channels: Vec<RetailerId>,
    /// Permissions of the account's own.
    pub custom_permissions: Vec<String>,
    /// Roles: built-in ones and custom ones.
    pub roles: BTreeMap<RoleId, Arc<Role>>,
    /// How many custom roles were ever made; those that are not in `roles` were removed.
    pub custom_roles_made: u32,
    /// Users: the first has the number 1.
    pub users: Vec<User>,
}

impl std::fmt::Debug for World {
    /// Built-in roles are left out: they are the same in every world.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now)
            .field("locations", &self.locations)
            .field("channels", &self.channels)
            .field("custom_permissions", &self.custom_permissions)
            .field("roles", &self.roles.iter().filter(|(id, _)| !id.is_built_in()).collect::<Vec<_>>())
            .field("users", &self.users)
            .finish_non_exhaustive()
    }
}

/// A named set of permissions.
#[derive(Clone, PartialEq, Eq)]
pub struct Role {
    /// Its key.
    pub key: String,
    /// The application it is bound to; none: it counts everywhere.
    pub application: Option<Application>,
    /// Whether it holds every permission, custom ones included.
    pub every: bool,
    /// What it holds, unless that is everything.
    pub permissions: BTreeSet<String>,
}

impl std::fmt::Debug for Role {
    /// Built-in roles hold up to 179 permissions, which nobody wants to read in a broken case.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {:?}", self.key, self.application)?;
        if self.permissions.len() <= 12 { write!(f, " {:?}", self.permissions) } else { Ok(()) }
    }
}

/// Whether a user may be let in at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Both switches are on.
    Active,
    /// Switched off by the administrators.
    Disabled,
    /// Switched off by the provisioner.
    Deprovisioned,
    /// Gone, and their grants with them.
    Removed,
}

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub struct User {
    /// Whether they may be let in at all.
    pub status: Status,
    /// Their grants, in the order of their ids.
    pub grants: Vec<Grant>,
}

/// User + role + scope + validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id, unique in the account.
    pub id: GrantId,
    /// The role.
    pub role: RoleId,
    /// Where it holds.
    pub scope: Scope,
    /// When it holds.
    pub validity: Validity,
}

/// From `from` (included) until `until` (excluded), in microseconds; an absent end is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    /// The first instant at which it holds.
    pub from: Option<i64>,
    /// The first instant at which it no longer holds.
    pub until: Option<i64>,
}

/// One dimension of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension<T> {
    /// All.
    All,
    /// The listed ones; never empty.
    Listed(BTreeSet<T>),
}

/// The locations of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locations {
    /// All.
    All,
    /// The listed ones, and things that have none.
    Narrow(BTreeSet<LocationId>),
    /// The listed ones alone.
    Only(BTreeSet<LocationId>),
}

/// (retailers, locations, channels).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Retailers.
    pub retailers: Dimension<RetailerId>,
    /// Locations.
    pub locations: Locations,
    /// Sales channels.
    pub channels: Dimension<ChannelId>,
}

/// What a permission is asked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A thing of an entity; parts of the place that the entity does not carry are empty.
    Thing {
        /// What it is.
        entity: &'static Entity,
        /// Where it is.
        place: Place,
    },
    /// A user.
    User(UserId),
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who.
    pub user: UserId,
    /// May do what.
    pub permission: String,
    /// On what.
    pub resource: Resource,
    /// In which application; none: the question is one of another program.
    pub application: Option<Application>,
}

/// The id of that number.
///
/// # Panics
/// On 0, which is no number of an id.
#[must_use]
pub fn id<T: Number>(number: u32) -> T {
    T::from_number(number).expect("ids begin at 1")
}

impl Scope {
    /// (All, All, All).
    pub const ACCOUNT: Scope =
        Scope { retailers: Dimension::All, locations: Locations::All, channels: Dimension::All };

    /// ({r}, All, All).
    #[must_use]
    pub fn retailer(retailer: RetailerId) -> Self {
        Scope { retailers: Dimension::Listed([retailer].into()), ..Scope::ACCOUNT }
    }
}

impl Resource {
    /// A thing at a place; what its entity does not carry is left out.
    #[must_use]
    pub fn thing(entity: &'static Entity, place: Place) -> Self {
        let place = Place {
            retailer: place.retailer.filter(|_| entity.carries_retailer),
            location: place.location.filter(|_| entity.carries_location),
            channel: place.channel.filter(|_| entity.carries_channel),
        };
        Resource::Thing { entity, place }
    }
}

impl World {
    /// A world with the built-in roles and nothing else.
    #[must_use]
    pub fn empty(now: i64) -> Self {
        Self {
            now,
            retailers: 0,
            locations: Vec::new(),
            channels: Vec::new(),
            custom_permissions: Vec::new(),
            roles: built_in_roles(),
            custom_roles_made: 0,
            users: Vec::new(),
        }
    }

    /// The user of that number.
    #[must_use]
    pub fn user(&self, user: UserId) -> Option<&User> {
        self.users.get(user.number() as usize - 1)
    }

    /// All users with their ids.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &User)> {
        (1..).map(id).zip(&self.users)
    }

    /// The id of a role by its key.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn role(&self, key: &str) -> RoleId {
        *self.roles.iter().find(|(_, r)| r.key == key).expect("a role of this world").0
    }

    /// All retailers.
    pub fn retailer_ids(&self) -> impl Iterator<Item = RetailerId> + use<> {
        (1..=self.retailers).map(id)
    }

    /// The locations of a retailer.
    pub fn locations_of(&self, retailer: RetailerId) -> impl Iterator<Item = LocationId> {
        (1..).map(id).zip(&self.locations).filter(move |(_, r)| **r == retailer).map(|(l, _)| l)
    }

    /// The channels of a retailer.
    pub fn channels_of(&self, retailer: RetailerId) -> impl Iterator<Item = ChannelId> {
        (1..).map(id).zip(&self.channels).filter(move |(_, r)| **r == retailer).map(|(c, _)| c)
    }

    /// The retailer of a location.
    #[must_use]
    pub fn retailer_of_location(&self, location: LocationId) -> RetailerId {
        self.locations[location.number() as usize - 1]
    }

    /// The retailer of a channel.
    #[must_use]
    pub fn retailer_of_channel(&self, channel: ChannelId) -> RetailerId {
        self.channels[channel.number() as usize - 1]
    }

    /// Every place where a thing may be, empty parts included: the shared one, and in each retailer every
    /// location of its own or none, with every channel of its own or none.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let mut places = vec![Place::default()];
        for retailer in self.retailer_ids() {
            let channels: Vec<_> =
                std::iter::once(None).chain(self.channels_of(retailer).map(Some)).collect();
            for location in std::iter::once(None).chain(self.locations_of(retailer).map(Some)) {
                for channel in &channels {
                    places.push(Place { retailer: Some(retailer), location, channel: *channel });
                }
            }
        }
        places
    }

    /// Places that no row should have, and that must be judged all the same: a location or channel of
    /// another retailer, or of none.
    #[must_use]
    pub fn odd_places(&self) -> Vec<Place> {
        let location = |n| id::<LocationId>(n);
        let mut places = Vec::new();
        for (n, owner) in (1..).zip(&self.locations) {
            places.push(Place { location: Some(location(n)), ..Place::default() });
            let other = self.retailer_ids().find(|r| r != owner);
            places.push(Place { retailer: other, location: Some(location(n)), channel: None });
        }
        for (n, owner) in (1..).zip(&self.channels) {
            places.push(Place { channel: Some(id(n)), ..Place::default() });
            let other = self.retailer_ids().find(|r| r != owner);
            places.push(Place { retailer: other, location: Some(location(1)), channel: Some(id(n)) });
        }
        places
    }

    /// Every permission of the account.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        CONTRACT.permissions.iter().copied().chain(self.custom_permissions.iter().map(String::as_str))
    }
}

fn built_in_roles() -> BTreeMap<RoleId, Arc<Role>> {
    static ROLES: std::sync::LazyLock<BTreeMap<RoleId, Arc<Role>>> = std::sync::LazyLock::new(|| {
        let role = |r: &crate::contract::BuiltInRole| Role {
            key: r.key.to_owned(),
            application: r.application,
            every: r.every,
            permissions: r.permissions.iter().map(|p| (*p).to_owned()).collect(),
        };
        (1..).map(id).zip(CONTRACT.roles.iter().map(role).map(Arc::new)).collect()
    });
    ROLES.clone()
}
