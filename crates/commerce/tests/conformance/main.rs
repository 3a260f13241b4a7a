//! One suite for every backend: SQLite in memory, SQLite in a file, PostgreSQL.
//!
//! PostgreSQL takes part when `KEYWARD_TEST_POSTGRES` is the URL of a server where a schema may be created.

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod backends;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod moves;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod single;
#[cfg(test)]
mod writes;

use backends::Scratch;
use sql::Database;

/// A named part of the suite, given an empty database.
type Case = (&'static str, fn(Database));

/// Every case, each on a database of its own.
fn run_all(scratch: &mut Scratch) {
    let cases = [writes::CASES, moves::CASES, pages::CASES, single::CASES].concat();
    for (name, case) in cases {
        println!("case {name}");
        case(scratch.database());
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
