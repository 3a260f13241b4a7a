//! Databases that are locked, broken, gone or unreachable.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use sql::{Database, Settings, SqlError, Value};

use crate::backends::{Scratch, client, execute, integer, postgres_url};

fn impatient() -> Settings {
    Settings { lock_ms_max: 200, ..Settings::default() }
}

#[test]
fn locked_file_is_reported_and_works_after_release() {
    let scratch = Scratch::directory();
    let path = scratch.file("locked.db");
    let database = Database::sqlite_file_with(&path, &impatient()).unwrap();
    execute(&database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
    let insert =
        |id: i64| database.write(|tx| tx.execute("INSERT INTO t (id) VALUES ($1)", &[Value::Int(id)]));
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let refusal = insert(1).unwrap_err();
    assert!(matches!(refusal, SqlError::Locked(_)), "{refusal}");
    assert!(refusal.to_string().contains("locked by another process"), "{refusal}");
    thread::scope(|scope| {
        let queue: Vec<_> = (10..20).map(|id| scope.spawn(move || insert(id))).collect();
        for writer in queue {
            assert!(matches!(writer.join().unwrap(), Err(SqlError::Locked(_))));
        }
    });
    assert_eq!(integer(&database, "SELECT count(*) FROM t"), 0, "readers are not locked out");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(insert(1), Ok(1));
    assert_eq!(integer(&database, "SELECT count(*) FROM t"), 1);
}

#[test]
fn writer_waits_for_a_short_lock() {
    let scratch = Scratch::directory();
    let path = scratch.file("short.db");
    let database = Database::sqlite_file(&path).unwrap();
    execute(&database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| execute(&database, "INSERT INTO t (id) VALUES (1)"));
        thread::sleep(Duration::from_millis(100));
        assert!(!writer.is_finished());
        other.execute_batch("COMMIT").unwrap();
    });
    assert_eq!(integer(&database, "SELECT count(*) FROM t"), 1);
}

#[test]
fn what_is_no_database_is_refused() {
    let scratch = Scratch::directory();
    let text = scratch.file("text.db");
    std::fs::write(&text, "This is a letter to the editor, and certainly not a database. ".repeat(100))
        .unwrap();
    let refusal = Database::sqlite_file(&text).unwrap_err();
    assert!(matches!(&refusal, SqlError::Corrupt(message) if message.contains("text.db")), "{refusal}");
    for path in [scratch.file("absent").join("x.db").as_path(), Path::new("/")] {
        let refusal = Database::sqlite_file(path).unwrap_err();
        assert!(matches!(refusal, SqlError::Unavailable(_)), "{refusal}");
    }
}

/// `max_page_count` makes SQLite refuse as a full disk does, without filling one.
#[test]
fn full_database_is_reported_and_nothing_is_written() {
    let scratch = Scratch::directory();
    let database = Database::sqlite_file(&scratch.file("full.db")).unwrap();
    execute(&database, "CREATE TABLE t (id BIGINT PRIMARY KEY, x TEXT); PRAGMA max_page_count = 64");
    let insert = |id: i64, bytes: usize| {
        let params = [Value::Int(id), "x".repeat(bytes).into()];
        database.write(|tx| tx.execute("INSERT INTO t (id, x) VALUES ($1, $2)", &params))
    };
    assert_eq!(insert(1, 10), Ok(1));
    let refusal = insert(2, 1_000_000).unwrap_err();
    assert!(matches!(refusal, SqlError::Full(_)), "{refusal}");
    assert_eq!(insert(3, 10), Ok(1), "small writes go on");
    assert_eq!(integer(&database, "SELECT CAST(sum(id) AS BIGINT) FROM t"), 4);
}

#[test]
fn writes_are_there_after_opening_again() {
    let scratch = Scratch::directory();
    let path = scratch.file("again.db");
    let database = Database::sqlite_file(&path).unwrap();
    execute(&database, "CREATE TABLE t (id BIGINT PRIMARY KEY); INSERT INTO t (id) VALUES (1)");
    let journal_mode = |tx: &mut sql::Tx<'_>| -> Result<String, SqlError> {
        Ok(tx.query_one("PRAGMA journal_mode", &[])?.text(0)?.to_owned())
    };
    assert_eq!(database.write(journal_mode), Ok("wal".to_owned()));
    let synchronous = database.write::<_, SqlError>(|tx| tx.query_one("PRAGMA synchronous", &[])?.int(0));
    assert_eq!(synchronous, Ok(2), "FULL");
    drop(database);
    assert_eq!(integer(&Database::sqlite_file(&path).unwrap(), "SELECT count(*) FROM t"), 1);
}

#[test]
fn unreachable_server_is_named_without_its_password() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let refusal = Database::postgres(&format!("postgres://me:secret@127.0.0.1:{port}/orders")).unwrap_err();
    let message = refusal.to_string();
    assert!(matches!(refusal, SqlError::Unavailable(_)), "{message}");
    assert!(message.contains(&format!("127.0.0.1:{port}")) && message.contains("orders"), "{message}");
    assert!(message.contains("refused") && !message.contains("secret"), "{message}");
}

#[test]
fn lost_connections_are_replaced() {
    let Some(scratch) = postgres_url().map(|url| Scratch::postgres(&url)) else { return };
    let database = Database::postgres(scratch.url()).unwrap();
    execute(&database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
    let kick = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut admin = client(scratch.url());
    admin.query(kick, &[]).unwrap();
    assert_eq!(integer(&database, "SELECT count(*) FROM t"), 0);
    let runs = AtomicU32::new(0);
    let lost = database.write::<_, SqlError>(|tx| {
        runs.fetch_add(1, Ordering::SeqCst);
        tx.execute("INSERT INTO t (id) VALUES (1)", &[])?;
        tx.query("SELECT pg_terminate_backend(pg_backend_pid())", &[])
    });
    assert!(matches!(lost, Err(SqlError::Unavailable(_))), "{:?}", lost.err());
    assert_eq!(runs.into_inner(), 1);
    assert_eq!(integer(&database, "SELECT count(*) FROM t"), 0);
}

/// A deferred trigger ends the connection in the middle of COMMIT: nobody can know what became of it.
#[test]
fn unknown_outcome_of_a_commit_is_said_and_not_retried() {
    let Some(scratch) = postgres_url().map(|url| Scratch::postgres(&url)) else { return };
    let database = Database::postgres(scratch.url()).unwrap();
    execute(
        &database,
        "CREATE TABLE t (id BIGINT PRIMARY KEY);
         CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION hang_up()",
    );
    let runs = AtomicU32::new(0);
    let answer = database.write::<_, SqlError>(|tx| {
        runs.fetch_add(1, Ordering::SeqCst);
        tx.execute("INSERT INTO t (id) VALUES (1)", &[])
    });
    assert!(matches!(answer, Err(SqlError::Unknown(_))), "{answer:?}");
    assert_eq!(runs.into_inner(), 1, "not run again");
    assert_eq!(integer(&database, "SELECT count(*) FROM t"), 0, "and the pool goes on");
}

#[test]
fn locks_and_the_pool_have_a_longest_wait_on_postgres() {
    let Some(scratch) = postgres_url().map(|url| Scratch::postgres(&url)) else { return };
    let settings =
        Settings { connections_max: 1, wait_ms_max: 100, lock_ms_max: 100, statement_ms_max: 5_000 };
    let database = Database::postgres_with(scratch.url(), &settings).unwrap();
    execute(&database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
    let mut admin = client(scratch.url());
    let mut holding = admin.transaction().unwrap();
    holding.batch_execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE").unwrap();
    let locked = database.write(|tx| tx.execute("INSERT INTO t (id) VALUES (1)", &[]));
    assert!(matches!(locked, Err(SqlError::Locked(_))), "{locked:?}");
    holding.rollback().unwrap();
    let waiting = database.read::<_, SqlError>(|_| {
        thread::scope(|scope| {
            scope.spawn(|| database.read(|tx| tx.query("SELECT 1", &[]).map(drop))).join().unwrap()
        })
    });
    let message = waiting.unwrap_err().to_string();
    assert!(message.contains("all 1 connections were in use for 100 ms"), "{message}");
    assert_eq!(integer(&database, "SELECT count(*) FROM t"), 0);
}
