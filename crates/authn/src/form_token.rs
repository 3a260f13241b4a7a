//! The token in a form, by which a change is known to come from a page of ours.
//!
//! It is an HMAC of the form's purpose under the secret of the session, so nothing has to be kept for it, it
//! ends with the session, and one form's token opens no other form. Another site can make a browser send the
//! cookie, but can neither read the page nor the cookie, so it cannot say this.

use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Goes before the purpose, so that no other use of a secret as a key yields these codes.
const LABEL: &[u8] = b"keyward form token 1\0";

/// The token of one purpose in one session: 43 characters that a form or a header may carry as they are.
#[derive(Clone)]
pub struct FormToken(String);

impl FormToken {
    /// Characters of each: 32 bytes in base64url without padding.
    pub const CHARS: usize = 43;

    /// The token of a purpose, such as the path that the form is sent to.
    #[must_use]
    pub fn of(secret: &Secret, purpose: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(code(secret, purpose).finalize().into_bytes()))
    }

    /// Whether the text is the token of this purpose. Whatever it is, the comparison takes the same time.
    #[must_use]
    pub fn matches(secret: &Secret, purpose: &str, given: &str) -> bool {
        given.len() == Self::CHARS
            && URL_SAFE_NO_PAD
                .decode(given)
                .is_ok_and(|given| code(secret, purpose).verify_slice(&given).is_ok())
    }

    /// The text, for the page.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for FormToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FormToken(..)")
    }
}

/// The label has a fixed length, so no two purposes are the same bytes.
fn code(secret: &Secret, purpose: &str) -> Hmac<Sha256> {
    // Shorter than a block, which HMAC fills up with zeros: made so, its length need not be judged when running.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(secret.reveal().as_bytes()).for_each(|(to, from)| *to = *from);
    Hmac::<Sha256>::new(&block).chain_update(LABEL).chain_update(purpose.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretKind;
    use proptest::prelude::*;
    use store::SystemIds;

    fn secret() -> Secret {
        Secret::generate(SecretKind::Session, &SystemIds).unwrap()
    }

    #[test]
    fn it_is_the_hmac_of_rfc_2104_under_the_text_of_the_secret() {
        let text = "kws_0123456789ABCDEFGHIJKLMNOPQ30kANA";
        let secret = Secret::parse(text).unwrap();
        let token = FormToken::of(&secret, "/users/invite");
        assert_eq!(token.as_str(), "_gF1VHJoeh14Xct2EqAMHloy6FQZ9vRTJsN27b22Jh0");
        let plain = Hmac::<Sha256>::new_from_slice(text.as_bytes()).unwrap();
        let ours = code(&secret, "/users/invite").finalize();
        assert!(plain.chain_update(b"keyward form token 1\0/users/invite").finalize() == ours);
    }

    #[test]
    fn only_the_same_session_and_purpose_match() {
        let (own, other) = (secret(), secret());
        let token = FormToken::of(&own, "/users/invite");
        assert!(FormToken::matches(&own, "/users/invite", token.as_str()));
        for purpose in ["", "/users", "/users/invite/", "/users/Invite"] {
            assert!(!FormToken::matches(&own, purpose, token.as_str()), "{purpose}");
        }
        assert!(!FormToken::matches(&other, "/users/invite", token.as_str()));
    }

    #[test]
    fn a_text_that_is_near_does_not_match() {
        let secret = secret();
        let token = FormToken::of(&secret, "p").as_str().to_owned();
        assert_eq!(token.len(), FormToken::CHARS);
        for near in [
            String::new(),
            token[..42].to_owned(),
            format!("{token}="),
            format!("{token}A"),
            format!(" {token}"),
            "é".repeat(21) + "A",
            "A".repeat(9000),
        ] {
            assert!(!FormToken::matches(&secret, "p", &near), "{near}");
        }
        for at in 0..token.len() {
            for other in (0..128_u8).filter(|b| *b != token.as_bytes()[at]) {
                let mut bytes = token.clone().into_bytes();
                bytes[at] = other;
                let near = String::from_utf8(bytes).unwrap();
                assert!(!FormToken::matches(&secret, "p", &near), "{near}");
            }
        }
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", FormToken::of(&secret(), "p")), "FormToken(..)");
    }

    proptest! {
        #[test]
        fn what_was_given_matches_and_no_text_makes_it_panic(purpose in "\\PC{0,60}", given in "[-_A-Za-zé]{40,45}") {
            let secret = secret();
            let token = FormToken::of(&secret, &purpose);
            prop_assert!(FormToken::matches(&secret, &purpose, token.as_str()));
            prop_assert!(!FormToken::matches(&secret, &purpose, &given));
        }
    }
}
