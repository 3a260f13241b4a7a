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
mod entrances;
#[cfg(test)]
mod races;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod sign_ins;
#[cfg(test)]
mod speed;
#[cfg(test)]
mod states;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod ways_out;
#[cfg(test)]
mod world;

use backends::Scratch;
use sql::Database;

/// A named part of the suite, given an empty database.
type Case = (&'static str, fn(&Database));

/// Every case, each on a database of its own.
fn run_all(scratch: &mut Scratch) {
    let state = [schema::CASES, states::CASES, entrances::CASES, commits::CASES];
    let sign_in =
        [tokens::CASES, ways_out::CASES, races::CASES, audit::CASES, sign_ins::CASES, secrets::CASES];
    let cases = [state.concat(), sign_in.concat()].concat();
    for (name, case) in cases {
        println!("case {name}");
        case(&scratch.database());
    }
}

/// What needs two processes, or two handles that know nothing of each other.
fn run_apart(scratch: &mut Scratch) {
    commits::two_stores_in_turn(&scratch.database(), &scratch.same_database());
    for _ in 0..5 {
        commits::stores_at_once(&scratch.database(), &scratch.same_database());
    }
    for (name, race) in races::RACES {
        println!("race {name}");
        race(&scratch.database(), &scratch.same_database());
    }
}

#[test]
fn sqlite_memory_conforms() {
    run_all(&mut Scratch::Memory);
}

#[test]
fn sqlite_file_conforms() {
    let mut scratch = Scratch::directory();
    run_all(&mut scratch);
    run_apart(&mut scratch);
}

#[test]
fn postgres_conforms() {
    let Some(mut scratch) = Scratch::postgres() else { return };
    run_all(&mut scratch);
    run_apart(&mut scratch);
}
