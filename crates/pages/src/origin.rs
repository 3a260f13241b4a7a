//! Where a change comes from: only a form of this very site may send one.

use std::fmt;

/// Longest accepted origin, in bytes: a host name has at most 253.
pub const ORIGIN_BYTES_MAX: usize = 300;

/// Scheme, host and port of a site, as browsers write them in the `Origin` header: lower case, no port that
/// the scheme implies, no slash at the end. It is safe inside a header.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// The text is no origin of a web site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the address of a site: http:// or https://, a host in ASCII (xn-- for other letters), and a port if it is not the usual one"
)]
pub struct OriginError;

/// The request did not come from a page of this site, or its browser is too old to say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request does not come from a page of this site")]
pub struct ForeignOrigin;

impl Origin {
    /// The origin of an absolute URL, such as the base URL of this site or an identity provider's
    /// authorization endpoint. Path, query and fragment are left out; a user name in it is refused.
    ///
    /// # Errors
    /// [`OriginError`] for anything but http and https with a plain host.
    pub fn of_url(url: &str) -> Result<Self, OriginError> {
        let (scheme, rest) = url.split_once("://").ok_or(OriginError)?;
        let usual_port = match scheme.to_ascii_lowercase().as_str() {
            "https" => "443",
            "http" => "80",
            _ => return Err(OriginError),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = host_and_port(authority)?;
        let port = if port.is_empty() || port == usual_port { String::new() } else { format!(":{port}") };
        let origin = format!("{scheme}://{host}{port}").to_ascii_lowercase();
        if origin.len() > ORIGIN_BYTES_MAX { Err(OriginError) } else { Ok(Self(origin)) }
    }

    /// The origin as browsers write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Host (an IPv6 address with its brackets) and port (without leading zeros, empty for none).
fn host_and_port(authority: &str) -> Result<(&str, &str), OriginError> {
    let end_of_address = authority.find(']').map_or(0, |end| end + 1);
    let (host, port) = match authority.get(end_of_address..).and_then(|rest| rest.find(':')) {
        Some(colon) => authority.split_at(end_of_address + colon),
        None => (authority, ""),
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    let port_fits = port.is_empty() || (!port.starts_with(['0', '+']) && port.parse::<u16>().is_ok());
    if is_host(host) && port_fits { Ok((host, port)) } else { Err(OriginError) }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // Browsers write an address in its shortest form; another form of it would equal none of theirs.
        let shortest = |parsed: std::net::Ipv6Addr| parsed.to_string() == address.to_ascii_lowercase();
        return address.parse().is_ok_and(shortest);
    }
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    host.split('.').all(part)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The check of every request that changes something, given all values of its headers `Origin` and
/// `Sec-Fetch-Site`.
///
/// `Origin` must be this site's. Where the browser sent none, `Sec-Fetch-Site` must be `same-origin`. With
/// neither, with `null` (which a sandboxed or redirected page sends), or with a header twice, it is refused.
///
/// # Errors
/// [`ForeignOrigin`]: nothing may be changed.
pub fn check_change<'a>(
    site: &Origin,
    origin: impl IntoIterator<Item = &'a [u8]>,
    sec_fetch_site: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(), ForeignOrigin> {
    let same = match single(origin)? {
        Some(origin) => origin == site.as_str().as_bytes(),
        None => single(sec_fetch_site)? == Some(b"same-origin".as_slice()),
    };
    if same { Ok(()) } else { Err(ForeignOrigin) }
}

/// None or one value; two are a request that somebody put together.
fn single<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a [u8]>, ForeignOrigin> {
    let mut values = values.into_iter();
    let first = values.next();
    if values.next().is_some() { Err(ForeignOrigin) } else { Ok(first) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn origin(url: &str) -> String {
        Origin::of_url(url).map(|origin| origin.to_string()).unwrap_or_default()
    }

    fn allowed(origin: &[&'static str], fetch_site: &[&'static str]) -> bool {
        let site = Origin::of_url("https://access.acme.example").unwrap();
        let bytes = |values: &[&'static str]| values.iter().map(|v| v.as_bytes()).collect::<Vec<_>>();
        check_change(&site, bytes(origin), bytes(fetch_site)).is_ok()
    }

    #[test]
    fn the_origin_of_a_url_is_written_as_browsers_do() {
        for (url, expected) in [
            ("https://access.acme.example", "https://access.acme.example"),
            ("HTTPS://Access.Acme.Example:443/omc?x#y", "https://access.acme.example"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://localhost:80", "http://localhost"),
            ("https://host:80/", "https://host:80"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            ("https://host:/", "https://host"),
            ("https://idp.example?x=://y", "https://idp.example"),
        ] {
            assert_eq!(origin(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_no_site_is_refused() {
        for url in [
            "",
            "acme.example",
            "ftp://acme.example",
            "https:///path",
            "https://user@acme.example",
            "https://acme.example:65536",
            "https://acme.example:0443",
            "https://acme.example:+443",
            "https://acme example",
            "https://acme..example",
            "https://a;script-src *",
            "https://*.acme.example",
            "https://a'b",
            "https://\u{e9}.example",
            "https://[::1",
            "https://[zz]",
            "https://[0:0::1]",
            "https://a\r\nb",
            "javascript://x",
            "https://\\evil",
        ] {
            assert_eq!(Origin::of_url(url), Err(OriginError), "{url}");
        }
        assert_eq!(Origin::of_url(&format!("https://{}", "a".repeat(ORIGIN_BYTES_MAX))), Err(OriginError));
    }

    #[test]
    fn a_change_comes_from_this_site_or_is_refused() {
        let ours = "https://access.acme.example";
        assert!(allowed(&[ours], &[]) && allowed(&[ours], &["same-origin"]));
        assert!(allowed(&[], &["same-origin"]));
        for foreign in [
            "null",
            "",
            "https://evil.example",
            "http://access.acme.example",
            "https://access.acme.example:8443",
        ] {
            assert!(!allowed(&[foreign], &["same-origin"]), "{foreign}");
        }
        for site in ["none", "same-site", "cross-site", "", "SAME-ORIGIN"] {
            assert!(!allowed(&[], &[site]), "{site}");
        }
        assert!(!allowed(&[], &[]));
        assert!(!allowed(&[ours, ours], &[]));
        assert!(!allowed(&[], &["same-origin", "same-origin"]));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_taken_is_stable(text in "(https?://)?[a-z\\[\\]:.@/0-9\u{e9}]{0,30}") {
            if let Ok(origin) = Origin::of_url(&text) {
                prop_assert!(origin.as_str().bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b';' | b',' | b'\'')));
                prop_assert_eq!(Origin::of_url(origin.as_str()), Ok(origin));
            }
        }

        #[test]
        fn no_bytes_make_the_check_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let site = Origin::of_url("https://access.acme.example").unwrap();
            let is_ours = bytes == site.as_str().as_bytes();
            prop_assert_eq!(check_change(&site, [bytes.as_slice()], []).is_ok(), is_ours);
        }
    }
}
