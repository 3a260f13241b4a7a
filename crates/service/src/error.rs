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
    /// Too many tries of one's own; try again after that many seconds: 429.
    TooMany {
        /// When to try again.
        retry_after_s: u32,
    },
    /// An identity provider is down or breaks a rule: 502.
    Provider,
    /// An identity provider does not answer in time: 504.
    ProviderSlow,
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
    /// Too many tries failed or are under way.
    #[error("too many sign-ins failed or are under way: try again in {retry_after_s} s")]
    TooManyTries {
        /// Seconds after which a try can be taken.
        retry_after_s: u32,
    },
    /// The password that was to be changed is another.
    #[error("the present password is wrong")]
    WrongPassword,
    /// A new password that cannot be taken: the sentence says why.
    #[error("{0}")]
    BadPassword(String),
    /// A link that lets nobody set a password.
    #[error("this link was used, is over or never was: ask for a new one")]
    BadLink,
    /// A client that is none, or does not know its secret.
    #[error("the client id and client secret do not go together")]
    BadClient,
    /// As many long-duration tokens as there may be.
    #[error("there are {most} tokens already, as many as there may be: revoke one first")]
    TooManyTokens {
        /// How many there may be.
        most: usize,
    },
    /// Single sign-on failed; the person is told [`oidc::SsoError::sentence`].
    #[error("{}", .0.sentence())]
    Sso(oidc::SsoError),
    /// The provider vouches for somebody who has no account here, is disabled or signs in another way.
    #[error("you are signed in at your identity provider, but not known here: ask your administrator")]
    NotVouched,
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
            ServiceError::SignIn(
                AuthnRefusal::MustChange | AuthnRefusal::NotAllowedHere | AuthnRefusal::NotFromHere,
            )
            | ServiceError::NotVouched => Fault::Forbidden,
            ServiceError::TooManyTries { retry_after_s } => Fault::TooMany { retry_after_s: *retry_after_s },
            ServiceError::WrongPassword | ServiceError::BadPassword(_) => Fault::Invalid,
            ServiceError::BadLink => Fault::NotFound,
            ServiceError::BadClient => Fault::Unauthenticated,
            ServiceError::TooManyTokens { .. } => Fault::Conflict,
            ServiceError::Sso(error) => match error {
                oidc::SsoError::Down { .. } | oidc::SsoError::Lying { .. } | oidc::SsoError::Unfit { .. } => {
                    Fault::Provider
                }
                oidc::SsoError::Forbidden { .. } => Fault::Provider,
                oidc::SsoError::Slow { .. } => Fault::ProviderSlow,
                oidc::SsoError::WrongState => Fault::Invalid,
                oidc::SsoError::NoEntropy(_) => Fault::Internal,
                _ => Fault::Forbidden,
            },
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
