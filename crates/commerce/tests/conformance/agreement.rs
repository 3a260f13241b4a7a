//! Agreement: of every world, user, application and permission, the rows that the list shows over all its pages, the
//! rows that the predicate finds one by one, those that it counts, and those that the filter admits are the same.

use crate::backends::Scratch;
use crate::desk::{Desk, fulfilment, item, label, order, reference};
use access::catalogue::kind::{Customer, Fulfilment, InventoryPosition, Item, Order};
use access::commands::{WriteCustomers, WriteStock};
use access::{Application, Filter, Place, Subject};
use commerce::{
    Commerce, CommerceError, NewCustomer, NewItem, NewOrder, NewStock, Page, PageRequest, WriteMode,
};
use proptest::test_runner::{Config, TestRunner};
use sql::Database;
use std::collections::BTreeMap;
use testkit::World;

/// Worlds on PostgreSQL: each page is some round trips there.
const POSTGRES_CASES: u32 = 50;
const POSTGRES_CASES_LONG: u32 = 500;

/// Pages of both sizes in turn: small ones are many statements.
const SMALL_PAGE: usize = 3;
const LARGE_PAGE: usize = 200;

#[test]
fn lists_predicates_and_filters_agree_on_sqlite() {
    agree(&Database::sqlite_memory().unwrap(), testkit::cases());
}

#[test]
fn lists_predicates_and_filters_agree_on_postgres() {
    let Some(mut scratch) = Scratch::postgres() else { return };
    let cases = if testkit::cases() > 500 { POSTGRES_CASES_LONG } else { POSTGRES_CASES };
    println!("{cases} worlds on PostgreSQL");
    agree(&scratch.database(), cases);
}

fn agree(db: &Database, cases: u32) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&testkit::worlds(), |world| {
        agree_in(db, world);
        Ok(())
    });
    if let Err(broken) = run {
        panic!("{broken}");
    }
}

fn agree_in(db: &Database, world: World) {
    for table in ["order_line", "fulfilment", "customer_order", "inventory_position", "customer", "item"] {
        // The first world finds no tables yet.
        let _ = db.write(|tx| tx.execute_batch(&format!("DELETE FROM {table}")));
    }
    let desk = Desk::open(db.clone(), world);
    fill(&desk);
    let users: Vec<_> = desk.world.users().map(|(user, _)| user).collect();
    let signed_in = |user| Application::ALL.map(|application| desk.world.subject(user, application));
    let subjects: Vec<Subject> = users.into_iter().flat_map(signed_in).chain([desk.operator()]).collect();
    for (subject, limit) in subjects.iter().zip([SMALL_PAGE, LARGE_PAGE].into_iter().cycle()) {
        view(&desk, subject, limit);
    }
}

/// Rows at every place where there may be one.
fn fill(desk: &Desk) {
    let world = &desk.world;
    let mut items = vec![item(None, "A"), item(None, "Z")];
    items.extend(world.retailer_ids().map(|r| NewItem { retailer: Some(r), ..item(None, "A") }));
    desk.items(&items).unwrap();
    let customers: Vec<NewCustomer> = world
        .retailer_ids()
        .flat_map(|retailer| {
            ["C", "D"].map(|key| NewCustomer { retailer, reference: reference(key), name: label(key) })
        })
        .collect();
    let proof = desk.proof(WriteCustomers::at(customers.iter().map(NewCustomer::place)));
    desk.commerce.write_customers(proof, &customers, WriteMode::Write).unwrap();
    let stock: Vec<NewStock> = (1..=world.locations.len())
        .flat_map(|location| {
            let location = testkit::world::id(u32::try_from(location).unwrap());
            ["A", "Z"].map(|item| NewStock { location, item: reference(item), on_hand: 1 })
        })
        .collect();
    let places: Vec<Place> = stock.iter().filter_map(|row| row.place(desk.snapshot.places())).collect();
    desk.commerce.write_stock(desk.proof(WriteStock::at(places)), &stock, WriteMode::Write).unwrap();
    desk.orders(&orders(world)).unwrap();
}

/// Two orders of each channel, one fulfilled from every location of its retailer; few instants, so many ties.
fn orders(world: &World) -> Vec<NewOrder> {
    let mut rows = Vec::new();
    for (channel, retailer) in (1_u32..).zip(&world.channels) {
        for fulfilled in [false, true] {
            let mut row = order(&format!("O{channel}-{fulfilled}"), 1, channel, i64::from(channel % 2));
            row.retailer = *retailer;
            if fulfilled {
                row.fulfilments = world
                    .locations_of(*retailer)
                    .map(|location| commerce::NewFulfilment { location, ..fulfilment(1) })
                    .collect();
            }
            rows.push(row);
        }
    }
    rows
}

type Answer<T> = Result<T, CommerceError>;
type List<E, R> = fn(&Commerce, &Filter<E>, &PageRequest) -> Answer<Page<R>>;
type Single<E, R> = fn(&Desk, &Filter<E>, &str) -> Answer<Option<R>>;

/// One entity: its list, its count, its single things.
struct Views<'d, E, R> {
    desk: &'d Desk,
    list: List<E, R>,
    count: fn(&Commerce, &Filter<E>) -> Answer<u64>,
    single: Single<E, R>,
    key: fn(&R) -> (String, Place),
}

impl<E, R> Views<'_, E, R> {
    /// All rows over all pages.
    fn pages(&self, filter: &Filter<E>, limit: usize) -> BTreeMap<String, Place> {
        let (mut seen, mut after) = (BTreeMap::new(), None);
        loop {
            let request = PageRequest::new(Some(limit), after).unwrap();
            let page = (self.list)(&self.desk.commerce, filter, &request).unwrap();
            for row in &page.rows {
                let (id, place) = (self.key)(row);
                assert!(seen.insert(id.clone(), place).is_none(), "{id} is on two pages");
            }
            after = page.next;
            if after.is_none() {
                return seen;
            }
        }
    }

    fn agree(&self, everything: &Filter<E>, filter: &Filter<E>, limit: usize) {
        let all = self.pages(everything, 200);
        assert!(!all.is_empty());
        let admitted: BTreeMap<String, Place> = all
            .iter()
            .filter(|(_, place)| filter.admits(place))
            .map(|(id, place)| (id.clone(), *place))
            .collect();
        assert_eq!(self.pages(filter, limit), admitted, "{:?}", filter.clauses());
        assert_eq!((self.count)(&self.desk.commerce, filter).unwrap(), admitted.len() as u64);
        for id in all.keys() {
            let found = (self.single)(self.desk, filter, id).unwrap();
            assert_eq!(found.is_some(), admitted.contains_key(id), "{id} {:?}", filter.clauses());
        }
    }
}

macro_rules! views {
    ($desk:ident, $subject:ident, $limit:ident; $($entity:ident: $list:ident, $count:ident, $single:expr, [$($permission:literal),+];)+) => {$(
        let views = Views::<$entity, _> {
            desk: $desk,
            list: Commerce::$list,
            count: Commerce::$count,
            single: $single,
            key: |row| (row.id.clone(), row.place()),
        };
        for permission in [$($permission),+] {
            let filter = $desk.snapshot.filter::<$entity>($subject, permission, $desk.world.now());
            views.agree(&$desk.all(), &filter, $limit);
        }
    )+};
}

fn view(desk: &Desk, subject: &Subject, limit: usize) {
    views! { desk, subject, limit;
        Order: orders, count_orders, |desk, filter, key| {
            Ok(desk.commerce.order(filter, &desk.all(), key)?.map(|detail| detail.order))
        }, ["ORDER_VIEW", "ORDER_UPDATE"];
        Fulfilment: fulfilments, count_fulfilments, |desk, filter, key| desk.commerce.fulfilment(filter, key), ["FULFILMENT_VIEW", "FULFILMENT_UPDATE"];
        Customer: customers, count_customers, |desk, filter, key| desk.commerce.customer(filter, key), ["CUSTOMER_VIEW"];
        Item: items, count_items, |desk, filter, key| desk.commerce.item(filter, key), ["VARIANTPRODUCT_VIEW", "VARIANTPRODUCT_UPDATE"];
        InventoryPosition: inventory, count_inventory, |desk, filter, key| desk.commerce.inventory_position(filter, key), ["INVENTORYPOSITION_VIEW"];
    }
}
