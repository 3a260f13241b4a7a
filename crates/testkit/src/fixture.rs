//! A small world that is always the same, for expected files.

use crate::world::{Dimension, Grant, Locations, Role, Scope, Status, User, Validity, World, id};
use access::{Application, Place, RoleId, UserId};
use std::sync::Arc;

/// Two retailers, each with two locations and two channels; nobody in it yet.
#[must_use]
pub fn two_retailers() -> World {
    let mut world = World::empty(1_000_000);
    world.retailers = 2;
    world.locations = vec![id(1), id(1), id(2), id(2)];
    world.channels = vec![id(1), id(1), id(2), id(2)];
    world
}

/// The first location and channel of the first retailer of [`two_retailers`].
#[must_use]
pub fn own() -> Place {
    Place { retailer: Some(id(1)), location: Some(id(1)), channel: Some(id(1)) }
}

/// The other location and channel of the same retailer.
#[must_use]
pub fn sister() -> Place {
    Place { retailer: Some(id(1)), location: Some(id(2)), channel: Some(id(2)) }
}

/// A location and channel of the other retailer.
#[must_use]
pub fn foreign() -> Place {
    Place { retailer: Some(id(2)), location: Some(id(3)), channel: Some(id(3)) }
}

/// The five kinds of scope, each around [`own`], with the name of each.
#[must_use]
pub fn scope_kinds() -> [(&'static str, Scope); 5] {
    let retailer = Scope::retailer(id(1));
    [
        ("account", Scope::ACCOUNT),
        ("retailer", retailer.clone()),
        ("narrow", Scope { locations: Locations::Narrow([id(1)].into()), ..retailer.clone() }),
        ("only", Scope { locations: Locations::Only([id(1)].into()), ..retailer.clone() }),
        ("channel", Scope { channels: Dimension::Listed([id(1)].into()), ..retailer }),
    ]
}

impl World {
    /// One more user, active, with these grants, without end. Answers with their id.
    pub fn add_user(&mut self, grants: impl IntoIterator<Item = (RoleId, Scope)>) -> UserId {
        let first = self.users.iter().map(|u| u.grants.len() as u32).sum::<u32>() + 1;
        let grant = |(number, (role, scope)): (u32, (RoleId, Scope))| Grant {
            id: id(number),
            role,
            scope,
            validity: Validity::default(),
        };
        let grants = (first..).zip(grants).map(grant).collect();
        self.users.push(User { status: Status::Active, grants });
        id(self.users.len() as u32)
    }

    /// One more custom role. Answers with its id.
    pub fn add_role(&mut self, key: &str, application: Option<Application>, permissions: &[&str]) -> RoleId {
        self.custom_roles_made += 1;
        let number = id(RoleId::BUILT_IN_MAX + self.custom_roles_made);
        let permissions = permissions.iter().map(|p| (*p).to_owned()).collect();
        let role = Role { key: key.to_owned(), application, every: false, permissions };
        self.roles.insert(number, Arc::new(role));
        number
    }
}
