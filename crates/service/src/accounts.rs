//! The service, its accounts and the newest published state of each.

use crate::directory::Lists;
use crate::error::ServiceError;
use crate::fresh::Barrier;
use crate::sign_in::Providers;
use crate::writer::Writer;
use access::snapshot::Account;
use access::{AccountId, Contract, Snapshot};
use arc_swap::ArcSwap;
use authn::{Authenticator, Parameters, Sealer, SessionLimits};
use commerce::Commerce;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use store::{Clock, IdSource, Store};

/// What a running service is given.
#[derive(Debug)]
pub struct Options {
    /// Where state is kept.
    pub database: sql::Database,
    /// Whether other processes may write to that database: then every request makes sure that it sees the
    /// newest revision.
    pub shared: bool,
    /// Says what time it is.
    pub clock: Arc<dyn Clock>,
    /// Gives ids and secrets.
    pub ids: Arc<dyn IdSource>,
    /// How users sign in.
    pub sign_in: SignInOptions,
}

/// How users sign in.
#[derive(Clone, Default)]
pub struct SignInOptions {
    /// What a password's hash costs.
    pub parameters: Parameters,
    /// How long sessions last.
    pub session: SessionLimits,
    /// The key that secrets are sealed with which have to be read again; without one, none can be kept.
    pub key: Option<[u8; Sealer::KEY_BYTES]>,
    /// Whether identity providers on private addresses may be called.
    pub private_providers: bool,
    /// The name of this node, in the audit of sign-ins.
    pub node: Option<String>,
}

impl std::fmt::Debug for SignInOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { parameters, session, key, private_providers, node } = self;
        f.debug_struct("SignInOptions")
            .field("parameters", parameters)
            .field("session", session)
            // The key itself is nobody's to read, in no log either.
            .field("key", &key.is_some())
            .field("private_providers", private_providers)
            .field("node", node)
            .finish()
    }
}

/// The order of a request. Cheap to clone; all clones are one.
///
/// Its methods block on the database: asynchronous callers use `block_in_place` or `spawn_blocking`.
#[derive(Clone)]
pub struct Service {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub store: Store,
    pub commerce: Commerce,
    pub authn: Authenticator,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub sealer: Sealer,
    /// Whether what is sealed can be opened by the next process.
    pub keeps_secrets: bool,
    pub providers: Providers,
    shared: bool,
    accounts: RwLock<HashMap<AccountId, Arc<AccountState>>>,
    loading: Mutex<()>,
    refs: RwLock<HashMap<Box<str>, AccountId>>,
}

/// One account in memory.
pub(crate) struct AccountState {
    pub newest: ArcSwap<Snapshot>,
    pub writer: Writer,
    pub barrier: Barrier,
    /// How often a commit may have happened that is not in memory, and how many of those were looked into
    /// since: until then the database is asked.
    pub doubts: AtomicU64,
    settled: AtomicU64,
    pub lists: Lists,
}

impl AccountState {
    fn is_doubtful(&self) -> bool {
        self.settled.load(Ordering::SeqCst) < self.doubts.load(Ordering::SeqCst)
    }
}

/// What a request says of its account.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountHint<'a> {
    /// The header `Keyward-Account`.
    pub header: Option<&'a str>,
    /// The part before `/` of a login.
    pub login: Option<&'a str>,
}

impl Service {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    /// A database that cannot be used, is newer than the program, or is no database of ours.
    pub fn open(options: Options) -> Result<Self, ServiceError> {
        let contract = Contract::built_in().map_err(|e| ServiceError::Internal(e.to_string()))?;
        let commerce = Commerce::new(options.database.clone());
        let store =
            Store::open(options.database, contract, &commerce::migrations()).map_err(|e| match e {
                store::StoreError::Newer { .. } => ServiceError::Unavailable(e.to_string()),
                other => other.into(),
            })?;
        let internal = |e: &dyn std::fmt::Display| ServiceError::Internal(e.to_string());
        let SignInOptions { parameters, session, key, private_providers, node } = options.sign_in;
        let authn =
            Authenticator::new(parameters, session, options.ids.as_ref()).map_err(|e| internal(&e))?;
        let sealer = match &key {
            Some(key) => Sealer::new(key),
            None => Sealer::of_process(options.ids.as_ref()).map_err(|e| internal(&e))?,
        };
        let store = match node {
            Some(node) => store.of_node(&node),
            None => store,
        };
        let inner = Inner {
            sealer,
            keeps_secrets: key.is_some(),
            providers: Providers::new(private_providers),
            store,
            commerce,
            authn,
            clock: options.clock,
            ids: options.ids,
            shared: options.shared,
            accounts: RwLock::default(),
            loading: Mutex::default(),
            refs: RwLock::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// All accounts of the installation.
    ///
    /// # Errors
    /// The database cannot be used.
    pub fn accounts(&self) -> Result<Vec<Account>, ServiceError> {
        Ok(self.inner.store.accounts()?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// Why it does not.
    pub fn ready(&self) -> Result<(), ServiceError> {
        self.inner.store.heads().map(drop).map_err(ServiceError::from)
    }

    /// Whether the newest state is known without asking the database: then [`Self::inquire`] does not block,
    /// except to load an account that nobody has signed in to.
    #[must_use]
    pub fn is_newest_in_memory(&self) -> bool {
        !self.inner.shared
    }

    /// How many accounts are held in memory.
    #[must_use]
    pub fn accounts_loaded(&self) -> usize {
        self.inner.accounts.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The newest state of the account that a hint names, if all of that is in memory.
    pub(crate) fn recall(&self, hint: &AccountHint<'_>) -> Option<Arc<Snapshot>> {
        let named = hint.header.or(hint.login).unwrap_or_default();
        let id = self.known_ref(named)?;
        if hint.login.is_some_and(|login| login != named && self.known_ref(login) != Some(id)) {
            return None;
        }
        self.recall_account(id)
    }

    /// The newest state of an account, if that is known to be in memory.
    pub(crate) fn recall_account(&self, id: AccountId) -> Option<Arc<Snapshot>> {
        let accounts = self.inner.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let state = accounts.get(&id).filter(|_| self.is_newest_in_memory())?;
        if state.is_doubtful() {
            return None;
        }
        Some(state.newest.load_full())
    }

    /// The account that a request is about: the one it names, else the only one there is.
    ///
    /// # Errors
    /// It names none of several, one that does not exist, or two.
    pub fn account_of(&self, hint: &AccountHint<'_>) -> Result<AccountId, ServiceError> {
        let Some(named) = hint.header.or(hint.login) else { return self.only_account() };
        let id = self.account_named(named)?;
        // Somebody in between may have looked at the other name: which of two counts is not ours to guess.
        if let Some(login) = hint.login.filter(|login| *login != named)
            && self.account_named(login)? != id
        {
            return Err(ServiceError::Account("the header and the login name two accounts: name one".into()));
        }
        Ok(id)
    }

    fn account_named(&self, named: &str) -> Result<AccountId, ServiceError> {
        if let Some(id) = self.known_ref(named) {
            return Ok(id);
        }
        let accounts = self.accounts()?;
        let found = accounts.iter().find(|a| a.r#ref.as_str() == named || a.id.to_string() == named);
        let id = found
            .map(|a| a.id)
            .ok_or_else(|| ServiceError::Account(format!("there is no account `{named}`")))?;
        self.remember_ref(named, id);
        Ok(id)
    }

    fn only_account(&self) -> Result<AccountId, ServiceError> {
        // The empty ref stands for "the only one". It is forgotten when an account is opened, and not
        // remembered where another process may open one.
        if let Some(id) = self.known_ref("") {
            return Ok(id);
        }
        let accounts = self.accounts()?;
        match accounts.as_slice() {
            [one] => {
                if !self.inner.shared {
                    // Looked at again under the lock: an account that is opened meanwhile forgets after us.
                    let mut refs = self.inner.refs.write().unwrap_or_else(PoisonError::into_inner);
                    if self.accounts()?.len() == 1 {
                        refs.insert("".into(), one.id);
                    }
                }
                Ok(one.id)
            }
            [] => Err(ServiceError::Account("there is no account yet: make one with `keyward init`".into())),
            several => {
                let names: Vec<&str> = several.iter().map(|a| a.r#ref.as_str()).collect();
                let names = names.join(", ");
                Err(ServiceError::Account(format!("name the account (--account): there are {names}")))
            }
        }
    }

    fn known_ref(&self, named: &str) -> Option<AccountId> {
        let refs = self.inner.refs.read().unwrap_or_else(PoisonError::into_inner);
        refs.get(named).copied()
    }

    fn remember_ref(&self, named: &str, id: AccountId) {
        self.inner.refs.write().unwrap_or_else(PoisonError::into_inner).insert(named.into(), id);
    }

    pub(crate) fn forget_refs(&self) {
        self.inner.refs.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The account in memory; loaded when it is first asked for.
    pub(crate) fn state(&self, account: AccountId) -> Result<Arc<AccountState>, ServiceError> {
        let known = || {
            let accounts = self.inner.accounts.read().unwrap_or_else(PoisonError::into_inner);
            accounts.get(&account).cloned()
        };
        if let Some(state) = known() {
            return Ok(state);
        }
        // One load at a time: two would both hold an account in memory.
        let _turn = self.inner.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = known() {
            return Ok(state);
        }
        let snapshot = self.inner.store.load(account)?;
        tracing::info!(%account, revision = %snapshot.revision(), users = snapshot.user_count(), "account loaded");
        Ok(self.keep(snapshot))
    }

    pub(crate) fn keep(&self, snapshot: Snapshot) -> Arc<AccountState> {
        let account = snapshot.account().id;
        let state = Arc::new(AccountState {
            newest: ArcSwap::from_pointee(snapshot),
            writer: Writer::default(),
            barrier: Barrier::default(),
            doubts: AtomicU64::new(0),
            settled: AtomicU64::new(0),
            lists: Lists::default(),
        });
        let mut accounts = self.inner.accounts.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody may have loaded it in between: an account has one writer.
        accounts.entry(account).or_insert(state).clone()
    }

    /// The newest state of an account: what was committed before this call is in it.
    ///
    /// # Errors
    /// No such account, or a database that cannot prove that the state is the newest.
    pub(crate) fn newest(&self, account: AccountId) -> Result<Arc<Snapshot>, ServiceError> {
        let state = self.state(account)?;
        let doubts = state.doubts.load(Ordering::SeqCst);
        if self.inner.shared || state.is_doubtful() {
            state.barrier.pass(|| self.catch_up(&state))?;
            state.settled.fetch_max(doubts, Ordering::SeqCst);
        }
        Ok(state.newest.load_full())
    }

    /// Applies what other processes committed. Called under the barrier or by the writer, one at a time.
    pub(crate) fn catch_up(&self, state: &AccountState) -> Result<(), ServiceError> {
        let known = state.newest.load_full();
        let account = known.account().id;
        let head = self.inner.store.head(account)?.map(|h| h.revision);
        if head == Some(known.revision()) {
            return Ok(());
        }
        if head.is_none_or(|head| head < known.revision()) {
            // A database that was put back to an earlier state: what is known here is of another history.
            let why = format!("the database is behind revision {}: restart the server", known.revision());
            return Err(ServiceError::Unavailable(why));
        }
        let mut next = Snapshot::clone(&known);
        for (revision, changes) in self.inner.store.changes_since(account, known.revision())? {
            if revision != next.revision().next() {
                next = self.inner.store.load(account)?;
                break;
            }
            next = next.apply(&changes).map_err(|e| ServiceError::Internal(e.to_string()))?;
        }
        self.publish(state, next);
        Ok(())
    }

    /// Makes a committed state the newest, unless a newer one is published already.
    pub(crate) fn publish(&self, state: &AccountState, next: Snapshot) {
        let next = Arc::new(next);
        state.newest.rcu(|now| if now.revision() < next.revision() { next.clone() } else { now.clone() });
    }
}
