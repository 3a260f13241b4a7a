//! The claim that names the user, in the ID token and apart from it.

use oidc::{Identity, SsoError};
use serde_json::{Value, json};

use crate::server::Reply;
use crate::stage::{Stage, assert_lying, set};

fn with(name: &str, value: Value) -> Result<Identity, SsoError> {
    Stage::new().sign_in(|claims| set(claims, name, value))
}

/// A sign-in whose ID token lacks the e-mail, at a provider that answers `told` when it is asked for it.
fn asked(told: Reply) -> Result<Identity, SsoError> {
    let stage = Stage::new();
    stage.discovery_with("userinfo_endpoint", json!(format!("{}/me", stage.issuer())));
    stage.server.reply("/me", told);
    let found = stage.sign_in(|claims| set(claims, "email", Value::Null));
    let seen = stage.server.seen("/me").pop().expect("was asked");
    assert_eq!(seen.authorization.as_deref(), Some("Bearer access-1"));
    found
}

#[test]
fn a_claim_that_names_nobody() {
    for value in
        [Value::Null, json!(""), json!(7), json!(["bea@acme.example"]), json!("x".repeat(256)), json!("a\nb")]
    {
        assert!(matches!(with("email", value.clone()), Err(SsoError::Nameless { .. })), "{value}");
    }
}

#[test]
fn an_email_that_the_provider_did_not_verify() {
    for value in [json!(false), json!("false"), json!(0)] {
        assert!(matches!(with("email_verified", value.clone()), Err(SsoError::Nameless { .. })), "{value}");
    }
    assert!(with("email_verified", Value::Null).is_ok() && with("email_verified", json!("true")).is_ok());
    let stage = Stage::with(|config| config.claim = "sub".to_owned());
    let identity =
        stage.sign_in(|claims| set(claims, "email_verified", json!(false))).expect("named by another claim");
    assert_eq!(identity.claim, "subject-1");
}

#[test]
fn a_claim_that_is_kept_apart_is_asked_for() {
    let told = json!({"sub": "subject-1", "email": "bea@acme.example", "email_verified": true});
    assert_eq!(
        asked(Reply::Json(200, told)).map(|identity| identity.claim),
        Ok("bea@acme.example".to_owned())
    );
}

#[test]
fn what_is_told_apart_must_be_about_the_same_subject() {
    for sub in [json!("subject-2"), Value::Null, json!(1)] {
        let told = json!({"sub": sub, "email": "boss@acme.example"});
        assert_lying(asked(Reply::Json(200, told)), "another subject");
    }
}

#[test]
fn what_is_told_apart_may_lack_the_claim_or_be_no_answer() {
    let nameless =
        [json!({"sub": "subject-1"}), json!({"sub": "subject-1", "email": "a@b", "email_verified": false})];
    for told in nameless {
        assert!(matches!(asked(Reply::Json(200, told)), Err(SsoError::Nameless { .. })));
    }
    for told in
        [Reply::Json(401, json!({})), Reply::Bytes(b"a.b.c".to_vec()), Reply::Redirect("/x".to_owned())]
    {
        assert!(matches!(asked(told), Err(SsoError::Lying { .. })));
    }
    assert!(matches!(asked(Reply::Json(503, json!({}))), Err(SsoError::Down { .. })));
}

#[test]
fn an_access_token_that_breaks_the_header_goes_nowhere() {
    let stage = Stage::new();
    stage.discovery_with("userinfo_endpoint", json!(format!("{}/me", stage.issuer())));
    let begun = stage.begin(crate::stage::NOW_S).expect("begun");
    let mut claims = stage.claims(&begun.pending.nonce);
    set(&mut claims, "email", Value::Null);
    let tokens = json!({
        "id_token": stage.signer.token(&stage.header(), &claims),
        "access_token": "a\r\nevil: 1", "token_type": "Bearer",
    });
    stage.server.reply("/token", Reply::Json(200, tokens));
    let query = format!("code=c&state={}", begun.pending.state);
    assert!(stage.finish(&begun, &query, crate::stage::NOW_S).is_err());
    assert_eq!(stage.server.seen("/me").len(), 0);
}
