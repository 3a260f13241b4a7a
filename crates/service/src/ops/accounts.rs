//! Accounts.

use super::text::table;
use super::{Desk, Reply, changed, origin};
use crate::accounts::Service;
use crate::error::ServiceError;
use access::Label;
use access::commands::{EditAccount, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What is done with accounts; a new one is made by `init`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum AccountOp {
    /// Another name.
    Edit { name: String },
    /// All of them.
    List,
}

pub(super) fn perform(
    service: &Service,
    op: &AccountOp,
    operator: &dyn Fn(&Service) -> Result<Desk, ServiceError>,
) -> Result<Reply, ServiceError> {
    match op {
        AccountOp::Edit { name } => {
            let command = EditAccount { name: Label::parse(name).map_err(Refusal::from)? };
            let revision = service.execute(&operator(service)?.who, origin(), command)?;
            Ok(changed(format!("the account is now called {name}"), revision, json!({ "name": name })))
        }
        AccountOp::List => {
            let accounts = service.accounts()?;
            let row =
                |a: &access::snapshot::Account| [a.id.to_string(), a.r#ref.to_string(), a.name.to_string()];
            let text = table(["id", "ref", "name"], &accounts.iter().map(row).collect::<Vec<_>>());
            let item = |a: &access::snapshot::Account| json!({ "id": a.id.to_string(), "ref": a.r#ref, "name": a.name });
            Ok(Reply::new(text, json!({ "items": accounts.iter().map(item).collect::<Vec<_>>() })))
        }
    }
}
