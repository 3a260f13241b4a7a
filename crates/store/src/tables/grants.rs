//! Grants. Their scopes are kept as text: nobody looks for a grant by a place in SQL.

use super::{each_of, id, no, one};
use crate::error::StoreError;
use crate::scope_text;
use access::change::Grant;
use access::snapshot::{GrantRow, GrantRows};
use access::{AccountId, GrantId, Instant, UserId, Validity};
use sql::{Tx, Value};

pub(crate) const CREATE: &str = "CREATE TABLE user_grant (
    account_id BIGINT NOT NULL, user_no BIGINT NOT NULL, grant_no BIGINT NOT NULL, role_no BIGINT NOT NULL,
    retailers TEXT NOT NULL, locations TEXT NOT NULL, channels TEXT NOT NULL, valid_from BIGINT,
    valid_until BIGINT, PRIMARY KEY (account_id, user_no, grant_no))";

/// Columns of [`row`].
pub(crate) const COLUMNS: &[&str] = &[
    "account_id",
    "user_no",
    "grant_no",
    "role_no",
    "retailers",
    "locations",
    "channels",
    "valid_from",
    "valid_until",
];

const ALL: &str = "SELECT user_no, grant_no, role_no, retailers, locations, channels, valid_from, valid_until
    FROM user_grant WHERE account_id = $1 ORDER BY user_no, grant_no";
const CHANGE: &str = "UPDATE user_grant
    SET retailers = $4, locations = $5, channels = $6, valid_from = $7, valid_until = $8
    WHERE account_id = $1 AND user_no = $2 AND grant_no = $3";
const DELETE: &str = "DELETE FROM user_grant WHERE account_id = $1 AND user_no = $2 AND grant_no = $3";

pub(crate) const STATEMENTS: &[&str] = &[ALL, CHANGE, DELETE];

fn instant(at: Option<Instant>) -> Value {
    at.map(|at| at.0).into()
}

pub(crate) fn row(account: AccountId, grant: &Grant) -> Vec<Value> {
    let [retailers, locations, channels] = scope_text::write(&grant.spec.scope);
    let Validity { from, until } = grant.spec.validity;
    vec![
        no(account),
        no(grant.user),
        no(grant.id),
        no(grant.spec.role),
        retailers.into(),
        locations.into(),
        channels.into(),
        instant(from),
        instant(until),
    ]
}

/// Another scope and validity; `scope` and `validity` as the change has them.
pub(crate) fn change(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
    id: GrantId,
    (scope, validity): (&access::Scope, Validity),
) -> Result<(), StoreError> {
    let [retailers, locations, channels] = scope_text::write(scope);
    let key = [no(account), no(user), no(id)];
    let places = [retailers.into(), locations.into(), channels.into()];
    one(tx, CHANGE, &[&key[..], &places, &[instant(validity.from), instant(validity.until)]].concat())
}

pub(crate) fn delete(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
    id: GrantId,
) -> Result<(), StoreError> {
    one(tx, DELETE, &[no(account), no(user), no(id)])
}

/// Reads all grants of an account, packed.
pub(crate) fn load(tx: &mut Tx<'_>, account: AccountId, into: &mut GrantRows) -> Result<(), StoreError> {
    let (mut retailers, mut locations, mut channels) = (Vec::new(), Vec::new(), Vec::new());
    each_of(tx, ALL, account, |row| {
        let (user, grant) = (id(row, 0)?, id(row, 1)?);
        let wrong = || StoreError::Corrupt(format!("the scope of {grant} of {user} cannot be read"));
        Ok(into.push(&GrantRow {
            user,
            id: grant,
            role: id(row, 2)?,
            retailers: scope_text::read_extent(row.text(3)?, &mut retailers).ok_or_else(wrong)?,
            locations: scope_text::read_locations(row.text(4)?, &mut locations).ok_or_else(wrong)?,
            channels: scope_text::read_extent(row.text(5)?, &mut channels).ok_or_else(wrong)?,
            validity: Validity { from: row.opt_int(6)?.map(Instant), until: row.opt_int(7)?.map(Instant) },
        })?)
    })
}
