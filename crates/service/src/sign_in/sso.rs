//! Single sign-on by OpenID Connect: begin, come back, be found.
//!
//! What has to be known when the browser comes back is sealed into a cookie of that browser, so nothing is kept for
//! those who never come back. Another protocol ends where this one does: in `Authenticator::vouched`.

use super::calls::{Purpose, held};
use super::issue::{Issued, no_randomness};
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::told::About;
use crate::visitor::Visitor;
use access::change::{IdentityProvider, OidcSettings, Protocol};
use access::{AccountId, Application, Instant, Login, ProviderId, Snapshot};
use authn::{Attempt, AuthnRefusal, Principal};
use oidc::{
    Algorithm, Callback, ClientSecret, Identity, Issuer, NoEntropy, Pending, ProviderConfig, SsoError,
};
use serde::{Deserialize, Serialize};
use store::ProviderSession;

/// How long somebody may take to sign in at their provider, in seconds.
pub(super) const BEGUN_S_MAX: i64 = 600;
/// Longest id token that is kept as a hint for signing out there, in bytes.
const HINT_BYTES_MAX: usize = 4_096;
/// What a sealed cookie is for.
const BEGUN: &str = "single sign-on";
const HINT: &str = "id token";

/// A button of the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderButton {
    /// The ref of the provider.
    pub r#ref: String,
    /// What it says.
    pub name: String,
    /// The URL of who vouches: the browser is sent there, or beside it.
    pub issuer: String,
}

/// A sign-in that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoBegun {
    /// Where to send the browser.
    pub url: String,
    /// What the browser brings back, in a cookie.
    pub sealed: String,
}

/// Somebody who came back.
#[derive(Clone, Debug)]
pub struct SsoEntered {
    /// Their session.
    pub session: Issued,
    /// The application that it opens.
    pub application: Application,
    /// What was handed in at the beginning.
    pub carried: String,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    account: AccountId,
    provider: ProviderId,
    application: Application,
    state: String,
    nonce: String,
    verifier: String,
    until: i64,
    carried: String,
}

/// The purpose that a provider's secret is sealed for.
pub(crate) fn secret_purpose(account: AccountId, provider: ProviderId) -> String {
    format!("provider secret {account} {provider}")
}

impl Service {
    /// The providers that users of an account sign in by.
    ///
    /// # Errors
    /// A database that cannot prove what is newest.
    pub fn provider_buttons(&self, account: AccountId) -> Result<Vec<ProviderButton>, ServiceError> {
        let on = self.newest(account)?;
        let button = |p: &IdentityProvider| {
            let Protocol::Oidc(settings) = &p.protocol;
            let issuer = settings.issuer.to_string();
            ProviderButton { r#ref: p.r#ref.to_string(), name: p.name.to_string(), issuer }
        };
        Ok(on.entrances().providers().map(button).collect())
    }

    /// Sends somebody to their provider, to come back to `redirect_uri`; `carried` comes back with them.
    ///
    /// # Errors
    /// No such provider; one that is down, slow or lies; too many tries of that address, or calls at once.
    pub fn begin_sso(
        &self,
        account: AccountId,
        provider: &str,
        (application, redirect_uri): (Application, &str),
        carried: &str,
        visitor: &Visitor,
    ) -> Result<SsoBegun, ServiceError> {
        let on = self.newest(account)?;
        let found =
            on.entrances().find_provider(provider).ok_or(ServiceError::NotFound("identity provider"))?;
        let known = self.provider(&on, found)?;
        let (providers, now_s) = (&self.inner.providers, self.now_s());
        // What is known of the provider already costs nobody anything.
        let (attempt, call) = if known.provider().has_metadata(now_s) {
            (None, None)
        } else {
            let attempt = self.try_from_address(visitor)?;
            let address = Some(self.inner.authn.limits().address_code(visitor.address));
            (Some(attempt), Some(providers.call(Purpose::SignIn, address, (account, found.id))?))
        };
        let mut entropy = |bytes: &mut [u8]| self.inner.ids.fill(bytes).map_err(|_| NoEntropy);
        let begun = known.provider().begin(providers.http(), redirect_uri, &mut entropy, now_s);
        drop(call);
        let begun =
            begun.map_err(|error| self.sso_failed(&on, found.id, &error, visitor, application, attempt))?;
        let Pending { state, nonce, verifier } = begun.pending;
        let until = now_s + BEGUN_S_MAX;
        let carried = carried.to_owned();
        let kept = Kept { account, provider: found.id, application, state, nonce, verifier, until, carried };
        let text = serde_json::to_string(&kept).map_err(|e| ServiceError::Internal(e.to_string()))?;
        let sealed = self.inner.sealer.seal(BEGUN, &text, self.inner.ids.as_ref()).map_err(no_randomness)?;
        Ok(SsoBegun { url: begun.url, sealed })
    }

    /// The session of somebody who comes back from their provider with `query`, in the browser that has `sealed`.
    /// No user is made by it, and each beginning is good for one answer.
    ///
    /// # Errors
    /// An answer that is not to this browser's question, is late, came before, or breaks a rule; a user who is unknown,
    /// disabled or signs in another way: all alike for the person, told apart in the audit. Somebody whom the provider
    /// signed out meanwhile; too many tries of that address, or calls at once.
    pub fn finish_sso(
        &self,
        sealed: Option<&str>,
        query: &str,
        redirect_uri: &str,
        visitor: &Visitor,
    ) -> Result<SsoEntered, ServiceError> {
        // Before anything is opened: a success is not counted, and drops it.
        let attempt = self.try_from_address(visitor)?;
        let kept = sealed.and_then(|sealed| self.inner.sealer.open(BEGUN, sealed));
        let kept: Option<Kept> = kept.and_then(|text| serde_json::from_str(&text).ok());
        let Some(kept) = kept else {
            self.log_failed(attempt, visitor, "an answer of a provider without its question");
            return Err(ServiceError::Sso(SsoError::WrongState));
        };
        // Before anything is verified: whoever is shut out meanwhile is out.
        let on = self.newest(kept.account)?;
        let application = kept.application;
        let found = on.entrances().provider(kept.provider);
        let found = found.ok_or(ServiceError::NotFound("identity provider"))?;
        let mark = held(&self.inner.providers.logouts).mark();
        let identity = match self.identity(&on, found, &kept, (query, redirect_uri), visitor)? {
            Ok(identity) => identity,
            Err(error) => {
                return Err(self.sso_failed(&on, found.id, &error, visitor, application, Some(attempt)));
            }
        };
        let who = self.vouched_for(&on, &kept, &identity, visitor, attempt)?;
        let hint = Some(&identity.id_token).filter(|token| token.len() <= HINT_BYTES_MAX);
        let hint = hint.and_then(|token| self.inner.sealer.seal(HINT, token, self.inner.ids.as_ref()).ok());
        let behind =
            ProviderSession { provider: found.id, subject: identity.subject, sid: identity.sid, hint };
        let session = self.session(&who, visitor, Some(behind.clone()), "sso")?;
        self.out_if_ended_since(mark, &on, &who, (session.id, &behind), visitor)?;
        Ok(SsoEntered { session, application, carried: kept.carried })
    }

    /// Whom the provider's answer names. A refusal inside is the answer's; outside, nothing was tried.
    fn identity(
        &self,
        on: &Snapshot,
        found: &IdentityProvider,
        kept: &Kept,
        (query, redirect_uri): (&str, &str),
        visitor: &Visitor,
    ) -> Result<Result<Identity, SsoError>, ServiceError> {
        let now_s = self.now_s();
        let Ok(answer) = Callback::parse(query) else { return Ok(Err(SsoError::WrongState)) };
        if now_s >= kept.until || answer.state != kept.state {
            return Ok(Err(SsoError::WrongState));
        }
        let (known, providers) = (self.provider(on, found)?, &self.inner.providers);
        let address = Some(self.inner.authn.limits().address_code(visitor.address));
        let _call = providers.call(Purpose::SignIn, address, (kept.account, found.id))?;
        // Whoever comes again has the provider asked once, whatever it answered.
        if !held(&providers.used).first(kept.state.clone(), kept.until, now_s) {
            return Ok(Err(SsoError::WrongState));
        }
        let Kept { state, nonce, verifier, .. } = kept;
        let pending = Pending { state: state.clone(), nonce: nonce.clone(), verifier: verifier.clone() };
        Ok(known.provider().finish(providers.http(), &answer, &pending, redirect_uri, now_s))
    }

    /// The user whom the provider vouches for.
    fn vouched_for(
        &self,
        on: &Snapshot,
        kept: &Kept,
        identity: &Identity,
        visitor: &Visitor,
        attempt: Attempt,
    ) -> Result<Principal, ServiceError> {
        let shown = self.shown(kept.application, visitor);
        let login = Login::parse(&identity.claim).ok();
        let who = match &login {
            Some(login) => self.inner.authn.vouched(on, kept.provider, login, &shown),
            None => Err(AuthnRefusal::Refused),
        };
        who.map_err(|refusal| {
            let user = login.and_then(|login| on.user_of_login(&login));
            let thing = Some(kept.provider.to_string());
            let about = About { visitor, application: Some(kept.application), user, thing };
            let facts = [("way", "sso".to_owned()), ("reason", refusal.to_string())];
            self.tell_failed(on, attempt, &about, &facts);
            match refusal {
                AuthnRefusal::Refused => ServiceError::NotVouched,
                other => other.into(),
            }
        })
    }

    /// Where the browser ends its session at the provider, for somebody who came by one.
    ///
    /// # Errors
    /// A provider that is down, slow or lies. Ours ends by [`Self::sign_out`] whatever the provider says.
    pub fn provider_logout_url(
        &self,
        who: &Principal,
        return_to: &str,
    ) -> Result<Option<String>, ServiceError> {
        let (Some(user), Some(token)) = (who.user(), who.token()) else { return Ok(None) };
        let rows = self.inner.store.tokens_of(who.account(), user)?;
        let row = rows.into_iter().find(|row| row.id == token);
        let Some(session) = row.and_then(|row| row.provider) else { return Ok(None) };
        let on = self.newest(who.account())?;
        let Some(found) = on.entrances().provider(session.provider) else { return Ok(None) };
        let known = self.provider(&on, found)?;
        let (providers, now_s) = (&self.inner.providers, self.now_s());
        let asks = !known.provider().has_metadata(now_s);
        let of = (who.account(), found.id);
        let _call = asks.then(|| providers.call(Purpose::SignIn, None, of)).transpose()?;
        let hint = session.hint.and_then(|sealed| self.inner.sealer.open(HINT, &sealed));
        let http = providers.http();
        known
            .provider()
            .logout_url(http, hint.as_deref(), return_to, "signed-out", now_s)
            .map_err(ServiceError::Sso)
    }

    pub(super) fn now_s(&self) -> i64 {
        let Instant(micros) = self.inner.clock.now();
        micros.div_euclid(super::S)
    }

    /// Counts a failure and tells it in the audit and the log, and the person what they may know. It is counted as that
    /// of an attempt, or of one that begins now; where the address may not try any more, nothing is told.
    pub(super) fn sso_failed(
        &self,
        on: &Snapshot,
        provider: ProviderId,
        error: &SsoError,
        visitor: &Visitor,
        application: Application,
        attempt: Option<Attempt>,
    ) -> ServiceError {
        let attempt = match attempt.map_or_else(|| self.try_from_address(visitor), Ok) {
            Ok(attempt) => attempt,
            Err(refused) => return refused,
        };
        tracing::warn!(%error, %provider, account = %on.account().id, "a single sign-on failed");
        let thing = Some(provider.to_string());
        let about = About { visitor, application: Some(application), user: None, thing };
        let facts = [("way", "sso".to_owned()), ("reason", error.sentence().to_owned())];
        self.tell_failed(on, attempt, &about, &facts);
        ServiceError::Sso(error.clone())
    }
}

/// What is agreed with a provider, in the words of the protocol.
pub(crate) fn provider_config(
    settings: &OidcSettings,
    client_secret: Option<ClientSecret>,
) -> Result<ProviderConfig, String> {
    let algorithm = |name: &access::Setting| {
        Algorithm::parse(name.as_str())
            .ok_or_else(|| format!("`{name}` is no algorithm that signs a token here"))
    };
    Ok(ProviderConfig {
        issuer: Issuer::parse(settings.issuer.as_str()).map_err(|e| e.to_string())?,
        client_id: settings.client_id.to_string(),
        client_secret,
        scopes: settings.scopes.iter().map(ToString::to_string).collect(),
        claim: settings.claim.to_string(),
        algorithms: settings.algorithms.iter().map(algorithm).collect::<Result<_, _>>()?,
    })
}
