//! Writing stock on hand.

use super::lookup::{Known, Reference};
use super::upsert::{Draft, Shape};
use super::{Frame, NewStock, WriteMode, Written};
use super::{check_keys, check_proven, ids, wrong_place};
use crate::commerce::Commerce;
use crate::error::CommerceError;
use crate::statement::Column;
use access::commands::WriteStock;
use access::words::Number;
use access::{Authorized, RetailerId};
use sql::{Tx, Value};

const WHAT: &str = "stock of item";

const STOCK: Shape = Shape {
    table: "inventory_position",
    has_id: true,
    key: &[Column::Int("location"), Column::Text("item")],
    found_by: &[Column::Int("location"), Column::Text("item")],
    data: &[Column::Int("retailer"), Column::Text("reference"), Column::Int("on_hand")],
};

/// A row with what the context tree says of it.
struct Placed<'r> {
    row: &'r NewStock,
    retailer: RetailerId,
    id: String,
}

impl Commerce {
    /// Writes stock; new positions get an id.
    ///
    /// # Errors
    /// See [`CommerceError`]; nothing is written then.
    #[expect(clippy::needless_pass_by_value, reason = "a proof is spent once")]
    pub fn write_stock(
        &self,
        proof: Authorized<'_, WriteStock>,
        rows: &[NewStock],
        mode: WriteMode,
    ) -> Result<Written, CommerceError> {
        let frame = Frame::of(&proof, mode);
        check_keys(WHAT, rows, |row| (row.location, row.item.as_str()), |row| row.item.as_str())?;
        let ids = ids::new_ids(self.ids.as_ref(), ids::STOCK, rows.len())?;
        let mut placed = Vec::with_capacity(rows.len());
        for (row, id) in rows.iter().zip(ids) {
            let wrong = || wrong_place(WHAT, row.item.as_str(), row.location);
            let place = row.place(frame.places).ok_or_else(wrong)?;
            check_proven(WHAT, row.item.as_str(), proof.operation().names(&place))?;
            placed.push(Placed { row, retailer: place.retailer.ok_or_else(wrong)?, id });
        }
        self.run(&frame, |tx| {
            let drafts = drafts(tx, &frame, &placed)?;
            STOCK.upsert(tx, &frame, &drafts)
        })
    }
}

fn drafts(tx: &mut Tx<'_>, frame: &Frame<'_>, placed: &[Placed<'_>]) -> Result<Vec<Draft>, CommerceError> {
    let items = Known::read(tx, frame, "item", placed.iter().map(|p| &p.row.item))?;
    let draft = |p: &Placed<'_>| {
        let reference = p.row.item.as_str();
        let item =
            Reference { of: (WHAT, reference), retailer: p.retailer, other: "item", reference: &p.row.item };
        let key = vec![Value::from(p.row.location.number()), item.resolve(frame, &items)?.into()];
        let data = vec![p.retailer.number().into(), reference.into(), p.row.on_hand.into()];
        Ok(Draft { id: p.id.clone(), found_by: key.clone(), key, data })
    };
    placed.iter().map(draft).collect()
}
