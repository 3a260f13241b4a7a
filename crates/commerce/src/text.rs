//! Texts and figures of rows, checked where they enter.

use std::fmt;

/// Why a text is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing was given.
    #[error("the {what} is empty")]
    Empty {
        /// What should have been given.
        what: &'static str,
    },
    /// Longer than its column.
    #[error("the {what} has {given} bytes, more than the {max} allowed", max = Text::LEN_MAX)]
    TooLong {
        /// What should have been given.
        what: &'static str,
        /// Bytes given.
        given: usize,
    },
    /// Not of the form that is asked for.
    #[error("`{given}` is no {what}: {rule}")]
    Form {
        /// What should have been given.
        what: &'static str,
        /// The text given, shortened.
        given: String,
        /// The form asked for.
        rule: &'static str,
    },
}

fn form(what: &'static str, given: &str, rule: &'static str) -> TextError {
    TextError::Form { what, given: given.chars().take(80).collect(), rule }
}

/// A short text: a status, a category, a city.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Box<str>);

impl Text {
    /// Longest accepted text, in bytes.
    pub const LEN_MAX: usize = 200;

    /// A text; `what` is its name in an error.
    ///
    /// # Errors
    /// None, white space at an end, control characters, more than [`Self::LEN_MAX`] bytes.
    pub fn parse(what: &'static str, text: &str) -> Result<Self, TextError> {
        match text.len() {
            0 => Err(TextError::Empty { what }),
            given if given > Self::LEN_MAX => Err(TextError::TooLong { what, given }),
            _ if text.trim() != text || text.contains(char::is_control) => {
                Err(form(what, text, "no white space at its ends, no control characters"))
            }
            _ => Ok(Self(text.into())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A currency by its three letters (ISO 4217): `USD`. Which codes are in use is not checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Currency(Box<str>);

impl Currency {
    /// The currency of that code.
    ///
    /// # Errors
    /// Anything but three capital letters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(Self(text.into()));
        }
        Err(form("currency", text, "it is three capital letters, such as USD"))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An angle in millionths of a degree (about 11 cm): whole numbers, so that what is read is what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Degrees(i64);

const DEGREE: i64 = 1_000_000;

impl Degrees {
    /// Degrees north, -90 to 90, with a decimal point; digits after the sixth are dropped.
    ///
    /// # Errors
    /// Anything else.
    pub fn latitude(text: &str) -> Result<Self, TextError> {
        Self::parse(text, 90)
            .ok_or_else(|| form("latitude", text, "it is a number from -90 to 90, such as 40.7128"))
    }

    /// Degrees east, -180 to 180, with a decimal point; digits after the sixth are dropped.
    ///
    /// # Errors
    /// Anything else.
    pub fn longitude(text: &str) -> Result<Self, TextError> {
        let rule = "it is a number from -180 to 180, such as -74.006";
        Self::parse(text, 180).ok_or_else(|| form("longitude", text, rule))
    }

    /// Millionths of a degree.
    #[must_use]
    pub fn millionths(self) -> i64 {
        self.0
    }

    pub(crate) fn of_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    fn parse(text: &str, max: i64) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || whole.len() > 3 {
            return None;
        }
        let sixth = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
        let millionths = sixth.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let size = whole.parse::<i64>().ok()? * DEGREE + millionths;
        let signed = if digits.len() < text.len() { -size } else { size };
        (size <= max * DEGREE).then_some(Self(signed))
    }
}

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let degree = DEGREE.unsigned_abs();
        write!(f, "{sign}{}.{:06}", size / degree, size % degree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_kept_to_the_millionth() {
        let cases = [
            ("40.7128", "40.712800"),
            ("-74.006", "-74.006000"),
            ("90", "90.000000"),
            ("-0.00000199", "-0.000001"),
        ];
        for (given, expected) in cases {
            assert_eq!(Degrees::longitude(given).unwrap().to_string(), expected);
        }
        for wrong in
            ["", "-", ".", "1.", ".5", "91", "90.000001", "1e1", "+1", "1,5", " 1", "99999999999999999999"]
        {
            assert!(Degrees::latitude(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert!(Currency::parse("USD").is_ok());
        for wrong in ["", "usd", "US", "USDX", "U$D", "ÉU"] {
            assert!(Currency::parse(wrong).is_err(), "{wrong}");
        }
    }
}
