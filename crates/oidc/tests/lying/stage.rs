//! A provider that is honest until a test makes it lie, and our side of the agreement with it.

use std::collections::HashMap;

use oidc::{
    Algorithm, Begun, Callback, ClientSecret, HttpClient, Identity, Issuer, NoEntropy, Provider,
    ProviderConfig, Reach, SsoError,
};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::signer::Signer;

/// The instant of these tests, in Unix seconds.
pub(crate) const NOW_S: i64 = 1_800_000_000;
pub(crate) const CLIENT: &str = "keyward";
pub(crate) const SECRET: &str = "the secret of these tests";
pub(crate) const BACK: &str = "https://keyward.example/sso/callback";
pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
/// `kid` of the honest key.
pub(crate) const KID: &str = "key-1";

pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) signer: Signer,
    pub(crate) http: HttpClient,
    pub(crate) provider: Provider,
    pub(crate) algorithm: &'static str,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut ProviderConfig)) -> Self {
        Self::signing("ES256", change)
    }

    pub(crate) fn signing(algorithm: &'static str, change: impl FnOnce(&mut ProviderConfig)) -> Self {
        let server = Server::start();
        let signer = Signer::new(algorithm);
        let mut config = ProviderConfig {
            issuer: Issuer::parse(&format!("http://{}", server.address)).expect("an issuer"),
            client_id: CLIENT.to_owned(),
            client_secret: Some(ClientSecret::new(SECRET.to_owned())),
            scopes: vec!["email".to_owned()],
            claim: "email".to_owned(),
            algorithms: Algorithm::ALL.to_vec(),
        };
        change(&mut config);
        let stage = Self {
            server,
            signer,
            http: HttpClient::new(Reach::AlsoPrivate),
            provider: Provider::new(config),
            algorithm,
        };
        stage.server.reply(DISCOVERY, Reply::Json(200, stage.discovery()));
        stage.publish(&[stage.signer.jwk(KID)]);
        stage
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.server.address)
    }

    pub(crate) fn discovery(&self) -> Value {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// The discovery document with one member changed; null takes it away.
    pub(crate) fn discovery_with(&self, member: &str, value: Value) {
        let mut document = self.discovery();
        document[member] = value;
        self.server.reply(DISCOVERY, Reply::Json(200, document));
    }

    pub(crate) fn publish(&self, keys: &[Value]) {
        self.server.reply("/jwks", Reply::Json(200, json!({ "keys": keys })));
    }

    pub(crate) fn begin(&self, now_s: i64) -> Result<Begun, SsoError> {
        let random = SystemRandom::new();
        let mut fill = |bytes: &mut [u8]| random.fill(bytes).map_err(|_| NoEntropy);
        self.provider.begin(&self.http, BACK, &mut fill, now_s)
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.algorithm, "kid": KID, "typ": "JWT"})
    }

    /// What an honest ID token says.
    pub(crate) fn claims(&self, nonce: &str) -> Value {
        json!({
            "iss": self.issuer(), "sub": "subject-1", "aud": CLIENT, "nonce": nonce, "exp": NOW_S + 300,
            "iat": NOW_S, "email": "bea@acme.example", "email_verified": true, "sid": "session-1",
        })
    }

    /// Lets the token endpoint hand out `id_token`.
    pub(crate) fn grant(&self, id_token: &str) {
        let tokens = json!({"id_token": id_token, "access_token": "access-1", "token_type": "Bearer", "expires_in": 60});
        self.server.reply("/token", Reply::Json(200, tokens));
    }

    pub(crate) fn finish(&self, begun: &Begun, query: &str, now_s: i64) -> Result<Identity, SsoError> {
        let callback = Callback::parse(query).expect("an answer");
        self.provider.finish(&self.http, &callback, &begun.pending, BACK, now_s)
    }

    /// A whole sign-in in which the ID token is made by `lie`, given honest header and claims.
    pub(crate) fn sign_in_with(
        &self,
        lie: impl FnOnce(Value, Value) -> String,
    ) -> Result<Identity, SsoError> {
        self.sign_in_at(NOW_S, lie)
    }

    pub(crate) fn sign_in_at(
        &self,
        now_s: i64,
        lie: impl FnOnce(Value, Value) -> String,
    ) -> Result<Identity, SsoError> {
        let begun = self.begin(now_s)?;
        self.grant(&lie(self.header(), self.claims(&begun.pending.nonce)));
        self.finish(&begun, &format!("code=code-1&state={}", begun.pending.state), now_s)
    }

    /// A sign-in whose ID token is honest but for what `change` does to its claims.
    pub(crate) fn sign_in(&self, change: impl FnOnce(&mut Value)) -> Result<Identity, SsoError> {
        self.sign_in_with(|header, mut claims| {
            change(&mut claims);
            self.signer.token(&header, &claims)
        })
    }

    pub(crate) fn keys_fetched(&self) -> usize {
        self.server.seen("/jwks").len()
    }
}

/// Begins a sign-in at a provider of which only the issuer is known.
pub(crate) fn begin_at(http: &HttpClient, issuer: &str) -> Result<Begun, SsoError> {
    let config = ProviderConfig {
        issuer: Issuer::parse(issuer).expect("an issuer"),
        client_id: CLIENT.to_owned(),
        client_secret: None,
        scopes: vec![],
        claim: "sub".to_owned(),
        algorithms: Algorithm::ALL.to_vec(),
    };
    Provider::new(config).begin(http, BACK, &mut |_| Ok(()), NOW_S)
}

/// Sets a member, or takes it away where `value` is null.
pub(crate) fn set(claims: &mut Value, name: &str, value: Value) {
    let members = claims.as_object_mut().expect("an object");
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}

/// The fields of a form or of the query of a URL.
pub(crate) fn fields(text: &str) -> HashMap<String, String> {
    let query = text.split_once('?').map_or(text, |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Asserts that a lie was found out, for the reason that contains `why`.
#[track_caller]
pub(crate) fn assert_lying<T: std::fmt::Debug>(found: Result<T, SsoError>, why: &str) {
    match found {
        Err(SsoError::Lying { what }) => assert!(what.contains(why), "refused for another reason: {what}"),
        other => panic!("not found out ({why}): {other:?}"),
    }
}
