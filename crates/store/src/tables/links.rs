//! Links that let a user set a password, by their fingerprints.

use super::{counted, id, maybe, no, one, word};
use crate::error::StoreError;
use crate::tokens::{LinkPurpose, LinkRow};
use access::{AccountId, Instant, UserId};
use sql::Tx;

pub(crate) const CREATE: &str = "CREATE TABLE password_link (
    fingerprint TEXT NOT NULL PRIMARY KEY, account_id BIGINT NOT NULL, user_no BIGINT NOT NULL,
    purpose TEXT NOT NULL, epoch BIGINT NOT NULL, expires_at BIGINT NOT NULL)";
pub(crate) const CREATE_BY_USER: &str =
    "CREATE INDEX password_link_by_user ON password_link (account_id, user_no)";

const FIND: &str = "SELECT account_id, user_no, purpose, epoch, expires_at, fingerprint
    FROM password_link WHERE fingerprint = $1";
const INSERT: &str =
    "INSERT INTO password_link (fingerprint, account_id, user_no, purpose, epoch, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const DELETE_OF_USER: &str = "DELETE FROM password_link WHERE account_id = $1 AND user_no = $2";
const SWEEP: &str = "DELETE FROM password_link WHERE fingerprint IN
    (SELECT fingerprint FROM password_link WHERE expires_at < $1 LIMIT 1000)";

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, DELETE_OF_USER, SWEEP];

fn purpose_word(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::Invitation => "invitation",
        LinkPurpose::Reset => "reset",
    }
}

fn purpose_of(text: &str) -> Option<LinkPurpose> {
    [LinkPurpose::Invitation, LinkPurpose::Reset].into_iter().find(|purpose| purpose_word(*purpose) == text)
}

pub(crate) fn find(tx: &mut Tx<'_>, fingerprint: &str) -> Result<Option<(AccountId, LinkRow)>, StoreError> {
    maybe(tx, FIND, &[fingerprint.into()], |row| {
        let link = LinkRow {
            user: id(row, 1)?,
            purpose: word(row, 2, purpose_of)?,
            epoch: counted(row, 3)?,
            expires_at: Instant(row.int(4)?),
            fingerprint: row.text(5)?.to_owned(),
        };
        Ok((id(row, 0)?, link))
    })
}

/// The one link of a user: an older one opens nothing from then on.
pub(crate) fn put(tx: &mut Tx<'_>, account: AccountId, link: &LinkRow) -> Result<(), StoreError> {
    delete_of_user(tx, account, link.user)?;
    let values = [
        link.fingerprint.as_str().into(),
        no(account),
        no(link.user),
        purpose_word(link.purpose).into(),
        link.epoch.into(),
        link.expires_at.0.into(),
    ];
    one(tx, INSERT, &values)
}

pub(crate) fn delete_of_user(tx: &mut Tx<'_>, account: AccountId, user: UserId) -> Result<(), StoreError> {
    tx.execute(DELETE_OF_USER, &[no(account), no(user)])?;
    Ok(())
}

pub(crate) fn sweep(tx: &mut Tx<'_>, before: Instant) -> Result<u64, StoreError> {
    Ok(tx.execute(SWEEP, &[before.0.into()])?)
}
