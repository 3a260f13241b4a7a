//! Writes: idempotent, checked, all or nothing.

use crate::Case;
use crate::desk::{Desk, at, fulfilment, item, label, line, order, reference, text, written};
use access::commands::{WriteCustomers, WriteItems, WriteLocationDetails, WriteOrders, WriteStock};
use access::{Instant, Place};
use commerce::{
    Commerce, CommerceError, Degrees, NewCustomer, NewItem, NewLocationDetail, NewStock, PageRequest,
    WRITE_ROWS_MAX, WriteMode,
};
use sql::Database;
use std::sync::Arc;
use store::{Clock, SystemIds};
use testkit::world::id;

pub(crate) const CASES: &[Case] = &[
    ("a second write of the same rows changes nothing", the_second_time_nothing_changes),
    ("an item of a retailer and a shared one may have the same ref", shared_and_own_items_are_two),
    ("what is not named by the proof is not written", only_named_places_are_written),
    ("a proof on an older state writes nothing", a_stale_proof_writes_nothing),
    ("a proof that has ended writes nothing", a_late_proof_writes_nothing),
    ("a preview counts and writes nothing", a_preview_writes_nothing),
    ("rows that cannot be right are refused", wrong_rows_are_refused),
    ("many rows at once", many_rows_at_once),
];

fn customers(desk: &Desk, rows: &[NewCustomer]) -> Result<commerce::Written, CommerceError> {
    let proof = desk.proof(WriteCustomers::at(rows.iter().map(NewCustomer::place)));
    desk.commerce.write_customers(proof, rows, WriteMode::Write)
}

fn stock(desk: &Desk, rows: &[NewStock]) -> Result<commerce::Written, CommerceError> {
    let places: Vec<Place> = rows.iter().filter_map(|row| row.place(desk.snapshot.places())).collect();
    desk.commerce.write_stock(desk.proof(WriteStock::at(places)), rows, WriteMode::Write)
}

fn details(desk: &Desk, rows: &[NewLocationDetail]) -> Result<commerce::Written, CommerceError> {
    let places: Vec<Place> = rows.iter().filter_map(|row| row.place(desk.snapshot.places())).collect();
    desk.commerce.write_location_details(desk.proof(WriteLocationDetails::at(places)), rows, WriteMode::Write)
}

fn detail(location: u32, city: &str) -> NewLocationDetail {
    NewLocationDetail {
        location: id(location),
        city: Some(text(city)),
        state: None,
        country: Some(text("US")),
        timezone: Some(text("America/New_York")),
        latitude: Some(Degrees::latitude("40.7128").unwrap()),
        longitude: Some(Degrees::longitude("-74.006").unwrap()),
    }
}

fn the_second_time_nothing_changes(db: Database) {
    let desk = Desk::stocked(db);
    assert_eq!(desk.items(&[item(None, "A"), item(Some(1), "B")]).unwrap(), written(0, 0, 2));
    let renamed = NewItem { name: label("Anvil"), category: Some(text("Iron")), ..item(None, "A") };
    assert_eq!(desk.items(&[renamed, item(Some(1), "B"), item(Some(2), "C")]).unwrap(), written(1, 1, 1));

    let customer =
        |name: &str| NewCustomer { retailer: id(1), reference: reference("C1"), name: label(name) };
    assert_eq!(customers(&desk, &[customer("Ann")]).unwrap(), written(1, 0, 0));
    assert_eq!(customers(&desk, &[customer("Ann")]).unwrap(), written(0, 0, 1));
    assert_eq!(customers(&desk, &[customer("Bea")]).unwrap(), written(0, 1, 0));

    let positions = |on_hand| {
        let of = |location, item: &str| NewStock { location: id(location), item: reference(item), on_hand };
        [of(1, "A"), of(2, "A"), of(1, "B")]
    };
    assert_eq!(stock(&desk, &positions(3)).unwrap(), written(3, 0, 0));
    assert_eq!(stock(&desk, &positions(3)).unwrap(), written(0, 0, 3));
    assert_eq!(stock(&desk, &positions(-1)).unwrap(), written(0, 3, 0));

    assert_eq!(details(&desk, &[detail(1, "Leeds"), detail(3, "York")]).unwrap(), written(2, 0, 0));
    assert_eq!(details(&desk, &[detail(1, "Leeds"), detail(3, "Hull")]).unwrap(), written(0, 1, 1));
    let read = desk.commerce.location_detail(&desk.all(), id(3)).unwrap().unwrap();
    assert_eq!((read.city.as_deref(), read.retailer), (Some("Hull"), id(2)));
    assert_eq!(read.longitude.unwrap().to_string(), "-74.006000");
    assert!(desk.commerce.location_detail(&desk.all(), id(2)).unwrap().is_none());

    let mut whole = order("O1", 1, 1, 7);
    whole.customer = Some(reference("C1"));
    whole.lines.push(line("B", 3));
    whole.fulfilments = vec![fulfilment(1), fulfilment(2)];
    assert_eq!(desk.orders(&[whole.clone(), order("O2", 2, 3, 8)]).unwrap(), written(2, 0, 0));
    assert_eq!(desk.orders(&[whole.clone(), order("O2", 2, 3, 8)]).unwrap(), written(0, 0, 2));
    let found = desk.commerce.order(&desk.all(), &desk.all(), "O1").unwrap().unwrap();
    assert_eq!(found.order.total_minor, 4 * 1_250);
    assert_eq!(
        found.lines.iter().map(|l| (l.line, l.item_ref.as_str())).collect::<Vec<_>>(),
        [(1, "A"), (2, "B")]
    );
    let refs: Vec<&str> = found.fulfilments.iter().map(|f| f.reference.as_str()).collect();
    assert_eq!(refs, ["O1-F1", "O1-F2"]);

    // Fewer lines: the others go. Fewer fulfilments: the others stay.
    whole.lines.truncate(1);
    whole.fulfilments.truncate(1);
    whole.status = text("DONE");
    assert_eq!(desk.orders(std::slice::from_ref(&whole)).unwrap(), written(0, 1, 0));
    let changed = desk.commerce.order(&desk.all(), &desk.all(), &found.order.id).unwrap().unwrap();
    assert_eq!(
        (changed.order.status.as_str(), changed.lines.len(), changed.fulfilments.len()),
        ("DONE", 1, 2)
    );
    assert_eq!(changed.fulfilments, found.fulfilments);
    whole.fulfilments[0].status = text("DELIVERED");
    assert_eq!(desk.orders(std::slice::from_ref(&whole)).unwrap(), written(0, 1, 0));
    assert_eq!(desk.orders(&[whole]).unwrap(), written(0, 0, 1));
}

fn shared_and_own_items_are_two(db: Database) {
    let desk = Desk::stocked(db);
    assert_eq!(desk.items(&[item(Some(1), "A"), item(None, "A")]).unwrap(), written(1, 0, 1));
    // An order takes its retailer's own item before the shared one.
    desk.orders(&[order("O1", 1, 1, 1), order("O2", 2, 3, 1)]).unwrap();
    let item_of = |key: &str| {
        let found = desk.commerce.order(&desk.all(), &desk.all(), key).unwrap().unwrap();
        desk.commerce.item(&desk.all(), &found.lines[0].item).unwrap().unwrap().retailer
    };
    assert_eq!((item_of("O1"), item_of("O2")), (Some(id(1)), None));
}

fn only_named_places_are_written(db: Database) {
    let desk = Desk::stocked(db);
    let before = desk.row_counts();
    let rows = [item(Some(1), "X"), item(Some(2), "Y")];
    let proof = desk.proof(WriteItems::at([rows[0].place()]));
    let refused = desk.commerce.write_items(proof, &rows, WriteMode::Write).unwrap_err();
    assert_eq!(refused, CommerceError::NotProven { what: "item", key: "Y".to_owned(), at: "goes to" });
    let rows = [order("O1", 1, 1, 1)];
    for named in [vec![], vec![at(1, Some(1), 1)], vec![at(1, None, 2)], vec![at(2, None, 1)]] {
        let refused = desk.commerce.write_orders(desk.proof(WriteOrders::at(named)), &rows, WriteMode::Write);
        assert!(matches!(refused, Err(CommerceError::NotProven { .. })), "{refused:?}");
    }
    let rows = [NewStock { location: id(1), item: reference("A"), on_hand: 1 }];
    let proof = desk.proof(WriteStock::at([Place { location: Some(id(1)), ..Place::default() }]));
    assert!(matches!(
        desk.commerce.write_stock(proof, &rows, WriteMode::Write),
        Err(CommerceError::NotProven { .. })
    ));
    assert_eq!(desk.row_counts(), before);
}

fn a_stale_proof_writes_nothing(db: Database) {
    let desk = Desk::stocked(db);
    let before = desk.row_counts();
    desk.set_head(desk.snapshot.revision().0 + 1);
    assert_eq!(desk.items(&[item(None, "X")]), Err(CommerceError::Stale));
    assert_eq!(desk.orders(&[order("O1", 1, 1, 1)]), Err(CommerceError::Stale));
    assert_eq!(desk.row_counts(), before);
    desk.set_head(desk.snapshot.revision().0);
    assert_eq!(desk.items(&[item(None, "X")]).unwrap(), written(1, 0, 0));
}

#[derive(Debug)]
struct Stopped(i64);

impl Clock for Stopped {
    fn now(&self) -> Instant {
        Instant(self.0)
    }
}

fn a_late_proof_writes_nothing(db: Database) {
    let mut desk = Desk::stocked(db);
    let role = desk.world.role("ADMIN");
    let user = desk.world.add_user([(role, testkit::Scope::ACCOUNT)]);
    let end = desk.world.now + 1_000;
    desk.world.users[0].grants[0].validity.until = Some(end);
    desk.snapshot = desk.world.snapshot();
    desk.set_head(desk.snapshot.revision().0);
    let rows = [item(None, "X")];
    let write = |now: i64| {
        let clock = Arc::new(Stopped(now));
        let commerce = Commerce::with_ports(desk.db.clone(), clock, Arc::new(SystemIds));
        let subject = desk.world.subject(user, access::Application::Api);
        let operation = WriteItems::at([rows[0].place()]);
        let proof = desk.snapshot.authorize(&subject, operation, desk.world.now()).unwrap();
        assert_eq!(proof.holds_until(), Some(Instant(end)));
        commerce.write_items(proof, &rows, WriteMode::Write)
    };
    let before = desk.row_counts();
    assert_eq!(write(end), Err(CommerceError::TooLate));
    assert_eq!(desk.row_counts(), before);
    assert_eq!(write(end - 1).unwrap(), written(1, 0, 0));
}

fn a_preview_writes_nothing(db: Database) {
    let desk = Desk::stocked(db);
    desk.orders(&[order("O1", 1, 1, 1)]).unwrap();
    let before = desk.row_counts();
    // A preview may be asked on a state that is not committed, about rows whose items come with it.
    desk.set_head(desk.snapshot.revision().0 + 5);
    let mut new = order("O2", 1, 1, 1);
    new.lines = vec![line("COMES-LATER", 1)];
    new.customer = Some(reference("COMES-LATER"));
    let mut changed = order("O1", 1, 1, 1);
    changed.fulfilments = vec![fulfilment(1)];
    for (rows, expected) in
        [(vec![new, order("O1", 1, 1, 1)], written(1, 0, 1)), (vec![changed], written(0, 1, 0))]
    {
        let proof = desk.proof(WriteOrders::at(rows.iter().flat_map(commerce::NewOrder::places)));
        assert_eq!(desk.commerce.write_orders(proof, &rows, WriteMode::Preview).unwrap(), expected);
    }
    let rows = [item(None, "A"), item(None, "Z")];
    let proof = desk.proof(WriteItems::at([Place::default()]));
    assert_eq!(desk.commerce.write_items(proof, &rows, WriteMode::Preview).unwrap(), written(1, 0, 1));
    assert_eq!(desk.row_counts(), before);
}

fn wrong_rows_are_refused(db: Database) {
    let desk = Desk::stocked(db);
    let before = desk.row_counts();
    let text_of = |result: Result<commerce::Written, CommerceError>| result.unwrap_err().to_string();
    let changed = |change: &dyn Fn(&mut commerce::NewOrder)| {
        let mut row = order("O1", 1, 1, 1);
        change(&mut row);
        // The good row beside it is not written either.
        text_of(desk.orders(&[order("GOOD", 1, 1, 1), row]))
    };
    let cases = [
        (changed(&|o| o.reference = reference("GOOD")), "the order `GOOD` is there twice: give each once"),
        (
            changed(&|o| o.channel = id(3)),
            "the order `O1` names cha_3, which does not belong to its retailer",
        ),
        (
            changed(&|o| o.channel = id(99)),
            "the order `O1` names cha_99, which does not belong to its retailer",
        ),
        (
            changed(&|o| o.retailer = id(99)),
            "the order `O1` names ret_99, which does not belong to its retailer",
        ),
        (
            changed(&|o| o.fulfilments = vec![fulfilment(3)]),
            "the order `O1` names loc_3, which does not belong to its retailer",
        ),
        (
            changed(&|o| o.customer = Some(reference("NOBODY"))),
            "the order `O1` names the customer `NOBODY`, which its retailer does not have",
        ),
        (
            changed(&|o| o.lines = vec![line("NOTHING", 1)]),
            "the order `O1` names the item `NOTHING`, which its retailer does not have",
        ),
        (changed(&|o| o.lines = vec![line("A", 0)]), "the order `O1` has a line of less than one piece"),
        (
            changed(&|o| o.lines = vec![line("A", i64::MAX)]),
            "the order `O1` has a total that is too large to be counted",
        ),
        (
            changed(&|o| o.lines = vec![line("A", 1); 1_001]),
            "the order `O1` has more than 1000 lines or fulfilments",
        ),
        (
            changed(&|o| o.reference = reference("ord_aaaaaaaaaaaaaaaaaaaaaaaa")),
            "the order `ord_aaaaaaaaaaaaaaaaaaaaaaaa` has a ref that looks like an id: give another one",
        ),
    ];
    for (given, expected) in cases {
        assert_eq!(given, expected);
    }
    // `B` is an item of the first retailer alone.
    let of_second = text_of(stock(&desk, &[NewStock { location: id(3), item: reference("B"), on_hand: 1 }]));
    assert_eq!(of_second, "the stock of item `B` names the item `B`, which its retailer does not have");
    let nowhere = text_of(stock(&desk, &[NewStock { location: id(99), item: reference("A"), on_hand: 1 }]));
    assert_eq!(nowhere, "the stock of item `A` names loc_99, which does not belong to its retailer");
    let too_many = vec![item(None, "X"); WRITE_ROWS_MAX + 1];
    assert!(
        matches!(desk.items(&too_many), Err(CommerceError::TooManyRows { given }) if given == too_many.len())
    );
    assert_eq!(desk.row_counts(), before);
}

fn many_rows_at_once(db: Database) {
    let desk = Desk::stocked(db);
    let rows: Vec<_> = (0..1_300)
        .map(|n| {
            let mut row = order(&format!("O{n}"), 1, 1, n % 7);
            row.fulfilments = vec![fulfilment(1 + u32::try_from(n % 2).unwrap())];
            row
        })
        .collect();
    assert_eq!(desk.orders(&rows).unwrap(), written(1_300, 0, 0));
    assert_eq!(desk.orders(&rows).unwrap(), written(0, 0, 1_300));
    assert_eq!(desk.commerce.count_orders(&desk.all()).unwrap(), 1_300);
    assert_eq!(desk.commerce.count_fulfilments(&desk.all()).unwrap(), 1_300);
    let page = desk.commerce.orders(&desk.all(), &PageRequest::first()).unwrap();
    assert_eq!(page.rows.len(), commerce::PAGE_LIMIT_DEFAULT);
    let items: Vec<NewItem> = (0..700).map(|n| item(Some(2), &format!("I{n}"))).collect();
    desk.items(&items).unwrap();
    let rows: Vec<NewStock> = (0..1_400)
        .map(|n| NewStock {
            location: id(3 + n / 700),
            item: reference(&format!("I{}", n % 700)),
            on_hand: n.into(),
        })
        .collect();
    assert_eq!(stock(&desk, &rows).unwrap(), written(1_400, 0, 0));
    assert_eq!(stock(&desk, &rows).unwrap(), written(0, 0, 1_400));
}
