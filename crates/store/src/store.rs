//! The store of all accounts of an installation.

use crate::audit::{self, AuditEntry, AuditQuery, AuditVerdict};
use crate::commit::{self, Committed, Origin, PasswordRow, Pending};
use crate::error::StoreError;
use crate::schema::{self, Migration};
use crate::tables::{self, accounts, change_log, passwords};
use access::change::Changeset;
use access::snapshot::Account;
use access::{AccountId, Change, Contract, Instant, Number, Revision, Snapshot, UserId};
use sql::Database;
use std::sync::Arc;

/// The stored access state of all accounts. Cheap to clone; all clones are one store.
///
/// Every call blocks, as those of [`Database`] do.
#[derive(Clone, Debug)]
pub struct Store {
    db: Database,
    contract: Arc<Contract>,
    node: Arc<str>,
}

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The version of its access state.
    pub revision: Revision,
    /// Entries in its audit chain of access changes.
    pub audit_count: u64,
    /// The hash of the last of them, 64 hexadecimal digits: kept elsewhere, it proves the chain up to here.
    pub audit_hash: String,
}

impl Store {
    /// Opens a database and brings its tables up to date: the store's own, then `more`, those of other crates.
    ///
    /// # Errors
    /// [`StoreError::Newer`], with nothing written, when the database has steps that are neither the store's
    /// nor in `more`.
    pub fn open(db: Database, contract: Arc<Contract>, more: &[Migration]) -> Result<Self, StoreError> {
        schema::migrate(&db, more)?;
        Ok(Self { db, contract, node: Self::NODE.into() })
    }

    /// The name of a node that was given none.
    pub const NODE: &'static str = "main";

    /// The same store for the node of that name, which has a chain of sign-ins of its own in every account. Nodes of
    /// one name share a chain: it stays whole, but they wait for each other.
    #[must_use]
    pub fn of_node(mut self, node: &str) -> Self {
        self.node = node.into();
        self
    }

    /// The name of this node.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The database, for the tables of other crates.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.db
    }

    /// What is the same in every account.
    #[must_use]
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// Every SQL text of this crate but those of `insert_many`: a test has each database prepare them.
    #[must_use]
    pub fn statements() -> Vec<&'static str> {
        tables::statements()
    }

    /// All accounts, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.db.read(accounts::all)
    }

    /// Where an account stands; none for an unknown one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn head(&self, account: AccountId) -> Result<Option<Head>, StoreError> {
        Ok(self.db.read(|tx| accounts::head(tx, account))?.map(|row| row.head))
    }

    /// The revision of every account, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub fn heads(&self) -> Result<Vec<(AccountId, Revision)>, StoreError> {
        self.db.read(accounts::heads)
    }

    /// The newest access state of an account, all of one revision.
    ///
    /// # Errors
    /// [`StoreError::UnknownAccount`]; [`StoreError::Corrupt`] when the rows contradict each other.
    pub fn load(&self, account: AccountId) -> Result<Snapshot, StoreError> {
        crate::load::load(self, account)
    }

    /// The changesets committed after that revision, in order, each with the revision it led to.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a part of the log is missing.
    pub fn changes_since(
        &self,
        account: AccountId,
        after: Revision,
    ) -> Result<Vec<(Revision, Vec<Change>)>, StoreError> {
        self.db.read(|tx| change_log::since(tx, account, after))
    }

    /// The id for the next account. Somebody else may take it first: [`Store::open_account`] says so.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_account_id(&self) -> Result<AccountId, StoreError> {
        let last = self.db.read(accounts::last)?;
        let next = u32::try_from(last + 1).ok().and_then(AccountId::from_number);
        next.ok_or_else(|| StoreError::corrupt(format!("the account number {last} has no next")))
    }

    /// Commits the first changeset of an account and answers the state it leads to.
    ///
    /// # Errors
    /// [`StoreError::AccountTaken`] when another account has that ref, [`StoreError::Stale`] when another has
    /// that id: take the next one.
    #[expect(clippy::needless_pass_by_value, reason = "a changeset is committed once")]
    pub fn open_account(
        &self,
        changeset: Changeset,
        origin: &Origin,
        at: Instant,
    ) -> Result<(Committed, Snapshot), StoreError> {
        commit::open_account(self, &changeset, origin, at)
    }

    /// Commits changesets, each made on the state that the one before leads to: all or none, in one transaction.
    ///
    /// `still_valid` is asked inside the transaction, after everything was written and before it is committed;
    /// it may be asked again when the database makes the transaction run again.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the account is no longer at the revision that the first was made on,
    /// [`StoreError::TooLate`] when `still_valid` says no. Nothing is written then.
    pub fn commit(
        &self,
        group: &[Pending<'_>],
        still_valid: &dyn Fn() -> bool,
    ) -> Result<Vec<Committed>, StoreError> {
        commit::commit(self, group, still_valid)
    }

    /// The password of a user; none when they have none.
    ///
    /// # Errors
    /// Those of the database.
    pub fn password(&self, account: AccountId, user: UserId) -> Result<Option<PasswordRow>, StoreError> {
        self.db.read(|tx| passwords::find(tx, account, user))
    }

    /// A page of a chain of the audit.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when an entry cannot be read.
    pub fn audit(&self, account: AccountId, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.db.read(|tx| audit::page(tx, account, query))
    }

    /// The chains of an account's audit: that of access changes, then those of sign-ins, one a node. A chain is named
    /// while its end or any of its entries is there, so that neither is hidden by taking the other.
    ///
    /// # Errors
    /// Those of the database.
    pub fn audit_chains(&self, account: AccountId) -> Result<Vec<String>, StoreError> {
        self.db.read(|tx| audit::chains(tx, account))
    }

    /// The chain of this node's sign-ins.
    #[must_use]
    pub fn sign_in_chain(&self) -> String {
        audit::chain_of(&self.node)
    }

    /// Gives every entry of a chain of the audit to `each`, oldest first, holding few of them at a time.
    ///
    /// # Errors
    /// The first error of `each`, after which no more are given, and those of the database.
    pub fn audit_export<E: From<StoreError>>(
        &self,
        account: AccountId,
        chain: &str,
        each: &mut dyn FnMut(&AuditEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        audit::export(&self.db, account, chain, each)
    }

    /// Walks a chain of the audit and says whether anything was altered.
    ///
    /// `expected_head` is a head hash that was kept elsewhere: it must be that of an entry of the chain.
    ///
    /// # Errors
    /// [`StoreError::UnknownAccount`], and those of the database. A broken chain is no error but an answer.
    pub fn verify_audit(
        &self,
        account: AccountId,
        chain: &str,
        expected_head: Option<&str>,
    ) -> Result<AuditVerdict, StoreError> {
        self.db.read(|tx| audit::verify(tx, account, chain, expected_head))
    }
}
