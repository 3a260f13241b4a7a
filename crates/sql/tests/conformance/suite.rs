//! What every backend does alike.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use sql::{Database, SqlError, Value, placeholders};

use crate::Case;
use crate::backends::{execute, integer};

pub(crate) const CASES: &[Case] = &[
    ("types round trip", types_round_trip),
    ("wrong types are refused", wrong_types_are_refused),
    ("an error rolls back", an_error_rolls_back),
    ("a failed statement fails the transaction", a_failed_statement_fails_the_transaction),
    ("kinds of refusal", kinds_of_refusal),
    ("placeholders", placeholders_bind_by_number),
    ("rows of a query", rows_of_a_query),
    ("reads cannot write", reads_cannot_write),
    ("nested transactions are refused", nested_transactions_are_refused),
    ("insert_many and streaming", insert_many_and_streaming),
    ("concurrent writers", concurrent_writers),
    ("many rows beside single ones", who_touches_many_rows_is_not_kept_waiting_for_ever),
    ("a panic stays alone", a_panic_stays_alone),
    ("schema changes", schema_changes),
];

fn types_round_trip(database: &Database) {
    execute(database, "CREATE TABLE kinds (id TEXT PRIMARY KEY, n BIGINT, b BOOLEAN, s TEXT, x TEXT)");
    let sql = "INSERT INTO kinds (id, n, b, s) VALUES ($1, $2, $3, $4)";
    let full = [Value::from("full"), i64::MIN.into(), true.into(), "Zoë 😀 '$1'".into()];
    let empty = [Value::from("none"), None::<i64>.into(), None::<bool>.into(), None::<String>.into()];
    let written = database.write::<_, SqlError>(|tx| Ok(tx.execute(sql, &full)? + tx.execute(sql, &empty)?));
    assert_eq!(written, Ok(2));
    let query = "SELECT n, b, s FROM kinds WHERE id = $1";
    database
        .read::<_, SqlError>(|tx| {
            let row = tx.query_one(query, &["full".into()])?;
            assert_eq!((row.int(0)?, row.bool(1)?, row.text(2)?), (i64::MIN, true, "Zoë 😀 '$1'"));
            assert_eq!((row.opt_int(0)?, row.opt_text(2)?), (Some(i64::MIN), Some("Zoë 😀 '$1'")));
            let row = tx.query_one(query, &["none".into()])?;
            assert_eq!((row.opt_int(0)?, row.opt_bool(1)?, row.opt_text(2)?), (None, None, None));
            let refusal = row.int(0).unwrap_err();
            assert!(matches!(&refusal, SqlError::Type { found, .. } if found == "NULL"), "{refusal}");
            assert!(tx.query_opt(query, &["absent".into()])?.is_none());
            Ok(())
        })
        .unwrap();
    bytes_round_trip(database);
}

/// BYTEA is PostgreSQL's word; SQLite takes any word for a type and never converts bytes.
fn bytes_round_trip(database: &Database) {
    execute(database, "CREATE TABLE blobs (id BIGINT PRIMARY KEY, x BYTEA)");
    let all: Vec<u8> = (0..=255).collect();
    let params = [Value::Int(1), all.clone().into(), Value::Int(2), Value::Null];
    database
        .write::<_, SqlError>(|tx| {
            tx.execute("INSERT INTO blobs (id, x) VALUES ($1, $2), ($3, $4)", &params)?;
            let rows = tx.query("SELECT x FROM blobs ORDER BY id", &[])?;
            assert_eq!((rows[0].bytes(0)?, rows[1].opt_bytes(0)?), (all.as_slice(), None));
            Ok(())
        })
        .unwrap();
}

fn wrong_types_are_refused(database: &Database) {
    execute(database, "CREATE TABLE typed (id BIGINT PRIMARY KEY, s TEXT)");
    execute(database, "INSERT INTO typed (id, s) VALUES (1, 'x')");
    let kind = |error: SqlError| match error {
        SqlError::Type { place, .. } => place,
        other => panic!("expected a type error, got {other}"),
    };
    let wrong = |sql: &str, params: &[Value]| {
        kind(database.write::<_, SqlError>(|tx| tx.query(sql, params)).map(drop).unwrap_err())
    };
    assert_eq!(wrong("SELECT s FROM typed WHERE s = $1", &["a\0b".into()]), "parameter $1");
    database
        .read::<_, SqlError>(|tx| {
            let row = tx.query_one("SELECT id, s FROM typed", &[])?;
            assert!(kind(row.text(0).map(drop).unwrap_err()).starts_with("column 0"));
            assert!(kind(row.int(1).map(drop).unwrap_err()).starts_with("column 1"));
            assert!(kind(row.int(2).map(drop).unwrap_err()).starts_with("column 2"));
            let in_stream = tx.for_each("SELECT s FROM typed", &[], |row| row.int(0).map(drop));
            assert_eq!(kind(in_stream.unwrap_err()), "column 0 (s)");
            Ok(())
        })
        .unwrap();
}

fn an_error_rolls_back(database: &Database) {
    #[derive(Debug)]
    enum Mine {
        No,
        Sql(SqlError),
    }
    impl From<SqlError> for Mine {
        fn from(error: SqlError) -> Self {
            Self::Sql(error)
        }
    }
    execute(database, "CREATE TABLE rolled (id BIGINT PRIMARY KEY)");
    let refused = database.write::<(), Mine>(|tx| {
        tx.execute("INSERT INTO rolled (id) VALUES ($1)", &[Value::Int(1)])?;
        Err(Mine::No)
    });
    assert!(matches!(refused, Err(Mine::No)));
    let failed = database.write::<_, Mine>(|tx| Ok(tx.execute("INSERT INTO nowhere (id) VALUES (1)", &[])?));
    assert!(matches!(failed, Err(Mine::Sql(SqlError::Statement(_)))), "{failed:?}");
    assert_eq!(integer(database, "SELECT count(*) FROM rolled"), 0);
}

fn a_failed_statement_fails_the_transaction(database: &Database) {
    execute(database, "CREATE TABLE strict_one (id BIGINT PRIMARY KEY)");
    let insert = "INSERT INTO strict_one (id) VALUES (1)";
    let answer = database.write::<_, SqlError>(|tx| {
        tx.execute(insert, &[])?;
        let swallowed = tx.execute(insert, &[]);
        let after = tx.query("SELECT id FROM strict_one", &[]).map(drop);
        assert_eq!(swallowed.map(drop), after, "later statements get the first failure");
        Ok("the closure says Ok")
    });
    assert_eq!(answer, Err(SqlError::Unique { what: "strict_one.id".to_owned() }));
    assert_eq!(integer(database, "SELECT count(*) FROM strict_one"), 0);
}

fn kinds_of_refusal(database: &Database) {
    execute(
        database,
        "CREATE TABLE parent (account TEXT NOT NULL, login TEXT NOT NULL, PRIMARY KEY (account, login));
         CREATE TABLE child (id BIGINT PRIMARY KEY, account TEXT, login TEXT, n BIGINT CHECK (n > 0),
             FOREIGN KEY (account, login) REFERENCES parent (account, login))",
    );
    let refusal = |sql: &str| database.write::<_, SqlError>(|tx| tx.execute(sql, &[])).unwrap_err();
    execute(database, "INSERT INTO parent (account, login) VALUES ('a', 'hidden')");
    let unique = refusal("INSERT INTO parent (account, login) VALUES ('a', 'hidden')");
    assert_eq!(unique, SqlError::Unique { what: "parent.account, parent.login".to_owned() });
    assert!(!unique.to_string().contains("hidden"), "no values of rows in messages");
    for sql in [
        "INSERT INTO parent (account, login) VALUES ('a', NULL)",
        "INSERT INTO child (id, account, login) VALUES (1, 'a', 'absent')",
        "INSERT INTO child (id, n) VALUES (2, 0)",
    ] {
        assert!(matches!(refusal(sql), SqlError::Constraint(_)), "{sql}: {}", refusal(sql));
    }
    for sql in ["SELEKT 1", "SELECT nothing FROM parent", "SELECT \"account2\" FROM parent"] {
        assert!(matches!(refusal(sql), SqlError::Statement(_)), "{sql}: {}", refusal(sql));
    }
    let short = database.read::<_, SqlError>(|tx| tx.query("SELECT login FROM parent WHERE login = $1", &[]));
    let message = short.map(drop).unwrap_err().to_string();
    assert!(message.contains("it has 1 parameters, 0 were given"), "{message}");
}

fn placeholders_bind_by_number(database: &Database) {
    execute(database, "CREATE TABLE pairs (a TEXT NOT NULL, b TEXT NOT NULL)");
    database
        .write::<_, SqlError>(|tx| {
            tx.execute("INSERT INTO pairs (b, a) VALUES ($2, $1)", &["one".into(), "two".into()])?;
            let row = tx.query_one("SELECT a, b FROM pairs", &[])?;
            assert_eq!((row.text(0)?, row.text(1)?), ("one", "two"), "by number, not by appearance");
            let twice = "SELECT count(*) FROM pairs WHERE b = $2 AND a = $1 AND a <> $2 AND b <> $1";
            assert_eq!(tx.query_one(twice, &["one".into(), "two".into()])?.int(0)?, 1);
            let literal = "SELECT '$1', 'it''s $2', a /* $9 */ FROM pairs WHERE a = $1 -- $3";
            let row = tx.query_one(literal, &["one".into()])?;
            assert_eq!((row.text(0)?, row.text(1)?, row.text(2)?), ("$1", "it's $2", "one"));
            let listed = format!("SELECT count(*) FROM pairs WHERE a IN ({})", placeholders(1, 3));
            assert_eq!(tx.query_one(&listed, &["x".into(), "one".into(), "y".into()])?.int(0)?, 1);
            Ok(())
        })
        .unwrap();
}

fn rows_of_a_query(database: &Database) {
    execute(database, "CREATE TABLE few (id BIGINT PRIMARY KEY)");
    execute(database, "INSERT INTO few (id) VALUES (1), (2), (3)");
    database
        .write::<_, SqlError>(|tx| {
            assert_eq!(tx.query("SELECT id FROM few", &[])?.len(), 3);
            assert!(matches!(tx.query_one("SELECT id FROM few", &[]), Err(SqlError::Statement(_))));
            let none = tx.query_one("SELECT id FROM few WHERE id = 9", &[]);
            assert!(matches!(none, Err(SqlError::Statement(_))), "an answer of ours fails no transaction");
            assert_eq!(tx.execute("UPDATE few SET id = id + 10 WHERE id > $1", &[Value::Int(1)])?, 2);
            assert_eq!(tx.execute("UPDATE few SET id = id WHERE id = $1", &[Value::Int(99)])?, 0);
            assert_eq!(tx.execute("DELETE FROM few", &[])?, 3);
            Ok(())
        })
        .unwrap();
}

fn reads_cannot_write(database: &Database) {
    execute(database, "CREATE TABLE kept (id BIGINT PRIMARY KEY)");
    for sql in ["INSERT INTO kept (id) VALUES (1)", "DROP TABLE kept"] {
        let one = database.read::<_, SqlError>(|tx| tx.execute(sql, &[]));
        assert!(matches!(one, Err(SqlError::Statement(_))), "{one:?}");
        let batch = database.read::<_, SqlError>(|tx| tx.execute_batch(sql));
        assert!(matches!(batch, Err(SqlError::Statement(_))), "{batch:?}");
    }
    assert_eq!(integer(database, "SELECT count(*) FROM kept"), 0);
}

fn nested_transactions_are_refused(database: &Database) {
    let nested = database.write(|_| database.read(|tx| tx.query("SELECT 1", &[]).map(drop)));
    assert!(matches!(nested, Err(SqlError::Statement(_))), "{nested:?}");
    assert_eq!(integer(database, "SELECT CAST(7 AS BIGINT)"), 7, "and the thread can go on");
}

fn insert_many_and_streaming(database: &Database) {
    execute(database, "CREATE TABLE many (id BIGINT PRIMARY KEY, s TEXT NOT NULL)");
    let rows = |from: i64, to: i64| (from..to).map(|id| vec![Value::Int(id), format!("row {id}").into()]);
    let insert = |from, to| {
        database.write::<_, SqlError>(|tx| tx.insert_many("many", &["id", "s"], rows(from, to))).unwrap()
    };
    assert_eq!(insert(0, 0), 0);
    assert_eq!(insert(0, 5_000), 5_000);
    assert_eq!(insert(5_000, 100_000), 95_000);
    let uneven = [vec![Value::Int(-1), "x".into()], vec![Value::Int(-2)]];
    let refused = database.write(|tx| tx.insert_many("many", &["id", "s"], uneven.clone()));
    assert!(matches!(refused, Err(SqlError::Statement(_))), "{refused:?}");
    let (mut sum, mut length, mut previous) = (0, 0, -1);
    database
        .read::<_, SqlError>(|tx| {
            tx.for_each("SELECT id, s FROM many WHERE id >= $1 ORDER BY id", &[Value::Int(0)], |row| {
                assert_eq!(row.int(0)?, previous + 1);
                previous = row.int(0)?;
                sum += previous;
                length += row.text(1)?.len();
                Ok(())
            })
        })
        .unwrap();
    assert_eq!((previous, sum), (99_999, 4_999_950_000));
    assert_eq!(length, (0..100_000).map(|id| format!("row {id}").len()).sum::<usize>());
    stopping_a_stream(database);
}

fn stopping_a_stream(database: &Database) {
    let mut seen = 0;
    database
        .read::<_, SqlError>(|tx| {
            let stopped = tx.for_each("SELECT id FROM many", &[], |_| {
                seen += 1;
                if seen < 10 { Ok(()) } else { Err(SqlError::Statement("enough".to_owned())) }
            });
            assert_eq!(stopped, Err(SqlError::Statement("enough".to_owned())));
            assert_eq!(tx.query_one("SELECT count(*) FROM many", &[])?.int(0)?, 100_000, "tx goes on");
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, 10);
}

/// 64 threads, each adding 1 ten times; every third attempt writes and then refuses. Nothing of a refused one
/// stays, nothing of an accepted one is missing.
fn concurrent_writers(database: &Database) {
    execute(database, "CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)");
    execute(database, "INSERT INTO counter (id, n) VALUES (1, 0)");
    execute(database, "CREATE TABLE entry (id TEXT PRIMARY KEY)");
    let accepted = AtomicU32::new(0);
    let barrier = Barrier::new(64);
    thread::scope(|scope| {
        for writer in 0..64 {
            let (accepted, barrier) = (&accepted, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for round in 0..10 {
                    let refuse = (writer + round) % 3 == 0;
                    let answer = database.write(|tx| {
                        tx.execute("UPDATE counter SET n = n + 1 WHERE id = $1", &[Value::Int(1)])?;
                        let key = format!("{writer}/{round}");
                        tx.execute("INSERT INTO entry (id) VALUES ($1)", &[key.into()])?;
                        if refuse { Err(SqlError::Statement("refused".to_owned())) } else { Ok(()) }
                    });
                    match answer {
                        Ok(()) => accepted.fetch_add(1, Ordering::Relaxed),
                        Err(error) => {
                            assert_eq!((refuse, error), (true, SqlError::Statement("refused".to_owned())));
                            0
                        }
                    };
                }
            });
        }
    });
    let accepted = i64::from(accepted.into_inner());
    assert_eq!(accepted, 640 - 214, "all but the 22 * 4 + 42 * 3 where (writer + round) is a multiple of 3");
    assert_eq!(integer(database, "SELECT n FROM counter"), accepted);
    assert_eq!(integer(database, "SELECT count(*) FROM entry"), accepted);
}

fn a_panic_stays_alone(database: &Database) {
    execute(database, "CREATE TABLE panics (id BIGINT PRIMARY KEY)");
    thread::scope(|scope| {
        for id in 0..16 {
            let writer = scope.spawn(move || {
                database.write::<_, SqlError>(|tx| {
                    tx.execute("INSERT INTO panics (id) VALUES ($1)", &[Value::Int(id)])?;
                    assert_ne!(id % 4, 0, "expected panic of a test");
                    Ok(())
                })
            });
            scope.spawn(move || assert_eq!(writer.join().is_err(), id % 4 == 0));
        }
    });
    assert_eq!(integer(database, "SELECT count(*) FROM panics"), 12);
}

/// Prepared statements survive a change of what they read.
fn schema_changes(database: &Database) {
    execute(database, "CREATE TABLE changing (id BIGINT PRIMARY KEY)");
    execute(database, "INSERT INTO changing (id) VALUES (5)");
    let widths = |database: &Database| integer(database, "SELECT * FROM changing");
    assert_eq!(widths(database), 5);
    execute(database, "ALTER TABLE changing ADD COLUMN label TEXT");
    assert_eq!(widths(database), 5);
    let broken = database.write::<(), SqlError>(|tx| {
        tx.execute_batch("CREATE TABLE halfway (id BIGINT PRIMARY KEY); CREATE TABLE changing (id BIGINT)")
    });
    assert!(matches!(broken, Err(SqlError::Statement(_))), "{broken:?}");
    execute(database, "CREATE TABLE halfway (id BIGINT PRIMARY KEY)");
}

/// Not for SQLite in memory, where transactions run one at a time.
pub(crate) fn reader_keeps_its_state_while_a_writer_commits(database: &Database) {
    execute(database, "CREATE TABLE seen (id BIGINT PRIMARY KEY)");
    let (go, wait_go) = mpsc::channel();
    let (done, wait_done) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            wait_go.recv().unwrap();
            execute(database, "INSERT INTO seen (id) VALUES (1)");
            done.send(()).unwrap();
        });
        database
            .read::<_, SqlError>(|tx| {
                let count = "SELECT count(*) FROM seen";
                assert_eq!(tx.query_one(count, &[])?.int(0)?, 0);
                go.send(()).unwrap();
                wait_done.recv().unwrap();
                assert_eq!(tx.query_one(count, &[])?.int(0)?, 0, "the state of the first query");
                Ok(())
            })
            .unwrap();
    });
    assert_eq!(integer(database, "SELECT count(*) FROM seen"), 1);
}

/// Both read before either writes, so one must lose and be run again.
pub(crate) fn losers_of_a_race_are_run_again(database: &Database) {
    execute(database, "CREATE TABLE raced (n BIGINT NOT NULL)");
    execute(database, "INSERT INTO raced (n) VALUES (0)");
    let runs = AtomicU32::new(0);
    let barrier = Barrier::new(2);
    let add = || {
        database.write::<_, SqlError>(|tx| {
            let n = tx.query_one("SELECT n FROM raced", &[])?.int(0)?;
            if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                barrier.wait();
            }
            tx.execute("UPDATE raced SET n = $1", &[Value::Int(n + 1)])
        })
    };
    thread::scope(|scope| {
        let other = scope.spawn(add);
        assert_eq!(add(), Ok(1));
        assert_eq!(other.join().unwrap(), Ok(1));
    });
    assert_eq!(integer(database, "SELECT n FROM raced"), 2);
    assert!(runs.into_inner() >= 3, "somebody was run again");
}

/// Somebody is always done with one of the rows while another is at all of them.
pub(crate) fn who_touches_many_rows_is_not_kept_waiting_for_ever(database: &Database) {
    const ROWS: i64 = 4;
    execute(database, "CREATE TABLE busy (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)");
    for id in 0..ROWS {
        execute(database, &format!("INSERT INTO busy (id, n) VALUES ({id}, 0)"));
    }
    let (done, runs, others) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    let touch = |id: i64| {
        while !done.load(Ordering::SeqCst) {
            let sql = "UPDATE busy SET n = n + 1 WHERE id = $1";
            database.write::<_, SqlError>(|tx| tx.execute(sql, &[Value::Int(id)])).unwrap();
            others.fetch_add(1, Ordering::SeqCst);
        }
    };
    thread::scope(|scope| {
        for id in 0..ROWS {
            let touch = &touch;
            scope.spawn(move || touch(id));
        }
        let all = database.write::<_, SqlError>(|tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            let sum = tx.query_one("SELECT CAST(sum(n) AS BIGINT) FROM busy", &[])?.int(0)?;
            thread::sleep(Duration::from_millis(50));
            tx.execute("UPDATE busy SET n = n + 1", &[])?;
            Ok(sum)
        });
        done.store(true, Ordering::SeqCst);
        assert!(all.is_ok(), "{all:?} after {runs:?} runs");
    });
    let sum = integer(database, "SELECT CAST(sum(n) AS BIGINT) FROM busy");
    assert_eq!(sum, i64::from(others.into_inner()) + ROWS, "nothing is lost");
}

/// Each of two writers retires itself if somebody else stays: not both may.
pub(crate) fn write_skew_is_prevented(database: &Database) {
    execute(database, "CREATE TABLE on_duty (id BIGINT PRIMARY KEY, active BOOLEAN NOT NULL)");
    execute(database, "INSERT INTO on_duty (id, active) VALUES (1, TRUE), (2, TRUE)");
    let runs = AtomicU32::new(0);
    let barrier = Barrier::new(2);
    let retire = |id: i64| {
        database.write::<_, SqlError>(|tx| {
            let active = tx.query_one("SELECT count(*) FROM on_duty WHERE active", &[])?.int(0)?;
            if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                barrier.wait();
            }
            if active < 2 {
                return Ok(false);
            }
            tx.execute("UPDATE on_duty SET active = FALSE WHERE id = $1", &[Value::Int(id)])?;
            Ok(true)
        })
    };
    let retired = thread::scope(|scope| {
        let other = scope.spawn(|| retire(2).unwrap());
        [retire(1).unwrap(), other.join().unwrap()]
    });
    assert_eq!(retired.iter().filter(|retired| **retired).count(), 1);
    assert_eq!(integer(database, "SELECT count(*) FROM on_duty WHERE active"), 1);
}
