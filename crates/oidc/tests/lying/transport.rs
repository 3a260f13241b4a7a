//! Providers that are down, slow, too long, elsewhere, or where they must not be.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use oidc::{BODY_BYTES_MAX, HttpClient, NoEntropy, Reach, SsoError};
use serde_json::json;

use crate::server::{Reply, Server};
use crate::stage::{BACK, DISCOVERY, NOW_S, Stage, assert_lying, begin_at};

/// Why a sign-in at `issuer` cannot be begun.
fn failure_at(http: &HttpClient, issuer: &str) -> SsoError {
    begin_at(http, issuer).expect_err("nobody is there")
}

#[test]
fn private_addresses_are_not_called_by_number_or_by_name() {
    let server = Server::start();
    let port = server.address.port();
    let http = HttpClient::new(Reach::PublicOnly);
    for host in
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1", "0x7f.1"]
    {
        let error = failure_at(&http, &format!("https://{host}:{port}"));
        assert!(matches!(error, SsoError::Forbidden { .. }), "{host}: {error}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn plain_http_is_not_spoken_with_the_outside() {
    let server = Server::start();
    let error = failure_at(&HttpClient::new(Reach::PublicOnly), &format!("http://{}", server.address));
    assert!(matches!(error, SsoError::Forbidden { .. }), "{error}");
    assert_eq!(server.count(), 0);
}

#[test]
fn redirects_are_not_followed() {
    for path in [DISCOVERY, "/jwks"] {
        let (stage, elsewhere) = (Stage::new(), Server::start());
        stage.server.reply(path, Reply::Redirect(format!("http://{}{path}", elsewhere.address)));
        assert_lying(stage.sign_in(|_| {}), "redirect");
        assert_eq!(elsewhere.count(), 0);
    }
}

#[test]
fn a_body_of_the_greatest_length_is_read_and_a_longer_one_is_not() {
    let padded = |stage: &Stage, length: u64| {
        let mut bytes = stage.discovery().to_string().into_bytes();
        bytes.resize(usize::try_from(length).expect("small"), b' ');
        stage.server.reply(DISCOVERY, Reply::Bytes(bytes));
        stage.begin(NOW_S)
    };
    assert!(padded(&Stage::new(), BODY_BYTES_MAX).is_ok());
    assert_lying(padded(&Stage::new(), BODY_BYTES_MAX + 1), "bytes");
}

#[test]
fn a_provider_that_never_answers() {
    for reply in [Reply::Never, Reply::Trickle] {
        let mut stage = Stage::new();
        stage.http = HttpClient::with_timeout(Reach::AlsoPrivate, Duration::from_millis(200));
        stage.server.reply(DISCOVERY, reply);
        let error = stage.begin(NOW_S).expect_err("never answers");
        assert!(matches!(error, SsoError::Slow { .. }), "{error}");
    }
}

#[test]
fn a_token_endpoint_that_never_answers() {
    let mut stage = Stage::new();
    stage.http = HttpClient::with_timeout(Reach::AlsoPrivate, Duration::from_millis(200));
    let begun = stage.begin(NOW_S).expect("begun");
    stage.server.reply("/token", Reply::Never);
    let found = stage.finish(&begun, &format!("code=c&state={}", begun.pending.state), NOW_S);
    assert!(matches!(found, Err(SsoError::Slow { .. })), "{found:?}");
}

#[test]
fn a_provider_that_is_down() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let http = HttpClient::new(Reach::AlsoPrivate);
    assert!(matches!(failure_at(&http, &format!("http://{free}")), SsoError::Down { .. }));
    let server = Server::start();
    for status in [500, 503, 429] {
        server.reply(DISCOVERY, Reply::Json(status, json!({})));
        assert!(matches!(failure_at(&http, &format!("http://{}", server.address)), SsoError::Down { .. }));
    }
}

#[test]
fn a_provider_that_does_not_speak_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    let plain = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    });
    let error = failure_at(&HttpClient::new(Reach::AlsoPrivate), &format!("https://{at}"));
    assert!(matches!(error, SsoError::Down { .. }), "{error}");
    plain.join().expect("served");
}

#[test]
fn without_randomness_nothing_is_begun() {
    let stage = Stage::new();
    let found = stage.provider.begin(&stage.http, BACK, &mut |_| Err(NoEntropy), NOW_S);
    assert_eq!(found, Err(SsoError::NoEntropy(NoEntropy)));
}
