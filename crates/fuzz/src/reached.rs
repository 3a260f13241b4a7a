//! What an input reached: the cheap stand-in for coverage.

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;

/// Longest text of an error, in bytes: an error never repeats a text of any length.
const MESSAGE_BYTES_MAX: usize = 1000;

/// How a parser answered: accepted or refused, and in which way. Inputs that reach something new are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reached {
    accepted: bool,
    shape: u64,
}

impl Reached {
    /// The parser accepted, in the way that `shape` tells apart.
    pub fn accepted(shape: impl Hash) -> Self {
        Self { accepted: true, shape: hash(shape) }
    }

    /// The parser refused, in the way that `shape` tells apart.
    pub fn refused(shape: impl Hash) -> Self {
        Self { accepted: false, shape: hash(shape) }
    }

    /// The parser refused with an error, whose variant is the way; its text must be bounded.
    pub fn error<E: Error>(error: &E) -> Self {
        let message = error.to_string();
        let bytes = message.len();
        assert!((1..=MESSAGE_BYTES_MAX).contains(&bytes), "an error of {bytes} bytes: {message}");
        Self::refused(discriminant(error))
    }

    /// Whether the parser accepted.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        self.accepted
    }
}

/// A number that is the same in every run of one build.
pub(crate) fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
