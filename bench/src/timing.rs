//! Time taken in turns: on a machine that is shared, two figures are comparable only when the noise
//! fell on both.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// How long something took, and what it gave.
#[expect(clippy::disallowed_methods, reason = "the one clock of the benchmarks")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begin = Instant::now();
    let made = work();
    (begin.elapsed(), made)
}

/// Nanoseconds an item, of so many that were worked on.
pub(crate) fn ns_each(items: usize, work: impl FnOnce()) -> f64 {
    busy(work).0.as_nanos() as f64 / items as f64
}

/// How long this thread was on a processor for it: the time that others took in between is left out.
pub(crate) fn busy<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let now = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(at.tv_sec.unsigned_abs(), u32::try_from(at.tv_nsec).unwrap_or(0))
    };
    let begin = now();
    let made = work();
    (now().saturating_sub(begin), made)
}

/// Nanoseconds an item: the rounds of each contestant.
pub(crate) struct Rounds<const N: usize> {
    rounds: Vec<[f64; N]>,
}

impl<const N: usize> Rounds<N> {
    /// Lets the contestants run one after the other, `rounds` times, each round beginning with the next one.
    ///
    /// A contestant is called with a number that no other gets, so that none of them finds in the cache what
    /// another asked for, and says how many nanoseconds an item took. One round more than counted is run
    /// first, to warm up.
    pub(crate) fn of(rounds: usize, contestants: [&mut dyn FnMut(u64) -> f64; N]) -> Self {
        let mut kept = Vec::new();
        let mut number = 0;
        for round in 0..=rounds {
            let mut times = [0.0; N];
            for turn in 0..N {
                let who = (turn + round) % N;
                number += 1;
                times[who] = contestants[who](number);
            }
            if round > 0 {
                kept.push(times);
            }
        }
        Self { rounds: kept }
    }

    /// The median of one contestant.
    pub(crate) fn median(&self, who: usize) -> f64 {
        median(self.rounds.iter().map(|r| r[who]))
    }

    /// The median over the rounds of what is made of the figures of one round.
    pub(crate) fn median_of(&self, figure: impl Fn(&[f64; N]) -> f64) -> f64 {
        median(self.rounds.iter().map(figure))
    }
}

/// The middle one.
pub(crate) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = figures.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The next state of a stream of numbers (SplitMix64), and the number.
#[inline]
pub(crate) fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mix(*state)
}

/// A number that looks random, made of another.
#[inline]
pub(crate) fn mix(number: u64) -> u64 {
    let z = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// A number below `bound` from 32 random bits.
#[inline]
pub(crate) fn below(bits: u32, bound: u32) -> u32 {
    ((u64::from(bits) * u64::from(bound)) >> 32) as u32
}
