//! Certificates: those of a company's own authority are believed where the operator says so, and no others.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use oidc::{HttpClient, Reach, SsoError};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::json;

use crate::stage::{DISCOVERY, begin_at};

/// An authority of these tests, whose key was thrown away, and what it signed for `localhost`.
const AUTHORITY: &[u8] = include_bytes!("tls/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("tls/localhost.pem");
const KEY: &[u8] = include_bytes!("tls/localhost.key.pem");

fn config() -> Arc<ServerConfig> {
    let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_slice(KEY).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Arc::new(builder.expect("versions").with_no_client_auth().with_single_cert(chain, key).expect("a pair"))
}

/// Begins a sign-in at a provider that speaks TLS on `host`, to which one request is made.
fn at(host: &str, http: &HttpClient) -> Result<String, SsoError> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("https://{host}:{}", listener.local_addr().expect("an address").port());
    let document = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/jwks"),
    })
    .to_string();
    let server = thread::spawn(move || {
        let (mut tcp, _) = listener.accept().expect("a connection");
        let mut connection = ServerConnection::new(config()).expect("a connection");
        let mut stream = Stream::new(&mut connection, &mut tcp);
        let mut request = [0; 4096];
        // A client that does not believe the certificate hangs up here.
        let Ok(length) = stream.read(&mut request) else { return };
        assert!(request[..length].starts_with(format!("GET {DISCOVERY} ").as_bytes()));
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", document.len());
        let _ = stream.write_all(format!("{head}{document}").as_bytes());
        let _ = stream.flush();
    });
    let found = begin_at(http, &issuer).map(|begun| begun.url);
    server.join().expect("served");
    found
}

#[test]
fn a_companys_own_authority_is_believed_where_the_operator_says_so() {
    let http = HttpClient::with_roots(Reach::AlsoPrivate, AUTHORITY).expect("roots");
    assert!(at("localhost", &http).expect("believed").contains("/auth?"));
}

#[test]
fn an_unknown_authority_is_not_believed() {
    let found = at("localhost", &HttpClient::new(Reach::AlsoPrivate));
    assert!(matches!(found, Err(SsoError::Down { .. })), "{found:?}");
}

#[test]
fn a_certificate_of_another_host_is_not_believed() {
    let http = HttpClient::with_roots(Reach::AlsoPrivate, AUTHORITY).expect("roots");
    let found = at("127.0.0.1", &http);
    assert!(matches!(found, Err(SsoError::Down { .. })), "{found:?}");
}
