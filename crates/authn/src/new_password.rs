//! A password that somebody wants to have.

use crate::common::is_common;
use store::{IdSource, NoRandomness};

/// A password that may be set: long enough, and none of the first that anybody would try.
///
/// Any character is accepted, and nothing is trimmed or normalised: what was typed is compared byte by byte.
pub struct NewPassword(String);

/// Why a password may not be set. The password itself is never repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewPasswordError {
    /// Shorter than [`NewPassword::CHARS_MIN`].
    #[error("the password has {given} characters, {min} at least are needed", min = NewPassword::CHARS_MIN)]
    TooShort {
        /// Characters given.
        given: usize,
    },
    /// Longer than [`NewPassword::CHARS_MAX`].
    #[error("the password has {given} characters, {max} at most are taken", max = NewPassword::CHARS_MAX)]
    TooLong {
        /// Characters given.
        given: usize,
    },
    /// One of those that are tried first.
    #[error(
        "the password is one of the first that a stranger tries: it is made of common words, rows of the \
         keyboard, a date or a short number alone; a few words that do not belong together are better"
    )]
    Common,
}

impl NewPassword {
    /// Fewest characters, as NIST SP 800-63B asks.
    pub const CHARS_MIN: usize = 8;
    /// Most characters.
    pub const CHARS_MAX: usize = 128;
    /// Characters of a generated password: 100 random bits.
    const GENERATED_CHARS: usize = 20;
    /// 32 characters, without those that people confuse.
    const ALPHABET: &'static [u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";

    /// A password of 8 to 128 characters that is not one of the commonest.
    ///
    /// # Errors
    /// Which of the three it is not.
    pub fn parse(text: &str) -> Result<Self, NewPasswordError> {
        let given = text.chars().count();
        if given < Self::CHARS_MIN {
            return Err(NewPasswordError::TooShort { given });
        }
        if given > Self::CHARS_MAX {
            return Err(NewPasswordError::TooLong { given });
        }
        if is_common(text) {
            return Err(NewPasswordError::Common);
        }
        Ok(Self(text.to_owned()))
    }

    /// A password that was verified: it was taken by the rules of its day.
    pub(crate) fn verified(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A random password, to be shown once to whoever is given it.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn generate(ids: &dyn IdSource) -> Result<Self, NoRandomness> {
        let mut bytes = [0; Self::GENERATED_CHARS];
        ids.fill(&mut bytes)?;
        let char = |byte: &u8| Self::ALPHABET.get(usize::from(byte % 32)).copied().map(char::from);
        Ok(Self(bytes.iter().filter_map(char).collect()))
    }

    /// The text, to be hashed, or shown once when it was generated.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::SystemIds;

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(NewPassword::parse("Öttëröx").unwrap_err(), NewPasswordError::TooShort { given: 7 });
        assert!(NewPassword::parse("Öttërövx").is_ok());
        let long = |n: usize| "täx-".chars().chain("v9:".chars().cycle()).take(n).collect::<String>();
        assert!(NewPassword::parse(&long(128)).is_ok());
        assert_eq!(NewPassword::parse(&long(129)).unwrap_err(), NewPasswordError::TooLong { given: 129 });
    }

    #[test]
    fn any_character_is_kept_as_it_is() {
        for text in [" leading and trailing ", "c:olon/slash", "混ざった文字列です。", "tab\tand\nline"]
        {
            assert_eq!(NewPassword::parse(text).unwrap().reveal(), text);
        }
    }

    #[test]
    fn a_common_one_is_refused_and_not_repeated() {
        let refusal = NewPassword::parse("P@ssw0rd!").unwrap_err();
        assert_eq!(refusal, NewPasswordError::Common);
        assert!(!refusal.to_string().contains("P@ssw0rd!"));
    }

    #[test]
    fn generated_ones_differ_and_may_be_set() {
        let [a, b] = [(); 2].map(|()| NewPassword::generate(&SystemIds).unwrap());
        assert_ne!(a.reveal(), b.reveal());
        assert!(NewPassword::parse(a.reveal()).is_ok() && a.reveal().len() == 20);
    }

    #[test]
    fn debug_shows_nothing() {
        let password = NewPassword::parse("Otters swim upstream").unwrap();
        assert_eq!(format!("{password:?}"), "NewPassword(..)");
    }
}
