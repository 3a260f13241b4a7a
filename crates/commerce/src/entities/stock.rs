//! Stock on hand.

use super::{Kept, KeyColumn, Table, number, owned};
use crate::error::CommerceError;
use crate::predicate::PlaceColumns;
use access::catalogue::kind::InventoryPosition;
use access::{LocationId, Place, RetailerId};
use sql::RowRef;

/// How much of an item is at a location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockRow {
    /// Its id: `inv_` and 24 characters.
    pub id: String,
    /// The ref of the item.
    pub item_ref: String,
    /// The id of the item.
    pub item: String,
    /// The retailer of the location.
    pub retailer: RetailerId,
    /// Where.
    pub location: LocationId,
    /// How many; negative where more was sold than there was.
    pub on_hand: i64,
}

impl StockRow {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { retailer: Some(self.retailer), location: Some(self.location), channel: None }
    }
}

impl Kept for InventoryPosition {
    type Row = StockRow;
    const TABLE: Table = Table {
        name: "inventory_position",
        columns: "reference, id, item, retailer, location, on_hand",
        key: KeyColumn::REFERENCE,
        place: PlaceColumns { retailer: Some("retailer"), location: Some("location"), channel: None },
    };

    fn read(row: &RowRef<'_>) -> Result<StockRow, CommerceError> {
        Ok(StockRow {
            item_ref: owned(row, 0)?,
            id: owned(row, 1)?,
            item: owned(row, 2)?,
            retailer: number(row, 3)?,
            location: number(row, 4)?,
            on_hand: row.int(5)?,
        })
    }
}
