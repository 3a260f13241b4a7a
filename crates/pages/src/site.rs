//! Where browsers reach the pages.

use std::net::IpAddr;

use crate::cookies::Transport;
use crate::origin::Origin;

/// The address of the site: a scheme, a host and perhaps a port, such as `https://omc.shop.example`.
///
/// Plain http is for loopback alone: there is nothing to listen in on, and cookies need no `Secure`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteUrl {
    origin: Origin,
    transport: Transport,
}

/// Why a text is no address of a site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no base URL: {rule}")]
pub struct SiteUrlError {
    given: String,
    rule: &'static str,
}

impl SiteUrl {
    /// Reads `https://host[:port]`, or `http://host[:port]` where the host is loopback; a `/` at the end may stand.
    ///
    /// # Errors
    /// Anything else; the sentence says what would be right.
    pub fn parse(text: &str) -> Result<Self, SiteUrlError> {
        let wrong = |rule| SiteUrlError { given: text.chars().take(80).collect(), rule };
        let origin = Origin::of_url(text)
            .map_err(|_| wrong("expected https://host or https://host:port, in ASCII"))?;
        let after = text.split_once("://").map_or("", |(_, rest)| rest);
        let path = after.find(['/', '?', '#']).and_then(|at| after.get(at..)).unwrap_or_default();
        if !matches!(path, "" | "/") {
            return Err(wrong("it has no path and no query: the pages begin at the root of their site"));
        }
        let transport = match origin.as_str().strip_prefix("http://") {
            None => Transport::Https,
            Some(authority) if is_loopback(authority) => Transport::HttpLoopback,
            Some(_) => return Err(wrong("http is for loopback alone; others are reached by https")),
        };
        Ok(Self { origin, transport })
    }

    /// The origin, as browsers write it; an address of the site is this with a path behind it.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How browsers reach it.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// Whether a host, perhaps with a port, is the machine itself.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Transport)> {
        SiteUrl::parse(text).ok().map(|site| (site.to("/me"), site.transport()))
    }

    #[test]
    fn a_site_is_reached_by_https_or_on_loopback() {
        let https = |url: &str| Some((url.to_owned(), Transport::Https));
        let plain = |url: &str| Some((url.to_owned(), Transport::HttpLoopback));
        assert_eq!(read("https://omc.shop.example"), https("https://omc.shop.example/me"));
        assert_eq!(read("https://OMC.shop.example:8443/"), https("https://omc.shop.example:8443/me"));
        assert_eq!(read("http://localhost:8080"), plain("http://localhost:8080/me"));
        assert_eq!(read("http://127.0.0.2:8080"), plain("http://127.0.0.2:8080/me"));
        assert_eq!(read("http://[::1]:8080"), plain("http://[::1]:8080/me"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "omc.shop.example",
            "http://omc.shop.example",
            "http://localhost.shop.example",
            "http://128.0.0.1",
            "http://[::2]",
            "https://omc.shop.example/omc",
            "https://omc.shop.example?x",
            "https://omc.shop.example#x",
            "https://ada@omc.shop.example",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
