//! The second step of a sign-in: the code is spent, and the ID token says who it is.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::digest;

use crate::algorithm::Algorithm;
use crate::begin::Pending;
use crate::callback::Callback;
use crate::claims::{Claims, is_kind};
use crate::error::SsoError;
use crate::http::HttpClient;
use crate::metadata::Metadata;
use crate::provider::Provider;
use crate::token_answer::TokenAnswer;

/// Who signed in, by the verified word of the provider. Only [`Provider::finish`] makes one.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The provider that says so.
    pub issuer: String,
    /// The person's name at the provider, which never changes and means nothing elsewhere.
    pub subject: String,
    /// The value of the claim that was agreed on: 1 to [`crate::CLAIM_BYTES_MAX`] bytes.
    pub claim: String,
    /// The provider's session, by which a back-channel logout may name it.
    pub sid: Option<String>,
    /// The ID token, to be handed back as a hint when signing out. Personal: not for a log.
    pub id_token: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Identity");
        shown.field("issuer", &self.issuer).field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Provider {
    /// Finishes the sign-in that `pending` was kept for. `redirect_uri` is the one it was begun with; `now_s`
    /// is in Unix seconds.
    ///
    /// # Errors
    ///
    /// Everything in [`SsoError`]: the answer is another sign-in's, the provider refuses, cannot be reached,
    /// or breaks a rule of the specification.
    pub fn finish(
        &self,
        http: &HttpClient,
        answer: &Callback<'_>,
        pending: &Pending,
        redirect_uri: &str,
        now_s: i64,
    ) -> Result<Identity, SsoError> {
        if answer.state != pending.state {
            return Err(SsoError::WrongState);
        }
        let metadata = self.metadata(http, now_s)?;
        let code = answer.code(self.config.issuer.as_str(), &metadata)?;
        let tokens = self.spend(http, &metadata, code, &pending.verifier, redirect_uri)?;
        let token = self.verified(http, &tokens.id_token, now_s)?;
        if !is_kind(token.kind.as_deref(), &["jwt"]) {
            return Err(SsoError::lying("the token's `typ` is not that of an ID token"));
        }
        let claims = Claims(&token.claims);
        self.check_id_token(&claims, &pending.nonce, now_s)?;
        check_access_token(&claims, token.algorithm, tokens.access_token.as_deref())?;
        let subject = claims.name("sub")?.ok_or_else(|| SsoError::lying("the ID token has no `sub`"))?;
        Ok(Identity {
            issuer: self.config.issuer.as_str().to_owned(),
            subject,
            claim: self.agreed_claim(http, &metadata, &claims, tokens.access_token.as_deref())?,
            sid: claims.name("sid")?,
            id_token: tokens.id_token,
        })
    }

    /// Spends a code at the token endpoint (RFC 6749, 4.1.3; RFC 7636, 4.5).
    fn spend(
        &self,
        http: &HttpClient,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<TokenAnswer, SsoError> {
        let client_id = self.config.client_id.as_str();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let mut authorization = None;
        match self.config.client_secret.as_ref().map(crate::config::ClientSecret::reveal) {
            None => fields.push(("client_id", client_id)),
            Some(secret) if metadata.takes_basic => authorization = Some(basic(client_id, secret)),
            Some(secret) if metadata.takes_post => {
                fields.extend([("client_id", client_id), ("client_secret", secret)]);
            }
            Some(_) => {
                let what = "a client secret is configured, and the provider's token endpoint takes neither \
                    client_secret_basic nor client_secret_post";
                return Err(SsoError::Unfit { what: what.to_owned() });
            }
        }
        let answer = http.post_form(&metadata.token_endpoint, &fields, authorization.as_deref())?;
        TokenAnswer::parse(answer.status, &answer.body)
    }

    /// The rules of OpenID Connect Core 1.0, 3.1.3.7.
    fn check_id_token(&self, claims: &Claims<'_>, nonce: &str, now_s: i64) -> Result<(), SsoError> {
        let client_id = self.config.client_id.as_str();
        claims.check_issuer(self.config.issuer.as_str())?;
        let audiences = claims.check_audience(client_id)?;
        // For whom a token with several audiences was made is said by `azp` alone.
        if (audiences > 1 || claims.has("azp")) && claims.text("azp") != Some(client_id) {
            return Err(SsoError::lying(format!("the ID token's `azp` is not `{client_id}`")));
        }
        claims.check_times(now_s)?;
        if claims.text("nonce") != Some(nonce) {
            return Err(SsoError::lying("the ID token's nonce is not that of this sign-in"));
        }
        Ok(())
    }
}

/// `at_hash`, where it is there, binds the access token to the ID token (OpenID Connect Core 1.0, 3.1.3.6).
fn check_access_token(
    claims: &Claims<'_>,
    algorithm: Algorithm,
    access_token: Option<&str>,
) -> Result<(), SsoError> {
    if !claims.has("at_hash") {
        return Ok(());
    }
    let expected = access_token.and_then(|token| {
        let hash = digest(algorithm.hash(), token.as_bytes());
        let half = hash.as_ref().get(..hash.as_ref().len() / 2)?;
        Some(URL_SAFE_NO_PAD.encode(half))
    });
    if expected.is_some() && claims.text("at_hash") == expected.as_deref() {
        return Ok(());
    }
    Err(SsoError::lying("the ID token's `at_hash` is not that of the access token"))
}

/// HTTP Basic of RFC 6749, 2.3.1: both parts are form-encoded first.
fn basic(client_id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_in_a_client_id_does_not_end_it() {
        let value = basic("a:b", "s +%");
        let plain = STANDARD.decode(value.strip_prefix("Basic ").expect("the scheme")).expect("base64");
        assert_eq!(plain, b"a%3Ab:s+%2B%25");
    }
}
