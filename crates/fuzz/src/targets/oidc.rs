//! Single sign-on, what comes by way of the browser: the answer, the token, and the addresses around them.

use crate::reached::Reached;
use crate::target::{Target, parts, text};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidc::{
    Algorithm, CLAIM_BYTES_MAX, Callback, CallbackError, Endpoint, Issuer, IssuerError, TOKEN_BYTES_MAX,
    inspect,
};
use pages::origin::Origin;
use std::net::IpAddr;

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "callback",
        check: callback,
        seeds: &[
            "code=a%2Bb&state=s&iss=https%3A%2F%2Fi&session_state=x",
            "state=s&error=access_denied&error_description=no",
            "state=s&code=c&state=s",
            "state=s&code=c&error=e",
            "code=c",
            "state=&code=c",
            "%73tate=s&c%6fde=%FF",
        ],
        words: &["state", "code", "error", "iss", "state=", "code=c", "error=e", "&", "=", "+", "%26", "%00"],
        len_max: Callback::QUERY_BYTES_MAX + 40,
        cost: 2,
    },
    Target {
        name: "id-token",
        check: id_token,
        seeds: &[
            "{\"alg\":\"ES256\",\"kid\":\"k\",\"typ\":\"JWT\"}\u{1e}{\"sub\":\"s\",\"iss\":\"https://i\",\"aud\":[\"a\"],\"exp\":1}\u{1e}sig",
            "{\"alg\":\"RS256\"}\u{1e}{}\u{1e}",
            "{\"alg\":\"none\"}\u{1e}{}\u{1e}",
            "{\"alg\":\"HS256\"}\u{1e}{}\u{1e}x",
            "{\"alg\":\"EdDSA\",\"crit\":[\"b64\"],\"b64\":false}\u{1e}{}\u{1e}x",
            "{\"alg\":\"PS384\",\"kid\":null}\u{1e}{\"a\":{\"a\":[[[1e9,-0,\"\\u0000\"]]]}}\u{1e}x",
            "eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
            "..",
        ],
        words: &[
            "\"alg\":",
            "\"kid\":\"",
            "\"typ\":",
            "\"crit\":null,",
            "\"none\"",
            "\"HS256\"",
            "\"RS512\"",
            "\"ES384\"",
            "{}",
            "[",
            "]",
            ".",
            "=",
            "AAAA",
            "\\u0061lg",
            "\u{1e}",
        ],
        len_max: TOKEN_BYTES_MAX + 40,
        cost: 8,
    },
    Target {
        name: "endpoint",
        check: endpoint,
        seeds: URLS,
        words: URL_WORDS,
        len_max: Endpoint::LEN_MAX + 40,
        cost: 1,
    },
    Target {
        name: "issuer",
        check: issuer,
        seeds: URLS,
        words: URL_WORDS,
        len_max: Endpoint::LEN_MAX + 40,
        cost: 1,
    },
];

const URLS: &[&str] = &[
    "https://idp.example",
    "HTTPS://idp.example:8443/realm/?b=c",
    "http://127.0.0.1:1/",
    "http://[::1]:1/x",
    "http://localhost",
    "http://10.0.0.1",
    "https://user@idp.example/",
    "https://idp.example/#a",
    "https://idp.example\\@evil.example/",
    "https://idp.example:/",
    "https:///path",
    "https://idp.example:99999/",
    "ftp://idp.example",
    "//idp.example",
    "*",
];

const URL_WORDS: &[&str] = &[
    "https://",
    "http://",
    "://",
    "@",
    ":",
    ":443",
    ":0",
    ":+1",
    "[",
    "]",
    "::1",
    "%2f",
    "%40",
    "%",
    "localhost",
    "127.0.0.1",
    ".",
    "/",
    "//",
    "\\",
    "?",
    "#",
    "..",
];

fn callback(input: &[u8]) -> Reached {
    let query = text(input);
    let fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let values = |name: &str| {
        fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    let read = match Callback::parse(&query) {
        Ok(read) => read,
        Err(error) => {
            match error {
                CallbackError::Long => assert!(query.len() > Callback::QUERY_BYTES_MAX),
                CallbackError::Twice(name) => assert!(values(name).len() > 1, "{name} is not there twice"),
                CallbackError::NoState => assert!(values("state").concat().is_empty(), "there is a state"),
                CallbackError::NoAnswer => {
                    assert_eq!(values("code").concat().is_empty(), values("error").concat().is_empty());
                }
            }
            return Reached::error(&error);
        }
    };
    assert_eq!(values("state"), [&*read.state]);
    let (code, error) = (values("code").concat(), values("error").concat());
    match &read.answer {
        Ok(answer) => assert_eq!((code.as_str(), error.as_str()), (&**answer, "")),
        Err(answer) => assert_eq!((code.as_str(), error.as_str()), ("", &**answer)),
    }
    assert_eq!(values("iss").first().copied(), read.iss.as_deref());
    assert!(!read.state.is_empty() && query.len() <= Callback::QUERY_BYTES_MAX);
    let again = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    if again.len() <= Callback::QUERY_BYTES_MAX {
        assert_eq!(Callback::parse(&again).as_ref(), Ok(&read), "no round trip");
    }
    assert!(["Callback(code)", "Callback(error)"].contains(&&*format!("{read:?}")), "Debug shows it");
    Reached::accepted((read.answer.is_ok(), read.iss.is_some(), fields.len().min(8)))
}

fn id_token(input: &[u8]) -> Reached {
    // Of three parts a token is made.
    let token = match parts(input).collect::<Vec<_>>().as_slice() {
        [header, claims, signature, ..] => {
            [header, claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
        }
        _ => text(input),
    };
    match inspect(&token) {
        Ok(read) => {
            assert!(token.len() <= TOKEN_BYTES_MAX);
            let parts: Vec<&str> = token.split('.').collect();
            let [_, claims, _] = parts.as_slice() else { return wrong_parts(&parts) };
            assert!(Algorithm::ALL.contains(&read.algorithm));
            assert!(read.key_id.as_ref().is_none_or(|id| id.len() <= CLAIM_BYTES_MAX));
            let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
            assert_eq!(serde_json::from_slice(&claims).ok(), Some(read.claims.clone()), "other claims");
            for more in ["=", ".", ".AAAA", " ", "\n", "+/"] {
                assert!(inspect(&format!("{token}{more}")).is_err(), "{more:?} behind it is passed over");
            }
            Reached::accepted((
                read.algorithm,
                read.key_id.is_some(),
                read.kind.is_some(),
                read.claims.len().min(8),
            ))
        }
        Err(error) => Reached::error(&error),
    }
}

/// Fails: a token has three parts.
fn wrong_parts(parts: &[&str]) -> Reached {
    assert_eq!(parts.len(), 3, "a token of other than three parts");
    Reached::refused(())
}

fn endpoint(input: &[u8]) -> Reached {
    let text = text(input);
    match Endpoint::parse(&text) {
        Ok(endpoint) => {
            assert_eq!(endpoint.as_str(), text);
            assert_eq!(Endpoint::parse(endpoint.as_str()), Ok(endpoint));
            called(&text)
        }
        Err(error) => Reached::error(&error),
    }
}

/// What holds of every URL that may be called.
fn called(url: &str) -> Reached {
    assert!(
        url.len() <= Endpoint::LEN_MAX && url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
    );
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '\\']).next().unwrap_or_default();
    assert!(!authority.contains('@'), "{url} has a user name");
    let end = authority.rfind(']').map_or(0, |end| end + 1);
    let (address, behind) = authority.split_at_checked(end).unwrap_or_default();
    let (name, port) = behind.split_once(':').unwrap_or((behind, "1"));
    assert!(
        port.parse::<u16>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit()),
        "the port of {url}"
    );
    let host = format!("{address}{name}");
    assert!(!host.is_empty(), "{url} has no host");
    let bare = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let is_here = host == "localhost" || bare.is_some_and(|address| address.is_loopback());
    assert!(scheme == "https" || scheme == "http" && is_here, "{url} is not encrypted");
    // Another reader of addresses, where it takes this one, sees the same host.
    let origin = Origin::of_url(url).ok();
    if let Some(origin) = &origin {
        let start = format!("{scheme}://{}", host.to_ascii_lowercase());
        let port = origin.as_str().strip_prefix(&start);
        assert!(
            port.is_some_and(|port| port.is_empty() || port.starts_with(':')),
            "{url} is of {origin} to another"
        );
    }
    Reached::accepted((
        scheme,
        address.is_empty(),
        bare.is_some(),
        origin.is_some(),
        behind.contains(':'),
        url.contains('?'),
    ))
}

fn issuer(input: &[u8]) -> Reached {
    let text = text(input);
    match (Issuer::parse(&text), Endpoint::parse(&text)) {
        (Ok(issuer), Ok(_)) => {
            assert_eq!((issuer.as_str(), issuer.to_string()), (text.as_str(), text.clone()));
            assert!(!text.contains('?'), "{text} has a query");
            called(&text)
        }
        (Err(error), endpoint) => {
            assert_eq!(error == IssuerError::Query, endpoint.is_ok(), "{text} is refused for another reason");
            Reached::error(&error)
        }
        (Ok(issuer), Err(error)) => {
            assert_eq!(error.to_string(), "", "{issuer} is no endpoint");
            Reached::error(&error)
        }
    }
}
