//! The words of the product as types: what parses is right, and stays right.
//!
//! Text from outside enters through a `parse` here; after that the type is the proof.

mod addresses;
mod application;
mod ids;
mod language;
mod names;
mod token;

pub use addresses::{AddressRange, AddressRangeError};
pub use application::{Application, Applications};
pub use ids::{
    AccountId, ChannelId, ClientId, GrantId, IdError, LocationId, Number, ProviderId, RetailerId, Revision,
    RoleId, UserId,
};
pub use language::{Language, LanguageError};
pub(crate) use names::is_email;
pub use names::{Label, Login, NameError, PermissionName, Ref, RoleKey, Setting, TimeZoneName};
pub use token::{TokenId, TokenIdError};
