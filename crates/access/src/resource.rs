//! What is acted on: an entity and its place, or a user.

use crate::catalogue::Entity;
use crate::words::{ChannelId, LocationId, RetailerId, UserId};
use serde::{Deserialize, Serialize};

/// Where a thing is. An absent part is empty: for a thing that carries it, only All admits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Its retailer.
    pub retailer: Option<RetailerId>,
    /// Its location.
    pub location: Option<LocationId>,
    /// Its sales channel.
    pub channel: Option<ChannelId>,
}

/// What a permission is asked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A thing of an entity, at a place. Made by [`Resource::thing`] alone, which drops what the entity does
    /// not carry.
    #[non_exhaustive]
    Thing {
        /// What it is.
        entity: Entity,
        /// Where it is; parts that the entity does not carry are empty.
        place: Place,
    },
    /// A user, judged by their grants.
    User(UserId),
}

impl Resource {
    /// A thing whose place is not known, neither stored nor sent: only the whole account admits it, also where
    /// an empty place would mean that it is shared by all.
    #[must_use]
    pub fn unplaced(entity: Entity) -> Self {
        Resource::Thing { entity: entity.unplaced(), place: Place::default() }
    }

    /// The same, judged as if it were no reference data: for a permission that is named like one of viewing
    /// and tells of more than the thing itself.
    #[must_use]
    pub fn unshared(self) -> Self {
        match self {
            Resource::Thing { entity, place } => Resource::Thing { entity: entity.unshared(), place },
            user @ Resource::User(_) => user,
        }
    }

    /// A thing at a place; what its entity does not carry is dropped.
    ///
    /// Users have no place: as a thing, a user is admitted by the whole account alone. Ask about
    /// [`Resource::User`] instead.
    #[must_use]
    pub fn thing(entity: Entity, place: Place) -> Self {
        let place = if entity.is_user() { Place::default() } else { place };
        Resource::Thing {
            entity,
            place: Place {
                retailer: place.retailer.filter(|_| entity.carries_retailer()),
                location: place.location.filter(|_| entity.carries_location()),
                channel: place.channel.filter(|_| entity.carries_channel()),
            },
        }
    }
}
