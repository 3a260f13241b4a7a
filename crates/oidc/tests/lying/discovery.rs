//! Discovery documents that are not as they must be.

use oidc::{HTTP_S_MAX, Issuer, METADATA_AGE_S_MAX, SsoError};
use serde_json::{Value, json};

use crate::server::Reply;
use crate::stage::{DISCOVERY, NOW_S, Stage, assert_lying};

#[test]
fn discovery_with_another_issuer() {
    let stage = Stage::new();
    for issuer in [json!("https://evil.example"), json!(format!("{}/", stage.issuer()))] {
        let stage = Stage::new();
        stage.discovery_with("issuer", issuer);
        assert_lying(stage.begin(NOW_S), "instead of");
    }
}

#[test]
fn a_final_slash_of_the_issuer_counts() {
    let stage = Stage::with(|config| {
        config.issuer = Issuer::parse(&format!("{}/", config.issuer)).expect("an issuer");
    });
    assert_lying(stage.begin(NOW_S), "instead of");
}

#[test]
fn what_is_required_is_missing() {
    for member in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        let stage = Stage::new();
        stage.discovery_with(member, Value::Null);
        assert_lying(stage.begin(NOW_S), "discovery document");
    }
}

#[test]
fn endpoints_that_may_not_be_called() {
    for member in
        ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"]
    {
        for url in
            ["http://idp.example/x", "http://10.0.0.1/x", "ftp://idp.example/", "javascript:alert(1)", "/x"]
        {
            let stage = Stage::new();
            stage.discovery_with(member, json!(url));
            assert_lying(stage.begin(NOW_S), member);
        }
    }
}

#[test]
fn no_document_at_all() {
    for reply in [
        Reply::Bytes(b"\xff\x00".to_vec()),
        Reply::Bytes(vec![]),
        Reply::Json(404, json!({})),
        Reply::Json(200, json!([])),
    ] {
        let stage = Stage::new();
        stage.server.reply(DISCOVERY, reply);
        assert!(matches!(stage.begin(NOW_S), Err(SsoError::Lying { .. })));
    }
}

#[test]
fn a_provider_without_s256_does_not_fit() {
    let stage = Stage::new();
    stage.discovery_with("code_challenge_methods_supported", json!(["plain"]));
    assert!(matches!(stage.begin(NOW_S), Err(SsoError::Unfit { .. })));
}

#[test]
fn metadata_is_fetched_once_and_again_when_it_is_old() {
    let stage = Stage::new();
    let fetched = || stage.server.seen(DISCOVERY).len();
    for now_s in [NOW_S, NOW_S + 1, NOW_S + METADATA_AGE_S_MAX - 1] {
        stage.begin(now_s).expect("begun");
    }
    assert_eq!(fetched(), 1);
    stage.begin(NOW_S + METADATA_AGE_S_MAX).expect("begun");
    assert_eq!(fetched(), 2);
}

#[test]
fn a_clock_that_went_back_does_not_keep_metadata_for_ever() {
    let stage = Stage::new();
    stage.begin(NOW_S).expect("begun");
    stage.begin(NOW_S - 100_000).expect("begun");
    assert_eq!(stage.server.seen(DISCOVERY).len(), 2);
}

#[test]
fn many_threads_share_one_fetch() {
    let stage = Stage::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| stage.begin(NOW_S).expect("begun"));
        }
    });
    assert_eq!(stage.server.seen(DISCOVERY).len(), 1);
}

#[test]
fn a_failure_is_remembered_for_as_long_as_a_request_may_take() {
    let stage = Stage::new();
    stage.server.reply(DISCOVERY, Reply::Json(503, json!({})));
    let patience_s = i64::try_from(HTTP_S_MAX).expect("small");
    for now_s in [NOW_S, NOW_S, NOW_S + patience_s] {
        assert!(matches!(stage.begin(now_s), Err(SsoError::Down { .. })));
    }
    assert_eq!(stage.server.seen(DISCOVERY).len(), 1);
    stage.server.reply(DISCOVERY, Reply::Json(200, stage.discovery()));
    assert!(stage.begin(NOW_S + patience_s + 1).is_ok());
}
