//! Back-channel logout: a provider says that a session of its users has ended.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::out::Out;
use crate::told::About;
use crate::visitor::Visitor;
use access::{AccountId, Application, ProviderId, Snapshot, TokenId, UserId};
use std::collections::BTreeMap;
use std::sync::PoisonError;
use store::Origin;

impl Service {
    /// Ends the sessions that a provider's logout token names. When it returns, none of them lets anybody in.
    ///
    /// # Errors
    /// No such provider, a token that breaks a rule or was used before, a provider whose keys cannot be had, or a
    /// database that cannot be written.
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
        let known = self.provider(&on, found)?;
        let call = self.inner.providers.call()?;
        let now_s = self.now_s();
        let verified = known.provider().logout_token(self.inner.providers.http(), logout_token, now_s);
        drop(call);
        let token = verified.map_err(|e| self.sso_failed(&on, found.id, &e, visitor, Application::Omc))?;
        let key = (account, found.id, token.jti.clone());
        let first = {
            let mut seen = self.inner.providers.logouts.lock().unwrap_or_else(PoisonError::into_inner);
            seen.first(key.clone(), token.until_s, now_s)
        };
        if !first {
            return Err(ServiceError::Invalid("the logout token was used before".into()));
        }
        let named = (token.subject.as_deref(), token.sid.as_deref());
        let ended = self.end_of_provider(&on, found.id, named, visitor);
        if ended.is_err() {
            // The provider comes again with the same token, and is to be heard then.
            self.inner.providers.logouts.lock().unwrap_or_else(PoisonError::into_inner).forget(&key);
        }
        ended
    }

    fn end_of_provider(
        &self,
        on: &Snapshot,
        provider: ProviderId,
        (subject, sid): (Option<&str>, Option<&str>),
        visitor: &Visitor,
    ) -> Result<usize, ServiceError> {
        let account = on.account().id;
        let rows = self.inner.store.tokens_of_provider(account, provider, subject, sid)?;
        let mut by_user: BTreeMap<UserId, Vec<TokenId>> = BTreeMap::new();
        for row in rows {
            by_user.entry(row.user).or_default().push(row.id);
        }
        let ended = by_user.values().map(Vec::len).sum();
        let operator = self.operator(account);
        for (user, tokens) in by_user {
            let address = format!("{} for {provider}", visitor.address_text());
            let origin = Origin { application: None, address };
            self.put_out(&operator, origin, user, Out::Tokens(tokens))?;
            let thing = Some(provider.to_string());
            let about = About { visitor, application: None, user: Some(user), thing };
            self.tell_now(account, &[self.tell(on, "sign_in.ended_by_provider", &about, &[])]);
        }
        Ok(ended)
    }
}
