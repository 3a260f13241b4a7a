//! What the operator asks for on the command line: typed requests, the same in the program itself and over
//! the local socket of a running server.
//!
//! A request carries text as it was typed; names are looked up on the state that the answer is about.

mod accounts;
mod audit;
mod check;
mod export;
mod grants;
mod import;
mod init;
mod places;
mod roles;
mod scope;
mod text;
mod tokens;
mod users;
mod ways_in;

pub use accounts::AccountOp;
pub use audit::AuditOp;
pub use check::{AccessOp, PlaceNames};
pub use grants::GrantOp;
pub use import::{ImportFile, ImportOp};
pub use init::InitOp;
pub use places::{ChannelOp, LocationOp, RetailerOp};
pub use roles::{PermissionOp, RoleOp};
pub use scope::{GrantNames, ScopeNames};
pub use users::UserOp;
pub use ways_in::{ClientOp, ProviderOp};

use crate::accounts::{AccountHint, Service};
use crate::error::ServiceError;
use access::AccountId;
use authn::Principal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Origin;

/// One thing that the operator asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The account, by ref or id, where there are several.
    pub account: Option<String>,
    /// What.
    pub op: Op,
}

/// What is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// The first account and its administrator.
    Init(InitOp),
    /// Rows from files.
    Import(ImportOp),
    /// Who may do what, where.
    Access(AccessOp),
    /// Users.
    User(UserOp),
    /// Identity providers.
    Provider(ProviderOp),
    /// API clients.
    Client(ClientOp),
    /// Grants.
    Grant(GrantOp),
    /// Roles.
    Role(RoleOp),
    /// Permissions.
    Permission(PermissionOp),
    /// Retailers.
    Retailer(RetailerOp),
    /// Locations.
    Location(LocationOp),
    /// Sales channels.
    Channel(ChannelOp),
    /// Accounts.
    Account(AccountOp),
    /// The audit.
    Audit(AuditOp),
    /// The whole access state, for backup and review.
    Export,
}

/// The answer to a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reply {
    /// The exit status of the command line: 0 yes, 1 no, 2 an error.
    pub exit: u8,
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
}

impl Reply {
    fn new(text: impl Into<String>, json: Value) -> Self {
        Self { exit: 0, text: text.into(), json }
    }
}

/// What long work says while it goes on: what it does, how far it is, how far it goes.
pub type Progress<'a> = &'a mut dyn FnMut(&str, u64, u64);

impl Service {
    /// Does what the operator asks for.
    ///
    /// # Errors
    /// What is wrong with it; nothing has changed then, unless the error says otherwise.
    pub fn perform(&self, request: &Request, progress: Progress<'_>) -> Result<Reply, ServiceError> {
        let operator = |service: &Service| -> Result<Desk, ServiceError> {
            let hint = AccountHint { header: request.account.as_deref(), login: None };
            let account = service.account_of(&hint)?;
            Ok(Desk { who: service.operator(account), account })
        };
        match &request.op {
            Op::Init(op) => init::perform(self, request.account.as_deref(), op),
            Op::Account(op) => accounts::perform(self, op, &operator),
            Op::Import(op) => import::perform(self, &operator(self)?, op, progress),
            Op::Access(op) => check::perform(self, &operator(self)?, op),
            Op::User(op) => users::perform(self, &operator(self)?, op),
            Op::Provider(op) => ways_in::perform_provider(self, &operator(self)?, op),
            Op::Client(op) => ways_in::perform_client(self, &operator(self)?, op),
            Op::Grant(op) => grants::perform(self, &operator(self)?, op),
            Op::Role(op) => roles::perform(self, &operator(self)?, op),
            Op::Permission(op) => roles::perform_permission(self, &operator(self)?, op),
            Op::Retailer(op) => places::perform_retailer(self, &operator(self)?, op),
            Op::Location(op) => places::perform_location(self, &operator(self)?, op),
            Op::Channel(op) => places::perform_channel(self, &operator(self)?, op),
            Op::Audit(op) => audit::perform(self, &operator(self)?, op),
            Op::Export => export::perform(self, &operator(self)?),
        }
    }
}

/// The operator at work in one account.
pub(crate) struct Desk {
    pub who: Principal,
    pub account: AccountId,
}

/// Where the operator's changes come from, for the audit.
pub(crate) fn origin() -> Origin {
    Origin { application: None, address: "command line".into(), reason: None }
}

/// The answer to a change.
fn changed(what: impl Into<String>, revision: access::Revision, more: Value) -> Reply {
    let mut json = serde_json::json!({ "revision": revision });
    if let (Some(all), Value::Object(more)) = (json.as_object_mut(), more) {
        all.extend(more);
    }
    Reply::new(format!("{} (revision {revision})", what.into()), json)
}
