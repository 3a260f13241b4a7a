//! The ends of audit chains other than that of access changes, whose end is in the head of the account.

use super::{count, counted, maybe, no, one};
use crate::error::StoreError;
use access::AccountId;
use sql::Tx;

pub(crate) const CREATE: &str = "CREATE TABLE audit_chain (
    account_id BIGINT NOT NULL, chain_name TEXT NOT NULL, entry_count BIGINT NOT NULL, head_hash TEXT NOT NULL,
    PRIMARY KEY (account_id, chain_name))";

const FIND: &str = "SELECT entry_count, head_hash FROM audit_chain WHERE account_id = $1 AND chain_name = $2";
const NAMES: &str = "SELECT chain_name FROM audit_chain WHERE account_id = $1 ORDER BY chain_name";
const PUT: &str = "INSERT INTO audit_chain (account_id, chain_name, entry_count, head_hash)
    VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, chain_name) DO UPDATE
    SET entry_count = excluded.entry_count, head_hash = excluded.head_hash";

pub(crate) const STATEMENTS: &[&str] = &[FIND, NAMES, PUT];

/// How many entries a chain has, and the hash of the last; none for one that has not begun.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    account: AccountId,
    chain: &str,
) -> Result<Option<(u64, String)>, StoreError> {
    maybe(tx, FIND, &[no(account), chain.into()], |row| Ok((counted(row, 0)?, row.text(1)?.to_owned())))
}

pub(crate) fn names(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<String>, StoreError> {
    tx.query(NAMES, &[no(account)])?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

pub(crate) fn put(
    tx: &mut Tx<'_>,
    account: AccountId,
    chain: &str,
    entries: u64,
    head: &str,
) -> Result<(), StoreError> {
    one(tx, PUT, &[no(account), chain.into(), count(entries), head.into()])
}
