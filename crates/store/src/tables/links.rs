//! Links that let a user set a password, by their fingerprints.
//!
//! One that is used, replaced or taken back stays for a while: when it is tried again, the audit says whose it was.

use super::{counted, id, maybe, no, one, word};
use crate::error::StoreError;
use crate::tokens::{LinkPurpose, LinkRow};
use access::{AccountId, Instant, UserId};
use sql::Tx;

pub(crate) const CREATE: &str = "CREATE TABLE password_link (
    fingerprint TEXT NOT NULL PRIMARY KEY, account_id BIGINT NOT NULL, user_no BIGINT NOT NULL,
    purpose TEXT NOT NULL, epoch BIGINT NOT NULL, expires_at BIGINT NOT NULL, is_over BOOLEAN NOT NULL,
    refusal_told BOOLEAN NOT NULL)";
pub(crate) const CREATE_BY_USER: &str =
    "CREATE INDEX password_link_by_user ON password_link (account_id, user_no)";

const FIND: &str = "SELECT account_id, user_no, purpose, epoch, expires_at, fingerprint
    FROM password_link WHERE fingerprint = $1 AND is_over = FALSE";
const OWNER: &str =
    "SELECT account_id, user_no FROM password_link WHERE fingerprint = $1 AND refusal_told = FALSE";
const TELL_REFUSAL: &str =
    "UPDATE password_link SET refusal_told = TRUE WHERE fingerprint = $1 AND refusal_told = FALSE";
const INSERT: &str =
    "INSERT INTO password_link (fingerprint, account_id, user_no, purpose, epoch, expires_at, is_over, refusal_told)
    VALUES ($1, $2, $3, $4, $5, $6, FALSE, FALSE)";
const END_OF_USER: &str =
    "UPDATE password_link SET is_over = TRUE WHERE account_id = $1 AND user_no = $2 AND is_over = FALSE";
const SWEEP: &str = "DELETE FROM password_link WHERE fingerprint IN
    (SELECT fingerprint FROM password_link WHERE expires_at < $1 LIMIT 1000)";

pub(crate) const STATEMENTS: &[&str] = &[FIND, OWNER, TELL_REFUSAL, INSERT, END_OF_USER, SWEEP];

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
    end_of_user(tx, account, link.user)?;
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

/// Whose a link is or was, while its refusal was not told.
pub(crate) fn owner(tx: &mut Tx<'_>, fingerprint: &str) -> Result<Option<(AccountId, UserId)>, StoreError> {
    maybe(tx, OWNER, &[fingerprint.into()], |row| Ok((id(row, 0)?, id(row, 1)?)))
}

/// Whether its refusal was not told before; it is from now on.
pub(crate) fn tell_refusal(tx: &mut Tx<'_>, fingerprint: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(TELL_REFUSAL, &[fingerprint.into()])? == 1)
}

/// Whatever links a user has open nothing from now on.
pub(crate) fn end_of_user(tx: &mut Tx<'_>, account: AccountId, user: UserId) -> Result<(), StoreError> {
    tx.execute(END_OF_USER, &[no(account), no(user)])?;
    Ok(())
}

pub(crate) fn sweep(tx: &mut Tx<'_>, before: Instant) -> Result<u64, StoreError> {
    Ok(tx.execute(SWEEP, &[before.0.into()])?)
}
