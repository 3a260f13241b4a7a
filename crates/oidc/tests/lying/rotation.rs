//! Keys that come and go.

use oidc::{Identity, JWKS_REFETCH_S_MIN, METADATA_AGE_S_MAX, SsoError};
use serde_json::json;

use crate::server::Reply;
use crate::signer::Signer;
use crate::stage::{KID, NOW_S, Stage, assert_lying};

fn sign_in_by(stage: &Stage, signer: &Signer, kid: &str, now_s: i64) -> Result<Identity, SsoError> {
    stage.sign_in_at(now_s, |mut header, mut claims| {
        header["kid"] = json!(kid);
        claims["iat"] = json!(now_s);
        claims["exp"] = json!(now_s + 300);
        signer.token(&header, &claims)
    })
}

#[test]
fn keys_are_fetched_once() {
    let stage = Stage::new();
    for _ in 0..3 {
        stage.sign_in(|_| {}).expect("honest");
    }
    assert_eq!(stage.keys_fetched(), 1);
}

#[test]
fn a_new_key_is_fetched_when_it_is_first_used() {
    let stage = Stage::new();
    stage.sign_in(|_| {}).expect("honest");
    let next = Signer::new("ES256");
    stage.publish(&[stage.signer.jwk(KID), next.jwk("key-2")]);
    assert!(sign_in_by(&stage, &next, "key-2", NOW_S + 1).is_ok());
    assert!(sign_in_by(&stage, &stage.signer, KID, NOW_S + 1).is_ok(), "the old key still signs");
    assert_eq!(stage.keys_fetched(), 2);
}

#[test]
fn a_new_key_under_the_old_name_is_fetched_too() {
    let stage = Stage::new();
    stage.sign_in(|_| {}).expect("honest");
    let next = Signer::new("ES256");
    stage.publish(&[next.jwk(KID)]);
    assert!(sign_in_by(&stage, &next, KID, NOW_S + 1).is_ok());
}

#[test]
fn unknown_keys_make_one_fetch_in_a_while() {
    let stage = Stage::new();
    stage.sign_in(|_| {}).expect("honest");
    let thief = Signer::new("ES256");
    for n in 0..JWKS_REFETCH_S_MIN {
        assert_lying(sign_in_by(&stage, &thief, &format!("thief-{n}"), NOW_S + n), "does not publish");
    }
    assert_eq!(stage.keys_fetched(), 2);
    assert_lying(sign_in_by(&stage, &thief, "thief", NOW_S + JWKS_REFETCH_S_MIN), "does not publish");
    assert_eq!(stage.keys_fetched(), 3);
}

#[test]
fn an_early_fetch_that_fails_counts_and_leaves_the_known_keys() {
    let stage = Stage::new();
    stage.sign_in(|_| {}).expect("honest");
    stage.server.reply("/jwks", Reply::Json(503, json!({})));
    let thief = Signer::new("ES256");
    assert!(matches!(sign_in_by(&stage, &thief, "thief", NOW_S), Err(SsoError::Down { .. })));
    assert_lying(sign_in_by(&stage, &thief, "thief", NOW_S), "does not publish");
    assert!(sign_in_by(&stage, &stage.signer, KID, NOW_S).is_ok());
    assert_eq!(stage.keys_fetched(), 2);
}

#[test]
fn a_key_that_was_withdrawn_is_forgotten_in_time() {
    let stage = Stage::new();
    stage.sign_in(|_| {}).expect("honest");
    stage.publish(&[Signer::new("ES256").jwk("key-2")]);
    assert_lying(sign_in_by(&stage, &stage.signer, KID, NOW_S + METADATA_AGE_S_MAX), "does not publish");
}

#[test]
fn without_key_id_one_key_is_used_and_of_two_none_is_guessed() {
    let stage = Stage::new();
    let nameless = |stage: &Stage| {
        stage.sign_in_with(|mut header, claims| {
            header.as_object_mut().expect("an object").remove("kid");
            stage.signer.token(&header, &claims)
        })
    };
    stage.publish(&[stage.signer.jwk(KID), Signer::new("EdDSA").jwk("another kind")]);
    assert!(nameless(&stage).is_ok());
    let stage = Stage::new();
    stage.publish(&[stage.signer.jwk(KID), Signer::new("ES256").jwk("the same kind")]);
    assert_lying(nameless(&stage), "does not publish");
}

#[test]
fn threads_that_wait_for_new_keys_get_them() {
    let stage = Stage::new();
    stage.sign_in(|_| {}).expect("honest");
    let next = Signer::new("ES256");
    stage.publish(&[next.jwk("key-2")]);
    let begun: Vec<_> = (0..8).map(|_| stage.begin(NOW_S).expect("begun")).collect();
    // One token answer serves all: what is asked here is who verifies its signature.
    let claims = stage.claims("of nobody");
    stage.grant(&next.token(&json!({"alg": "ES256", "kid": "key-2"}), &claims));
    std::thread::scope(|scope| {
        for begun in &begun {
            scope.spawn(|| {
                let query = format!("code=c&state={}", begun.pending.state);
                assert_lying(stage.finish(begun, &query, NOW_S), "nonce");
            });
        }
    });
    assert_eq!(stage.keys_fetched(), 2);
}
