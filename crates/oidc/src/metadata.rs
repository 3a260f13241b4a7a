//! What a provider says about itself (OpenID Connect Discovery 1.0, 3).

use serde::Deserialize;

use crate::endpoint::{Endpoint, EndpointError};
use crate::error::quoted;
use crate::json::object;

/// A discovery document of which everything that is used has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The issuer as the document writes it. Whether it is the right one is the caller's question.
    pub issuer: String,
    /// Where the browser is sent to sign in.
    pub authorization_endpoint: Endpoint,
    /// Where a code is spent.
    pub token_endpoint: Endpoint,
    /// Where the public keys are.
    pub jwks_uri: Endpoint,
    /// Where claims are asked for that the ID token lacks, where that is offered.
    pub userinfo_endpoint: Option<Endpoint>,
    /// Where the browser is sent to sign out, where that is offered.
    pub end_session_endpoint: Option<Endpoint>,
    /// Whether a client may prove itself by HTTP Basic at the token endpoint; so it is where nothing is said.
    pub takes_basic: bool,
    /// Whether a client may prove itself in the body of the request.
    pub takes_post: bool,
    /// Whether PKCE with S256 is supported; taken for granted where nothing is said.
    pub knows_s256: bool,
    /// Whether every answer of the authorization endpoint names the issuer (RFC 9207).
    pub names_issuer: bool,
}

/// Why a document is no usable [`Metadata`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// No JSON object with the members that the specification requires.
    #[error(
        "the discovery document is no JSON object with issuer, authorization_endpoint, token_endpoint and jwks_uri"
    )]
    Form,
    /// An endpoint that may not be called.
    #[error("the discovery document's {member} is {value}: {error}")]
    Endpoint {
        /// Which one.
        member: &'static str,
        /// What stands there, bounded and cleaned.
        value: String,
        /// Why it may not be called.
        error: EndpointError,
    },
    /// The authorization code flow is not among what is supported.
    #[error("the discovery document's response_types_supported lacks `code`")]
    NoCodeFlow,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Reads a discovery document.
    ///
    /// # Errors
    ///
    /// It is none, or an endpoint in it may not be called.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        let document: Document = object(bytes).ok_or(MetadataError::Form)?;
        let lists = |list: &Option<Vec<String>>, name: &str| {
            list.as_ref().map(|list| list.iter().any(|listed| listed == name))
        };
        if lists(&document.response_types_supported, "code") == Some(false) {
            return Err(MetadataError::NoCodeFlow);
        }
        let methods = &document.token_endpoint_auth_methods_supported;
        Ok(Self {
            authorization_endpoint: endpoint("authorization_endpoint", &document.authorization_endpoint)?,
            token_endpoint: endpoint("token_endpoint", &document.token_endpoint)?,
            jwks_uri: endpoint("jwks_uri", &document.jwks_uri)?,
            userinfo_endpoint: optional("userinfo_endpoint", document.userinfo_endpoint.as_deref())?,
            end_session_endpoint: optional("end_session_endpoint", document.end_session_endpoint.as_deref())?,
            takes_basic: lists(methods, "client_secret_basic").unwrap_or(true),
            takes_post: lists(methods, "client_secret_post").unwrap_or(false),
            knows_s256: lists(&document.code_challenge_methods_supported, "S256").unwrap_or(true),
            names_issuer: document.authorization_response_iss_parameter_supported,
            issuer: document.issuer,
        })
    }

    /// Every endpoint that is told.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        let always = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        always.into_iter().chain(&self.userinfo_endpoint).chain(&self.end_session_endpoint)
    }
}

fn endpoint(member: &'static str, text: &str) -> Result<Endpoint, MetadataError> {
    Endpoint::parse(text).map_err(|error| MetadataError::Endpoint { member, value: quoted(text), error })
}

fn optional(member: &'static str, text: Option<&str>) -> Result<Option<Endpoint>, MetadataError> {
    text.map(|text| endpoint(member, text)).transpose()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/auth",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://idp.example/jwks",
        })
    }

    fn with(member: &str, value: Value) -> Result<Metadata, MetadataError> {
        let mut document = document();
        document[member] = value;
        Metadata::parse(document.to_string().as_bytes())
    }

    #[test]
    fn what_is_not_said_is_what_the_specification_says() {
        let metadata = Metadata::parse(document().to_string().as_bytes()).expect("metadata");
        assert!(
            metadata.takes_basic && !metadata.takes_post && metadata.knows_s256 && !metadata.names_issuer
        );
        assert_eq!(metadata.end_session_endpoint, None);
    }

    #[test]
    fn what_is_said_counts() {
        let metadata =
            with("token_endpoint_auth_methods_supported", json!(["client_secret_post"])).expect("metadata");
        assert!(!metadata.takes_basic && metadata.takes_post);
        assert!(!with("code_challenge_methods_supported", json!(["plain"])).expect("metadata").knows_s256);
        assert_eq!(with("response_types_supported", json!(["id_token"])), Err(MetadataError::NoCodeFlow));
    }

    #[test]
    fn an_endpoint_that_may_not_be_called_is_named() {
        for member in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
            "end_session_endpoint",
        ] {
            for url in ["http://idp.example/", "file:///etc/passwd", "javascript:alert(1)", ""] {
                let error = with(member, json!(url)).expect_err("not to be called").to_string();
                assert!(error.contains(member), "{error}");
            }
        }
        assert_eq!(with("jwks_uri", json!(null)), Err(MetadataError::Form));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,60}") {
            let _ = Metadata::parse(&bytes);
            for member in ["issuer", "token_endpoint", "response_types_supported"] {
                let _ = with(member, json!(text));
            }
        }
    }
}
