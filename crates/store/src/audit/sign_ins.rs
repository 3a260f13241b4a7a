//! The audit of sign-ins: who came in or tried to, by what, from where. One chain for each node.

use super::{ACCESS_CHAIN, Chain, Sealed, genesis};
use crate::error::StoreError;
use crate::tables::{audit_chains, audit_entries};
use access::{AccountId, Application, Instant, Revision};
use sql::Tx;
use std::collections::BTreeSet;

/// What the name of a node's chain begins with.
const PREFIX: &str = "sign_in/";

/// An entry of the audit of sign-ins. Nothing in it is a secret, or may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInEntry {
    /// When.
    pub at: Instant,
    /// Who: the id of a user, or `unknown`.
    pub actor: String,
    /// The application that they came to.
    pub application: Option<Application>,
    /// The network address that they came from.
    pub address: String,
    /// What happened: `sign_in.succeeded`.
    pub action: &'static str,
    /// To whom or what: the id and login of a user, the id of a token.
    pub target: String,
    /// Named values, such as the way they signed in and what their program says of itself.
    pub facts: Vec<(&'static str, String)>,
    /// The version of the access state that it was judged on.
    pub revision: Revision,
}

/// The name of the chain of a node.
pub(crate) fn chain_of(node: &str) -> String {
    format!("{PREFIX}{node}")
}

/// The names of all chains of an account, that of access changes first.
pub(crate) fn chains(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<String>, StoreError> {
    let mut names: BTreeSet<String> = audit_chains::names(tx, account)?.into_iter().collect();
    names.extend(audit_entries::chains(tx, account)?);
    names.remove(ACCESS_CHAIN);
    Ok(std::iter::once(ACCESS_CHAIN.to_owned()).chain(names).collect())
}

/// Appends entries to the chain of a node.
pub(crate) fn append_sign_ins(
    tx: &mut Tx<'_>,
    account: AccountId,
    node: &str,
    told: &[SignInEntry],
) -> Result<(), StoreError> {
    if told.is_empty() {
        return Ok(());
    }
    let name = chain_of(node);
    let begin = || (0, genesis(account, &name));
    let (count, head) = audit_chains::find(tx, account, &name)?.unwrap_or_else(begin);
    let mut chain = Chain::at(account, &name, count, head);
    for entry in told {
        chain.push_sign_in(tx, entry)?;
    }
    // The end moves before its entries are written: where two writers meet, the database has the second one wait at
    // that row and run again, instead of being told that an entry of that number is there.
    audit_chains::put(tx, account, &name, chain.count(), &chain.head())?;
    chain.flush(tx)
}

impl Chain {
    fn push_sign_in(&mut self, tx: &mut Tx<'_>, entry: &SignInEntry) -> Result<(), StoreError> {
        let after = serde_json::to_string(&entry.facts).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let entry = Sealed {
            account: self.account,
            chain: "",
            number: 0,
            at: entry.at.0,
            actor: &entry.actor,
            application: entry.application.map(Application::name),
            address: &entry.address,
            action: entry.action,
            target: &entry.target,
            before: "[]",
            after: &after,
            revision: entry.revision.0,
            previous_hash: "",
        };
        self.seal(tx, entry)
    }
}
