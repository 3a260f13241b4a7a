//! Secrets that have to be read again, such as the one that an identity provider knows us by: sealed with a key that
//! is kept apart from the database.
//!
//! XChaCha20-Poly1305 under a random nonce; what a text was sealed for is authenticated with it, so a sealed text is
//! opened for its own purpose alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use store::{IdSource, NoRandomness};

/// Bytes of the nonce before the sealed text.
const NONCE_BYTES: usize = 24;

/// Seals and opens texts.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

/// Why a text was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No nonce can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The text is longer than the cipher takes.
    #[error("the text is too long to be sealed")]
    TooLong,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl Sealer {
    /// Bytes of a key.
    pub const KEY_BYTES: usize = 32;

    /// With a key that nobody can guess.
    #[must_use]
    pub fn new(key: &[u8; Self::KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// With a key of this process alone: what it seals nobody opens after it.
    ///
    /// # Errors
    /// No randomness.
    pub fn of_process(ids: &dyn IdSource) -> Result<Self, NoRandomness> {
        let mut key = [0; Self::KEY_BYTES];
        ids.fill(&mut key)?;
        Ok(Self::new(&key))
    }

    /// The text, sealed for a purpose, as base64url.
    ///
    /// # Errors
    /// No randomness, or a text of gigabytes.
    pub fn seal(&self, purpose: &str, text: &str, ids: &dyn IdSource) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        ids.fill(&mut nonce)?;
        let payload = Payload { msg: text.as_bytes(), aad: purpose.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::TooLong)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// What was sealed for that purpose with this key; none for anything else.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        String::from_utf8(self.0.decrypt(&XNonce::from(*nonce), payload).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use store::SystemIds;

    #[test]
    fn what_is_sealed_is_opened_for_its_purpose_with_its_key_alone() {
        let (own, other) = (Sealer::new(&[1; 32]), Sealer::new(&[2; 32]));
        let sealed = own.seal("provider 1", "s3cret", &SystemIds).unwrap();
        assert_eq!(own.open("provider 1", &sealed).as_deref(), Some("s3cret"));
        assert_eq!(own.open("provider 2", &sealed), None);
        assert_eq!(other.open("provider 1", &sealed), None);
        assert_ne!(
            own.seal("provider 1", "s3cret", &SystemIds).unwrap(),
            sealed,
            "each has a nonce of its own"
        );
        assert!(!sealed.contains("s3cret") && format!("{own:?}") == "Sealer(..)");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_none_is_opened(text in "\\PC{0,200}") {
            prop_assert_eq!(Sealer::new(&[1; 32]).open("p", &text), None);
        }

        #[test]
        fn a_changed_character_is_seen(at in 0usize..60, text in "[a-z]{10,20}") {
            let own = Sealer::new(&[1; 32]);
            let mut sealed = own.seal("p", &text, &SystemIds).unwrap().into_bytes();
            let at = at % (sealed.len() - 1);
            sealed[at] = if sealed[at] == b'A' { b'B' } else { b'A' };
            let sealed = String::from_utf8(sealed).unwrap();
            prop_assert_eq!(own.open("p", &sealed), None);
        }
    }
}
