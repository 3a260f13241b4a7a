//! One provider: what is agreed with it, and what is known of it for a while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::config::ProviderConfig;
use crate::error::{SsoError, quoted};
use crate::http::{HttpClient, shown};
use crate::jwt::{Inspected, inspect};
use crate::keys::{Keys, Verdict};
use crate::metadata::Metadata;
use crate::{HTTP_S_MAX, JWKS_REFETCH_S_MIN, METADATA_AGE_S_MAX, SKEW_S_MAX};

/// A provider with its metadata and keys, fetched when they are needed and kept for [`METADATA_AGE_S_MAX`].
///
/// Shared by threads. One of them fetches at a time; the others wait for what it brings.
#[derive(Debug)]
pub struct Provider {
    pub(crate) config: ProviderConfig,
    known: RwLock<Known>,
    /// Whose turn it is to fetch. Never held together with `known` while a request is under way.
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    metadata: Option<Dated<Metadata>>,
    keys: Option<Dated<Keys>>,
    /// When keys were last fetched early.
    refetched_s: Option<i64>,
    failed: Option<(i64, SsoError)>,
}

#[derive(Debug)]
struct Dated<T> {
    value: Arc<T>,
    fetched_s: i64,
}

impl<T> Dated<T> {
    fn fresh(&self, now_s: i64) -> Option<Arc<T>> {
        // A clock that went back far makes the age unknown, so it is not trusted either.
        let age_s = now_s.saturating_sub(self.fetched_s);
        (-SKEW_S_MAX..METADATA_AGE_S_MAX).contains(&age_s).then(|| Arc::clone(&self.value))
    }
}

impl Provider {
    /// A provider of which nothing is known yet; nothing is fetched before it is needed.
    pub fn new(config: ProviderConfig) -> Self {
        Self { config, known: RwLock::default(), turn: Mutex::default() }
    }

    /// What is agreed with the provider.
    pub fn config(&self) -> &ProviderConfig {
        &self.config
    }

    /// Whether what the provider says about itself is at hand, so that a sign-in is begun, or a browser sent to sign out,
    /// without a request. `now_s` is in Unix seconds.
    #[must_use]
    pub fn has_metadata(&self, now_s: i64) -> bool {
        self.with_known(|known| known.metadata.as_ref().is_some_and(|dated| dated.fresh(now_s).is_some()))
    }

    /// Whether a token is signed by a key that is at hand, so that it is verified without a request. It says nothing of
    /// what the token claims.
    #[must_use]
    pub fn has_key_of(&self, text: &str, now_s: i64) -> bool {
        let Ok(token) = inspect(text) else { return false };
        let keys = self.with_known(|known| known.keys.as_ref().and_then(|dated| dated.fresh(now_s)));
        let signed = keys.is_some_and(|keys| keys.judge(&token) == Verdict::Signed);
        signed && self.config.algorithms.contains(&token.algorithm) && self.has_metadata(now_s)
    }

    /// The provider's metadata, fetched when there is none or it is too old.
    pub(crate) fn metadata(&self, http: &HttpClient, now_s: i64) -> Result<Arc<Metadata>, SsoError> {
        let known = |known: &Known| known.metadata.as_ref().and_then(|dated| dated.fresh(now_s));
        if let Some(fresh) = self.with_known(known) {
            return Ok(fresh);
        }
        let _turn = self.take_turn();
        if let Some(fresh) = self.with_known(known) {
            return Ok(fresh);
        }
        self.fetch(now_s, || self.fetch_metadata(http), |known, dated| known.metadata = Some(dated))
    }

    /// The provider's keys, fetched when there are none or they are too old.
    fn keys(&self, http: &HttpClient, now_s: i64) -> Result<Arc<Keys>, SsoError> {
        let metadata = self.metadata(http, now_s)?;
        let known = |known: &Known| known.keys.as_ref().and_then(|dated| dated.fresh(now_s));
        if let Some(fresh) = self.with_known(known) {
            return Ok(fresh);
        }
        let _turn = self.take_turn();
        if let Some(fresh) = self.with_known(known) {
            return Ok(fresh);
        }
        self.fetch(now_s, || fetch_keys(http, &metadata), |known, dated| known.keys = Some(dated))
    }

    /// Newer keys than `seen`, which do not know a token's key: those that another thread has brought
    /// meanwhile, or fetched early; none when that was done less than [`JWKS_REFETCH_S_MIN`] ago.
    fn newer_keys(
        &self,
        http: &HttpClient,
        seen: &Arc<Keys>,
        now_s: i64,
    ) -> Result<Option<Arc<Keys>>, SsoError> {
        let metadata = self.metadata(http, now_s)?;
        let _turn = self.take_turn();
        let known = self.with_known(|known| known.keys.as_ref().and_then(|dated| dated.fresh(now_s)));
        if let Some(newer) = known.filter(|known| !Arc::ptr_eq(known, seen)) {
            return Ok(Some(newer));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let recent = |at_s: i64| now_s.saturating_sub(at_s).abs() < JWKS_REFETCH_S_MIN;
        if known.refetched_s.is_some_and(recent) {
            return Ok(None);
        }
        // Counted before it is tried: a provider that fails is not asked more often than one that answers.
        known.refetched_s = Some(now_s);
        drop(known);
        self.fetch(now_s, || fetch_keys(http, &metadata), |known, dated| known.keys = Some(dated)).map(Some)
    }

    /// Takes a token apart and verifies its signature with the provider's keys, by an algorithm agreed on.
    pub(crate) fn verified<'t>(
        &self,
        http: &HttpClient,
        text: &'t str,
        now_s: i64,
    ) -> Result<Inspected<'t>, SsoError> {
        let token = inspect(text).map_err(|error| SsoError::lying(error.to_string()))?;
        if !self.config.algorithms.contains(&token.algorithm) {
            let name = token.algorithm.name();
            return Err(SsoError::lying(format!(
                "the token is signed with {name}, which is not among those agreed on"
            )));
        }
        let keys = self.keys(http, now_s)?;
        let mut verdict = keys.judge(&token);
        if verdict != Verdict::Signed
            && let Some(newer) = self.newer_keys(http, &keys, now_s)?
        {
            verdict = newer.judge(&token);
        }
        match verdict {
            Verdict::Signed => Ok(token),
            Verdict::UnknownKey => Err(SsoError::lying(format!(
                "the token is signed with the key {}, which the provider does not publish for {}",
                quoted(token.key_id.as_deref().unwrap_or_default()),
                token.algorithm.name()
            ))),
            Verdict::Forged => Err(SsoError::lying("the token's signature is not the provider's")),
        }
    }

    /// Fetches and remembers, a failure too: those who waited for their turn meanwhile hear of it at once.
    fn fetch<T>(
        &self,
        now_s: i64,
        fetch: impl FnOnce() -> Result<T, SsoError>,
        keep: impl FnOnce(&mut Known, Dated<T>),
    ) -> Result<Arc<T>, SsoError> {
        let recent = |at_s: i64| now_s.saturating_sub(at_s).unsigned_abs() <= HTTP_S_MAX;
        let failed = self.with_known(|known| known.failed.clone());
        if let Some((_, error)) = failed.filter(|(at_s, _)| recent(*at_s)) {
            return Err(error);
        }
        let fetched = fetch();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(value) => {
                let value = Arc::new(value);
                keep(&mut known, Dated { value: Arc::clone(&value), fetched_s: now_s });
                known.failed = None;
                Ok(value)
            }
            Err(error) => {
                known.failed = Some((now_s, error.clone()));
                Err(error)
            }
        }
    }

    fn fetch_metadata(&self, http: &HttpClient) -> Result<Metadata, SsoError> {
        let issuer = &self.config.issuer;
        let at = issuer.discovery().map_err(|error| self.unfit(&error))?;
        let answer = http.get(&at)?;
        if answer.status != 200 {
            return Err(SsoError::lying(format!("{at} answers {} instead of 200", answer.status)));
        }
        self.accept_metadata(http, &answer.body)
    }

    /// Reads a discovery document, which must be about our issuer and lead nowhere that may not be called.
    fn accept_metadata(&self, http: &HttpClient, document: &[u8]) -> Result<Metadata, SsoError> {
        let issuer = &self.config.issuer;
        let metadata = Metadata::parse(document).map_err(|error| SsoError::lying(error.to_string()))?;
        if metadata.issuer != issuer.as_str() {
            let said = quoted(&metadata.issuer);
            return Err(SsoError::lying(format!(
                "the discovery document is about {said} instead of `{issuer}`"
            )));
        }
        if !metadata.knows_s256 {
            return Err(self.unfit(&"it does not support PKCE with S256"));
        }
        metadata.endpoints().try_for_each(|endpoint| http.may_call(endpoint))?;
        Ok(metadata)
    }

    fn unfit(&self, why: &dyn std::fmt::Display) -> SsoError {
        SsoError::Unfit { what: format!("issuer {}: {why}", self.config.issuer) }
    }

    fn with_known<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fetch_keys(http: &HttpClient, metadata: &Metadata) -> Result<Keys, SsoError> {
    let at = &metadata.jwks_uri;
    let answer = http.get(at)?;
    if answer.status != 200 {
        return Err(SsoError::lying(format!("{} answers {} instead of 200", shown(at), answer.status)));
    }
    Keys::parse(&answer.body).map_err(|error| SsoError::lying(format!("{}: {error}", shown(at))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Algorithm, Issuer, Reach};

    fn provider() -> Provider {
        Provider::new(ProviderConfig {
            issuer: Issuer::parse("https://idp.example").expect("an issuer"),
            client_id: "us".to_owned(),
            client_secret: None,
            scopes: vec![],
            claim: "sub".to_owned(),
            algorithms: Algorithm::ALL.to_vec(),
        })
    }

    fn told(reach: Reach, member: &str, url: &str) -> Result<Metadata, SsoError> {
        let mut document = json!({
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/auth",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://idp.example/jwks",
        });
        document[member] = json!(url);
        provider().accept_metadata(&HttpClient::new(reach), document.to_string().as_bytes())
    }

    #[test]
    fn endpoints_on_private_addresses_are_refused() {
        for member in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
            "end_session_endpoint",
        ] {
            for url in [
                "https://10.0.0.1/x",
                "https://169.254.169.254/latest/meta-data",
                "https://127.0.0.1:8080/x",
                "https://[::1]/x",
                "https://[fd00::1]/x",
                "https://100.64.0.1/x",
                "http://127.0.0.1/x",
            ] {
                let found = told(Reach::PublicOnly, member, url);
                assert!(matches!(found, Err(SsoError::Forbidden { .. })), "{member} {url}: {found:?}");
            }
        }
    }

    #[test]
    fn endpoints_inside_the_company_are_fine_where_the_operator_says_so() {
        assert!(told(Reach::AlsoPrivate, "token_endpoint", "https://10.0.0.1/x").is_ok());
        assert!(told(Reach::AlsoPrivate, "token_endpoint", "https://224.0.0.1/x").is_err());
    }

    #[test]
    fn another_issuer_is_refused_however_little_it_differs() {
        for issuer in ["https://idp.example/", "https://IDP.example", "https://evil.example", ""] {
            let found = told(Reach::PublicOnly, "issuer", issuer);
            assert!(matches!(found, Err(SsoError::Lying { .. })), "{issuer}: {found:?}");
        }
    }
}
