//! A group of changesets becomes durable: rows, change log, audit, credentials and head in one transaction.

use crate::audit;
use crate::error::StoreError;
use crate::persist::Rows;
use crate::queue::Queue;
use crate::store::{Head, Store};
use crate::tables::accounts::{self, HeadRow};
use crate::tables::{change_log, entrances, links, passwords};
use crate::tokens::LinkRow;
use access::change::Changeset;
use access::snapshot::Snapshot;
use access::{AccountId, Application, ClientId, Instant, ProviderId, Revision, UserId};
use sql::Tx;

/// A changeset on its way into the store.
#[derive(Clone, Copy, Debug)]
pub struct Pending<'a> {
    /// What changes.
    pub changeset: &'a Changeset,
    /// The state it was made on.
    pub before: &'a Snapshot,
    /// The state it leads to, one revision on.
    pub after: &'a Snapshot,
    /// From where it came.
    pub origin: &'a Origin,
    /// When.
    pub at: Instant,
    /// What it does to credentials. Each is told in the audit, without the secret.
    pub credentials: &'a [CredentialWrite],
}

/// What happens to a credential.
#[derive(Clone, PartialEq, Eq)]
pub enum CredentialWrite {
    /// The user has this password from now on.
    SetPassword {
        /// Whose.
        user: UserId,
        /// Its hash, in the text form that names algorithm and parameters.
        hash: String,
        /// Whether it must be changed at the next sign-in.
        must_change: bool,
    },
    /// The user has no password.
    RemovePassword {
        /// Whose.
        user: UserId,
    },
    /// This link, and no older one of its user, lets them set a password.
    PutLink(LinkRow),
    /// The identity provider knows us by this secret; none makes us a public client.
    SetProviderSecret {
        /// Which.
        provider: ProviderId,
        /// The secret, sealed.
        sealed: Option<String>,
    },
    /// The API client shows this secret.
    SetClientSecret {
        /// Which.
        client: ClientId,
        /// SHA-256 of the secret, 64 hexadecimal digits.
        fingerprint: String,
    },
}

impl std::fmt::Debug for CredentialWrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SetPassword { user, must_change, .. } => {
                let mut shown = f.debug_struct("SetPassword");
                shown.field("user", user).field("must_change", must_change).finish_non_exhaustive()
            }
            Self::RemovePassword { user } => f.debug_struct("RemovePassword").field("user", user).finish(),
            Self::PutLink(link) => {
                f.debug_struct("PutLink").field("user", &link.user).finish_non_exhaustive()
            }
            Self::SetProviderSecret { provider, .. } => {
                f.debug_struct("SetProviderSecret").field("provider", provider).finish_non_exhaustive()
            }
            Self::SetClientSecret { client, .. } => {
                f.debug_struct("SetClientSecret").field("client", client).finish_non_exhaustive()
            }
        }
    }
}

/// The password of a user as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordRow {
    /// Its hash, in the text form that names algorithm and parameters.
    pub hash: String,
    /// Whether it must be changed at the next sign-in.
    pub must_change: bool,
    /// Since when it is theirs.
    pub set_at: Instant,
}

impl std::fmt::Debug for PasswordRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("PasswordRow");
        shown.field("must_change", &self.must_change).field("set_at", &self.set_at).finish_non_exhaustive()
    }
}

/// From where a change came, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The application that it came through; none for the command line.
    pub application: Option<Application>,
    /// The network address of who asked; `cli` for the command line.
    pub address: String,
    /// Why, in the words of whoever asked; it is told with every change of the command.
    pub reason: Option<String>,
}

/// Evidence that a changeset is durable: only the store makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    account: AccountId,
    revision: Revision,
}

impl Committed {
    /// The account that was changed.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The revision that the changeset led to.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }
}

pub(crate) fn commit(
    store: &Store,
    group: &[Pending<'_>],
    still_valid: &dyn Fn() -> bool,
) -> Result<Vec<Committed>, StoreError> {
    check(group)?;
    if group.is_empty() {
        return Ok(Vec::new());
    }
    store.database().write(|tx| {
        for of_account in group.chunk_by(|a, b| a.changeset.account() == b.changeset.account()) {
            commit_account(tx, of_account)?;
        }
        if still_valid() { Ok(()) } else { Err(StoreError::TooLate) }
    })?;
    let committed =
        |p: &Pending<'_>| Committed { account: p.changeset.account(), revision: p.after.revision() };
    Ok(group.iter().map(committed).collect())
}

/// Whether each changeset is handed in with the states that it was made on and leads to. A state of another
/// account or revision would be told in the audit and counted in the head.
fn check(group: &[Pending<'_>]) -> Result<(), StoreError> {
    for Pending { changeset, before, after, .. } in group {
        let (account, base) = (changeset.account(), changeset.base());
        let own = [before, after].iter().all(|state| state.account().id == account);
        if !own || before.revision() != base || after.revision() != base.next() {
            let (before, after) = (before.revision(), after.revision());
            return Err(StoreError::Corrupt(format!(
                "a changeset of {account} on revision {base} came with the states {before} and {after}"
            )));
        }
    }
    Ok(())
}

/// Changesets of one account, in turn.
///
/// The revision moves first: where two writers meet, the database has the second one wait at this row, and
/// what it then says is "stale" and not something about the rows behind it.
fn commit_account(tx: &mut Tx<'_>, group: &[Pending<'_>]) -> Result<(), StoreError> {
    let Some((first, last)) = group.first().zip(group.last()) else { return Ok(()) };
    let (account, base) = (first.changeset.account(), first.changeset.base());
    let stale = |base, found| StoreError::Stale { account, base, found };
    for (one, next) in group.iter().zip(group.iter().skip(1)) {
        if next.changeset.base() != one.after.revision() {
            return Err(stale(next.changeset.base(), one.after.revision()));
        }
    }
    let moved = accounts::move_revision(tx, account, base, last.after.revision())?;
    let found = accounts::head(tx, account)?.ok_or(StoreError::UnknownAccount(account))?.head;
    if !moved {
        return Err(stale(base, found.revision));
    }
    let mut chain = audit::Chain::behind(account, &found);
    write(tx, group, &mut chain)?;
    let head = Head { audit_count: chain.count(), audit_hash: chain.head(), ..found };
    accounts::update_head(tx, account, &HeadRow::new(head, last.after))
}

/// Writes everything of changesets of one account but its head.
fn write(tx: &mut Tx<'_>, group: &[Pending<'_>], chain: &mut audit::Chain) -> Result<(), StoreError> {
    let Some(account) = group.first().map(|p| p.changeset.account()) else { return Ok(()) };
    let mut rows = Rows::new(account);
    let mut log = Queue::new("change_log", change_log::COLUMNS);
    for Pending { changeset, before, after, origin, at, credentials } in group {
        for change in changeset.changes() {
            rows.write(tx, change)?;
        }
        change_log::append(tx, &mut log, account, after.revision(), changeset.changes(), *at)?;
        let source = audit::Source { actor: changeset.actor(), origin, at: *at, revision: after.revision() };
        for change in changeset.changes() {
            chain.push(tx, &source, &change.tell(before, after))?;
        }
        for write in *credentials {
            write_credential(tx, account, write, *at)?;
            chain.push(tx, &source, &audit::tell_credential(write, after))?;
        }
    }
    rows.flush(tx)?;
    log.flush(tx)?;
    chain.flush(tx)
}

/// After the changes of its changeset: a link that is made by a way out outlives it.
fn write_credential(
    tx: &mut Tx<'_>,
    account: AccountId,
    write: &CredentialWrite,
    at: Instant,
) -> Result<(), StoreError> {
    match write {
        CredentialWrite::SetPassword { user, hash, must_change } => {
            passwords::put(tx, account, *user, (hash, *must_change), at)
        }
        CredentialWrite::RemovePassword { user } => passwords::delete(tx, account, *user),
        CredentialWrite::PutLink(link) => links::put(tx, account, link),
        CredentialWrite::SetProviderSecret { provider, sealed } => {
            entrances::set_provider_secret(tx, account, *provider, sealed.as_deref())
        }
        CredentialWrite::SetClientSecret { client, fingerprint } => {
            entrances::set_client_secret(tx, account, *client, fingerprint)
        }
    }
}

pub(crate) fn open_account(
    store: &Store,
    changeset: &Changeset,
    origin: &Origin,
    at: Instant,
) -> Result<(Committed, Snapshot), StoreError> {
    let changes = changeset.changes();
    let snapshot = Snapshot::first(store.contract().clone(), changes)?;
    // Nothing is there before an account is opened; what its first changeset did after that begins here.
    let opened = Snapshot::first(store.contract().clone(), changes.get(..1).unwrap_or_default())?;
    let pending = Pending { changeset, before: &opened, after: &snapshot, origin, at, credentials: &[] };
    let taken = store.database().write(|tx| open_in(tx, &pending));
    match taken {
        // On a busy server somebody else may open the same account between our look and our commit.
        Err(StoreError::Database(sql::SqlError::Unique { .. })) => {
            store.database().read(|tx| refuse_taken(tx, &snapshot))?;
            taken?;
        }
        other => other?,
    }
    Ok((Committed { account: snapshot.account().id, revision: snapshot.revision() }, snapshot))
}

fn open_in(tx: &mut Tx<'_>, pending: &Pending<'_>) -> Result<(), StoreError> {
    refuse_taken(tx, pending.after)?;
    let account = pending.after.account();
    let mut chain = audit::Chain::new(account.id);
    write(tx, std::slice::from_ref(pending), &mut chain)?;
    let revision = pending.after.revision();
    let head = Head { revision, audit_count: chain.count(), audit_hash: chain.head() };
    accounts::insert_head(tx, account.id, &HeadRow::new(head, pending.after))
}

fn refuse_taken(tx: &mut Tx<'_>, snapshot: &Snapshot) -> Result<(), StoreError> {
    let account = snapshot.account();
    if accounts::has_ref(tx, &account.r#ref)? {
        return Err(StoreError::AccountTaken(account.r#ref.clone()));
    }
    match accounts::head(tx, account.id)? {
        None => Ok(()),
        Some(row) => {
            Err(StoreError::Stale { account: account.id, base: Revision(0), found: row.head.revision })
        }
    }
}
