//! Items, customers and details of locations.

use super::{Kept, KeyColumn, Table, number, opt_number, opt_owned, owned};
use crate::error::CommerceError;
use crate::predicate::PlaceColumns;
use crate::text::Degrees;
use access::catalogue::kind::{Customer, Item};
use access::{LocationId, Place, RetailerId};
use sql::RowRef;

/// A product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// Its id: `itm_` and 24 characters.
    pub id: String,
    /// The customer's key, unique in the retailer or among shared items.
    pub reference: String,
    /// Whose it is; none for one that all retailers share.
    pub retailer: Option<RetailerId>,
    /// Its name.
    pub name: String,
    /// A word to group items by.
    pub category: Option<String>,
}

impl ItemRow {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { retailer: self.retailer, ..Place::default() }
    }
}

impl Kept for Item {
    type Row = ItemRow;
    const TABLE: Table = Table {
        name: "item",
        columns: "reference, id, retailer, label, category",
        key: KeyColumn::REFERENCE,
        place: PlaceColumns { retailer: Some("retailer"), location: None, channel: None },
    };

    fn read(row: &RowRef<'_>) -> Result<ItemRow, CommerceError> {
        Ok(ItemRow {
            reference: owned(row, 0)?,
            id: owned(row, 1)?,
            retailer: opt_number(row, 2)?,
            name: owned(row, 3)?,
            category: opt_owned(row, 4)?,
        })
    }
}

/// Somebody who orders from a retailer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its id: `cus_` and 24 characters.
    pub id: String,
    /// The customer's key, unique in the retailer.
    pub reference: String,
    /// The retailer ordered from.
    pub retailer: RetailerId,
    /// The customer's name.
    pub name: String,
}

impl CustomerRow {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { retailer: Some(self.retailer), ..Place::default() }
    }
}

impl Kept for Customer {
    type Row = CustomerRow;
    const TABLE: Table = Table {
        name: "customer",
        columns: "reference, id, retailer, label",
        key: KeyColumn::REFERENCE,
        place: PlaceColumns { retailer: Some("retailer"), location: None, channel: None },
    };

    fn read(row: &RowRef<'_>) -> Result<CustomerRow, CommerceError> {
        Ok(CustomerRow {
            reference: owned(row, 0)?,
            id: owned(row, 1)?,
            retailer: number(row, 2)?,
            name: owned(row, 3)?,
        })
    }
}

/// What is known of a location beside its place in the context tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocationDetailRow {
    /// The location.
    pub location: LocationId,
    /// Its retailer.
    pub retailer: RetailerId,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Time zone, such as `America/New_York`.
    pub timezone: Option<String>,
    /// Degrees north.
    pub latitude: Option<Degrees>,
    /// Degrees east.
    pub longitude: Option<Degrees>,
}

/// The columns of [`LocationDetailRow::read`].
pub(crate) const LOCATION_DETAIL_COLUMNS: &str =
    "location, retailer, city, region, country, time_zone, latitude, longitude";

impl LocationDetailRow {
    pub(crate) const PLACE: PlaceColumns =
        PlaceColumns { retailer: Some("retailer"), location: Some("location"), channel: None };

    pub(crate) fn read(row: &RowRef<'_>) -> Result<Self, CommerceError> {
        Ok(Self {
            location: number(row, 0)?,
            retailer: number(row, 1)?,
            city: opt_owned(row, 2)?,
            state: opt_owned(row, 3)?,
            country: opt_owned(row, 4)?,
            timezone: opt_owned(row, 5)?,
            latitude: row.opt_int(6)?.map(Degrees::of_millionths),
            longitude: row.opt_int(7)?.map(Degrees::of_millionths),
        })
    }
}
