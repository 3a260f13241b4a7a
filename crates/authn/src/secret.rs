//! What is handed out once somebody signed in: a text that is as good as signing in again.
//!
//! `kws_` + 27 characters + 6 characters: what kind it is, 160.7 random bits in base62, and the CRC32 of all
//! before. Kind and checksum let a scanner that finds one in a repository or a log know it for what it is,
//! and let a mistyped one be refused without a look into the store.
//!
//! Nothing keeps the text itself: what is stored and compared is its [`Fingerprint`]. So many random bits
//! cannot be guessed from it, and a slow hash would only slow down every call.

use sha2::{Digest, Sha256};
use store::{IdSource, NoRandomness};

/// The digits of base62, in the order of their bytes.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters: 27 x log2(62) = 160.7 bits.
const BODY_CHARS: usize = 27;
/// Characters of the checksum: as many as the greatest CRC32 needs.
const CHECK_CHARS: usize = 6;
/// Random bytes below this are taken, modulo 62: the others would make some characters likelier.
const BYTE_BOUND: u8 = 62 * 4;
/// Bytes asked for at a time, and how often at most: once is enough, unless the source is no random one.
const BATCH_BYTES: usize = 64;
const BATCHES_MAX: usize = 8;

/// What a secret is good for. One kind is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The cookie of a session.
    Session,
    /// An access token, for the API.
    Access,
    /// A refresh token: good once, for a new access token.
    Refresh,
    /// A long-duration token, made by its owner.
    LongDuration,
    /// A link of an invitation or of a password reset: good once.
    Link,
    /// The secret of an API client.
    Client,
}

impl SecretKind {
    /// All of them.
    pub const ALL: [SecretKind; 6] = [
        SecretKind::Session,
        SecretKind::Access,
        SecretKind::Refresh,
        SecretKind::LongDuration,
        SecretKind::Link,
        SecretKind::Client,
    ];

    /// What its texts begin with. For good: texts are in the hands of others. None begins with another.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            SecretKind::Session => "kws_",
            SecretKind::Access => "kwa_",
            SecretKind::Refresh => "kwr_",
            SecretKind::LongDuration => "kw_",
            SecretKind::Link => "kwl_",
            SecretKind::Client => "kwc_",
        }
    }
}

/// Why a text is no secret. Nothing of the text is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Longer than any, so not looked at.
    #[error("the token has {given} bytes, more than the {max} of the longest", max = Secret::LEN_MAX)]
    TooLong {
        /// Bytes given.
        given: usize,
    },
    /// It begins like none of the kinds.
    #[error("the token does not begin as tokens of this service do: `kw`, at most a letter, and `_`")]
    UnknownPrefix,
    /// It begins like one of a kind and is not as long as those are.
    #[error("the token has {given} bytes where {expected} are expected: was it copied whole?")]
    Length {
        /// Bytes given.
        given: usize,
        /// Bytes of each secret of this kind.
        expected: usize,
    },
    /// Something other than the ASCII letters and digits.
    #[error("the token has a character that is no ASCII letter or digit")]
    Character,
    /// Letters or digits were changed.
    #[error("the checksum of the token is wrong: was it mistyped?")]
    Checksum,
}

/// A secret text of a kind, well-formed. Nothing is known yet about whether it is somebody's.
#[derive(Clone)]
pub struct Secret {
    kind: SecretKind,
    text: String,
}

impl Secret {
    /// Bytes of the longest.
    pub const LEN_MAX: usize = 4 + BODY_CHARS + CHECK_CHARS;

    /// A new one that nobody can guess.
    ///
    /// # Errors
    /// The source gives no random bytes, or none that are random.
    pub fn generate(kind: SecretKind, ids: &dyn IdSource) -> Result<Self, NoRandomness> {
        let mut text = kind.prefix().to_owned();
        let full = text.len() + BODY_CHARS;
        for _ in 0..BATCHES_MAX {
            let mut batch = [0; BATCH_BYTES];
            ids.fill(&mut batch)?;
            let taken = batch.into_iter().filter(|byte| *byte < BYTE_BOUND).map(|byte| digit(byte.into()));
            text.extend(taken.take(full - text.len()));
            if text.len() == full {
                text.extend(check_digits(&text));
                return Ok(Self { kind, text });
            }
        }
        Err(NoRandomness)
    }

    /// Reads one. The text is bounded before anything else is done with it.
    ///
    /// # Errors
    /// What it is not.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let given = text.len();
        if given > Self::LEN_MAX {
            return Err(SecretError::TooLong { given });
        }
        let split = |kind: SecretKind| text.strip_prefix(kind.prefix()).map(|rest| (kind, rest));
        let (kind, rest) = SecretKind::ALL.into_iter().find_map(split).ok_or(SecretError::UnknownPrefix)?;
        let expected = kind.prefix().len() + BODY_CHARS + CHECK_CHARS;
        if given != expected {
            return Err(SecretError::Length { given, expected });
        }
        if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(SecretError::Character);
        }
        let (checked, check) = text.split_at_checked(given - CHECK_CHARS).ok_or(SecretError::Character)?;
        if !check.chars().eq(check_digits(checked)) {
            return Err(SecretError::Checksum);
        }
        Ok(Self { kind, text: text.to_owned() })
    }

    /// What it is good for.
    #[must_use]
    pub fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The text, to be handed to its owner once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is kept of it, and what it is found by.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.text.as_bytes()).into())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn digit(number: u32) -> char {
    // Below 62, so always found.
    DIGITS.get(number as usize % DIGITS.len()).map_or('0', |byte| char::from(*byte))
}

/// The CRC32 (of IEEE 802.3, as gzip and PNG have it) in base62, the highest digit first, padded with `0`.
fn check_digits(text: &str) -> [char; CHECK_CHARS] {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = ['0'; CHECK_CHARS];
    for place in digits.iter_mut().rev() {
        *place = digit(rest % 62);
        rest /= 62;
    }
    digits
}

/// The SHA-256 of a secret's text: what is kept instead of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// 64 digits in lower case.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(hex_digit).collect()
    }

    /// What [`Self::to_hex`] wrote; none for any other text.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        if pairs.len() != bytes.len() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = (hex_value(*high)? << 4) | hex_value(*low)?;
        }
        Some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn hex_digit(value: u8) -> Option<char> {
    char::from_digit(value.into(), 16)
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({})", self.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU8, Ordering};
    use store::SystemIds;

    /// Gives 0, 1, 2, ... 255, 0, ...
    #[derive(Debug, Default)]
    struct Counting(AtomicU8);

    impl IdSource for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    #[derive(Debug)]
    struct Constant(u8);

    impl IdSource for Constant {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    fn refusal(text: &str) -> SecretError {
        Secret::parse(text).unwrap_err()
    }

    #[test]
    fn the_checksum_is_the_crc32_of_ieee_in_base62() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
        // 0xCBF43926 = 3421780262 = 3*62^5 + 45*62^4 + 35*62^3 + 27*62^2 + 22*62 + 14.
        assert_eq!(check_digits("123456789"), ['3', 'j', 'Z', 'R', 'M', 'E']);
        // The CRC32 of nothing is 0.
        assert_eq!(check_digits(""), ['0'; 6]);
    }

    #[test]
    fn the_format_is_for_good() {
        let text = |kind| Secret::generate(kind, &Counting::default()).unwrap().reveal().to_owned();
        for (kind, kept) in [
            (SecretKind::Session, "kws_0123456789ABCDEFGHIJKLMNOPQ30kANA"),
            (SecretKind::Access, "kwa_0123456789ABCDEFGHIJKLMNOPQ4BiS65"),
            (SecretKind::Refresh, "kwr_0123456789ABCDEFGHIJKLMNOPQ3eVYwK"),
            (SecretKind::LongDuration, "kw_0123456789ABCDEFGHIJKLMNOPQ1SGT7L"),
            (SecretKind::Link, "kwl_0123456789ABCDEFGHIJKLMNOPQ2J6xPq"),
            (SecretKind::Client, "kwc_0123456789ABCDEFGHIJKLMNOPQ0dOH8D"),
        ] {
            assert_eq!(text(kind), kept);
            assert_eq!(Secret::parse(kept).unwrap().kind(), kind);
        }
    }

    #[test]
    fn bytes_that_would_make_some_characters_likelier_are_not_taken() {
        // 250 and on are skipped, so the first characters after them are those of 0 and on.
        let source = Counting(AtomicU8::new(BYTE_BOUND - 2));
        let secret = Secret::generate(SecretKind::Link, &source).unwrap();
        assert!(secret.reveal().starts_with("kwl_yz0123456789ABCDEFGHIJKLMNO"), "{}", secret.reveal());
        assert!(Secret::generate(SecretKind::Link, &Constant(BYTE_BOUND - 1)).is_ok());
        assert_eq!(Secret::generate(SecretKind::Link, &Constant(BYTE_BOUND)).unwrap_err(), NoRandomness);
    }

    #[test]
    fn every_character_is_about_as_likely() {
        let mut seen = [0_u32; 128];
        for _ in 0..2000 {
            let secret = Secret::generate(SecretKind::Access, &SystemIds).unwrap();
            secret.reveal()[4..31].bytes().for_each(|byte| seen[usize::from(byte)] += 1);
        }
        // 871 each are expected, with a deviation of 29: eight of them are never seen.
        assert!(DIGITS.iter().all(|d| (640..1100).contains(&seen[usize::from(*d)])), "{seen:?}");
    }

    #[test]
    fn what_is_no_secret_is_told_apart() {
        let good = Secret::generate(SecretKind::Access, &SystemIds).unwrap().reveal().to_owned();
        assert_eq!(refusal(&format!("{good}0")), SecretError::TooLong { given: 38 });
        assert_eq!(refusal(&"k".repeat(9000)), SecretError::TooLong { given: 9000 });
        for text in ["", "kw", "kws", "KWS_", "Bearer", "kwx_0123", " kw_", "kwé_"] {
            assert_eq!(refusal(text), SecretError::UnknownPrefix, "{text}");
        }
        assert_eq!(refusal(&good[..36]), SecretError::Length { given: 36, expected: 37 });
        assert_eq!(refusal("kw_"), SecretError::Length { given: 3, expected: 36 });
        assert_eq!(refusal(&format!("kw_{}", &good[3..])), SecretError::Length { given: 37, expected: 36 });
        assert_eq!(refusal(&format!("{}-", &good[..36])), SecretError::Character);
        assert_eq!(refusal(&format!("{}é", &good[..35])), SecretError::Character);
        // The length fits, and a character lies across the place where the checksum begins.
        assert_eq!(refusal(&format!("kwa_{}é12345", "0".repeat(26))), SecretError::Character);
        assert_eq!(refusal(&good.replace("kwa_", "kwr_")), SecretError::Checksum);
    }

    #[test]
    fn every_single_changed_character_is_refused() {
        for kind in SecretKind::ALL {
            let good = Secret::generate(kind, &SystemIds).unwrap().reveal().to_owned();
            let others = |at: usize| (0..128_u8).filter(|b| *b != good.as_bytes()[at]).collect::<Vec<_>>();
            for at in 0..good.len() {
                for other in others(at) {
                    let mut bytes = good.clone().into_bytes();
                    bytes[at] = other;
                    let refused = refusal(&String::from_utf8(bytes).unwrap());
                    let checked = at >= kind.prefix().len() && other.is_ascii_alphanumeric();
                    assert!(!checked || refused == SecretError::Checksum, "{kind:?} {at} {other}");
                }
            }
        }
    }

    #[test]
    fn no_two_are_the_same_and_no_prefix_begins_with_another() {
        let made = (0..500).map(|_| Secret::generate(SecretKind::Refresh, &SystemIds).unwrap().fingerprint());
        assert_eq!(made.collect::<HashSet<_>>().len(), 500);
        for (a, b) in SecretKind::ALL.iter().flat_map(|a| SecretKind::ALL.map(|b| (*a, b))) {
            assert!(a == b || !a.prefix().starts_with(b.prefix()), "{a:?} {b:?}");
        }
    }

    #[test]
    fn the_fingerprint_is_the_sha256_of_the_text() {
        let secret = Secret::generate(SecretKind::Session, &Constant(7)).unwrap();
        assert_eq!(
            secret.fingerprint().to_hex(),
            "eb637aa0b96f9c80950ad5b28a60bde7b3179864755379a6fc382be424188085"
        );
        let other = Secret::generate(SecretKind::Access, &Constant(7)).unwrap();
        assert_ne!(secret.fingerprint(), other.fingerprint());
    }

    #[test]
    fn a_fingerprint_is_read_as_it_was_written_and_nothing_else_is() {
        let hex = "00ff0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab";
        let read = Fingerprint::from_hex(hex).unwrap();
        assert_eq!((read.to_hex().as_str(), &read.as_bytes()[..3]), (hex, [0, 0xff, 1].as_slice()));
        for wrong in ["", "00", &hex[1..], &format!("{hex}00"), &hex.to_uppercase(), &hex.replace('f', "g")] {
            assert_eq!(Fingerprint::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn neither_debug_nor_a_refusal_shows_anything_of_it() {
        let secret = Secret::generate(SecretKind::Client, &SystemIds).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret { kind: Client, .. }");
        let wrong = secret.reveal().replace("kwc_", "kwl_");
        let shown = format!("{} {:?}", refusal(&wrong), refusal(&wrong));
        assert!(!shown.contains(&wrong[4..8]), "{shown}");
    }

    proptest! {
        #[test]
        fn what_was_made_is_read(which in 0..SecretKind::ALL.len()) {
            let made = Secret::generate(SecretKind::ALL[which], &SystemIds).unwrap();
            let read = Secret::parse(made.reveal()).unwrap();
            prop_assert_eq!((read.kind(), read.reveal()), (made.kind(), made.reveal()));
            prop_assert_eq!(read.fingerprint(), made.fingerprint());
            prop_assert_eq!(Fingerprint::from_hex(&made.fingerprint().to_hex()), Some(made.fingerprint()));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", body in "[0-9A-Za-zé]{30,34}", which in 0..6_usize) {
            let _ = Secret::parse(&text);
            let _ = Fingerprint::from_hex(&text);
            let _ = Secret::parse(&format!("{}{text}", SecretKind::ALL[which].prefix()));
            // Whatever is read is what was given, not one like it.
            let text = format!("{}{body}", SecretKind::ALL[which].prefix());
            prop_assert!(Secret::parse(&text).is_ok_and(|s| s.reveal() == text) || Secret::parse(&text).is_err());
        }
    }
}
