//! The outer form of a signed token (JWS compact serialization, RFC 7515, 7.1), before anything of it is
//! believed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::error::quoted;
use crate::json::object;
use crate::{CLAIM_BYTES_MAX, TOKEN_BYTES_MAX};

/// Why a text is no token that could be verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`TOKEN_BYTES_MAX`].
    #[error("the token is longer than {TOKEN_BYTES_MAX} bytes")]
    Long,
    /// Not three parts of base64url with JSON objects in the first two.
    #[error("the token has not the form header.claims.signature")]
    Form,
    /// `none`, `HS*` and whatever else is no [`Algorithm`].
    #[error("the token is signed with {0}, which is never accepted")]
    Algorithm(String),
    /// The header demands extensions (RFC 7515, 4.1.11), of which this crate knows none.
    #[error("the token's header has `crit`, and no extension is known here")]
    Critical,
}

/// A token taken apart. **Nothing of it is verified**: whoever sends a text decides what stands here.
#[derive(Clone, PartialEq)]
pub struct Inspected<'a> {
    /// The algorithm that the header names.
    pub algorithm: Algorithm,
    /// The id of the key, where the header names one.
    pub key_id: Option<String>,
    /// The type, where the header names one: `JWT`, `logout+jwt`, ...
    pub kind: Option<String>,
    /// The claims, unverified.
    pub claims: Map<String, Value>,
    /// What is signed: the first two parts with the dot between them.
    pub(crate) signed: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// Takes a token apart, without verifying anything.
///
/// # Errors
///
/// The first rule of the outer form that the text breaks.
pub fn inspect(text: &str) -> Result<Inspected<'_>, TokenError> {
    if text.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Long);
    }
    let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Form)?;
    let header: Header = object(&decode(header)?).ok_or(TokenError::Form)?;
    let algorithm =
        Algorithm::parse(&header.alg).ok_or_else(|| TokenError::Algorithm(quoted(&header.alg)))?;
    if header.crit.is_some() {
        return Err(TokenError::Critical);
    }
    if header.kid.as_ref().is_some_and(|kid| kid.len() > CLAIM_BYTES_MAX) {
        return Err(TokenError::Form);
    }
    let claims = serde_json::from_slice(&decode(claims)?).map_err(|_| TokenError::Form)?;
    let signature = decode(signature)?;
    Ok(Inspected {
        algorithm,
        key_id: header.kid,
        kind: header.typ,
        claims,
        signed: signed.as_bytes(),
        signature,
    })
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Form)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_is_taken_apart() {
        let text = token(r#"{"alg":"ES256","kid":"k","typ":"JWT","x":1}"#, r#"{"sub":"s"}"#);
        let inspected = inspect(&text).expect("a token");
        assert_eq!((inspected.algorithm, inspected.key_id.as_deref()), (Algorithm::Es256, Some("k")));
        assert_eq!(inspected.claims.get("sub"), Some(&Value::from("s")));
        assert_eq!(inspected.signed, text.rsplit_once('.').expect("a dot").0.as_bytes());
    }

    #[test]
    fn another_form_is_refused() {
        let good = token(r#"{"alg":"ES256"}"#, "{}");
        for text in [
            String::new(),
            "..".to_owned(),
            "a.b".to_owned(),
            format!("{good}="),
            format!("{good}.AAAA"),
            format!("{good}.AAAA.AAAA"),
            token(r#"{"alg":"ES256"}"#, "[]"),
            token(r#"{"alg":1}"#, "{}"),
            token(r#"{"alg":"ES256","alg":"RS256"}"#, "{}"),
            token("{}", "{}"),
        ] {
            assert!(matches!(inspect(&text), Err(TokenError::Form)), "{text}");
        }
    }

    #[test]
    fn no_signature_shared_secrets_and_extensions_are_refused() {
        for name in ["none", "NoNe", "HS256", "HS512"] {
            let found = inspect(&token(&format!(r#"{{"alg":"{name}"}}"#), "{}")).err();
            assert_eq!(found, Some(TokenError::Algorithm(format!("`{name}`"))));
        }
        let found = inspect(&token(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, "{}")).err();
        assert_eq!(found, Some(TokenError::Critical));
    }

    #[test]
    fn a_long_token_is_refused_unread() {
        assert_eq!(inspect(&"a".repeat(TOKEN_BYTES_MAX + 1)).err(), Some(TokenError::Long));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}", header in "\\PC{0,60}", claims in "\\PC{0,60}") {
            let _ = inspect(&text);
            let _ = inspect(&token(&header, &claims));
        }
    }
}
