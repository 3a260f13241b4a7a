//! Moves: the proof names where a row was and where it goes.

use crate::Case;
use crate::desk::{Desk, at, fulfilment, order, written};
use access::Place;
use commerce::{CommerceError, NewOrder};
use sql::Database;
use testkit::world::id;

pub(crate) const CASES: &[Case] = &[
    ("an order moves between channels and retailers", an_order_moves),
    ("a fulfilment moves between locations", a_fulfilment_moves),
    ("a fulfilment goes where its order goes", a_fulfilment_follows),
];

/// Refused with a proof of the new places alone and with wrong old ones, done with the right one.
fn moves(desk: &Desk, row: &NewOrder, wrong: &[Place], old: Place) {
    for named in [vec![], wrong.to_vec()] {
        let refused = desk.orders_from(std::slice::from_ref(row), &named);
        assert!(
            matches!(refused, Err(CommerceError::NotProven { at: "is now at", .. })),
            "{refused:?} {named:?}"
        );
    }
    assert_eq!(desk.orders_from(std::slice::from_ref(row), &[old]).unwrap(), written(0, 1, 0));
}

fn place_of(desk: &Desk, entity: &str, key: &str) -> Place {
    desk.commerce.locate(desk.snapshot.account().id, entity, key).unwrap().unwrap()
}

fn an_order_moves(db: Database) {
    let desk = Desk::stocked(db);
    desk.orders(&[order("O1", 1, 1, 1)]).unwrap();
    assert_eq!(place_of(&desk, "order", "O1"), at(1, None, 1));
    moves(&desk, &order("O1", 1, 2, 1), &[at(2, None, 3)], at(1, None, 1));
    assert_eq!(place_of(&desk, "order", "O1"), at(1, None, 2));
    moves(&desk, &order("O1", 2, 3, 1), &[at(1, None, 1), at(2, None, 4)], at(1, None, 2));
    assert_eq!(place_of(&desk, "order", "O1"), at(2, None, 3));
    // Who may write the order where it was named now, but not where it is, learns that and changes nothing.
    assert!(desk.orders(&[order("O1", 1, 1, 1)]).is_err());
    assert_eq!(place_of(&desk, "order", "O1"), at(2, None, 3));
}

fn a_fulfilment_moves(db: Database) {
    let desk = Desk::stocked(db);
    let from = |location| {
        let mut row = order("O1", 1, 1, 1);
        row.fulfilments = vec![fulfilment(location)];
        row
    };
    desk.orders(&[from(1)]).unwrap();
    moves(&desk, &from(2), &[at(1, None, 1), at(1, Some(1), 2)], at(1, Some(1), 1));
    assert_eq!(place_of(&desk, "fulfilment", "O1-F1"), at(1, Some(2), 1));
    assert_eq!(place_of(&desk, "order", "O1"), at(1, None, 1));
}

fn a_fulfilment_follows(db: Database) {
    let desk = Desk::stocked(db);
    let mut row = order("O1", 1, 1, 1);
    row.fulfilments = vec![fulfilment(1)];
    desk.orders(&[row]).unwrap();
    // To another channel, and later in time: the fulfilment that the row does not speak of goes along.
    let before = [at(1, None, 1), at(1, Some(1), 1)];
    let refused = desk.orders_from(&[order("O1", 1, 2, 9)], &before);
    assert_eq!(
        refused,
        Err(CommerceError::NotProven { what: "order", key: "O1".to_owned(), at: "goes to" }),
        "the new place of the fulfilment is not named"
    );
    let both = [before[1], at(1, Some(1), 2)];
    assert_eq!(desk.orders_from(&[order("O1", 1, 2, 9)], &both).unwrap(), written(0, 1, 0));
    let found = desk.commerce.fulfilment(&desk.all(), "O1-F1").unwrap().unwrap();
    assert_eq!((found.place(), found.placed_at.0), (at(1, Some(1), 2), 9));
    // To another retailer it cannot go along: its location stays where it is.
    let everywhere = [at(1, Some(1), 2), at(2, Some(1), 3)];
    let refused = desk.orders_from(&[order("O1", 2, 3, 9)], &everywhere);
    assert!(matches!(refused, Err(CommerceError::WrongPlace { .. })), "{refused:?}");
    let mut row = order("O1", 2, 3, 9);
    row.fulfilments = vec![fulfilment(3)];
    assert_eq!(desk.orders_from(&[row], &[at(1, Some(1), 2)]).unwrap(), written(0, 1, 0));
    assert_eq!(place_of(&desk, "fulfilment", "O1-F1").location, Some(id(3)));
}
