//! The id of a session or token.

use serde::{Deserialize, Serialize};

/// A session or token: `tok_` and 16 hexadecimal digits. Random, no secret, and it opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId(u64);

/// A text that is no id of a session or token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no id of a session or token: expected `tok_` and 16 hexadecimal digits")]
pub struct TokenIdError {
    given: String,
}

impl TokenId {
    /// The id made of random bytes: 63 bits, so that it fits every database's integers.
    #[must_use]
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes) >> 1)
    }

    /// The id of that number, as a column has it.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        u64::try_from(number).ok().map(Self)
    }

    /// The number, for a column.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0.cast_signed()
    }

    /// Reads an id.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, TokenIdError> {
        let digits = text.strip_prefix("tok_").filter(|d| d.len() == 16);
        let plain = digits.filter(|d| d.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        let number = plain.and_then(|d| i64::from_str_radix(d, 16).ok()).and_then(Self::from_number);
        number.ok_or_else(|| TokenIdError { given: text.chars().take(64).collect() })
    }
}

impl std::fmt::Display for TokenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tok_{:016x}", self.0)
    }
}

impl From<TokenId> for String {
    fn from(id: TokenId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for TokenId {
    type Error = TokenIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_what_they_write_and_nothing_else() {
        for bytes in [[0; 8], [0xff; 8], [1, 2, 3, 4, 5, 6, 7, 8]] {
            let id = TokenId::from_random(bytes);
            assert_eq!(TokenId::parse(&id.to_string()), Ok(id));
            assert_eq!(TokenId::from_number(id.number()), Some(id));
        }
        let long = "tok_00000000000000000";
        for wrong in [
            "",
            "tok_",
            "tok_1",
            "tok_ffffffffffffffff",
            "tok_000000000000000G",
            "tok_000000000000000A",
            long,
        ] {
            assert!(TokenId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
