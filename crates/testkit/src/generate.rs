//! Strategies of worlds and of questions on them.
//!
//! Both are drawn as small numbers and only then read as places, roles and grants, so that a broken case
//! shrinks fast and stays a sound world on the way.

use crate::contract::CONTRACT;
use crate::world::{
    Dimension, Grant, Locations, Question, Resource, Role, Scope, Status, User, Validity, World, id,
};
use access::{Application, ChannelId, LocationId, Number, Place, RetailerId, RoleId};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// When questions of a world are asked.
const NOW: i64 = 1_000_000;

/// Permissions that custom roles hold and questions ask, more often than others: at least one to view and
/// one to change of each way in which an entity carries its places, and the three entries.
const FREQUENT: &[&str] = &[
    "ORDER_VIEW",
    "ORDER_UPDATE",
    "FULFILMENT_VIEW",
    "FULFILMENT_UPDATE",
    "CUSTOMER_VIEW",
    "CUSTOMER_CREATE",
    "INVENTORYPOSITION_VIEW",
    "INVENTORYPOSITION_UPDATE",
    "CONTROL_VIEW",
    "CONTROL_UPDATE",
    "LOCATION_VIEW",
    "LOCATION_UPDATE",
    "RETAILER_VIEW",
    "SALESCHANNEL_VIEW",
    "CARRIER_VIEW",
    "CARRIER_UPDATE",
    "VARIANTPRODUCT_VIEW",
    "VARIANTPRODUCT_UPDATE",
    "SETTING_VIEW",
    "SETTING_UPDATE",
    "ROLE_VIEW",
    "ROLE_UPDATE",
    "ACCOUNT_VIEW",
    "AUDIT_VIEW",
    "USER_VIEW",
    "USER_UPDATE",
    "DECISION_VIEW",
    "OMC_ACCESS",
    "STOREAPP_ACCESS",
    "API_ACCESS",
];

type RawGrant = (u32, (u8, u32, u32, u32), (u8, u8));

#[derive(Clone, Debug)]
struct RawWorld {
    /// Locations and channels of each retailer.
    retailers: Vec<(u8, u8)>,
    permissions: u8,
    /// Application, permissions, and whether it was removed again.
    roles: Vec<(u8, u32, bool)>,
    users: Vec<(u8, Vec<RawGrant>)>,
}

fn raw_world() -> impl Strategy<Value = RawWorld> {
    let grant = (any::<u32>(), (0..SHAPES, any::<u32>(), any::<u32>(), any::<u32>()), (0..14u8, 0..14u8));
    (
        vec((1..=3u8, 1..=3u8), 2..=4),
        0..=2u8,
        vec((0..6u8, any::<u32>(), proptest::bool::weighted(0.15)), 0..=4),
        vec((0..10u8, vec(grant, 0..=6)), 1..=6),
    )
        .prop_map(|(retailers, permissions, roles, users)| RawWorld {
            retailers,
            permissions,
            roles,
            users,
        })
}

/// Worlds of 2 to 4 retailers with 1 to 3 locations and channels each, built-in and custom roles, custom
/// permissions, and 1 to 6 users of any status with 0 to 6 grants of any scope and validity.
pub fn worlds() -> impl Strategy<Value = World> {
    raw_world().prop_map(|raw| world(&raw))
}

/// Questions on a world: on things of every entity, at places that are whole, empty in part or at odds
/// with themselves, and on users, oneself and nobody included. Most are near a grant of somebody active.
pub fn questions(world: &World) -> impl Strategy<Value = Question> + use<> {
    let world = world.clone();
    raw_question().prop_map(move |raw| question(&world, &raw))
}

/// Worlds with `count` questions each.
pub fn asked_worlds(count: usize) -> impl Strategy<Value = (World, Vec<Question>)> {
    (raw_world(), vec(raw_question(), count)).prop_map(|(raw, asked)| {
        let world = world(&raw);
        let questions = asked.iter().map(|q| question(&world, q)).collect();
        (world, questions)
    })
}

/// Scopes of a world, well formed or not.
pub fn scopes(world: &World) -> impl Strategy<Value = Scope> + use<> {
    let world = world.clone();
    (0..SHAPES, any::<u32>(), any::<u32>(), any::<u32>()).prop_map(move |raw| scope(&world, raw))
}

fn world(raw: &RawWorld) -> World {
    let mut world = World::empty(NOW);
    world.retailers = raw.retailers.len() as u32;
    // Numbers of locations and channels run across the retailers, as in a real account.
    for nth in 0..3 {
        for (retailer, (locations, channels)) in (1..).map(id).zip(&raw.retailers) {
            if nth < *locations {
                world.locations.push(retailer);
            }
            if nth < *channels {
                world.channels.push(retailer);
            }
        }
    }
    world.custom_permissions = ["GIFTWRAP_VIEW", "GIFTWRAP_UPDATE"]
        .iter()
        .take(raw.permissions.into())
        .map(|p| (*p).into())
        .collect();
    for (number, (application, bits, removed)) in (1..).zip(&raw.roles) {
        world.custom_roles_made = number;
        if !removed {
            let role = custom_role(&world, number, *application, *bits);
            world.roles.insert(id(RoleId::BUILT_IN_MAX + number), Arc::new(role));
        }
    }
    add_users(&mut world, &raw.users);
    world
}

fn custom_role(world: &World, number: u32, application: u8, bits: u32) -> Role {
    let frequent =
        FREQUENT.iter().enumerate().filter(|(i, _)| bits >> i & 1 != 0).map(|(_, p)| (*p).to_owned());
    let own = world.custom_permissions.iter().enumerate().filter(|(i, _)| bits >> (30 + i) & 1 != 0);
    Role {
        key: format!("custom-{number}"),
        application: application_of(application),
        every: false,
        permissions: frequent.chain(own.map(|(_, p)| p.clone())).collect(),
    }
}

/// One of the three for 0, 1 and 2, else none.
fn application_of(number: u8) -> Option<Application> {
    Application::ALL.get(usize::from(number)).copied()
}

fn add_users(world: &mut World, raw: &[(u8, Vec<RawGrant>)]) {
    let roles: Vec<RoleId> = world.roles.keys().copied().collect();
    let count = raw.len() as u32;
    for (user, (status, grants)) in (1..).zip(raw) {
        let status = match status {
            0 => Status::Disabled,
            1 => Status::Deprovisioned,
            2 => Status::Removed,
            _ => Status::Active,
        };
        let grant = |(nth, (role, shape, validity)): (u32, &RawGrant)| Grant {
            // Grants are given to users in turn, so that ids of one user have gaps.
            id: id(user + nth * count),
            role: roles[*role as usize % roles.len()],
            scope: scope(world, *shape),
            validity: Validity { from: boundary(validity.0), until: boundary(validity.1) },
        };
        let kept = if status == Status::Removed { 0 } else { grants.len() };
        let grants = (0..).zip(grants.iter().take(kept)).map(grant).collect();
        world.users.push(User { status, grants });
    }
}

/// An end of a validity: open more often than not, else around the present instant.
fn boundary(number: u8) -> Option<i64> {
    match number {
        4 => Some(NOW - 500),
        5 => Some(NOW),
        6 => Some(NOW + 1),
        7 => Some(NOW + 500),
        _ => None,
    }
}

const SHAPES: u8 = 14;

/// Members of a list by the bits of a number; never none.
fn chosen<T: Copy + Ord>(all: &[T], bits: u32) -> BTreeSet<T> {
    let by_bit = |(i, _): &(usize, &T)| bits >> (i % 32) & 1 != 0;
    let mut set: BTreeSet<T> = all.iter().enumerate().filter(by_bit).map(|(_, m)| *m).collect();
    if set.is_empty() {
        set.insert(all[bits as usize % all.len()]);
    }
    set
}

/// A scope of one of the shapes that DESIGN's table names, or of one that no form of the product offers.
fn scope(world: &World, (shape, retailers, locations, channels): (u8, u32, u32, u32)) -> Scope {
    let all: Vec<RetailerId> = world.retailer_ids().collect();
    let one = all[retailers as usize % all.len()];
    let several = chosen(&all, retailers);
    let every_location: Vec<LocationId> = all.iter().flat_map(|r| world.locations_of(*r)).collect();
    let every_channel: Vec<ChannelId> = all.iter().flat_map(|r| world.channels_of(*r)).collect();
    let own_locations = chosen(&world.locations_of(one).collect::<Vec<_>>(), locations);
    let own_channels = Dimension::Listed(chosen(&world.channels_of(one).collect::<Vec<_>>(), channels));
    // At least one of each retailer, so that the scope is well formed.
    let theirs = several.iter().flat_map(|r| chosen(&world.locations_of(*r).collect::<Vec<_>>(), locations));
    let of_one = Scope::retailer(one);
    let of_several = Scope { retailers: Dimension::Listed(several.clone()), ..Scope::ACCOUNT };
    match shape {
        0 => Scope::ACCOUNT,
        1 | 2 => of_one,
        3 => of_several,
        4 => Scope { locations: Locations::Narrow(own_locations), ..of_one },
        5 => Scope { locations: Locations::Only(own_locations), ..of_one },
        6 => Scope { channels: own_channels, ..of_one },
        7 => Scope { locations: Locations::Only(own_locations), channels: own_channels, ..of_one },
        8 => Scope { locations: Locations::Narrow(own_locations), channels: own_channels, ..of_one },
        9 => Scope { locations: Locations::Narrow(theirs.collect()), ..of_several },
        10 => Scope { locations: Locations::Only(chosen(&every_location, locations)), ..Scope::ACCOUNT },
        11 => Scope { locations: Locations::Narrow(chosen(&every_location, locations)), ..Scope::ACCOUNT },
        12 => Scope { channels: Dimension::Listed(chosen(&every_channel, channels)), ..Scope::ACCOUNT },
        // Places of other retailers than those listed: nothing that is stored, but judged all the same.
        _ => Scope {
            locations: Locations::Only(chosen(&every_location, locations)),
            channels: Dimension::Listed(chosen(&every_channel, channels)),
            ..of_several
        },
    }
}

type RawQuestion = [u32; 9];

fn raw_question() -> impl Strategy<Value = RawQuestion> {
    any::<RawQuestion>()
}

fn question(world: &World, raw: &RawQuestion) -> Question {
    let [near, user, grant, permission, entity, retailer, location, channel, application] = *raw;
    let active = |(_, u): &(access::UserId, &User)| u.status == Status::Active;
    let grants: Vec<_> =
        world.users().filter(active).flat_map(|(id, u)| u.grants.iter().map(move |g| (id, g))).collect();
    let near = near % 4 != 0 && !grants.is_empty();
    let (user, from) = match near {
        true => {
            let (user, grant) = pick(&grants, grant);
            (user, Some(grant))
        }
        false => (id(user % world.users.len() as u32 + 1), None),
    };
    let permissions = world.permissions().collect::<Vec<_>>();
    let permission = match from.map(|g| &world.roles[&g.role]) {
        Some(role) if !role.every && !role.permissions.is_empty() => held(role, permission).to_owned(),
        _ if permission % 4 == 0 => permissions[(permission / 4) as usize % permissions.len()].to_owned(),
        _ => FREQUENT[(permission / 4) as usize % FREQUENT.len()].to_owned(),
    };
    let place = match from {
        Some(grant) => place_in(world, &grant.scope, [retailer, location, channel]),
        None => any_place(world, [retailer, location, channel]),
    };
    let things: Vec<_> = CONTRACT.entities.iter().filter(|e| !e.is_user).collect();
    let resource = match entity % 6 {
        // A number more than there are users: nobody has it.
        0 => Resource::User(id(entity / 6 % (world.users.len() as u32 + 1) + 1)),
        _ => Resource::thing(things[(entity / 6) as usize % things.len()], place),
    };
    let bound = from.and_then(|g| world.roles[&g.role].application);
    let asked = application_of((application % 4) as u8);
    let application = if near && application % 8 < 6 { bound } else { asked };
    Question { user, permission, resource, application }
}

/// A permission of a role, a frequent one if it has one.
fn held(role: &Role, number: u32) -> &str {
    let frequent: Vec<&str> = FREQUENT.iter().copied().filter(|p| role.permissions.contains(*p)).collect();
    let all: Vec<&str> = role.permissions.iter().map(String::as_str).collect();
    let list = if frequent.is_empty() || number.is_multiple_of(4) { all } else { frequent };
    list[(number / 4) as usize % list.len()]
}

fn pick<T: Copy>(list: &[T], number: u32) -> T {
    list[number as usize % list.len()]
}

/// A place that a scope admits as a rule: listed ones where it lists, with their own retailer.
fn place_in(world: &World, scope: &Scope, [retailer, location, channel]: [u32; 3]) -> Place {
    let listed_location = match &scope.locations {
        Locations::All => None,
        Locations::Narrow(set) | Locations::Only(set) => {
            Some(pick(&set.iter().copied().collect::<Vec<_>>(), location))
        }
    };
    let listed_channel = match &scope.channels {
        Dimension::All => None,
        Dimension::Listed(set) => Some(pick(&set.iter().copied().collect::<Vec<_>>(), channel)),
    };
    let retailer = match (listed_location, listed_channel, &scope.retailers) {
        (Some(location), _, _) => world.retailer_of_location(location),
        (None, Some(channel), _) => world.retailer_of_channel(channel),
        (None, None, Dimension::Listed(set)) => pick(&set.iter().copied().collect::<Vec<_>>(), retailer),
        (None, None, Dimension::All) => id(retailer % world.retailers + 1),
    };
    let locations: Vec<_> = world.locations_of(retailer).collect();
    let channels: Vec<_> = world.channels_of(retailer).collect();
    let present = |number: u32| !(number / 64).is_multiple_of(8);
    Place {
        retailer: Some(retailer),
        location: listed_location.or(Some(pick(&locations, location))).filter(|_| present(location)),
        channel: listed_channel.or(Some(pick(&channels, channel))).filter(|_| present(channel)),
    }
}

/// Each part by itself: whole, empty, or at odds with the others.
fn any_place(world: &World, [retailer, location, channel]: [u32; 3]) -> Place {
    fn part<T: Number>(count: usize, number: u32) -> Option<T> {
        T::from_number(number % (count as u32 + 1))
    }
    Place {
        retailer: part(world.retailers as usize, retailer),
        location: part(world.locations.len(), location),
        channel: part(world.channels.len(), channel),
    }
}
