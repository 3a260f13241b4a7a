//! Writing orders with their lines and fulfilments.
//!
//! A row that goes to another place than it was at is a move, and the proof must name both places.

mod children;
mod chunk;

use super::upsert::{Draft, Shape};
use super::{Frame, NewOrder, NewOrderLine, WriteMode, Written};
use super::{check_keys, check_proven, ids, wrong_place};
use crate::commerce::Commerce;
use crate::error::CommerceError;
use crate::limits::{CHUNK_ROWS, LINES_MAX};
use crate::statement::Column;
use access::commands::WriteOrders;
use access::words::Number;
use access::{Authorized, Place};
use sql::Value;

const WHAT: &str = "order";

const REFERENCE: &[Column] = &[Column::Text("reference")];

const ORDER: Shape = Shape {
    table: "customer_order",
    has_id: true,
    key: REFERENCE,
    found_by: REFERENCE,
    data: &[
        Column::Int("retailer"),
        Column::Int("channel"),
        Column::Int("placed_at"),
        Column::Text("customer"),
        Column::Text("currency"),
        Column::Text("status"),
        Column::Int("total_minor"),
    ],
};

/// An order that was looked at as far as that is possible without the database.
struct Checked<'r> {
    row: &'r NewOrder,
    id: String,
    fulfilment_ids: Vec<String>,
    total_minor: i64,
}

impl Checked<'_> {
    fn key(&self) -> &str {
        self.row.reference.as_str()
    }

    /// The order's row. The first three of its data are those that its fulfilments share.
    fn draft(&self, customer: Option<String>) -> Draft {
        let (row, reference) = (self.row, vec![Value::from(self.key())]);
        let mut data = self.shared();
        data.extend([
            customer.into(),
            row.currency.as_str().into(),
            row.status.as_str().into(),
            self.total_minor.into(),
        ]);
        Draft { id: self.id.clone(), key: reference.clone(), found_by: reference, data }
    }

    /// Retailer, channel and instant.
    fn shared(&self) -> Vec<Value> {
        let row = self.row;
        vec![row.retailer.number().into(), row.channel.number().into(), row.placed_at.0.into()]
    }
}

impl Commerce {
    /// Writes orders with all of their lines, and their fulfilments; new ones get an id.
    ///
    /// # Errors
    /// See [`CommerceError`]; nothing is written then.
    #[expect(clippy::needless_pass_by_value, reason = "a proof is spent once")]
    pub fn write_orders(
        &self,
        proof: Authorized<'_, WriteOrders>,
        rows: &[NewOrder],
        mode: WriteMode,
    ) -> Result<Written, CommerceError> {
        let frame = Frame::of(&proof, mode);
        check_keys(WHAT, rows, |row| row.reference.as_str(), |row| row.reference.as_str())?;
        let names = |place: &Place| proof.operation().names(place);
        let ids = ids::new_ids(self.ids.as_ref(), ids::ORDER, rows.len())?;
        let mut checked = Vec::with_capacity(rows.len());
        for (row, id) in rows.iter().zip(ids) {
            let total_minor = check(&frame, row, &names)?;
            let fulfilment_ids = ids::new_ids(self.ids.as_ref(), ids::FULFILMENT, row.fulfilments.len())?;
            checked.push(Checked { row, id, fulfilment_ids, total_minor });
        }
        self.run(&frame, |tx| {
            let mut written = Written::default();
            for orders in checked.chunks(CHUNK_ROWS) {
                written += chunk::Chunk { frame: &frame, orders, names: &names }.write(tx)?;
            }
            Ok(written)
        })
    }
}

/// Places that are named and belong together, amounts in range. Answers the total.
fn check(frame: &Frame<'_>, row: &NewOrder, names: &dyn Fn(&Place) -> bool) -> Result<i64, CommerceError> {
    let key = row.reference.as_str();
    if row.lines.len().max(row.fulfilments.len()) > LINES_MAX {
        return Err(CommerceError::TooManyLines { key: key.to_owned() });
    }
    check_proven(WHAT, key, row.places().iter().all(names))?;
    frame.check_retailer(WHAT, key, row.retailer)?;
    let of_retailer = |owner| owner == Some(row.retailer);
    if !of_retailer(frame.places.channel(row.channel).map(|channel| channel.retailer)) {
        return Err(wrong_place(WHAT, key, row.channel));
    }
    let owner = |location| frame.places.location(location).map(|l| l.retailer);
    if let Some(wrong) = row.fulfilments.iter().find(|f| !of_retailer(owner(f.location))) {
        return Err(wrong_place(WHAT, key, wrong.location));
    }
    total(&row.lines).map_err(|why| CommerceError::Amount { key: key.to_owned(), why })
}

fn total(lines: &[NewOrderLine]) -> Result<i64, &'static str> {
    lines.iter().try_fold(0_i64, |sum, line| {
        if line.quantity < 1 {
            return Err("a line of less than one piece");
        }
        if line.unit_price_minor < 0 {
            return Err("a line with a price below nothing");
        }
        let price = line.quantity.checked_mul(line.unit_price_minor);
        price.and_then(|price| sum.checked_add(price)).ok_or("a total that is too large to be counted")
    })
}
