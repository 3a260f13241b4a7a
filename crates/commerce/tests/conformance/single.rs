//! Single things, and where they are.

use crate::Case;
use crate::desk::{Desk, at, fulfilment, item, label, order, reference};
use access::catalogue::kind::{Fulfilment, Item, Order};
use access::commands::{WriteCustomers, WriteStock};
use access::{Filter, Place};
use commerce::{CommerceError, NewCustomer, NewStock, WriteMode};
use sql::Database;
use testkit::Scope;
use testkit::world::{Dimension, Locations, id};

pub(crate) const CASES: &[Case] = &[
    ("a thing is located by id and by ref", a_thing_is_located),
    ("a thing out of the filter does not exist", a_thing_out_of_the_filter_is_not_there),
    ("another account's things do not exist", another_account_is_not_there),
];

fn a_thing_is_located(db: Database) {
    let desk = Desk::stocked(db);
    let account = desk.snapshot.account().id;
    let mut row = order("O1", 1, 2, 1);
    row.fulfilments = vec![fulfilment(2)];
    desk.orders(&[row]).unwrap();
    let rows = [1, 2].map(|retailer| NewCustomer {
        retailer: id(retailer),
        reference: reference("C"),
        name: label("C"),
    });
    let proof = desk.proof(WriteCustomers::at(rows.iter().map(NewCustomer::place)));
    desk.commerce.write_customers(proof, &rows, WriteMode::Write).unwrap();
    let rows = [NewStock { location: id(3), item: reference("A"), on_hand: 1 }];
    let places: Vec<Place> = rows.iter().filter_map(|row| row.place(desk.snapshot.places())).collect();
    desk.commerce.write_stock(desk.proof(WriteStock::at(places)), &rows, WriteMode::Write).unwrap();

    let found = desk.commerce.order(&desk.all(), &desk.all(), "O1").unwrap().unwrap();
    let stock = desk.commerce.inventory_position(&desk.all(), "A").unwrap().unwrap();
    let in_store = Place { channel: None, ..at(2, Some(3), 1) };
    let cases = [
        ("order", "O1", Some(at(1, None, 2))),
        ("order", &found.order.id, Some(at(1, None, 2))),
        ("order", "O2", None),
        ("order", "O1-F1", None),
        ("order", "o1", None),
        ("order", "O1\0", None),
        ("fulfilment", "O1-F1", Some(at(1, Some(2), 2))),
        ("fulfilment", &found.fulfilments[0].id, Some(at(1, Some(2), 2))),
        ("item", "A", Some(Place::default())),
        ("item", "B", Some(Place { retailer: Some(id(1)), ..Place::default() })),
        ("inventory_position", &stock.id, Some(in_store)),
    ];
    for (entity, key, expected) in cases {
        assert_eq!(desk.commerce.locate(account, entity, key).unwrap(), expected, "{entity} {key}");
    }
    let ambiguous = desk.commerce.locate(account, "customer", "C").unwrap_err();
    assert_eq!(
        ambiguous.to_string(),
        "more than one customer has the ref `C`: use the id of the one you mean"
    );
    assert!(matches!(desk.commerce.locate(account, "carrier", "X"), Err(CommerceError::NotKept { .. })));
}

fn a_thing_out_of_the_filter_is_not_there(db: Database) {
    let mut desk = Desk::stocked(db);
    let role = desk.world.role("ADMIN");
    let scope = Scope { locations: Locations::Only([id(1)].into()), ..Scope::retailer(id(1)) };
    let channel = Scope { channels: Dimension::Listed([id(1)].into()), ..Scope::retailer(id(1)) };
    let store = desk.world.add_user([(role, scope)]);
    let online = desk.world.add_user([(role, channel)]);
    desk.snapshot = desk.world.snapshot();
    desk.set_head(desk.snapshot.revision().0);
    let rows = [("O1", 1), ("O2", 2)].map(|(key, number)| {
        let mut row = order(key, 1, number, 1);
        row.fulfilments = vec![fulfilment(1), fulfilment(2)];
        row
    });
    desk.orders(&rows).unwrap();
    let subject = |user| desk.world.subject(user, access::Application::Api);
    let orders =
        |user| -> Filter<Order> { desk.snapshot.filter(&subject(user), "ORDER_VIEW", desk.world.now()) };
    let fulfilments = |user| -> Filter<Fulfilment> {
        desk.snapshot.filter(&subject(user), "FULFILMENT_VIEW", desk.world.now())
    };
    let seen = |user, key: &str| desk.commerce.order(&orders(user), &fulfilments(user), key).unwrap();
    assert!(seen(online, "O2").is_none() && seen(store, "O1").is_none());
    let whole = seen(online, "O1").unwrap();
    assert_eq!((whole.lines.len(), whole.fulfilments.len()), (1, 2));
    // The order by one's filter, the fulfilments by another's.
    let part = desk.commerce.order(&orders(online), &fulfilments(store), "O1").unwrap().unwrap();
    assert_eq!(part.fulfilments.iter().map(|f| f.location).collect::<Vec<_>>(), [id(1)]);
    assert!(desk.commerce.fulfilment(&fulfilments(store), "O2-F1").unwrap().is_some());
    assert!(desk.commerce.fulfilment(&fulfilments(store), "O2-F2").unwrap().is_none());
    // A ref that two have is no question when only one of them is admitted.
    desk.items(&[item(Some(2), "B")]).unwrap();
    assert!(matches!(desk.commerce.item(&desk.all(), "B"), Err(CommerceError::Ambiguous { .. })));
    let items: Filter<Item> = desk.snapshot.filter(&subject(online), "VARIANTPRODUCT_VIEW", desk.world.now());
    assert_eq!(desk.commerce.item(&items, "B").unwrap().unwrap().retailer, Some(id(1)));
}

fn another_account_is_not_there(db: Database) {
    let desk = Desk::stocked(db);
    desk.orders(&[order("O1", 1, 1, 1)]).unwrap();
    let move_away = "UPDATE customer_order SET account_id = 2";
    crate::backends::run(&desk.db, move_away);
    assert!(desk.commerce.order(&desk.all(), &desk.all(), "O1").unwrap().is_none());
    assert_eq!(desk.commerce.count_orders(&desk.all()).unwrap(), 0);
    assert_eq!(desk.commerce.locate(desk.snapshot.account().id, "order", "O1").unwrap(), None);
    assert_eq!(desk.commerce.locate(id(2), "order", "O1").unwrap(), Some(at(1, None, 1)));
    // Its refs are its own.
    desk.orders(&[order("O1", 1, 2, 1)]).unwrap();
}
