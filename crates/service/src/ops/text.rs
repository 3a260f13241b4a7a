//! Small helpers for what people read: aligned columns and instants.

use access::{Instant, Validity};

/// Rows in aligned columns, the first row being the header.
pub(super) fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|h| h.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    let lines = std::iter::once(header.map(str::to_owned)).chain(rows.iter().cloned());
    for line in lines {
        let mut out = String::new();
        for (cell, width) in line.iter().zip(widths) {
            out += cell;
            out.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 2));
        }
        text += out.trim_end();
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// Columns of a line of words.
const LINE_MAX: usize = 100;

/// Words behind a head, in lines of at most [`LINE_MAX`] columns that are indented below the first word.
pub(super) fn wrapped(head: &str, words: &[impl AsRef<str>]) -> String {
    let mut text = head.trim_end().to_owned();
    let mut column = text.chars().count();
    for word in words.iter().map(AsRef::as_ref) {
        let width = word.chars().count() + 1;
        if column + width > LINE_MAX {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', head.chars().count().saturating_sub(1)));
            column = head.chars().count().saturating_sub(1);
        }
        text.push(' ');
        text += word;
        column += width;
    }
    text
}

/// An instant as people and programs write it: `2026-11-22T10:00:00Z`.
pub(super) fn instant(at: Instant) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |t| t.to_string())
}

/// The instant that a text names: a date (midnight UTC) or an instant with its offset.
pub(super) fn parse_instant(text: &str) -> Result<Instant, String> {
    let date = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    match text.parse::<jiff::Timestamp>() {
        Ok(at) => Ok(Instant(at.as_microsecond())),
        Err(_) => date().map(|d| Instant(d.timestamp().as_microsecond())).ok_or_else(|| {
            format!("`{text}` is no instant: write 2026-11-22 (midnight UTC) or 2026-11-22T10:00:00Z")
        }),
    }
}

/// When a grant holds, in words; empty for always.
pub(super) fn validity(validity: Validity) -> String {
    match (validity.from, validity.until) {
        (None, None) => String::new(),
        (Some(from), None) => format!("from {}", instant(from)),
        (None, Some(until)) => format!("until {}", instant(until)),
        (Some(from), Some(until)) => format!("from {} until {}", instant(from), instant(until)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_dates_or_full() {
        assert_eq!(instant(parse_instant("2026-11-22").unwrap()), "2026-11-22T00:00:00Z");
        assert_eq!(parse_instant("1970-01-01T01:00:00+01:00"), Ok(Instant(0)));
        assert!(parse_instant("tomorrow").is_err());
    }

    #[test]
    fn words_are_wrapped_below_the_first() {
        let words = ["a".repeat(60), "b".repeat(30), "c".repeat(10)];
        let expected = format!("all: {} {}\n     {}", words[0], words[1], words[2]);
        assert_eq!(wrapped("all: ", &words), expected);
        assert_eq!(wrapped("all: ", &[""; 0]), "all:");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = table(["a", "b"], &[["long cell".into(), "x".into()]]);
        assert_eq!(text, "a          b\nlong cell  x");
    }
}
