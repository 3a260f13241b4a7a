//! The first step of a sign-in: where to send the browser, and what to remember.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::error::{NoEntropy, SsoError};
use crate::http::HttpClient;
use crate::provider::Provider;

/// What a sign-in that was begun needs to be finished. The caller keeps it, bound to the browser and to the
/// provider, and spends it once: each is 256 random bits as base64url. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    /// Comes back with the answer, and binds it to the browser.
    pub state: String,
    /// Comes back in the ID token, and binds it to this sign-in.
    pub nonce: String,
    /// Proves to the provider that the code is spent by whoever asked for it (PKCE, RFC 7636).
    pub verifier: String,
}

/// A sign-in that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// What to keep until it comes back.
    pub pending: Pending,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending(..)")
    }
}

impl Provider {
    /// Begins a sign-in that comes back to `redirect_uri`, which the provider must know. `entropy` fills the
    /// bytes it is given with randomness; `now_s` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// The provider cannot be reached or lies about itself, or there is no randomness.
    pub fn begin(
        &self,
        http: &HttpClient,
        redirect_uri: &str,
        entropy: &mut dyn FnMut(&mut [u8]) -> Result<(), NoEntropy>,
        now_s: i64,
    ) -> Result<Begun, SsoError> {
        let metadata = self.metadata(http, now_s)?;
        let pending =
            Pending { state: random(entropy)?, nonce: random(entropy)?, verifier: random(entropy)? };
        let scope = self.scope();
        let challenge = challenge(&pending.verifier);
        let url = metadata.authorization_endpoint.with_query(&[
            ("response_type", "code"),
            ("client_id", &self.config.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", &scope),
            ("state", &pending.state),
            ("nonce", &pending.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(Begun { url, pending })
    }

    /// The scopes, with the one that makes it OpenID Connect.
    fn scope(&self) -> String {
        let scopes = &self.config.scopes;
        let openid = (!scopes.iter().any(|scope| scope == "openid")).then_some("openid");
        openid.into_iter().chain(scopes.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }
}

fn random(entropy: &mut dyn FnMut(&mut [u8]) -> Result<(), NoEntropy>) -> Result<String, NoEntropy> {
    let mut bytes = [0; 32];
    entropy(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// RFC 7636, 4.2.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_specification() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
