//! PostgreSQL's SQLSTATE codes as our kinds of failure.

use std::error::Error as _;

use postgres::error::DbError;

use crate::error::{Fault, SqlError, refused};

/// What a failed call means. `sql` is the statement, empty when there was none.
pub(crate) fn fault(error: &postgres::Error, sql: &str) -> Fault {
    match error.as_db_error() {
        Some(refusal) => from_refusal(refusal, sql),
        None => Fault::last(SqlError::Unavailable(lost(error))),
    }
}

/// What a failed COMMIT means: without a plain refusal nobody knows whether it happened.
pub(crate) fn commit_fault(error: &postgres::Error) -> Fault {
    match error.as_db_error() {
        Some(refusal) if is_decided(refusal.code().code()) => from_refusal(refusal, "COMMIT"),
        Some(refusal) => Fault::last(SqlError::Unknown(refusal.message().to_owned())),
        None => Fault::last(SqlError::Unknown(lost(error))),
    }
}

/// The driver's words for a failure that was not the server's refusal, with their cause.
pub(crate) fn lost(error: &postgres::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Whether this refusal of a COMMIT proves that the transaction was rolled back. The server may end the
/// connection (57P..) or report an internal fault after the commit has become durable.
fn is_decided(code: &str) -> bool {
    !["08", "57P", "58", "XX", "F0", "40003"].iter().any(|prefix| code.starts_with(prefix))
}

fn from_refusal(refusal: &DbError, sql: &str) -> Fault {
    let code = refusal.code().code();
    let message = format!("{} (SQLSTATE {code})", refusal.message());
    let error = match code {
        "40001" | "40P01" => {
            return Fault { error: SqlError::Conflict { attempts: 1, message }, retry: true };
        }
        "23505" => SqlError::Unique { what: unique_columns(refusal) },
        "55P03" | "57014" => SqlError::Locked(message),
        "53100" => SqlError::Full(message),
        "XX001" | "XX002" => SqlError::Corrupt(message),
        _ if code.starts_with("23") => SqlError::Constraint(message),
        _ if ["08", "25P03", "28", "3D", "42501", "53", "57P", "58"]
            .iter()
            .any(|prefix| code.starts_with(prefix)) =>
        {
            SqlError::Unavailable(message)
        }
        _ => refused(&message, sql),
    };
    Fault::last(error)
}

/// `table.column, table.column`, as SQLite says it, from `Key (column, column)=(..) already exists.`; only the
/// part before the values is used, whatever the language of the server.
fn unique_columns(refusal: &DbError) -> String {
    let fallback = || refusal.constraint().unwrap_or("key").to_owned();
    let Some(table) = refusal.table() else { return fallback() };
    match refusal.detail().and_then(key_columns) {
        Some(columns) => {
            columns.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
        }
        None => fallback(),
    }
}

fn key_columns(detail: &str) -> Option<&str> {
    let (before, _) = detail.split_once(")=(")?;
    let (_, columns) = before.split_once('(')?;
    Some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_columns_are_cut_before_the_values() {
        assert_eq!(key_columns("Key (account, login)=(1, a)=(b) already exists."), Some("account, login"));
        assert_eq!(key_columns("Key (lower(login))=(x) already exists."), Some("lower(login)"));
        assert_eq!(key_columns("something else"), None);
    }

    #[test]
    fn only_plain_refusals_decide_a_commit() {
        for decided in ["40001", "40P01", "23505", "23503", "53100"] {
            assert!(is_decided(decided), "{decided}");
        }
        for unknown in ["08006", "57P01", "57P02", "40003", "58030", "XX000"] {
            assert!(!is_decided(unknown), "{unknown}");
        }
    }
}
