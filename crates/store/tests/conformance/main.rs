//! One suite for every backend: SQLite in memory, SQLite in a file, PostgreSQL.
//!
//! PostgreSQL takes part when `KEYWARD_TEST_POSTGRES` is the URL of a server where a schema may be created.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod backends;
#[cfg(test)]
mod chains;
#[cfg(test)]
mod commits;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod states;
#[cfg(test)]
mod world;

use backends::Scratch;
use sql::Database;

/// A named part of the suite, given an empty database.
type Case = (&'static str, fn(&Database));

/// Every case, each on a database of its own.
fn run_all(scratch: &mut Scratch) {
    let cases = [schema::CASES, states::CASES, commits::CASES, audit::CASES].concat();
    for (name, case) in cases {
        println!("case {name}");
        case(&scratch.database());
    }
}

#[test]
fn sqlite_memory_conforms() {
    run_all(&mut Scratch::Memory);
}

#[test]
fn sqlite_file_conforms() {
    run_all(&mut Scratch::directory());
}

#[test]
fn postgres_conforms() {
    let Some(mut scratch) = Scratch::postgres() else { return };
    run_all(&mut scratch);
}
