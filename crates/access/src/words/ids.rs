//! Ids: numbers inside an account, opaque text outside.
//!
//! An account's writer gives numbers in turn, so a user's number is also its place in the snapshot's
//! arrays: an id is looked up without a hash. The text form is `usr_12`; no ref or login may look like
//! that, so a text is never both.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A text that is not the id it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no id: expected `{prefix}_` and a number, such as `{prefix}_12`")]
pub struct IdError {
    given: String,
    prefix: &'static str,
}

/// What all ids have in common.
pub trait Number: Copy + Ord + std::fmt::Debug + std::fmt::Display + 'static {
    /// The three letters before the number.
    const PREFIX: &'static str;
    /// The id of that number; 0 is none.
    fn from_number(number: u32) -> Option<Self>;
    /// The number: 1 or more.
    fn number(self) -> u32;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(NonZeroU32);

            impl Number for $name {
                const PREFIX: &'static str = $prefix;
                fn from_number(number: u32) -> Option<Self> {
                    NonZeroU32::new(number).map(Self)
                }
                fn number(self) -> u32 {
                    self.0.get()
                }
            }

            impl $name {
                /// The id, if the text is one; most texts that are looked up are refs, and cost nothing here.
                #[must_use]
                #[inline]
                pub fn read(text: &str) -> Option<Self> {
                    parse_number(text, $prefix).and_then(Self::from_number)
                }

                /// The id written as its prefix and number.
                ///
                /// # Errors
                /// Anything else.
                pub fn parse(text: &str) -> Result<Self, IdError> {
                    Self::read(text).ok_or_else(|| IdError { given: text.chars().take(64).collect(), prefix: $prefix })
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    write!(f, concat!($prefix, "_{}"), self.0)
                }
            }
        )+

        /// Every prefix an id may have.
        const PREFIXES: &[&str] = &[$($prefix),+];
    };
}

ids! {
    /// An account.
    AccountId "acc";
    /// A user inside an account.
    UserId "usr";
    /// A role inside an account: built-in ones have the numbers of their rows in `roles.csv`, custom ones begin above [`RoleId::BUILT_IN_MAX`].
    RoleId "rol";
    /// A grant inside an account.
    GrantId "gra";
    /// A retailer inside an account.
    RetailerId "ret";
    /// A location inside an account.
    LocationId "loc";
    /// A sales channel inside an account.
    ChannelId "cha";
    /// An identity provider inside an account.
    ProviderId "idp";
    /// An API client inside an account.
    ClientId "cli";
}

impl RoleId {
    /// The highest number kept for built-in roles.
    pub const BUILT_IN_MAX: u32 = 1023;

    /// Whether the number is one kept for built-in roles.
    #[must_use]
    pub fn is_built_in(self) -> bool {
        self.number() <= Self::BUILT_IN_MAX
    }
}

fn parse_number(text: &str, prefix: &str) -> Option<u32> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let plain = !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// Whether a text has the form of an id, and so may not be a ref or a login.
pub(crate) fn looks_like_id(text: &str) -> bool {
    text.split_once('_').is_some_and(|(prefix, digits)| {
        PREFIXES.iter().any(|p| p.eq_ignore_ascii_case(prefix))
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Version of an account's access state; it grows by one with every command that is committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The revision after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_what_they_write_and_nothing_else() {
        let id = UserId::from_number(12).unwrap();
        assert_eq!(UserId::parse(&id.to_string()), Ok(id));
        for wrong in
            ["", "usr", "usr_", "usr_0", "usr_012", "usr_-1", "usr_4294967296", "loc_12", "USR_12", "usr_1 "]
        {
            assert!(UserId::parse(wrong).is_err(), "{wrong}");
        }
        assert!(looks_like_id("usr_12") && looks_like_id("LOC_012") && !looks_like_id("usr_12a"));
    }
}
