//! Opening, migrating, and statements.

use access::Contract;
use access::change::SignIn;
use access::commands::SetSignIn;
use sql::{Database, Value};
use store::{Migration, Store, StoreError};

use crate::Case;
use crate::backends::{integer, run};
use crate::world::{World, id, open};

pub(crate) const CASES: &[Case] = &[
    ("opening twice", opening_twice),
    ("a database of before the ways in", a_database_of_before_the_ways_in),
    ("steps of other crates", steps_of_other_crates),
    ("a newer schema is refused", a_newer_schema_is_refused),
    ("two steps with one number", two_steps_with_one_number),
    ("opening at once", opening_at_once),
    ("every statement is prepared", every_statement_is_prepared),
];

const NOTE: Migration =
    Migration { module: "notes", number: 1, sql: "CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY)" };
const NOTE_TITLE: Migration =
    Migration { module: "notes", number: 2, sql: "ALTER TABLE note ADD COLUMN headline TEXT" };

fn with(database: &Database, more: &[Migration]) -> Result<Store, StoreError> {
    Store::open(database.clone(), Contract::built_in().unwrap(), more)
}

fn opening_twice(database: &Database) {
    let world = World::new(database);
    let steps = integer(database, "SELECT count(*) FROM schema_step");
    let again = open(database);
    assert_eq!(integer(database, "SELECT count(*) FROM schema_step"), steps);
    assert_eq!(again.load(world.account()).unwrap(), world.state);
    assert_eq!(again.accounts().unwrap(), [world.state.account().clone()]);
}

/// Users who were there before users could sign in by a provider are loaded as they were.
fn a_database_of_before_the_ways_in(database: &Database) {
    const STEPS_BEFORE: u32 = 13;
    let mut world = World::new(database);
    world.user("ann", vec![]);
    run(database, "DROP INDEX user_token_by_sid");
    for table in [
        "identity_provider",
        "api_client",
        "user_addresses",
        "ended_token",
        "user_token",
        "token_secret",
        "password_link",
        "audit_chain",
    ] {
        run(database, &format!("DROP TABLE {table}"));
    }
    for column in ["provider_no", "language_tag", "zone_name"] {
        run(database, &format!("ALTER TABLE account_user DROP COLUMN {column}"));
    }
    run(database, &format!("DELETE FROM schema_step WHERE step_no > {STEPS_BEFORE}"));
    world.store = open(database);
    world.check();
    let okta = world.provider("okta");
    world.must(SetSignIn { id: id(1), sign_in: SignIn::Sso(okta) });
    world.end(id(1), &[(1, 9_000)]);
    world.check();
}

fn steps_of_other_crates(database: &Database) {
    with(database, &[NOTE]).unwrap();
    run(database, "INSERT INTO note (id) VALUES (1)");
    with(database, &[NOTE, NOTE_TITLE]).unwrap();
    run(database, "UPDATE note SET headline = 'seen'");
    assert_eq!(integer(database, "SELECT id FROM note WHERE headline = 'seen'"), 1);
}

fn a_newer_schema_is_refused(database: &Database) {
    with(database, &[NOTE, NOTE_TITLE]).unwrap();
    let steps = integer(database, "SELECT count(*) FROM schema_step");
    let newer = |found, known| StoreError::Newer { module: "notes".to_owned(), found, known };
    assert_eq!(with(database, &[NOTE]).unwrap_err(), newer(2, 1));
    assert_eq!(with(database, &[]).unwrap_err(), newer(2, 0));
    let other = Migration { module: "others", ..NOTE };
    assert_eq!(with(database, &[other]).unwrap_err(), newer(2, 0));
    assert_eq!(integer(database, "SELECT count(*) FROM schema_step"), steps, "nothing may be written");
    let text = newer(2, 1).to_string();
    assert!(text.contains("step 2 of `notes`") && text.contains("knows 1"), "{text}");
}

fn two_steps_with_one_number(database: &Database) {
    assert!(matches!(with(database, &[NOTE, NOTE]), Err(StoreError::Corrupt(_))));
}

fn opening_at_once(database: &Database) {
    std::thread::scope(|scope| {
        let openers: Vec<_> = (0..4).map(|_| scope.spawn(|| with(database, &[NOTE]))).collect();
        for opener in openers {
            opener.join().unwrap().unwrap();
        }
    });
    assert_eq!(integer(database, "SELECT count(*) FROM note"), 0);
}

/// `EXPLAIN` has the database prepare and plan a statement without running it.
fn every_statement_is_prepared(database: &Database) {
    let store = open(database);
    assert!(Store::statements().len() > 40);
    for sql in Store::statements() {
        let parameters = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
        let nulls = vec![Value::Null; parameters];
        let planned = store.database().write(|tx| tx.query(&format!("EXPLAIN {sql}"), &nulls));
        assert!(planned.is_ok_and(|rows| !rows.is_empty()), "{sql}");
    }
}
