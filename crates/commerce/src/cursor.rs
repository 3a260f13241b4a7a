//! Cursors: where a page ended, as opaque text.
//!
//! A cursor is no permission: it holds the key of the last row shown and what its filter looked like, and every page
//! is filtered anew.

use crate::error::CommerceError;
use crate::limits::CURSOR_LEN_MAX;
use crate::predicate::Need;
use access::Revision;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sql::Value;

/// The form that is written. Another one is refused as no cursor.
const FORM: &str = "1";

/// Where a page ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The table of the list.
    table: String,
    /// The state that its filter was made on.
    revision: Revision,
    filter: u64,
    pub(crate) key: Key,
    pub(crate) id: String,
}

/// What a list is ordered by, before the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Number(i64),
    Text(String),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Number(number) => Value::Int(number),
            Key::Text(text) => Value::Text(text),
        }
    }
}

impl Cursor {
    pub(crate) fn new(table: &str, revision: Revision, filter: u64, key: Key, id: String) -> Self {
        Self { table: table.to_owned(), revision, filter, key, id }
    }

    /// The cursor that was written as this text.
    ///
    /// # Errors
    /// [`CommerceError::BadCursor`] for any other text.
    pub fn parse(text: &str) -> Result<Self, CommerceError> {
        Self::read(text).ok_or(CommerceError::BadCursor)
    }

    /// The revision of the filter that the page was made with.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn is_of(&self, table: &str, numbered: bool) -> bool {
        self.table == table && matches!(self.key, Key::Number(_)) == numbered
    }

    pub(crate) fn has_filter(&self, filter: u64) -> bool {
        self.filter == filter
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > CURSOR_LEN_MAX {
            return None;
        }
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = plain.splitn(7, '\n');
        let mut next = || parts.next();
        let (form, table, revision, filter) = (next()?, next()?, next()?, next()?);
        let (id, kind, key) = (next()?, next()?, next()?);
        let key = match kind {
            "n" => Key::Number(key.parse().ok()?),
            "t" => Key::Text(key.to_owned()),
            _ => return None,
        };
        let cursor = Self {
            table: table.to_owned(),
            revision: Revision(revision.parse().ok()?),
            filter: u64::from_str_radix(filter, 16).ok()?,
            key,
            id: id.to_owned(),
        };
        // A database could not take a NUL, and only what we wrote ourselves reads back as it was.
        (form == FORM && !plain.contains('\0') && cursor.to_string() == text).then_some(cursor)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, key) = match &self.key {
            Key::Number(number) => ("n", number.to_string()),
            Key::Text(text) => ("t", text.clone()),
        };
        let Self { table, revision, filter, id, .. } = self;
        let plain = format!("{FORM}\n{table}\n{revision}\n{filter:x}\n{id}\n{kind}\n{key}");
        f.write_str(&URL_SAFE_NO_PAD.encode(plain))
    }
}

/// What the clauses say, in any order, as a number that stays the same from one version of the program to the next
/// (FNV-1a, 64 bits).
pub(crate) fn fingerprint(needs: &[Need]) -> u64 {
    let mut each: Vec<u64> = needs.iter().map(|need| fnv(&need.words())).collect();
    each.sort_unstable();
    fnv(&each.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>())
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_written_and_nothing_else_is_one() {
        for key in [Key::Number(-5), Key::Text("a\nb|\"ü".to_owned())] {
            let cursor = Cursor::new("item", Revision(7), 0xabc, key, "itm_x".to_owned());
            let text = cursor.to_string();
            assert_eq!(Cursor::parse(&text), Ok(cursor));
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            for wrong in [&text[1..], &text[..text.len() - 1], &format!("{text}="), &format!(" {text}")] {
                let read = Cursor::parse(wrong);
                assert!(read.is_err() || read.unwrap().to_string() == *wrong, "{wrong}");
            }
        }
        let coded = |plain: &str| URL_SAFE_NO_PAD.encode(plain);
        let wrong = [
            String::new(),
            "garbage!".to_owned(),
            coded("1\nitem\n7\nabc\nitm_x\nn\nfive"),
            coded("1\nitem\n7\nabc\nitm_x\nt\na\0b"),
            coded("2\nitem\n7\nabc\nitm_x\nn\n5"),
            coded("1\nitem\n07\nabc\nitm_x\nn\n5"),
            coded("1\nitem\n7\nabc\nitm_x"),
            "A".repeat(100_000),
        ];
        for text in wrong {
            assert_eq!(Cursor::parse(&text), Err(CommerceError::BadCursor), "{text:.80}");
        }
    }
}
