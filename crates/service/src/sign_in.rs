//! Who is calling: the one way from credentials to a principal, and the choke point of every request.

use crate::accounts::{AccountHint, Service};
use crate::error::ServiceError;
use access::{AccountId, Application, Snapshot, UserId};
use authn::{AuthnRefusal, BasicCredentials, Passwords, PasswordsUnavailable, Principal, StoredPassword};
use std::sync::Arc;

struct FromStore<'a>(&'a store::Store);

impl Passwords for FromStore<'_> {
    fn password(
        &self,
        account: AccountId,
        user: UserId,
    ) -> Result<Option<StoredPassword>, PasswordsUnavailable> {
        let row = self.0.password(account, user).map_err(|e| PasswordsUnavailable(e.to_string()))?;
        Ok(row.map(|row| StoredPassword { hash: row.hash, must_change: row.must_change }))
    }
}

impl Service {
    /// The principal of HTTP Basic credentials, in the API. Quick when they were verified before and the
    /// user has not changed; else a password is hashed.
    ///
    /// # Errors
    /// Wrong or missing credentials, all alike; too many sign-ins at once; no access to the API.
    pub fn sign_in_basic(
        &self,
        header: Option<&str>,
        account: Option<&str>,
    ) -> Result<Principal, ServiceError> {
        let header = header.ok_or(ServiceError::Unauthenticated)?;
        let credentials = BasicCredentials::parse(header).map_err(|_| ServiceError::Unauthenticated)?;
        let hint = AccountHint { header: account, login: credentials.account() };
        let account = match self.account_of(&hint) {
            Ok(account) => account,
            // An unknown account is answered like a wrong password, after the same time.
            Err(ServiceError::Account(_)) if hint.header.or(hint.login).is_some() => {
                return Err(match self.inner.authn.refuse(&credentials) {
                    AuthnRefusal::Refused => ServiceError::Unauthenticated,
                    other => other.into(),
                });
            }
            Err(error) => return Err(error),
        };
        let snapshot = self.newest(account)?;
        let (authn, now) = (&self.inner.authn, self.inner.clock.now());
        if let Some(principal) = authn.remembered(&snapshot, &credentials, Application::Api, now) {
            return Ok(principal);
        }
        let passwords = FromStore(&self.inner.store);
        match authn.verify(&snapshot, &passwords, &credentials, Application::Api, now) {
            Ok(principal) => Ok(principal),
            Err(AuthnRefusal::Refused) => Err(ServiceError::Unauthenticated),
            Err(other) => Err(other.into()),
        }
    }

    /// What [`Self::sign_in_basic`] answers, when that is known without the database and without hashing. It
    /// does not block; none says nothing.
    #[must_use]
    pub fn recall_basic(&self, header: Option<&str>, account: Option<&str>) -> Option<Principal> {
        let credentials = BasicCredentials::parse(header?).ok()?;
        let snapshot = self.recall(&AccountHint { header: account, login: credentials.account() })?;
        self.inner.authn.remembered(&snapshot, &credentials, Application::Api, self.inner.clock.now())
    }

    /// The operator in an account: whoever may run the program on its data. Called for the command line
    /// and the local socket alone.
    #[must_use]
    pub fn operator(&self, account: AccountId) -> Principal {
        Principal::operator(account)
    }

    /// The choke point: the newest state, on which the principal must still be current.
    ///
    /// # Errors
    /// The user was disabled, removed or signed out since; or the database cannot prove what is newest.
    pub(crate) fn enter(&self, who: &Principal) -> Result<Arc<Snapshot>, ServiceError> {
        let newest = self.newest(who.account())?;
        if who.is_current(&newest) { Ok(newest) } else { Err(ServiceError::Unauthenticated) }
    }
}
