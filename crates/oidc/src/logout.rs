//! Signing out: our users at the provider (RP-Initiated Logout 1.0), the provider's users here (Back-Channel
//! Logout 1.0).

use serde_json::Value;

use crate::claims::{Claims, is_kind};
use crate::error::SsoError;
use crate::http::HttpClient;
use crate::provider::Provider;
use crate::{LOGOUT_AGE_S_MAX, SKEW_S_MAX};

/// The one event that a logout token is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A verified demand of the provider to end sessions. Only [`Provider::logout_token`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutToken {
    /// The provider that demands it.
    pub issuer: String,
    /// Whose sessions; at least one of `subject` and `sid` is there.
    pub subject: Option<String>,
    /// Which session of the provider; where it is absent, all of the subject's.
    pub sid: Option<String>,
    /// When it was made, in Unix seconds: it speaks of sessions that were there then.
    pub issued_s: i64,
    /// The token's own name: the caller refuses one it has seen before.
    pub jti: String,
    /// Until when `jti` must be remembered, in Unix seconds; from then on the token itself is refused.
    pub until_s: i64,
}

impl Provider {
    /// Where to send the browser to end its session at the provider; none where the provider offers nothing.
    /// It comes back to `return_to`, which the provider must know, with `state`.
    ///
    /// # Errors
    ///
    /// The provider cannot be reached or lies about itself.
    pub fn logout_url(
        &self,
        http: &HttpClient,
        id_token_hint: Option<&str>,
        return_to: &str,
        state: &str,
        now_s: i64,
    ) -> Result<Option<String>, SsoError> {
        let metadata = self.metadata(http, now_s)?;
        let mut fields = vec![
            ("client_id", self.config.client_id.as_str()),
            ("post_logout_redirect_uri", return_to),
            ("state", state),
        ];
        fields.extend(id_token_hint.map(|token| ("id_token_hint", token)));
        Ok(metadata.end_session_endpoint.as_ref().map(|endpoint| endpoint.with_query(&fields)))
    }

    /// Verifies a logout token that was sent to us. `now_s` is in Unix seconds. Whether the token was seen
    /// before is for the caller to know, by its `jti`.
    ///
    /// # Errors
    ///
    /// The token breaks a rule of Back-Channel Logout 1.0, 2.6, or the keys cannot be had.
    pub fn logout_token(&self, http: &HttpClient, text: &str, now_s: i64) -> Result<LogoutToken, SsoError> {
        let token = self.verified(http, text, now_s)?;
        // Providers older than the final specification do not say the exact type; `events` tells them apart.
        if !is_kind(token.kind.as_deref(), &["logout+jwt", "jwt"]) {
            return Err(SsoError::lying("the token's `typ` is not that of a logout token"));
        }
        let claims = Claims(&token.claims);
        claims.check_issuer(self.config.issuer.as_str())?;
        claims.check_audience(&self.config.client_id)?;
        claims.check_times(now_s)?;
        let issued_s = claims.instant("iat")?;
        let last_s = issued_s.saturating_add(LOGOUT_AGE_S_MAX);
        if now_s.saturating_sub(last_s) >= SKEW_S_MAX {
            return Err(SsoError::lying(format!("the logout token is older than {LOGOUT_AGE_S_MAX} s")));
        }
        check_event(&claims)?;
        let (subject, sid) = (claims.name("sub")?, claims.name("sid")?);
        if subject.is_none() && sid.is_none() {
            return Err(SsoError::lying("the logout token has neither `sub` nor `sid`"));
        }
        Ok(LogoutToken {
            issuer: self.config.issuer.as_str().to_owned(),
            subject,
            sid,
            issued_s,
            jti: claims.name("jti")?.ok_or_else(|| SsoError::lying("the logout token has no `jti`"))?,
            until_s: claims.instant("exp")?.min(last_s).saturating_add(SKEW_S_MAX),
        })
    }
}

/// The token is about a logout and nothing else, and it is no ID token.
fn check_event(claims: &Claims<'_>) -> Result<(), SsoError> {
    let events = claims.value("events").and_then(Value::as_object);
    let is_logout =
        events.is_some_and(|events| events.len() == 1 && events.get(EVENT).is_some_and(Value::is_object));
    if !is_logout {
        return Err(SsoError::lying("the logout token's `events` is not the logout alone"));
    }
    if claims.has("nonce") {
        return Err(SsoError::lying("the logout token has a `nonce`, which only ID tokens have"));
    }
    Ok(())
}
