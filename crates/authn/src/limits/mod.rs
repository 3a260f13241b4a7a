//! Brute force: how often somebody may be wrong.
//!
//! | counted for | allowed | then |
//! | --- | --- | --- |
//! | an address (IPv6: its /64) | 100 failures at once, 20 a minute; 256 attempts in flight | refused until one is free |
//! | a login at an address | 5 wrong passwords, forgotten after an hour without one or by a success | pauses of 2, 4, 8, ... 900 s |
//! | a login, over all addresses | 10 wrong passwords, halved every 10 minutes | 250 ms, doubled for each 10 more, 4 s at most; not from the 8 addresses that it last signed in from |
//!
//! Only the address that fails is refused, so a stranger locks nobody out: what they do elsewhere delays a
//! user by 4 s at most, and not at all where that user signs in every day.
//!
//! **Invariant:** nothing here knows who exists; logins are looked at as keys alone, and those of nobody are
//! counted like all others.
//! **Invariant:** nothing here grows without bound. A full table forgets what is harmless first: whoever
//! failed least, and of those the oldest. So whoever wants to have their own lock forgotten must fail as
//! often again with each of some 60,000 other keys. From one address that takes ten days, and a lock ends by
//! itself after an hour; whoever has 60,000 addresses has no use for a lock forgotten at one of them.
//! Familiar addresses are made by signing in alone, so no stranger drives one out.
//! **Invariant:** neither passwords nor logins are kept, only codes of them under a key of this process.

mod attempt;
mod bucket;
mod pair;
mod table;
mod user;

#[cfg(test)]
mod tests;

pub use attempt::Attempt;

use access::{AccountId, Instant, Number};
use attempt::{Held, Keys};
use bucket::{Bucket, Full};
use hmac::{Hmac, KeyInit, Mac};
use pair::Pair;
use sha2::Sha256;
use std::net::IpAddr;
use std::sync::Arc;
use store::{IdSource, NoRandomness};
use table::Table;
use user::{Failures, Familiar};

/// Somebody who tries a password.
#[derive(Clone, Copy, Debug)]
pub struct Try<'t> {
    /// The account, where it is known.
    pub account: Option<AccountId>,
    /// The login as [`access::Login`] spells it, in lower case; where the account is not known, with what was
    /// given for it and a `/` before.
    pub login: &'t str,
    /// Where the try comes from; unknown ones are one address.
    pub address: Option<IpAddr>,
    /// [`Limits::code`] of the password.
    pub code: u64,
}

/// What is exhausted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The failures that an address has.
    Address,
    /// The attempts in flight that an address has.
    InFlight,
    /// The failures that a login has at an address.
    Pair,
}

/// Why a try is not taken. It says nothing of whether there is such a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins failed or are under way: try again in {retry_after_s} s")]
pub struct Refused {
    /// Seconds after which a try can be taken, 1 at least.
    pub retry_after_s: u32,
    /// For the log.
    pub why: Why,
}

/// From this failure on, tries are refused for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockBegan {
    /// [`Why::Address`] or [`Why::Pair`].
    pub which: Why,
    /// For how long, in seconds.
    pub pause_s: u32,
}

/// Counts the failures of all who try. One a process, shared by all its threads.
pub struct Limits {
    /// The code of nothing yet, under the key of this process.
    keyed: Hmac<Sha256>,
    buckets: Table<Bucket>,
    pairs: Table<Pair>,
    failures: Table<Failures>,
    familiar: Table<Familiar>,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

impl Limits {
    /// Addresses that are counted at most.
    pub const ADDRESSES_MAX: usize = 65_536;
    /// Logins at an address that are counted at most.
    pub const PAIRS_MAX: usize = 65_536;
    /// Logins that are counted at most, and logins whose addresses are known at most.
    pub const USERS_MAX: usize = 65_536;
    /// Longest delay of an attempt, in milliseconds.
    pub const DELAY_MS_MAX: u32 = user::DELAY_MS_MAX;

    /// One that counted nothing yet.
    ///
    /// # Errors
    /// No randomness for the key of this process.
    pub fn new(ids: &dyn IdSource) -> Result<Self, NoRandomness> {
        Self::bounded(ids, [Self::ADDRESSES_MAX, Self::PAIRS_MAX, Self::USERS_MAX])
    }

    fn bounded(ids: &dyn IdSource, [addresses, pairs, users]: [usize; 3]) -> Result<Self, NoRandomness> {
        // As long as a block of SHA-256, so that its length need not be judged when running.
        let mut key = hmac::digest::Key::<Hmac<Sha256>>::default();
        ids.fill(&mut key)?;
        Ok(Self {
            keyed: Hmac::new(&key),
            buckets: Table::new(addresses),
            pairs: Table::new(pairs),
            failures: Table::new(users),
            familiar: Table::new(users),
        })
    }

    /// What stands for a password here: nobody who does not know the key of this process learns anything of
    /// the password from it, or finds two that have the same.
    #[must_use]
    pub fn code(&self, password: &str) -> u64 {
        self.hash(b"p", &[], password.as_bytes())
    }

    /// A code of a kind, a head whose length its first byte tells, and a text. So no two are the same bytes.
    fn hash(&self, kind: &[u8; 1], head: &[u8], text: &[u8]) -> u64 {
        let code = self.keyed.clone().chain_update(kind).chain_update(head).chain_update(text);
        code.finalize().into_bytes().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }

    /// What stands for an address here, the same for all that count as one: what a queue may part them by.
    #[must_use]
    pub fn address_code(&self, address: Option<IpAddr>) -> u64 {
        match address.map(|address| address.to_canonical()) {
            None => self.hash(b"a", &[0], &[]),
            Some(IpAddr::V4(v4)) => self.hash(b"a", &[4], &v4.octets()),
            // A /64 is what one customer has at least.
            Some(IpAddr::V6(v6)) => self.hash(b"a", &[6], v6.octets().split_at(8).0),
        }
    }

    fn keys(&self, who: &Try<'_>) -> Keys {
        let address = self.address_code(who.address);
        let user = match who.account {
            None => self.hash(b"u", &[0], who.login.as_bytes()),
            Some(account) => {
                let [a, b, c, d] = account.number().to_le_bytes();
                self.hash(b"u", &[1, a, b, c, d], who.login.as_bytes())
            }
        };
        Keys { address, user, code: who.code }
    }

    /// Lets a try in, or says when to come again. It never waits: the delay is for the caller to keep.
    ///
    /// Attempts with the same password for the same login from the same address are one guess while one of
    /// them is in flight, as programs that know their password open many connections at once.
    ///
    /// # Errors
    /// What is exhausted for this address, or for this login at it.
    pub fn begin(self: &Arc<Self>, who: &Try<'_>, now: Instant) -> Result<Attempt, Refused> {
        let keys = self.keys(who);
        let enter = |bucket: &mut Bucket, born| bucket.enter(now).map(|()| born);
        let bucket = match self.buckets.change(keys.address.into(), now, enter) {
            Some(Ok(born)) => born,
            Some(Err(Full::Empty(retry_after_s))) => {
                return Err(Refused { retry_after_s, why: Why::Address });
            }
            Some(Err(Full::InFlight)) | None => {
                return Err(Refused { retry_after_s: 1, why: Why::InFlight });
            }
        };
        let enter = |pair: &mut Pair, born| pair.enter(keys.code, now).map(|()| born);
        let pair = match self.pairs.change(keys.pair(), now, enter) {
            Some(Ok(born)) => born,
            refused => {
                let leave = |entry: &mut Bucket, born| (born == bucket).then(|| entry.leave());
                self.buckets.change(keys.address.into(), now, leave);
                let retry_after_s = refused.and_then(Result::err).unwrap_or(1);
                return Err(Refused { retry_after_s, why: Why::Pair });
            }
        };
        let held = Some(Held { bucket, pair });
        Ok(Attempt { limits: Arc::clone(self), keys, began: now, delay_ms: self.delay_ms(keys, now), held })
    }

    fn delay_ms(&self, keys: Keys, now: Instant) -> u32 {
        let user = keys.user.into();
        let familiar = self.familiar.read(user, |familiar| familiar.knows(keys.address));
        if familiar == Some(true) {
            return 0;
        }
        self.failures.read(user, |failures| failures.delay_ms(now)).unwrap_or(0)
    }
}

fn after(at: Instant, us: i64) -> Instant {
    Instant(at.0.saturating_add(us))
}

/// Whole seconds after which `until` is reached, 1 at least.
fn seconds_until(until: Instant, now: Instant) -> u32 {
    let us = until.0.saturating_sub(now.0).max(1).unsigned_abs();
    u32::try_from(us.div_ceil(1_000_000)).unwrap_or(u32::MAX)
}
