//! Why a request was not served, in the words that every surface maps.

use access::commands::{Refusal, RefusalKind};
use authn::AuthnRefusal;
use commerce::CommerceError;
use store::StoreError;

/// What a surface maps to its own protocol; the sentence is for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request can never be right: 400.
    Invalid,
    /// No or wrong credentials: 401.
    Unauthenticated,
    /// The caller may not: 403.
    Forbidden,
    /// There is no such thing, or it may not be known: 404.
    NotFound,
    /// It does not fit the present state: 409.
    Conflict,
    /// Too much at once; try again after that many seconds: 429 or 503.
    Busy {
        /// When to try again.
        retry_after_s: u32,
    },
    /// The database cannot be reached, is locked or full: 503.
    Unavailable,
    /// Ours: 500. The sentence says nothing of the inside.
    Internal,
}

/// Why a request was not served. Nothing has changed, unless the sentence says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No or wrong credentials.
    #[error("sign in: the credentials are missing, wrong or no longer valid")]
    Unauthenticated,
    /// Why signing in failed for a known reason.
    #[error(transparent)]
    SignIn(AuthnRefusal),
    /// A command or check said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The request names no account where there are several, or one that does not exist.
    #[error("{0}")]
    Account(String),
    /// The request is wrong.
    #[error("{0}")]
    Invalid(String),
    /// The caller may not.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing, or it may not be known.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Others changed the same things all the time.
    #[error("others are changing this account all the time: try again")]
    Contended,
    /// The database cannot be used now.
    #[error("the database cannot be used now: {0}")]
    Unavailable(String),
    /// The outcome of a write is not known: the connection broke while it was committed.
    #[error(
        "the connection to the database broke during the commit: look whether the change is there before you repeat it"
    )]
    OutcomeUnknown,
    /// A fault of the program or its data.
    #[error("an internal error; the log of the server says more")]
    Internal(String),
}

impl ServiceError {
    /// What a surface maps.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            ServiceError::Unauthenticated => Fault::Unauthenticated,
            ServiceError::SignIn(AuthnRefusal::Busy { retry_after_s }) => {
                Fault::Busy { retry_after_s: *retry_after_s }
            }
            ServiceError::SignIn(AuthnRefusal::MustChange | AuthnRefusal::NotAllowedHere) => Fault::Forbidden,
            ServiceError::SignIn(AuthnRefusal::Unavailable(_)) => Fault::Unavailable,
            ServiceError::SignIn(_) => Fault::Unauthenticated,
            ServiceError::Refused(refusal) => match refusal.kind() {
                RefusalKind::Invalid => Fault::Invalid,
                RefusalKind::NotFound => Fault::NotFound,
                RefusalKind::Forbidden => Fault::Forbidden,
                RefusalKind::Conflict => Fault::Conflict,
            },
            ServiceError::Account(_) | ServiceError::Invalid(_) => Fault::Invalid,
            ServiceError::Forbidden(_) => Fault::Forbidden,
            ServiceError::NotFound(_) => Fault::NotFound,
            ServiceError::Contended => Fault::Busy { retry_after_s: 1 },
            ServiceError::Unavailable(_) => Fault::Unavailable,
            ServiceError::OutcomeUnknown | ServiceError::Internal(_) => Fault::Internal,
        }
    }
}

impl From<AuthnRefusal> for ServiceError {
    fn from(refusal: AuthnRefusal) -> Self {
        ServiceError::SignIn(refusal)
    }
}

impl From<sql::SqlError> for ServiceError {
    fn from(error: sql::SqlError) -> Self {
        use sql::SqlError;
        match error {
            SqlError::Unknown(_) => ServiceError::OutcomeUnknown,
            SqlError::Conflict { .. } => ServiceError::Contended,
            SqlError::Locked(_) | SqlError::Full(_) | SqlError::Unavailable(_) => {
                ServiceError::Unavailable(error.to_string())
            }
            other => ServiceError::Internal(other.to_string()),
        }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(sql) => sql.into(),
            StoreError::Stale { .. } | StoreError::TooLate => ServiceError::Contended,
            StoreError::AccountTaken(_) | StoreError::UnknownAccount(_) => {
                ServiceError::Account(error.to_string())
            }
            other => ServiceError::Internal(other.to_string()),
        }
    }
}

impl From<CommerceError> for ServiceError {
    fn from(error: CommerceError) -> Self {
        match error {
            CommerceError::Database(sql) => sql.into(),
            CommerceError::Stale => ServiceError::Contended,
            CommerceError::BadCursor | CommerceError::Ambiguous { .. } => {
                ServiceError::Invalid(error.to_string())
            }
            other => ServiceError::Invalid(other.to_string()),
        }
    }
}
