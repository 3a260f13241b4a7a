//! The change log: every change of an account's access state, in order.
//!
//! A revision has one row for each [`PART_CHANGES_MAX`] of its changes, at least one; `body` is a JSON array.

use super::{accounts, count, counted, no};
use crate::error::StoreError;
use crate::queue::Queue;
use access::{AccountId, Change, Instant, Revision};
use sql::Tx;

/// Most changes of one row.
pub(crate) const PART_CHANGES_MAX: usize = 1_000;

pub(crate) const CREATE: &str = "CREATE TABLE change_log (
    account_id BIGINT NOT NULL, revision BIGINT NOT NULL, part_no BIGINT NOT NULL, body TEXT NOT NULL,
    committed_at BIGINT NOT NULL, PRIMARY KEY (account_id, revision, part_no))";

/// Columns of the rows that [`append`] makes.
pub(crate) const COLUMNS: &[&str] = &["account_id", "revision", "part_no", "body", "committed_at"];

const SINCE: &str = "SELECT revision, part_no, body FROM change_log
    WHERE account_id = $1 AND revision > $2 ORDER BY revision, part_no";
const REVISIONS: &str = "SELECT revision FROM change_log
    WHERE account_id = $1 AND part_no = 0 ORDER BY revision";

pub(crate) const STATEMENTS: &[&str] = &[SINCE, REVISIONS];

pub(crate) fn append(
    tx: &mut Tx<'_>,
    log: &mut Queue,
    account: AccountId,
    revision: Revision,
    changes: &[Change],
    at: Instant,
) -> Result<(), StoreError> {
    // A changeset without changes leaves its revision in the log too, so that a gap is always a loss.
    let empty: [&[Change]; 1] = [&[]];
    let parts = changes.chunks(PART_CHANGES_MAX).chain(empty.into_iter().filter(|_| changes.is_empty()));
    for (part, changes) in (0i64..).zip(parts) {
        let body = serde_json::to_string(changes).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        log.push(tx, vec![no(account), count(revision.0), part.into(), body.into(), at.0.into()])?;
    }
    Ok(())
}

/// The changes after that revision up to the head.
pub(crate) fn since(
    tx: &mut Tx<'_>,
    account: AccountId,
    after: Revision,
) -> Result<Vec<(Revision, Vec<Change>)>, StoreError> {
    let head = accounts::head(tx, account)?.ok_or(StoreError::UnknownAccount(account))?.head.revision;
    let mut log = Log { account, next: after.next(), part: 0, changes: Vec::new() };
    tx.for_each(SINCE, &[no(account), count(after.0)], |row| {
        log.take(Revision(counted(row, 0)?), row.int(1)?, row.text(2)?)
    })?;
    if log.next != head.next() && after < head {
        return Err(log.missing());
    }
    Ok(log.changes)
}

struct Log {
    account: AccountId,
    /// The revision that comes next, and the part of the last one.
    next: Revision,
    part: i64,
    changes: Vec<(Revision, Vec<Change>)>,
}

impl Log {
    fn missing(&self) -> StoreError {
        StoreError::Corrupt(format!("the change log of {} has no revision {}", self.account, self.next))
    }

    fn take(&mut self, revision: Revision, part: i64, body: &str) -> Result<(), StoreError> {
        let changes: Vec<Change> = serde_json::from_str(body).map_err(|error| {
            StoreError::Corrupt(format!("revision {revision} of the change log of {}: {error}", self.account))
        })?;
        match self.changes.last_mut() {
            Some((last, all)) if *last == revision && part == self.part + 1 => all.extend(changes),
            _ if revision == self.next && part == 0 => {
                self.changes.push((revision, changes));
                self.next = revision.next();
            }
            _ => return Err(self.missing()),
        }
        self.part = part;
        Ok(())
    }
}

/// The first revision up to the head that the log does not have, or has beyond it.
pub(crate) fn gap(
    tx: &mut Tx<'_>,
    account: AccountId,
    head: Revision,
) -> Result<Option<Revision>, StoreError> {
    let (mut next, mut gap) = (Revision(1), None);
    tx.for_each(REVISIONS, &[no(account)], |row| {
        let revision = Revision(counted(row, 0)?);
        if revision != next && gap.is_none() {
            gap = Some(next);
        }
        next = revision.next();
        Ok::<_, StoreError>(())
    })?;
    Ok(gap.or((next != head.next()).then_some(next.min(head.next()))))
}
