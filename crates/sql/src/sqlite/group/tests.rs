//! Groups made on purpose: a member does not end before the next one is waiting.

use std::thread;

use super::*;
use crate::value::Value;

fn writer(schema: &str) -> Writer {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(schema).unwrap();
    Writer::new(connection, Duration::from_millis(100))
}

fn insert(tx: &mut Tx<'_>, id: i64) -> Result<u64, SqlError> {
    tx.execute("INSERT INTO t (id) VALUES ($1)", &[Value::Int(id)])
}

fn count(writer: &Writer) -> i64 {
    writer.run::<_, SqlError>(Mode::Read, |tx| tx.query_one("SELECT count(*) FROM t", &[])?.int(0)).unwrap()
}

fn until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::sleep(Duration::from_micros(50));
    }
}

/// Runs `first` and `second` as the two members of one group and answers their outcomes. While the second one
/// runs, the first has no answer yet.
fn grouped(
    writer: &Writer,
    first: impl FnOnce(&mut Tx<'_>) -> Result<u64, SqlError> + Send,
    second: impl FnOnce(&mut Tx<'_>) -> Result<u64, SqlError> + Send,
) -> [Result<u64, SqlError>; 2] {
    let started = AtomicUsize::new(0);
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        let one = scope.spawn(|| {
            let answer = writer.run(Mode::Write, |tx| {
                started.fetch_add(1, Ordering::SeqCst);
                until(|| writer.waiting.load(Ordering::SeqCst) == 1);
                first(tx)
            });
            answered.fetch_add(1, Ordering::SeqCst);
            answer
        });
        until(|| started.load(Ordering::SeqCst) == 1);
        let two = writer.run(Mode::Write, |tx| {
            thread::sleep(Duration::from_millis(5));
            assert_eq!(answered.load(Ordering::SeqCst), 0, "an answer before the COMMIT");
            second(tx)
        });
        [one.join().unwrap(), two]
    })
}

#[test]
fn members_share_one_commit_and_keep_their_own_answers() {
    let writer = writer("CREATE TABLE t (id BIGINT PRIMARY KEY)");
    assert_eq!(grouped(&writer, |tx| insert(tx, 1), |tx| insert(tx, 2)), [Ok(1), Ok(1)]);
    let no = || SqlError::Statement("no".to_owned());
    let refused = |tx: &mut Tx<'_>| insert(tx, 3).and(Err(no()));
    assert_eq!(grouped(&writer, refused, |tx| insert(tx, 4)), [Err(no()), Ok(1)]);
    assert_eq!(grouped(&writer, |tx| insert(tx, 5), refused), [Ok(1), Err(no())]);
    let twice = SqlError::Unique { what: "t.id".to_owned() };
    assert_eq!(grouped(&writer, |tx| insert(tx, 6), |tx| insert(tx, 6)), [Ok(1), Err(twice)]);
    assert_eq!(count(&writer), 5);
}

/// A deferred foreign key is checked by COMMIT alone, so there it fails.
#[test]
fn failed_commit_is_everybodys_error() {
    let writer = writer(
        "PRAGMA foreign_keys = ON; CREATE TABLE t (id BIGINT PRIMARY KEY);
         CREATE TABLE child (t BIGINT REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)",
    );
    let orphan = |tx: &mut Tx<'_>| tx.execute("INSERT INTO child (t) VALUES (9)", &[]);
    let [one, two] = grouped(&writer, |tx| insert(tx, 1), orphan);
    assert!(matches!(one, Err(SqlError::Constraint(_))), "{one:?}");
    assert_eq!(one, two);
    assert_eq!(count(&writer), 0);
    assert_eq!(writer.run(Mode::Write, |tx| insert(tx, 2)), Ok(1), "the next group is a new one");
}

/// `ROLLBACK` stands for what a full disk or a broken one makes SQLite do by itself.
#[test]
fn lost_transaction_is_everybodys_error() {
    let writer = writer("CREATE TABLE t (id BIGINT PRIMARY KEY)");
    let [one, two] = grouped(
        &writer,
        |tx| insert(tx, 1),
        |tx| {
            tx.execute_batch("ROLLBACK")?;
            Ok(0)
        },
    );
    assert!(matches!(one, Err(SqlError::Statement(_))), "{one:?}");
    assert_eq!(one, two);
    assert_eq!(count(&writer), 0);
    assert_eq!(writer.run(Mode::Write, |tx| insert(tx, 2)), Ok(1));
}

#[test]
fn panic_in_a_group_leaves_the_others_alone() {
    let writer = writer("CREATE TABLE t (id BIGINT PRIMARY KEY)");
    let panics = |tx: &mut Tx<'_>| {
        insert(tx, 1)?;
        panic!("expected panic of a test")
    };
    let caught = thread::scope(|scope| {
        let group = scope.spawn(|| grouped(&writer, |tx| insert(tx, 2), panics));
        group.join().is_err()
    });
    assert!(caught);
    assert_eq!(count(&writer), 1, "the row of the first, not that of the panicking second");
    assert_eq!(writer.run(Mode::Write, |tx| insert(tx, 3)), Ok(1));
}
