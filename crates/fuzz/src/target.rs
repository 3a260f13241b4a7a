//! What a row of the table of targets is.

use crate::reached::Reached;

/// Parts of an input, where a parser takes several texts, stand on either side of this byte (the record
/// separator of ASCII, which is in no text that a parser accepts).
pub(crate) const PART: u8 = 0x1e;

/// A parser and what must hold of its answers.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name on the command line, and of the folders with what was found.
    pub name: &'static str,
    /// Takes the bytes to the parser. It panics where a promise is broken.
    pub check: fn(&[u8]) -> Reached,
    /// Inputs to begin with: right ones, and tricks that are known.
    pub seeds: &'static [&'static str],
    /// Pieces that mean something to the parser.
    pub words: &'static [&'static str],
    /// Longest input, in bytes: a little more than the parser's own bound.
    pub len_max: usize,
    /// One input in so many is run in the short run: more than 1 for what is slow by design.
    pub cost: u64,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.name)
    }
}

/// The parts of an input.
pub(crate) fn parts(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    input.split(|byte| *byte == PART)
}

/// The parts of an input as texts; what is no UTF-8 is replaced.
pub(crate) fn texts(input: &[u8]) -> impl Iterator<Item = String> {
    parts(input).map(text)
}

/// The text of an input; what is no UTF-8 is replaced, as parsers of text are never given it.
pub(crate) fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}
