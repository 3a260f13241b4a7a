//! Signing out: the URL that ends the provider's session, and logout tokens with each rule broken.

use oidc::{LOGOUT_AGE_S_MAX, LogoutToken, SKEW_S_MAX, SsoError};
use serde_json::{Value, json};

use crate::signer::{Signer, unsigned};
use crate::stage::{CLIENT, KID, NOW_S, Stage, assert_lying, fields, set};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn header() -> Value {
    json!({"alg": "ES256", "kid": KID, "typ": "logout+jwt"})
}

fn claims(stage: &Stage) -> Value {
    json!({
        "iss": stage.issuer(), "aud": CLIENT, "iat": NOW_S, "exp": NOW_S + 120, "jti": "token-1",
        "sub": "subject-1", "sid": "session-1", "events": {EVENT: {}},
    })
}

fn told(change: impl FnOnce(&mut Value, &mut Value)) -> Result<LogoutToken, SsoError> {
    let stage = Stage::new();
    let (mut header, mut claims) = (header(), claims(&stage));
    change(&mut header, &mut claims);
    stage.provider.logout_token(&stage.http, &stage.signer.token(&header, &claims), NOW_S)
}

fn with(name: &str, value: Value) -> Result<LogoutToken, SsoError> {
    told(|_, claims| set(claims, name, value))
}

#[test]
fn an_honest_logout_token_says_whose_session_ends() {
    let token = told(|_, _| {}).expect("honest");
    assert_eq!((token.subject.as_deref(), token.sid.as_deref()), (Some("subject-1"), Some("session-1")));
    assert_eq!((token.jti.as_str(), token.until_s), ("token-1", NOW_S + 120 + SKEW_S_MAX));
    assert_eq!(with("sid", Value::Null).expect("honest").sid, None);
    assert_eq!(with("sub", Value::Null).expect("honest").subject, None);
    assert!(with("aud", json!(["another", CLIENT])).is_ok());
}

#[test]
fn neither_subject_nor_session() {
    let found = told(|_, claims| {
        set(claims, "sub", Value::Null);
        set(claims, "sid", Value::Null);
    });
    assert_lying(found, "neither");
    assert_lying(with("sid", json!("")), "sid");
    assert_lying(with("sub", json!(7)), "sub");
}

#[test]
fn typ_of_another_token() {
    for kind in ["at+jwt", "secevent+jwt", ""] {
        assert_lying(told(|header, _| header["typ"] = json!(kind)), "typ");
    }
    for kind in [json!("application/logout+jwt"), json!("JWT"), Value::Null] {
        assert!(told(|header, _| set(header, "typ", kind.clone())).is_ok(), "{kind}");
    }
}

#[test]
fn wrong_issuer_or_audience() {
    assert_lying(with("iss", json!("https://evil.example")), "issuer");
    assert_lying(with("aud", json!("another")), "audience");
    assert_lying(with("aud", Value::Null), "audience");
}

#[test]
fn expired_or_old_or_of_the_future() {
    assert_lying(with("exp", json!(NOW_S - SKEW_S_MAX)), "expired");
    assert_lying(with("exp", Value::Null), "exp");
    assert_lying(with("iat", Value::Null), "iat");
    assert_lying(with("iat", json!(NOW_S + SKEW_S_MAX + 1)), "iat");
    assert_lying(with("iat", json!(NOW_S - LOGOUT_AGE_S_MAX - SKEW_S_MAX)), "older");
    assert!(with("iat", json!(NOW_S - LOGOUT_AGE_S_MAX - SKEW_S_MAX + 1)).is_ok());
}

#[test]
fn the_name_need_not_be_remembered_longer_than_the_token_is_accepted() {
    let stage = Stage::new();
    let mut claims = claims(&stage);
    claims["exp"] = json!(NOW_S + 1_000_000_000);
    let text = stage.signer.token(&header(), &claims);
    let until_s = stage.provider.logout_token(&stage.http, &text, NOW_S).expect("honest").until_s;
    assert_eq!(until_s, NOW_S + LOGOUT_AGE_S_MAX + SKEW_S_MAX);
    assert!(stage.provider.logout_token(&stage.http, &text, until_s - 1).is_ok());
    assert_lying(stage.provider.logout_token(&stage.http, &text, until_s), "older");
}

#[test]
fn events_other_than_the_logout_alone() {
    for events in [
        Value::Null,
        json!({}),
        json!([EVENT]),
        json!(EVENT),
        json!({EVENT: null}),
        json!({EVENT: true}),
        json!({EVENT: {}, "https://example.org/more": {}}),
        json!({"https://example.org/other": {}}),
    ] {
        assert_lying(with("events", events), "events");
    }
}

#[test]
fn a_nonce_makes_it_an_id_token() {
    assert_lying(with("nonce", json!("n")), "nonce");
    assert_lying(told(|_, claims| claims["nonce"] = Value::Null), "nonce");
}

#[test]
fn no_name() {
    assert_lying(with("jti", Value::Null), "jti");
    assert_lying(with("jti", json!("")), "jti");
    assert_lying(with("jti", json!("x".repeat(256))), "jti");
}

#[test]
fn wrong_key_no_signature_or_an_id_token() {
    let stage = Stage::new();
    let thief = Signer::new("ES256").token(&header(), &claims(&stage));
    assert_lying(stage.provider.logout_token(&stage.http, &thief, NOW_S), "signature");
    let none = format!("{}.", unsigned(&json!({"alg": "none", "typ": "logout+jwt"}), &claims(&stage)));
    assert_lying(stage.provider.logout_token(&stage.http, &none, NOW_S), "never accepted");
    let id_token = stage.signer.token(&stage.header(), &stage.claims("n"));
    assert_lying(stage.provider.logout_token(&stage.http, &id_token, NOW_S), "events");
    for text in ["", "...", "a.b.c"] {
        assert_lying(stage.provider.logout_token(&stage.http, text, NOW_S), "form");
    }
}

#[test]
fn the_browser_is_sent_to_end_the_providers_session() {
    let stage = Stage::new();
    let of = |hint| stage.provider.logout_url(&stage.http, hint, "https://keyward.example/out", "s 1", NOW_S);
    let url = of(Some("a.b.c")).expect("reachable").expect("offered");
    assert!(url.starts_with(&format!("{}/logout?", stage.issuer())), "{url}");
    let asked = fields(&url);
    for (name, value) in [
        ("client_id", CLIENT),
        ("post_logout_redirect_uri", "https://keyward.example/out"),
        ("state", "s 1"),
        ("id_token_hint", "a.b.c"),
    ] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!fields(&of(None).expect("reachable").expect("offered")).contains_key("id_token_hint"));
}

#[test]
fn a_provider_that_offers_no_logout() {
    let stage = Stage::new();
    stage.discovery_with("end_session_endpoint", Value::Null);
    assert_eq!(
        stage.provider.logout_url(&stage.http, None, "https://keyward.example/out", "s", NOW_S),
        Ok(None)
    );
}
