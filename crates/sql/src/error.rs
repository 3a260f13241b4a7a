//! What can go wrong between us and a database, told apart by what a caller can do about it.

/// Why a statement or transaction did not happen (or, for [`SqlError::Unknown`], may not have).
///
/// The text is meant for an operator: it names the database and what to look at, never a value of a row
/// and never a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// Other writers were faster [`WRITE_RETRIES_MAX`](crate::WRITE_RETRIES_MAX) times in a row. Nothing was written; trying later may work.
    #[error("gave up after {attempts} attempts because other writers changed the same rows: {message}")]
    Conflict {
        /// How often the transaction was run.
        attempts: u32,
        /// The last refusal of the database.
        message: String,
    },
    /// A row with this key exists. Nothing was written.
    #[error("a row with the same {what} exists already")]
    Unique {
        /// The columns, `table.column` separated by `, `, in the order of the index; where the database
        /// does not say which columns, the name of its index or constraint.
        what: String,
    },
    /// A foreign key, NOT NULL or CHECK rule of the schema was broken. Nothing was written.
    #[error("the database refused the row: {0}")]
    Constraint(String),
    /// Somebody else holds the database (or all our connections) for longer than we wait. Nothing was written.
    #[error("the database is busy: {0}")]
    Locked(String),
    /// No room left where the database lives. Nothing was written.
    #[error("the database has no room left: {0}")]
    Full(String),
    /// The database cannot be reached, opened, read or written. Nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The file is not a database or is damaged.
    #[error("the database cannot be used: {0}")]
    Corrupt(String),
    /// A statement that this database does not accept, or a wrong use of this crate: a mistake in the program.
    #[error("the database does not accept the statement: {0}")]
    Statement(String),
    /// A value or a column is not of the type that was asked for: a mistake in the program, or a foreign schema.
    #[error("{place} holds {found}, expected {expected}")]
    Type {
        /// `column 2 (login)` or `parameter $2`.
        place: String,
        /// What is there.
        found: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// The connection was lost while committing: the transaction may or may not have happened.
    /// It was not run again. Read before writing again.
    #[error("the connection was lost during a commit, so the change may or may not have been made: {0}")]
    Unknown(String),
}

/// A failure that a driver reported, before the whole-transaction retry has looked at it.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) error: SqlError,
    /// The same transaction, run again, may well succeed.
    pub(crate) retry: bool,
}

impl Fault {
    pub(crate) fn last(error: SqlError) -> Self {
        Self { error, retry: false }
    }
}

impl From<SqlError> for Fault {
    fn from(error: SqlError) -> Self {
        Self::last(error)
    }
}

/// How much of a statement is shown in an error, in characters.
const STATEMENT_SHOWN_MAX: usize = 200;

/// The message of a refused statement: what the database said and the beginning of the statement.
pub(crate) fn refused(message: &str, sql: &str) -> SqlError {
    let mut shown: String = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = shown.char_indices().nth(STATEMENT_SHOWN_MAX) {
        shown.truncate(cut);
        shown.push_str("...");
    }
    if shown.is_empty() {
        return SqlError::Statement(message.to_owned());
    }
    SqlError::Statement(format!("{message}, in `{shown}`"))
}
