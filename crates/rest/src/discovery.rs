//! AuthZEN discovery: where to ask. Addresses come from the configuration, never from a request's host.

use crate::App;
use crate::limits::{ACCOUNT_BYTES_MAX, DISCOVERY_AGE_S};
use crate::refusal::{Refusal, Style};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::http::{Response, StatusCode, Uri};
use axum::response::IntoResponse;
use serde::Serialize;

/// Where callers reach this server: a scheme, a host and perhaps a port, such as `https://access.shop.example`.
///
/// Plain http is for loopback addresses alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

/// Why a text is no base URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no base URL: {rule}")]
pub struct BaseUrlError {
    given: String,
    rule: &'static str,
}

impl BaseUrl {
    /// Longest accepted text, in bytes.
    pub const LEN_MAX: usize = 255;

    /// Reads `https://host[:port]`, or `http://host[:port]` where the host is loopback.
    ///
    /// # Errors
    /// Anything else; the sentence says what would be right.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let wrong = |rule| BaseUrlError { given: text.chars().take(80).collect(), rule };
        if text.len() > Self::LEN_MAX {
            return Err(wrong("it has more than 255 bytes"));
        }
        let uri: Uri = text.parse().map_err(|_| wrong("expected https://host or https://host:port"))?;
        let plain = uri.authority().filter(|a| !a.as_str().contains('@')).map(|a| a.as_str());
        let (Some(scheme), Some(authority), Some(host)) = (uri.scheme_str(), plain, uri.host()) else {
            return Err(wrong("expected https://host or https://host:port"));
        };
        if text != format!("{scheme}://{authority}") {
            return Err(wrong("it has no path, query or last `/`, and its scheme is written in lower case"));
        }
        match scheme {
            "https" => Ok(Self(text.to_owned())),
            "http" if is_loopback(host) => Ok(Self(text.to_owned())),
            "http" => Err(wrong("http is for loopback alone; others are reached by https")),
            _ => Err(wrong("its scheme is https")),
        }
    }

    /// The URL of an address on loopback, for a server that nobody told its name; none for other addresses.
    #[must_use]
    pub fn of_loopback(address: std::net::SocketAddr) -> Option<Self> {
        address.ip().is_loopback().then(|| Self(format!("http://{address}")))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The metadata. What is absent is not supported: the three searches.
#[derive(Serialize)]
struct Metadata {
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
}

pub(crate) async fn of_installation(State(app): State<App>) -> Response<Body> {
    document(&app, "")
}

/// The identifier of an account's decision point is the base URL with the account behind it. Whether there is such
/// an account is not told: the credentials say whose questions are answered.
pub(crate) async fn of_account(State(app): State<App>, uri: Uri) -> Response<Body> {
    // The path as it came, still encoded: the identifier must be the caller's, byte by byte.
    let account = uri.path().rsplit_once('/').map_or("", |(_, last)| last);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
    if account.is_empty() || account.len() > ACCOUNT_BYTES_MAX || !account.bytes().all(plain) {
        return Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address")
            .respond(Style::Sentence);
    }
    document(&app, &format!("/{account}"))
}

fn document(app: &App, behind: &str) -> Response<Body> {
    let Some(base) = &app.config().base_url else {
        let why = "discovery is not set up: this server was not told the URL at which it is reached";
        return Refusal::new(StatusCode::NOT_FOUND, why).respond(Style::Sentence);
    };
    let base = base.as_str();
    let mut response = Json(Metadata {
        policy_decision_point: format!("{base}{behind}"),
        access_evaluation_endpoint: format!("{base}/access/v1/evaluation"),
        access_evaluations_endpoint: format!("{base}/access/v1/evaluations"),
    })
    .into_response();
    let age = HeaderValue::from_str(&format!("public, max-age={DISCOVERY_AGE_S}"));
    if let Ok(age) = age {
        response.headers_mut().insert(CACHE_CONTROL, age);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_has_a_scheme_a_host_and_nothing_behind() {
        let right = [
            "https://pdp.example.com",
            "https://pdp.example.com:8443",
            "http://127.0.0.1:80",
            "http://[::1]:8080",
        ];
        for text in right {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), text);
        }
        let wrong = [
            "",
            "pdp.example.com",
            "https://",
            "https://pdp.example.com/",
            "https://pdp.example.com/a",
            "https://pdp.example.com?x",
            "https://me@pdp.example.com",
            "HTTPS://pdp.example.com",
            "http://pdp.example.com",
            "http://127.0.0.1.example.com",
            "ftp://pdp.example.com",
            "https://a b",
        ];
        for text in wrong {
            assert!(BaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
