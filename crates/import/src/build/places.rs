//! Retailers, channels, locations, items, customers and stock.
//!
//! Each row's fields are all asked before the row is given up, so that one run tells all that is wrong.

use super::Build;
use super::merge::Merged;
use crate::mapping::{
    ChannelSource, CustomerSource, ItemSource, LocationSource, RetailerSource, StockSource,
};
use crate::plan::{Channel, Customer, Item, Location, LocationKind, Retailer, Row, Stock};

impl Build<'_> {
    pub(super) fn retailers(&mut self, sources: &[RetailerSource]) -> Vec<Row<Retailer>> {
        let mut merged = Merged::default();
        self.for_each(sources, |source, cells| {
            let (Ok(reference), Ok(name)) = (cells.needed(&source.reference), cells.needed(&source.name))
            else {
                return;
            };
            let row = Retailer { reference: reference.clone(), name };
            merged.add(reference.clone(), row, &source.reference.columns(), &reference, cells);
        });
        merged.rows
    }

    pub(super) fn channels(&mut self, sources: &[ChannelSource]) -> Vec<Row<Channel>> {
        let mut merged = Merged::default();
        self.for_each(sources, |source, cells| {
            let (Ok(retailer_ref), Ok(reference), Ok(name)) =
                (cells.needed(&source.retailer), cells.needed(&source.reference), cells.needed(&source.name))
            else {
                return;
            };
            let key = (retailer_ref.clone(), reference.clone());
            let row = Channel { retailer_ref, reference: reference.clone(), name };
            merged.add(key, row, &source.reference.columns(), &reference, cells);
        });
        merged.rows
    }

    pub(super) fn locations(&mut self, sources: &[LocationSource]) -> Vec<Row<Location>> {
        let mut merged = Merged::default();
        self.for_each(sources, |source, cells| {
            let needed =
                (cells.needed(&source.retailer), cells.needed(&source.reference), cells.needed(&source.name));
            let kind = cells.read(&source.kind, |_, text| LocationKind::parse(text));
            let named = (
                cells.optional(source.city.as_ref()),
                cells.optional(source.state.as_ref()),
                cells.optional(source.country.as_ref()),
                cells.optional(source.timezone.as_ref()),
            );
            let at = (
                cells.read_optional(source.latitude.as_ref(), |notation, text| notation.degrees(text, 90)),
                cells.read_optional(source.longitude.as_ref(), |notation, text| notation.degrees(text, 180)),
            );
            let ((Ok(retailer_ref), Ok(reference), Ok(name)), Ok(kind)) = (needed, kind) else { return };
            let (Ok(city), Ok(state), Ok(country), Ok(timezone)) = named else { return };
            let (Ok(latitude), Ok(longitude)) = at else { return };
            let row = Location {
                retailer_ref,
                reference: reference.clone(),
                name,
                kind,
                city,
                state,
                country,
                timezone,
                latitude,
                longitude,
            };
            merged.add(reference.clone(), row, &source.reference.columns(), &reference, cells);
        });
        merged.rows
    }

    pub(super) fn items(&mut self, sources: &[ItemSource]) -> Vec<Row<Item>> {
        let mut merged = Merged::default();
        self.for_each(sources, |source, cells| {
            let (Ok(retailer_ref), Ok(reference), Ok(name), Ok(category)) = (
                cells.optional(source.retailer.as_ref()),
                cells.needed(&source.reference),
                cells.needed(&source.name),
                cells.optional(source.category.as_ref()),
            ) else {
                return;
            };
            let key = (retailer_ref.clone(), reference.clone());
            let row = Item { retailer_ref, reference: reference.clone(), name, category };
            merged.add(key, row, &source.reference.columns(), &reference, cells);
        });
        merged.rows
    }

    pub(super) fn customers(&mut self, sources: &[CustomerSource]) -> Vec<Row<Customer>> {
        let mut merged = Merged::default();
        self.for_each(sources, |source, cells| {
            let (Ok(retailer_ref), Ok(reference), Ok(name)) =
                (cells.needed(&source.retailer), cells.needed(&source.reference), cells.needed(&source.name))
            else {
                return;
            };
            let key = (retailer_ref.clone(), reference.clone());
            let row = Customer { retailer_ref, reference: reference.clone(), name };
            merged.add(key, row, &source.reference.columns(), &reference, cells);
        });
        merged.rows
    }

    pub(super) fn stock(&mut self, sources: &[StockSource]) -> Vec<Row<Stock>> {
        let mut merged = Merged::default();
        self.for_each(sources, |source, cells| {
            let (Ok(location_ref), Ok(item_ref), Ok(on_hand)) = (
                cells.needed(&source.location),
                cells.needed(&source.item),
                cells.read(&source.on_hand, |notation, text| notation.whole(text, i64::MIN)),
            ) else {
                return;
            };
            let key = (location_ref.clone(), item_ref.clone());
            let shown = format!("{location_ref}, {item_ref}");
            let column = format!("{}, {}", source.location.columns(), source.item.columns());
            merged.add(key, Stock { location_ref, item_ref, on_hand }, &column, &shown, cells);
        });
        merged.rows
    }
}
