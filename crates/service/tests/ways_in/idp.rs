//! An identity provider on loopback: it answers what it is told to, signs what it is given, and remembers what it was
//! asked for.

use crate::common::*;
use access::{AccountId, Application};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use service::ops::{Op, ProviderOp};
use service::{ServiceError, SsoBegun, SsoEntered, Visitor};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

const BACK: &str = "https://keyward.example/sso/callback";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What happens at a request before it is answered.
type Hook = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Default)]
struct Inside {
    replies: Mutex<HashMap<String, Value>>,
    asked: Mutex<Vec<String>>,
    hook: Mutex<Option<Hook>>,
}

pub(crate) struct Idp {
    pub(crate) r#ref: &'static str,
    issuer: String,
    key: EcdsaKeyPair,
    inside: Arc<Inside>,
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn new_key() -> EcdsaKeyPair {
    let (how, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let document = EcdsaKeyPair::generate_pkcs8(how, &random).expect("a key");
    EcdsaKeyPair::from_pkcs8(how, document.as_ref(), &random).expect("the same")
}

fn add(claims: &mut Value, name: &str, value: Value) {
    claims.as_object_mut().expect("claims").insert(name.to_owned(), value);
}

fn answer(stream: &TcpStream, inside: &Inside) {
    let path = read_request(stream);
    inside.asked.lock().expect("whole").push(path.clone());
    let hook = inside.hook.lock().expect("whole").clone();
    if let Some(hook) = hook {
        hook(&path);
    }
    let reply = inside.replies.lock().expect("whole").get(&path).cloned();
    let status = if reply.is_some() { "200 OK" } else { "404 Not Found" };
    let body = reply.unwrap_or_default().to_string();
    let head = "content-type: application/json\r\nconnection: close";
    let text = format!("HTTP/1.1 {status}\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    drop((&mut &*stream).write_all(text.as_bytes()));
}

/// The path that is asked for.
fn read_request(stream: &TcpStream) -> String {
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

impl Idp {
    /// A provider that an account agrees with by this ref.
    pub(crate) fn start(world: &World, key: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("bound"));
        let inside: Arc<Inside> = Arc::default();
        let theirs = inside.clone();
        // It ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let inside = theirs.clone();
                std::thread::spawn(move || answer(&stream, &inside));
            }
        });
        let own = Self { r#ref: key, key: new_key(), issuer, inside };
        let at = |path: &str| format!("{}{path}", own.issuer);
        own.reply(
            "/.well-known/openid-configuration",
            json!({
                "issuer": own.issuer, "authorization_endpoint": at("/auth"), "token_endpoint": at("/token"),
                "jwks_uri": at("/jwks"), "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
            }),
        );
        let (x, y) = own.key.public_key().as_ref().get(1..).expect("a point").split_at(32);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "x": b64(x), "y": b64(y) });
        own.reply("/jwks", json!({ "keys": [jwk] }));
        world.op(Op::Provider(own.agreed(None)));
        own
    }

    /// What is agreed with it.
    pub(crate) fn agreed(&self, client_secret: Option<&str>) -> ProviderOp {
        ProviderOp::Save {
            r#ref: self.r#ref.into(),
            name: None,
            issuer: self.issuer.clone(),
            client_id: "keyward".into(),
            client_secret: client_secret.map(str::to_owned),
            scopes: vec![],
            claim: "email".into(),
            algorithms: vec!["ES256".into()],
        }
    }

    pub(crate) fn reply(&self, path: &str, value: Value) {
        self.inside.replies.lock().expect("whole").insert(path.into(), value);
    }

    /// Has something happen at every request, before it is answered.
    pub(crate) fn on_request(&self, hook: impl Fn(&str) + Send + Sync + 'static) {
        *self.inside.hook.lock().expect("whole") = Some(Arc::new(hook));
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.inside.asked.lock().expect("whole").iter().filter(|asked| *asked == path).count()
    }

    fn sign(&self, key: &EcdsaKeyPair, kind: &str, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": "k", "typ": kind });
        let text = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signed = key.sign(&SystemRandom::new(), text.as_bytes()).expect("signed");
        format!("{text}.{}", b64(signed))
    }

    /// A logout token that names whoever it is told to.
    pub(crate) fn logout(&self, world: &World, jti: &str, named: &Value) -> String {
        self.sign(&self.key, "logout+jwt", &self.logout_claims(world, jti, named))
    }

    /// The same, signed by somebody else.
    pub(crate) fn forged_logout(&self, world: &World, jti: &str, named: &Value) -> String {
        self.sign(&new_key(), "logout+jwt", &self.logout_claims(world, jti, named))
    }

    fn logout_claims(&self, world: &World, jti: &str, named: &Value) -> Value {
        let now = now_s(world);
        let mut claims = json!({
            "iss": self.issuer, "aud": "keyward", "iat": now, "exp": now + 100, "jti": jti, "events": { EVENT: {} },
        });
        for (name, value) in named.as_object().expect("claims") {
            add(&mut claims, name, value.clone());
        }
        claims
    }

    /// Begins a sign-in; the query with which its browser will come back.
    pub(crate) fn begin(&self, world: &World, from: &Visitor) -> Result<(SsoBegun, String), ServiceError> {
        let to = (Application::Omc, BACK);
        let begun = world.service.begin_sso(account(world), self.r#ref, to, "/orders", from)?;
        let state = asked(&begun, "state");
        Ok((begun, format!("code=code-1&state={state}")))
    }

    /// Has it say, for a sign-in that was begun, that this is Sam.
    pub(crate) fn vouch(&self, world: &World, begun: &SsoBegun, sid: Option<&str>) {
        let now = now_s(world);
        let mut claims = json!({
            "iss": self.issuer, "sub": "subject-1", "aud": "keyward", "nonce": asked(begun, "nonce"),
            "exp": now + 300, "iat": now, "email": SAM, "email_verified": true,
        });
        if let Some(sid) = sid {
            add(&mut claims, "sid", json!(sid));
        }
        let id_token = self.sign(&self.key, "JWT", &claims);
        self.reply("/token", json!({ "id_token": id_token, "access_token": "a", "token_type": "Bearer" }));
    }

    /// Signs Sam in.
    pub(crate) fn enter(
        &self,
        world: &World,
        sid: Option<&str>,
        from: &Visitor,
    ) -> Result<SsoEntered, ServiceError> {
        let (begun, query) = self.begin(world, from)?;
        self.vouch(world, &begun, sid);
        finish(world, &begun, &query, from)
    }
}

pub(crate) fn finish(
    world: &World,
    begun: &SsoBegun,
    query: &str,
    from: &Visitor,
) -> Result<SsoEntered, ServiceError> {
    let entered = world.service.finish_sso(Some(&begun.sealed), query, BACK, from)?;
    world.keep(entered.session.secret.reveal());
    Ok(entered)
}

pub(crate) fn account(world: &World) -> AccountId {
    world.service.account_of_header(None).expect("one account")
}

fn now_s(world: &World) -> i64 {
    world.now().0 / 1_000_000
}

/// A field of the address that the browser is sent to; none of ours has a character that is written otherwise.
fn asked(begun: &SsoBegun, name: &str) -> String {
    let (_, query) = begun.url.split_once('?').expect("a query");
    let field = query.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    field.expect("it is there").to_owned()
}
