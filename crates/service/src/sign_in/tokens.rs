//! From a session or token to a principal.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::out::PutOut;
use crate::told::About;
use crate::visitor::Visitor;
use access::{AccountId, Application, Instant, Snapshot, TokenId, UserId};
use authn::{AuthnRefusal, Principal, Remembered, Secret};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::TokenKind;

/// Uses noted in one transaction.
const NOTED_MAX: usize = 1_000;

impl Service {
    /// The principal of a session or token in an application, when that is known without the database. It does not
    /// block; none says nothing.
    #[must_use]
    pub fn recall_token(
        &self,
        secret: &Secret,
        application: Application,
        visitor: &Visitor,
    ) -> Option<Principal> {
        let shown = self.shown(application, visitor);
        let token = self.inner.authn.recall_token(&secret.fingerprint(), secret.kind(), &shown)?;
        let on = self.recall_account(token.account())?;
        self.inner.authn.admit_token(&token, &on, &shown).ok()
    }

    /// The principal of a session or token in an application.
    ///
    /// # Errors
    /// One that ended or never was, all alike; no access to the application, or from there; a database that cannot be
    /// asked.
    pub fn sign_in_token(
        &self,
        secret: &Secret,
        application: Application,
        visitor: &Visitor,
    ) -> Result<Principal, ServiceError> {
        let (token, on) = self.token_shown(secret, application, visitor)?;
        self.inner.authn.admit_token(&token, &on, &self.shown(application, visitor)).map_err(refused)
    }

    /// Ends the session that a secret opens, also one whose user may not come in any more: they may again, later, and
    /// whoever has left stays outside.
    ///
    /// # Errors
    /// One that ended or never was, all alike; a database that cannot be asked or written.
    pub fn leave(
        &self,
        secret: &Secret,
        application: Application,
        visitor: &Visitor,
    ) -> Result<PutOut, ServiceError> {
        let (token, on) = self.token_shown(secret, application, visitor)?;
        let who = self.inner.authn.leaving(&token, &on, application).map_err(refused)?;
        self.sign_out(&who, visitor)
    }

    fn token_shown(
        &self,
        secret: &Secret,
        application: Application,
        visitor: &Visitor,
    ) -> Result<(Arc<Remembered>, Arc<Snapshot>), ServiceError> {
        let shown = self.shown(application, visitor);
        let token = match self.inner.authn.recall_token(&secret.fingerprint(), secret.kind(), &shown) {
            Some(token) => token,
            None => self.read_token(secret, application, visitor)?,
        };
        let on = self.newest(token.account())?;
        Ok((token, on))
    }

    fn read_token(
        &self,
        secret: &Secret,
        application: Application,
        visitor: &Visitor,
    ) -> Result<Arc<Remembered>, ServiceError> {
        let (authn, shown) = (&self.inner.authn, self.shown(application, visitor));
        let key = secret.fingerprint();
        let found = self.inner.store.find_token(&key.to_hex())?;
        let found = found.ok_or(ServiceError::Unauthenticated)?;
        let on = self.newest(found.account)?;
        let first = found.token.kind == TokenKind::LongDuration && found.token.seen_at.is_none();
        let (account, id, user) = (found.account, found.token.id, found.token.user);
        let token = authn.remember_token(key, secret.kind(), found, &on, &shown);
        let token = token.ok_or(ServiceError::Unauthenticated)?;
        if first {
            self.tell_first_use(&token, (account, id, user), &on, application, visitor).inspect_err(
                |_| {
                    // The next use is the first one then, so it is read again.
                    authn.tokens().forget(&key);
                },
            )?;
        }
        Ok(token)
    }

    /// Tells the first use of a long-duration token.
    ///
    /// # Errors
    /// A use that is refused, which is no use; a database that cannot be written.
    fn tell_first_use(
        &self,
        token: &Remembered,
        (account, id, user): (AccountId, TokenId, UserId),
        on: &Snapshot,
        application: Application,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let shown = self.shown(application, visitor);
        self.inner.authn.admit_token(token, on, &shown).map_err(refused)?;
        let about =
            About { visitor, application: Some(application), user: Some(user), thing: Some(id.to_string()) };
        let told = self.tell(on, "token.first_used", &about, &[]);
        self.inner.store.first_seen(account, id, shown.now, &told)?;
        Ok(())
    }

    /// Has a session or token read anew when it is shown next.
    pub(crate) fn forget_token(&self, secret: &Secret) {
        self.inner.authn.tokens().forget(&secret.fingerprint());
    }

    /// Writes down when tokens were used, and deletes what is long over. Called every few seconds by whoever serves.
    ///
    /// # Errors
    /// A database that cannot be written; the uses are lost then, and tokens seem to have been used earlier.
    pub fn keep_house(&self) -> Result<(), ServiceError> {
        let mut by_account: BTreeMap<AccountId, Vec<(TokenId, Instant)>> = BTreeMap::new();
        for (account, token, at) in self.inner.authn.tokens().take_unnoted() {
            by_account.entry(account).or_default().push((token, at));
        }
        for (account, uses) in by_account {
            for uses in uses.chunks(NOTED_MAX) {
                self.inner.store.seen(account, uses)?;
            }
        }
        self.inner.store.sweep_tokens(self.inner.clock.now())?;
        Ok(())
    }
}

/// What is told of a refused session or token.
pub(crate) fn refused(refusal: AuthnRefusal) -> ServiceError {
    match refusal {
        AuthnRefusal::Refused => ServiceError::Unauthenticated,
        other => other.into(),
    }
}
