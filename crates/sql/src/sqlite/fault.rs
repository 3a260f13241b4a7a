//! SQLite's result codes as our kinds of failure.

use rusqlite::ErrorCode;

use crate::error::{Fault, SqlError, refused};

/// What a failed call means. `sql` is the statement, empty when there was none.
pub(crate) fn fault(error: &rusqlite::Error, sql: &str) -> Fault {
    use rusqlite::Error as E;
    match error {
        E::SqliteFailure(failure, message) => from_code(*failure, message.as_deref(), sql),
        E::SqlInputError { error: failure, msg, .. } => from_code(*failure, Some(msg), sql),
        E::InvalidColumnIndex(column) => Fault::last(crate::row::missing(*column)),
        other => Fault::last(refused(&other.to_string(), sql)),
    }
}

fn from_code(failure: rusqlite::ffi::Error, message: Option<&str>, sql: &str) -> Fault {
    let general = failure.to_string();
    let message = message.unwrap_or(&general);
    let error = match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            let error = SqlError::Locked(format!("it is locked by another process ({message})"));
            return Fault { error, retry: true };
        }
        ErrorCode::ConstraintViolation => constraint(failure.extended_code, message),
        ErrorCode::DiskFull => SqlError::Full(message.to_owned()),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => SqlError::Corrupt(message.to_owned()),
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::NoLargeFileSupport
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OutOfMemory => SqlError::Unavailable(message.to_owned()),
        _ => refused(message, sql),
    };
    Fault::last(error)
}

fn constraint(extended_code: i32, message: &str) -> SqlError {
    use rusqlite::ffi;
    match extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let what = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or(message);
            SqlError::Unique { what: what.to_owned() }
        }
        _ => SqlError::Constraint(message.to_owned()),
    }
}
