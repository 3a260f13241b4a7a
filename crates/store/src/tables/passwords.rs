//! The hashes of passwords, in a table of their own that nothing but [`find`] reads.

use super::{maybe, no, one};
use crate::commit::PasswordRow;
use crate::error::StoreError;
use access::{AccountId, Instant, UserId};
use sql::Tx;

pub(crate) const CREATE: &str = "CREATE TABLE user_password (
    account_id BIGINT NOT NULL, user_no BIGINT NOT NULL, password_hash TEXT NOT NULL,
    must_change BOOLEAN NOT NULL, set_at BIGINT NOT NULL, PRIMARY KEY (account_id, user_no))";

const FIND: &str = "SELECT password_hash, must_change, set_at
    FROM user_password WHERE account_id = $1 AND user_no = $2";
const PUT: &str = "INSERT INTO user_password (account_id, user_no, password_hash, must_change, set_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, user_no) DO UPDATE
    SET password_hash = excluded.password_hash, must_change = excluded.must_change, set_at = excluded.set_at";
const DELETE: &str = "DELETE FROM user_password WHERE account_id = $1 AND user_no = $2";

const REHASH: &str = "UPDATE user_password SET password_hash = $4
    WHERE account_id = $1 AND user_no = $2 AND password_hash = $3";

pub(crate) const STATEMENTS: &[&str] = &[FIND, PUT, DELETE, REHASH];

pub(crate) fn find(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
) -> Result<Option<PasswordRow>, StoreError> {
    maybe(tx, FIND, &[no(account), no(user)], |row| {
        let (hash, must_change) = (row.text(0)?.to_owned(), row.bool(1)?);
        Ok(PasswordRow { hash, must_change, set_at: Instant(row.int(2)?) })
    })
}

/// Gives a user this password: its hash, and whether it must be changed.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
    (hash, must_change): (&str, bool),
    at: Instant,
) -> Result<(), StoreError> {
    one(tx, PUT, &[no(account), no(user), hash.into(), must_change.into(), at.0.into()])
}

/// Puts a stronger hash in the place of this one; nothing when it is another by now.
pub(crate) fn rehash(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
    old: &str,
    new: &str,
) -> Result<(), StoreError> {
    tx.execute(REHASH, &[no(account), no(user), old.into(), new.into()])?;
    Ok(())
}

/// Takes the password of a user, if they have one.
pub(crate) fn delete(tx: &mut Tx<'_>, account: AccountId, user: UserId) -> Result<(), StoreError> {
    tx.execute(DELETE, &[no(account), no(user)])?;
    Ok(())
}
