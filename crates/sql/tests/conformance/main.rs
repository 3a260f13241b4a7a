//! One suite for every backend: SQLite in memory, SQLite in a file, PostgreSQL.
//!
//! PostgreSQL takes part when `KEYWARD_TEST_POSTGRES` is the URL of a server where a database may be created.

#[cfg(test)]
mod backends;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod suite;

use backends::{Scratch, postgres_url};
use sql::Database;

/// A named part of the suite.
type Case = (&'static str, fn(&Database));

/// Every case on a database of its own kind, in turn; each makes tables of its own.
fn run_all(database: &Database) {
    for (name, case) in suite::CASES {
        println!("case {name}");
        case(database);
    }
}

#[test]
fn sqlite_memory_conforms() {
    run_all(&Database::sqlite_memory().unwrap());
}

#[test]
fn sqlite_file_conforms() {
    let scratch = Scratch::directory();
    let database = Database::sqlite_file(&scratch.file("suite.db")).unwrap();
    run_all(&database);
    suite::reader_keeps_its_state_while_a_writer_commits(&database);
}

#[test]
fn postgres_conforms() {
    let Some(scratch) = postgres_url().map(|url| Scratch::postgres(&url)) else { return };
    let database = Database::postgres(scratch.url()).unwrap();
    run_all(&database);
    suite::reader_keeps_its_state_while_a_writer_commits(&database);
    suite::losers_of_a_race_are_run_again(&database);
    suite::write_skew_is_prevented(&database);
}

#[test]
fn handles_and_rows_go_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Database>();
    shared::<sql::Row>();
    shared::<sql::SqlError>();
}
