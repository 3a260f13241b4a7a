//! The tables of access state: for each its definition, its statements and how its rows are read.
//!
//! Every key begins with the account. Numbers are those of the ids inside the account, instants microseconds UTC.
//! There are no foreign keys: `Snapshot::apply` has checked every reference before a change comes here, and
//! `load` refuses rows that name what is not there.

pub(crate) mod accounts;
pub(crate) mod audit_chains;
pub(crate) mod audit_entries;
pub(crate) mod change_log;
pub(crate) mod entrances;
pub(crate) mod grants;
pub(crate) mod links;
pub(crate) mod passwords;
pub(crate) mod places;
pub(crate) mod roles;
pub(crate) mod token_secrets;
pub(crate) mod tokens;
pub(crate) mod users;

use crate::error::StoreError;
use access::{AccountId, NameError, Number, TokenId};
use sql::{RowRef, Tx, Value};

/// The steps of the schema, numbered from 1 by their place here: only ever added to at the end.
pub(crate) const STEPS: &[&str] = &[
    accounts::CREATE,
    accounts::CREATE_HEAD,
    roles::CREATE_PERMISSION,
    roles::CREATE_ROLE,
    roles::CREATE_ROLE_PERMISSION,
    places::CREATE_RETAILER,
    places::CREATE_LOCATION,
    places::CREATE_CHANNEL,
    users::CREATE,
    grants::CREATE,
    passwords::CREATE,
    change_log::CREATE,
    audit_entries::CREATE,
    users::ADD_PROVIDER,
    entrances::CREATE_PROVIDER,
    entrances::CREATE_CLIENT,
    entrances::CREATE_ADDRESSES,
    entrances::CREATE_ENDED,
    tokens::CREATE,
    tokens::CREATE_BY_USER,
    tokens::CREATE_BY_PROVIDER,
    tokens::CREATE_BY_EXPIRY,
    token_secrets::CREATE,
    token_secrets::CREATE_BY_TOKEN,
    token_secrets::CREATE_BY_EXPIRY,
    links::CREATE,
    links::CREATE_BY_USER,
    audit_chains::CREATE,
    tokens::CREATE_BY_SID,
    users::ADD_LANGUAGE,
    users::ADD_ZONE,
];

/// Every statement of this crate, so that a test can have each prepared by each database.
pub(crate) fn statements() -> Vec<&'static str> {
    let tables: [&[&str]; 14] = [
        crate::schema::STATEMENTS,
        accounts::STATEMENTS,
        roles::STATEMENTS,
        places::STATEMENTS,
        users::STATEMENTS,
        grants::STATEMENTS,
        passwords::STATEMENTS,
        change_log::STATEMENTS,
        audit_entries::STATEMENTS,
        audit_chains::STATEMENTS,
        entrances::STATEMENTS,
        tokens::STATEMENTS,
        token_secrets::STATEMENTS,
        links::STATEMENTS,
    ];
    tables.concat()
}

/// The number of an id as a value.
pub(crate) fn no(id: impl Number) -> Value {
    Value::from(id.number())
}

/// A count or revision as a value. None of ours comes near the bound.
pub(crate) fn count(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The id in a column.
pub(crate) fn id<T: Number>(row: &RowRef<'_>, column: usize) -> Result<T, StoreError> {
    let number = row.int(column)?;
    let id = u32::try_from(number).ok().and_then(T::from_number);
    id.ok_or_else(|| StoreError::Corrupt(format!("`{}` has no number {number}", T::PREFIX)))
}

/// The id of a session or token in a column.
pub(crate) fn token_id(row: &RowRef<'_>, column: usize) -> Result<TokenId, StoreError> {
    let number = row.int(column)?;
    TokenId::from_number(number)
        .ok_or_else(|| StoreError::Corrupt(format!("no token has the number {number}")))
}

/// The id in a column that may be empty.
pub(crate) fn maybe_id<T: Number>(row: &RowRef<'_>, column: usize) -> Result<Option<T>, StoreError> {
    row.opt_int(column)?.map(|_| id(row, column)).transpose()
}

/// An id that may be missing as a value.
pub(crate) fn maybe_no(id: Option<impl Number>) -> Value {
    id.map_or(Value::Null, no)
}

/// A column that counts.
pub(crate) fn counted<T: TryFrom<i64>>(row: &RowRef<'_>, column: usize) -> Result<T, StoreError> {
    let number = row.int(column)?;
    T::try_from(number).map_err(|_| StoreError::Corrupt(format!("{number} is out of range")))
}

/// The name in a column.
pub(crate) fn name<T>(
    row: &RowRef<'_>,
    column: usize,
    parse: impl Fn(&str) -> Result<T, NameError>,
) -> Result<T, StoreError> {
    parse(row.text(column)?).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Runs a statement that must meet one row of an account.
pub(crate) fn one(tx: &mut Tx<'_>, sql: &str, values: &[Value]) -> Result<(), StoreError> {
    match tx.execute(sql, values)? {
        1 => Ok(()),
        rows => Err(StoreError::Corrupt(format!("a change met {rows} rows instead of one"))),
    }
}

/// The rows of an account, given to `each` in turn.
pub(crate) fn each_of(
    tx: &mut Tx<'_>,
    sql: &str,
    account: AccountId,
    each: impl FnMut(&RowRef<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    tx.for_each(sql, &[no(account)], each)
}

/// A row of at most one, read.
pub(crate) fn maybe<T>(
    tx: &mut Tx<'_>,
    sql: &str,
    values: &[Value],
    read: impl FnOnce(&RowRef<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let row = tx.query_opt(sql, values)?;
    row.map(|row| read(&row.as_ref())).transpose()
}

/// The word of an enum in a column.
pub(crate) fn word<T>(
    row: &RowRef<'_>,
    column: usize,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let text = row.text(column)?;
    read(text).ok_or_else(|| StoreError::Corrupt(format!("the word `{text}` is unknown")))
}
