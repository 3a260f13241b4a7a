//! The only way out of this crate: one bounded request, to an address that may be called.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::address::{is_public, is_unicast};
use crate::endpoint::Endpoint;
use crate::error::SsoError;
use crate::{BODY_BYTES_MAX, HTTP_S_MAX};

/// Where providers may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// On the open internet: https to public addresses alone.
    PublicOnly,
    /// Also inside the company's network, which an operator has to say: https to every address, and http to
    /// this machine.
    AlsoPrivate,
}

/// Makes requests to providers: https, at most [`HTTP_S_MAX`] seconds and [`BODY_BYTES_MAX`] bytes, no
/// redirect followed, no proxy of the environment used, and no address called that [`Reach`] excludes. The
/// address is checked after the name was resolved, and the checked address is the one connected to.
pub struct HttpClient {
    agent: ureq::Agent,
    reach: Reach,
}

/// Why certificates could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text holds no PEM certificate, or a broken one")]
pub struct RootsError;

/// What came back, when it is neither a redirect nor the provider's own failure.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl HttpClient {
    /// A client that trusts the certificate authorities of the web.
    pub fn new(reach: Reach) -> Self {
        Self::with_timeout(reach, Duration::from_secs(HTTP_S_MAX))
    }

    /// The same with less patience; more than [`HTTP_S_MAX`] seconds are not to be had.
    pub fn with_timeout(reach: Reach, timeout: Duration) -> Self {
        Self::built(reach, timeout, RootCerts::WebPki)
    }

    /// A client that trusts the certificate authorities in `pem` and no others, such as a company's own.
    ///
    /// # Errors
    ///
    /// `pem` holds no certificate or a broken one.
    pub fn with_roots(reach: Reach, pem: &[u8]) -> Result<Self, RootsError> {
        let mut roots = vec![];
        for item in parse_pem(pem) {
            if let PemItem::Certificate(certificate) = item.map_err(|_| RootsError)? {
                roots.push(certificate);
            }
        }
        if roots.is_empty() {
            return Err(RootsError);
        }
        Ok(Self::built(reach, Duration::from_secs(HTTP_S_MAX), RootCerts::Specific(Arc::new(roots))))
    }

    fn built(reach: Reach, timeout: Duration, roots: RootCerts) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout.min(Duration::from_secs(HTTP_S_MAX))))
            .max_redirects(0)
            .http_status_as_error(false)
            .https_only(reach == Reach::PublicOnly)
            // A proxy would resolve the name itself, after our check.
            .proxy(None)
            // No connection is kept, so that every request is checked anew.
            .max_idle_connections(0)
            .user_agent("keyward")
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        let guard = Guard { reach, inner: DefaultResolver::default() };
        Self { agent: ureq::Agent::with_parts(config, DefaultConnector::default(), guard), reach }
    }

    /// Whether `endpoint` may be called, as far as its text tells.
    pub(crate) fn may_call(&self, endpoint: &Endpoint) -> Result<(), SsoError> {
        let address = endpoint.literal_address();
        match barred(self.reach, endpoint.is_https(), address.as_slice()) {
            // Whether a name is one of this machine's is known once it is resolved.
            None if endpoint.is_https() || self.reach == Reach::AlsoPrivate => Ok(()),
            why => {
                let why = why.unwrap_or("it is not https");
                Err(SsoError::Forbidden { what: format!("{}: {why}", shown(endpoint)) })
            }
        }
    }

    pub(crate) fn get(&self, endpoint: &Endpoint) -> Result<Answer, SsoError> {
        self.may_call(endpoint)?;
        let request = self.agent.get(endpoint.as_str()).header("accept", "application/json");
        answer(endpoint, request.call())
    }

    /// The same with an access token (RFC 6750, 2.1), which must fit into a header.
    pub(crate) fn get_as(&self, endpoint: &Endpoint, access_token: &str) -> Result<Answer, SsoError> {
        self.may_call(endpoint)?;
        let request = self.agent.get(endpoint.as_str()).header("accept", "application/json");
        answer(endpoint, request.header("authorization", format!("Bearer {access_token}")).call())
    }

    /// Sends a form; `authorization` is the header's whole value.
    pub(crate) fn post_form(
        &self,
        endpoint: &Endpoint,
        fields: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Result<Answer, SsoError> {
        self.may_call(endpoint)?;
        let mut request = self.agent.post(endpoint.as_str()).header("accept", "application/json");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        answer(endpoint, request.content_type("application/x-www-form-urlencoded").send(body))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("reach", &self.reach).finish_non_exhaustive()
    }
}

fn answer(
    endpoint: &Endpoint,
    result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, SsoError> {
    let mut response = result.map_err(|error| told(endpoint, &error))?;
    let status = response.status().as_u16();
    match status {
        300..400 => {
            let what = format!("{} answers {status}, a redirect, and none is followed", shown(endpoint));
            return Err(SsoError::Lying { what });
        }
        429 | 500.. => {
            return Err(SsoError::Down { what: format!("{} answers {status}", shown(endpoint)) });
        }
        _ => {}
    }
    // The limit is the first length that is refused.
    let body = response.body_mut().with_config().limit(BODY_BYTES_MAX + 1).read_to_vec();
    Ok(Answer { status, body: body.map_err(|error| told(endpoint, &error))? })
}

/// The failure of a request in our words.
fn told(endpoint: &Endpoint, error: &ureq::Error) -> SsoError {
    let at = shown(endpoint);
    let barred = |inner: &(dyn std::error::Error + Send + Sync + 'static)| {
        inner
            .downcast_ref::<Barred>()
            .map(|barred| SsoError::Forbidden { what: format!("{at}: {}", barred.0) })
    };
    let timed_out = |error: &std::io::Error| {
        matches!(error.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock)
    };
    match error {
        ureq::Error::Timeout(_) => SsoError::Slow { what: format!("{at} did not answer in time") },
        ureq::Error::Io(io) if timed_out(io) => {
            SsoError::Slow { what: format!("{at} did not answer in time") }
        }
        ureq::Error::BodyExceedsLimit(_) => {
            SsoError::lying(format!("{at} answers with more than {BODY_BYTES_MAX} bytes"))
        }
        ureq::Error::Other(inner) => {
            barred(inner.as_ref()).unwrap_or_else(|| SsoError::Down { what: format!("{at}: {error}") })
        }
        _ => SsoError::Down { what: format!("{at}: {error}") },
    }
}

/// The endpoint for the log, without its query.
pub(crate) fn shown(endpoint: &Endpoint) -> &str {
    endpoint.as_str().split('?').next().unwrap_or_default()
}

/// Why one of `addresses` must not be called; none where they all may be.
fn barred(reach: Reach, https: bool, addresses: &[IpAddr]) -> Option<&'static str> {
    let all = |fits: fn(IpAddr) -> bool| addresses.iter().all(|address| fits(*address));
    if !all(is_unicast) {
        return Some("its address is no single machine's");
    }
    match reach {
        Reach::PublicOnly if !https => Some("it is not https"),
        Reach::PublicOnly if !all(is_public) => {
            Some("its address is private; an operator may allow private addresses")
        }
        Reach::AlsoPrivate if !https && !all(|address| address.to_canonical().is_loopback()) => {
            Some("http is for this machine alone")
        }
        _ => None,
    }
}

/// Resolves names, and lets no address through that [`Reach`] excludes. What it returns is what is connected
/// to, so a name cannot point elsewhere between the check and the connection.
#[derive(Debug)]
struct Guard {
    reach: Reach,
    inner: DefaultResolver,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Barred(&'static str);

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let addresses: Vec<IpAddr> = found.iter().map(std::net::SocketAddr::ip).collect();
        match barred(self.reach, uri.scheme_str() == Some("https"), &addresses) {
            Some(why) => Err(ureq::Error::Other(Box::new(Barred(why)))),
            None => Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reach: Reach, https: bool, addresses: &[&str]) -> bool {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().expect("an address")).collect();
        barred(reach, https, &addresses).is_none()
    }

    #[test]
    fn one_private_address_among_public_ones_bars_the_name() {
        assert!(of(Reach::PublicOnly, true, &["8.8.8.8", "2606:4700::1"]));
        assert!(!of(Reach::PublicOnly, true, &["8.8.8.8", "10.0.0.1"]));
        assert!(!of(Reach::PublicOnly, false, &["8.8.8.8"]));
    }

    #[test]
    fn inside_the_company_http_is_for_this_machine_alone() {
        assert!(of(Reach::AlsoPrivate, true, &["10.0.0.1", "127.0.0.1"]));
        assert!(of(Reach::AlsoPrivate, false, &["127.0.0.1", "::1"]));
        assert!(!of(Reach::AlsoPrivate, false, &["127.0.0.1", "10.0.0.1"]));
        assert!(!of(Reach::AlsoPrivate, true, &["224.0.0.1"]));
        assert!(!of(Reach::AlsoPrivate, true, &["0.0.0.0"]));
    }

    #[test]
    fn certificates_are_read_or_refused() {
        for pem in [&b""[..], b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"hello"] {
            assert_eq!(HttpClient::with_roots(Reach::AlsoPrivate, pem).err(), Some(RootsError));
        }
        let pem = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(HttpClient::with_roots(Reach::AlsoPrivate, pem).is_ok());
    }
}
