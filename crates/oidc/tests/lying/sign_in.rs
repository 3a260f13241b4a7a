//! Sign-ins in which the ID token or the answer is not as it must be.

use oidc::{Algorithm, Identity, SKEW_S_MAX, SsoError};
use ring::hmac;
use serde_json::{Value, json};

use crate::server::Reply;
use crate::signer::{Signer, b64, unsigned};
use crate::stage::{BACK, CLIENT, NOW_S, SECRET, Stage, assert_lying, fields, set};

fn with(name: &str, value: Value) -> Result<Identity, SsoError> {
    Stage::new().sign_in(|claims| set(claims, name, value))
}

#[test]
fn an_honest_sign_in_says_who_it_is() {
    let stage = Stage::new();
    let identity = stage.sign_in(|_| {}).expect("honest");
    assert_eq!(identity.issuer, stage.issuer());
    assert_eq!((identity.subject.as_str(), identity.claim.as_str()), ("subject-1", "bea@acme.example"));
    assert_eq!(identity.sid.as_deref(), Some("session-1"));
    assert_eq!(identity.id_token.split('.').count(), 3);
}

#[test]
fn every_algorithm_of_the_list_is_verified() {
    for algorithm in Algorithm::ALL {
        let stage = Stage::signing(algorithm.name(), |_| {});
        let identity = stage.sign_in(|_| {});
        assert_eq!(
            identity.map(|identity| identity.subject),
            Ok("subject-1".to_owned()),
            "{}",
            algorithm.name()
        );
    }
}

#[test]
fn the_browser_is_sent_with_everything_that_protects_the_sign_in() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    let asked = fields(&begun.url);
    assert!(begun.url.starts_with(&format!("{}/auth?", stage.issuer())));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", &begun.pending.state),
        ("nonce", &begun.pending.nonce),
        ("code_challenge_method", "S256"),
        (
            "code_challenge",
            &b64(ring::digest::digest(&ring::digest::SHA256, begun.pending.verifier.as_bytes())),
        ),
    ] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(begun.pending.state.len(), 43);
    let again = stage.begin(NOW_S).expect("begun").pending;
    assert!(again.state != begun.pending.state && again.nonce != begun.pending.nonce);
    assert!(again.verifier != begun.pending.verifier && again.state != again.nonce);
}

#[test]
fn the_code_is_spent_with_verifier_and_client_authentication() {
    for (methods, secret) in [(None, true), (Some(json!(["client_secret_post"])), true), (None, false)] {
        let stage = Stage::with(|config| {
            if !secret {
                config.client_secret = None;
            }
        });
        if let Some(methods) = &methods {
            stage.discovery_with("token_endpoint_auth_methods_supported", methods.clone());
        }
        let begun = stage.begin(NOW_S).expect("begun");
        stage.grant(&stage.signer.token(&stage.header(), &stage.claims(&begun.pending.nonce)));
        stage.finish(&begun, &format!("code=c&state={}", begun.pending.state), NOW_S).expect("honest");
        let seen = stage.server.seen("/token").pop().expect("a request");
        let form = fields(&seen.body);
        assert_eq!(form.get("code_verifier"), Some(&begun.pending.verifier));
        assert_eq!(form.get("redirect_uri").map(String::as_str), Some(BACK));
        let (basic, posted) =
            (seen.authorization.is_some(), form.get("client_secret").is_some_and(|it| it == SECRET));
        assert_eq!((basic, posted), (secret && methods.is_none(), methods.is_some()), "{methods:?} {secret}");
        assert_eq!(form.contains_key("client_id"), !basic);
    }
}

#[test]
fn a_provider_that_takes_no_secret_of_ours_does_not_fit() {
    let stage = Stage::new();
    stage.discovery_with("token_endpoint_auth_methods_supported", json!(["private_key_jwt"]));
    assert!(matches!(stage.sign_in(|_| {}), Err(SsoError::Unfit { .. })));
    assert_eq!(stage.server.seen("/token").len(), 0);
}

#[test]
fn wrong_nonce() {
    assert_lying(with("nonce", json!("another")), "nonce");
    assert_lying(with("nonce", Value::Null), "nonce");
}

#[test]
fn wrong_state() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    let other = stage.begin(NOW_S).expect("begun");
    let query = format!("code=c&state={}", other.pending.state);
    assert_eq!(stage.finish(&begun, &query, NOW_S), Err(SsoError::WrongState));
    let query = format!("error=access_denied&state={}", other.pending.state);
    assert_eq!(stage.finish(&begun, &query, NOW_S), Err(SsoError::WrongState));
    assert_eq!(stage.server.seen("/token").len(), 0, "no code is spent for another browser");
}

#[test]
fn wrong_audience() {
    for aud in [json!("another"), json!(["another"]), json!([]), json!("keyward "), json!(7), Value::Null] {
        assert_lying(with("aud", aud), "audience");
    }
}

#[test]
fn several_audiences_need_azp() {
    let of = |azp: Value| {
        Stage::new().sign_in(|claims| {
            set(claims, "aud", json!([CLIENT, "another"]));
            set(claims, "azp", azp);
        })
    };
    assert!(of(json!(CLIENT)).is_ok());
    assert_lying(of(Value::Null), "azp");
    assert_lying(of(json!("another")), "azp");
}

#[test]
fn azp_of_another_is_refused_with_one_audience_too() {
    assert_lying(with("azp", json!("another")), "azp");
    assert!(with("aud", json!([CLIENT])).is_ok());
}

#[test]
fn wrong_issuer() {
    for iss in [json!("https://evil.example"), json!(""), Value::Null] {
        assert_lying(with("iss", iss), "issuer");
    }
    let stage = Stage::new();
    let with_slash = format!("{}/", stage.issuer());
    assert_lying(stage.sign_in(|claims| set(claims, "iss", json!(with_slash))), "issuer");
}

#[test]
fn wrong_key() {
    let stage = Stage::new();
    let thief = Signer::new("ES256");
    assert_lying(stage.sign_in_with(|header, claims| thief.token(&header, &claims)), "signature");
}

#[test]
fn a_key_in_the_header_is_not_believed() {
    let stage = Stage::new();
    let thief = Signer::new("ES256");
    let found = stage.sign_in_with(|mut header, claims| {
        header["jwk"] = thief.jwk("thief");
        header["jku"] = json!("https://evil.example/jwks");
        header["kid"] = json!("thief");
        thief.token(&header, &claims)
    });
    assert_lying(found, "does not publish");
}

#[test]
fn changed_claims() {
    let stage = Stage::new();
    let found = stage.sign_in_with(|header, mut claims| {
        let honest = stage.signer.token(&header, &claims);
        claims["email"] = json!("boss@acme.example");
        format!("{}.{}", unsigned(&header, &claims), honest.rsplit('.').next().expect("a signature"))
    });
    assert_lying(found, "signature");
}

#[test]
fn expired() {
    assert_lying(with("exp", json!(NOW_S - SKEW_S_MAX)), "expired");
    assert_lying(with("exp", Value::Null), "exp");
    assert!(with("exp", json!(NOW_S - SKEW_S_MAX + 1)).is_ok());
}

#[test]
fn not_yet_valid() {
    assert_lying(with("nbf", json!(NOW_S + SKEW_S_MAX + 1)), "nbf");
    assert_lying(with("iat", json!(NOW_S + SKEW_S_MAX + 1)), "iat");
    assert_lying(with("iat", Value::Null), "iat");
    assert!(with("nbf", json!(NOW_S + SKEW_S_MAX)).is_ok());
}

#[test]
fn alg_none() {
    for name in ["none", "None", "NONE"] {
        let stage = Stage::new();
        let found = stage.sign_in_with(|mut header, claims| {
            header["alg"] = json!(name);
            format!("{}.", unsigned(&header, &claims))
        });
        assert_lying(found, "never accepted");
    }
}

#[test]
fn hs256_signed_with_the_public_key() {
    let stage = Stage::signing("RS256", |_| {});
    let jwk = stage.signer.jwk(KID_OF_STAGE).to_string();
    for secret in [stage.signer.public_bytes(), jwk.into_bytes()] {
        let found = stage.sign_in_with(|mut header, claims| {
            header["alg"] = json!("HS256");
            let text = unsigned(&header, &claims);
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), text.as_bytes());
            format!("{text}.{}", b64(tag))
        });
        assert_lying(found, "never accepted");
    }
}

const KID_OF_STAGE: &str = crate::stage::KID;

#[test]
fn an_algorithm_that_was_not_agreed_on() {
    let stage = Stage::with(|config| config.algorithms = vec![Algorithm::Rs256]);
    assert_lying(stage.sign_in(|_| {}), "not among those agreed on");
}

#[test]
fn a_logout_token_or_access_token_is_no_id_token() {
    for kind in ["logout+jwt", "at+jwt"] {
        let stage = Stage::new();
        let found = stage.sign_in_with(|mut header, claims| {
            header["typ"] = json!(kind);
            stage.signer.token(&header, &claims)
        });
        assert_lying(found, "typ");
    }
}

#[test]
fn wrong_at_hash() {
    assert_lying(with("at_hash", json!(b64([0; 16]))), "at_hash");
    assert_lying(with("at_hash", json!("")), "at_hash");
    assert_lying(with("at_hash", json!(7)), "at_hash");
}

#[test]
fn right_at_hash_for_every_size_of_hash() {
    for (algorithm, hash) in
        [("ES256", &ring::digest::SHA256), ("ES384", &ring::digest::SHA384), ("EdDSA", &ring::digest::SHA512)]
    {
        let stage = Stage::signing(algorithm, |_| {});
        let whole = ring::digest::digest(hash, b"access-1");
        let half = b64(&whole.as_ref()[..whole.as_ref().len() / 2]);
        assert!(stage.sign_in(|claims| set(claims, "at_hash", json!(half))).is_ok(), "{algorithm}");
    }
}

#[test]
fn at_hash_without_access_token() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    let mut claims = stage.claims(&begun.pending.nonce);
    claims["at_hash"] = json!("");
    let tokens = json!({"id_token": stage.signer.token(&stage.header(), &claims), "token_type": "Bearer"});
    stage.server.reply("/token", Reply::Json(200, tokens));
    let query = format!("code=c&state={}", begun.pending.state);
    assert_lying(stage.finish(&begun, &query, NOW_S), "at_hash");
}

#[test]
fn code_replay() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    let no = json!({"error": "invalid_grant", "error_description": "the code code-1 was used before"});
    stage.server.reply("/token", Reply::Json(400, no));
    let error =
        stage.finish(&begun, &format!("code=code-1&state={}", begun.pending.state), NOW_S).expect_err("used");
    assert_eq!(error, SsoError::Refused { code: "invalid_grant".to_owned() });
    assert!(!error.to_string().contains("code-1") && !error.sentence().contains("grant"));
}

#[test]
fn the_providers_own_refusal() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    let query = format!("error=access_denied&error_description=%3Cb%3E&state={}", begun.pending.state);
    let error = stage.finish(&begun, &query, NOW_S).expect_err("refused");
    assert_eq!(error, SsoError::Refused { code: "access_denied".to_owned() });
}

#[test]
fn an_answer_that_names_another_issuer_or_none() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    let query = |iss: &str| format!("code=c&state={}{iss}", begun.pending.state);
    assert_lying(stage.finish(&begun, &query("&iss=https%3A%2F%2Fevil.example"), NOW_S), "comes from");
    let stage = Stage::new();
    stage.discovery_with("authorization_response_iss_parameter_supported", json!(true));
    let begun = stage.begin(NOW_S).expect("begun");
    stage.grant(&stage.signer.token(&stage.header(), &stage.claims(&begun.pending.nonce)));
    let query = |iss: &str| format!("code=c&state={}{iss}", begun.pending.state);
    assert_lying(stage.finish(&begun, &query(""), NOW_S), "lacks `iss`");
    assert!(stage.finish(&begun, &query(&format!("&iss={}", stage.issuer())), NOW_S).is_ok());
}

#[test]
fn no_subject() {
    assert_lying(with("sub", Value::Null), "sub");
    assert_lying(with("sub", json!("")), "sub");
}

#[test]
fn an_answer_of_the_token_endpoint_that_is_none() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    let query = format!("code=c&state={}", begun.pending.state);
    for reply in [
        Reply::Bytes(b"<html>".to_vec()),
        Reply::Json(200, json!({"id_token": "x.y.z", "token_type": "Bearer"})),
        Reply::Json(200, json!({"access_token": "a", "token_type": "Bearer"})),
        Reply::Json(404, json!({})),
        Reply::Redirect("https://evil.example/".to_owned()),
    ] {
        stage.server.reply("/token", reply);
        assert!(matches!(stage.finish(&begun, &query, NOW_S), Err(SsoError::Lying { .. })));
    }
}

#[test]
fn nothing_secret_is_in_an_error_or_a_debug() {
    let stage = Stage::new();
    let begun = stage.begin(NOW_S).expect("begun");
    stage.grant(&stage.signer.token(&stage.header(), &stage.claims("another")));
    let query = format!("code=hidden-code&state={}", begun.pending.state);
    let error = stage.finish(&begun, &query, NOW_S).expect_err("a lie");
    let said = format!("{error} {error:?} {:?} {:?} {}", begun.pending, stage.provider, error.sentence());
    let hidden = [&begun.pending.nonce, &begun.pending.state, &begun.pending.verifier];
    for secret in hidden.into_iter().map(String::as_str).chain(["hidden-code", SECRET, "access-1", "eyJ"]) {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}
