//! Keys made for a test, and tokens signed with them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

/// An RSA key of these tests, which guards nothing: `ring` makes no RSA keys.
const RSA: &str = include_str!("rsa.jwk.json");

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `header.claims` as it is signed.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", b64(header.to_string()), b64(claims.to_string()))
}

pub(crate) enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair, &'static str),
    Ed(Ed25519KeyPair),
}

impl Signer {
    /// A key for `algorithm`; every call makes another one, RSA excepted.
    pub(crate) fn new(algorithm: &str) -> Self {
        let random = SystemRandom::new();
        let ec = |how: &'static EcdsaSigningAlgorithm, curve| {
            let document = EcdsaKeyPair::generate_pkcs8(how, &random).expect("a key");
            Self::Ec(EcdsaKeyPair::from_pkcs8(how, document.as_ref(), &random).expect("a key"), curve)
        };
        match algorithm {
            "ES256" => ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            "ES384" => ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            "EdDSA" => {
                let document = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
                Self::Ed(Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key"))
            }
            _ => Self::Rsa(Box::new(rsa())),
        }
    }

    /// The public key, as a provider publishes it.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(_) => {
                let jwk: Value = serde_json::from_str(RSA).expect("JSON");
                json!({"kty": "RSA", "kid": kid, "use": "sig", "n": jwk["n"], "e": jwk["e"]})
            }
            Self::Ec(pair, curve) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({"kty": "EC", "crv": curve, "kid": kid, "use": "sig", "x": b64(x), "y": b64(y)})
            }
            Self::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": b64(pair.public_key())})
            }
        }
    }

    /// The bytes of the public key, as somebody would use them as a shared secret.
    pub(crate) fn public_bytes(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Self::Ec(pair, _) => pair.public_key().as_ref().to_vec(),
            Self::Ed(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// A token whose header must name the algorithm.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let algorithm = header["alg"].as_str().expect("an algorithm");
        format!("{text}.{}", b64(self.sign(algorithm, text.as_bytes())))
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Ec(pair, _) => pair.sign(&random, message).expect("signs").as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let how: &'static dyn RsaEncoding = match algorithm {
                    "RS256" => &signature::RSA_PKCS1_SHA256,
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "PS384" => &signature::RSA_PSS_SHA384,
                    "PS512" => &signature::RSA_PSS_SHA512,
                    other => panic!("no RSA signature is called {other}"),
                };
                let mut signed = vec![0; pair.public().modulus_len()];
                pair.sign(how, &random, message, &mut signed).expect("signs");
                signed
            }
        }
    }
}

fn rsa() -> RsaKeyPair {
    let jwk: Value = serde_json::from_str(RSA).expect("JSON");
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("a part")).expect("base64");
    RsaKeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: part("n"), e: part("e") },
        d: part("d"),
        p: part("p"),
        q: part("q"),
        dP: part("dp"),
        dQ: part("dq"),
        qInv: part("qi"),
    })
    .expect("an RSA key")
}
