//! Who is calling: the only maker of a [`Principal`].
//!
//! ```text
//! credentials -> Principal -> Authorized<Op> -> Changeset -> Committed -> Snapshot
//! ^^^^^^^^^^^^^^^^^^^^^^^^
//! ```
//! Passwords, sent by HTTP Basic, are the credentials of today. Each further kind (session, token, single
//! sign-on) is a method of [`Authenticator`] of its own that ends where a password ends: in a principal
//! that carries the epoch which the user had *before* the credential was verified.
//!
//! **Invariant:** a principal is made by [`Authenticator`] from a verified credential, or by
//! [`Principal::operator`]; there is no other way.
//! **Invariant:** whoever does not know the password learns nothing: not whether the user exists, is
//! disabled, was removed, has no password or signs in elsewhere, neither by the answer nor by its time.
//! **Invariant:** nothing here knows HTTP beyond the value of an `Authorization` header, and nothing reads
//! a clock or a source of randomness that it was not given.

mod authenticator;
mod basic;
mod common;
mod hashing;
mod new_password;
mod principal;
mod queue;
mod remembered;

pub use authenticator::{Authenticator, AuthnRefusal, Passwords, PasswordsUnavailable, StoredPassword};
pub use basic::{BasicCredentials, BasicError};
pub use hashing::{HashError, Parameters, ParametersError, PasswordHasher};
pub use new_password::{NewPassword, NewPasswordError};
pub use principal::Principal;
