//! Entries of the audit chain.

use super::{count, counted, no};
use crate::audit::{AuditEntry, AuditQuery, Sealed};
use crate::error::StoreError;
use access::{AccountId, Application, Instant, Revision};
use sql::{RowRef, SqlError, Tx, Value};

pub(crate) const CREATE: &str = "CREATE TABLE audit_entry (
    account_id BIGINT NOT NULL, chain_name TEXT NOT NULL, entry_no BIGINT NOT NULL, made_at BIGINT NOT NULL,
    actor TEXT NOT NULL, application TEXT, address TEXT NOT NULL, action_name TEXT NOT NULL,
    target TEXT NOT NULL, before_facts TEXT NOT NULL, after_facts TEXT NOT NULL, revision BIGINT NOT NULL,
    previous_hash TEXT NOT NULL, entry_hash TEXT NOT NULL, PRIMARY KEY (account_id, chain_name, entry_no))";

/// Columns of [`row`].
pub(crate) const COLUMNS: &[&str] = &[
    "account_id",
    "chain_name",
    "entry_no",
    "made_at",
    "actor",
    "application",
    "address",
    "action_name",
    "target",
    "before_facts",
    "after_facts",
    "revision",
    "previous_hash",
    "entry_hash",
];

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT entry_no, made_at, actor, application, address, action_name, target, before_facts, ",
            "after_facts, revision, previous_hash, entry_hash ",
            "FROM audit_entry WHERE account_id = $1 AND chain_name = $2 ",
            $rest
        )
    };
}

const ALL: &str = select!("ORDER BY entry_no");
const FORWARD: &str = select!("AND entry_no > $3 ORDER BY entry_no LIMIT $4");
const BACKWARD: &str = select!("AND entry_no < $3 ORDER BY entry_no DESC LIMIT $4");

/// The next name behind one: a step along the key, however many entries there are.
const NEXT_CHAIN: &str = "SELECT min(chain_name) FROM audit_entry WHERE account_id = $1 AND chain_name > $2";

pub(crate) const STATEMENTS: &[&str] = &[ALL, FORWARD, BACKWARD, NEXT_CHAIN];

pub(crate) fn row(entry: &Sealed<'_>, hash: &str) -> Vec<Value> {
    vec![
        no(entry.account),
        entry.chain.into(),
        count(entry.number),
        entry.at.into(),
        entry.actor.into(),
        entry.application.into(),
        entry.address.into(),
        entry.action.into(),
        entry.target.into(),
        entry.before.into(),
        entry.after.into(),
        count(entry.revision),
        entry.previous_hash.into(),
        hash.into(),
    ]
}

/// The row as its hash was made of it, and that hash.
pub(crate) fn sealed<'r>(
    account: AccountId,
    chain: &'r str,
    row: &RowRef<'r>,
) -> Result<(Sealed<'r>, &'r str), StoreError> {
    let sealed = Sealed {
        account,
        chain,
        number: counted(row, 0)?,
        at: row.int(1)?,
        actor: row.text(2)?,
        application: row.opt_text(3)?,
        address: row.text(4)?,
        action: row.text(5)?,
        target: row.text(6)?,
        before: row.text(7)?,
        after: row.text(8)?,
        revision: counted(row, 9)?,
        previous_hash: row.text(10)?,
    };
    Ok((sealed, row.text(11)?))
}

pub(crate) fn read(row: &RowRef<'_>) -> Result<AuditEntry, StoreError> {
    let number = counted(row, 0)?;
    let facts = |column| {
        let read = serde_json::from_str(row.text(column)?);
        read.map_err(|error| StoreError::Corrupt(format!("facts of audit entry {number}: {error}")))
    };
    let application = row.opt_text(3)?.map(Application::parse).transpose().map_err(StoreError::Corrupt)?;
    Ok(AuditEntry {
        number,
        at: Instant(row.int(1)?),
        actor: row.text(2)?.to_owned(),
        application,
        address: row.text(4)?.to_owned(),
        action: row.text(5)?.to_owned(),
        target: row.text(6)?.to_owned(),
        before: facts(7)?,
        after: facts(8)?,
        revision: Revision(counted(row, 9)?),
        previous_hash: row.text(10)?.to_owned(),
        hash: row.text(11)?.to_owned(),
    })
}

/// Every entry of a chain, oldest first.
pub(crate) fn all<E: From<SqlError>>(
    tx: &mut Tx<'_>,
    account: AccountId,
    chain: &str,
    each: impl FnMut(&RowRef<'_>) -> Result<(), E>,
) -> Result<(), E> {
    tx.for_each(ALL, &[no(account), chain.into()], each)
}

/// The names of the chains that have entries, in the order of the database.
pub(crate) fn chains(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = Vec::new();
    loop {
        let last = names.last().map_or("", String::as_str);
        let row = tx.query_one(NEXT_CHAIN, &[no(account), last.into()])?;
        match row.opt_text(0)? {
            None => return Ok(names),
            Some(next) => names.push(next.to_owned()),
        }
    }
}

pub(crate) fn page(
    tx: &mut Tx<'_>,
    account: AccountId,
    query: &AuditQuery,
    each: impl FnMut(&RowRef<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (sql, from) = if query.newest_first { (BACKWARD, u64::MAX) } else { (FORWARD, 0) };
    let (after, limit) = (count(query.after.unwrap_or(from)), count(query.limit as u64));
    tx.for_each(sql, &[no(account), query.chain.as_str().into(), after, limit], each)
}
