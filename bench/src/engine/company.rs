//! A company of a given size, made by rule: who is at home where, and which grants each user has.
//!
//! Everything follows from numbers, so that a question can aim at a user's home without reading that
//! user's grants first, which would warm them.

use crate::timing::{below, mix, random};
use access::Validity;
use std::io::Write;

/// How large the company is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Company {
    pub(crate) users: u32,
    pub(crate) retailers: u32,
    /// Locations and channels of each retailer; they are numbered retailer by retailer.
    pub(crate) locations_each: u32,
    pub(crate) channels_each: u32,
    /// Roles, built-in and custom, and permissions of the account.
    pub(crate) roles: u32,
    pub(crate) permissions: u32,
}

pub(crate) const CUSTOM_ROLES: u32 = 24;
pub(crate) const CUSTOM_PERMISSIONS: u32 = 8;

/// What a user may be granted: as a store would keep it. Empty lists are "all".
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// The place of the role in the company's list.
    pub(crate) role: usize,
    pub(crate) retailers: Vec<u32>,
    pub(crate) locations: Vec<u32>,
    /// Whether the listed locations are Narrow; else Only.
    pub(crate) narrow: bool,
    pub(crate) channels: Vec<u32>,
    pub(crate) validity: Validity,
}

/// The instant at which questions are asked.
pub(crate) const NOW: access::Instant = access::Instant(1_800_000_000_000_000);
const DAY: i64 = 86_400_000_000;

impl Company {
    /// Of so many users, with a location for every twenty and 125 locations a retailer.
    pub(crate) fn of(users: u32, built_in_roles: usize, built_in_permissions: usize) -> Self {
        let locations = (users / 20).max(50);
        let retailers = (locations / 125).max(4);
        Self {
            users,
            retailers,
            locations_each: locations / retailers,
            channels_each: 3,
            roles: built_in_roles as u32 + CUSTOM_ROLES,
            permissions: built_in_permissions as u32 + CUSTOM_PERMISSIONS,
        }
    }

    pub(crate) fn locations(&self) -> u32 {
        self.retailers * self.locations_each
    }

    pub(crate) fn channels(&self) -> u32 {
        self.retailers * self.channels_each
    }

    /// The number of a location or channel of a retailer, where each has `each` of them.
    #[inline]
    pub(crate) fn of_retailer(retailer: u32, each: u32, bits: u32) -> u32 {
        (retailer - 1) * each + below(bits, each) + 1
    }

    /// The retailer and the location where a user is at home.
    #[inline]
    pub(crate) fn home(&self, user: u32) -> (u32, u32) {
        let bits = mix(u64::from(user));
        let retailer = below(bits as u32, self.retailers) + 1;
        (retailer, Self::of_retailer(retailer, self.locations_each, (bits >> 32) as u32))
    }

    /// The login of a user, written over what is in `to`.
    pub(crate) fn login(user: u32, to: &mut Vec<u8>) {
        const FIRST: [&str; 8] = ["ann", "bob", "carla", "dmitri", "elena", "femi", "georg", "hiro"];
        const LAST: [&str; 8] = ["smith", "jones", "okafor", "tanaka", "garcia", "novak", "muller", "li"];
        let (first, last) = (FIRST[user as usize % 8], LAST[user as usize / 8 % 8]);
        to.clear();
        write!(to, "{first}.{last}{user}@shop.example").unwrap_or_default();
    }

    /// One user in 50 is switched off.
    pub(crate) fn is_enabled(user: u32) -> bool {
        !mix(u64::from(user) ^ 0x0ff0).is_multiple_of(50)
    }

    /// The 1 to 6 grants of a user, written over what is in `to`.
    pub(crate) fn grants(&self, user: u32, to: &mut Vec<Given>) {
        let mut state = mix(u64::from(user) ^ 0x6a09_e667);
        to.resize_with(1 + below(random(&mut state) as u32, 6) as usize, Given::default);
        for given in to {
            self.grant(user, &mut state, given);
        }
    }

    fn grant(&self, user: u32, state: &mut u64, given: &mut Given) {
        for list in [&mut given.retailers, &mut given.locations, &mut given.channels] {
            list.clear();
        }
        let mut draw = |bound: u32| below(random(state) as u32, bound);
        given.role = self.role(draw(100), draw(u32::MAX));
        // Three grants in four are at home.
        let (home, home_location) = self.home(user);
        let at_home = draw(4) > 0;
        let retailer = if at_home { home } else { draw(self.retailers) + 1 };
        let kind = draw(100);
        if kind < 95 {
            given.retailers.push(retailer);
        }
        if (70..74).contains(&kind) {
            given.retailers.push(draw(self.retailers) + 1);
        }
        let listed = match kind {
            0 => 20 + draw(100).min(self.locations_each),
            1..50 => 1 + draw(4),
            50..68 => 1 + draw(6),
            _ => 0,
        };
        given.narrow = (50..68).contains(&kind);
        for turn in 0..listed {
            let near = Self::of_retailer(retailer, self.locations_each, draw(u32::MAX));
            given.locations.push(if turn == 0 && at_home { home_location } else { near });
        }
        if matches!(kind, 64..68 | 80..95) {
            for _ in 0..=draw(2) {
                given.channels.push(Self::of_retailer(retailer, self.channels_each, draw(u32::MAX)));
            }
        }
        for list in [&mut given.retailers, &mut given.locations, &mut given.channels] {
            list.sort_unstable();
            list.dedup();
        }
        given.validity = match draw(50) {
            0 => Validity { from: None, until: Some(access::Instant(NOW.0 + DAY)) },
            1 => Validity { from: Some(access::Instant(NOW.0 + DAY)), until: None },
            _ => Validity::ALWAYS,
        };
    }

    /// Most people work in stores; the built-in roles stand in the order of the contract.
    fn role(&self, hundred: u32, bits: u32) -> usize {
        let built_in = self.roles - CUSTOM_ROLES;
        (match hundred {
            0..25 => 11,
            25..35 => 10,
            35..45 => 15,
            45..55 => 16,
            55..65 => 3,
            65..80 => built_in + below(bits, CUSTOM_ROLES),
            _ => below(bits, built_in),
        }) as usize
    }
}
