//! `POST /sso/{account}/{provider}/logout`: what an identity provider says ends a session at once, and nothing else does.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use access::Application;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Answer, ask, base, company_with, form, grant, perform};
use rest::Config;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use service::ops::{AuditOp, Op, ProviderOp, UserOp};
use service::{Service, SignInOptions, SsoEntered, Visitor};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

const CLIENT: &str = "keyward";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const CLEO: &str = "cleo@shop.example";
const BACK: &str = "https://access.shop.example/sso/callback";

/// How a provider meets those who call it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Manner {
    #[default]
    Answers,
    /// It is down: the connection ends at once.
    HangsUp,
    /// It is slow: the connection stays, and nothing comes.
    Waits,
}

/// A provider on loopback that answers what it is told to and signs what it is given.
struct Provider {
    issuer: String,
    key: EcdsaKeyPair,
    replies: Arc<Mutex<HashMap<String, Value>>>,
    manner: Arc<Mutex<Manner>>,
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[expect(clippy::disallowed_methods, reason = "the service under test has the clock of the machine")]
fn now_s() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

fn new_key() -> EcdsaKeyPair {
    let (how, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let document = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(how, document.as_ref(), &random).unwrap()
}

impl Provider {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let replies: Arc<Mutex<HashMap<String, Value>>> = Arc::default();
        let manner: Arc<Mutex<Manner>> = Arc::default();
        let (theirs, manners) = (replies.clone(), manner.clone());
        // It ends with the process.
        std::thread::spawn(move || {
            let mut waiting = vec![];
            for stream in listener.incoming().flatten() {
                let manner = *manners.lock().unwrap();
                if manner != Manner::Answers {
                    waiting.extend((manner == Manner::Waits).then_some(stream));
                    continue;
                }
                let path = read_request(&stream);
                let reply = theirs.lock().unwrap().get(&path).cloned();
                let status = if reply.is_some() { "200 OK" } else { "404 Not Found" };
                let body = reply.unwrap_or_default().to_string();
                let head = "content-type: application/json\r\nconnection: close";
                let text =
                    format!("HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                drop((&stream).write_all(text.as_bytes()));
            }
        });
        let own = Self { key: new_key(), issuer, replies, manner };
        let at = |path: &str| format!("{}{path}", own.issuer);
        own.reply(
            "/.well-known/openid-configuration",
            json!({
                "issuer": own.issuer, "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
                "jwks_uri": at("/jwks"), "end_session_endpoint": at("/logout"),
                "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
            }),
        );
        let (x, y) = own.key.public_key().as_ref().get(1..).unwrap().split_at(32);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "x": b64(x), "y": b64(y) });
        own.reply("/jwks", json!({ "keys": [jwk] }));
        own
    }

    fn reply(&self, path: &str, value: Value) {
        self.replies.lock().unwrap().insert(path.into(), value);
    }

    fn logout_claims(&self, id: &str) -> Value {
        let now = now_s();
        json!({
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 100, "jti": id, "sub": "subject-1",
            "sid": "session-1", "events": { EVENT: {} },
        })
    }
}

fn sign(key: &EcdsaKeyPair, kind: &str, claims: &Value) -> String {
    let header = json!({ "alg": "ES256", "kid": "k", "typ": kind });
    let text = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
    let signed = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", b64(signed))
}

/// The path that is asked for.
fn read_request(stream: &std::net::TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    drop(reader.read_line(&mut line));
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) <= 2 {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    drop(reader.read_exact(&mut vec![0; length]));
    path
}

fn open(provider: &Provider) -> (Service, Router) {
    let sign_in = SignInOptions { private_providers: true, ..SignInOptions::default() };
    let service = company_with(sign_in);
    agree(&service, provider, "email");
    let create = UserOp::Create {
        login: CLEO.into(),
        name: None,
        email: None,
        language: None,
        time_zone: None,
        system: false,
        application: false,
        sso: Some("idp".into()),
        grants: vec![grant("customer_service", Some("North"))],
        password: None,
    };
    perform(&service, Op::User(create));
    let router = rest::router(service.clone(), Config { base_url: Some(base()), ..Config::default() });
    (service, router)
}

/// Another agreement than before: whatever was known of the provider is asked for anew.
fn agree(service: &Service, provider: &Provider, scope: &str) {
    let save = ProviderOp::Save {
        r#ref: "idp".into(),
        name: None,
        issuer: provider.issuer.clone(),
        client_id: CLIENT.into(),
        client_secret: None,
        scopes: vec![scope.into()],
        claim: "email".into(),
        algorithms: vec!["ES256".into()],
    };
    perform(service, Op::Provider(save));
}

/// Signs in at the provider and comes back.
fn entered(service: &Service, provider: &Provider) -> SsoEntered {
    let nowhere = Visitor::default();
    let account = service.account_of_header(Some("shop")).unwrap();
    let begun = service.begin_sso(account, "idp", (Application::Omc, BACK), "", &nowhere).unwrap();
    let (_, query) = begun.url.split_once('?').unwrap();
    let asked: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let now = now_s();
    let claims = json!({
        "iss": provider.issuer, "sub": "subject-1", "aud": CLIENT, "nonce": asked.get("nonce").unwrap(),
        "exp": now + 300, "iat": now, "email": CLEO, "email_verified": true, "sid": "session-1",
    });
    let id_token = sign(&provider.key, "JWT", &claims);
    provider.reply("/token", json!({ "id_token": id_token, "access_token": "a", "token_type": "Bearer" }));
    let back = form(&[("code", "code-1"), ("state", asked.get("state").unwrap())]);
    service.finish_sso(Some(&begun.sealed), &back, BACK, &nowhere).unwrap()
}

async fn posted(router: &Router, path: &str, body: String) -> Answer {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    ask(router, request.body(Body::from(body)).unwrap()).await
}

fn is_in(service: &Service, session: &SsoEntered) -> bool {
    service.sign_in_token(&session.session.secret, Application::Omc, &Visitor::default()).is_ok()
}

const PATH: &str = "/sso/shop/idp/logout";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_signs_ends_its_sessions_at_once_and_is_good_once() {
    let provider = Provider::start();
    let (service, router) = open(&provider);
    let first = tokio::task::block_in_place(|| entered(&service, &provider));
    assert!(is_in(&service, &first));
    let token = sign(&provider.key, "logout+jwt", &provider.logout_claims("one"));
    let answer = posted(&router, PATH, form(&[("logout_token", &token)])).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!is_in(&service, &first));
    let second = tokio::task::block_in_place(|| entered(&service, &provider));
    let again = posted(&router, PATH, form(&[("logout_token", &token)])).await;
    assert_eq!(
        (again.status, again.json()),
        (StatusCode::BAD_REQUEST, json!({ "error": "invalid_request" }))
    );
    assert!(is_in(&service, &second), "a token that was used ends nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn anything_else_is_400_and_ends_nothing() {
    let provider = Provider::start();
    let (service, router) = open(&provider);
    let session = tokio::task::block_in_place(|| entered(&service, &provider));
    let good = |id: &str| sign(&provider.key, "logout+jwt", &provider.logout_claims(id));
    let mut foreign = provider.logout_claims("f");
    foreign["aud"] = json!("somebody-else");
    let mut old = provider.logout_claims("o");
    (old["iat"], old["exp"]) = (json!(now_s() - 9_000), json!(now_s() - 8_000));
    let mut eventless = provider.logout_claims("e");
    eventless["events"] = json!({});
    let signed = |claims: &Value| form(&[("logout_token", &sign(&provider.key, "logout+jwt", claims))]);
    let forged = sign(&new_key(), "logout+jwt", &provider.logout_claims("g"));
    let good_form = form(&[("logout_token", &good("h"))]);
    let cases = [
        (PATH, String::new()),
        (PATH, "logout_token=".into()),
        (PATH, "logout_token=x.y.z".into()),
        (PATH, form(&[("logout_token", &forged)])),
        (PATH, signed(&foreign)),
        (PATH, signed(&old)),
        (PATH, signed(&eventless)),
        (PATH, form(&[("logout_token", &good("a")), ("logout_token", &good("b"))])),
        ("/sso/shop/other/logout", good_form.clone()),
        ("/sso/elsewhere/idp/logout", good_form.clone()),
        ("/sso/%ff/idp/logout", good_form.clone()),
        (PATH, format!("{good_form}&x={}", "x".repeat(rest::SMALL_BODY_BYTES_MAX))),
    ];
    for (path, body) in cases {
        let answer = posted(&router, path, body.clone()).await;
        let told = (answer.status, answer.json());
        assert_eq!(told, (StatusCode::BAD_REQUEST, json!({ "error": "invalid_request" })), "{path} {body}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(is_in(&service, &session), "{path} {body}");
    }
    let in_query = Request::post(format!("{PATH}?{good_form}")).body(Body::empty()).unwrap();
    assert_eq!(ask(&router, in_query).await.status, StatusCode::BAD_REQUEST);
    assert!(is_in(&service, &session));
    assert_eq!(posted(&router, PATH, good_form).await.status, StatusCode::OK);
    assert!(!is_in(&service, &session));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_that_cannot_be_proved_ends_nothing_and_counts_once_it_can() {
    for manner in [Manner::HangsUp, Manner::Waits] {
        let provider = Provider::start();
        let (service, router) = open(&provider);
        let session = tokio::task::block_in_place(|| entered(&service, &provider));
        let body =
            form(&[("logout_token", &sign(&provider.key, "logout+jwt", &provider.logout_claims("one")))]);
        let failures = || {
            let export = AuditOp::Export { chain: Some("sign_in".into()) };
            let told = perform(&service, Op::Audit(export)).text;
            let failed = told.lines().filter(|line| line.contains("sign_in.failed"));
            let reason = "The identity provider does not answer.";
            failed.inspect(|line| assert!(line.contains(reason), "{line}")).count()
        };
        assert_eq!(failures(), 0);
        agree(&service, &provider, "profile");
        *provider.manner.lock().unwrap() = manner;
        let refused = posted(&router, PATH, body.clone()).await;
        assert_eq!(
            (refused.status, refused.json()),
            (StatusCode::BAD_REQUEST, json!({ "error": "invalid_request" })),
            "{manner:?}"
        );
        assert!(is_in(&service, &session), "{manner:?}");
        assert_eq!(failures(), 1, "{manner:?}");
        // The provider comes again with the same token.
        *provider.manner.lock().unwrap() = Manner::Answers;
        agree(&service, &provider, "email");
        assert_eq!(posted(&router, PATH, body).await.status, StatusCode::OK, "{manner:?}");
        assert!(!is_in(&service, &session), "{manner:?}");
        assert_eq!(failures(), 1, "{manner:?}");
    }
}
