//! Random small accounts: two retailers, a few users with random grants, all of it made by the operator.

use super::super::world::*;
use super::rng::Rng;
use crate::commands::*;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::Snapshot;
use crate::words::*;
use crate::{GrantSpec, Instant, Subject, Validity};
use std::sync::OnceLock;

/// Permissions that random roles are made of.
pub(super) const PALETTE: &[&str] = &[
    "ORDER_VIEW",
    "ORDER_UPDATE",
    "FULFILMENT_UPDATE",
    "SETTING_VIEW",
    "USER_VIEW",
    "USER_CREATE",
    "USER_UPDATE",
    "USER_REMOVE",
    "ROLE_CREATE",
    "ROLE_UPDATE",
    "ROLE_REMOVE",
    "PERMISSIONSFROMROLE_REMOVE",
];

/// Roles and how often random users have them.
const ROLE_WEIGHTS: &[(&str, usize)] = &[
    ("manager", 14),
    ("role_editor", 12),
    ("orders", 12),
    ("boss", 10),
    ("random_a", 10),
    ("random_b", 10),
    ("ROLE_MANAGER", 8),
    ("USER_MANAGER", 8),
    ("copy_of_managers", 12),
    ("everything", 6),
    ("ADMIN", 2),
    ("client_admin", 3),
    ("headquarters", 3),
    ("retail_director", 3),
    ("vendor_manager", 4),
    ("vendor", 2),
    ("client_viewer", 2),
    ("STORE_ASSISTANT", 3),
    ("api_user", 2),
];

/// The account before its random users: built once.
fn base() -> &'static Snapshot {
    static BASE: OnceLock<Snapshot> = OnceLock::new();
    BASE.get_or_init(|| {
        let state = empty(1, &["north", "south"]);
        let mut world = World { state, admin: UserId::from_number(1).unwrap() };
        world.user("admin@shop.example", &[("ADMIN", Scope::account())]);
        world.custom("manager", MANAGE);
        world.custom("role_editor", ROLES);
        world.custom("orders", ORDERS);
        world.custom("boss", &[MANAGE, ROLES].concat());
        let all: Vec<String> = world.state.permissions().names().iter().map(ToString::to_string).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        world.custom("everything", &all);
        let mut both = world.state.find_role("ROLE_MANAGER").unwrap().permissions.clone();
        both.extend(&world.state.find_role("USER_MANAGER").unwrap().permissions);
        let both: Vec<&str> = both.iter().map(|p| all[p.index()]).collect();
        world.custom("copy_of_managers", &both);
        world.state
    })
}

pub(super) fn role(rng: &mut Rng, state: &Snapshot) -> RoleId {
    let weights: Vec<usize> = ROLE_WEIGHTS.iter().map(|(_, weight)| *weight).collect();
    let made: Vec<RoleId> = state.roles().filter(|r| !r.id.is_built_in()).map(|r| r.id).collect();
    let key = ROLE_WEIGHTS[rng.weighted(&weights)].0;
    match state.find_role(key) {
        Some(role) if rng.chance(85) => role.id,
        _ => *rng.of(&made),
    }
}

fn some<T: Number>(rng: &mut Rng, of: &[u32]) -> IdSet<T> {
    let first = *rng.of(of);
    let second = rng.chance(30).then(|| *rng.of(of));
    IdSet::new([Some(first), second].into_iter().flatten().filter_map(T::from_number)).unwrap()
}

/// Locations 1 and 2, channels 1 and 2 are those of retailer 1; 3 and 4 those of retailer 2.
pub(super) fn scope(rng: &mut Rng) -> Scope {
    if rng.chance(45) {
        return Scope::account();
    }
    let (retailers, places) = match rng.weighted(&[40, 40, 10, 10]) {
        0 => (Extent::Set(IdSet::new(RetailerId::from_number(1)).unwrap()), &[1, 2][..]),
        1 => (Extent::Set(IdSet::new(RetailerId::from_number(2)).unwrap()), &[3, 4][..]),
        2 => {
            (Extent::Set(IdSet::new((1..=2).filter_map(RetailerId::from_number)).unwrap()), &[1, 2, 3, 4][..])
        }
        _ => (Extent::All, &[1, 2, 3, 4][..]),
    };
    let locations = match rng.weighted(&[50, 25, 25]) {
        0 => LocationExtent::All,
        1 => LocationExtent::Narrow(some(rng, places)),
        _ => LocationExtent::Only(some(rng, places)),
    };
    let channels = if rng.chance(70) { Extent::All } else { Extent::Set(some(rng, places)) };
    Scope { retailers, locations, channels }
}

/// Always, or with an end between the instants that are looked at.
pub(super) fn validity(rng: &mut Rng) -> Validity {
    let mark = |rng: &mut Rng| Some(Instant(*rng.of(&[1_500, 2_500])));
    match rng.weighted(&[60, 20, 15, 5]) {
        0 => Validity::ALWAYS,
        1 => Validity { from: None, until: mark(rng) },
        2 => Validity { from: mark(rng), until: None },
        _ => Validity { from: Some(Instant(500)), until: mark(rng) },
    }
}

fn random_role(rng: &mut Rng, state: &Snapshot, key: &str) -> Option<Snapshot> {
    let some: Vec<&str> = PALETTE.iter().copied().filter(|_| rng.chance(40)).collect();
    let application = rng.chance(25).then(|| *rng.of(&Application::ALL));
    execute(state, &Subject::operator(state.account().id), create_role(key, application, &some)).ok()
}

/// An account with five to seven random users behind its administrator, some of them disabled.
pub(super) fn account(rng: &mut Rng) -> Snapshot {
    let mut state = base().clone();
    let operator = Subject::operator(state.account().id);
    for key in ["random_a", "random_b"] {
        state = random_role(rng, &state, key).unwrap();
    }
    for number in 0..5 + rng.below(3) {
        let at = if rng.chance(90) { "@shop.example" } else { "" };
        let mut grants = Vec::new();
        for _ in 0..1 + rng.below(3) {
            let spec = GrantSpec { role: role(rng, &state), scope: scope(rng), validity: validity(rng) };
            // Some make no user together (two ranks, no e-mail): those are left out.
            let mut more = grants.clone();
            more.push(spec);
            let login = format!("user{number}{at}");
            if execute(&state, &operator, create_user(&login, more.clone())).is_ok() {
                grants = more;
            }
        }
        state = execute(&state, &operator, create_user(&format!("user{number}{at}"), grants)).unwrap();
        if rng.chance(15) {
            let id = UserId::from_number(state.user_count() as u32).unwrap();
            state = execute(&state, &operator, DisableUser { id }).unwrap();
        }
    }
    state
}
