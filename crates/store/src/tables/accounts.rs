//! Accounts, and where each stands.

use super::{count, counted, id, maybe, name, no, one};
use crate::error::StoreError;
use crate::store::Head;
use access::snapshot::{Account, Counters, Snapshot};
use access::{AccountId, Label, Ref, Revision};
use sql::{RowRef, Tx, Value};

pub(crate) const CREATE: &str = "CREATE TABLE account (
    account_id BIGINT NOT NULL PRIMARY KEY, account_ref TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL)";
pub(crate) const CREATE_HEAD: &str = "CREATE TABLE account_head (
    account_id BIGINT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL, audit_count BIGINT NOT NULL,
    audit_hash TEXT NOT NULL, grants_made BIGINT NOT NULL, custom_roles_made BIGINT NOT NULL)";

const ALL: &str = "SELECT account_id, account_ref, display_name FROM account ORDER BY account_id";
const FIND: &str = "SELECT account_id, account_ref, display_name FROM account WHERE account_id = $1";
const FIND_REF: &str = "SELECT account_id FROM account WHERE account_ref = $1";
const LAST: &str = "SELECT account_id FROM account ORDER BY account_id DESC LIMIT 1";
const INSERT: &str = "INSERT INTO account (account_id, account_ref, display_name) VALUES ($1, $2, $3)";
const RENAME: &str = "UPDATE account SET display_name = $2 WHERE account_id = $1";
const HEAD: &str = "SELECT revision, audit_count, audit_hash, grants_made, custom_roles_made
    FROM account_head WHERE account_id = $1";
const HEADS: &str = "SELECT account_id, revision FROM account_head ORDER BY account_id";
const INSERT_HEAD: &str = "INSERT INTO account_head
    (account_id, revision, audit_count, audit_hash, grants_made, custom_roles_made)
    VALUES ($1, $2, $3, $4, $5, $6)";
const MOVE_REVISION: &str = "UPDATE account_head SET revision = $3 WHERE account_id = $1 AND revision = $2";
const UPDATE_HEAD: &str = "UPDATE account_head
    SET revision = $2, audit_count = $3, audit_hash = $4, grants_made = $5, custom_roles_made = $6
    WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] =
    &[ALL, FIND, FIND_REF, LAST, INSERT, RENAME, HEAD, HEADS, INSERT_HEAD, MOVE_REVISION, UPDATE_HEAD];

/// The head of an account with its counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeadRow {
    pub(crate) head: Head,
    pub(crate) counters: Counters,
}

impl HeadRow {
    pub(crate) fn new(head: Head, state: &Snapshot) -> Self {
        Self { head, counters: state.counters() }
    }

    fn values(&self, account: AccountId) -> Vec<Value> {
        vec![
            no(account),
            count(self.head.revision.0),
            count(self.head.audit_count),
            self.head.audit_hash.as_str().into(),
            self.counters.grants.into(),
            self.counters.custom_roles.into(),
        ]
    }
}

fn read(row: &RowRef<'_>) -> Result<Account, StoreError> {
    Ok(Account { id: id(row, 0)?, r#ref: name(row, 1, Ref::parse)?, name: name(row, 2, Label::parse)? })
}

pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<Account>, StoreError> {
    tx.query(ALL, &[])?.iter().map(|row| read(&row.as_ref())).collect()
}

pub(crate) fn find(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Account>, StoreError> {
    maybe(tx, FIND, &[no(account)], read)
}

/// Whether an account has that ref.
pub(crate) fn has_ref(tx: &mut Tx<'_>, key: &Ref) -> Result<bool, StoreError> {
    Ok(tx.query_opt(FIND_REF, &[key.as_str().into()])?.is_some())
}

/// The highest number of an account, 0 without accounts.
pub(crate) fn last(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(maybe(tx, LAST, &[], |row| Ok(row.int(0)?))?.unwrap_or(0))
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    key: &Ref,
    label: &Label,
) -> Result<(), StoreError> {
    one(tx, INSERT, &[no(account), key.as_str().into(), label.as_str().into()])
}

pub(crate) fn rename(tx: &mut Tx<'_>, account: AccountId, label: &Label) -> Result<(), StoreError> {
    one(tx, RENAME, &[no(account), label.as_str().into()])
}

pub(crate) fn head(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<HeadRow>, StoreError> {
    maybe(tx, HEAD, &[no(account)], |row| {
        let head = Head {
            revision: Revision(counted(row, 0)?),
            audit_count: counted(row, 1)?,
            audit_hash: row.text(2)?.to_owned(),
        };
        Ok(HeadRow { head, counters: Counters { grants: counted(row, 3)?, custom_roles: counted(row, 4)? } })
    })
}

pub(crate) fn heads(tx: &mut Tx<'_>) -> Result<Vec<(AccountId, Revision)>, StoreError> {
    let rows = tx.query(HEADS, &[])?;
    rows.iter().map(|row| Ok((id(&row.as_ref(), 0)?, Revision(counted(&row.as_ref(), 1)?)))).collect()
}

pub(crate) fn insert_head(tx: &mut Tx<'_>, account: AccountId, row: &HeadRow) -> Result<(), StoreError> {
    one(tx, INSERT_HEAD, &row.values(account))
}

/// Moves the revision from `base` to `to`; false when it is no longer there.
pub(crate) fn move_revision(
    tx: &mut Tx<'_>,
    account: AccountId,
    base: Revision,
    to: Revision,
) -> Result<bool, StoreError> {
    Ok(tx.execute(MOVE_REVISION, &[no(account), count(base.0), count(to.0)])? == 1)
}

/// The rest of the head, by whoever moved its revision.
pub(crate) fn update_head(tx: &mut Tx<'_>, account: AccountId, row: &HeadRow) -> Result<(), StoreError> {
    one(tx, UPDATE_HEAD, &row.values(account))
}
