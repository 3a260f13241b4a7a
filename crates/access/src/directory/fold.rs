//! One case for all letters, so that texts can be compared and searched whatever case they were typed in.
//!
//! **Invariant:** the folded text depends on the characters one by one, never on their neighbours: what is
//! part of a text is part of it when both are folded.

use std::sync::LazyLock;

/// Characters below are written in two bytes at most, and have their fold in a table: Latin, Greek, Cyrillic,
/// Hebrew, Arabic.
const TABLE: u32 = 0x800;

/// The two bytes of the fold of each character below [`TABLE`] that is no ASCII; zeros where it has others.
static FOLDS: LazyLock<Box<[[u8; 2]]>> = LazyLock::new(|| {
    let fold = |number: u32| {
        let folded: String = char::from_u32(number).into_iter().flat_map(by_rule).collect();
        let two = <[u8; 2]>::try_from(folded.as_bytes()).ok();
        two.filter(|_| folded.chars().count() == 1).unwrap_or_default()
    };
    (0..TABLE).map(fold).collect()
});

/// The lower case of a character by itself; the two small sigmas are one.
fn by_rule(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().map(|c| if c == 'ς' { 'σ' } else { c })
}

/// Writes the text in one case to the end of `to`, as UTF-8.
///
/// Letters with and without accents stay different, and so do the two ways to write an accent: a text is
/// searched as it was typed but for its case.
pub(crate) fn fold(text: &str, to: &mut Vec<u8>) {
    let mut rest = text;
    loop {
        let plain = rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len());
        let Some((ascii, others)) = rest.split_at_checked(plain) else { return };
        let begin = to.len();
        to.extend_from_slice(ascii.as_bytes());
        to.get_mut(begin..).unwrap_or_default().make_ascii_lowercase();
        rest = fold_others(others, to);
        if rest.is_empty() {
            return;
        }
    }
}

/// Folds up to the next ASCII character; what is left.
fn fold_others<'t>(text: &'t str, to: &mut Vec<u8>) -> &'t str {
    let rest = fold_pairs(text, to);
    let mut chars = rest.chars();
    match chars.next().filter(|c| !c.is_ascii()) {
        Some(c) => {
            by_rule(c).for_each(|c| to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()));
            chars.as_str()
        }
        None => rest,
    }
}

/// Folds as many characters of two bytes as stand at the beginning and are in the table; what is left.
fn fold_pairs<'t>(text: &'t str, to: &mut Vec<u8>) -> &'t str {
    let folds = &**FOLDS;
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    let mut taken = 0;
    for [lead, trail] in pairs {
        if lead & 0xe0 != 0xc0 {
            break;
        }
        let number = usize::from(lead & 0x1f) << 6 | usize::from(trail & 0x3f);
        match folds.get(number) {
            Some(folded) if *folded != [0; 2] => to.extend_from_slice(folded),
            _ => break,
        }
        taken += 2;
    }
    text.get(taken..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut to = b"before ".to_vec();
        fold(text, &mut to);
        String::from_utf8(to).unwrap().strip_prefix("before ").unwrap().to_owned()
    }

    #[test]
    fn every_character_is_folded_by_the_rule_wherever_it_stands() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let wanted: String = by_rule(c).collect();
            assert_eq!(folded(&format!("A{c}")), format!("a{wanted}"), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn a_part_of_a_text_is_part_of_it_in_one_case() {
        let text = "ΟΔΥΣΣΕΥΣ Müller ÉMILE İstanbul Жанна ẞ ab";
        for (from, _) in text.char_indices() {
            for (to, c) in text.char_indices().filter(|(to, _)| *to >= from) {
                let part = &text[from..to + c.len_utf8()];
                assert!(folded(text).contains(&folded(part)), "{part}");
            }
        }
        assert_eq!(folded("ΟΔΥΣΣΕΥΣ"), folded("οδυσσευς"));
        assert_eq!(folded(""), "");
    }
}
