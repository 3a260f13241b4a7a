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
use authn::{Attempt, Principal, Secret, SecretKind};
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
        let Some(account) = knock.account() else {
            // An unknown account has no clients: the same as a wrong client of one that there is.
            let Knock { visitor, attempt, .. } = knock;
            self.log_failed(attempt, &visitor, "a client of an unknown account");
            return Err(ServiceError::BadClient);
        };
        let (on, client) = self.client(account, client)?;
        let Some(client) = client else {
            // Counted as a wrong password is: it writes to the audit as one does.
            return Err(self.bad_client(&on, knock.attempt, visitor));
        };
        let who = self.verify(knock)?;
        self.check_client_place(&who, &client, visitor)?;
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

    /// Counts and tells a try of somebody who is no client.
    fn bad_client(&self, on: &Snapshot, attempt: Attempt, visitor: &Visitor) -> ServiceError {
        let about = About { visitor, application: Some(Application::Api), user: None, thing: None };
        self.tell_failed(on, attempt, &about, &[("reason", "client".to_owned())]);
        ServiceError::BadClient
    }

    /// A pair is active in the retailer of its client: it must be open, and one that its user has a grant for, as of a
    /// site that is named at `/v2/login`.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`], as for a wrong password.
    fn check_client_place(
        &self,
        who: &Principal,
        client: &ApiClient,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let on = self.newest(who.account())?;
        let open = on.places().retailer(client.retailer).is_some_and(|retailer| retailer.open);
        if open && self.check_place(&on, who, Some(client.retailer), None).is_ok() {
            return Ok(());
        }
        let attempt = self.try_from_address(visitor)?;
        let about = About { visitor, application: who.application(), user: who.user(), thing: None };
        let facts = [("way", Way::OAuth.word().to_owned()), ("reason", "site".to_owned())];
        self.tell_failed(&on, attempt, &about, &facts);
        Err(ServiceError::Unauthenticated)
    }

    /// Exchanges a refresh token, once. One that was used before ends everything that came of it: somebody has it who
    /// should not.
    ///
    /// # Errors
    /// [`ServiceError::BadClient`]; a refresh token that is none, was used, is over, belongs to another client, or whose
    /// user has nothing to do with the client's retailer: all alike. Too many tries of that address failed.
    pub fn refresh(
        &self,
        secret: &Secret,
        client: &ClientSecret<'_>,
        visitor: &Visitor,
    ) -> Result<IssuedPair, ServiceError> {
        if secret.kind() != SecretKind::Refresh {
            return Err(ServiceError::Unauthenticated);
        }
        let attempt = self.try_from_address(visitor)?;
        let found = self.inner.store.find_token(&secret.fingerprint().to_hex())?;
        let found = found.ok_or(ServiceError::Unauthenticated)?;
        let (on, client) = self.client(found.account, client)?;
        let Some(client) = client else { return Err(self.bad_client(&on, attempt, visitor)) };
        drop(attempt);
        if found.token.client != Some(client.id) {
            return Err(ServiceError::Unauthenticated);
        }
        if found.spent {
            return self.reused(&on, &found, visitor);
        }
        let now = self.inner.clock.now();
        let shown = self.shown(Application::Api, visitor);
        let who = self.inner.authn.refreshed(&on, &found, &shown).map_err(super::tokens::refused)?;
        self.check_client_place(&who, &client, visitor)?;
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

    /// The client that says who it is, if it knows its secret, on the newest state.
    fn client(
        &self,
        account: AccountId,
        shown: &ClientSecret<'_>,
    ) -> Result<(Arc<Snapshot>, Option<ApiClient>), ServiceError> {
        let on = self.newest(account)?;
        let client = on.entrances().clients().find(|c| c.r#ref.as_str() == shown.id).cloned();
        let given = Secret::parse(shown.secret).ok().filter(|secret| secret.kind() == SecretKind::Client);
        let (Some(client), Some(given)) = (client, given) else { return Ok((on, None)) };
        let kept = self.inner.store.client_secret(account, client.id)?;
        let right = kept.is_some_and(|kept| kept == given.fingerprint().to_hex());
        Ok((on, right.then_some(client)))
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
