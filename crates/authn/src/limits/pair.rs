//! Of one login at one address: how many guesses failed, and which are in flight.

use super::table::Entry;
use super::{after, seconds_until};
use access::Instant;

/// Failures before the first pause.
pub(super) const FREE: u32 = 5;
/// The first pause, in seconds; each further one is twice as long.
pub(super) const PAUSE_S_MIN: u32 = 2;
/// The longest pause, in seconds.
pub(super) const PAUSE_S_MAX: u32 = 900;
/// Microseconds without a failure after which all is forgotten.
pub(super) const FORGET_US: i64 = 3_600_000_000;

/// A password that is being tried, by one attempt or several at once: they are one guess.
struct Guess {
    code: u64,
    attempts: u32,
    /// It failed, and was counted, while others of the same password were still in flight.
    failed: bool,
}

#[derive(Default)]
pub(super) struct Pair {
    failures: u32,
    last_failure: Instant,
    paused_until: Instant,
    /// No more than an address may have attempts in flight.
    guesses: Vec<Guess>,
}

/// The pause after so many failures, in seconds.
pub(super) fn pause_s(failures: u32) -> Option<u32> {
    let doubled = failures.checked_sub(FREE)?;
    Some(PAUSE_S_MIN.checked_shl(doubled.min(16)).unwrap_or(PAUSE_S_MAX).min(PAUSE_S_MAX))
}

impl Pair {
    fn forget_what_is_past(&mut self, now: Instant) {
        if after(self.last_failure, FORGET_US) <= now {
            self.failures = 0;
        }
    }

    /// Until when no try is taken. A clock that was set back does not make it longer.
    fn pause(&self, now: Instant) -> Option<Instant> {
        let until = self.paused_until.min(after(now, i64::from(PAUSE_S_MAX) * 1_000_000));
        (until > now).then_some(until)
    }

    /// Takes a try. A password that is in flight already is no further guess; each other one in flight counts
    /// as a failure until it is known to be none.
    ///
    /// The refusal has the seconds to wait.
    pub(super) fn enter(&mut self, code: u64, now: Instant) -> Result<(), u32> {
        self.forget_what_is_past(now);
        if let Some(until) = self.pause(now) {
            return Err(seconds_until(until, now));
        }
        if let Some(guess) = self.guesses.iter_mut().find(|g| g.code == code) {
            guess.attempts += 1;
            return Ok(());
        }
        let undecided = self.guesses.iter().filter(|g| !g.failed).count();
        let in_flight = u32::try_from(undecided).unwrap_or(u32::MAX);
        if in_flight > 0 && self.failures.saturating_add(in_flight) >= FREE {
            return Err(PAUSE_S_MIN);
        }
        self.guesses.push(Guess { code, attempts: 1, failed: false });
        Ok(())
    }

    /// Ends an attempt; whether its guess was counted as failed by another before.
    pub(super) fn leave(&mut self, code: u64) -> bool {
        let Some(guess) = self.guesses.iter_mut().find(|g| g.code == code) else { return false };
        guess.attempts = guess.attempts.saturating_sub(1);
        let failed = guess.failed;
        self.guesses.retain(|g| g.attempts > 0);
        failed
    }

    /// Counts a guess that failed; the seconds of the pause that begins.
    pub(super) fn fail(&mut self, code: u64, now: Instant) -> Option<u32> {
        self.forget_what_is_past(now);
        self.failures = self.failures.saturating_add(1);
        self.last_failure = now;
        if let Some(guess) = self.guesses.iter_mut().find(|g| g.code == code) {
            guess.failed = true;
        }
        let pause_s = pause_s(self.failures)?;
        self.paused_until = after(now, i64::from(pause_s) * 1_000_000);
        Some(pause_s)
    }

    pub(super) fn succeed(&mut self) {
        self.failures = 0;
        self.paused_until = Instant::default();
    }
}

impl Entry for Pair {
    fn is_idle(&self, now: Instant) -> bool {
        self.guesses.is_empty() && (self.failures == 0 || after(self.last_failure, FORGET_US) <= now)
    }

    /// Failures, and what counts as one.
    fn harm(&self, _: Instant) -> u64 {
        u64::from(self.failures) + self.guesses.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<_> = (0..18).map(pause_s).collect();
        assert_eq!(pauses[..5], [None; 5]);
        let expected = [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900].map(Some);
        assert_eq!(pauses[5..], expected);
        assert_eq!(pause_s(u32::MAX), Some(PAUSE_S_MAX));
    }
}
