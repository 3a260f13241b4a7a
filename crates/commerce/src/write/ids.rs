//! Ids of stored things: a prefix and 120 random bits.

use crate::error::CommerceError;
use store::IdSource;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BYTES: usize = 15;
const CHARACTERS: usize = BYTES * 8 / 5;

pub(super) const ITEM: &str = "itm";
pub(super) const CUSTOMER: &str = "cus";
pub(super) const STOCK: &str = "inv";
pub(super) const ORDER: &str = "ord";
pub(super) const FULFILMENT: &str = "ful";

/// `n` new ids.
pub(super) fn new_ids(source: &dyn IdSource, prefix: &str, n: usize) -> Result<Vec<String>, CommerceError> {
    let mut bytes = vec![0; n * BYTES];
    source.fill(&mut bytes)?;
    Ok(bytes.chunks(BYTES).map(|chunk| format!("{prefix}_{}", base32(chunk))).collect())
}

fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect::<Vec<u8>>();
    let fives = bits.chunks(5).map(|five| five.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit)));
    fives.filter_map(|five| ALPHABET.get(five).map(|byte| char::from(*byte))).collect()
}

/// Whether a text has the form of such an id, and so may not be a ref.
pub(super) fn looks_like_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(prefix, rest)| {
        [ITEM, CUSTOMER, STOCK, ORDER, FULFILMENT].contains(&prefix)
            && rest.len() == CHARACTERS
            && rest.bytes().all(|byte| ALPHABET.contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_prefix_and_24_characters() {
        assert_eq!(base32(&[0; 15]), "a".repeat(24));
        assert_eq!(base32(&[0xff; 15]), "7".repeat(24));
        // RFC 4648: base32 of "foobar" is MZXW6YTBOI, here in lower case and without the padded end.
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        let ids = new_ids(&store::SystemIds, ORDER, 2).unwrap();
        assert!(ids.iter().all(|id| looks_like_id(id)) && ids.first() != ids.last());
        for other in ["ord_12", "ORD-1", "usr_aaaaaaaaaaaaaaaaaaaaaaaa", "ord_AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!looks_like_id(other), "{other}");
        }
    }
}
