//! `POST /oauth/token` as Fluent's clients call it: a password or a refresh token for a pair of tokens.

use super::issue::{ACCESS_S, Issued, IssuedPair, REFRESH_S, S, Wish, no_randomness};
use super::{Knock, Way};
use crate::accounts::{AccountHint, Service};
use crate::error::ServiceError;
use crate::out::Out;
use crate::told::About;
use crate::visitor::Visitor;
use crate::writer::Prepared;
use access::change::ApiClient;
use access::commands::{AddClient, Command};
use access::{AccountId, Application, Instant, Revision, Snapshot};
use authn::{Principal, Secret, SecretKind};
use std::sync::Arc;
use store::{CredentialWrite, FoundToken, Origin, Refreshed, TokenKind};

/// What a client says of itself.
#[derive(Clone, Debug)]
pub struct ClientSecret<'a> {
    /// Its `client_id`.
    pub id: &'a str,
    /// Its `client_secret`.
    pub secret: &'a str,
}

impl Service {
    /// Makes an API client; its secret is shown this once.
    ///
    /// # Errors
    /// Who may not, or a ref that is taken.
    pub fn add_client(
        &self,
        who: &Principal,
        origin: Origin,
        command: AddClient,
    ) -> Result<(Revision, Secret), ServiceError> {
        let secret = Secret::generate(SecretKind::Client, self.inner.ids.as_ref()).map_err(no_randomness)?;
        let fingerprint = secret.fingerprint().to_hex();
        let done = self.run(who, origin, move |on, now, who| {
            let changeset = AddClient::run(on.authorize(who, command.clone(), now)?)?;
            let made = changeset.changes().iter().find_map(|change| match change {
                access::Change::ClientAdded { client } => Some(client.id),
                _ => None,
            });
            let write =
                |client| CredentialWrite::SetClientSecret { client, fingerprint: fingerprint.clone() };
            Ok(Prepared { credentials: made.map(write).into_iter().collect(), changeset })
        })?;
        Ok((done.revision, secret))
    }

    /// The pair of tokens for a password that may be tried, shown by a client. The client is looked at first.
    ///
    /// # Errors
    /// [`ServiceError::BadClient`]; those of [`Self::verify`].
    pub fn open_for_client(
        &self,
        knock: Knock,
        client: &ClientSecret<'_>,
        visitor: &Visitor,
    ) -> Result<IssuedPair, ServiceError> {
        // An unknown account has no clients: its refusal takes as long as a wrong password's.
        let Some(account) = knock.account() else {
            return self.verify(knock).and(Err(ServiceError::Unauthenticated));
        };
        let client = match self.client(account, client, visitor) {
            Ok((_, client)) => client,
            Err(error) => {
                if matches!(error, ServiceError::BadClient) {
                    self.failed_client(account, knock);
                }
                return Err(error);
            }
        };
        let who = self.verify(knock)?;
        let now = self.inner.clock.now();
        let (ends, refresh_ends) = (Instant(now.0 + ACCESS_S * S), Instant(now.0 + REFRESH_S * S));
        let wish = Wish {
            client: Some(client.id),
            retailer: Some(client.retailer),
            ..Wish::new(TokenKind::Pair, refresh_ends, Way::OAuth.word())
        };
        let secrets = [(SecretKind::Access, ends), (SecretKind::Refresh, refresh_ends)];
        let (access, rest) = self.issue(&who, visitor, &wish, &secrets)?;
        pair(&who, &client, Issued { expires_at: ends, ..access }, rest)
    }

    /// Counts a try of no client as a wrong password: it writes to the audit as one does, and a stranger may not do
    /// that without bound.
    fn failed_client(&self, account: AccountId, knock: Knock) {
        let Knock { visitor, application, attempt, .. } = knock;
        let (Some(lock), Ok(on)) = (attempt.failed(self.inner.clock.now()), self.newest(account)) else {
            return;
        };
        let about = About { visitor: &visitor, application: Some(application), user: None, thing: None };
        self.tell_now(account, &[self.tell(&on, "sign_in.locked", &about, &super::lock_facts(lock))]);
    }

    /// Exchanges a refresh token, once. One that was used before ends everything that came of it: somebody has it who
    /// should not.
    ///
    /// # Errors
    /// [`ServiceError::BadClient`]; a refresh token that is none, was used, is over, or belongs to another client: all
    /// alike.
    pub fn refresh(
        &self,
        secret: &Secret,
        client: &ClientSecret<'_>,
        visitor: &Visitor,
    ) -> Result<IssuedPair, ServiceError> {
        if secret.kind() != SecretKind::Refresh {
            return Err(ServiceError::Unauthenticated);
        }
        let found = self.inner.store.find_token(&secret.fingerprint().to_hex())?;
        let found = found.ok_or(ServiceError::Unauthenticated)?;
        let (on, client) = self.client(found.account, client, visitor)?;
        if found.token.client != Some(client.id) {
            return Err(ServiceError::Unauthenticated);
        }
        if found.spent {
            return self.reused(&on, &found, visitor);
        }
        let now = self.inner.clock.now();
        let shown = self.shown(Application::Api, visitor);
        let who = self.inner.authn.refreshed(&on, &found, &shown).map_err(super::tokens::refused)?;
        let (ends, refresh_ends) = (Instant(now.0 + ACCESS_S * S), Instant(now.0 + REFRESH_S * S));
        let (made, rows) =
            self.new_secrets(&[(SecretKind::Access, ends), (SecretKind::Refresh, refresh_ends)])?;
        let about = about(&found, visitor);
        let told = [self.tell(&on, "token.refreshed", &about, &[])];
        if self.inner.store.refresh_token(&found, &rows, &told)? == Refreshed::Reused {
            // One that was ended meanwhile is gone, and nobody stole it.
            let there = self.inner.store.find_token(&secret.fingerprint().to_hex())?;
            return there.map_or(Err(ServiceError::Unauthenticated), |_| self.reused(&on, &found, visitor));
        }
        let mut made = made.into_iter();
        let access = made.next().ok_or_else(|| ServiceError::Internal("a pair without a token".into()))?;
        let issued = Issued { id: found.token.id, secret: access, expires_at: ends };
        pair(&who, &client, issued, made.collect())
    }

    fn reused<T>(&self, on: &Snapshot, found: &FoundToken, visitor: &Visitor) -> Result<T, ServiceError> {
        let told = self.tell(on, "token.reused", &about(found, visitor), &[]);
        self.tell_now(found.account, &[told]);
        let operator = self.operator(found.account);
        let out = Out::Tokens(vec![found.token.id]);
        self.put_out(&operator, visitor.origin(Some(Application::Api)), found.token.user, out)?;
        Err(ServiceError::Unauthenticated)
    }

    /// The client that says who it is, and knows its secret.
    fn client(
        &self,
        account: AccountId,
        shown: &ClientSecret<'_>,
        visitor: &Visitor,
    ) -> Result<(Arc<Snapshot>, ApiClient), ServiceError> {
        let on = self.newest(account)?;
        let client = on.entrances().clients().find(|c| c.r#ref.as_str() == shown.id).cloned();
        let given = Secret::parse(shown.secret).ok().filter(|secret| secret.kind() == SecretKind::Client);
        if let (Some(client), Some(given)) = (client, given) {
            let kept = self.inner.store.client_secret(account, client.id)?;
            if kept.is_some_and(|kept| kept == given.fingerprint().to_hex()) {
                return Ok((on, client));
            }
        }
        let about = About { visitor, application: Some(Application::Api), user: None, thing: None };
        let reason = [("reason", "client".to_owned())];
        self.tell_now(account, &[self.tell(&on, "sign_in.failed", &about, &reason)]);
        Err(ServiceError::BadClient)
    }

    /// The account of a request that names it in a header, or the only one there is.
    ///
    /// # Errors
    /// It must be named.
    pub fn account_of_header(&self, header: Option<&str>) -> Result<AccountId, ServiceError> {
        self.account_of(&AccountHint { header, login: None })
    }
}

fn about<'a>(found: &FoundToken, visitor: &'a Visitor) -> About<'a> {
    let thing = Some(found.token.id.to_string());
    About { visitor, application: Some(Application::Api), user: Some(found.token.user), thing }
}

fn pair(
    who: &Principal,
    client: &ApiClient,
    access: Issued,
    rest: Vec<Secret>,
) -> Result<IssuedPair, ServiceError> {
    let refresh = rest.into_iter().next();
    let (Some(refresh), Some(user)) = (refresh, who.user()) else {
        return Err(ServiceError::Internal("a pair without a refresh token".into()));
    };
    Ok(IssuedPair { access, refresh, expires_in_s: ACCESS_S, user, retailer: Some(client.retailer) })
}
