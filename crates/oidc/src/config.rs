//! What an operator agrees with a provider.

use std::fmt;

use crate::algorithm::Algorithm;
use crate::endpoint::{Endpoint, EndpointError};

/// The name of a provider, which is also where its discovery document is. Compared byte by byte, never
/// normalised (OpenID Connect Discovery 1.0, 4.3), so a final slash counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(Endpoint);

/// Why a text is no [`Issuer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It is no URL that may be called.
    #[error("the issuer must be a https URL: {0}")]
    Url(#[from] EndpointError),
    /// An issuer has no query (OpenID Connect Core 1.0, 1.2).
    #[error("the issuer must be a https URL without a query (`?`)")]
    Query,
}

impl Issuer {
    /// Reads the URL of an issuer, as the provider writes it.
    ///
    /// # Errors
    ///
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let endpoint = Endpoint::parse(text)?;
        if text.contains('?') { Err(IssuerError::Query) } else { Ok(Self(endpoint)) }
    }

    /// The text as it was parsed.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Where the discovery document is (OpenID Connect Discovery 1.0, 4).
    pub(crate) fn discovery(&self) -> Result<Endpoint, EndpointError> {
        let base = self.as_str().trim_end_matches('/');
        Endpoint::parse(&format!("{base}/.well-known/openid-configuration"))
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The secret shared with a provider. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// Wraps the secret, which is sent as it is.
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// What is agreed with one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderConfig {
    /// The provider's name and address.
    pub issuer: Issuer,
    /// Our name at the provider.
    pub client_id: String,
    /// Our secret there; none for a public client, which PKCE alone protects.
    pub client_secret: Option<ClientSecret>,
    /// What to ask for; `openid` is added when it is missing.
    pub scopes: Vec<String>,
    /// The claim of the ID token whose value names the user: `email`, `preferred_username`, `sub`, ...
    pub claim: String,
    /// Which signatures are accepted; none but these. [`Algorithm::ALL`] is what this crate can verify.
    pub algorithms: Vec<Algorithm>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discovery_is_below_the_issuer_with_or_without_a_final_slash() {
        for issuer in ["https://idp.example/realm", "https://idp.example/realm/"] {
            let issuer = Issuer::parse(issuer).expect("an issuer");
            let at = issuer.discovery().expect("a URL");
            assert_eq!(at.as_str(), "https://idp.example/realm/.well-known/openid-configuration");
        }
    }

    #[test]
    fn an_issuer_with_a_query_is_refused() {
        assert_eq!(Issuer::parse("https://idp.example/?a"), Err(IssuerError::Query));
        assert!(Issuer::parse("http://idp.example").is_err());
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = ClientSecret::new("hunter2".to_owned());
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
