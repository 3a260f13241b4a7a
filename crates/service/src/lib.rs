//! The one place where the order of a request is written down.
//!
//! credentials -> Principal -> Authorized<Op> -> Changeset -> Committed -> Snapshot
//!
//! A surface parses wire text and calls here; here a principal is checked against the newest state, a
//! command is authorized, run, committed in its account's turn and published; the surface answers.
//!
//! **Invariant:** only this crate owns a `Store`.
//! **Invariant:** it accepts a `Principal` from outside, never a proof, a filter or a subject.
//! **Invariant:** a snapshot is published after its commit, never before.
//! **Invariant:** nothing here knows HTTP or HTML.

mod accounts;
mod directory;
mod error;
mod fresh;
mod inquiry;
mod lists;
mod manage;
mod office;
pub mod ops;
mod out;
mod own;
mod people;
mod sign_in;
mod site;
mod stores;
mod suggest;
mod target;
mod told;
mod visitor;
mod writer;
mod zones;

/// The path of the page that a link of an invitation or reset leads to, below the base URL; its secret is `code`.
pub const LINK_PATH: &str = "/link";
/// The path that identity providers send people back to, below the base URL: to be registered there.
pub const SSO_CALLBACK_PATH: &str = "/sso/callback";

pub use accounts::{AccountHint, Options, Service, SignInOptions};
pub use directory::UserList;
pub use error::{Fault, ServiceError};
pub use inquiry::{AskError, Inquiry, Places};
pub use lists::{Listed, OrderPage};
pub use manage::{FirstWay, MadeUser, NewUser, Previewed, Thing};
pub use office::{AuditFound, AuditSearch, OfficePage, Seen};
pub use out::{Out, PutOut};
pub use own::{Living, LongTokenWish, OwnView};
pub use people::{Reset, ResetBy};
pub use sign_in::{
    ClientSecret, Issued, IssuedPair, Knock, LinkView, ProviderButton, SsoBegun, SsoEntered, Way,
};
pub use store::{ACCESS_CHAIN, AuditEntry, LinkPurpose, Origin, TokenRow};
pub use suggest::{SUGGESTIONS_MAX, Suggest, SuggestOf, Suggestion};
pub use target::{Target, key_of};
pub use visitor::Visitor;
pub use zones::{time_zone, time_zones};
