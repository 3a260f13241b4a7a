//! Days as forms send them: `YYYY-MM-DD`, in UTC.

use access::Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;

fn date(day: &str) -> Option<Date> {
    let digits =
        |range: std::ops::Range<usize>| day.get(range).is_some_and(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let written = day.len() == 10 && digits(0..4) && digits(5..7) && digits(8..10);
    written.then(|| day.parse().ok())?
}

fn midnight(date: Date) -> Option<Instant> {
    Some(Instant(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond()))
}

/// The first instant of a day.
pub(crate) fn begin_of(day: &str) -> Option<Instant> {
    midnight(date(day)?)
}

/// The first instant after a day.
pub(crate) fn end_of(day: &str) -> Option<Instant> {
    midnight(date(day)?.tomorrow().ok()?)
}

/// The day of an instant.
pub(crate) fn first_day(at: Instant) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::MAX);
    at.to_zoned(TimeZone::UTC).date().to_string()
}

/// The last day that ends before or at an instant.
pub(crate) fn last_day(at: Instant) -> String {
    first_day(Instant(at.0.saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_at_midnight() {
        assert_eq!(begin_of("1970-01-02"), Some(Instant(86_400_000_000)));
        assert_eq!(end_of("1970-01-02"), Some(Instant(2 * 86_400_000_000)));
        for day in ["1970-01-02", "2026-11-03", "2028-02-29"] {
            assert_eq!(first_day(begin_of(day).unwrap()), day);
            assert_eq!(last_day(end_of(day).unwrap()), day);
        }
        for wrong in ["", "tomorrow", "2026-02-30", "03.11.2026", "2026-2-3", "20260203", "2026-02-03T00"] {
            assert_eq!((begin_of(wrong), end_of(wrong)), (None, None), "{wrong}");
        }
    }
}
