//! Every way in, and every way out that closes them all: through the service as a surface calls it, on a database in
//! memory, in a file and on a server, with a clock that is set by hand.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../common/mod.rs"]
mod common;

mod audited;
mod clients;
mod idp;
mod links;
mod living;
mod long_tokens;
mod out;
mod pairs;
mod passwords;
mod rights;
mod sessions;
mod sso;
mod sso_out;
mod strangers;
