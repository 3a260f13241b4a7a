//! The bare floor: what a careful programmer would write who has nothing else to do than answer.
//!
//! The same data in plain arrays with dense ids, never changed, without logins, names, ids of grants or
//! reasons. It gives the same answers; the benchmark stops when it does not.

use super::company::Given;
use access::{Application, Instant};

const ACTIVE: u16 = 1;

const RETAILERS: u16 = 1;
const NARROW: u16 = 2;
const ONLY: u16 = 4;
const CHANNELS: u16 = 8;
const TIMED: u16 = 16;

/// Eight bytes, so that a user is one line of memory.
struct User {
    first: u32,
    count: u16,
    flags: u16,
}

struct Grant {
    role: u16,
    flags: u16,
    /// Where its lists begin: a count and the numbers of each that the flags name.
    lists: u32,
}

/// What an entity asks of a scope.
#[derive(Clone, Copy)]
pub(crate) struct Carried {
    pub(crate) location: bool,
    pub(crate) channel: bool,
    pub(crate) reference: bool,
}

/// A question in plain numbers; 0 is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) user: u32,
    pub(crate) permission: u32,
    pub(crate) entity: u32,
    pub(crate) retailer: u32,
    pub(crate) location: u32,
    pub(crate) channel: u32,
}

#[derive(Default)]
pub(crate) struct Floor {
    users: Vec<User>,
    grants: Vec<Grant>,
    lists: Vec<u32>,
    validity: Vec<(i64, i64)>,
    /// `words` words of permission bits a role.
    role_bits: Vec<u64>,
    words: usize,
    views: Vec<bool>,
    entities: Vec<Carried>,
    role_counts: Vec<u8>,
    role_opens: Vec<u8>,
}

impl Floor {
    pub(crate) fn user(&mut self, enabled: bool, grants: &[Given]) {
        let first = self.grants.len() as u32;
        let flags = if enabled { ACTIVE } else { 0 };
        self.users.push(User { first, count: grants.len() as u16, flags });
        for given in grants {
            let lists = self.lists.len() as u32;
            let mut flags = 0;
            if given.validity != access::Validity::ALWAYS {
                flags |= TIMED;
                self.lists.push(self.validity.len() as u32);
                let end = |at: Option<Instant>, open: i64| at.map_or(open, |i| i.0);
                self.validity.push((end(given.validity.from, i64::MIN), end(given.validity.until, i64::MAX)));
            }
            let locations = if given.narrow { NARROW } else { ONLY };
            let dimensions =
                [(&given.retailers, RETAILERS), (&given.locations, locations), (&given.channels, CHANNELS)];
            for (list, flag) in dimensions.into_iter().filter(|(list, _)| !list.is_empty()) {
                flags |= flag;
                self.lists.push(list.len() as u32);
                self.lists.extend(list);
            }
            self.grants.push(Grant { role: given.role as u16, flags, lists });
        }
    }

    /// What is the same for all users, from the snapshot of the same company.
    pub(crate) fn finish(&mut self, snapshot: &access::Snapshot, entities: &[access::Entity]) {
        let permissions = snapshot.permissions();
        self.views = permissions.ids().map(|id| permissions.is_view(id)).collect();
        self.words = permissions.len().div_ceil(64);
        for role in snapshot.roles() {
            let at = self.role_bits.len();
            self.role_bits.resize(at + self.words, 0);
            for permission in role.permissions.iter() {
                self.role_bits[at + permission.index() / 64] |= 1 << (permission.index() % 64);
            }
            let counts = Application::ALL.map(|a| role.counts_in().contains(a));
            let opens = Application::ALL.map(|a| {
                let held =
                    permissions.find(a.access_permission()).is_some_and(|p| role.permissions.contains(p));
                role.counts_in().contains(a) && (held || a == Application::Api && role.application.is_none())
            });
            let bits = |of: [bool; 3]| of.iter().enumerate().map(|(i, on)| u8::from(*on) << i).sum();
            self.role_counts.push(bits(counts));
            self.role_opens.push(bits(opens));
        }
        self.entities.extend(entities.iter().map(|e| Carried {
            location: e.carries_location(),
            channel: e.carries_channel(),
            reference: e.is_reference_data(),
        }));
    }

    #[inline]
    pub(crate) fn carried(&self, entity: u32) -> Carried {
        self.entities[entity as usize]
    }

    #[inline]
    fn holds(&self, role: u16, permission: u32) -> bool {
        let word = usize::from(role) * self.words + permission as usize / 64;
        self.role_bits[word] >> (permission % 64) & 1 != 0
    }

    /// Every grant counts.
    #[inline]
    pub(crate) fn allows(&self, ask: &Ask, now: Instant) -> bool {
        let user = &self.users[ask.user as usize - 1];
        let grants = &self.grants[user.first as usize..][..usize::from(user.count)];
        user.flags & ACTIVE != 0
            && grants.iter().any(|g| self.holds(g.role, ask.permission) && self.admits(g, ask, now))
    }

    /// Only the grants of an application count, and one of them must open it.
    #[inline]
    pub(crate) fn allows_in(&self, ask: &Ask, application: usize, now: Instant) -> bool {
        let user = &self.users[ask.user as usize - 1];
        if user.flags & ACTIVE == 0 {
            return false;
        }
        let (mut entered, mut found) = (false, false);
        for grant in &self.grants[user.first as usize..][..usize::from(user.count)] {
            let role = usize::from(grant.role);
            if self.role_counts[role] >> application & 1 == 0 {
                continue;
            }
            entered |= self.role_opens[role] >> application & 1 != 0 && self.holds_at(grant, now);
            found |= !found && self.holds(grant.role, ask.permission) && self.admits(grant, ask, now);
            if entered && found {
                return true;
            }
        }
        false
    }

    #[inline]
    fn holds_at(&self, grant: &Grant, now: Instant) -> bool {
        grant.flags & TIMED == 0 || {
            let (from, until) = self.validity[self.lists[grant.lists as usize] as usize];
            from <= now.0 && now.0 < until
        }
    }

    #[inline]
    fn admits(&self, grant: &Grant, ask: &Ask, now: Instant) -> bool {
        if !self.holds_at(grant, now) {
            return false;
        }
        let entity = self.entities[ask.entity as usize];
        let shared = entity.reference && self.views[ask.permission as usize];
        let mut at = grant.lists as usize + usize::from(grant.flags & TIMED != 0);
        if grant.flags & RETAILERS != 0 && !self.listed(&mut at, ask.retailer, shared) {
            return false;
        }
        if grant.flags & (NARROW | ONLY) != 0 {
            let free = shared || grant.flags & NARROW != 0 && !entity.location;
            if !self.listed(&mut at, ask.location, free) {
                return false;
            }
        }
        grant.flags & CHANNELS == 0 || self.listed(&mut at, ask.channel, shared || !entity.channel)
    }

    #[inline]
    fn listed(&self, at: &mut usize, wanted: u32, free: bool) -> bool {
        let count = self.lists[*at] as usize;
        let list = &self.lists[*at + 1..][..count];
        *at += 1 + count;
        match (wanted, count) {
            (0, _) => free,
            (_, ..=16) => list.contains(&wanted),
            _ => list.binary_search(&wanted).is_ok(),
        }
    }
}
