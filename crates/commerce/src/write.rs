//! Writes: a proof and rows in, counts out. A row is found by its ref; what is there already and the same stays as it is.
//!
//! One write is one transaction: it looks at the head of the account, which it does not move, then writes, then looks
//! at the clock. All rows are written or none.

mod catalogue;
mod ids;
mod lookup;
mod orders;
mod rows;
mod stock;
mod upsert;

pub use rows::{NewCustomer, NewFulfilment, NewItem, NewLocationDetail, NewOrder, NewOrderLine, NewStock};

use crate::commerce::Commerce;
use crate::error::CommerceError;
use crate::limits::WRITE_ROWS_MAX;
use access::snapshot::Places;
use access::words::Number;
use access::{AccountId, Authorized, Instant, Place, RetailerId, Revision};
use sql::{Tx, Value};
use std::collections::HashSet;
use std::hash::Hash;

/// Whether a write writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// Everything, or nothing.
    Write,
    /// Nothing: the answer says what would be written. The proof may be one on a state that is not committed, and a
    /// row may refer to an item or a customer that is not there yet.
    Preview,
}

/// What a write did, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows that were not there. An order counts as one row, with its lines and fulfilments.
    pub inserted: u64,
    /// Rows that were there and said something else.
    pub updated: u64,
    /// Rows that were there and said the same.
    pub unchanged: u64,
}

impl Written {
    /// How many rows were given.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.inserted + self.updated + self.unchanged
    }
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// What a write knows from its proof.
struct Frame<'a> {
    account: AccountId,
    revision: Revision,
    holds_until: Option<Instant>,
    places: &'a Places,
    mode: WriteMode,
}

impl<'a> Frame<'a> {
    fn of<Op>(proof: &Authorized<'a, Op>, mode: WriteMode) -> Self {
        let on = proof.snapshot();
        Self {
            account: on.account().id,
            revision: on.revision(),
            holds_until: proof.holds_until(),
            places: on.places(),
            mode,
        }
    }

    fn is_preview(&self) -> bool {
        self.mode == WriteMode::Preview
    }

    /// The access state is still the one that the proof was made on.
    fn check_head(&self, tx: &mut Tx<'_>) -> Result<(), CommerceError> {
        const HEAD: &str = "SELECT revision FROM account_head WHERE account_id = $1";
        let head = tx.query_opt(HEAD, &[Value::from(self.account.number())])?;
        let head = head.ok_or_else(|| CommerceError::no_head(self.account, self.revision))?;
        match u64::try_from(head.int(0)?) {
            Ok(found) if found == self.revision.0 => Ok(()),
            _ => Err(CommerceError::Stale),
        }
    }

    fn check_retailer(
        &self,
        what: &'static str,
        key: &str,
        retailer: RetailerId,
    ) -> Result<(), CommerceError> {
        match self.places.retailer(retailer) {
            Some(_) => Ok(()),
            None => Err(wrong_place(what, key, retailer)),
        }
    }
}

impl Commerce {
    /// Runs the body of a write, or of its preview.
    fn run(
        &self,
        frame: &Frame<'_>,
        body: impl Fn(&mut Tx<'_>) -> Result<Written, CommerceError>,
    ) -> Result<Written, CommerceError> {
        if frame.is_preview() {
            return self.db.read(body);
        }
        self.db.write(|tx| {
            frame.check_head(tx)?;
            let written = body(tx)?;
            // Last, so that nothing is written that was still being put together when the proof ended.
            if !access::proof::still_holds(frame.holds_until, self.clock.now()) {
                return Err(CommerceError::TooLate);
            }
            Ok(written)
        })
    }
}

/// Rows in the number that one write takes, none twice, no ref that looks like an id.
fn check_keys<'r, T, K: Eq + Hash>(
    what: &'static str,
    rows: &'r [T],
    key: impl Fn(&'r T) -> K,
    reference: impl Fn(&'r T) -> &'r str,
) -> Result<(), CommerceError> {
    if rows.len() > WRITE_ROWS_MAX {
        return Err(CommerceError::TooManyRows { given: rows.len() });
    }
    let mut seen = HashSet::with_capacity(rows.len());
    for row in rows {
        if ids::looks_like_id(reference(row)) {
            return Err(CommerceError::LooksLikeId { what, key: reference(row).to_owned() });
        }
        if !seen.insert(key(row)) {
            return Err(CommerceError::Twice { what, key: reference(row).to_owned() });
        }
    }
    Ok(())
}

/// The proof names the place where a row goes.
fn check_proven(what: &'static str, key: &str, named: bool) -> Result<(), CommerceError> {
    if named { Ok(()) } else { Err(CommerceError::NotProven { what, key: key.to_owned(), at: "goes to" }) }
}

fn wrong_place(what: &'static str, key: &str, place: impl std::fmt::Display) -> CommerceError {
    CommerceError::WrongPlace { what, key: key.to_owned(), place: place.to_string() }
}

/// The place of a thing that has nothing but a retailer.
fn of_retailer(retailer: Option<RetailerId>) -> Place {
    Place { retailer, ..Place::default() }
}
