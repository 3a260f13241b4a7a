//! Makes an input that breaks a promise shorter, as long as it breaks the same one.

use crate::target::Target;
use crate::trial::{Broken, attempt};

/// Most inputs that are tried: a slow parser and a long input must end too.
const TRIALS_MAX: usize = 20_000;

/// The shortest input that was found to break at the same place, and how it does.
///
/// Halves are taken out, then quarters, and so on down to single bytes, until nothing can be taken out.
pub(crate) fn minimised(target: &Target, input: Vec<u8>, broken: Broken) -> (Vec<u8>, Broken) {
    let (mut input, mut broken) = (input, broken);
    let mut trials = 0;
    let mut step = input.len().div_ceil(2);
    while step > 0 {
        let mut at = 0;
        let mut shorter = false;
        while at < input.len() && trials < TRIALS_MAX {
            let candidate: Vec<u8> =
                input.iter().take(at).chain(input.iter().skip(at + step)).copied().collect();
            trials += 1;
            match attempt(target, &candidate) {
                Err(now) if now.place == broken.place => {
                    (input, broken, shorter) = (candidate, now, true);
                }
                _ => at += step,
            }
        }
        // A byte that could be taken out may have kept another one in its place.
        step = if step == 1 && shorter && trials < TRIALS_MAX { 1 } else { step / 2 };
    }
    (input, broken)
}
