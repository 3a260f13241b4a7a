//! Numbers and instants out of text, exactly: nothing is rounded, nothing passes through a float.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

/// How a file writes its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notation {
    /// Between two fields.
    pub(crate) delimiter: u8,
    /// Before the fraction of a number.
    pub(crate) decimal: char,
    /// Between groups of three digits, where the file has such.
    pub(crate) thousands: Option<char>,
    /// `strftime` directives; ISO 8601 where there are none.
    pub(crate) date_format: Option<String>,
    /// Texts that stand for nothing, such as `NULL`.
    pub(crate) empty: Vec<String>,
}

impl Default for Notation {
    fn default() -> Self {
        Self { delimiter: b',', decimal: '.', thousands: None, date_format: None, empty: Vec::new() }
    }
}

impl Notation {
    /// A field without the white space around it; empty where it says that there is nothing.
    pub(crate) fn field<'a>(&self, text: &'a str) -> &'a str {
        let text = text.trim();
        if self.empty.iter().any(|empty| empty == text) { "" } else { text }
    }

    /// `text` times 10^`scale`, a whole number. The error is a part of a sentence.
    ///
    /// Written with ASCII digits, this notation's separators and a sign; zeros past the scale are accepted,
    /// other digits there are not.
    pub(crate) fn scaled(&self, text: &str, scale: u8) -> Result<i64, String> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match digits.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let whole = self.ungrouped(whole).ok_or_else(|| self.not_a_number())?;
        if fraction.map_or(whole.is_empty(), |fraction| fraction.is_empty() || !all_digits(fraction)) {
            return Err(self.not_a_number());
        }
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        let missing = usize::from(scale).checked_sub(fraction.len()).ok_or_else(|| match scale {
            0 => "is not a whole number".to_owned(),
            _ => format!("has more than {scale} decimal places"),
        })?;
        let digits = whole + fraction + &"0".repeat(missing);
        digits
            .bytes()
            .try_fold(0_i64, |sum, digit| {
                let digit = i64::from(digit - b'0');
                sum.checked_mul(10)?.checked_add(if negative { -digit } else { digit })
            })
            .ok_or_else(|| "is too large a number".to_owned())
    }

    /// A whole number, at least `least`.
    pub(crate) fn whole(&self, text: &str, least: i64) -> Result<i64, String> {
        let number = self.scaled(text, 0)?;
        if number < least { Err(format!("is less than {least}")) } else { Ok(number) }
    }

    /// An amount of money in units of 10^-`scale`, not negative.
    pub(crate) fn money(&self, text: &str, scale: u8) -> Result<i64, String> {
        let amount = self.scaled(text, scale)?;
        if amount < 0 { Err("is less than 0".to_owned()) } else { Ok(amount) }
    }

    /// The digits without the separators between groups of three; `None` if they are anything else.
    fn ungrouped(&self, whole: &str) -> Option<String> {
        let Some(separator) = self.thousands.filter(|separator| whole.contains(*separator)) else {
            return all_digits(whole).then(|| whole.to_owned());
        };
        let mut groups = whole.split(separator);
        let first = groups.next().unwrap_or_default();
        let sound = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
        let digits = whole.replace(separator, "");
        (sound && all_digits(&digits)).then_some(digits)
    }

    fn not_a_number(&self) -> String {
        match self.thousands {
            Some(thousands) => {
                format!(
                    "is not a number (decimal separator `{}`, thousands separator `{thousands}`)",
                    self.decimal
                )
            }
            None => format!("is not a number (decimal separator `{}`, no thousands separator)", self.decimal),
        }
    }

    /// An angle in degrees with up to nine decimals, as text with a decimal point, between -`most` and `most`.
    pub(crate) fn degrees(&self, text: &str, most: u64) -> Result<String, String> {
        let billionths = self.scaled(text, 9)?;
        if billionths.unsigned_abs() > most * 1_000_000_000 {
            return Err(format!("is not between -{most} and {most} degrees"));
        }
        Ok(text.replace(self.decimal, "."))
    }

    /// An instant in microseconds UTC. A date alone means its midnight, a time without an offset means UTC.
    pub(crate) fn instant(&self, text: &str) -> Result<i64, String> {
        let timestamp = match &self.date_format {
            Some(format) => formatted(format, text)
                .ok_or_else(|| format!("is not a date or time written as `{format}`"))?,
            None => iso(text).ok_or_else(|| {
                "is not an ISO 8601 date or time such as `2020-12-31` or `2020-12-31T18:30:00Z`; \
                 `date_format` names another"
                    .to_owned()
            })?,
        };
        Ok(timestamp.as_microsecond())
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn iso(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| utc(text.parse().ok()?))
}

fn formatted(format: &str, text: &str) -> Option<Timestamp> {
    let parsed = BrokenDownTime::parse(format, text).ok()?;
    parsed.to_timestamp().ok().or_else(|| utc(parsed.to_datetime().ok()?))
}

fn utc(civil: DateTime) -> Option<Timestamp> {
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Whether a date format can be read and gives a day, tried on a day whose parts all differ.
pub(crate) fn check_date_format(format: &str) -> Result<(), String> {
    let wanted = jiff::civil::date(2021, 10, 23).at(4, 56, 7, 0);
    let sample = wanted.to_zoned(TimeZone::UTC).map_err(|e| e.to_string())?;
    let written = BrokenDownTime::from(&sample).to_string(format).map_err(|e| format!("`{format}`: {e}"))?;
    let read = formatted(format, &written).map(|read| read.to_zoned(TimeZone::UTC).date());
    if read == Some(wanted.date()) {
        Ok(())
    } else {
        Err(format!("`{format}` does not give year, month and day; write for instance `%d/%m/%Y`"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn german() -> Notation {
        Notation { decimal: ',', thousands: Some('.'), ..Notation::default() }
    }

    #[test]
    fn decimals_are_exact() {
        let plain = Notation::default();
        for (text, scale, value) in [
            ("3825.7", 2, 382_570),
            ("234.50", 2, 23_450),
            ("0.1", 2, 10),
            (".5", 1, 5),
            ("-12.34", 2, -1_234),
            ("+7", 0, 7),
            ("5.000", 0, 5),
            ("9223372036854775807", 0, i64::MAX),
            ("-9223372036854775808", 0, i64::MIN),
        ] {
            assert_eq!(plain.scaled(text, scale), Ok(value), "{text}");
        }
        assert_eq!(german().scaled("1.963,10", 2), Ok(196_310));
        assert_eq!(german().scaled("1963,1", 2), Ok(196_310));
    }

    #[test]
    fn what_is_not_a_number_says_how_numbers_are_written() {
        let plain = Notation::default();
        for text in ["", "-", "1,5", "1.", "1.2.3", "1e3", "٣", "5 kg", "--1", "1.-2"] {
            assert_eq!(
                plain.scaled(text, 2).unwrap_err(),
                "is not a number (decimal separator `.`, no thousands separator)",
                "{text}"
            );
        }
        for text in ["1.96,10", "19.6310", ".123,1", "1..963", "1963.1"] {
            assert_eq!(
                german().scaled(text, 2).unwrap_err(),
                "is not a number (decimal separator `,`, thousands separator `.`)",
                "{text}"
            );
        }
        assert_eq!(plain.scaled("1.005", 2).unwrap_err(), "has more than 2 decimal places");
        assert_eq!(plain.scaled("1.5", 0).unwrap_err(), "is not a whole number");
        assert_eq!(plain.scaled("9223372036854775808", 0).unwrap_err(), "is too large a number");
    }

    #[test]
    fn degrees_are_bounded_and_keep_their_digits() {
        assert_eq!(Notation::default().degrees("-86.79905", 180).as_deref(), Ok("-86.79905"));
        assert_eq!(german().degrees("33,5", 90).as_deref(), Ok("33.5"));
        for text in ["90.000000001", "-9223372036.854775808"] {
            let told = Notation::default().degrees(text, 90).unwrap_err();
            assert_eq!(told, "is not between -90 and 90 degrees", "{text}");
        }
        assert_eq!(Notation::default().degrees("90.1", 90).unwrap_err(), "is not between -90 and 90 degrees");
    }

    #[test]
    fn instants_are_utc() {
        let midnight = 1_609_372_800_000_000;
        let iso = Notation::default();
        assert_eq!(iso.instant("2020-12-31"), Ok(midnight));
        assert_eq!(iso.instant("2020-12-31T00:00:00.5Z"), Ok(midnight + 500_000));
        assert_eq!(iso.instant("2020-12-31 02:00:00+02:00"), Ok(midnight));
        assert_eq!(iso.instant("2020-12-31 01:00"), Ok(midnight + 3_600_000_000));
        assert_eq!(
            iso.instant("31/12/2020").unwrap_err(),
            "is not an ISO 8601 date or time such as `2020-12-31` or `2020-12-31T18:30:00Z`; `date_format` \
             names another"
        );
        let with = |format: &str| Notation { date_format: Some(format.to_owned()), ..Notation::default() };
        assert_eq!(with("%d/%m/%Y").instant("31/12/2020"), Ok(midnight));
        assert_eq!(with("%d/%m/%y").instant("31/12/20"), Ok(midnight));
        assert_eq!(with("%Y%m%d %H:%M %z").instant("20201231 02:00 +0200"), Ok(midnight));
        assert_eq!(
            with("%d/%m/%Y").instant("12/31/2020").unwrap_err(),
            "is not a date or time written as `%d/%m/%Y`"
        );
    }

    #[test]
    fn a_date_format_is_tried_before_it_is_used() {
        for good in ["%Y-%m-%d", "%d.%m.%y", "%m/%d/%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S%z", "%s", "%b %d, %Y"] {
            assert_eq!(check_date_format(good), Ok(()), "{good}");
        }
        for bad in ["%H:%M", "%Y", "", "%d/%m"] {
            assert!(
                check_date_format(bad).unwrap_err().contains("does not give year, month and day"),
                "{bad}"
            );
        }
        assert!(check_date_format("%Y-%K").unwrap_err().starts_with("`%Y-%K`: "));
    }

    proptest! {
        #[test]
        fn minor_units_come_back(value in any::<i64>(), scale in 0_u8..=6) {
            let power = 10_u64.pow(u32::from(scale));
            let (whole, fraction) = (value.unsigned_abs() / power, value.unsigned_abs() % power);
            let sign = if value < 0 { "-" } else { "" };
            let text = match scale {
                0 => format!("{sign}{whole}"),
                _ => format!("{sign}{whole}.{fraction:0width$}", width = usize::from(scale)),
            };
            prop_assert_eq!(Notation::default().scaled(&text, scale), Ok(value));
            prop_assert_eq!(Notation::default().scaled(&format!("{text}{}", if scale > 0 { "00" } else { "" }), scale), Ok(value));
        }

        #[test]
        fn no_text_makes_numbers_or_dates_fall(text in "\\PC{0,20}", scale in 0_u8..=6) {
            let _ = (german().scaled(&text, scale), german().instant(&text), german().degrees(&text, 90), check_date_format(&text));
        }
    }
}
