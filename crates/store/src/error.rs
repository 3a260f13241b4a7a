//! What can go wrong with stored access state.

use access::{AccountId, Ref, Revision};
use sql::SqlError;

/// Why a state was not read or a change not written. Nothing was written, except where
/// [`SqlError::Unknown`] says that this is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another writer was faster: the changeset was made on a state that is no longer the newest.
    #[error("the account {account} is at revision {found}, the change was made on {base}")]
    Stale {
        /// The account.
        account: AccountId,
        /// The revision that the change was made on.
        base: Revision,
        /// The revision in the database.
        found: Revision,
    },
    /// The caller said, inside the transaction, that the change may no longer be made.
    #[error("the change came too late: its deadline or the validity it rests on has passed")]
    TooLate,
    /// The database was made by a newer program.
    #[error(
        "the database is newer than this program: it has step {found} of `{module}`, this program knows {known}; run the newer program"
    )]
    Newer {
        /// The part of the schema.
        module: String,
        /// The highest step in the database.
        found: u32,
        /// The highest step that this program knows; 0 when it does not know the part at all.
        known: u32,
    },
    /// The key of a new account is that of another.
    #[error("the account ref `{0}` is taken")]
    AccountTaken(Ref),
    /// No account has that id.
    #[error("there is no account {0}")]
    UnknownAccount(AccountId),
    /// What was read, or handed in to be written, contradicts itself.
    #[error("the stored state cannot be used: {0}")]
    Corrupt(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] SqlError),
}

impl StoreError {
    /// A contradiction, in words.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }
}

impl From<access::snapshot::ApplyError> for StoreError {
    fn from(error: access::snapshot::ApplyError) -> Self {
        Self::Corrupt(error.to_string())
    }
}
