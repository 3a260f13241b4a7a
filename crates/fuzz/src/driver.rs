//! The loop: make an input, try it, keep it if it reached something new.

use crate::corpus::Corpus;
use crate::found::Finding;
use crate::minimise::minimised;
use crate::mutate::mutated;
use crate::random::Random;
use crate::reached::Reached;
use crate::target::Target;
use crate::trial::{Broken, attempt};
use std::time::{Duration, Instant};

/// A run ends when it found so many.
pub const FINDINGS_MAX: usize = 8;

/// How often the caller is asked whether to go on, in inputs.
const ASK_EVERY: u64 = 256;

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Inputs tried.
    pub inputs: u64,
    /// How many of them the parser accepted.
    pub accepted: u64,
    /// How many different things they reached.
    pub features: usize,
    /// What broke, at most once for every place that broke, at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// The longest time that an input took, and that input.
    pub slowest: (Duration, Vec<u8>),
}

impl Tally {
    /// This and another run of the same target, as one; features are those of the run that saw most.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.inputs += other.inputs;
        self.accepted += other.accepted;
        self.features = self.features.max(other.features);
        self.slowest = self.slowest.max(other.slowest);
        for finding in other.findings {
            if !self.findings.iter().any(|known| known.broken.place == finding.broken.place) {
                self.findings.push(finding);
            }
        }
        self
    }

    fn is_full(&self) -> bool {
        self.findings.len() >= FINDINGS_MAX
    }
}

/// Tries the seeds of a target, then inputs made of them, until `is_enough` says so of their number. The inputs
/// are a function of `seed`.
pub fn fuzz(target: &Target, seed: u64, mut is_enough: impl FnMut(u64) -> bool) -> Tally {
    let mut tally = Tally::default();
    let mut corpus = Corpus::new(target.seeds);
    for seed in target.seeds {
        one(target, seed.as_bytes(), &mut tally, &mut corpus);
    }
    let mut random = Random::new(seed);
    let asked = |tally: &Tally| tally.inputs.is_multiple_of(ASK_EVERY);
    let mut is_over = |tally: &Tally| tally.is_full() || asked(tally) && is_enough(tally.inputs);
    while !is_over(&tally) {
        let (base, other) = (corpus.pick(&mut random), corpus.pick(&mut random));
        let input = mutated(base, other, target, &mut random);
        one(target, &input, &mut tally, &mut corpus);
    }
    tally.features = corpus.features();
    tally
}

fn one(target: &Target, input: &[u8], tally: &mut Tally, corpus: &mut Corpus) {
    let (result, took) = timed(|| attempt(target, input));
    tally.inputs += 1;
    if took > tally.slowest.0 {
        tally.slowest = (took, input.to_vec());
    }
    match result {
        Ok(reached) => {
            tally.accepted += u64::from(reached.is_accepted());
            corpus.offer(input, reached);
        }
        Err(broken) => found(target, input, broken, tally),
    }
}

fn found(target: &Target, input: &[u8], broken: Broken, tally: &mut Tally) {
    if tally.findings.iter().any(|known| known.broken.place == broken.place) {
        return;
    }
    let (input, broken) = minimised(target, input.to_vec(), broken);
    tally.findings.push(Finding { target: target.name, input, broken });
}

#[expect(clippy::disallowed_methods, reason = "the slowest input is told; no input depends on it")]
fn timed(work: impl FnOnce() -> Result<Reached, Broken>) -> (Result<Reached, Broken>, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}
