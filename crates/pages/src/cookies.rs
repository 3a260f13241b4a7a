//! The four cookies: a session for each application, the visit before somebody has signed in, and what somebody brings
//! back from their identity provider.
//!
//! All but the last are session cookies of the browser: how long they count is decided by the server, not by a date in
//! the cookie. `__Host-` (RFC 6265bis) makes the browser refuse a cookie that another host, another path or
//! a plain connection tries to put in its place.

use crate::door::Door;

/// Longest value that is written or taken, in bytes.
pub const VALUE_BYTES_MAX: usize = 3_500;

/// Most bytes of `Cookie` headers that are looked at. More than that, and there are no cookies at all.
pub const COOKIES_BYTES_MAX: usize = 16 * 1024;

/// How the browser reaches this site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// By https, here or at a proxy in front.
    Https,
    /// By plain http on the machine's own loopback, where there is nothing to listen in on.
    HttpLoopback,
}

/// One of the cookies, as it is called on a transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieName {
    with_prefix: &'static str,
    transport: Transport,
}

/// Why a value cannot be written into a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a cookie's value has 1 to {VALUE_BYTES_MAX} printable ASCII characters without space, quote, comma, semicolon and backslash"
)]
pub struct CookieValueError;

const HOST_PREFIX: &str = "__Host-";

impl CookieName {
    /// The session in an application: one may be signed in to both, and out of one.
    #[must_use]
    pub const fn session(door: Door, transport: Transport) -> Self {
        let with_prefix = match door {
            Door::Omc => "__Host-keyward-omc",
            Door::StoreApp => "__Host-keyward-store",
        };
        Self { with_prefix, transport }
    }

    /// The visit before sign-in, which form tokens and single sign-on are tied to.
    #[must_use]
    pub const fn visit(transport: Transport) -> Self {
        Self { with_prefix: "__Host-keyward-visit", transport }
    }

    /// What was sealed when somebody was sent to their identity provider.
    #[must_use]
    pub const fn single_sign_on(transport: Transport) -> Self {
        Self { with_prefix: "__Host-keyward-sso", transport }
    }

    /// The name in the headers. Over plain http browsers refuse `__Host-`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self.transport {
            Transport::Https => self.with_prefix,
            Transport::HttpLoopback => self.with_prefix.strip_prefix(HOST_PREFIX).unwrap_or(self.with_prefix),
        }
    }

    /// `; Secure` where the transport has it.
    const fn secure(self) -> &'static str {
        match self.transport {
            Transport::Https => "; Secure",
            Transport::HttpLoopback => "",
        }
    }
}

/// The value of a cookie from the `Cookie` headers of a request.
///
/// None when it is not there, when it is there with two different values (somebody else put one of them
/// there, and nobody can say which), when a value is none that [`set`] writes, or when the headers are longer
/// than [`COOKIES_BYTES_MAX`] together.
pub fn read<'a>(headers: impl IntoIterator<Item = &'a [u8]>, name: CookieName) -> Option<&'a str> {
    let mut room = COOKIES_BYTES_MAX;
    let mut found: Option<&'a str> = None;
    for header in headers {
        room = room.checked_sub(header.len())?;
        for value in header.split(|b| *b == b';').filter_map(|pair| value_of(pair, name)) {
            let value = std::str::from_utf8(value).ok().filter(|value| is_value(value))?;
            if found.is_some_and(|before| before != value) {
                return None;
            }
            found = Some(value);
        }
    }
    found
}

/// The value of `name=value` if it is that name; names of cookies are told apart by case.
fn value_of(pair: &[u8], name: CookieName) -> Option<&[u8]> {
    let value = pair.trim_ascii().strip_prefix(name.as_str().as_bytes())?.trim_ascii_start();
    value.strip_prefix(b"=").map(<[u8]>::trim_ascii_start)
}

/// The `Set-Cookie` header that gives the browser a cookie until it is closed.
///
/// # Errors
/// [`CookieValueError`] for a value that is no cookie's value.
pub fn set(name: CookieName, value: &str) -> Result<String, CookieValueError> {
    if !is_value(value) {
        return Err(CookieValueError);
    }
    Ok(format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{}", name.as_str(), name.secure()))
}

/// [`set`], for so many seconds at most.
///
/// # Errors
/// [`CookieValueError`] for a value that is no cookie's value.
pub fn set_for(name: CookieName, value: &str, max_age_s: u32) -> Result<String, CookieValueError> {
    set(name, value).map(|cookie| format!("{cookie}; Max-Age={max_age_s}"))
}

/// The `Set-Cookie` header that takes a cookie away from the browser.
#[must_use]
pub fn clear(name: CookieName) -> String {
    format!("{}=; Path=/; HttpOnly; SameSite=Lax{}; Max-Age=0", name.as_str(), name.secure())
}

/// RFC 6265, `cookie-octet`, and our own bound. Quotes are no part of ours.
fn is_value(value: &str) -> bool {
    let octet = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b',' | b';' | b'\\');
    (1..=VALUE_BYTES_MAX).contains(&value.len()) && value.bytes().all(octet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OMC: CookieName = CookieName::session(Door::Omc, Transport::Https);
    const STORE: CookieName = CookieName::session(Door::StoreApp, Transport::Https);
    const LOCAL: CookieName = CookieName::session(Door::Omc, Transport::HttpLoopback);

    fn of<'a>(headers: &[&'a str], name: CookieName) -> Option<&'a str> {
        read(headers.iter().map(|header| header.as_bytes()), name)
    }

    #[test]
    fn each_cookie_has_its_name() {
        assert_eq!(OMC.as_str(), "__Host-keyward-omc");
        assert_eq!(STORE.as_str(), "__Host-keyward-store");
        assert_eq!(CookieName::visit(Transport::Https).as_str(), "__Host-keyward-visit");
        assert_eq!(LOCAL.as_str(), "keyward-omc");
        assert_eq!(CookieName::visit(Transport::HttpLoopback).as_str(), "keyward-visit");
    }

    #[test]
    fn the_one_that_is_asked_for_is_read() {
        let header = "a=1; __Host-keyward-store=S;__Host-keyward-omc=O; __Host-keyward-omc2=no; x";
        assert_eq!((of(&[header], OMC), of(&[header], STORE)), (Some("O"), Some("S")));
        assert_eq!(of(&[header], LOCAL), None);
        assert_eq!(of(&["a=1", "__Host-keyward-omc=O"], OMC), Some("O"));
        assert_eq!(of(&[" __Host-keyward-omc = O "], OMC), Some("O"));
        assert_eq!(of(&["__host-keyward-omc=O", "__Host-keyward-omc"], OMC), None);
        assert_eq!(of(&["__Host-keyward-omc=a=b"], OMC), Some("a=b"));
    }

    #[test]
    fn twice_with_different_values_is_none_at_all() {
        assert_eq!(of(&["__Host-keyward-omc=O; __Host-keyward-omc=O"], OMC), Some("O"));
        assert_eq!(of(&["__Host-keyward-omc=O; __Host-keyward-omc=P"], OMC), None);
        assert_eq!(of(&["__Host-keyward-omc=O", "__Host-keyward-omc=P"], OMC), None);
        assert_eq!(of(&["__Host-keyward-omc=O; __Host-keyward-omc="], OMC), None);
    }

    #[test]
    fn what_we_never_write_is_not_read() {
        for value in ["", "\"O\"", "a b", "a,b", "\u{e9}", "a\\b", "a\tb"] {
            assert_eq!(of(&[&format!("__Host-keyward-omc={value}")], OMC), None, "{value:?}");
            assert_eq!(set(OMC, value), Err(CookieValueError), "{value:?}");
        }
        assert_eq!(set(OMC, "a;b"), Err(CookieValueError));
        assert_eq!(set(OMC, "a\r\nX: y"), Err(CookieValueError));
        assert_eq!(read([&b"__Host-keyward-omc=\xff"[..]], OMC), None);
    }

    #[test]
    fn the_bounds_hold_on_both_sides() {
        let longest = "x".repeat(VALUE_BYTES_MAX);
        assert!(set(OMC, &longest).is_ok() && set(OMC, &format!("{longest}x")).is_err());
        let cookie = "__Host-keyward-omc=O; a=";
        let filled = format!("{cookie}{}", "x".repeat(COOKIES_BYTES_MAX - cookie.len()));
        assert_eq!(of(&[&filled], OMC), Some("O"));
        assert_eq!(of(&[&filled, "x"], OMC), None);
    }

    #[test]
    fn a_cookie_is_given_and_taken_with_the_same_attributes() {
        assert_eq!(set(OMC, "O").unwrap(), "__Host-keyward-omc=O; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(set(LOCAL, "O").unwrap(), "keyward-omc=O; Path=/; HttpOnly; SameSite=Lax");
        let sso = CookieName::single_sign_on(Transport::Https);
        assert_eq!(
            set_for(sso, "S", 600).unwrap(),
            "__Host-keyward-sso=S; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600"
        );
        assert_eq!(clear(OMC), "__Host-keyward-omc=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(headers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..4)) {
            let _ = read(headers.iter().map(Vec::as_slice), OMC);
        }

        #[test]
        fn what_is_set_is_read_among_others(value in "[!#-+--:<-\\[\\]-~]{1,60}", before in "[a-z]{1,5}=[a-z]{0,5}") {
            let set = set(OMC, &value).unwrap();
            let pair = set.split(';').next().unwrap();
            let header = format!("{before}; {pair}; z=1");
            prop_assert_eq!(of(&[&header], OMC), Some(value.as_str()));
        }
    }
}
