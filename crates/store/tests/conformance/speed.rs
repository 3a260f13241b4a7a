//! How long a big account takes to be loaded, and many users to be committed. Run in release, by name:
//! `cargo test -p store --release -- --ignored speed --nocapture`.

use std::time::Instant as Stopwatch;

use access::change::{Changeset, GrantSpec};
use access::{Instant, Scope, Snapshot};
use sql::{Database, SqlError, Value};
use store::Pending;

use crate::backends::{Scratch, run};
use crate::world::{World, new_user, origin, spec};

const USERS: i64 = 1_000_000;

#[expect(clippy::disallowed_methods, reason = "a duration that is printed")]
fn stopwatch() -> Stopwatch {
    Stopwatch::now()
}

fn load_speed(scratch: &mut Scratch, name: &str) {
    let database = scratch.database();
    let world = World::new(&database);
    fill(&database);
    for round in 1..=3 {
        let begun = stopwatch();
        let state = world.store.load(world.account()).unwrap();
        let took = begun.elapsed();
        assert_eq!(state.user_count(), usize::try_from(USERS).unwrap());
        println!("{name}: 1,000,000 users with 3,500,000 grants loaded in {took:?} (round {round})");
    }
}

#[test]
#[ignore = "takes minutes and is about release"]
fn load_speed_sqlite_file() {
    load_speed(&mut Scratch::directory(), "SQLite file");
}

#[test]
#[ignore = "takes minutes and is about release"]
fn load_speed_postgres() {
    if let Some(mut scratch) = Scratch::postgres() {
        load_speed(&mut scratch, "PostgreSQL");
    }
}

/// Users 1.. with three or four grants each, over 20 retailers, 400 locations and 60 channels.
fn fill(database: &Database) {
    let user_columns = [
        "account_id",
        "user_no",
        "login",
        "display_name",
        "email",
        "kind",
        "sign_in",
        "enabled",
        "provisioned",
        "removed",
        "epoch",
    ];
    let grant_columns = [
        "account_id",
        "user_no",
        "grant_no",
        "role_no",
        "retailers",
        "locations",
        "channels",
        "valid_from",
        "valid_until",
    ];
    let mut next = 1;
    for first in (1..=USERS).step_by(50_000) {
        let users: Vec<Vec<Value>> = (first..first + 50_000).map(user).collect();
        let mut grants = Vec::new();
        for user in first..first + 50_000 {
            for nth in 0..3 + user % 2 {
                grants.push(grant(user, next, nth));
                next += 1;
            }
        }
        let write = |tx: &mut sql::Tx<'_>| {
            tx.insert_many("account_user", &user_columns, users.iter().cloned())?;
            tx.insert_many("user_grant", &grant_columns, grants.iter().cloned())
        };
        database.write::<_, SqlError>(write).unwrap();
    }
    run(database, &format!("UPDATE account_head SET grants_made = {}", next - 1));
}

fn user(n: i64) -> Vec<Value> {
    let login = format!("first.last{n}@stores.example");
    vec![
        1u32.into(),
        n.into(),
        login.clone().into(),
        format!("Firstname Lastname {n}").into(),
        login.into(),
        "person".into(),
        "password".into(),
        true.into(),
        true.into(),
        false.into(),
        1u32.into(),
    ]
}

fn grant(user: i64, id: i64, nth: i64) -> Vec<Value> {
    let retailer = user % 20 + 1;
    let locations = match nth {
        0 => "*".to_owned(),
        1 => format!("o:{}", user % 400 + 1),
        _ => format!("o:{},{},{}", user % 100 + 1, user % 100 + 150, user % 100 + 300),
    };
    let channels = if nth == 3 { format!("{},{}", user % 20 + 1, user % 20 + 30) } else { "*".to_owned() };
    vec![
        1u32.into(),
        user.into(),
        id.into(),
        (nth + 3).into(),
        retailer.to_string().into(),
        locations.into(),
        channels.into(),
        Value::Null,
        Value::Null,
    ]
}

fn commit_speed(scratch: &mut Scratch, name: &str) {
    const COUNT: usize = 20_000;
    let mut world = World::new(&scratch.database());
    let (leeds, _) = world.retailer("leeds");
    let grants: Vec<GrantSpec> = vec![
        spec(world.role("client_admin"), Scope::retailer(leeds)),
        spec(world.role("STORE"), Scope::retailer(leeds)),
    ];
    let mut on = world.state.clone();
    let one = |n| {
        let before = on.clone();
        let user = new_user(&format!("u{n}@x.example"), grants.clone());
        let changeset = world.changeset(&before, user).unwrap();
        on = before.apply(changeset.changes()).unwrap();
        (changeset, before, on.clone())
    };
    let made: Vec<(Changeset, Snapshot, Snapshot)> = (0..COUNT).map(one).collect();
    let origin = origin();
    let (origin, at, credentials) = (&origin, Instant(9), &[][..]);
    let pending = |(changeset, before, after)| Pending { changeset, before, after, origin, at, credentials };
    let group: Vec<Pending<'_>> = made.iter().map(|(c, before, after)| pending((c, before, after))).collect();
    let begun = stopwatch();
    world.store.commit(&group, &|| true).unwrap();
    println!("{name}: {COUNT} new users with two grants each committed in {:?}", begun.elapsed());
}

#[test]
#[ignore = "takes long and is about release"]
fn commit_speed_sqlite_file() {
    commit_speed(&mut Scratch::directory(), "SQLite file");
}

#[test]
#[ignore = "takes long and is about release"]
fn commit_speed_postgres() {
    if let Some(mut scratch) = Scratch::postgres() {
        commit_speed(&mut scratch, "PostgreSQL");
    }
}
