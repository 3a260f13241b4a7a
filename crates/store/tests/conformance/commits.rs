//! All or nothing, and never twice.

use access::change::{Changeset, Switch};
use access::commands::{DisableUser, RemoveUser, SignOutUser};
use access::{Application, Change, Instant, Revision, Scope, Snapshot, UserId};
use sql::Database;
use std::cell::Cell;
use store::{CredentialWrite, Origin, Pending, StoreError};

use crate::Case;
use crate::backends::{row_counts, run};
use crate::world::{World, access_log, id, new_user, open, origin, spec};

pub(crate) const CASES: &[Case] = &[
    ("a stale changeset", a_stale_changeset),
    ("too late", too_late),
    ("a group of three", a_group_of_three),
    ("groups of two accounts", groups_of_two_accounts),
    ("a gap in a group", a_gap_in_a_group),
    ("states of something else", states_of_something_else),
    ("nothing to commit", nothing_to_commit),
    ("an empty changeset", an_empty_changeset),
    ("passwords", passwords),
    ("writers in turn", writers_in_turn),
    ("writers at once", writers_at_once),
    ("a row that is gone", a_row_that_is_gone),
];

fn pending<'a>(
    changeset: &'a Changeset,
    before: &'a Snapshot,
    after: &'a Snapshot,
    from: &'a Origin,
) -> Pending<'a> {
    Pending { changeset, before, after, origin: from, at: Instant(5_000), credentials: &[] }
}

fn a_stale_changeset(database: &Database) {
    let mut world = World::new(database);
    let before = world.state.clone();
    let late = world.changeset(&before, new_user("late", vec![])).unwrap();
    let after = before.apply(late.changes()).unwrap();
    world.user("fast", vec![]);
    let counts = row_counts(database);
    let refusal = world.store.commit(&[pending(&late, &before, &after, &origin())], &|| true).unwrap_err();
    let (base, found) = (Revision(1), Revision(2));
    assert_eq!(refusal, StoreError::Stale { account: world.account(), base, found });
    assert_eq!(row_counts(database), counts);
    world.check();
}

fn too_late(database: &Database) {
    let mut world = World::new(database);
    let counts = row_counts(database);
    let changeset = world.changeset(&world.state, new_user("ann", vec![])).unwrap();
    let after = world.state.apply(changeset.changes()).unwrap();
    let asked = Cell::new(0);
    let hash = "$argon2id$secret".to_owned();
    let set = CredentialWrite::SetPassword { user: id(1), hash, must_change: false };
    let credentials = [set];
    let from = origin();
    let group = [Pending { credentials: &credentials, ..pending(&changeset, &world.state, &after, &from) }];
    let refusal = world.store.commit(&group, &|| {
        asked.set(asked.get() + 1);
        false
    });
    assert_eq!(refusal, Err(StoreError::TooLate));
    assert_eq!(asked.get(), 1);
    assert_eq!(row_counts(database), counts);
    world.user("ann", vec![]);
    world.check();
}

fn a_group_of_three(database: &Database) {
    let mut world = World::new(database);
    world.user("ann@shop.example", vec![spec(world.role("client_admin"), Scope::account())]);
    let states = chain(&world, 3);
    let from = Origin { application: Some(Application::Omc), address: "192.0.2.7".to_owned(), reason: None };
    let group: Vec<Pending<'_>> =
        states.iter().map(|(changeset, before, after)| pending(changeset, before, after, &from)).collect();
    let committed = world.store.commit(&group, &|| true).unwrap();
    let revisions: Vec<u64> = committed.iter().map(|c| c.revision().0).collect();
    assert_eq!(revisions, [3, 4, 5]);
    assert!(committed.iter().all(|c| c.account() == world.account()));
    world.state = states[2].2.clone();
    world.check();
    let newest = &world.store.audit(world.account(), &access_log(None, 1, true)).unwrap()[0];
    assert_eq!((newest.application, newest.address.as_str()), (Some(Application::Omc), "192.0.2.7"));
    assert_eq!((newest.action.as_str(), newest.revision), ("user.created", Revision(5)));
}

/// Changesets of new users, each on the state that the one before leads to.
fn chain(world: &World, count: usize) -> Vec<(Changeset, Snapshot, Snapshot)> {
    let mut on = world.state.clone();
    let one = |n| {
        let before = on.clone();
        let changeset = world.changeset(&before, new_user(&format!("chained{n}"), vec![])).unwrap();
        on = before.apply(changeset.changes()).unwrap();
        (changeset, before, on.clone())
    };
    (0..count).map(one).collect()
}

fn groups_of_two_accounts(database: &Database) {
    let mut one = World::new(database);
    let mut two = World::in_store(one.store.clone(), "other shop");
    let (ones, twos) = (chain(&one, 2), chain(&two, 2));
    let from = origin();
    let mixed = [&ones[0], &twos[0], &twos[1], &ones[1]];
    let group = mixed.map(|(changeset, before, after)| pending(changeset, before, after, &from));
    assert_eq!(one.store.commit(&group, &|| true).unwrap().len(), 4);
    (one.state, two.state) = (ones[1].2.clone(), twos[1].2.clone());
    one.check();
    two.check();
}

fn a_gap_in_a_group(database: &Database) {
    let world = World::new(database);
    let counts = row_counts(database);
    let states = chain(&world, 3);
    let from = origin();
    let group = [&states[0], &states[2]].map(|(c, before, after)| pending(c, before, after, &from));
    let refusal = world.store.commit(&group, &|| true).unwrap_err();
    assert!(matches!(refusal, StoreError::Stale { base: Revision(3), found: Revision(2), .. }), "{refusal}");
    assert_eq!(row_counts(database), counts);
}

fn states_of_something_else(database: &Database) {
    let world = World::new(database);
    let counts = row_counts(database);
    let other = World::in_store(world.store.clone(), "other shop");
    let changed = row_counts(database);
    assert_ne!(counts, changed);
    let (changeset, before, after) = &chain(&world, 1)[0];
    let from = origin();
    for (before, after) in [(after, after), (before, before), (&other.state, after), (before, &other.state)] {
        let refusal = world.store.commit(&[pending(changeset, before, after, &from)], &|| true).unwrap_err();
        assert!(matches!(refusal, StoreError::Corrupt(_)), "{refusal}");
    }
    assert_eq!(row_counts(database), changed);
}

fn nothing_to_commit(database: &Database) {
    let world = World::new(database);
    assert_eq!(world.store.commit(&[], &|| true), Ok(vec![]));
    world.check();
}

/// A changeset that changes nothing still is a revision, in the log too.
fn an_empty_changeset(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    world.must(DisableUser { id: ann });
    world.must(DisableUser { id: ann });
    assert_eq!(world.state.revision(), Revision(4));
    world.check();
    let log = world.store.changes_since(world.account(), Revision(2)).unwrap();
    let off = Change::UserSwitched { id: ann, by: Switch::Administrators, on: false };
    assert_eq!(log, [(Revision(3), vec![off]), (Revision(4), vec![])]);
}

fn passwords(database: &Database) {
    let mut world = World::new(database);
    let (ann, bob) = (world.user("ann", vec![]), world.user("bob", vec![]));
    let set = |user: UserId, hash: &str, must_change| CredentialWrite::SetPassword {
        user,
        hash: hash.to_owned(),
        must_change,
    };
    let sign_out = |world: &World, id| world.changeset(&world.state, SignOutUser { id }).unwrap();
    assert_eq!(world.store.password(world.account(), ann), Ok(None));
    let changeset = sign_out(&world, ann);
    world.commit(&changeset, &[set(ann, "$hash-1", true), set(bob, "$hash-2", false)]).unwrap();
    let row = world.store.password(world.account(), ann).unwrap().unwrap();
    assert_eq!((row.hash.as_str(), row.must_change, row.set_at), ("$hash-1", true, Instant(world.now)));
    assert!(!format!("{row:?} {:?}", set(ann, "$hash-1", true)).contains("hash-1"));
    let changeset = sign_out(&world, ann);
    world.commit(&changeset, &[set(ann, "$hash-3", false)]).unwrap();
    assert_eq!(world.store.password(world.account(), ann).unwrap().unwrap().hash, "$hash-3");
    let changeset = sign_out(&world, ann);
    world.commit(&changeset, &[CredentialWrite::RemovePassword { user: ann }]).unwrap();
    assert_eq!(world.store.password(world.account(), ann), Ok(None));
    assert!(world.store.password(world.account(), bob).unwrap().is_some());
    world.must(RemoveUser { id: bob });
    assert_eq!(world.store.password(world.account(), bob), Ok(None), "a removed user keeps no password");
    world.check();
    let told: Vec<String> =
        world.store.audit(world.account(), &access_log(None, 100, false)).unwrap().iter().map(told).collect();
    let about = |action: &str| told.iter().filter(|text| text.contains(action)).count();
    assert_eq!((about("user.password_set usr_1 ann"), about("user.password_set usr_2 bob")), (2, 1));
    assert_eq!(about("user.password_removed usr_1 ann"), 1);
    assert_eq!(about("hash"), 0);
}

fn told(entry: &store::AuditEntry) -> String {
    format!("{} {} {:?} {:?}", entry.action, entry.target, entry.before, entry.after)
}

fn writers_in_turn(database: &Database) {
    two_stores_in_turn(database, database);
}

/// Two stores on one database: whoever comes second with an old base is refused.
pub(crate) fn two_stores_in_turn(database: &Database, same_database: &Database) {
    let mut one = World::new(database);
    let other = open(same_database);
    let mut two = World { state: other.load(one.account()).unwrap(), store: other, now: 9_000 };
    let (slow, fast) = (chain(&one, 1), chain(&two, 1));
    let from = origin();
    let commit = |world: &World, states: &[(Changeset, Snapshot, Snapshot)]| {
        let (changeset, before, after) = &states[0];
        world.store.commit(&[pending(changeset, before, after, &from)], &|| true)
    };
    assert_eq!(commit(&two, &fast).unwrap()[0].revision(), Revision(2));
    assert!(matches!(commit(&one, &slow), Err(StoreError::Stale { .. })));
    two.state = fast[0].2.clone();
    two.check();
    one.state = one.store.load(one.account()).unwrap();
    assert_eq!(one.state, two.state);
    one.user("after", vec![]);
    one.check();
    assert_eq!(two.store.load(two.account()).unwrap(), one.state);
}

/// Several stores on one database at once: one is first, the others are told that they are late.
fn writers_at_once(database: &Database) {
    stores_at_once(database, database);
}

pub(crate) fn stores_at_once(database: &Database, same_database: &Database) {
    let mut world = World::new(database);
    let states: Vec<_> = (0..4).map(|_| chain(&world, 1)).collect();
    let account = world.account();
    let run = &|(at, states): (usize, &Vec<(Changeset, Snapshot, Snapshot)>)| {
        let (changeset, before, after) = &states[0];
        let database = if at.is_multiple_of(2) { database } else { same_database };
        open(database).commit(&[pending(changeset, before, after, &origin())], &|| true)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> =
            states.iter().enumerate().map(|states| scope.spawn(move || run(states))).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    let (base, found) = (Revision(1), Revision(2));
    let stale = |r: &&Result<_, StoreError>| **r == Err(StoreError::Stale { account, base, found });
    assert_eq!(results.iter().filter(stale).count(), 3, "{results:?}");
    world.state = states[0][0].2.clone();
    world.check();
}

/// A change that meets no row is not half a change.
fn a_row_that_is_gone(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    run(database, "DELETE FROM account_user");
    let counts = row_counts(database);
    let changeset = world.changeset(&world.state, SignOutUser { id: ann }).unwrap();
    assert!(matches!(world.commit(&changeset, &[]), Err(StoreError::Corrupt(_))));
    assert_eq!(row_counts(database), counts);
}
