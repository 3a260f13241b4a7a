//! Of one address: how many failures it has left, and how many attempts are in flight.

use super::table::Entry;
use super::{after, seconds_until};
use access::Instant;

/// Failures at once.
pub(super) const BURST: i64 = 100;
/// Microseconds after which one more is free: 20 a minute.
pub(super) const REFILL_US: i64 = 3_000_000;
/// Attempts in flight at most.
pub(super) const IN_FLIGHT_MAX: u32 = 256;
/// The longest until it is full: it was empty when as many as can be in flight failed.
const FULL_US_MAX: i64 = (BURST + IN_FLIGHT_MAX as i64) * REFILL_US;

/// A bucket of failures, kept as the instant at which it is full again: each failure moves it on by what one
/// takes to flow in. Failures of attempts that were in flight when it ran empty are owed.
#[derive(Default)]
pub(super) struct Bucket {
    full_at: Instant,
    in_flight: u32,
}

/// Why an address may not try.
pub(super) enum Full {
    /// The bucket is empty for so many seconds.
    Empty(u32),
    InFlight,
}

impl Bucket {
    /// When the first failure flows in again, if there is none now. A clock that was set back does not make
    /// it longer.
    fn empty_until(&self, now: Instant) -> Option<Instant> {
        let full_at = self.full_at.min(after(now, FULL_US_MAX));
        let one_at = after(full_at, -(BURST - 1) * REFILL_US);
        (one_at > now).then_some(one_at)
    }

    pub(super) fn enter(&mut self, now: Instant) -> Result<(), Full> {
        if let Some(until) = self.empty_until(now) {
            return Err(Full::Empty(seconds_until(until, now)));
        }
        if self.in_flight >= IN_FLIGHT_MAX {
            return Err(Full::InFlight);
        }
        self.in_flight += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Counts a failure; the seconds for which the bucket is empty, when it was not before.
    pub(super) fn fail(&mut self, now: Instant) -> Option<u32> {
        let was_empty = self.empty_until(now).is_some();
        self.full_at = after(self.full_at.clamp(now, after(now, FULL_US_MAX)), REFILL_US);
        self.empty_until(now).filter(|_| !was_empty).map(|until| seconds_until(until, now))
    }
}

impl Entry for Bucket {
    fn is_idle(&self, now: Instant) -> bool {
        self.full_at <= now && self.in_flight == 0
    }

    /// What is owed, in the time that it takes to flow in.
    fn harm(&self, now: Instant) -> u64 {
        let owed = self.full_at.0.saturating_sub(now.0).max(0).unsigned_abs();
        owed + u64::from(self.in_flight) * REFILL_US.unsigned_abs()
    }
}
