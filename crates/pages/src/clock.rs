//! How somebody reads days and times: their time zone, and the way of writing of their language.

use access::{Language, TimeZoneName};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A time zone and a way of writing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    zone: TimeZone,
    language: Language,
}

impl Default for Clock {
    /// Of whoever chose nothing, or is not known yet: UTC, in [`Language::default`].
    fn default() -> Self {
        Self { zone: TimeZone::UTC, language: Language::default() }
    }
}

impl Clock {
    /// The clock of somebody who chose these. A zone that this program does not know, as one that a later program
    /// wrote down, is UTC.
    #[must_use]
    pub fn of(language: Option<Language>, zone: Option<&TimeZoneName>) -> Self {
        let zone = zone.and_then(|zone| TimeZone::get(zone.as_str()).ok());
        Self { zone: zone.unwrap_or(TimeZone::UTC), language: language.unwrap_or_default() }
    }

    /// The tag of the language, for the page.
    pub(crate) fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// What days are days of.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// An instant to the minute: `3 Nov 2026, 15:05 CET` or `Nov 3, 2026, 3:05 PM EST`. Where a zone has no letters
    /// of its own, its distance from UTC stands there: `UTC-03:00`.
    pub(crate) fn text(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        let format = match self.language {
            Language::EnGb => "%-d %b %Y, %H:%M",
            Language::EnUs => "%b %-d, %Y, %-I:%M %p",
        };
        let letters = at.strftime("%Z").to_string();
        let zone = match letters.starts_with(['+', '-']) {
            true => at.strftime("UTC%:z").to_string(),
            false => letters,
        };
        format!("{} {zone}", at.strftime(format))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(language: Language, zone: &str) -> Clock {
        Clock::of(Some(language), Some(&TimeZoneName::parse(zone).unwrap()))
    }

    #[test]
    fn times_of_day_are_written_as_each_language_writes_them() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (instant, british, american) in [
            ("2026-07-03T22:05:59Z", "4 Jul 2026, 00:05 CEST", "Jul 4, 2026, 12:05 AM CEST"),
            ("2026-01-31T11:00:00Z", "31 Jan 2026, 12:00 CET", "Jan 31, 2026, 12:00 PM CET"),
            // One hour of a clock put back, twice.
            ("2026-10-25T00:30:00Z", "25 Oct 2026, 02:30 CEST", "Oct 25, 2026, 2:30 AM CEST"),
            ("2026-10-25T01:30:00Z", "25 Oct 2026, 02:30 CET", "Oct 25, 2026, 2:30 AM CET"),
        ] {
            assert_eq!(clock(Language::EnGb, "Europe/Paris").text(at(instant)), british);
            assert_eq!(clock(Language::EnUs, "Europe/Paris").text(at(instant)), american);
        }
    }

    #[test]
    fn a_zone_without_letters_is_told_by_its_distance() {
        let at = "2026-11-03T14:05:00Z".parse::<Timestamp>().unwrap();
        for (zone, text) in [
            ("America/Sao_Paulo", "3 Nov 2026, 11:05 UTC-03:00"),
            ("Asia/Kathmandu", "3 Nov 2026, 19:50 UTC+05:45"),
            ("Pacific/Kiritimati", "4 Nov 2026, 04:05 UTC+14:00"),
            ("Etc/UTC", "3 Nov 2026, 14:05 UTC"),
        ] {
            assert_eq!(clock(Language::EnGb, zone).text(at), text);
        }
    }

    #[test]
    fn a_zone_that_is_not_known_is_utc() {
        assert_eq!(clock(Language::EnGb, "Mars/Olympus"), Clock::default());
    }
}
