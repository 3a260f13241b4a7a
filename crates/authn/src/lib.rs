//! Who is calling: the only maker of a [`Principal`].
//!
//! ```text
//! credentials -> Principal -> Authorized<Op> -> Changeset -> Committed -> Snapshot
//! ^^^^^^^^^^^^^^^^^^^^^^^^
//! ```
//! Passwords, sessions, tokens, links and the word of an identity provider are credentials. Each kind is a
//! method of [`Authenticator`] of its own, and all end alike: in a principal that carries the epoch which the
//! user had *before* the credential was verified. Another protocol of single sign-on (SAML) ends in
//! [`Authenticator::vouched`], as OpenID Connect does.
//!
//! **Invariant:** a principal is made by [`Authenticator`] from a verified credential, or by
//! [`Principal::operator`]; there is no other way.
//! **Invariant:** whoever does not know the password learns nothing: not whether the user exists, is
//! disabled, was removed, has no password or signs in elsewhere, neither by the answer nor by its time.
//! **Invariant:** nothing here knows HTTP beyond the value of an `Authorization` header, and nothing reads
//! a clock or a source of randomness that it was not given.

mod address;
mod authenticator;
mod basic;
mod common;
mod form_token;
mod hashing;
mod limits;
mod new_password;
mod principal;
mod queue;
mod remembered;
mod sealer;
mod secret;
mod tokens;
mod vouched;
mod workers;

pub use address::{Proxies, ProxiesError};
pub use authenticator::{
    Authenticator, AuthnRefusal, Passwords, PasswordsUnavailable, Shown, StoredPassword, Verified,
};
pub use basic::{BasicCredentials, BasicError};
pub use form_token::FormToken;
pub use hashing::{HashError, Parameters, ParametersError, PasswordHasher};
pub use limits::{Attempt, Limits, LockBegan, Refused, Try, Why};
pub use new_password::{NewPassword, NewPasswordError};
pub use principal::Principal;
pub use sealer::{SealError, Sealer};
pub use secret::{Fingerprint, Secret, SecretError, SecretKind};
pub use tokens::{Remembered, SessionLimits, SessionLimitsError, Tokens};
