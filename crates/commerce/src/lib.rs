//! The data that access guards: items, customers, stock, orders, fulfilments, details of locations.
//!
//! `Filter<Entity>` + [`PageRequest`] -> [`Page`] of rows; `Authorized<Op>` + rows -> [`Written`].
//!
//! **Invariant:** rows are read only through a [`Filter`](access::Filter) and written only with an
//! [`Authorized`](access::Authorized); [`Commerce::locate`] is the one exception, and it answers a place, no row.
//! **Invariant:** a row's place is one that the proof of its write names, and a moved row's old place too.
//! **Invariant:** the retailer of a row is the one that its location and its channel belong to.
//! **Invariant:** no list is cut without a cursor, and each row that stays is on exactly one of its pages.

mod commerce;
mod cursor;
mod entities;
mod error;
mod limits;
mod page;
mod plan;
mod predicate;
mod read;
mod schema;
mod statement;
mod text;
mod write;

pub use commerce::Commerce;
pub use cursor::Cursor;
pub use entities::{
    CustomerRow, FulfilmentRow, ItemRow, LocationDetailRow, OrderDetail, OrderLineRow, OrderRow, StockRow,
};
pub use error::CommerceError;
pub use limits::{BRANCHES_MAX, LINES_MAX, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, WRITE_ROWS_MAX};
pub use page::{Page, PageRequest};
pub use schema::migrations;
pub use text::{Currency, Degrees, Text, TextError};
pub use write::{
    NewCustomer, NewFulfilment, NewItem, NewLocationDetail, NewOrder, NewOrderLine, NewStock, WriteMode,
    Written,
};
