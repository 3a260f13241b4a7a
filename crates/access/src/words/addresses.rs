//! Ranges of network addresses.

use core::net::IpAddr;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A range of network addresses: `192.0.2.0/24`, `2001:db8::/32`, or one address.
///
/// It is kept without the bits below its prefix, so two texts of one range are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange(IpNet);

/// A text that is no range of addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no range of addresses: write 192.0.2.0/24, 2001:db8::/32 or one address")]
pub struct AddressRangeError {
    given: String,
}

impl AddressRange {
    /// Reads a range or an address.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, AddressRangeError> {
        let one = |text: &str| text.parse::<IpAddr>().ok().map(IpNet::from);
        let range = text.parse::<IpNet>().ok().or_else(|| one(text));
        let wrong = || AddressRangeError { given: text.chars().take(80).collect() };
        range.map(|range| Self(range.trunc())).ok_or_else(wrong)
    }

    /// Whether the address is one of these.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl std::fmt::Display for AddressRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

impl TryFrom<String> for AddressRange {
    type Error = AddressRangeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_single_addresses_are_read_and_written() {
        for (text, written) in [
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("192.0.2.77/24", "192.0.2.0/24"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("2001:DB8::1/32", "2001:db8::/32"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(AddressRange::parse(text).unwrap().to_string(), written);
        }
        for wrong in ["", "192.0.2.0/33", "192.0.2", "shop.example", "192.0.2.0/24 ", "192.0.2.0-9"] {
            assert!(AddressRange::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_has_its_ends_and_nothing_beyond() {
        let range = AddressRange::parse("192.0.2.128/25").unwrap();
        let has = |text: &str| range.contains(text.parse().unwrap());
        assert!(has("192.0.2.128") && has("192.0.2.255"));
        assert!(!has("192.0.2.127") && !has("192.0.3.0") && !has("::ffff:192.0.2.130"));
    }
}
