//! Some hundred orders at once: what is stored is read together, compared, and what is new is written together.

use super::super::lookup::{Known, Reference};
use super::super::upsert::{Draft, Stored};
use super::super::{Frame, Written, wrong_place};
use super::children::{FULFILMENT, LINE, LOCATION_AT, of_orders};
use super::{Checked, ORDER, WHAT};
use crate::error::CommerceError;
use access::words::Number;
use access::{ChannelId, LocationId, Place, RetailerId};
use sql::{SqlError, Tx, Value};
use std::collections::HashMap;

pub(super) struct Chunk<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) orders: &'a [Checked<'a>],
    /// Whether the proof names a place.
    pub(super) names: &'a dyn Fn(&Place) -> bool,
}

/// What is stored of the orders of a chunk.
struct Before {
    customers: Known,
    items: Known,
    orders: HashMap<Vec<Value>, Stored>,
    lines: HashMap<String, Vec<Draft>>,
    fulfilments: HashMap<String, Vec<Draft>>,
}

/// What is to be written.
#[derive(Default)]
struct After {
    written: Written,
    orders: Vec<Draft>,
    lines: Vec<Draft>,
    fulfilments: Vec<Draft>,
    changed_orders: Vec<(Draft, Stored)>,
    changed_fulfilments: Vec<(Draft, Stored)>,
    /// Orders whose lines go before the new ones come.
    relined: Vec<String>,
}

impl Chunk<'_> {
    pub(super) fn write(&self, tx: &mut Tx<'_>) -> Result<Written, CommerceError> {
        let before = self.before(tx)?;
        let mut after = After::default();
        for order in self.orders {
            self.compare(order, &before, &mut after)?;
        }
        if !self.frame.is_preview() {
            self.apply(tx, &after)?;
        }
        Ok(after.written)
    }

    fn before(&self, tx: &mut Tx<'_>) -> Result<Before, SqlError> {
        let frame = self.frame;
        let rows = || self.orders.iter().map(|order| order.row);
        let customers = Known::read(tx, frame, "customer", rows().filter_map(|row| row.customer.as_ref()))?;
        let items =
            Known::read(tx, frame, "item", rows().flat_map(|row| row.lines.iter().map(|line| &line.item)))?;
        let keys: Vec<Draft> = self.orders.iter().map(|order| order.draft(None)).collect();
        let orders = ORDER.stored(tx, frame.account, &keys)?;
        let ids: Vec<&str> = orders.values().map(|stored| stored.id.as_str()).collect();
        let lines = of_orders(tx, &LINE, frame.account, &ids)?;
        let fulfilments = of_orders(tx, &FULFILMENT, frame.account, &ids)?;
        Ok(Before { customers, items, orders, lines, fulfilments })
    }

    /// Adds to `after` what has to be written for one order.
    fn compare(&self, order: &Checked<'_>, before: &Before, after: &mut After) -> Result<(), CommerceError> {
        let retailer = order.row.retailer;
        let customer = order.row.customer.as_ref().map(|reference| {
            Reference { of: (WHAT, order.key()), retailer, other: "customer", reference }
                .resolve(self.frame, &before.customers)
        });
        let draft = order.draft(customer.transpose()?);
        let Some(stored) = before.orders.get(&draft.key) else {
            after.written.inserted += 1;
            after.lines.extend(order.lines(self.frame, &order.id, &before.items)?);
            after.fulfilments.extend(order.fulfilments(&order.id));
            after.orders.push(draft);
            return Ok(());
        };
        let lines = order.lines(self.frame, &stored.id, &before.items)?;
        let said = |lines: &[Draft]| lines.iter().map(|line| line.data.clone()).collect::<Vec<_>>();
        let old_lines = before.lines.get(&stored.id).map_or(&[][..], Vec::as_slice);
        let relined = said(&lines) != said(old_lines);
        let changed = draft.data != stored.data;
        let old_fulfilments = before.fulfilments.get(&stored.id).map_or(&[][..], Vec::as_slice);
        let refulfilled = self.compare_fulfilments(order, &stored.id, old_fulfilments, after)?;
        if changed || relined {
            self.check_left(order, &stored.data, old_fulfilments)?;
        }
        if relined {
            after.relined.push(stored.id.clone());
            after.lines.extend(lines);
        }
        if changed {
            after.changed_orders.push((draft, stored.clone()));
        }
        let same = !(changed || relined || refulfilled);
        after.written += Written { inserted: 0, updated: u64::from(!same), unchanged: u64::from(same) };
        Ok(())
    }

    /// The fulfilments of an order that is there; whether anything is to be written.
    fn compare_fulfilments(
        &self,
        order: &Checked<'_>,
        id: &str,
        old: &[Draft],
        after: &mut After,
    ) -> Result<bool, CommerceError> {
        let mut wanted = order.fulfilments(id);
        // Those that nobody speaks of stay, but go where their order goes.
        for kept in old.iter().filter(|kept| wanted.iter().all(|w| w.key != kept.key)).collect::<Vec<_>>() {
            let mut data = order.shared();
            data.extend(kept.data.iter().skip(data.len()).cloned());
            wanted.push(Draft { data, ..kept.clone() });
        }
        let mut anything = false;
        for draft in wanted {
            let stored = old.iter().find(|stored| stored.key == draft.key);
            match stored {
                Some(stored) if stored.data == draft.data => continue,
                Some(stored) => {
                    for (at, data) in [("is now at", &stored.data), ("goes to", &draft.data)] {
                        self.check_named(order, fulfilment_place(data), at)?;
                    }
                    self.check_of_retailer(order, &draft)?;
                    let stored = Stored { id: stored.id.clone(), data: stored.data.clone() };
                    after.changed_fulfilments.push((draft, stored));
                }
                None => after.fulfilments.push(draft),
            }
            anything = true;
        }
        Ok(anything)
    }

    /// A fulfilment that goes where its order goes may be left at a location of another retailer.
    fn check_of_retailer(&self, order: &Checked<'_>, draft: &Draft) -> Result<(), CommerceError> {
        let location = fulfilment_place(&draft.data).location;
        let owner = location.and_then(|l| self.frame.places.location(l)).map(|l| l.retailer);
        match location {
            Some(location) if owner != Some(order.row.retailer) => {
                Err(wrong_place(WHAT, order.key(), location))
            }
            _ => Ok(()),
        }
    }

    /// The place where an order is now is named: by itself or with one of its locations.
    fn check_left(
        &self,
        order: &Checked<'_>,
        old: &[Value],
        fulfilments: &[Draft],
    ) -> Result<(), CommerceError> {
        let place = order_place(old);
        let old_locations = fulfilments.iter().map(|f| fulfilment_place(&f.data).location);
        let new_locations = order.row.fulfilments.iter().map(|f| Some(f.location));
        let mut locations = std::iter::once(None).chain(old_locations).chain(new_locations);
        if locations.any(|location| (self.names)(&Place { location, ..place })) {
            return Ok(());
        }
        self.check_named(order, place, "is now at")
    }

    fn check_named(&self, order: &Checked<'_>, place: Place, at: &'static str) -> Result<(), CommerceError> {
        if (self.names)(&place) {
            return Ok(());
        }
        Err(CommerceError::NotProven { what: WHAT, key: order.key().to_owned(), at })
    }

    fn apply(&self, tx: &mut Tx<'_>, after: &After) -> Result<(), SqlError> {
        const UNLINE: &str = "DELETE FROM order_line WHERE account_id = $1 AND order_id = $2";
        let account = self.frame.account;
        for order in &after.relined {
            tx.execute(UNLINE, &[Value::from(account.number()), order.as_str().into()])?;
        }
        ORDER.insert(tx, account, &after.orders)?;
        LINE.insert(tx, account, &after.lines)?;
        FULFILMENT.insert(tx, account, &after.fulfilments)?;
        for (draft, stored) in &after.changed_orders {
            ORDER.update(tx, account, draft, stored)?;
        }
        for (draft, stored) in &after.changed_fulfilments {
            FULFILMENT.update(tx, account, draft, stored)?;
        }
        Ok(())
    }
}

fn place_number<T: Number>(data: &[Value], at: usize) -> Option<T> {
    match data.get(at) {
        Some(Value::Int(number)) => u32::try_from(*number).ok().and_then(T::from_number),
        _ => None,
    }
}

/// The place that the data of an order say.
fn order_place(data: &[Value]) -> Place {
    Place {
        retailer: place_number::<RetailerId>(data, 0),
        location: None,
        channel: place_number::<ChannelId>(data, 1),
    }
}

/// The place that the data of a fulfilment say.
fn fulfilment_place(data: &[Value]) -> Place {
    Place { location: place_number::<LocationId>(data, LOCATION_AT), ..order_place(data) }
}
