//! The audit of sign-ins, in one place: what happened, to whom, from where. Never a secret.

use crate::accounts::Service;
use crate::visitor::Visitor;
use access::snapshot::UserRef;
use access::{AccountId, Application, Snapshot, UserId};
use store::SignInEntry;

/// What an entry is about.
pub(crate) struct About<'a> {
    pub visitor: &'a Visitor,
    pub application: Option<Application>,
    /// Whom it is about; none for somebody unknown, whose text is not repeated: people type passwords there.
    pub user: Option<UserId>,
    /// What else it is about: a token, a provider.
    pub thing: Option<String>,
}

impl Service {
    /// An entry, made on a state.
    pub(crate) fn tell(
        &self,
        on: &Snapshot,
        action: &'static str,
        about: &About<'_>,
        facts: &[(&'static str, String)],
    ) -> SignInEntry {
        let who = about.user.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let login = about.user.and_then(|id| on.user(id)).map(UserRef::login);
        let parts = [about.thing.clone(), Some(who.clone()), login];
        let target = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let mut facts = facts.to_vec();
        if !about.visitor.agent.is_empty() {
            facts.push(("agent", about.visitor.agent.clone()));
        }
        SignInEntry {
            at: self.inner.clock.now(),
            actor: who,
            application: about.application,
            address: about.visitor.address_text(),
            action,
            target,
            facts,
            revision: on.revision(),
        }
    }

    /// Writes entries that stand by themselves. A database that does not take them is told in the log: the request
    /// that they are about was refused anyhow, or has changed nothing.
    pub(crate) fn tell_now(&self, account: AccountId, entries: &[SignInEntry]) {
        if let Err(error) = self.inner.store.tell_sign_ins(account, entries) {
            for entry in entries {
                let (action, target, address) = (entry.action, &entry.target, &entry.address);
                tracing::error!(%error, action, target, address, "an entry of the audit was not written");
            }
        }
    }

    /// An entry about somebody of an account that is not known: it has no chain, so it goes to the log.
    pub(crate) fn log_stranger(visitor: &Visitor, what: &str) {
        tracing::warn!(address = visitor.address_text(), what, "a sign-in was refused");
    }
}
