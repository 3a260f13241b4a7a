//! The public keys of a provider (JWK Set, RFC 7517) and what they signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;

use crate::CLAIM_BYTES_MAX;
use crate::algorithm::{Algorithm, KeyKind, Verifier};
use crate::json::object;
use crate::jwt::Inspected;

/// The usable keys of a provider: public, for signatures, of a kind that an [`Algorithm`] needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

/// Why a document is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// No JSON object with the array `keys`.
    #[error("the document of keys is no JSON object with an array `keys`")]
    Form,
    /// More than [`Keys::COUNT_MAX`].
    #[error("the document has more than {} keys", Keys::COUNT_MAX)]
    Many,
}

/// What the keys say about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// One of the keys signed it.
    Signed,
    /// No key could have: the id is unknown, or no id is given and there is not exactly one key of the kind.
    UnknownKey,
    /// The key that should have did not.
    Forged,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    /// The one algorithm that the key is meant for, where it says so.
    algorithm: Option<String>,
    public: Public,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Point { kind: KeyKind, bytes: Vec<u8> },
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// How many keys a provider may publish.
    pub const COUNT_MAX: usize = 64;

    /// Reads a JWK Set. Keys that are not understood are left out, as RFC 7517, 5 asks for.
    ///
    /// # Errors
    ///
    /// The document as a whole is not one, or holds too many keys.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeysError> {
        let document: Document = object(bytes).ok_or(KeysError::Form)?;
        if document.keys.len() > Self::COUNT_MAX {
            return Err(KeysError::Many);
        }
        Ok(Self(document.keys.into_iter().filter_map(usable).collect()))
    }

    /// How many keys of the document are usable.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn judge(&self, token: &Inspected<'_>) -> Verdict {
        let fits =
            |key: &&Key| key.fits(token.algorithm) && (token.key_id.is_none() || key.id == token.key_id);
        let fitting: Vec<&Key> = self.0.iter().filter(fits).collect();
        // Without an id nothing is guessed (OpenID Connect Core 1.0, 10.1).
        if fitting.is_empty() || token.key_id.is_none() && fitting.len() > 1 {
            return Verdict::UnknownKey;
        }
        if fitting.iter().any(|key| key.signed(token)) { Verdict::Signed } else { Verdict::Forged }
    }
}

impl Key {
    /// The key decides with which algorithm it is used, not the header alone (RFC 8725, 3.1).
    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match &self.public {
            Public::Rsa { .. } => KeyKind::Rsa,
            Public::Point { kind, .. } => *kind,
        };
        kind == algorithm.key_kind() && self.algorithm.as_ref().is_none_or(|name| name == algorithm.name())
    }

    fn signed(&self, token: &Inspected<'_>) -> bool {
        match (&self.public, token.algorithm.verifier()) {
            (Public::Rsa { n, e }, Verifier::Rsa(parameters)) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, token.signed, &token.signature).is_ok()
            }
            (Public::Point { bytes, .. }, Verifier::Point(algorithm)) => {
                UnparsedPublicKey::new(algorithm, bytes).verify(token.signed, &token.signature).is_ok()
            }
            _ => false,
        }
    }
}

/// The key in `value`, if it is one that signs.
fn usable(value: Value) -> Option<Key> {
    if !value.is_object() {
        return None;
    }
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let signs = jwk.purpose.as_ref().is_none_or(|purpose| purpose == "sig")
        && jwk.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|name| name == "verify"));
    if !signs || jwk.kid.as_ref().is_some_and(|kid| kid.len() > CLAIM_BYTES_MAX) {
        return None;
    }
    Some(Key { public: public(&jwk)?, id: jwk.kid, algorithm: jwk.alg })
}

fn public(jwk: &Jwk) -> Option<Public> {
    match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => rsa(jwk),
        ("EC", Some("P-256")) => point(jwk, KeyKind::P256, 32),
        ("EC", Some("P-384")) => point(jwk, KeyKind::P384, 48),
        ("OKP", Some("Ed25519")) => {
            Some(Public::Point { kind: KeyKind::Ed25519, bytes: number(&jwk.x, 32..=32)? })
        }
        _ => None,
    }
}

/// 2048 to 8192 bits. `ring` refuses weaker keys too, but a weak key should not even count as one.
fn rsa(jwk: &Jwk) -> Option<Public> {
    let bare = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
    let n = bare(number(&jwk.n, 256..=1025)?);
    let e = bare(number(&jwk.e, 1..=8)?);
    (n.len() >= 256 && !e.is_empty()).then_some(Public::Rsa { n, e })
}

/// The point (x, y), uncompressed (SEC 1, 2.3.3).
fn point(jwk: &Jwk, kind: KeyKind, width: usize) -> Option<Public> {
    let (x, y) = (number(&jwk.x, width..=width)?, number(&jwk.y, width..=width)?);
    Some(Public::Point { kind, bytes: [vec![4], x, y].concat() })
}

fn number(text: &Option<String>, width: std::ops::RangeInclusive<usize>) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text.as_ref()?).ok()?;
    width.contains(&bytes.len()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::jwt::inspect;

    /// RFC 8037, A.2 and A.4: a key and what it signed.
    const ED_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn set(keys: &[&str]) -> Keys {
        Keys::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).expect("a set")
    }

    #[test]
    fn keys_that_do_not_sign_or_are_not_known_are_left_out() {
        let with = |more: &str| format!("{},{more}}}", ED_KEY.trim_end_matches('}'));
        for left_out in [
            r#"{"kty":"oct","k":"AAAA"}"#.to_owned(),
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_owned(),
            r#"{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}"#.to_owned(),
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#.to_owned(),
            "7".to_owned(),
            with(r#""use":"enc""#),
            with(r#""key_ops":["sign"]"#),
        ] {
            assert_eq!(set(&[&left_out, ED_KEY]).count(), 1, "{left_out}");
        }
        assert_eq!(set(&[&with(r#""use":"sig","key_ops":["verify"],"alg":"EdDSA""#)]).count(), 1);
    }

    #[test]
    fn a_token_without_key_id_is_judged_by_the_only_key_of_its_kind() {
        let text = format!(
            "{}.{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA"}"#),
            URL_SAFE_NO_PAD.encode("{}"),
            "A".repeat(86)
        );
        let token = inspect(&text).expect("a token");
        let other = ED_KEY.replace("11qY", "12qY");
        assert_eq!(set(&[ED_KEY]).judge(&token), Verdict::Forged);
        assert_eq!(set(&[ED_KEY, &other]).judge(&token), Verdict::UnknownKey);
        assert_eq!(set(&[]).judge(&token), Verdict::UnknownKey);
    }

    #[test]
    fn a_key_for_another_algorithm_is_not_used() {
        let text =
            format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#), URL_SAFE_NO_PAD.encode("{}"));
        let token = inspect(&text).expect("a token");
        let n = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let key = |alg: &str| format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"{alg}}}"#);
        assert_eq!(set(&[&key("")]).judge(&token), Verdict::Forged);
        assert_eq!(set(&[&key(r#","alg":"PS256""#)]).judge(&token), Verdict::UnknownKey);
    }

    #[test]
    fn a_document_that_is_none_or_too_long_is_refused() {
        for bytes in [&b""[..], b"[]", b"{}", b"{\"keys\":{}}", b"\xff"] {
            assert_eq!(Keys::parse(bytes), Err(KeysError::Form));
        }
        let many = vec!["{}"; Keys::COUNT_MAX + 1].join(",");
        assert_eq!(Keys::parse(format!(r#"{{"keys":[{many}]}}"#).as_bytes()), Err(KeysError::Many));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), member in "\\PC{0,40}") {
            let _ = Keys::parse(&bytes);
            let jwk = serde_json::json!({"kty": "EC", "crv": "P-256", "x": member, "y": member, "n": member, "kid": member});
            let _ = Keys::parse(serde_json::json!({"keys": [jwk]}).to_string().as_bytes());
        }
    }
}
