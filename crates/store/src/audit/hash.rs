//! The hash of an audit entry.
//!
//! SHA-256, written as 64 lower-case hexadecimal digits, over these fields in this order:
//!
//! | field | as |
//! | --- | --- |
//! | `keyward audit 1` | text |
//! | account number | integer |
//! | chain | text: `access`, or `sign_in/` and the name of a node |
//! | number of the entry, from 1 | integer |
//! | instant, microseconds UTC | integer |
//! | actor | text |
//! | application | a byte 0 when there is none, else a byte 1 and text |
//! | address, action, target | text each |
//! | facts before, facts after | text each: the JSON in the column |
//! | revision | integer |
//! | previous hash | text: its 64 digits |
//!
//! An integer is 8 bytes, big-endian, in two's complement; a text is its length in bytes as an integer and then
//! its UTF-8. So no two different entries have the same bytes. The previous hash of the first entry is the hash of
//! the text `keyward audit 1 begins`, the account number and the chain.

use access::{AccountId, Number};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The chain of access changes.
pub const ACCESS_CHAIN: &str = "access";

/// What an entry is, as far as its hash goes: the texts as they stand in the columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealed<'a> {
    pub(crate) account: AccountId,
    pub(crate) chain: &'a str,
    pub(crate) number: u64,
    pub(crate) at: i64,
    pub(crate) actor: &'a str,
    pub(crate) application: Option<&'a str>,
    pub(crate) address: &'a str,
    pub(crate) action: &'a str,
    pub(crate) target: &'a str,
    pub(crate) before: &'a str,
    pub(crate) after: &'a str,
    pub(crate) revision: u64,
    pub(crate) previous_hash: &'a str,
}

impl Sealed<'_> {
    pub(crate) fn hash(&self) -> String {
        let mut sink = Sink::default();
        sink.text("keyward audit 1");
        sink.integer(u64::from(self.account.number()));
        sink.text(self.chain);
        sink.integer(self.number);
        sink.integer(self.at.cast_unsigned());
        sink.text(self.actor);
        match self.application {
            None => sink.0.update([0]),
            Some(application) => {
                sink.0.update([1]);
                sink.text(application);
            }
        }
        for text in [self.address, self.action, self.target, self.before, self.after] {
            sink.text(text);
        }
        sink.integer(self.revision);
        sink.text(self.previous_hash);
        sink.finish()
    }
}

/// What stands before the first entry of a chain of an account.
pub(crate) fn genesis(account: AccountId, chain: &str) -> String {
    let mut sink = Sink::default();
    sink.text("keyward audit 1 begins");
    sink.integer(u64::from(account.number()));
    sink.text(chain);
    sink.finish()
}

#[derive(Default)]
struct Sink(Sha256);

impl Sink {
    fn integer(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.integer(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn finish(self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in self.0.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Sealed<'static> {
        Sealed {
            account: AccountId::from_number(1).unwrap(),
            chain: ACCESS_CHAIN,
            number: 1,
            at: 5,
            actor: "operator",
            application: None,
            address: "cli",
            action: "account.created",
            target: "acc_1 shop",
            before: "[]",
            after: "[]",
            revision: 1,
            previous_hash: "00",
        }
    }

    /// Stored chains must be readable for ever: this value may never change.
    #[test]
    fn the_hash_of_an_entry_is_for_good() {
        assert_eq!(entry().hash(), "6c30f83f73eaf57df34cde9726151cf3ed7043847965a339d72ad8eba8542f0c");
        let begin = genesis(AccountId::from_number(1).unwrap(), ACCESS_CHAIN);
        assert_eq!(begin, "ec054d9f2351c4b735e5210dd5fec99c3e13a25bde6df491a7b87e69e1f40975");
    }

    #[test]
    fn every_field_and_every_border_between_fields_counts() {
        let account = AccountId::from_number(2).unwrap();
        let others = [
            Sealed { account, ..entry() },
            Sealed { chain: "sign_in/main", ..entry() },
            Sealed { number: 2, ..entry() },
            Sealed { at: -5, ..entry() },
            Sealed { actor: "usr_1", ..entry() },
            Sealed { application: Some(""), ..entry() },
            Sealed { application: Some("omc"), ..entry() },
            Sealed { address: "cl", action: "iaccount.created", ..entry() },
            Sealed { target: "acc_1 shop[", before: "]", ..entry() },
            Sealed { before: "", after: "[][]", ..entry() },
            Sealed { after: "[1]", ..entry() },
            Sealed { revision: 2, ..entry() },
            Sealed { previous_hash: "01", ..entry() },
        ];
        let mut hashes: Vec<String> = others.iter().chain([&entry()]).map(Sealed::hash).collect();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), others.len() + 1);
    }
}
