//! Rows on their way in, each with the place that its proof must name.

use super::of_retailer;
use crate::text::{Currency, Degrees, Text};
use access::snapshot::Places;
use access::words::{Label, Ref};
use access::{ChannelId, Instant, LocationId, Place, RetailerId};

/// An item. Found by retailer and ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// Whose it is; none for one that all retailers share.
    pub retailer: Option<RetailerId>,
    /// The customer's key.
    pub reference: Ref,
    /// Its name.
    pub name: Label,
    /// A word to group items by.
    pub category: Option<Text>,
}

impl NewItem {
    /// The place that `WriteItems` must name.
    #[must_use]
    pub fn place(&self) -> Place {
        of_retailer(self.retailer)
    }
}

/// A customer. Found by retailer and ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCustomer {
    /// The retailer ordered from.
    pub retailer: RetailerId,
    /// The customer's key.
    pub reference: Ref,
    /// The customer's name.
    pub name: Label,
}

impl NewCustomer {
    /// The place that `WriteCustomers` must name.
    #[must_use]
    pub fn place(&self) -> Place {
        of_retailer(Some(self.retailer))
    }
}

/// Details of a location. Found by the location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLocationDetail {
    /// The location.
    pub location: LocationId,
    /// City.
    pub city: Option<Text>,
    /// State or province.
    pub state: Option<Text>,
    /// Country.
    pub country: Option<Text>,
    /// Time zone, such as `America/New_York`.
    pub timezone: Option<Text>,
    /// Degrees north.
    pub latitude: Option<Degrees>,
    /// Degrees east.
    pub longitude: Option<Degrees>,
}

impl NewLocationDetail {
    /// The place that `WriteLocationDetails` must name; none for a location that is not one of these.
    #[must_use]
    pub fn place(&self, places: &Places) -> Option<Place> {
        of_location(self.location, places)
    }
}

/// How much of an item is at a location. Found by the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStock {
    /// Where.
    pub location: LocationId,
    /// The ref of an item of the location's retailer or, if that has none, of a shared one.
    pub item: Ref,
    /// How many; may be negative.
    pub on_hand: i64,
}

impl NewStock {
    /// The place that `WriteStock` must name; none for a location that is not one of these.
    #[must_use]
    pub fn place(&self, places: &Places) -> Option<Place> {
        of_location(self.location, places)
    }
}

/// An order with all of its lines. Found by its ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The order number.
    pub reference: Ref,
    /// The retailer ordered from. Another one than before moves the order.
    pub retailer: RetailerId,
    /// The channel of that retailer that it came through. Another one than before moves the order.
    pub channel: ChannelId,
    /// The ref of a customer of that retailer, if known.
    pub customer: Option<Ref>,
    /// When it was placed.
    pub placed_at: Instant,
    /// Currency of all its amounts.
    pub currency: Currency,
    /// Where it is in its life.
    pub status: Text,
    /// What was ordered: all of it, in order. Lines that were there and are not here go.
    pub lines: Vec<NewOrderLine>,
    /// Its fulfilments, by their number in the order. Those that were there and are not here stay.
    pub fulfilments: Vec<NewFulfilment>,
}

impl NewOrder {
    /// The places that `WriteOrders` must name: those of its fulfilments, or its own when it has none.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let at = |location| Place { retailer: Some(self.retailer), location, channel: Some(self.channel) };
        match self.fulfilments.as_slice() {
            [] => vec![at(None)],
            some => some.iter().map(|fulfilment| at(Some(fulfilment.location))).collect(),
        }
    }
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrderLine {
    /// The number that the order itself gives it.
    pub number: Option<Text>,
    /// The ref of an item of the order's retailer or, if that has none, of a shared one.
    pub item: Ref,
    /// How many; at least 1.
    pub quantity: i64,
    /// Price of one in minor units of the order's currency; not negative.
    pub unit_price_minor: i64,
    /// Discount, as somebody wrote it.
    pub discount: Option<Text>,
}

/// A part of an order that one location ships or hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFulfilment {
    /// A location of the order's retailer. Another one than before moves the fulfilment.
    pub location: LocationId,
    /// Where it is in its life.
    pub status: Text,
    /// When it was shipped.
    pub shipped_at: Option<Instant>,
    /// When it was delivered.
    pub delivered_at: Option<Instant>,
}

fn of_location(location: LocationId, places: &Places) -> Option<Place> {
    let retailer = places.location(location)?.retailer;
    Some(Place { retailer: Some(retailer), location: Some(location), channel: None })
}
