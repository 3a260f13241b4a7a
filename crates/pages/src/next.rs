//! Where to go after signing in: a page of this site, never of another.
//!
//! The address comes from whoever made the link to the sign-in page, so it is foreign text.

use std::fmt;

use crate::door::Door;

/// Longest accepted address, in bytes.
pub const NEXT_BYTES_MAX: usize = 1024;

/// An address inside this site: path, and query or fragment if any. Printable ASCII without `\` and `//`,
/// so it can stand in a `Location` header and no reader of URLs takes it for another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

/// Why an address is not taken. The caller goes to the door's home instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLocal {
    /// Longer than [`NEXT_BYTES_MAX`].
    #[error("longer than {NEXT_BYTES_MAX} bytes")]
    TooLong,
    /// It does not begin with `/`: another scheme, another site, or relative to who knows what.
    #[error("does not begin with `/`")]
    NoSlash,
    /// `//` in the path, which at the beginning names a host.
    #[error("has `//` in its path")]
    DoubleSlash,
    /// A backslash (which browsers read as `/`), a control character, a space, or no ASCII.
    #[error("has a character that does not belong into an address")]
    Character,
    /// `.` or `..` as a part of the path, written plainly or as `%2e`.
    #[error("has `.` or `..` in its path")]
    Dots,
}

impl LocalPath {
    /// Takes an address as it is, or refuses it; nothing is decoded or repaired.
    ///
    /// # Errors
    /// The first of [`NotLocal`] that applies.
    pub fn parse(text: &str) -> Result<Self, NotLocal> {
        if text.len() > NEXT_BYTES_MAX {
            return Err(NotLocal::TooLong);
        }
        if !text.starts_with('/') {
            return Err(NotLocal::NoSlash);
        }
        // Browsers drop tabs and line ends wherever they stand, so `/\t/host` is `//host` to them.
        if !text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return Err(NotLocal::Character);
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        if path.contains("//") {
            return Err(NotLocal::DoubleSlash);
        }
        if path.split('/').any(is_dots) { Err(NotLocal::Dots) } else { Ok(Self(text.to_owned())) }
    }

    /// The address that was asked for, or the door's home when there is none or it is refused.
    #[must_use]
    pub fn or_home(text: Option<&str>, door: Door) -> Self {
        text.and_then(|text| Self::parse(text).ok()).unwrap_or_else(|| Self::home(door))
    }

    /// The first page of an application.
    #[must_use]
    pub fn home(door: Door) -> Self {
        Self(door.to("/"))
    }

    /// The address as it goes into a link, a hidden field or a `Location` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `.` and `..`, which readers of URLs take away, and whose dots may be escaped.
fn is_dots(part: &str) -> bool {
    let plain = part.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages_of_this_site_are_taken_as_they_are() {
        for text in [
            "/",
            "/me",
            "/store/me?tab=tokens#made",
            "/users?q=a%20b&next=//x",
            "/a:b",
            "/...",
            "/.well-known",
            "/%2f%2fhost",
        ] {
            assert_eq!(LocalPath::parse(text).map(|path| path.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn the_known_tricks_are_refused() {
        let tricks = [
            ("", NotLocal::NoSlash),
            ("me", NotLocal::NoSlash),
            ("https://evil.example/", NotLocal::NoSlash),
            ("HTTPS:evil.example", NotLocal::NoSlash),
            ("javascript:alert(1)", NotLocal::NoSlash),
            ("data:text/html,x", NotLocal::NoSlash),
            (" /me", NotLocal::NoSlash),
            ("\t//evil.example", NotLocal::NoSlash),
            ("\u{feff}/me", NotLocal::NoSlash),
            ("\\\\evil.example", NotLocal::NoSlash),
            ("%2f%2fevil.example", NotLocal::NoSlash),
            ("?next=/", NotLocal::NoSlash),
            ("@evil.example", NotLocal::NoSlash),
            ("//evil.example", NotLocal::DoubleSlash),
            ("///evil.example", NotLocal::DoubleSlash),
            ("//evil.example@host/", NotLocal::DoubleSlash),
            ("/me//evil.example", NotLocal::DoubleSlash),
            ("/\\evil.example", NotLocal::Character),
            ("/\\/evil.example", NotLocal::Character),
            ("/me?\\", NotLocal::Character),
            ("/\t/evil.example", NotLocal::Character),
            ("/\n/evil.example", NotLocal::Character),
            ("/\r\nSet-Cookie: a=b", NotLocal::Character),
            ("/me\0", NotLocal::Character),
            ("/me\u{7f}", NotLocal::Character),
            ("/ /evil.example", NotLocal::Character),
            ("/\u{ff0f}evil.example", NotLocal::Character),
            ("/\u{2028}/evil.example", NotLocal::Character),
            ("/\u{202e}em", NotLocal::Character),
            ("/.//evil.example", NotLocal::DoubleSlash),
            ("/./evil.example", NotLocal::Dots),
            ("/../evil.example", NotLocal::Dots),
            ("/a/%2E%2e/b", NotLocal::Dots),
            ("/a/.%2e?x", NotLocal::Dots),
            ("/..", NotLocal::Dots),
        ];
        for (text, why) in tricks {
            assert_eq!(LocalPath::parse(text), Err(why), "{text:?}");
            assert_eq!(LocalPath::or_home(Some(text), Door::StoreApp).as_str(), "/store/", "{text:?}");
        }
    }

    #[test]
    fn the_bound_holds_on_both_sides() {
        let long = format!("/{}", "a".repeat(NEXT_BYTES_MAX - 1));
        assert!(LocalPath::parse(&long).is_ok());
        assert_eq!(LocalPath::parse(&format!("{long}a")), Err(NotLocal::TooLong));
    }

    #[test]
    fn without_an_address_one_goes_home() {
        assert_eq!(LocalPath::or_home(None, Door::Omc).as_str(), "/");
        assert_eq!(LocalPath::or_home(Some("/me"), Door::Omc).as_str(), "/me");
    }

    proptest! {
        #[test]
        fn what_is_taken_can_stand_in_a_header_and_names_no_host(text in "[/\\\\.%2eE:@?#a \t\n\u{e9}-]{0,24}") {
            if let Ok(path) = LocalPath::parse(&text) {
                let path = path.as_str();
                prop_assert!(path.bytes().all(|b| b.is_ascii_graphic()));
                prop_assert!(path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\"));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = LocalPath::or_home(Some(&text), Door::Omc);
        }
    }
}
