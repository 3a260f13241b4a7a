//! Rows of access state, change log, audit and migrations; load and commit.
//!
//! `Changeset` -> [`Store::commit`] -> [`Committed`], and back: [`Store::load`] -> `Snapshot`.
//!
//! **Invariant:** a group of changesets is one transaction: rows, change log, audit, credentials and the head of
//! the account, all or nothing.
//! **Invariant:** the head moves by compare-and-set, so two writers of one account never both succeed.
//! **Invariant:** `load() == fold(apply)`: the tables and the change log say the same.
//! **Invariant:** neither the change log nor the audit holds a secret; password hashes are in `user_password` alone,
//! fingerprints in `token_secret`, `password_link` and `api_client`, sealed secrets in `identity_provider`.
//! **Invariant:** every SQL text of access state stands in `tables`, beside its row type.

mod audit;
mod commit;
mod error;
mod load;
mod persist;
mod ports;
mod queue;
mod schema;
mod scope_text;
mod store;
mod tables;
#[cfg(test)]
mod tests;
mod tokens;

pub use audit::{ACCESS_CHAIN, AuditEntry, AuditQuery, AuditVerdict, SignInEntry};
pub use commit::{Committed, CredentialWrite, Origin, PasswordRow, Pending};
pub use error::StoreError;
pub use ports::{Clock, IdSource, NoRandomness, SystemClock, SystemIds};
pub use schema::Migration;
pub use store::{Head, Store};
pub use tokens::{
    FoundToken, LINKS_KEPT_S, LinkPurpose, LinkRow, Made, ProviderSession, Refreshed, SecretRow, TokenKind,
    TokenRow,
};
