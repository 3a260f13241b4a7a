//! Orders, their lines and fulfilments.

use super::{Kept, KeyColumn, Table, number, opt_owned, owned};
use crate::error::CommerceError;
use crate::predicate::PlaceColumns;
use access::catalogue::kind::{Fulfilment, Order};
use access::{ChannelId, Instant, LocationId, Place, RetailerId};
use sql::RowRef;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Its id: `ord_` and 24 characters.
    pub id: String,
    /// The order number, unique in the account.
    pub reference: String,
    /// The retailer ordered from.
    pub retailer: RetailerId,
    /// The channel that it came through.
    pub channel: ChannelId,
    /// The id of the customer, if known.
    pub customer: Option<String>,
    /// When it was placed.
    pub placed_at: Instant,
    /// Currency of all its amounts.
    pub currency: String,
    /// Where it is in its life.
    pub status: String,
    /// Quantities times prices in minor units of the currency; discounts are not taken off.
    pub total_minor: i64,
}

impl OrderRow {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { retailer: Some(self.retailer), location: None, channel: Some(self.channel) }
    }
}

impl Kept for Order {
    type Row = OrderRow;
    const TABLE: Table = Table {
        name: "customer_order",
        columns: "placed_at, id, reference, retailer, channel, customer, currency, status, total_minor",
        key: KeyColumn::PLACED,
        place: PlaceColumns { retailer: Some("retailer"), location: None, channel: Some("channel") },
    };

    fn read(row: &RowRef<'_>) -> Result<OrderRow, CommerceError> {
        Ok(OrderRow {
            placed_at: Instant(row.int(0)?),
            id: owned(row, 1)?,
            reference: owned(row, 2)?,
            retailer: number(row, 3)?,
            channel: number(row, 4)?,
            customer: opt_owned(row, 5)?,
            currency: owned(row, 6)?,
            status: owned(row, 7)?,
            total_minor: row.int(8)?,
        })
    }
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLineRow {
    /// Its place in the order, from 1.
    pub line: i64,
    /// The number that the order itself gives it.
    pub number: Option<String>,
    /// The id of the item.
    pub item: String,
    /// The ref of the item.
    pub item_ref: String,
    /// How many.
    pub quantity: i64,
    /// Price of one in minor units of the order's currency.
    pub unit_price_minor: i64,
    /// Discount, as it was written.
    pub discount: Option<String>,
}

/// The columns of [`OrderLineRow::read`], of lines `l` and items `i`.
pub(crate) const ORDER_LINE_COLUMNS: &str =
    "l.line_no, l.line_key, l.item, i.reference, l.quantity, l.unit_price_minor, l.discount";

impl OrderLineRow {
    pub(crate) fn read(row: &RowRef<'_>) -> Result<Self, CommerceError> {
        Ok(Self {
            line: row.int(0)?,
            number: opt_owned(row, 1)?,
            item: owned(row, 2)?,
            item_ref: owned(row, 3)?,
            quantity: row.int(4)?,
            unit_price_minor: row.int(5)?,
            discount: opt_owned(row, 6)?,
        })
    }
}

/// A part of an order that one location ships or hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FulfilmentRow {
    /// Its id: `ful_` and 24 characters.
    pub id: String,
    /// The ref of its order, `-F` and a number.
    pub reference: String,
    /// The id of its order.
    pub order: String,
    /// The retailer of the order.
    pub retailer: RetailerId,
    /// Where it is fulfilled.
    pub location: LocationId,
    /// The channel of the order.
    pub channel: ChannelId,
    /// When the order was placed.
    pub placed_at: Instant,
    /// Where it is in its life.
    pub status: String,
    /// When it was shipped.
    pub shipped_at: Option<Instant>,
    /// When it was delivered.
    pub delivered_at: Option<Instant>,
}

impl FulfilmentRow {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { retailer: Some(self.retailer), location: Some(self.location), channel: Some(self.channel) }
    }
}

impl Kept for Fulfilment {
    type Row = FulfilmentRow;
    const TABLE: Table = Table {
        name: "fulfilment",
        columns: "placed_at, id, reference, order_id, retailer, location, channel, status, shipped_at, delivered_at",
        key: KeyColumn::PLACED,
        place: PlaceColumns {
            retailer: Some("retailer"),
            location: Some("location"),
            channel: Some("channel"),
        },
    };

    fn read(row: &RowRef<'_>) -> Result<FulfilmentRow, CommerceError> {
        Ok(FulfilmentRow {
            placed_at: Instant(row.int(0)?),
            id: owned(row, 1)?,
            reference: owned(row, 2)?,
            order: owned(row, 3)?,
            retailer: number(row, 4)?,
            location: number(row, 5)?,
            channel: number(row, 6)?,
            status: owned(row, 7)?,
            shipped_at: row.opt_int(8)?.map(Instant),
            delivered_at: row.opt_int(9)?.map(Instant),
        })
    }
}

/// An order with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDetail {
    /// The order.
    pub order: OrderRow,
    /// Its lines, in their order.
    pub lines: Vec<OrderLineRow>,
    /// Those of its fulfilments that may be seen, in the order of their refs.
    pub fulfilments: Vec<FulfilmentRow>,
}
