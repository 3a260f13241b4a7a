//! Goods of an import: items, customers, details of locations, stock and orders.

use super::super::Desk;
use super::{Progress, Tally, refuse};
use crate::accounts::Service;
use crate::error::ServiceError;
use access::commands::{WriteCustomers, WriteItems, WriteLocationDetails, WriteOrders, WriteStock};
use access::proof::Guarded;
use access::{Authorized, ChannelId, Instant, Label, LocationId, Place, Ref, RetailerId, Snapshot, Subject};
use commerce::{
    CommerceError, Currency, Degrees, NewCustomer, NewFulfilment, NewItem, NewLocationDetail, NewOrder,
    NewOrderLine, NewStock, Text, WriteMode, Written,
};
use import::{Plan, Row};
use std::collections::HashSet;

/// Rows of one transaction.
const CHUNK: usize = 5_000;
/// How often a chunk is written again because the access state moved meanwhile.
const ATTEMPTS_MAX: usize = 20;

/// Rows that are ready to be written.
#[derive(Debug, Default)]
pub(in crate::ops) struct Goods {
    items: Vec<NewItem>,
    customers: Vec<NewCustomer>,
    details: Vec<NewLocationDetail>,
    stock: Vec<NewStock>,
    orders: Vec<NewOrder>,
}

/// A sentence for whoever reads the list of bad rows.
type Said<T> = Result<T, String>;

fn said<T, E: std::fmt::Display>(result: Result<T, E>) -> Said<T> {
    result.map_err(|e| e.to_string())
}

struct Resolver<'a> {
    on: &'a Snapshot,
    /// Refs of items and customers that this import brings.
    items: HashSet<(Option<&'a str>, &'a str)>,
    customers: HashSet<(&'a str, &'a str)>,
    /// Those that it refers to and does not bring: they must be stored.
    wanted: HashSet<(&'static str, RetailerId, &'a str)>,
}

/// Turns the rows of a plan into rows of commerce, on the state that the import leads to.
pub(in crate::ops) fn resolve(service: &Service, on: &Snapshot, plan: &Plan) -> Result<Goods, Vec<String>> {
    let mut problems = Vec::new();
    let items = plan.items.iter().map(|i| (i.value.retailer_ref.as_deref(), i.value.reference.as_str()));
    let customers =
        plan.customers.iter().map(|c| (c.value.retailer_ref.as_str(), c.value.reference.as_str()));
    let mut resolver =
        Resolver { on, items: items.collect(), customers: customers.collect(), wanted: HashSet::new() };
    let details = plan.locations.iter().filter(|l| has_detail(&l.value));
    let goods = Goods {
        items: collect(plan.items.iter(), &mut problems, |r| resolver.item(r)),
        customers: collect(plan.customers.iter(), &mut problems, |r| resolver.customer(r)),
        details: collect(details, &mut problems, |r| resolver.detail(r)),
        stock: collect(plan.stock.iter(), &mut problems, |r| resolver.stock(r)),
        orders: collect(plan.orders.iter(), &mut problems, |r| resolver.order(r)),
    };
    for (what, retailer, key) in &resolver.wanted {
        let account = on.account().id;
        match service.inner.commerce.locate(account, what, key) {
            Ok(Some(place)) if place.retailer.is_none_or(|r| r == *retailer) => {}
            // Several retailers have one of that ref: the write itself looks for the right one.
            Err(CommerceError::Ambiguous { .. }) => {}
            Ok(_) => problems.push(format!("there is no {what} `{key}`, neither in these files nor stored")),
            Err(error) => problems.push(error.to_string()),
        }
    }
    if problems.is_empty() { Ok(goods) } else { Err(problems) }
}

fn collect<'r, T: 'r, N>(
    rows: impl Iterator<Item = &'r Row<T>>,
    problems: &mut Vec<String>,
    mut row: impl FnMut(&'r T) -> Said<N>,
) -> Vec<N> {
    let mut all = Vec::new();
    for found in rows {
        match row(&found.value) {
            Ok(new) => all.push(new),
            Err(why) => problems.push(format!("{}:{}: {why}", found.origin.file, found.origin.line)),
        }
    }
    all
}

fn has_detail(l: &import::Location) -> bool {
    [&l.city, &l.state, &l.country, &l.timezone, &l.latitude, &l.longitude].iter().any(|d| d.is_some())
}

fn text(what: &'static str, given: Option<&str>) -> Said<Option<Text>> {
    given.map(|t| said(Text::parse(what, t))).transpose()
}

impl<'a> Resolver<'a> {
    fn retailer(&self, key: &str) -> Said<RetailerId> {
        let found = self.on.places().find_retailer(key).map(|r| r.id);
        found.ok_or_else(|| format!("there is no retailer `{key}`"))
    }

    fn location(&self, key: &str) -> Said<(LocationId, RetailerId)> {
        let found = self.on.places().find_location(key).map(|l| (l.id, l.retailer));
        found.ok_or_else(|| format!("there is no location `{key}`"))
    }

    fn channel(&self, retailer: RetailerId, key: &str) -> Said<ChannelId> {
        let found = self.on.places().find_channel(Some(retailer), key).map(|c| c.id);
        found.ok_or_else(|| format!("there is no channel `{key}` in this retailer"))
    }

    fn item(&mut self, row: &'a import::Item) -> Said<NewItem> {
        Ok(NewItem {
            retailer: row.retailer_ref.as_deref().map(|r| self.retailer(r)).transpose()?,
            reference: said(Ref::parse(&row.reference))?,
            name: said(Label::parse(&row.name))?,
            category: text("category", row.category.as_deref())?,
        })
    }

    fn customer(&mut self, row: &'a import::Customer) -> Said<NewCustomer> {
        Ok(NewCustomer {
            retailer: self.retailer(&row.retailer_ref)?,
            reference: said(Ref::parse(&row.reference))?,
            name: said(Label::parse(&row.name))?,
        })
    }

    fn detail(&mut self, row: &'a import::Location) -> Said<NewLocationDetail> {
        Ok(NewLocationDetail {
            location: self.location(&row.reference)?.0,
            city: text("city", row.city.as_deref())?,
            state: text("state", row.state.as_deref())?,
            country: text("country", row.country.as_deref())?,
            timezone: text("time zone", row.timezone.as_deref())?,
            latitude: row.latitude.as_deref().map(|d| said(Degrees::latitude(d))).transpose()?,
            longitude: row.longitude.as_deref().map(|d| said(Degrees::longitude(d))).transpose()?,
        })
    }

    fn stock(&mut self, row: &'a import::Stock) -> Said<NewStock> {
        let (location, retailer) = self.location(&row.location_ref)?;
        let item = self.known_item(retailer, &row.item_ref)?;
        Ok(NewStock { location, item, on_hand: row.on_hand })
    }

    fn order(&mut self, row: &'a import::Order) -> Said<NewOrder> {
        let retailer = self.retailer(&row.retailer_ref)?;
        let mut lines = Vec::with_capacity(row.lines.len());
        for line in row.lines.iter().map(|l| &l.value) {
            lines.push(NewOrderLine {
                number: text("line number", line.number.as_deref())?,
                item: self.known_item(retailer, &line.item_ref)?,
                quantity: line.quantity,
                unit_price_minor: line.unit_price_minor,
                discount: text("discount", line.discount.as_deref())?,
            });
        }
        let fulfilment = row.fulfilment.as_ref().map(|f| self.fulfilment(retailer, &f.value)).transpose()?;
        Ok(NewOrder {
            reference: said(Ref::parse(&row.reference))?,
            retailer,
            channel: self.channel(retailer, &row.channel_ref)?,
            customer: row
                .customer_ref
                .as_deref()
                .map(|c| self.known_customer(retailer, row, c))
                .transpose()?,
            placed_at: Instant(row.placed_on),
            currency: said(Currency::parse(&row.currency))?,
            status: said(Text::parse("status", &row.status))?,
            lines,
            fulfilments: fulfilment.into_iter().collect(),
        })
    }

    fn fulfilment(&self, retailer: RetailerId, row: &import::Fulfilment) -> Said<NewFulfilment> {
        let (location, owner) = self.location(&row.location_ref)?;
        if owner != retailer {
            return Err(format!(
                "the location `{}` belongs to another retailer than the order",
                row.location_ref
            ));
        }
        Ok(NewFulfilment {
            location,
            status: said(Text::parse("status", &row.status))?,
            shipped_at: row.shipped_on.map(Instant),
            delivered_at: row.delivered_on.map(Instant),
        })
    }

    fn known_item(&mut self, retailer: RetailerId, key: &'a str) -> Said<Ref> {
        let own = self.on.places().retailer(retailer).map(|r| r.r#ref.as_str());
        let brought =
            self.items.contains(&(None, key)) || own.is_some_and(|r| self.items.contains(&(Some(r), key)));
        if !brought {
            self.wanted.insert(("item", retailer, key));
        }
        said(Ref::parse(key))
    }

    fn known_customer(&mut self, retailer: RetailerId, row: &'a import::Order, key: &'a str) -> Said<Ref> {
        if !self.customers.contains(&(row.retailer_ref.as_str(), key)) {
            self.wanted.insert(("customer", retailer, key));
        }
        said(Ref::parse(key))
    }
}

/// What would be written, on a state that may not be committed yet.
pub(in crate::ops) fn preview(
    service: &Service,
    on: &Snapshot,
    subject: &Subject,
    now: Instant,
    goods: &Goods,
) -> Result<Vec<(&'static str, Tally)>, ServiceError> {
    let mut look = Writing { service, mode: WriteMode::Preview, progress: &mut |_, _, _| () };
    look.all(goods, &mut |_| Ok((on.clone(), *subject, now)))
}

/// Writes all of it, on the newest state each time.
pub(in crate::ops) fn write(
    service: &Service,
    desk: &Desk,
    goods: &Goods,
    progress: Progress<'_>,
) -> Result<Vec<(&'static str, Tally)>, ServiceError> {
    let mut writing = Writing { service, mode: WriteMode::Write, progress };
    writing.all(goods, &mut |service| {
        let on = service.newest(desk.account)?;
        Ok((Snapshot::clone(&on), *desk.who.subject(), service.inner.clock.now()))
    })
}

type State<'a> = &'a mut dyn FnMut(&Service) -> Result<(Snapshot, Subject, Instant), ServiceError>;

/// Writes some rows with their proof.
type Write<'a, T, Op> = &'a dyn Fn(Authorized<'_, Op>, &[T]) -> Result<Written, CommerceError>;

struct Writing<'a> {
    service: &'a Service,
    mode: WriteMode,
    progress: Progress<'a>,
}

impl Writing<'_> {
    fn all(&mut self, goods: &Goods, state: State<'_>) -> Result<Vec<(&'static str, Tally)>, ServiceError> {
        let (commerce, mode) = (self.service.inner.commerce.clone(), self.mode);
        let places = state(self.service)?.0;
        let places = places.places();
        let mut tallies = Vec::new();
        let items = |rows: &[NewItem]| WriteItems::at(rows.iter().map(NewItem::place));
        tallies.push((
            "items",
            self.kind("items", &goods.items, state, &items, &|p, r| commerce.write_items(p, r, mode))?,
        ));
        let customers = |rows: &[NewCustomer]| WriteCustomers::at(rows.iter().map(NewCustomer::place));
        let run = &|p: Authorized<'_, _>, r: &[NewCustomer]| commerce.write_customers(p, r, mode);
        tallies.push(("customers", self.kind("customers", &goods.customers, state, &customers, run)?));
        let details = |rows: &[NewLocationDetail]| {
            WriteLocationDetails::at(rows.iter().filter_map(|r| r.place(places)))
        };
        let run =
            &|p: Authorized<'_, _>, r: &[NewLocationDetail]| commerce.write_location_details(p, r, mode);
        tallies
            .push(("location details", self.kind("location details", &goods.details, state, &details, run)?));
        let stock = |rows: &[NewStock]| WriteStock::at(rows.iter().filter_map(|r| r.place(places)));
        let run = &|p: Authorized<'_, _>, r: &[NewStock]| commerce.write_stock(p, r, mode);
        tallies.push(("stock", self.kind("stock", &goods.stock, state, &stock, run)?));
        let orders = |rows: &[NewOrder]| {
            WriteOrders::at(rows.iter().flat_map(NewOrder::places).collect::<HashSet<Place>>())
        };
        let run = &|p: Authorized<'_, _>, r: &[NewOrder]| commerce.write_orders(p, r, mode);
        tallies.push(("orders", self.kind("orders", &goods.orders, state, &orders, run)?));
        Ok(tallies)
    }

    fn kind<T, Op: Guarded>(
        &mut self,
        what: &str,
        rows: &[T],
        state: State<'_>,
        operation: &dyn Fn(&[T]) -> Op,
        write: Write<'_, T, Op>,
    ) -> Result<Tally, ServiceError> {
        let mut total = Written::default();
        for chunk in rows.chunks(CHUNK) {
            total += self.chunk(chunk, state, operation, write)?;
            (self.progress)(what, total.total(), rows.len() as u64);
        }
        Ok(Tally { created: total.inserted, changed: total.updated, unchanged: total.unchanged })
    }

    fn chunk<T, Op: Guarded>(
        &self,
        rows: &[T],
        state: State<'_>,
        operation: &dyn Fn(&[T]) -> Op,
        write: Write<'_, T, Op>,
    ) -> Result<Written, ServiceError> {
        for _ in 0..ATTEMPTS_MAX {
            let (on, subject, now) = state(self.service)?;
            let proof = on.authorize(&subject, operation(rows), now);
            let proof = proof.map_err(|denial| ServiceError::Refused(denial.into()))?;
            match write(proof, rows) {
                Ok(written) => return Ok(written),
                Err(CommerceError::Stale | CommerceError::TooLate) => {}
                Err(error @ CommerceError::Database(_)) => return Err(error.into()),
                Err(error) => return Err(refuse(&[error.to_string()])),
            }
        }
        Err(ServiceError::Contended)
    }
}
