//! The address of something at a provider: https, no user, no fragment.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ureq::http::Uri;

/// A URL that may be called, as far as its text tells: `https://`, or `http://` to a host that is this
/// machine by its very name, which only [`crate::Reach::AlsoPrivate`] calls.
///
/// Where the name leads is judged when it is called ([`crate::HttpClient`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

/// Why a text is no [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Longer than [`Endpoint::LEN_MAX`], or not printable ASCII.
    #[error("a URL has 1 to 2048 printable ASCII characters")]
    Text,
    /// Not an absolute URL with a host.
    #[error("it is no absolute URL with a host")]
    NoUrl,
    /// Neither https, nor http to this machine.
    #[error("it does not start with https://")]
    Scheme,
    /// `https://user@host`.
    #[error("a URL with a user name is not called")]
    User,
    /// `https://host/#fragment`.
    #[error("a URL with a fragment (#) is not called")]
    Fragment,
}

impl Endpoint {
    /// Longest accepted URL, in bytes.
    pub const LEN_MAX: usize = 2048;

    /// Reads a URL; the text is kept as it is.
    ///
    /// # Errors
    ///
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        if text.is_empty() || text.len() > Self::LEN_MAX || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(EndpointError::Text);
        }
        if text.contains('#') {
            return Err(EndpointError::Fragment);
        }
        let uri: Uri = text.parse().map_err(|_| EndpointError::NoUrl)?;
        let authority = uri.authority().ok_or(EndpointError::NoUrl)?;
        if authority.as_str().contains('@') {
            return Err(EndpointError::User);
        }
        // A port that is none would silently become the usual one.
        let port = authority.as_str().strip_prefix(authority.host()).ok_or(EndpointError::NoUrl)?;
        let has_good_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        if authority.host().is_empty() || !has_good_port {
            return Err(EndpointError::NoUrl);
        }
        match uri.scheme_str() {
            Some("https") => Ok(Self(text.to_owned())),
            Some("http") if is_this_machine(authority.host()) => Ok(Self(text.to_owned())),
            _ => Err(EndpointError::Scheme),
        }
    }

    /// The text as it was parsed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether calls to it are encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.0.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
    }

    /// The address, where the host is written as one.
    pub(crate) fn literal_address(&self) -> Option<IpAddr> {
        literal(self.0.parse::<Uri>().ok()?.host()?)
    }

    /// The URL with `fields` behind what it already asks.
    pub(crate) fn with_query(&self, fields: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields);
        let between = match self.0.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        format!("{}{between}{}", self.0, query.finish())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inside {
        Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || literal(host).is_some_and(|address| address.is_loopback())
}

/// Digits alone: the reader of numbers would take a `+` before them.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_called_and_plain_http_only_on_this_machine() {
        for text in [
            "https://idp.example",
            "https://idp.example:8443/a?b=c",
            "http://127.0.0.1:1/",
            "http://[::1]:1/x",
            "http://localhost",
        ] {
            assert!(Endpoint::parse(text).is_ok(), "{text}");
        }
        for text in
            ["http://idp.example", "http://10.0.0.1", "ftp://idp.example", "http://localhost.example/"]
        {
            assert_eq!(Endpoint::parse(text), Err(EndpointError::Scheme), "{text}");
        }
    }

    #[test]
    fn what_readers_may_see_differently_is_refused() {
        for (text, error) in [
            ("https://user@idp.example/", EndpointError::User),
            ("https://idp.example/#a", EndpointError::Fragment),
            ("https://idp.example/ a", EndpointError::Text),
            ("https://idp.example/\u{e9}", EndpointError::Text),
            ("/only/a/path", EndpointError::NoUrl),
            ("idp.example", EndpointError::NoUrl),
            ("https://idp.example\\@evil.example/", EndpointError::NoUrl),
            ("https:///path", EndpointError::NoUrl),
            ("https://idp.example:99999/", EndpointError::NoUrl),
            ("https://idp.example:/", EndpointError::NoUrl),
            ("https://:443/", EndpointError::NoUrl),
            ("", EndpointError::Text),
        ] {
            let found = Endpoint::parse(text);
            // A name without scheme is an authority to some readers; either way it is refused.
            assert!(found == Err(error) || (text == "idp.example" && found.is_err()), "{text}: {found:?}");
        }
        assert_eq!(
            Endpoint::parse(&format!("https://a.example/{}", "x".repeat(2048))),
            Err(EndpointError::Text)
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}", rest in "[!-~]{0,60}") {
            let _ = Endpoint::parse(&text);
            if let Ok(endpoint) = Endpoint::parse(&format!("https://{rest}")) {
                let _ = (endpoint.literal_address(), endpoint.with_query(&[("a", &text)]));
            }
        }
    }

    #[test]
    fn a_query_goes_behind_the_one_that_is_there() {
        let of = |text: &str| Endpoint::parse(text).expect("a URL").with_query(&[("a", "1 &"), ("b", "=")]);
        assert_eq!(of("https://idp.example/x"), "https://idp.example/x?a=1+%26&b=%3D");
        assert_eq!(of("https://idp.example/x?y=z"), "https://idp.example/x?y=z&a=1+%26&b=%3D");
        assert_eq!(of("https://idp.example/x?"), "https://idp.example/x?a=1+%26&b=%3D");
    }

    #[test]
    fn an_address_is_known_however_it_is_bracketed() {
        let of = |text: &str| Endpoint::parse(text).expect("a URL").literal_address();
        assert_eq!(of("https://10.0.0.1/x"), Some("10.0.0.1".parse().expect("an address")));
        assert_eq!(of("https://[fe80::1]:8443"), Some("fe80::1".parse().expect("an address")));
        assert_eq!(of("https://idp.example"), None);
    }
}
