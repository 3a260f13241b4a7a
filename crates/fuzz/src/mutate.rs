//! Makes a new input out of those that are there.

use crate::random::Random;
use crate::target::{PART, Target};

/// Most changes that make one new input.
const CHANGES_MAX: usize = 6;
/// Longest piece that is copied, taken out or repeated, in bytes.
const PIECE_BYTES_MAX: usize = 32;
/// One change in so many makes the input as long as it may be.
const LONG_ONE_IN: usize = 64;

/// Characters that texts are told apart by, or that readers of text disagree about.
const CHARACTERS: &[&str] = &[
    "\0",
    "\t",
    "\n",
    "\r\n",
    " ",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{e9}",
    "e\u{301}",
    "\u{130}",
    "\u{131}",
    "\u{df}",
    "\u{3a3}",
    "\u{200b}",
    "\u{2028}",
    "\u{202e}",
    "\u{212a}",
    "\u{feff}",
    "\u{fffd}",
    "\u{ff0f}",
    "\u{1f600}",
    "%",
    "%00",
    "%2f",
    "%5c",
    "%0d%0a",
    "%C3",
    "%ff",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "-1",
    "1e999",
    "18446744073709551616",
    "null",
    "{",
    "}",
    "[",
    "]",
    "/",
    "//",
    ".",
    "..",
    "@",
    ":",
    ";",
    ",",
    "=",
    "==",
    "&",
    "?",
    "#",
    "+",
    "-",
    "_",
    "~",
];

/// A new input: `base` with some changes, of which some take a piece of `other`.
pub(crate) fn mutated(base: &[u8], other: &[u8], target: &Target, random: &mut Random) -> Vec<u8> {
    let mut bytes = base.to_vec();
    for _ in 0..=random.below(CHANGES_MAX) {
        change(&mut bytes, other, target, random);
    }
    bytes.truncate(target.len_max);
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], target: &Target, random: &mut Random) {
    if random.below(LONG_ONE_IN) == 0 {
        return lengthen(bytes, target.len_max, random);
    }
    match random.below(9) {
        0 => with_byte(bytes, random, |byte, random| *byte ^= 1 << random.below(8)),
        1 => with_byte(bytes, random, |byte, random| *byte = random.byte()),
        2 => with_byte(bytes, random, |byte, _| *byte ^= b' '),
        3 => insert_one(bytes, target.words, random),
        4 => insert_one(bytes, CHARACTERS, random),
        5 => {
            let at = random.below(bytes.len() + 1);
            bytes.truncate(at);
        }
        6 => {
            let _ = take_out(bytes, random);
        }
        7 => {
            let copy = piece(bytes, random).to_vec();
            insert(bytes, &copy, random);
        }
        _ => splice(bytes, other, random),
    }
}

fn with_byte(bytes: &mut [u8], random: &mut Random, change: impl FnOnce(&mut u8, &mut Random)) {
    let at = random.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        change(byte, random);
    }
}

fn insert_one(bytes: &mut Vec<u8>, of: &[&str], random: &mut Random) {
    let word = random.one_of(of).copied().unwrap_or_default();
    // Sometimes instead of a piece.
    if random.below(3) == 0 {
        let _ = take_out(bytes, random);
    }
    insert(bytes, word.as_bytes(), random);
}

fn insert(bytes: &mut Vec<u8>, what: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    bytes.splice(at..at, what.iter().copied());
}

fn take_out(bytes: &mut Vec<u8>, random: &mut Random) -> Vec<u8> {
    let at = random.below(bytes.len());
    let to = (at + 1 + random.below(PIECE_BYTES_MAX)).min(bytes.len());
    bytes.drain(at..to).collect()
}

fn piece<'a>(of: &'a [u8], random: &mut Random) -> &'a [u8] {
    let at = random.below(of.len());
    let to = (at + 1 + random.below(PIECE_BYTES_MAX)).min(of.len());
    of.get(at..to).unwrap_or_default()
}

/// Begins as the one and ends as the other; or has one whole part of the other.
fn splice(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    if random.below(2) == 0 {
        let theirs: Vec<&[u8]> = other.split(|byte| *byte == PART).collect();
        let part = random.one_of(&theirs).copied().unwrap_or_default();
        insert(bytes, part, random);
    } else {
        bytes.truncate(random.below(bytes.len() + 1));
        bytes.extend(other.iter().skip(random.below(other.len() + 1)));
    }
}

/// Repeats a piece until the input is as long as it may be, or about as long.
fn lengthen(bytes: &mut Vec<u8>, len_max: usize, random: &mut Random) {
    let repeated = piece(bytes, random).to_vec();
    if repeated.is_empty() {
        return;
    }
    let wanted = len_max.saturating_sub(random.below(80));
    let missing = wanted.saturating_sub(bytes.len());
    let at = random.below(bytes.len() + 1);
    bytes.splice(at..at, repeated.into_iter().cycle().take(missing));
}
