//! What is kept of each entity: its table, its rows and the order of its list.

mod catalogue;
mod orders;
mod stock;

pub use catalogue::{CustomerRow, ItemRow, LocationDetailRow};
pub use orders::{FulfilmentRow, OrderDetail, OrderLineRow, OrderRow};
pub use stock::StockRow;

pub(crate) use catalogue::LOCATION_DETAIL_COLUMNS;
pub(crate) use orders::ORDER_LINE_COLUMNS;

use crate::cursor::Key;
use crate::error::CommerceError;
use crate::predicate::PlaceColumns;
use access::catalogue::EntityType;
use access::words::Number;
use access::{ChannelId, LocationId, RetailerId};
use sql::{RowRef, SqlError};

/// The table of an entity. Its list is ordered by `key`, then `id`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns of a row, in the order in which it is read; the first two are `key` and `id`.
    pub(crate) columns: &'static str,
    pub(crate) key: KeyColumn,
    pub(crate) place: PlaceColumns,
}

/// What a list is ordered by, before the id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyColumn {
    pub(crate) name: &'static str,
    /// An instant, newest first; else a ref, in the order of the database's texts.
    pub(crate) is_instant: bool,
}

impl KeyColumn {
    /// By ref, from the first on.
    pub(crate) const REFERENCE: Self = Self { name: "reference", is_instant: false };
    /// By the instant an order was placed, newest first.
    pub(crate) const PLACED: Self = Self { name: "placed_at", is_instant: true };

    /// ` ORDER BY ..`.
    pub(crate) fn order(self) -> &'static str {
        if self.is_instant { " ORDER BY placed_at DESC, id DESC" } else { " ORDER BY reference, id" }
    }

    /// What a row behind another compares as.
    pub(crate) fn behind(self) -> &'static str {
        if self.is_instant { "<" } else { ">" }
    }

    pub(crate) fn read(self, row: &RowRef<'_>) -> Result<Key, SqlError> {
        if self.is_instant {
            row.int(0).map(Key::Number)
        } else {
            row.text(0).map(|t| Key::Text(t.to_owned()))
        }
    }
}

/// An entity whose things are kept here.
pub(crate) trait Kept: EntityType {
    /// A thing, as a list shows it.
    type Row;
    const TABLE: Table;
    fn read(row: &RowRef<'_>) -> Result<Self::Row, CommerceError>;
}

/// The number of a place in a column.
fn number<T: Number>(row: &RowRef<'_>, column: usize) -> Result<T, CommerceError> {
    opt_number(row, column)?
        .ok_or_else(|| CommerceError::Corrupt(format!("column {column} has no number of a place")))
}

fn opt_number<T: Number>(row: &RowRef<'_>, column: usize) -> Result<Option<T>, CommerceError> {
    let Some(found) = row.opt_int(column)? else { return Ok(None) };
    let id = u32::try_from(found).ok().and_then(T::from_number);
    id.map(Some).ok_or_else(|| CommerceError::Corrupt(format!("{found} is no number of a place")))
}

fn owned(row: &RowRef<'_>, column: usize) -> Result<String, SqlError> {
    row.text(column).map(str::to_owned)
}

fn opt_owned(row: &RowRef<'_>, column: usize) -> Result<Option<String>, SqlError> {
    row.opt_text(column).map(|text| text.map(str::to_owned))
}

/// The place that three columns say, from `first` on: retailer, location, channel.
pub(crate) fn place(row: &RowRef<'_>, first: usize) -> Result<access::Place, CommerceError> {
    Ok(access::Place {
        retailer: opt_number::<RetailerId>(row, first)?,
        location: opt_number::<LocationId>(row, first + 1)?,
        channel: opt_number::<ChannelId>(row, first + 2)?,
    })
}
