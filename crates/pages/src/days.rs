//! Days as forms send them: `YYYY-MM-DD`, in the time zone of whoever sends them.
//!
//! A day of a clock put forward or back has 23 or 25 hours: it begins where the day before it ends, and every
//! instant is of one day.

use access::{Instant, Validity};
use jiff::civil::Date;

use crate::clock::Clock;

/// What is said of a text that is no day.
pub(crate) const NO_DAY: &str = "This is no date: give it as 2026-11-03.";

fn date(day: &str) -> Option<Date> {
    let digits =
        |range: std::ops::Range<usize>| day.get(range).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let written = day.len() == 10 && digits(0..4) && digits(5..7) && digits(8..10);
    written.then(|| day.parse().ok())?
}

/// Midnight, or where a clock that was put forward skips it, the first instant after it.
fn begin(date: Date, clock: &Clock) -> Option<Instant> {
    Some(Instant(date.to_zoned(clock.zone().clone()).ok()?.timestamp().as_microsecond()))
}

/// The first instant of a day.
pub(crate) fn begin_of(day: &str, clock: &Clock) -> Option<Instant> {
    begin(date(day)?, clock)
}

/// The first instant after a day.
pub(crate) fn end_of(day: &str, clock: &Clock) -> Option<Instant> {
    begin(date(day)?.tomorrow().ok()?, clock)
}

/// The day of an instant.
pub(crate) fn first_day(at: Instant, clock: &Clock) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::MAX);
    at.to_zoned(clock.zone().clone()).date().to_string()
}

/// The last day that ends before or at an instant; where it ends in the midst of a day, that day.
pub(crate) fn last_day(at: Instant, clock: &Clock) -> String {
    first_day(Instant(at.0.saturating_sub(1)), clock)
}

/// What a grant's days say, where a form shows those of the grant as it was and sends them back: an end whose day was
/// left as it was shown stays to the microsecond, whatever the zone that it was once meant in.
pub(crate) fn left_alone(sent: Validity, was: Validity, clock: &Clock) -> Validity {
    let same =
        |sent: Option<Instant>, was: Option<Instant>, day: fn(Instant, &Clock) -> String| match (sent, was) {
            (Some(sent), Some(was)) if day(sent, clock) == day(was, clock) => Some(was),
            (sent, _) => sent,
        };
    Validity { from: same(sent.from, was.from, first_day), until: same(sent.until, was.until, last_day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::TimeZoneName;

    const HOUR: i64 = 3_600_000_000;

    fn clock(zone: &str) -> Clock {
        Clock::of(None, Some(&TimeZoneName::parse(zone).unwrap()))
    }

    fn instant(text: &str) -> Instant {
        Instant(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn a_day_begins_and_ends_at_midnight() {
        let utc = Clock::default();
        assert_eq!(begin_of("1970-01-02", &utc), Some(Instant(86_400_000_000)));
        assert_eq!(end_of("1970-01-02", &utc), Some(Instant(2 * 86_400_000_000)));
        for zone in ["UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"] {
            let clock = clock(zone);
            for day in ["1970-01-02", "2026-03-29", "2026-10-25", "2026-11-01", "2026-11-03", "2028-02-29"] {
                assert_eq!(first_day(begin_of(day, &clock).unwrap(), &clock), day, "{zone}");
                assert_eq!(last_day(end_of(day, &clock).unwrap(), &clock), day, "{zone}");
            }
        }
        for wrong in ["", "tomorrow", "2026-02-30", "03.11.2026", "2026-2-3", "20260203", "2026-02-03T00"] {
            assert_eq!((begin_of(wrong, &utc), end_of(wrong, &utc)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn a_day_is_one_of_the_zone() {
        for (zone, begin, end) in [
            ("Europe/Paris", "2026-11-02T23:00:00Z", "2026-11-03T23:00:00Z"),
            ("America/New_York", "2026-11-03T05:00:00Z", "2026-11-04T05:00:00Z"),
            ("Pacific/Kiritimati", "2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z"),
        ] {
            let clock = clock(zone);
            assert_eq!(begin_of("2026-11-03", &clock), Some(instant(begin)), "{zone}");
            assert_eq!(end_of("2026-11-03", &clock), Some(instant(end)), "{zone}");
        }
        // One instant is of two days, for two people.
        let at = instant("2026-11-03T02:00:00Z");
        assert_eq!(first_day(at, &clock("Europe/Paris")), "2026-11-03");
        assert_eq!(first_day(at, &clock("America/New_York")), "2026-11-02");
    }

    #[test]
    fn a_day_of_a_clock_put_forward_or_back_has_23_or_25_hours() {
        for (zone, day, hours) in [
            ("Europe/Paris", "2026-03-29", 23),
            ("Europe/Paris", "2026-10-25", 25),
            ("America/New_York", "2026-03-08", 23),
            ("America/New_York", "2026-11-01", 25),
            // Where midnight itself is skipped, and where it comes twice.
            ("America/Santiago", "2026-09-06", 23),
            ("America/Havana", "2026-11-01", 25),
            ("Australia/Lord_Howe", "2026-04-05", 24),
        ] {
            let clock = clock(zone);
            let (begin, end) = (begin_of(day, &clock).unwrap(), end_of(day, &clock).unwrap());
            let half = if zone == "Australia/Lord_Howe" { HOUR / 2 } else { 0 };
            assert_eq!(end.0 - begin.0, hours * HOUR + half, "{zone} {day}");
            assert_eq!(first_day(begin, &clock), day);
            assert_eq!(last_day(end, &clock), day);
        }
    }

    #[test]
    fn days_follow_each_other_without_a_gap_all_year() {
        for zone in ["Europe/Paris", "America/Santiago", "America/Havana", "Africa/Casablanca"] {
            let (clock, mut day) = (clock(zone), jiff::civil::date(2026, 1, 1));
            while day.year() == 2026 {
                let next = day.tomorrow().unwrap();
                let end = end_of(&day.to_string(), &clock).unwrap();
                assert_eq!(Some(end), begin_of(&next.to_string(), &clock), "{zone} {day}");
                day = next;
            }
        }
    }

    #[test]
    fn an_end_whose_day_was_left_alone_stays_to_the_microsecond() {
        let paris = clock("Europe/Paris");
        let was = Validity {
            from: Some(instant("2026-11-03T00:00:00Z")),
            until: Some(instant("2026-12-01T00:00:00Z")),
        };
        let sent = |from: Option<&str>, until: Option<&str>| Validity {
            from: from.and_then(|day| begin_of(day, &paris)),
            until: until.and_then(|day| end_of(day, &paris)),
        };
        let (from, until) = (first_day(was.from.unwrap(), &paris), last_day(was.until.unwrap(), &paris));
        assert_eq!((from.as_str(), until.as_str()), ("2026-11-03", "2026-12-01"));
        assert_eq!(left_alone(sent(Some(&from), Some(&until)), was, &paris), was);
        let later = sent(Some(&from), Some("2026-12-02"));
        let expected = Validity { from: was.from, until: Some(instant("2026-12-02T23:00:00Z")) };
        assert_eq!(left_alone(later, was, &paris), expected);
        assert_eq!(left_alone(sent(None, None), was, &paris), Validity::ALWAYS);
        assert_eq!(left_alone(later, Validity::ALWAYS, &paris), later);
    }
}
