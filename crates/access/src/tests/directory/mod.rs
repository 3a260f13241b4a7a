//! The list of users beside a naive one, on random accounts, and its rules by name.

mod naive;
mod random;

use super::world::*;
use crate::change::{Change, Profile};
use crate::directory::{Directory, Selection, Sort, SortKey, UserQuery, Viewer, Words, WordsError};
use crate::scope::Scope;
use crate::snapshot::{Listed, Snapshot};
use crate::words::*;
use crate::{Instant, Subject};
use naive::{naive_sees, naive_select};
use random::*;

fn select(on: &Snapshot, subject: &Subject, query: &UserQuery) -> Selection {
    Directory::of(on).select(&Viewer::new(on, subject, NOW), query)
}

#[test]
fn a_selection_is_what_a_naive_filter_and_sort_says() {
    let (mut some, mut part) = (0, 0);
    for seed in 0..60 {
        let rng = &mut Rng(seed);
        let changes = 20 + rng.below(300);
        let state = random_state(rng, changes);
        let directory = Directory::of(&state);
        for _ in 0..60 {
            let subject = random_subject(rng, &state);
            let (text, query) = random_query(rng, &state);
            let found = directory.select(&directory.viewer(&subject, NOW), &query);
            let (users, counts) = naive_select(&state, &subject, text, &query);
            assert_eq!(found.users(), users, "seed {seed}: {subject:?} asks for {text:?}, {query:?}");
            assert_eq!(found.counts(), counts, "seed {seed}: {subject:?} asks for {text:?}, {query:?}");
            some += usize::from(!users.is_empty());
            part += usize::from(users.len() > 1 && users.len() < state.user_count() / 2);
        }
    }
    assert!(some > 500 && part > 200, "{some} selections found somebody, {part} some of many");
}

#[test]
fn a_viewer_sees_whom_the_engine_lets_them_see() {
    let (mut seen, mut unseen) = (0, 0);
    for seed in 100..140 {
        let rng = &mut Rng(seed);
        let changes = 20 + rng.below(300);
        let state = random_state(rng, changes);
        for now in [NOW, Instant(400), Instant(2_000)] {
            for _ in 0..20 {
                let subject = random_subject(rng, &state);
                let viewer = Viewer::new(&state, &subject, now);
                for number in 1..=state.user_count() as u32 {
                    let id = UserId::from_number(number).unwrap();
                    let sees = viewer.sees(id);
                    assert_eq!(
                        sees,
                        state.sees_user(&subject, id, now),
                        "seed {seed}: {subject:?} {id} {now:?}"
                    );
                    assert_eq!(sees, naive_sees(&state, &subject, id, now), "seed {seed}: {subject:?} {id}");
                    if subject.user().is_some_and(|user| user != id) {
                        *if sees { &mut seen } else { &mut unseen } += 1;
                    }
                }
                let nobody = UserId::from_number(state.user_count() as u32 + 1).unwrap();
                assert!(!viewer.sees(nobody));
            }
        }
    }
    assert!(seen > 2_000 && unseen > 2_000, "{seen} seen, {unseen} not");
}

#[test]
fn a_packed_scope_meets_what_the_scope_meets() {
    let rng = &mut Rng(7);
    let state = random_state(rng, 1_500);
    let mut met = 0;
    for other in (0..200).map(|_| scope(rng)).chain([Scope::account()]) {
        let listed = Listed::of(&other);
        for (_, user) in state.users_after(None) {
            for grant in user.grants() {
                assert_eq!(
                    grant.meets(&listed),
                    grant.scope().meets(&other),
                    "{:?} {other:?}",
                    grant.scope()
                );
                met += usize::from(grant.meets(&listed));
            }
            for grant in user.grants() {
                for location in 1..=6 {
                    let named = grant.scope().locations.listed().iter().any(|l| l.number() == location);
                    assert_eq!(grant.lists_location(location), named);
                }
            }
        }
    }
    assert!(met > 1_000);
}

#[test]
fn a_directory_moved_on_is_that_of_the_later_state() {
    let rng = &mut Rng(11);
    // More users than a branch in memory has, so that a few changes are few beside them.
    let mut state = random_state(rng, 7_000);
    assert!(state.user_count() > 1_100, "{} users", state.user_count());
    let mut directory = Directory::of(&state);
    for turn in 0..60 {
        for _ in 0..[1, 1, 3, 40, 400][turn % 5] {
            state = state.apply(&random_changes(rng, &state)).unwrap();
        }
        directory = directory.next(&state);
        assert!(directory == Directory::of(&state), "turn {turn}");
    }
    assert_eq!(directory.bytes(), state.user_count() * 12);
}

#[test]
fn a_directory_moves_to_states_that_share_nothing_with_it() {
    let (one, other) = (random_state(&mut Rng(21), 300), random_state(&mut Rng(22), 400));
    let stranger = empty(2, &["north"]);
    let states = [base(), &one, &other, &stranger];
    for (from, to) in states.iter().flat_map(|from| states.map(|to| (from, to))) {
        assert!(
            Directory::of(from).next(to) == Directory::of(to),
            "{} to {}",
            from.revision(),
            to.revision()
        );
    }
}

fn admin_list(world: &World, text: &str, query: &UserQuery) -> Vec<String> {
    let query = UserQuery { words: Words::parse(text).unwrap(), ..query.clone() };
    let found = select(&world.state, &world.operator(), &query);
    found.users().iter().map(|id| world.state.user(*id).unwrap().login()).collect()
}

/// A world of users with these names and logins like `1@shop.example`.
fn named(names: &[&str]) -> World {
    let mut world = World::new();
    for (number, name) in (1..).zip(names) {
        let id = world.user(&format!("{number}@shop.example"), &[]);
        let change = Change::UserEdited { id, profile: profile(name) };
        world.state = world.state.apply(&[change]).unwrap();
    }
    world
}

#[test]
fn words_are_found_in_any_case_and_never_across_users_or_fields() {
    let world = named(&["Jürgen Müller", "ΟΔΥΣΣΕΥΣ", "Οδυσσευς Zed", "plain"]);
    let find = |text: &str| admin_list(&world, text, &UserQuery::default());
    assert_eq!(find("MÜLLER jürgen"), ["1@shop.example"]);
    assert_eq!(find("οδυσσευς"), ["2@shop.example", "3@shop.example"]);
    assert_eq!(find("δυσσευΣ ze"), ["3@shop.example"]);
    assert_eq!(find("Shop.Example PLAIN"), ["4@shop.example"]);
    assert_eq!(find("").len(), 5, "the administrator, too");
    for nobody in ["zedplain", "examplejürgen", "example\u{1f}plain", "mülller", "muller"] {
        assert!(find(nobody).is_empty() || nobody.contains('\u{1f}'), "{nobody}");
    }
    assert_eq!(find("example\u{1f}plain"), ["4@shop.example"], "a control character parts words");
}

#[test]
fn what_is_too_much_to_search_for_is_refused() {
    assert_eq!(Words::parse(&"x".repeat(501)), Err(WordsError::TooLong { given: 501 }));
    assert_eq!(Words::parse("a b c d e f g h i"), Err(WordsError::TooMany { given: 9 }));
    assert!(Words::parse(" \t ").unwrap().is_empty());
    assert_eq!(Words::parse("Ann an ANN").unwrap(), Words::parse("ann").unwrap());
}

#[test]
fn the_same_text_stands_by_number_and_descending_is_the_other_way_round() {
    let world = named(&["b", "A", "a", "B", "a"]);
    let sorted = |descending| {
        admin_list(
            &world,
            "@shop",
            &UserQuery { sort: Sort { key: SortKey::Name, descending }, ..Default::default() },
        )
    };
    let up = sorted(false);
    let wanted = ["2", "3", "5", "1", "4"].map(|n| format!("{n}@shop.example"));
    assert_eq!(up.iter().filter(|l| l.len() == 14).collect::<Vec<_>>(), wanted.iter().collect::<Vec<_>>());
    let mut down = sorted(true);
    down.reverse();
    assert_eq!(down, up);
}

#[test]
fn those_without_an_email_stand_behind_all_others() {
    let mut world = named(&["x", "y"]);
    let id = world.state.find_user("2@shop.example").unwrap();
    let profile = Profile::of(label("y"), Some(label("zz@shop.example")));
    world.state = world.state.apply(&[Change::UserEdited { id, profile }]).unwrap();
    let by_email = UserQuery { sort: Sort { key: SortKey::Email, descending: false }, ..Default::default() };
    assert_eq!(admin_list(&world, "", &by_email), ["2@shop.example", "admin@shop.example", "1@shop.example"]);
}

#[test]
fn pages_cut_the_list_and_there_is_nobody_on_those_that_are_not_there() {
    let rng = &mut Rng(31);
    let state = random_state(rng, 600);
    let found = select(&state, &Subject::operator(state.account().id), &UserQuery::default());
    for rows in [1, 7, 10, found.len(), found.len() + 1] {
        let pages: Vec<UserId> = (1..=found.pages(rows)).flat_map(|n| found.page(n, rows)).copied().collect();
        assert_eq!(pages, found.users(), "{rows} rows");
        assert!(found.page(found.pages(rows) + 1, rows).is_empty());
    }
    for (number, rows) in [(0, 10), (usize::MAX, usize::MAX), (usize::MAX, 2), (1, 0)] {
        assert!(found.page(number, rows).is_empty(), "page {number} of {rows}");
    }
    let nobody = Selection::default();
    assert_eq!((nobody.len(), nobody.pages(10), nobody.pages(0), nobody.page(1, 10).len()), (0, 1, 1, 0));
}

#[test]
fn a_removed_user_is_in_no_list() {
    let mut world = named(&["gone", "stays"]);
    let id = world.state.find_user("1@shop.example").unwrap();
    let before = Directory::of(&world.state);
    world.state = world.state.apply(&[Change::UserRemoved { id }]).unwrap();
    assert!(admin_list(&world, "gone", &UserQuery::default()).is_empty());
    let after = before.next(&world.state);
    let found = after.select(&after.viewer(&world.operator(), NOW), &UserQuery::default());
    assert!(!found.users().contains(&id) && found.len() == 2 && found.counts().everybody == 2);
}

#[test]
fn filters_on_grants_are_met_by_one_grant_that_the_viewer_sees() {
    let mut world = World::new();
    let (north, south) = (world.sites(&["north"]), world.sites(&["south"]));
    let both = [("orders", north.clone()), ("viewer", south.clone())];
    let user = world.user("both@shop.example", &both);
    let director = world.user("director@shop.example", &[("manager", north)]);
    let query = |retailer: &str, role: &str| UserQuery {
        retailer: Some(world.retailer(retailer)),
        role: Some(world.role(role)),
        ..UserQuery::default()
    };
    let role_only = |role: &str| UserQuery { role: Some(world.role(role)), ..UserQuery::default() };
    let has =
        |subject: &Subject, query: &UserQuery| select(&world.state, subject, query).users().contains(&user);
    let operator = world.operator();
    assert!(has(&operator, &query("north", "orders")) && has(&operator, &query("south", "viewer")));
    assert!(!has(&operator, &query("north", "viewer")), "no single grant is both");
    let director = world.api(director);
    assert!(has(&director, &UserQuery::default()) && has(&director, &role_only("orders")));
    assert!(!has(&director, &role_only("viewer")), "that grant is at another site");
}
