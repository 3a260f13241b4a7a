//! The text of statements: written once with `$1`, `$2`, ... for both databases.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `n` placeholders from `$start` on, for `IN (..)` and `VALUES (..)`: `placeholders(3, 3)` is `$3,$4,$5`.
///
/// `n` = 0 gives an empty text; `IN ()` is not portable, so callers treat an empty list before they build SQL.
#[must_use]
pub fn placeholders(start: usize, n: usize) -> String {
    let mut text = String::with_capacity(n * 5);
    push_placeholders(&mut text, start, n);
    text
}

fn push_placeholders(text: &mut String, start: usize, n: usize) {
    for number in start..start + n {
        let comma = if number == start { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}${number}");
    }
}

/// `INSERT INTO table (columns) VALUES ($1,$2),($3,$4)` for `rows` rows.
pub(crate) fn insert_statement(table: &str, columns: &[&str], rows: usize) -> String {
    let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(","));
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        push_placeholders(&mut sql, row * columns.len() + 1, columns.len());
        sql.push(')');
    }
    sql
}

/// `$n` as SQLite's `?n`.
///
/// SQLite takes `$1` for a *name* and numbers names by first appearance, so `$2 .. $1` would bind swapped.
/// Literals, quoted names and comments keep their `$`. It is one pass over the text, no dearer than the hash
/// of a cache look-up, so nothing is cached.
pub(crate) fn numbered(sql: &str) -> Cow<'_, str> {
    if !sql.contains('$') {
        return Cow::Borrowed(sql);
    }
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut previous = ' ';
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\'' | '"' => quoted_len(rest, first),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(taken);
        let is_placeholder =
            first == '$' && after.starts_with(|c: char| c.is_ascii_digit()) && !continues_name(previous);
        out.push_str(if is_placeholder { "?" } else { piece });
        previous = first;
        rest = after;
    }
    Cow::Owned(out)
}

/// Whether a `$` after this character is part of a name, as in `a$1`.
fn continues_name(previous: char) -> bool {
    previous.is_alphanumeric() || previous == '_' || previous == '$'
}

/// The length of the literal or quoted name at the start, quotes included. A doubled quote reads as two
/// literals side by side, which comes to the same.
fn quoted_len(text: &str, quote: char) -> usize {
    let inner = text.get(1..).unwrap_or_default();
    inner.find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_from_start() {
        assert_eq!(placeholders(3, 3), "$3,$4,$5");
        assert_eq!(placeholders(1, 1), "$1");
        assert_eq!(placeholders(7, 0), "");
    }

    #[test]
    fn insert_statement_numbers_through_all_rows() {
        assert_eq!(insert_statement("t", &["a", "b"], 2), "INSERT INTO t (a,b) VALUES ($1,$2),($3,$4)");
    }

    #[test]
    fn only_real_placeholders_are_numbered() {
        let cases = [
            ("SELECT 1", "SELECT 1"),
            ("a = $1 OR b = $12", "a = ?1 OR b = ?12"),
            ("a = $2 AND b = $1 AND c = $2", "a = ?2 AND b = ?1 AND c = ?2"),
            ("a = '$1' AND b = $1", "a = '$1' AND b = ?1"),
            ("a = 'it''s $1' AND b=$2", "a = 'it''s $1' AND b=?2"),
            ("\"odd $1\" = $1", "\"odd $1\" = ?1"),
            ("$1 -- not $2\n, $3", "?1 -- not $2\n, ?3"),
            ("/* $1 */ $1", "/* $1 */ ?1"),
            ("a$1 = $1", "a$1 = ?1"),
            ("é = '$é' || $1", "é = '$é' || ?1"),
            ("a = '$1", "a = '$1"),
            ("x = $", "x = $"),
            ("($1)", "(?1)"),
        ];
        for (given, expected) in cases {
            assert_eq!(numbered(given), expected, "{given}");
        }
    }
}
