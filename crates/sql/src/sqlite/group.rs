//! Group commit: many writers, one connection, one `COMMIT` for all who came meanwhile.
//!
//! The connection is handed from writer to writer. Each runs its own closure on its own thread under its own
//! savepoint inside one `BEGIN IMMEDIATE`; whoever finds nobody waiting behind it (or the group full) commits
//! for the whole group. While it does, the next group gathers at the lock.
//!
//! **Invariant:** nobody learns an outcome, good or bad, before the group's COMMIT has been decided: what a
//! refused member saw may have been another member's uncommitted row.
//! **Invariant:** a group is open while the lock is free only if somebody is waiting, who will end it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::fault::fault;
use crate::error::{Fault, SqlError};
use crate::limits::{GROUP_MAX, GROUP_MS_MAX};
use crate::tx::{Driver, Mode, Tx};

/// The one connection that writes.
pub(crate) struct Writer {
    turn: Mutex<Turn>,
    /// Threads on their way to the lock.
    waiting: AtomicUsize,
    /// How often the database could not be locked: those who waited meanwhile do not wait again.
    refusals: AtomicU64,
    lock_wait: Duration,
}

struct Turn {
    connection: Connection,
    group: Option<Open>,
    last_refusal: Option<SqlError>,
}

/// The transaction that is being gathered.
struct Open {
    group: Arc<Group>,
    members: u32,
    since: Instant,
}

#[derive(Default)]
struct Group {
    outcome: Mutex<Option<Result<(), SqlError>>>,
    decided: Condvar,
}

impl Writer {
    pub(crate) fn new(connection: Connection, lock_wait: Duration) -> Self {
        Self {
            turn: Mutex::new(Turn { connection, group: None, last_refusal: None }),
            waiting: AtomicUsize::new(0),
            refusals: AtomicU64::new(0),
            lock_wait,
        }
    }

    /// Runs `body` as a member of a group; its answer is given once the group is on disk.
    pub(crate) fn run<T, E: From<SqlError>>(
        &self,
        mode: Mode,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let refusals_seen = self.refusals.load(Ordering::SeqCst);
        let mut turn = self.take_turn();
        let group = self.join(&mut turn, refusals_seen)?;
        let ran = catch_unwind(AssertUnwindSafe(|| member(&turn.connection, mode, body)));
        let ran = ran.map_err(|panic| (rollback_member(&turn.connection), panic));
        let lost = match &ran {
            Ok(Member { lost, .. }) => lost.clone(),
            Err((rolled_back, _)) => rolled_back.clone().err(),
        };
        let outcome = match self.finish(&mut turn, lost) {
            Some(outcome) => {
                group.decide(outcome.clone());
                drop(turn);
                outcome
            }
            None => {
                drop(turn);
                group.wait()
            }
        };
        match ran {
            Err((_, panic)) => resume_unwind(panic),
            Ok(Member { answer, .. }) => outcome.map_err(E::from).and(answer),
        }
    }

    fn take_turn(&self) -> MutexGuard<'_, Turn> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        turn
    }

    /// Opens a group unless one is open. Who was waiting while another failed to lock the database fails too:
    /// a queue of writers waits once, not once each.
    fn join(&self, turn: &mut Turn, refusals_seen: u64) -> Result<Arc<Group>, SqlError> {
        if let Some(open) = &mut turn.group {
            open.members += 1;
            return Ok(Arc::clone(&open.group));
        }
        if let Some(refusal) = &turn.last_refusal
            && self.refusals.load(Ordering::SeqCst) != refusals_seen
        {
            return Err(refusal.clone());
        }
        let since = now();
        if let Err(refusal) = begin(&turn.connection, since, self.lock_wait) {
            turn.last_refusal = Some(refusal.clone());
            self.refusals.fetch_add(1, Ordering::SeqCst);
            return Err(refusal);
        }
        let group = Arc::new(Group::default());
        turn.group = Some(Open { group: Arc::clone(&group), members: 1, since });
        Ok(group)
    }

    /// Ends the group if it is lost, full, old or nobody else is coming; `None` leaves it to the next member.
    fn finish(&self, turn: &mut Turn, lost: Option<SqlError>) -> Option<Result<(), SqlError>> {
        let open = turn.group.as_ref()?;
        let go_on = lost.is_none()
            && self.waiting.load(Ordering::SeqCst) > 0
            && open.members < GROUP_MAX
            && now().duration_since(open.since) < Duration::from_millis(GROUP_MS_MAX);
        if go_on {
            return None;
        }
        turn.group = None;
        Some(match lost {
            Some(error) => {
                rollback(&turn.connection);
                Err(error)
            }
            None => commit(&turn.connection),
        })
    }
}

/// How one closure ended, before the group is committed.
struct Member<T, E> {
    answer: Result<T, E>,
    /// Set when the whole transaction is gone, not only this member's part.
    lost: Option<SqlError>,
}

fn member<T, E: From<SqlError>>(
    connection: &Connection,
    mode: Mode,
    body: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Member<T, E> {
    if let Err(error) = step(connection, "SAVEPOINT member") {
        return Member { answer: Err(E::from(error.clone())), lost: Some(error) };
    }
    let mut tx = Tx::new(Driver::Sqlite(connection), mode);
    let answer = body(&mut tx);
    let (_, failed) = tx.into_parts();
    let failed = failed.map(|fault| fault.error);
    if connection.is_autocommit() {
        // A full disk or an I/O error makes SQLite roll back everything, the other members included.
        let ended = || SqlError::Statement("the closure ended the transaction itself".to_owned());
        let error = failed.unwrap_or_else(ended);
        return Member { answer, lost: Some(error) };
    }
    let answer = match failed {
        Some(error) => answer.and(Err(E::from(error))),
        None => answer,
    };
    let ended = if answer.is_ok() { step(connection, "RELEASE member") } else { rollback_member(connection) };
    Member { answer, lost: ended.err() }
}

fn rollback_member(connection: &Connection) -> Result<(), SqlError> {
    step(connection, "ROLLBACK TO member")?;
    step(connection, "RELEASE member")
}

/// Begins, waiting for other processes. The busy handler waits inside the call; the loop covers the refusals
/// that SQLite gives without asking it.
fn begin(connection: &Connection, since: Instant, wait: Duration) -> Result<(), SqlError> {
    loop {
        match try_step(connection, "BEGIN IMMEDIATE") {
            Ok(()) => return Ok(()),
            Err(fault) if fault.retry && now().duration_since(since) < wait => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(fault) => return Err(fault.error),
        }
    }
}

fn commit(connection: &Connection) -> Result<(), SqlError> {
    let committed = step(connection, "COMMIT");
    if committed.is_err() {
        rollback(connection);
    }
    committed
}

fn rollback(connection: &Connection) {
    if !connection.is_autocommit() {
        // If even this fails, the next BEGIN reports the state of the connection.
        let _ = step(connection, "ROLLBACK");
    }
}

fn step(connection: &Connection, sql: &str) -> Result<(), SqlError> {
    try_step(connection, sql).map_err(|fault| fault.error)
}

fn try_step(connection: &Connection, sql: &str) -> Result<(), Fault> {
    let run = || connection.prepare_cached(sql)?.raw_execute();
    run().map(|_| ()).map_err(|error| fault(&error, sql))
}

#[expect(clippy::disallowed_methods, reason = "bounds a wait; no stored or decided value depends on it")]
fn now() -> Instant {
    Instant::now()
}

impl Group {
    fn decide(&self, outcome: Result<(), SqlError>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        self.decided.notify_all();
    }

    fn wait(&self) -> Result<(), SqlError> {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(outcome) = &*outcome {
                return outcome.clone();
            }
            outcome = self.decided.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests;
