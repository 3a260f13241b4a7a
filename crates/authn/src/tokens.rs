//! Sessions and tokens, from the secret that is shown to a principal.
//!
//! What a secret opens is read from the store at most once a minute and remembered by its fingerprint. What may be
//! done with it follows from the newest state each time: its user is active and has the epoch that the token was
//! made with, neither the token nor its client has ended, and its user may enter the application now.

#[cfg(test)]
mod tests;

use crate::authenticator::{Authenticator, AuthnRefusal, Shown, may_come_in};
use crate::principal::Principal;
use crate::secret::{Fingerprint, SecretKind};
use access::{AccountId, Application, Instant, Login, Snapshot, Subject, TokenId};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{FoundToken, TokenKind, TokenRow};

const S: i64 = 1_000_000;

/// How long sessions last. Every bound is in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    idle_s: u32,
    absolute_s: u32,
}

impl Default for SessionLimits {
    /// Half an hour without a request, twelve hours in all.
    fn default() -> Self {
        Self { idle_s: 30 * 60, absolute_s: 12 * 3600 }
    }
}

/// Limits of sessions that are out of range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a session of {idle_s} s idle and {absolute_s} s in all is out of range: idle is {least} s to {most} s and no more \
     than all, and all is {most_in_all} s at most",
    least = SessionLimits::IDLE_S_MIN, most = SessionLimits::IDLE_S_MAX, most_in_all = SessionLimits::ABSOLUTE_S_MAX
)]
pub struct SessionLimitsError {
    idle_s: u32,
    absolute_s: u32,
}

impl SessionLimits {
    /// Shortest time without a request after which a session ends.
    pub const IDLE_S_MIN: u32 = 60;
    /// Longest time without a request after which a session ends.
    pub const IDLE_S_MAX: u32 = 24 * 3600;
    /// Longest time after which a session ends whatever happens.
    pub const ABSOLUTE_S_MAX: u32 = 30 * 24 * 3600;

    /// Limits within the bounds.
    ///
    /// # Errors
    /// Others.
    pub fn new(idle_s: u32, absolute_s: u32) -> Result<Self, SessionLimitsError> {
        let idle = (Self::IDLE_S_MIN..=Self::IDLE_S_MAX).contains(&idle_s);
        if idle && (idle_s..=Self::ABSOLUTE_S_MAX).contains(&absolute_s) {
            Ok(Self { idle_s, absolute_s })
        } else {
            Err(SessionLimitsError { idle_s, absolute_s })
        }
    }

    /// When a session that begins at `now` ends by itself.
    #[must_use]
    pub fn ends(self, now: Instant) -> Instant {
        Instant(now.0.saturating_add(i64::from(self.absolute_s) * S))
    }

    fn idle(self) -> i64 {
        i64::from(self.idle_s) * S
    }

    /// When a session that was last used at `seen` ends, unless it is used before.
    #[must_use]
    pub fn idles_out(self, seen: Instant) -> Instant {
        Instant(seen.0.saturating_add(self.idle()))
    }
}

/// A token as it was read from the store, with its use since.
#[derive(Debug)]
pub struct Remembered {
    account: AccountId,
    token: TokenRow,
    login: Login,
    secret_expires_at: Instant,
    read_at: Instant,
    seen: AtomicI64,
}

/// Tokens remembered by the fingerprints of their secrets, and when they were used.
#[derive(Debug)]
pub struct Tokens {
    shards: [Mutex<Shard>; Self::SHARDS],
    /// Uses that the store is to be told of.
    unnoted: Mutex<Vec<(AccountId, TokenId, Instant)>>,
}

#[derive(Debug, Default)]
struct Shard {
    tokens: HashMap<Fingerprint, Arc<Remembered>>,
    /// The keys of `tokens`, each once, the oldest first.
    order: VecDeque<Fingerprint>,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), unnoted: Mutex::default() }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole at every point where a thread could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tokens {
    /// Tokens remembered at most.
    pub const REMEMBERED_MAX: usize = 262_144;
    /// How long a token is believed to be as it was read, in seconds: another node may have moved it to another
    /// site, or used it. What ends it is never late: that is in the state of the account.
    pub const AGE_S_MAX: i64 = 60;
    const SHARDS: usize = 16;
    /// Uses that wait to be noted at most; beyond it they are lost, and tokens seem to have been used earlier.
    const UNNOTED_MAX: usize = 262_144;

    fn shard(&self, key: &Fingerprint) -> Option<MutexGuard<'_, Shard>> {
        let first = key.as_bytes().first().copied().unwrap_or(0);
        self.shards.get(usize::from(first) % Self::SHARDS).map(lock)
    }

    fn get(&self, key: &Fingerprint) -> Option<Arc<Remembered>> {
        self.shard(key)?.tokens.get(key).cloned()
    }

    fn put(&self, key: Fingerprint, token: Arc<Remembered>) {
        let Some(mut shard) = self.shard(&key) else { return };
        if shard.tokens.insert(key, token).is_some() {
            return;
        }
        shard.order.push_back(key);
        if shard.order.len() > Self::REMEMBERED_MAX / Self::SHARDS
            && let Some(oldest) = shard.order.pop_front()
        {
            shard.tokens.remove(&oldest);
        }
    }

    /// Has a token read anew when its secret is shown next: what it is was changed.
    pub fn forget(&self, key: &Fingerprint) {
        let Some(mut shard) = self.shard(key) else { return };
        if shard.tokens.remove(key).is_some() {
            shard.order.retain(|other| other != key);
        }
    }

    /// The uses since the last call, to be noted in the store.
    #[must_use]
    pub fn take_unnoted(&self) -> Vec<(AccountId, TokenId, Instant)> {
        std::mem::take(&mut *lock(&self.unnoted))
    }

    fn note(&self, account: AccountId, token: TokenId, at: Instant) {
        let mut unnoted = lock(&self.unnoted);
        if unnoted.len() < Self::UNNOTED_MAX {
            unnoted.push((account, token, at));
        }
    }
}

/// Which kinds of secret open an application.
fn opens(kind: SecretKind, application: Application) -> bool {
    match kind {
        SecretKind::Session => matches!(application, Application::Omc | Application::StoreApp),
        SecretKind::Access | SecretKind::LongDuration => application == Application::Api,
        SecretKind::Refresh | SecretKind::Link | SecretKind::Client => false,
    }
}

impl Remembered {
    /// When it was last used, as far as this process knows.
    fn seen(&self) -> Instant {
        Instant(self.seen.load(Ordering::Relaxed))
    }

    /// The account that it belongs to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    fn lives(&self, limits: SessionLimits, now: Instant) -> bool {
        let idle = self.token.kind == TokenKind::Session && limits.idles_out(self.seen()) <= now;
        now < self.token.expires_at && now < self.secret_expires_at && !idle
    }

    /// Whose token it is, while it has not ended; nothing is said of whether they may come in.
    fn current(&self, on: &Snapshot, application: Application) -> Result<Principal, AuthnRefusal> {
        let token = &self.token;
        if on.account().id != self.account || token.application != application {
            return Err(AuthnRefusal::Refused);
        }
        let subject = Subject::signed_in(self.account, token.user, token.application);
        let principal = Principal::signed_in(subject, self.login.clone(), token.epoch, token.must_change)
            .by((token.id, token.kind), token.client)
            .at(token.retailer, token.location);
        if principal.may_change_password(on) { Ok(principal) } else { Err(AuthnRefusal::Refused) }
    }

    fn admit(&self, on: &Snapshot, shown: &Shown) -> Result<Principal, AuthnRefusal> {
        let (token, principal) = (&self.token, self.current(on, shown.application)?);
        let user = on.user(token.user).ok_or(AuthnRefusal::Refused)?;
        may_come_in(on, user, token.user, shown)?;
        if token.kind == TokenKind::LongDuration {
            may_come_in(on, user, token.user, &Shown { application: Application::Omc, ..*shown })?;
        }
        Ok(principal)
    }
}

impl Authenticator {
    /// The account of a token that was shown lately. None says nothing: read it from the store.
    #[must_use]
    pub fn recall_token(
        &self,
        key: &Fingerprint,
        kind: SecretKind,
        shown: &Shown,
    ) -> Option<Arc<Remembered>> {
        let found = self.tokens().get(key).filter(|_| opens(kind, shown.application))?;
        let young = shown.now.0.saturating_sub(found.read_at.0) < Tokens::AGE_S_MAX * S;
        (young && found.lives(self.session_limits(), shown.now)).then_some(found)
    }

    /// Remembers what the store has of a token. None when its time is over, or its secret opens nothing of this kind.
    #[must_use]
    pub fn remember_token(
        &self,
        key: Fingerprint,
        kind: SecretKind,
        found: FoundToken,
        on: &Snapshot,
        shown: &Shown,
    ) -> Option<Arc<Remembered>> {
        let FoundToken { account, token, secret, spent } = found;
        let login = on.user(token.user).and_then(|user| Login::parse(&user.login()).ok())?;
        let known = self.tokens().get(&key).map_or(i64::MIN, |old| old.seen().0);
        let seen = token.seen_at.unwrap_or(token.made_at).0.max(known);
        let (secret_expires_at, seen, read_at) = (secret.expires_at, AtomicI64::new(seen), shown.now);
        let found = Arc::new(Remembered { account, token, login, secret_expires_at, read_at, seen });
        let right =
            opens(kind, shown.application) && is_of(kind, found.token.kind) && !secret.is_refresh && !spent;
        if !right || !found.lives(self.session_limits(), shown.now) {
            return None;
        }
        self.tokens().put(key, found.clone());
        Some(found)
    }

    /// Whoever leaves by a token that they show: it is to end, whether or not they may still come in by it. For that
    /// alone: everything else asks [`Self::admit_token`].
    ///
    /// # Errors
    /// [`AuthnRefusal::Refused`] for one that ended.
    pub fn leaving(
        &self,
        token: &Remembered,
        on: &Snapshot,
        application: Application,
    ) -> Result<Principal, AuthnRefusal> {
        token.current(on, application)
    }

    /// Whether [`Self::admit_token`] would make a principal; it notes no use.
    #[must_use]
    pub fn would_admit(&self, token: &Remembered, on: &Snapshot, shown: &Shown) -> bool {
        token.admit(on, shown).is_ok()
    }

    /// The principal of a token, on this state.
    ///
    /// # Errors
    /// [`AuthnRefusal::Refused`] for one that ended; that its user may not come in there or from there.
    pub fn admit_token(
        &self,
        token: &Remembered,
        on: &Snapshot,
        shown: &Shown,
    ) -> Result<Principal, AuthnRefusal> {
        let principal = token.admit(on, shown)?;
        let before = token.seen.fetch_max(shown.now.0, Ordering::Relaxed);
        // The first use after it was read, and one a minute from then on.
        if before / (Tokens::AGE_S_MAX * S) != shown.now.0 / (Tokens::AGE_S_MAX * S) {
            self.tokens().note(token.account, token.token.id, shown.now);
        }
        Ok(principal)
    }
}

/// Whether a secret of that kind belongs to a token of that kind.
fn is_of(secret: SecretKind, token: TokenKind) -> bool {
    match token {
        TokenKind::Session => secret == SecretKind::Session,
        TokenKind::Pair => matches!(secret, SecretKind::Access | SecretKind::Refresh),
        TokenKind::Access => secret == SecretKind::Access,
        TokenKind::LongDuration => secret == SecretKind::LongDuration,
    }
}
