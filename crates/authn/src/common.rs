//! The commonest passwords, by rule: words and rows of the keyboard, disguised and strung together.
//!
//! A list of whole passwords misses `Summ3r2031!`; here the words are a data file and the habits are code.

use std::sync::LazyLock;

/// What a piece (a word, part of a row, a year) adds to the effort of guessing.
const PIECE_EFFORT: usize = 2;
/// What a digit or sign between or around the pieces adds.
const FILLER_EFFORT: usize = 1;
/// Most effort that is still common: three pieces, or one and four digits. Four words are a pass phrase.
const EFFORT_MAX: usize = 6;
/// Shortest part of a row, and of one character repeated, that counts as a piece.
const RUN_MIN: usize = 3;
/// Longest number that is refused when it is all there is: dates and telephone numbers.
const NUMBER_DIGITS_MAX: usize = 10;
/// Longest unit which, repeated, is all there is.
const UNIT_CHARS_MAX: usize = 4;

struct List {
    words: Vec<Vec<char>>,
    /// Each row forwards and backwards.
    rows: Vec<Vec<char>>,
}

static LIST: LazyLock<List> = LazyLock::new(|| read(include_str!("../data/common_passwords.txt")));

fn read(text: &str) -> List {
    let mut list = List { words: Vec::new(), rows: Vec::new() };
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        match line.split_once(' ') {
            Some(("row", row)) => {
                list.rows.push(row.chars().collect());
                list.rows.push(row.chars().rev().collect());
            }
            Some(("words", words)) => {
                list.words.extend(words.split_whitespace().map(|w| w.chars().collect()));
            }
            _ => {}
        }
    }
    list
}

/// Whether a password is one of the first that a stranger tries.
pub(crate) fn is_common(password: &str) -> bool {
    // Each by itself: in a text, the last of several capital sigmas becomes another letter than the others.
    let chars: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    is_number(&chars) || is_repetition(&chars) || effort(&chars).is_some_and(|e| e <= EFFORT_MAX)
}

/// Whether there is nothing but a short number, as dates and telephone numbers are written.
fn is_number(chars: &[char]) -> bool {
    let digits = chars.iter().filter(|c| c.is_ascii_digit()).count();
    digits <= NUMBER_DIGITS_MAX
        && chars.iter().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '/' | '+' | ':'))
}

fn is_repetition(chars: &[char]) -> bool {
    (1..=UNIT_CHARS_MAX)
        .any(|unit| chars.len() > unit && chars.iter().zip(chars.iter().skip(unit)).all(|(a, b)| a == b))
}

/// The least effort for which the password can be cut into pieces and filler; none when a letter would
/// be left over.
fn effort(chars: &[char]) -> Option<usize> {
    // What the rest behind each place costs, filled in from the end.
    let mut rest: Vec<Option<usize>> = vec![None; chars.len() + 1];
    if let Some(end) = rest.last_mut() {
        *end = Some(0);
    }
    for (at, first) in chars.iter().enumerate().rev() {
        let tail = chars.get(at..).unwrap_or_default();
        let with = |len: usize, cost: usize| rest.get(at + len).copied().flatten().map(|e| e + cost);
        let filled = if first.is_alphabetic() { None } else { with(1, FILLER_EFFORT) };
        let cut = pieces(tail).into_iter().filter_map(|len| with(len, PIECE_EFFORT));
        let best = cut.chain(filled).min();
        if let Some(here) = rest.get_mut(at) {
            *here = best;
        }
    }
    rest.first().copied().flatten()
}

/// The lengths of the pieces that `tail` begins with.
fn pieces(tail: &[char]) -> Vec<usize> {
    let mut lengths: Vec<usize> = LIST.words.iter().filter(|w| begins_with(tail, w)).map(Vec::len).collect();
    let same = tail.iter().take_while(|c| tail.first() == Some(c)).count();
    let in_row = LIST.rows.iter().map(|row| shared_run(tail, row)).max().unwrap_or(0);
    lengths.extend(RUN_MIN..=same.max(in_row));
    lengths.extend(is_year(tail).then_some(4));
    lengths
}

fn begins_with(tail: &[char], word: &[char]) -> bool {
    tail.len() >= word.len() && word.iter().zip(tail).all(|(w, c)| w == c || stands_for(*c).contains(*w))
}

/// The letters that a digit or sign is written for.
fn stands_for(c: char) -> &'static str {
    match c {
        '0' => "o",
        '1' | '!' | '|' => "il",
        '3' | '€' => "e",
        '4' | '@' => "a",
        '5' | '$' => "s",
        '7' | '+' => "t",
        '8' => "b",
        '9' => "g",
        _ => "",
    }
}

/// The longest part of the row that `tail` begins with.
fn shared_run(tail: &[char], row: &[char]) -> usize {
    let run = |from: usize| row.iter().skip(from).zip(tail).take_while(|(a, b)| a == b).count();
    (0..row.len()).map(run).max().unwrap_or(0)
}

fn is_year(tail: &[char]) -> bool {
    match tail {
        [a, b, c, d, ..] => {
            matches!((a, b), ('1', '9') | ('2', '0')) && c.is_ascii_digit() && d.is_ascii_digit()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_common() {
        for password in [
            "password",
            "Password1",
            "P@ssw0rd!",
            "passwordpassword",
            "12345678",
            "0123456789",
            "87654321",
            "qwertyuiop",
            "Qwerty123",
            "qwerty12345",
            "poiuytrewq",
            "1q2w3e4r",
            "1qaz2wsx3edc",
            "azertyuiop",
            "aaaaaaaa",
            "abababab",
            "abcdabcdabcd",
            "xyzxyzxyz",
            "19900131",
            "2024-12-31",
            "+1 555 012 345",
            "Summer2031!",
            "winter_2025",
            "letmein1",
            "iloveyou",
            "welcome123",
            "Welcome2Keyward",
            "keyward1",
            "admin123",
            "adminadmin",
            "changeme!",
            "trustno1",
            "store-manager",
            "Monday01",
            "abcdefgh",
            "zyxwvuts",
            "111222333",
            "asdfjkl;",
            "        ",
            "!!!!!!!!",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn what_is_not_is_not() {
        for password in [
            "Otters swim upstream",
            "correct horse battery staple",
            "dragon coffee wizard moon",
            "keyward48213907",
            "kT7#pq!zVw",
            "fjords & 9 pianos",
            "48213377209",
            "password of grandmother",
            "qwertzian-kite",
            "mzmzmzmzk",
            "混ざった文字列です。",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }

    #[test]
    fn the_data_file_has_words_and_rows_in_lower_case() {
        assert!(LIST.words.len() > 200 && LIST.rows.len() > 20);
        assert!(LIST.words.iter().chain(&LIST.rows).all(|w| w.len() >= RUN_MIN));
        assert!(LIST.words.iter().flatten().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    }

    #[test]
    fn the_longest_password_is_judged_at_once() {
        // Cut in every way, not tried in every way: the work grows with the length, not with the ways.
        assert_eq!(effort(&['a'; 128]), Some(PIECE_EFFORT));
        let words: Vec<char> = "passwordadmin".repeat(9).chars().collect();
        assert_eq!(effort(&words), Some(18 * PIECE_EFFORT));
        assert_eq!(effort(&[words, vec!['x']].concat()), None);
    }
}
