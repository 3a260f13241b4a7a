//! The state of an account from its rows.
//!
//! A big account is read in two transactions side by side, its grants in one and everything else in the other.
//! Neither waits for the other, so they may as well run one after the other (a database in memory has one
//! connection); both read the head, and only a pair of one revision is a state.

use crate::error::StoreError;
use crate::store::Store;
use crate::tables::{accounts, entrances, grants, places, roles, users};
use access::snapshot::{Builder, GrantRows, Snapshot};
use access::{AccountId, Revision};
use sql::Tx;

/// Grants from which on it pays to read them on a thread of their own.
const TOGETHER_MAX: u32 = 50_000;

/// How often a commit may come between the two readers before one reads alone.
const ATTEMPTS_MAX: u32 = 3;

pub(crate) fn load(store: &Store, account: AccountId) -> Result<Snapshot, StoreError> {
    let found = store.database().read(|tx| accounts::head(tx, account))?;
    let made = found.ok_or(StoreError::UnknownAccount(account))?.counters.grants;
    if made > TOGETHER_MAX {
        for _ in 0..ATTEMPTS_MAX {
            if let Some(snapshot) = load_apart(store, account)? {
                return Ok(snapshot);
            }
        }
    }
    let (builder, grants) = store.database().read(|tx| {
        let (builder, _) = read_all_but_grants(tx, store, account)?;
        Ok::<_, StoreError>((builder, read_grants(tx, store, account)?.0))
    })?;
    finish(builder, grants)
}

/// None when somebody committed between the two transactions.
pub(crate) fn load_apart(store: &Store, account: AccountId) -> Result<Option<Snapshot>, StoreError> {
    let (all_but_grants, grants) = std::thread::scope(|scope| {
        let grants = scope.spawn(|| store.database().read(|tx| read_grants(tx, store, account)));
        let rest = store.database().read(|tx| read_all_but_grants(tx, store, account));
        (rest, grants.join())
    });
    let grants = grants.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let ((builder, revision), (grants, revision_of_grants)) = (all_but_grants?, grants?);
    if revision == revision_of_grants { finish(builder, grants).map(Some) } else { Ok(None) }
}

fn finish(mut builder: Builder, grants: GrantRows) -> Result<Snapshot, StoreError> {
    builder.grants(grants)?;
    Ok(builder.finish())
}

fn read_grants(
    tx: &mut Tx<'_>,
    store: &Store,
    account: AccountId,
) -> Result<(GrantRows, Revision), StoreError> {
    let head = accounts::head(tx, account)?.ok_or(StoreError::UnknownAccount(account))?;
    let mut rows = GrantRows::new(store.contract());
    grants::load(tx, account, &mut rows)?;
    Ok((rows, head.head.revision))
}

fn read_all_but_grants(
    tx: &mut Tx<'_>,
    store: &Store,
    account: AccountId,
) -> Result<(Builder, Revision), StoreError> {
    let unknown = StoreError::UnknownAccount(account);
    let head = accounts::head(tx, account)?.ok_or_else(|| unknown.clone())?;
    let row = accounts::find(tx, account)?.ok_or(unknown)?;
    let revision = head.head.revision;
    let mut builder = Builder::new(store.contract().clone(), row, revision, head.counters);
    roles::load(tx, account, &mut builder)?;
    places::load(tx, account, &mut builder)?;
    users::load(tx, account, &mut builder)?;
    entrances::load(tx, account, &mut builder)?;
    Ok((builder, revision))
}
