//! Of one login, over all addresses: how many guesses failed lately, and where it signed in from.

use super::after;
use super::table::Entry;
use access::Instant;

/// Failures without a delay.
pub(super) const FREE: u32 = 10;
/// Failures that double the delay.
const STEP: u32 = 10;
/// The first delay, in milliseconds.
const DELAY_MS_MIN: u32 = 250;
/// The longest delay, in milliseconds.
pub(super) const DELAY_MS_MAX: u32 = 4000;
/// Microseconds after which the failures count half.
pub(super) const HALVED_US: i64 = 600_000_000;
/// Addresses of a login that are known, at most.
const FAMILIAR_MAX: usize = 8;

/// Guesses that failed.
#[derive(Default)]
pub(super) struct Failures {
    count: u32,
    /// When they began to count, or were halved.
    since: Instant,
}

impl Failures {
    fn halvings(&self, now: Instant) -> u32 {
        let gone = now.0.saturating_sub(self.since.0).max(0) / HALVED_US;
        u32::try_from(gone).unwrap_or(u32::MAX)
    }

    fn count(&self, now: Instant) -> u32 {
        self.count.checked_shr(self.halvings(now)).unwrap_or(0)
    }

    pub(super) fn fail(&mut self, now: Instant) {
        let halvings = self.halvings(now);
        let count = self.count(now);
        self.since = if count == 0 { now } else { after(self.since, i64::from(halvings) * HALVED_US) };
        self.count = count.saturating_add(1);
    }

    /// What an attempt from an address that is not familiar has to wait, in milliseconds.
    pub(super) fn delay_ms(&self, now: Instant) -> u32 {
        match self.count(now).checked_sub(FREE + 1) {
            Some(more) => {
                DELAY_MS_MIN.checked_shl((more / STEP).min(8)).unwrap_or(DELAY_MS_MAX).min(DELAY_MS_MAX)
            }
            None => 0,
        }
    }
}

impl Entry for Failures {
    fn is_idle(&self, now: Instant) -> bool {
        self.count(now) == 0
    }

    fn harm(&self, now: Instant) -> u64 {
        self.count(now).into()
    }
}

/// The addresses that a login last signed in from, the latest first.
#[derive(Default)]
pub(super) struct Familiar([Option<u64>; FAMILIAR_MAX]);

impl Familiar {
    pub(super) fn knows(&self, address: u64) -> bool {
        self.0.contains(&Some(address))
    }

    pub(super) fn add(&mut self, address: u64) {
        let at = self.0.iter().position(|known| *known == Some(address)).unwrap_or(FAMILIAR_MAX - 1);
        if let Some(upto) = self.0.get_mut(..=at) {
            upto.rotate_right(1);
            if let Some(first) = upto.first_mut() {
                *first = Some(address);
            }
        }
    }
}

/// Only who knows a password makes one, so strangers drive none out; of those that do the oldest goes.
impl Entry for Familiar {
    fn is_idle(&self, _: Instant) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn harm(&self, _: Instant) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_with_each_further_ten_and_ends_at_the_longest() {
        let mut failures = Failures::default();
        let mut delays = vec![failures.delay_ms(Instant(0))];
        for _ in 0..70 {
            failures.fail(Instant(0));
            delays.push(failures.delay_ms(Instant(0)));
        }
        for (from, to, delay) in
            [(0, 10, 0), (11, 20, 250), (21, 30, 500), (31, 40, 1000), (41, 50, 2000), (51, 70, 4000)]
        {
            assert!(delays[from..=to].iter().all(|d| *d == delay), "{from} {to} {delays:?}");
        }
        failures.count = u32::MAX;
        assert_eq!(failures.delay_ms(Instant(0)), DELAY_MS_MAX);
    }

    #[test]
    fn failures_count_half_after_ten_minutes_and_nothing_in_the_end() {
        let mut failures = Failures::default();
        (0..44).for_each(|_| failures.fail(Instant(7)));
        for (periods, count) in [(0, 44), (1, 22), (2, 11), (3, 5), (4, 2), (5, 1), (6, 0), (40, 0)] {
            let at = Instant(7 + periods * HALVED_US);
            assert_eq!((failures.count(at), failures.is_idle(at)), (count, count == 0), "{periods}");
            assert_eq!(
                failures.count(Instant(at.0 - 1)),
                if periods == 0 { 44 } else { count_before(periods) }
            );
        }
        // A further one does not begin the ten minutes anew.
        failures.fail(Instant(7 + HALVED_US + 5));
        assert_eq!(failures.count, 23);
        assert_eq!(failures.count(Instant(7 + 2 * HALVED_US)), 11);
        assert_eq!(failures.count(Instant(i64::MAX)), 0);
        assert_eq!(failures.count(Instant(i64::MIN)), 23);
    }

    fn count_before(periods: i64) -> u32 {
        44 >> (periods - 1).min(31)
    }

    #[test]
    fn the_last_addresses_are_familiar() {
        let mut familiar = Familiar::default();
        (1..=8).for_each(|address| familiar.add(address));
        familiar.add(1);
        familiar.add(9);
        let known: Vec<u64> = (0..12).filter(|address| familiar.knows(*address)).collect();
        assert_eq!(known, [1, 3, 4, 5, 6, 7, 8, 9]);
        (0..20).for_each(|_| familiar.add(3));
        assert!(familiar.knows(1) && familiar.knows(4));
    }
}
