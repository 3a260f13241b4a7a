//! What anybody can have us do without a right secret: write to the audit, call a provider. Each of it is a try of the
//! address that it comes from, and counts as a failure of that address unless it succeeds. No login is named by such a
//! try, so nobody is locked by one.

use super::lock_facts;
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::told::About;
use crate::visitor::Visitor;
use access::Snapshot;
use authn::{Attempt, Try};
use std::sync::atomic::{AtomicU64, Ordering};

/// Tries of addresses so far: each has a name of its own, so that what is counted for a login at an address begins
/// anew with each and the failures of the address are what remains.
static TRIES: AtomicU64 = AtomicU64::new(0);

impl Service {
    /// Lets an address try something that names no login. One that is dropped counts for nothing.
    ///
    /// # Errors
    /// Too many tries of that address failed or are under way.
    pub(crate) fn try_from_address(&self, visitor: &Visitor) -> Result<Attempt, ServiceError> {
        // A blank begins no login, so it is no try of anybody.
        let nobody = format!(" {}", TRIES.fetch_add(1, Ordering::Relaxed));
        let tried = Try { account: None, login: &nobody, address: visitor.address, code: 0 };
        let attempt = self.inner.authn.limits().begin(&tried, self.inner.clock.now());
        attempt.map_err(|refused| ServiceError::TooManyTries { retry_after_s: refused.retry_after_s })
    }

    /// Counts the failure of a try, and tells it with the pause that begins by it.
    pub(crate) fn tell_failed(
        &self,
        on: &Snapshot,
        attempt: Attempt,
        about: &About<'_>,
        facts: &[(&'static str, String)],
    ) {
        let lock = attempt.failed(self.inner.clock.now());
        let mut told = vec![self.tell(on, "sign_in.failed", about, facts)];
        told.extend(lock.map(|lock| self.tell(on, "sign_in.locked", about, &lock_facts(lock))));
        self.tell_now(on.account().id, &told);
    }

    /// Counts the failure of a try that is of no account, or not worth an entry: it goes to the log.
    pub(crate) fn log_failed(&self, attempt: Attempt, visitor: &Visitor, what: &str) {
        Self::log_stranger(visitor, what);
        if let Some(lock) = attempt.failed(self.inner.clock.now()) {
            let (address, pause_s) = (visitor.address_text(), lock.pause_s);
            tracing::warn!(address, pause_s, "an address is refused for a while");
        }
    }
}
