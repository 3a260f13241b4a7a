//! Who is calling: every way from credentials to a principal, and the choke point of every request.
//!
//! ```text
//! password -> knock (may this be tried now?) -> verify -> Principal -> issue (session, token) or the request itself
//! token    -> recall or read ----------------> Principal
//! provider -> begin -> finish ----------------> Principal -> issue (session)
//! ```

mod calls;
mod issue;
mod oauth;
mod seen;
mod sso;
mod sso_logout;
mod strangers;
mod tokens;

pub(crate) use calls::Providers;
pub use issue::{Issued, IssuedPair};
pub(crate) use issue::{S, Wish, no_randomness};
pub use oauth::ClientSecret;
pub use sso::{ProviderButton, SsoBegun, SsoEntered};
pub(crate) use sso::{provider_config, secret_purpose};
pub(crate) use tokens::refused;

use crate::accounts::{AccountHint, Service};
use crate::error::ServiceError;
use crate::told::About;
use crate::visitor::Visitor;
use access::{AccountId, Application, Snapshot, UserId};
use authn::{
    Attempt, AuthnRefusal, BasicCredentials, LockBegan, NewPassword, Passwords, PasswordsUnavailable,
    Principal, Shown, StoredPassword, Try, Verified,
};
use std::sync::Arc;
use std::time::Duration;

/// What somebody sees of a link that lets them set a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// The ref of their account.
    pub account: String,
    /// Their login.
    pub login: String,
    /// Their name.
    pub name: String,
    /// What it is for.
    pub purpose: store::LinkPurpose,
}

/// By what somebody signs in with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// HTTP Basic, or the same in other headers, with every request.
    Basic,
    /// The form of a page.
    Form,
    /// `POST /oauth/token`.
    OAuth,
    /// `POST /v2/login`.
    Login,
}

impl Way {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Way::Basic => "basic",
            Way::Form => "form",
            Way::OAuth => "oauth",
            Way::Login => "login",
        }
    }
}

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

/// A password that may be tried now: wait for [`Self::delay`], then [`Service::verify`].
#[derive(Debug)]
#[must_use = "a knock that is not verified lets nobody in"]
pub struct Knock {
    credentials: BasicCredentials,
    /// None for an account that there is not: it is refused after the same time as a wrong password.
    account: Option<AccountId>,
    application: Application,
    visitor: Visitor,
    way: Way,
    attempt: Attempt,
}

impl Knock {
    /// How long to wait before it is verified: somebody fails at this login all the time.
    #[must_use]
    pub fn delay(&self) -> Duration {
        Duration::from_millis(u64::from(self.attempt.delay_ms()))
    }

    /// The account that it is for, where there is one.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }
}

impl Service {
    fn shown(&self, application: Application, visitor: &Visitor) -> Shown {
        Shown { application, from: visitor.address, now: self.inner.clock.now() }
    }

    /// Whether these credentials may be tried now. It verifies nothing.
    ///
    /// # Errors
    /// Too many tries; an account that must be named and is not.
    pub fn knock(
        &self,
        credentials: BasicCredentials,
        account: Option<&str>,
        application: Application,
        visitor: &Visitor,
        way: Way,
    ) -> Result<Knock, ServiceError> {
        let hint = AccountHint { header: account, login: credentials.account() };
        let named = hint.header.or(hint.login);
        let account = match self.account_of(&hint) {
            Ok(account) => Some(account),
            Err(ServiceError::Account(_)) if named.is_some() => None,
            Err(error) => return Err(error),
        };
        let limits = self.inner.authn.limits();
        let nobody = format!("{}/{}", named.unwrap_or_default(), credentials.login());
        let login = account.map_or(nobody.as_str(), |_| credentials.login().as_str());
        let code = credentials.code(limits);
        let tried = Try { account, login, address: visitor.address, code };
        let attempt = limits.begin(&tried, self.inner.clock.now());
        let attempt =
            attempt.map_err(|refused| ServiceError::TooManyTries { retry_after_s: refused.retry_after_s })?;
        let visitor = visitor.clone();
        Ok(Knock { credentials, account, application, visitor, way, attempt })
    }

    /// The principal of credentials that may be tried. Slow: a password is hashed in its turn, so it is not to be
    /// called on a thread that others wait for.
    ///
    /// # Errors
    /// Wrong credentials, all alike; too many sign-ins at once; no access to the application, or from there.
    pub fn verify(&self, knock: Knock) -> Result<Principal, ServiceError> {
        let Some(account) = knock.account else {
            let refusal = self.inner.authn.refuse(&knock.credentials, knock.visitor.address);
            return Err(self.failed(knock, None, refusal));
        };
        let on = match self.newest(account) {
            Ok(on) => on,
            Err(error) => {
                knock.attempt.withdrawn();
                return Err(error);
            }
        };
        let shown = self.shown(knock.application, &knock.visitor);
        let passwords = FromStore(&self.inner.store);
        match self.inner.authn.verify(&on, &passwords, &knock.credentials, &shown) {
            Ok(Verified { principal, outdated }) => {
                if let (Some(old), Some(user)) = (outdated, principal.user()) {
                    self.hash_anew(account, user, &knock.credentials, &old);
                }
                if knock.way == Way::Basic {
                    let about = knock.about(principal.user());
                    self.tell_now(
                        account,
                        &[self.tell(&on, "sign_in.succeeded", &about, &[knock.way_fact()])],
                    );
                }
                knock.attempt.succeeded(self.inner.clock.now());
                Ok(principal)
            }
            Err(refusal) => Err(self.failed(knock, Some(&on), refusal)),
        }
    }

    /// Counts and tells a failure, and says what the caller hears of it.
    fn failed(&self, knock: Knock, on: Option<&Arc<Snapshot>>, refusal: AuthnRefusal) -> ServiceError {
        let (visitor, way) = (knock.visitor.clone(), knock.way_fact());
        let application = knock.application;
        let user = on.and_then(|on| on.user_of_login(knock.credentials.login()));
        let shown = self.shown(application, &visitor);
        let let_in = on.zip(user).is_none_or(|(on, user)| shown.is_let_in(on, user));
        let reason = match &refusal {
            // The caller hears the same of both: from there no password is looked at.
            AuthnRefusal::Refused if !let_in => "address",
            AuthnRefusal::Refused => "credentials",
            AuthnRefusal::MustChange => "first_password",
            AuthnRefusal::NotAllowedHere => "no_access",
            AuthnRefusal::NotFromHere => "address",
            AuthnRefusal::Busy { .. } | AuthnRefusal::Unavailable(_) => {
                knock.attempt.withdrawn();
                return refusal.into();
            }
        };
        let attempt = match refusal {
            AuthnRefusal::Refused => knock.attempt,
            // The password was right, so no guess is counted and nobody is locked; what is written down counts for the
            // address, as it does not end by itself.
            _ => {
                knock.attempt.succeeded(self.inner.clock.now());
                match self.try_from_address(&visitor) {
                    Ok(attempt) => attempt,
                    Err(refused) => return refused,
                }
            }
        };
        let Some(on) = on else {
            self.log_failed(attempt, &visitor, "unknown account");
            return ServiceError::Unauthenticated;
        };
        let about = About { visitor: &visitor, application: Some(application), user, thing: None };
        self.tell_failed(on, attempt, &about, &[way, ("reason", reason.to_owned())]);
        match refusal {
            AuthnRefusal::Refused => ServiceError::Unauthenticated,
            other => other.into(),
        }
    }

    /// Parameters were raised since the password was set. What fails is tried again at the next sign-in.
    fn hash_anew(&self, account: AccountId, user: UserId, credentials: &BasicCredentials, old: &str) {
        let inner = &self.inner;
        // A password that was allowed when it was set is not judged by the rules of today.
        let made = inner.authn.rehash(credentials, inner.ids.as_ref()).map_err(|e| e.to_string());
        let kept =
            made.and_then(|new| inner.store.rehash(account, user, old, &new).map_err(|e| e.to_string()));
        if let Err(error) = kept {
            tracing::warn!(%account, %user, error, "a password was not hashed anew");
        }
    }

    /// The hash of a new password, made in its turn.
    pub(crate) fn hash_new(&self, password: &str) -> Result<String, ServiceError> {
        let password = NewPassword::parse(password).map_err(|e| ServiceError::BadPassword(e.to_string()))?;
        Ok(self.inner.authn.hash(&password, self.inner.ids.as_ref())?)
    }

    /// What [`Self::verify`] answers for HTTP Basic, when that is known without the database and without hashing. It
    /// does not block; none says nothing.
    #[must_use]
    pub fn recall_basic(
        &self,
        credentials: &BasicCredentials,
        account: Option<&str>,
        visitor: &Visitor,
    ) -> Option<Principal> {
        let snapshot = self.recall(&AccountHint { header: account, login: credentials.account() })?;
        self.inner.authn.remembered(&snapshot, credentials, &self.shown(Application::Api, visitor))
    }

    /// [`Self::recall_basic`] on the newest state, which may have to be asked for: it blocks, and never hashes.
    ///
    /// # Errors
    /// A database that cannot prove what is newest.
    pub fn remembered_basic(
        &self,
        credentials: &BasicCredentials,
        account: Option<&str>,
        visitor: &Visitor,
    ) -> Result<Option<Principal>, ServiceError> {
        let hint = AccountHint { header: account, login: credentials.account() };
        let Ok(account) = self.account_of(&hint) else { return Ok(None) };
        let on = self.newest(account)?;
        Ok(self.inner.authn.remembered(&on, credentials, &self.shown(Application::Api, visitor)))
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
    /// The user was disabled, removed or signed out since, the session or token ended; a first password is to be
    /// changed before anything else; or the database cannot prove what is newest.
    pub(crate) fn enter(&self, who: &Principal) -> Result<Arc<Snapshot>, ServiceError> {
        let newest = self.newest(who.account())?;
        if who.is_current(&newest) {
            return Ok(newest);
        }
        let first = who.must_change() && who.may_change_password(&newest);
        Err(if first { AuthnRefusal::MustChange.into() } else { ServiceError::Unauthenticated })
    }
}

/// What is told of a lock.
fn lock_facts(lock: LockBegan) -> [(&'static str, String); 2] {
    [("of", format!("{:?}", lock.which).to_lowercase()), ("pause_s", lock.pause_s.to_string())]
}

impl Knock {
    fn about(&self, user: Option<UserId>) -> About<'_> {
        About { visitor: &self.visitor, application: Some(self.application), user, thing: None }
    }

    fn way_fact(&self) -> (&'static str, String) {
        ("way", self.way.word().to_owned())
    }
}
