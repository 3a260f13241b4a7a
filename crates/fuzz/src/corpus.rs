//! The inputs that new ones are made of: for everything that was reached, the shortest that reached it.

use crate::random::Random;
use crate::reached::Reached;
use std::collections::HashMap;

/// Most inputs that are kept.
const INPUTS_MAX: usize = 4096;

/// The way, and the length in powers of two: long inputs of one way are tried as well as short ones.
type Feature = (Reached, u32);

#[derive(Debug)]
pub(crate) struct Corpus {
    inputs: Vec<Vec<u8>>,
    place_of: HashMap<Feature, usize>,
}

impl Corpus {
    /// Inputs to begin with, which stay.
    pub(crate) fn new(seeds: &[&str]) -> Self {
        let inputs = seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
        Self { inputs, place_of: HashMap::new() }
    }

    pub(crate) fn pick(&self, random: &mut Random) -> &[u8] {
        random.one_of(&self.inputs).map(Vec::as_slice).unwrap_or_default()
    }

    /// Keeps an input that reached something new, or the same with fewer bytes.
    pub(crate) fn offer(&mut self, input: &[u8], reached: Reached) {
        let feature = (reached, input.len().checked_ilog2().unwrap_or(0));
        match self.place_of.get(&feature).copied() {
            Some(place) => {
                if let Some(kept) = self.inputs.get_mut(place).filter(|kept| kept.len() > input.len()) {
                    *kept = input.to_vec();
                }
            }
            None if self.inputs.len() < INPUTS_MAX => {
                self.place_of.insert(feature, self.inputs.len());
                self.inputs.push(input.to_vec());
            }
            None => {}
        }
    }

    /// How many different things were reached.
    pub(crate) fn features(&self) -> usize {
        self.place_of.len()
    }
}
