//! Single sign-on by OpenID Connect: begin, come back, be found.
//!
//! What has to be known when the browser comes back is sealed into a cookie of that browser, so nothing is kept for
//! those who never come back. Another protocol ends where this one does: in `Authenticator::vouched`.

use super::issue::{Issued, no_randomness};
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::told::About;
use crate::visitor::Visitor;
use access::change::{IdentityProvider, OidcSettings, Protocol};
use access::{AccountId, Application, Instant, Login, ProviderId, Snapshot};
use oidc::{
    Algorithm, Callback, ClientSecret, HttpClient, Issuer, NoEntropy, Pending, Provider, ProviderConfig,
    Reach, SsoError,
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::ProviderSession;

/// How long somebody may take to sign in at their provider, in seconds.
const BEGUN_S_MAX: i64 = 600;
/// Longest id token that is kept as a hint for signing out there, in bytes.
const HINT_BYTES_MAX: usize = 4_096;
/// Calls to providers at a time, of all accounts: a slow one may take half a minute.
const CALLS_MAX: usize = 32;
/// Logout tokens remembered, so that none is used twice.
const LOGOUTS_MAX: usize = 10_000;
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

/// The providers that were talked to, with what is known of each, and the one way to call them.
#[derive(Debug)]
pub(crate) struct Providers {
    http: HttpClient,
    known: Mutex<HashMap<(AccountId, ProviderId), Arc<Known>>>,
    calls: AtomicUsize,
    pub(super) logouts: Mutex<Logouts>,
}

/// The names of logout tokens that were used, each with when it may be forgotten, in Unix seconds.
#[derive(Debug, Default)]
pub(super) struct Logouts {
    seen: HashMap<(AccountId, ProviderId, String), i64>,
    order: VecDeque<(AccountId, ProviderId, String)>,
}

impl Logouts {
    /// Whether it is the first time.
    pub(super) fn first(&mut self, key: (AccountId, ProviderId, String), until_s: i64, now_s: i64) -> bool {
        while let Some(oldest) = self.order.front() {
            let over = self.seen.get(oldest).is_none_or(|until| *until <= now_s);
            if !over && self.order.len() < LOGOUTS_MAX {
                break;
            }
            self.seen.remove(oldest);
            self.order.pop_front();
        }
        let first = self.seen.insert(key.clone(), until_s).is_none();
        if first {
            self.order.push_back(key);
        }
        first
    }

    /// What was asked for was not done: the token may come again.
    pub(super) fn forget(&mut self, key: &(AccountId, ProviderId, String)) {
        if self.seen.remove(key).is_some() {
            self.order.retain(|other| other != key);
        }
    }
}

#[derive(Debug)]
pub(super) struct Known {
    settings: OidcSettings,
    sealed_secret: Option<String>,
    provider: Provider,
}

/// A call that is counted.
pub(super) struct Call<'p>(&'p Providers);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Providers {
    pub(crate) fn new(private: bool) -> Self {
        let reach = if private { Reach::AlsoPrivate } else { Reach::PublicOnly };
        Self {
            http: HttpClient::new(reach),
            known: Mutex::default(),
            calls: AtomicUsize::new(0),
            logouts: Mutex::default(),
        }
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.http
    }

    pub(super) fn call(&self) -> Result<Call<'_>, ServiceError> {
        let call = Call(self);
        if self.calls.fetch_add(1, Ordering::SeqCst) < CALLS_MAX {
            return Ok(call);
        }
        drop(call);
        Err(ServiceError::TooManyTries { retry_after_s: 5 })
    }
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
    /// No such provider; one that is down, slow or lies; too many calls at once.
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
        let _call = self.inner.providers.call()?;
        let mut entropy = |bytes: &mut [u8]| self.inner.ids.fill(bytes).map_err(|_| NoEntropy);
        let now_s = self.now_s();
        let begun = known.provider.begin(&self.inner.providers.http, redirect_uri, &mut entropy, now_s);
        let begun = begun.map_err(|error| self.sso_failed(&on, found.id, &error, visitor, application))?;
        let Pending { state, nonce, verifier } = begun.pending;
        let until = now_s + BEGUN_S_MAX;
        let carried = carried.to_owned();
        let kept = Kept { account, provider: found.id, application, state, nonce, verifier, until, carried };
        let text = serde_json::to_string(&kept).map_err(|e| ServiceError::Internal(e.to_string()))?;
        let sealed = self.inner.sealer.seal(BEGUN, &text, self.inner.ids.as_ref()).map_err(no_randomness)?;
        Ok(SsoBegun { url: begun.url, sealed })
    }

    /// The session of somebody who comes back from their provider with `query`, in the browser that has `sealed`.
    /// No user is made by it.
    ///
    /// # Errors
    /// An answer that is not to this browser's question, is late, or breaks a rule; a user who is unknown, disabled or
    /// signs in another way: all alike for the person, told apart in the audit.
    pub fn finish_sso(
        &self,
        sealed: Option<&str>,
        query: &str,
        redirect_uri: &str,
        visitor: &Visitor,
    ) -> Result<SsoEntered, ServiceError> {
        let kept = sealed.and_then(|sealed| self.inner.sealer.open(BEGUN, sealed));
        let kept: Option<Kept> = kept.and_then(|text| serde_json::from_str(&text).ok());
        let Some(kept) = kept else {
            Self::log_stranger(visitor, "an answer of a provider without its question");
            return Err(ServiceError::Sso(SsoError::WrongState));
        };
        // Before anything is verified: whoever is shut out meanwhile is out.
        let on = self.newest(kept.account)?;
        let application = kept.application;
        let fail = |error: SsoError| self.sso_failed(&on, kept.provider, &error, visitor, application);
        let found = on.entrances().provider(kept.provider);
        let found = found.ok_or(ServiceError::NotFound("identity provider"))?;
        if self.now_s() >= kept.until {
            return Err(fail(SsoError::WrongState));
        }
        let answer = Callback::parse(query).map_err(|_| fail(SsoError::WrongState))?;
        let known = self.provider(&on, found)?;
        let _call = self.inner.providers.call()?;
        let pending =
            Pending { state: kept.state.clone(), nonce: kept.nonce.clone(), verifier: kept.verifier.clone() };
        let http = &self.inner.providers.http;
        let identity =
            known.provider.finish(http, &answer, &pending, redirect_uri, self.now_s()).map_err(fail)?;
        let shown = self.shown(application, visitor);
        let login = Login::parse(&identity.claim).map_err(|_| authn::AuthnRefusal::Refused);
        let who = login.and_then(|login| self.inner.authn.vouched(&on, found.id, &login, &shown));
        let who = match who {
            Ok(who) => who,
            Err(refusal) => {
                let user = Login::parse(&identity.claim).ok().and_then(|login| on.user_of_login(&login));
                let thing = Some(found.id.to_string());
                let about = About { visitor, application: Some(application), user, thing };
                let facts = [("way", "sso".to_owned()), ("reason", refusal.to_string())];
                self.tell_now(kept.account, &[self.tell(&on, "sign_in.failed", &about, &facts)]);
                return Err(match refusal {
                    authn::AuthnRefusal::Refused => ServiceError::NotVouched,
                    other => other.into(),
                });
            }
        };
        let hint = Some(&identity.id_token).filter(|token| token.len() <= HINT_BYTES_MAX);
        let hint = hint.and_then(|token| self.inner.sealer.seal(HINT, token, self.inner.ids.as_ref()).ok());
        let session = ProviderSession {
            provider: found.id,
            subject: identity.subject.clone(),
            sid: identity.sid.clone(),
            hint,
        };
        let session = self.session(&who, visitor, Some(session), "sso")?;
        Ok(SsoEntered { session, application, carried: kept.carried })
    }

    /// Where the browser ends its session at the provider, for somebody who came by one.
    ///
    /// # Errors
    /// A provider that is down, slow or lies. Ours ends by [`Self::sign_out`] whatever the provider says.
    pub fn provider_logout_url(
        &self,
        who: &authn::Principal,
        return_to: &str,
    ) -> Result<Option<String>, ServiceError> {
        let (Some(user), Some(token)) = (who.user(), who.token()) else { return Ok(None) };
        let rows = self.inner.store.tokens_of(who.account(), user)?;
        let row = rows.into_iter().find(|row| row.id == token);
        let Some(session) = row.and_then(|row| row.provider) else { return Ok(None) };
        let on = self.newest(who.account())?;
        let Some(found) = on.entrances().provider(session.provider) else { return Ok(None) };
        let known = self.provider(&on, found)?;
        let _call = self.inner.providers.call()?;
        let hint = session.hint.and_then(|sealed| self.inner.sealer.open(HINT, &sealed));
        let (http, now_s) = (&self.inner.providers.http, self.now_s());
        known
            .provider
            .logout_url(http, hint.as_deref(), return_to, "signed-out", now_s)
            .map_err(ServiceError::Sso)
    }

    pub(super) fn now_s(&self) -> i64 {
        let Instant(micros) = self.inner.clock.now();
        micros.div_euclid(super::S)
    }

    /// The provider as it was agreed with, made anew when that changed.
    pub(super) fn provider(
        &self,
        on: &Snapshot,
        found: &IdentityProvider,
    ) -> Result<Arc<Known>, ServiceError> {
        let (account, Protocol::Oidc(settings)) = (on.account().id, &found.protocol);
        let sealed = self.inner.store.provider_secret(account, found.id)?;
        let mut known = self.inner.providers.known.lock().unwrap_or_else(PoisonError::into_inner);
        let same = known.get(&(account, found.id));
        if let Some(same) = same.filter(|k| k.settings == *settings && k.sealed_secret == sealed) {
            return Ok(same.clone());
        }
        let secret = match &sealed {
            None => None,
            Some(text) => {
                let purpose = secret_purpose(account, found.id);
                let opened = self.inner.sealer.open(&purpose, text).ok_or_else(|| {
                    ServiceError::Unavailable(format!(
                        "the secret of {} was sealed with another key: set it again",
                        found.id
                    ))
                })?;
                Some(ClientSecret::new(opened))
            }
        };
        let provider = Provider::new(provider_config(settings, secret).map_err(ServiceError::Invalid)?);
        let made = Arc::new(Known { settings: settings.clone(), sealed_secret: sealed, provider });
        known.insert((account, found.id), made.clone());
        Ok(made)
    }

    /// Tells a failure in the audit and the log, and the person what they may know.
    pub(super) fn sso_failed(
        &self,
        on: &Snapshot,
        provider: ProviderId,
        error: &SsoError,
        visitor: &Visitor,
        application: Application,
    ) -> ServiceError {
        tracing::warn!(%error, %provider, account = %on.account().id, "a single sign-on failed");
        let thing = Some(provider.to_string());
        let about = About { visitor, application: Some(application), user: None, thing };
        let facts = [("way", "sso".to_owned()), ("reason", error.sentence().to_owned())];
        self.tell_now(on.account().id, &[self.tell(on, "sign_in.failed", &about, &facts)]);
        ServiceError::Sso(error.clone())
    }
}

impl Known {
    pub(super) fn provider(&self) -> &Provider {
        &self.provider
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
