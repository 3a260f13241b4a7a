//! Back-channel logout: a provider says that a session of its users has ended.

use super::S;
use super::calls::{Purpose, held};
use super::seen::Named;
use super::sso::BEGUN_S_MAX;
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::out::Out;
use crate::told::About;
use crate::visitor::Visitor;
use access::change::IdentityProvider;
use access::{AccountId, Application, Instant, ProviderId, Snapshot, TokenId, UserId};
use authn::Principal;
use oidc::{LogoutToken, SKEW_S_MAX, SsoError};
use std::collections::BTreeMap;
use store::{Origin, ProviderSession};

impl Service {
    /// Ends the sessions that a provider's logout token names. When it returns, none of them lets anybody in, and none
    /// that is being made on this node will.
    ///
    /// # Errors
    /// No such provider, a token that breaks a rule or was used before, a provider whose keys cannot be had, a database
    /// that cannot be written, or too many tries of that address or calls at once.
    pub fn provider_logout(
        &self,
        account: AccountId,
        provider: &str,
        logout_token: &str,
        visitor: &Visitor,
    ) -> Result<usize, ServiceError> {
        let on = self.newest(account)?;
        let found =
            on.entrances().find_provider(provider).ok_or(ServiceError::NotFound("identity provider"))?;
        let token = self.verified_logout(&on, found, logout_token, visitor)?;
        let (providers, now_s) = (&self.inner.providers, self.now_s());
        let key = (account, found.id, token.jti.clone());
        if !held(&providers.tokens).first(key.clone(), token.until_s, now_s) {
            let attempt = self.try_from_address(visitor)?;
            let about = About { visitor, application: None, user: None, thing: Some(found.id.to_string()) };
            self.tell_failed(
                &on,
                attempt,
                &about,
                &[("reason", "a logout token that was used before".to_owned())],
            );
            return Err(ServiceError::Invalid("the logout token was used before".into()));
        }
        let named = Named {
            account,
            provider: found.id,
            subject: token.subject.as_deref(),
            sid: token.sid.as_deref(),
        };
        // Before the rows are read: a session whose row is not there yet finds this once it is.
        held(&providers.logouts).add(named, now_s + BEGUN_S_MAX, now_s);
        // Sessions that were made since are not meant, also where nobody remembers that the token was used.
        let until = Instant(token.issued_s.saturating_add(SKEW_S_MAX).saturating_mul(S));
        let ended = self.end_of_provider(&on, named, until, visitor);
        if ended.is_err() {
            // The provider comes again with the same token, and is to be heard then.
            held(&providers.tokens).forget(&key);
        }
        ended
    }

    /// What a logout token says. One that is signed by a key at hand is heard wherever it comes from; all others are
    /// tries of an address.
    fn verified_logout(
        &self,
        on: &Snapshot,
        found: &IdentityProvider,
        text: &str,
        visitor: &Visitor,
    ) -> Result<LogoutToken, ServiceError> {
        if let Err(error) = oidc::inspect(text) {
            let attempt = self.try_from_address(visitor)?;
            self.log_failed(attempt, visitor, "a logout token that is none");
            return Err(ServiceError::Sso(SsoError::Lying { what: error.to_string() }));
        }
        let known = self.provider(on, found)?;
        let (providers, now_s) = (&self.inner.providers, self.now_s());
        let (attempt, call) = if known.provider().has_key_of(text, now_s) {
            (None, None)
        } else {
            let attempt = self.try_from_address(visitor)?;
            let address = Some(self.inner.authn.limits().address_code(visitor.address));
            (Some(attempt), Some(providers.call(Purpose::Logout, address, (on.account().id, found.id))?))
        };
        let verified = known.provider().logout_token(providers.http(), text, now_s);
        drop(call);
        verified.map_err(|e| self.sso_failed(on, found.id, &e, visitor, Application::Omc, attempt))
    }

    /// Puts a new session out again when its provider ended it while it was made: its row was not there yet when the
    /// logout looked for rows.
    ///
    /// # Errors
    /// That it was; nobody is given its secret then.
    pub(super) fn out_if_ended_since(
        &self,
        mark: u64,
        on: &Snapshot,
        who: &Principal,
        (session, behind): (TokenId, &ProviderSession),
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let account = who.account();
        if !held(&self.inner.providers.logouts).ended_since(mark, account, behind) {
            return Ok(());
        }
        if let Some(user) = who.user() {
            self.put_out_for(on, behind.provider, user, vec![session], visitor)?;
        }
        Err(ServiceError::Sso(SsoError::WrongState))
    }

    fn end_of_provider(
        &self,
        on: &Snapshot,
        Named { account, provider, subject, sid }: Named<'_>,
        until: Instant,
        visitor: &Visitor,
    ) -> Result<usize, ServiceError> {
        let rows = self.inner.store.tokens_of_provider(account, provider, subject, sid)?;
        let mut by_user: BTreeMap<UserId, Vec<TokenId>> = BTreeMap::new();
        for row in rows.into_iter().filter(|row| row.made_at < until) {
            by_user.entry(row.user).or_default().push(row.id);
        }
        let ended = by_user.values().map(Vec::len).sum();
        for (user, tokens) in by_user {
            self.put_out_for(on, provider, user, tokens, visitor)?;
        }
        Ok(ended)
    }

    /// Ends sessions for a provider, and tells it.
    fn put_out_for(
        &self,
        on: &Snapshot,
        provider: ProviderId,
        user: UserId,
        sessions: Vec<TokenId>,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let account = on.account().id;
        let address = format!("{} for {provider}", visitor.address_text());
        let origin = Origin { application: None, address, reason: None };
        self.put_out(&self.operator(account), origin, user, Out::Tokens(sessions))?;
        let about = About { visitor, application: None, user: Some(user), thing: Some(provider.to_string()) };
        self.tell_now(account, &[self.tell(on, "sign_in.ended_by_provider", &about, &[])]);
        Ok(())
    }
}
