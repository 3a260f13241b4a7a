//! Pages: complete, in order, whatever comes and goes between them.

use crate::Case;
use crate::desk::{Desk, fulfilment, item, order};
use access::catalogue::kind::{Fulfilment, Order};
use access::{Application, Filter, Instant, UserId};
use commerce::{BRANCHES_MAX, CommerceError, Cursor, PAGE_LIMIT_MAX, PageRequest};
use sql::Database;
use std::collections::BTreeSet;
use testkit::Scope;
use testkit::world::{Dimension, Locations, World, id};

pub(crate) const CASES: &[Case] = &[
    ("pages are whole under inserts and deletes", pages_are_whole),
    ("a page says how it is asked for", limits_are_kept),
    ("a text that is no cursor of the list is refused", foreign_cursors_are_refused),
    ("a page says that the filter has changed", a_changed_filter_is_told),
    ("lists by ref are in order and whole", lists_by_ref_are_whole),
    ("many places are read in rounds, or sieved", many_places_are_read),
];

fn request(limit: usize, after: Option<Cursor>) -> PageRequest {
    PageRequest::new(Some(limit), after).unwrap()
}

/// A user of everything at these scopes.
fn user_at(desk: &mut Desk, scopes: impl IntoIterator<Item = Scope>) -> UserId {
    let role = desk.world.role("ADMIN");
    let user = desk.world.add_user(scopes.into_iter().map(|scope| (role, scope)));
    desk.snapshot = desk.world.snapshot();
    desk.set_head(desk.snapshot.revision().0);
    user
}

fn orders_of(desk: &Desk, user: UserId) -> Filter<Order> {
    desk.snapshot.filter(&desk.world.subject(user, Application::Api), "ORDER_VIEW", desk.world.now())
}

fn two_channels() -> [Scope; 2] {
    let online = Scope { channels: Dimension::Listed([id(1)].into()), ..Scope::retailer(id(1)) };
    [online, Scope::retailer(id(2))]
}

/// Ties are many: four orders at each instant.
fn pages_are_whole(db: Database) {
    let mut desk = Desk::stocked(db);
    let user = user_at(&mut desk, two_channels());
    let rows: Vec<_> = (0..120_i64)
        .map(|n| match n % 3 {
            0 => order(&format!("O{n}"), 1, 1, n / 4),
            1 => order(&format!("O{n}"), 1, 2, n / 4),
            _ => order(&format!("O{n}"), 2, 3, n / 4),
        })
        .collect();
    desk.orders(&rows).unwrap();
    for filter in [desk.all(), orders_of(&desk, user)] {
        let everything = read_all(&desk, &filter, 200, |_| ());
        let expected = if filter.is_everything() { 120 } else { 80 };
        assert_eq!(everything.len(), expected);
        let mut round = 0;
        let seen = read_all(&desk, &filter, 7, |desk| {
            // Before and behind where the reader is: a new one comes, an old one goes.
            round += 1;
            let news = [
                order(&format!("NEW{round}-{expected}"), 2, 3, 1_000),
                order(&format!("OLD{round}-{expected}"), 2, 3, -1),
            ];
            desk.orders(&news).unwrap();
            let gone = format!(
                "DELETE FROM customer_order WHERE reference IN ('NEW{round}-{expected}', 'O{}')",
                119 - round
            );
            crate::backends::run(&desk.db, &gone);
        });
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "no row is on two pages");
        let gone: BTreeSet<String> = (0..=round).map(|n| format!("O{}", 119 - n)).collect();
        for stayed in everything.iter().filter(|r| !gone.contains(*r)) {
            assert!(distinct.contains(stayed), "{stayed} was there all the time");
        }
        crate::backends::run(&desk.db, "DELETE FROM customer_order WHERE reference LIKE 'OLD%'");
        desk.orders(&rows).unwrap();
    }
}

/// The refs of all pages, newest first; `between` runs after each page.
fn read_all(
    desk: &Desk,
    filter: &Filter<Order>,
    limit: usize,
    mut between: impl FnMut(&Desk),
) -> Vec<String> {
    let (mut refs, mut last, mut after) = (Vec::new(), Instant(i64::MAX), None);
    loop {
        let page = desk.commerce.orders(filter, &request(limit, after)).unwrap();
        for row in page.rows {
            assert!(row.placed_at <= last && filter.admits(&row.place()));
            last = row.placed_at;
            refs.push(row.reference);
        }
        assert!(!page.filter_changed);
        let Some(next) = page.next else { return refs };
        // A cursor is text on its way to the next request.
        after = Some(Cursor::parse(&next.to_string()).unwrap());
        between(desk);
    }
}

fn limits_are_kept(db: Database) {
    let desk = Desk::stocked(db);
    let rows: Vec<_> = (0..4).map(|n| order(&format!("O{n}"), 1, 1, n)).collect();
    desk.orders(&rows).unwrap();
    for (limit, (rows, more)) in [(1, (1, true)), (3, (3, true)), (4, (4, false)), (5, (4, false))] {
        let page = desk.commerce.orders(&desk.all(), &request(limit, None)).unwrap();
        assert_eq!((page.rows.len(), page.next.is_some()), (rows, more), "{limit}");
    }
    for wrong in [0, PAGE_LIMIT_MAX + 1, usize::MAX] {
        assert_eq!(
            PageRequest::new(Some(wrong), None).unwrap_err(),
            CommerceError::BadLimit { given: wrong }
        );
    }
}

fn foreign_cursors_are_refused(db: Database) {
    let desk = Desk::stocked(db);
    desk.orders(&[order("O1", 1, 1, 1), order("O2", 1, 1, 1)]).unwrap();
    let cursor = desk.commerce.orders(&desk.all(), &request(1, None)).unwrap().next.unwrap();
    let refused = desk.commerce.fulfilments(&desk.all(), &request(1, Some(cursor.clone()))).unwrap_err();
    assert_eq!(refused, CommerceError::BadCursor);
    assert_eq!(
        desk.commerce.items(&desk.all(), &request(1, Some(cursor))).unwrap_err(),
        CommerceError::BadCursor
    );
}

fn a_changed_filter_is_told(db: Database) {
    let mut desk = Desk::stocked(db);
    let user = user_at(&mut desk, two_channels());
    let rows: Vec<_> =
        (0..9).map(|n| order(&format!("O{n}"), 1, 1 + u32::try_from(n % 2).unwrap(), n)).collect();
    desk.orders(&rows).unwrap();
    let first = desk.commerce.orders(&orders_of(&desk, user), &request(2, None)).unwrap();
    let cursor = first.next.unwrap();
    assert_eq!(cursor.revision(), desk.snapshot.revision());
    // Somebody else's change moves the revision, not the filter.
    user_at(&mut desk, [Scope::ACCOUNT]);
    let second = desk.commerce.orders(&orders_of(&desk, user), &request(2, Some(cursor.clone()))).unwrap();
    assert!(!second.filter_changed);
    // One's own change does: the page is filtered as of now.
    desk.world.users[0].grants.truncate(1);
    desk.world.users[0].grants[0].scope = Scope::retailer(id(1));
    desk.snapshot = desk.world.snapshot();
    let third = desk.commerce.orders(&orders_of(&desk, user), &request(200, Some(cursor))).unwrap();
    assert!(third.filter_changed);
    let refs: Vec<&str> = third.rows.iter().map(|r| r.reference.as_str()).collect();
    assert_eq!(refs, ["O5", "O4", "O3", "O2", "O1", "O0"]);
}

fn lists_by_ref_are_whole(db: Database) {
    let mut desk = Desk::stocked(db);
    let user = user_at(&mut desk, [Scope::retailer(id(1))]);
    let refs = ["a", "B", "ä", "Z-1", "Z", "zz", "0", "10", "9", "a\"b", "a|b", "日本"];
    let rows: Vec<_> = refs.iter().flat_map(|key| [None, Some(1), Some(2)].map(|r| item(r, key))).collect();
    // `B` of the first retailer is there already, and the shared `A`.
    desk.items(&rows).unwrap();
    let subject = desk.world.subject(user, Application::Api);
    let now = desk.world.now();
    for (permission, expected) in [("VARIANTPRODUCT_VIEW", 12 + 12 + 1), ("VARIANTPRODUCT_UPDATE", 12)] {
        let filter = desk.snapshot.filter(&subject, permission, now);
        let whole = desk.commerce.items(&filter, &request(200, None)).unwrap().rows;
        assert_eq!(whole.len(), expected, "{permission}");
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = desk.commerce.items(&filter, &request(5, after)).unwrap();
            seen.extend(page.rows);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, whole);
        assert_eq!(desk.commerce.count_items(&filter).unwrap(), expected as u64);
    }
}

/// More places than one statement reads, and more than are read range by range.
fn many_places_are_read(db: Database) {
    let mut world = World::empty(1_000_000);
    (world.retailers, world.channels) = (1, vec![id(1), id(1)]);
    let locations = u32::try_from(BRANCHES_MAX).unwrap() + 100;
    world.locations = vec![id(1); locations as usize];
    let mut desk = Desk::open(db, world);
    desk.items(&[item(None, "A")]).unwrap();
    let rows: Vec<_> = (1..=locations)
        .map(|location| {
            let mut row =
                order(&format!("O{location}"), 1, 1 + location % 2, i64::from(location * 7919 % 997));
            row.fulfilments = vec![fulfilment(location)];
            row
        })
        .collect();
    desk.orders(&rows).unwrap();
    for listed in [65, 128, 200, 512, 560] {
        // Every fourth place of the first 260, or all the first ones.
        let step = if listed == 65 { 4 } else { 1 };
        let places = (1..=listed).map(|n| id(n * step)).collect();
        let scope = Scope { locations: Locations::Only(places), ..Scope::retailer(id(1)) };
        let user = user_at(&mut desk, [scope]);
        let subject = desk.world.subject(user, Application::Api);
        let filter: Filter<Fulfilment> = desk.snapshot.filter(&subject, "FULFILMENT_VIEW", desk.world.now());
        let (mut seen, mut after, mut last) = (BTreeSet::new(), None, i64::MAX);
        loop {
            let page = desk.commerce.fulfilments(&filter, &request(40, after)).unwrap();
            for row in page.rows {
                assert!(row.placed_at.0 <= last && filter.admits(&row.place()));
                last = row.placed_at.0;
                assert!(seen.insert(row.location), "{} twice", row.location);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), listed as usize);
        assert_eq!(desk.commerce.count_fulfilments(&filter).unwrap(), u64::from(listed));
    }
}
