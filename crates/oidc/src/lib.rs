//! OpenID Connect as a relying party: text of a provider in, a verified identity out.
//!
//! ```text
//! begin -> (the person signs in at the provider) -> Callback::parse -> finish -> Identity
//! logout_url -> (the provider ends its own session)      logout_token <- (the provider calls us)
//! ```
//!
//! Authorization code flow with PKCE (S256), state and nonce; discovery; keys that rotate; ID tokens and
//! back-channel logout tokens signed with an asymmetric algorithm of an allow-list. Sources: OpenID Connect
//! Core, Discovery, RP-Initiated Logout and Back-Channel Logout 1.0; RFC 6749, 7515, 7517, 7636, 8725, 9207.
//!
//! **Invariant:** this crate knows no database, makes no principal and reads no clock: time and randomness
//! are parameters. Everything blocks; a request lasts at most [`HTTP_S_MAX`] seconds.
//! **Invariant:** nothing of a token is believed before its signature; an [`Identity`] or [`LogoutToken`] is
//! the proof that everything was checked.
//! **Invariant:** signatures are verified by `ring` alone; no cryptography is written here.
//! **Invariant:** nothing a provider says becomes text for a person; a code, token or secret is in no error
//! and in no `Debug`.

mod address;
mod algorithm;
mod begin;
mod callback;
mod claims;
mod config;
mod endpoint;
mod error;
mod finish;
mod http;
mod json;
mod jwt;
mod keys;
mod logout;
mod metadata;
mod naming;
mod provider;
mod token_answer;

pub use algorithm::Algorithm;
pub use begin::{Begun, Pending};
pub use callback::{Callback, CallbackError};
pub use config::{ClientSecret, Issuer, IssuerError, ProviderConfig};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{NoEntropy, SsoError};
pub use finish::Identity;
pub use http::{HttpClient, Reach, RootsError};
pub use jwt::{Inspected, TokenError, inspect};
pub use keys::{Keys, KeysError};
pub use logout::LogoutToken;
pub use metadata::{Metadata, MetadataError};
pub use provider::Provider;
pub use token_answer::TokenAnswer;

/// How far the clocks of a provider and of this machine may differ, in seconds.
pub const SKEW_S_MAX: i64 = 60;

/// How long a request to a provider may take in all, from the look-up of its name to the end of the body, in
/// seconds. Also how long a failure to fetch is remembered, so that callers that waited for it do not each
/// wait again.
pub const HTTP_S_MAX: u64 = 5;

/// Longest body of an answer, in bytes.
pub const BODY_BYTES_MAX: u64 = 256 * 1024;

/// How long metadata and keys of a provider are used before they are fetched again, in seconds.
pub const METADATA_AGE_S_MAX: i64 = 3600;

/// Keys are fetched early, for a token whose key is unknown, at most once in so many seconds.
pub const JWKS_REFETCH_S_MIN: i64 = 10;

/// Oldest logout token that is accepted, by its `iat`, in seconds (the clock skew is added).
pub const LOGOUT_AGE_S_MAX: i64 = 300;

/// Longest token that is looked at, in bytes.
pub const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// Longest value of a claim that is taken over (subject, session, the claim that names the user), in bytes:
/// what OpenID Connect Core allows for `sub`.
pub const CLAIM_BYTES_MAX: usize = 255;
