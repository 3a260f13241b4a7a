//! Single sign-on, what an identity provider answers: metadata, keys, tokens.

use crate::reached::Reached;
use crate::target::{PART, Target, text};
use oidc::{Endpoint, Keys, KeysError, Metadata, SsoError, TokenAnswer};
use serde_json::{Map, Value, json};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "metadata",
        check: metadata,
        seeds: &[
            r#"{"issuer":"https://i","authorization_endpoint":"https://i/a","token_endpoint":"https://i/t","jwks_uri":"https://i/k"}"#,
            r#"{"issuer":"https://i","authorization_endpoint":"https://i/a","token_endpoint":"https://i/t","jwks_uri":"https://i/k","userinfo_endpoint":"https://i/u","end_session_endpoint":"https://i/e","response_types_supported":["code"],"token_endpoint_auth_methods_supported":["client_secret_post"],"code_challenge_methods_supported":["plain"],"authorization_response_iss_parameter_supported":true}"#,
            r#"{"issuer":"i","authorization_endpoint":"http://i/a","token_endpoint":"https://u@i/t","jwks_uri":"https://i/#k"}"#,
            r#"{"issuer":"i","response_types_supported":[]}"#,
            "[]",
        ],
        words: &[
            "\"issuer\":",
            "\"jwks_uri\":",
            "\"token_endpoint\":",
            ",\"userinfo_endpoint\":null",
            ",\"response_types_supported\":[\"code\"]",
            "\"code\"",
            "\"S256\"",
            "\"client_secret_basic\"",
            "https://i/",
            "http://127.0.0.1/",
            "\"",
            "{",
            "[",
            "null",
            "true",
            ",",
            "\\u0040",
        ],
        len_max: 4096,
        cost: 4,
    },
    Target {
        name: "keys",
        check: keys,
        seeds: &[
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
            r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","use":"sig","alg":"ES256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#,
            r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"oct","k":"AAAA"},7,null]}"#,
            r#"{"keys":[{"kty":"EC","crv":"P-384","key_ops":["verify"],"x":"AA","y":"AA"}]}"#,
            r#"{"keys":{}}"#,
        ],
        words: &[
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},",
            "\"kty\":\"RSA\"",
            "\"crv\":\"P-256\"",
            "\"use\":\"enc\"",
            "\"key_ops\":[\"sign\"]",
            "\"kid\":\"",
            "\"alg\":",
            "\"x\":",
            "{},",
            "7,",
            "null",
            "=",
            "A",
            "AAAAAAAAAAAAAAAA",
            "_-",
        ],
        len_max: 8192,
        cost: 8,
    },
    Target {
        name: "token-answer",
        check: token_answer,
        seeds: &[
            "200\u{1e}{\"id_token\":\"a.b.c\",\"access_token\":\"t\",\"token_type\":\"Bearer\"}",
            "200\u{1e}{\"id_token\":\"a.b.c\",\"token_type\":\"mac\"}",
            "400\u{1e}{\"error\":\"invalid_grant\",\"error_description\":\"x\"}",
            "401\u{1e}{\"error\":\"<script>\\u0000\"}",
            "503\u{1e}<html>",
            "204\u{1e}",
        ],
        words: &[
            "200",
            "400",
            "499",
            "500",
            "\u{1e}",
            "\"id_token\":",
            "\"token_type\":\"bearer\"",
            "\"error\":\"",
            "null",
            "{",
            "[",
            "\"",
            "\\u0000",
            "_",
            "<script>",
        ],
        len_max: 4096,
        cost: 2,
    },
];

fn metadata(input: &[u8]) -> Reached {
    let read = match Metadata::parse(input) {
        Ok(read) => read,
        Err(error) => return Reached::error(&error),
    };
    let always = [&read.authorization_endpoint, &read.token_endpoint, &read.jwks_uri];
    for endpoint in always.into_iter().chain(&read.userinfo_endpoint).chain(&read.end_session_endpoint) {
        assert_eq!(Endpoint::parse(endpoint.as_str()).as_ref(), Ok(endpoint));
    }
    let written = written(&read).to_string();
    assert_eq!(Metadata::parse(written.as_bytes()).as_ref(), Ok(&read), "no round trip");
    let optional = (read.userinfo_endpoint.is_some(), read.end_session_endpoint.is_some());
    Reached::accepted((optional, read.takes_basic, read.takes_post, read.knows_s256, read.names_issuer))
}

/// A document that says what was read.
fn written(read: &Metadata) -> Value {
    let methods = [(read.takes_basic, "client_secret_basic"), (read.takes_post, "client_secret_post")];
    let methods: Vec<&str> = methods.into_iter().filter_map(|(takes, name)| takes.then_some(name)).collect();
    let mut document = json!({
        "issuer": read.issuer,
        "authorization_endpoint": read.authorization_endpoint.as_str(),
        "token_endpoint": read.token_endpoint.as_str(),
        "jwks_uri": read.jwks_uri.as_str(),
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": if read.knows_s256 { vec!["S256"] } else { vec![] },
        "authorization_response_iss_parameter_supported": read.names_issuer,
    });
    let mut tell = |name: &str, endpoint: &Option<Endpoint>| {
        if let (Some(endpoint), Some(members)) = (endpoint, document.as_object_mut()) {
            members.insert(name.to_owned(), endpoint.as_str().into());
        }
    };
    tell("userinfo_endpoint", &read.userinfo_endpoint);
    tell("end_session_endpoint", &read.end_session_endpoint);
    document
}

fn keys(input: &[u8]) -> Reached {
    let listed = |document: &Map<String, Value>| document.get("keys").and_then(Value::as_array).map(Vec::len);
    let document = serde_json::from_slice::<Map<String, Value>>(input).ok();
    let count = document.as_ref().and_then(listed);
    let read = match Keys::parse(input) {
        Ok(read) => read,
        Err(error) => {
            if error == KeysError::Many {
                assert!(count.is_some_and(|count| count > Keys::COUNT_MAX), "{count:?} keys are too many");
            }
            return Reached::error(&error);
        }
    };
    assert!(document.is_some() && count.is_some(), "what is no object with keys was read as one");
    let (mut document, count) = (document.unwrap_or_default(), count.unwrap_or_default());
    assert!(read.count() <= count && count <= Keys::COUNT_MAX);
    let again = Value::Object(document.clone()).to_string();
    assert_eq!(Keys::parse(again.as_bytes()).as_ref(), Ok(&read), "no round trip");
    if let Some(keys) =
        document.get_mut("keys").and_then(Value::as_array_mut).filter(|keys| keys.len() < Keys::COUNT_MAX)
    {
        keys.push(json!({"kty": "oct", "k": "AAAA", "alg": "HS256"}));
        let more = Value::Object(document).to_string();
        assert_eq!(Keys::parse(more.as_bytes()).as_ref(), Ok(&read), "a shared secret counts as a key");
    }
    Reached::accepted((read.count().min(4), count.min(4)))
}

fn token_answer(input: &[u8]) -> Reached {
    let mut halves = input.splitn(2, |byte| *byte == PART);
    let status: u16 = text(halves.next().unwrap_or_default()).parse().unwrap_or(200);
    match TokenAnswer::parse(status, halves.next().unwrap_or_default()) {
        Ok(answer) => {
            assert_eq!(status, 200, "an answer of status {status} is taken");
            assert_eq!(format!("{answer:?}"), "TokenAnswer(..)", "Debug shows it");
            Reached::accepted(())
        }
        Err(error) => {
            assert!(!error.sentence().is_empty());
            match &error {
                SsoError::Refused { code } => {
                    let fits = |byte: u8| {
                        byte.is_ascii_lowercase()
                            || byte.is_ascii_digit()
                            || matches!(byte, b'_' | b'.' | b'-')
                    };
                    assert!((1..=64).contains(&code.len()) && code.bytes().all(fits), "the code {code:?}");
                    assert!((400..500).contains(&status), "a refusal of status {status}");
                }
                other => assert!(matches!(other, SsoError::Lying { .. }), "{other}"),
            }
            Reached::error(&error)
        }
    }
}
