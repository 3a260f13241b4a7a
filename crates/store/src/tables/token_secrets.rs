//! The fingerprints of secrets that open tokens: how a token names its account.

use super::{id, maybe, no, one, token_id};
use crate::error::StoreError;
use crate::tokens::{SecretRow, TokenRow};
use access::{AccountId, Instant, TokenId, UserId};
use sql::Tx;

pub(crate) const CREATE: &str = "CREATE TABLE token_secret (
    fingerprint TEXT NOT NULL PRIMARY KEY, account_id BIGINT NOT NULL, token_no BIGINT NOT NULL,
    user_no BIGINT NOT NULL, is_refresh BOOLEAN NOT NULL, spent BOOLEAN NOT NULL, expires_at BIGINT NOT NULL)";
pub(crate) const CREATE_BY_TOKEN: &str =
    "CREATE INDEX token_secret_by_user ON token_secret (account_id, user_no, token_no)";
pub(crate) const CREATE_BY_EXPIRY: &str = "CREATE INDEX token_secret_by_expiry ON token_secret (expires_at)";

const FIND: &str = "SELECT account_id, token_no, fingerprint, is_refresh, expires_at, spent
    FROM token_secret WHERE fingerprint = $1";
const INSERT: &str = "INSERT INTO token_secret
    (fingerprint, account_id, token_no, user_no, is_refresh, spent, expires_at)
    VALUES ($1, $2, $3, $4, $5, FALSE, $6)";
const SPEND: &str = "UPDATE token_secret SET spent = TRUE WHERE fingerprint = $1";
const DELETE_ACCESS: &str = "DELETE FROM token_secret WHERE account_id = $1 AND user_no = $2 AND token_no = $3 AND is_refresh = FALSE";
const DELETE_OF_TOKEN: &str =
    "DELETE FROM token_secret WHERE account_id = $1 AND user_no = $2 AND token_no = $3";
const DELETE_OF_USER: &str = "DELETE FROM token_secret WHERE account_id = $1 AND user_no = $2";
const SWEEP: &str = "DELETE FROM token_secret WHERE fingerprint IN
    (SELECT fingerprint FROM token_secret WHERE expires_at < $1 LIMIT 1000)";

pub(crate) const STATEMENTS: &[&str] =
    &[FIND, INSERT, SPEND, DELETE_ACCESS, DELETE_OF_TOKEN, DELETE_OF_USER, SWEEP];

pub(crate) fn find(
    tx: &mut Tx<'_>,
    fingerprint: &str,
) -> Result<Option<(AccountId, TokenId, SecretRow, bool)>, StoreError> {
    maybe(tx, FIND, &[fingerprint.into()], |row| {
        let secret = SecretRow {
            fingerprint: row.text(2)?.to_owned(),
            is_refresh: row.bool(3)?,
            expires_at: Instant(row.int(4)?),
        };
        Ok((id(row, 0)?, token_id(row, 1)?, secret, row.bool(5)?))
    })
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    token: &TokenRow,
    secret: &SecretRow,
) -> Result<(), StoreError> {
    let values = [
        secret.fingerprint.as_str().into(),
        no(account),
        token.id.number().into(),
        no(token.user),
        secret.is_refresh.into(),
        secret.expires_at.0.into(),
    ];
    one(tx, INSERT, &values)
}

/// Whether it is a refresh token that was not used before.
pub(crate) fn may_be_spent(tx: &mut Tx<'_>, fingerprint: &str) -> Result<bool, StoreError> {
    Ok(find(tx, fingerprint)?.is_some_and(|(.., secret, spent)| secret.is_refresh && !spent))
}

/// Marks a refresh token as used.
pub(crate) fn spend(tx: &mut Tx<'_>, fingerprint: &str) -> Result<(), StoreError> {
    one(tx, SPEND, &[fingerprint.into()])
}

pub(crate) fn delete_access(tx: &mut Tx<'_>, account: AccountId, token: &TokenRow) -> Result<(), StoreError> {
    tx.execute(DELETE_ACCESS, &[no(account), no(token.user), token.id.number().into()])?;
    Ok(())
}

pub(crate) fn delete_of_token(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
    token: TokenId,
) -> Result<(), StoreError> {
    tx.execute(DELETE_OF_TOKEN, &[no(account), no(user), token.number().into()])?;
    Ok(())
}

pub(crate) fn delete_of_user(tx: &mut Tx<'_>, account: AccountId, user: UserId) -> Result<(), StoreError> {
    tx.execute(DELETE_OF_USER, &[no(account), no(user)])?;
    Ok(())
}

pub(crate) fn sweep(tx: &mut Tx<'_>, before: Instant) -> Result<u64, StoreError> {
    Ok(tx.execute(SWEEP, &[before.0.into()])?)
}
