//! The audit: for each account one chain of access changes, and for each node one of sign-ins.
//!
//! Every entry carries the hash of the one before, so that an entry cannot be altered, taken, put in or moved
//! without every later hash changing; the head of the account holds the last. What is hashed stands in [`hash`].

mod hash;
mod sign_ins;
mod verify;

use crate::commit::{CredentialWrite, Origin};
use crate::error::StoreError;
use crate::queue::Queue;
use crate::store::Head;
use crate::tables::audit_entries;
use access::change::Told;
use access::proof::Actor;
use access::snapshot::{Snapshot, UserRef};
use access::{AccountId, Application, Instant, Revision, UserId};

use serde::Serialize;
use sql::{Database, SqlError, Tx};

pub use hash::ACCESS_CHAIN;
pub(crate) use hash::{Sealed, genesis};
pub use sign_ins::SignInEntry;
pub(crate) use sign_ins::{append_sign_ins, chain_of, chains};
pub use verify::AuditVerdict;
pub(crate) use verify::verify;

/// Who changed what, when, from where, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its place in the chain, from 1.
    pub number: u64,
    /// When.
    pub at: Instant,
    /// On whose behalf: the id of a user, or `operator`.
    pub actor: String,
    /// The application it came through; none for the command line.
    pub application: Option<Application>,
    /// From where: a network address, or `cli`.
    pub address: String,
    /// What was done: `user.disabled`.
    pub action: String,
    /// To what: its id and its name.
    pub target: String,
    /// Named values that were there before.
    pub before: Vec<(String, String)>,
    /// Named values that are there now.
    pub after: Vec<(String, String)>,
    /// The version of the access state that it led to.
    pub revision: Revision,
    /// The hash of the entry before; of the first, a constant of the account.
    pub previous_hash: String,
    /// The hash of all of this: 64 hexadecimal digits.
    pub hash: String,
}

/// Which entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    /// Of which chain: [`ACCESS_CHAIN`], or one of [`crate::Store::audit_chains`].
    pub chain: String,
    /// Those behind this number, in the direction of reading; none: from the beginning of it.
    pub after: Option<u64>,
    /// How many, [`AuditQuery::LIMIT_MAX`] at most: whoever asks for more pages on.
    pub limit: usize,
    /// From the newest to the oldest, instead of from the oldest to the newest.
    pub newest_first: bool,
}

impl AuditQuery {
    /// Most entries of one page.
    pub const LIMIT_MAX: usize = 1_000;
}

/// What the entries of one changeset have in common.
pub(crate) struct Source<'a> {
    pub(crate) actor: Actor,
    pub(crate) origin: &'a Origin,
    pub(crate) at: Instant,
    pub(crate) revision: Revision,
}

/// The end of a chain, growing. What was given is in the database after [`Chain::flush`].
pub(crate) struct Chain {
    account: AccountId,
    name: String,
    count: u64,
    head: String,
    rows: Queue,
}

impl Chain {
    /// The empty chain of a new account.
    pub(crate) fn new(account: AccountId) -> Self {
        Self::at(account, ACCESS_CHAIN, 0, genesis(account, ACCESS_CHAIN))
    }

    /// The chain that ends at the head.
    pub(crate) fn behind(account: AccountId, head: &Head) -> Self {
        Self::at(account, ACCESS_CHAIN, head.audit_count, head.audit_hash.clone())
    }

    fn at(account: AccountId, name: &str, count: u64, head: String) -> Self {
        Self { account, name: name.to_owned(), count, head, rows: Self::queue() }
    }

    fn queue() -> Queue {
        Queue::new("audit_entry", audit_entries::COLUMNS)
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn head(&self) -> String {
        self.head.clone()
    }

    pub(crate) fn push(
        &mut self,
        tx: &mut Tx<'_>,
        source: &Source<'_>,
        told: &Told,
    ) -> Result<(), StoreError> {
        let json = |facts| serde_json::to_string(facts).map_err(|e| StoreError::Corrupt(e.to_string()));
        let mut told_after = told.after.clone();
        told_after.extend(source.origin.reason.clone().map(|reason| ("reason", reason)));
        let (actor, before, after) = (source.actor.to_string(), json(&told.before)?, json(&told_after)?);
        let entry = Sealed {
            account: self.account,
            chain: "",
            number: 0,
            at: source.at.0,
            actor: &actor,
            application: source.origin.application.map(Application::name),
            address: &source.origin.address,
            action: told.action,
            target: &told.target,
            before: &before,
            after: &after,
            revision: source.revision.0,
            previous_hash: "",
        };
        self.seal(tx, entry)
    }

    /// Puts an entry behind the last; its place in the chain is filled in here.
    fn seal(&mut self, tx: &mut Tx<'_>, entry: Sealed<'_>) -> Result<(), StoreError> {
        self.count += 1;
        let (chain, number, previous_hash) = (self.name.as_str(), self.count, self.head.as_str());
        let sealed = Sealed { chain, number, previous_hash, ..entry };
        let hash = sealed.hash();
        let row = audit_entries::row(&sealed, &hash);
        self.head = hash;
        self.rows.push(tx, row)
    }

    /// Writes what waits.
    pub(crate) fn flush(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.rows.flush(tx)
    }
}

/// What an auditor reads of a write to a credential: never the secret, sealed or hashed.
pub(crate) fn tell_credential(write: &CredentialWrite, after: &Snapshot) -> Told {
    let user_text = |user: &UserId| named(user, after.user(*user).map(UserRef::login).as_deref());
    let (action, target, facts) = match write {
        CredentialWrite::SetPassword { user, must_change, .. } => {
            ("user.password_set", user_text(user), vec![("must_change", must_change.to_string())])
        }
        CredentialWrite::RemovePassword { user } => ("user.password_removed", user_text(user), vec![]),
        CredentialWrite::PutLink(link) => {
            let purpose = format!("{:?}", link.purpose).to_lowercase();
            let until = ("expires_at", link.expires_at.0.to_string());
            ("user.link_made", user_text(&link.user), vec![("purpose", purpose), until])
        }
        CredentialWrite::SetProviderSecret { provider, sealed } => {
            let kind = if sealed.is_some() { "kept" } else { "none" };
            let known = after.entrances().provider(*provider).map(|p| p.r#ref.as_str());
            ("provider.secret_set", named(provider, known), vec![("secret", kind.to_owned())])
        }
        CredentialWrite::SetClientSecret { client, .. } => {
            let known = after.entrances().client(*client).map(|c| c.r#ref.as_str());
            ("client.secret_set", named(client, known), vec![])
        }
    };
    Told { action, target, before: vec![], after: facts }
}

/// The target of an entry: an id and, where it is known, a name.
fn named(id: &impl std::fmt::Display, name: Option<&str>) -> String {
    format!("{id} {}", name.unwrap_or_default()).trim_end().to_owned()
}

pub(crate) fn page(
    tx: &mut Tx<'_>,
    account: AccountId,
    query: &AuditQuery,
) -> Result<Vec<AuditEntry>, StoreError> {
    let limit = query.limit.min(AuditQuery::LIMIT_MAX);
    let mut entries = Vec::with_capacity(limit);
    audit_entries::page(tx, account, &AuditQuery { limit, ..query.clone() }, |row| {
        entries.push(audit_entries::read(row)?);
        Ok(())
    })?;
    Ok(entries)
}

/// An error of the database or of whoever takes the entries.
enum Stop<E> {
    Store(StoreError),
    Taker(E),
}

impl<E> From<SqlError> for Stop<E> {
    fn from(error: SqlError) -> Self {
        Self::Store(error.into())
    }
}

pub(crate) fn export<E: From<StoreError>>(
    db: &Database,
    account: AccountId,
    chain: &str,
    each: &mut dyn FnMut(&AuditEntry) -> Result<(), E>,
) -> Result<(), E> {
    let exported = db.read(|tx| {
        audit_entries::all(tx, account, chain, |row| {
            let entry = audit_entries::read(row).map_err(Stop::Store)?;
            each(&entry).map_err(Stop::Taker)
        })
    });
    exported.map_err(|stop| match stop {
        Stop::Store(error) => E::from(error),
        Stop::Taker(error) => error,
    })
}
