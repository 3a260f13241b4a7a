//! Names: permission names, role keys, logins, refs and labels.

use super::ids::looks_like_id;
use serde::{Deserialize, Serialize};

/// Why a text is not the name it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("the {what} is empty")]
    Empty {
        /// What should have been named.
        what: &'static str,
    },
    /// It is longer than the column that keeps it.
    #[error("the {what} has {given} bytes, more than the {max} allowed")]
    TooLong {
        /// What should have been named.
        what: &'static str,
        /// Bytes given.
        given: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// It does not have the form that is asked for.
    #[error("`{given}` is no {what}: {rule}")]
    Form {
        /// What should have been named.
        what: &'static str,
        /// The text given, shortened.
        given: String,
        /// The form asked for.
        rule: &'static str,
    },
}

fn form(what: &'static str, given: &str, rule: &'static str) -> NameError {
    NameError::Form { what, given: given.chars().take(80).collect(), rule }
}

fn bounded(what: &'static str, text: &str, max: usize) -> Result<(), NameError> {
    match text.len() {
        0 => Err(NameError::Empty { what }),
        given if given > max => Err(NameError::TooLong { what, given, max }),
        _ => Ok(()),
    }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Longest accepted text, in bytes; also the width of its column.
            pub const LEN_MAX: usize = $max;

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name_type! {
    /// The name of a permission: `NOUN_VERB`, such as `ORDER_UPDATE`.
    PermissionName, "permission name", 64
}
name_type! {
    /// The key of a role, its identity in files and on every wire: `client_admin`, `STORE`, `night_shift`.
    RoleKey, "role key", 64
}
name_type! {
    /// What somebody types to sign in. Kept in lower case, never changes, stays reserved after removal.
    Login, "login", 254
}
name_type! {
    /// The customer's own key of a thing: `STORE-12`, `Northeast`.
    Ref, "ref", 128
}
name_type! {
    /// A name for people to read: of a person, a role, a store.
    Label, "name", 200
}
name_type! {
    /// A word of a configuration, such as an address or the name of a claim.
    Setting, "setting", 500
}
name_type! {
    /// The name of a time zone, as IANA's database has it: `Europe/Paris`, `Etc/GMT+1`.
    ///
    /// There is no calendar here: whoever lets a name in from outside looks whether the zone is known.
    TimeZoneName, "time zone", 64
}

impl PermissionName {
    /// A name of the form `NOUN_VERB`.
    ///
    /// # Errors
    /// Anything but capital letters and digits with one underscore between noun and verb.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const RULE: &str = "it is NOUN_VERB: capital letters and digits, one underscore between noun and verb, such as ORDER_VIEW";
        bounded("permission name", text, Self::LEN_MAX)?;
        let word = |w: &str| {
            w.starts_with(|c: char| c.is_ascii_uppercase())
                && w.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        match text.split_once('_') {
            Some((noun, verb)) if word(noun) && word(verb) => Ok(Self(text.into())),
            _ => Err(form("permission name", text, RULE)),
        }
    }

    /// Whether the permission is one of viewing, which opens shared reference data.
    #[must_use]
    pub fn is_view(&self) -> bool {
        self.0.ends_with("_VIEW")
    }
}

impl RoleKey {
    /// A key of letters, digits, `_`, `-` and `.`.
    ///
    /// # Errors
    /// Anything else, or a text that looks like an id.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const RULE: &str = "it begins with a letter and has letters, digits, `_`, `-` and `.` only";
        bounded("role key", text, Self::LEN_MAX)?;
        let right = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
            && !looks_like_id(text);
        if right { Ok(Self(text.into())) } else { Err(form("role key", text, RULE)) }
    }
}

impl Login {
    /// A login in lower case.
    ///
    /// # Errors
    /// White space, control characters, `/` or `:` (they part an account from a login, and a login
    /// from a password), a text that looks like an id.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const RULE: &str = "no white space, no `/` or `:`, nothing that looks like an id";
        let lower = text.to_lowercase();
        bounded("login", &lower, Self::LEN_MAX)?;
        let wrong = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | ':');
        if lower.contains(wrong) || looks_like_id(&lower) {
            return Err(form("login", text, RULE));
        }
        Ok(Self(lower.into()))
    }

    /// Whether the login is an e-mail address, as access to the OMC asks.
    ///
    /// One `@` with something before it and a dotted name after it; no mail is sent to find out more.
    #[must_use]
    pub fn is_email(&self) -> bool {
        is_email(&self.0)
    }
}

/// Whether a text has the form of an e-mail address.
pub(crate) fn is_email(text: &str) -> bool {
    match text.split_once('@') {
        Some((user, host)) => {
            !user.is_empty()
                && !host.contains('@')
                && host.contains('.')
                && host
                    .split('.')
                    .all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'))
        }
        None => false,
    }
}

impl Ref {
    /// A customer's own key.
    ///
    /// # Errors
    /// White space at an end, control characters, a text that looks like an id.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const RULE: &str = "no white space at its ends, no control characters, nothing that looks like an id";
        bounded("ref", text, Self::LEN_MAX)?;
        if text.trim() != text || text.contains(char::is_control) || looks_like_id(text) {
            return Err(form("ref", text, RULE));
        }
        Ok(Self(text.into()))
    }
}

impl Setting {
    /// A word without white space.
    ///
    /// # Errors
    /// White space or control characters.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const RULE: &str = "no white space, no control characters";
        bounded("setting", text, Self::LEN_MAX)?;
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(form("setting", text, RULE));
        }
        Ok(Self(text.into()))
    }
}

impl TimeZoneName {
    /// A name of the form that IANA gives to time zones.
    ///
    /// # Errors
    /// Anything but ASCII letters, digits, `_`, `+`, `-` and `/`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const RULE: &str = "it has letters, digits, `_`, `+`, `-` and `/` only, such as Europe/Paris";
        bounded("time zone", text, Self::LEN_MAX)?;
        let right = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-' | b'/');
        if text.bytes().all(right) { Ok(Self(text.into())) } else { Err(form("time zone", text, RULE)) }
    }
}

impl Label {
    /// A name for people.
    ///
    /// # Errors
    /// White space at an end, control characters, or one of those that [turn](Self::turns_text) the text.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        const RULE: &str = "no white space at its ends, no control characters";
        const TURNS: &str = "no characters that turn the direction of text (U+202A to U+202E, U+2066 to U+2069): leave them out";
        bounded("name", text, Self::LEN_MAX)?;
        if text.contains(Self::turns_text) {
            // Shown without turning what is written around it.
            return Err(form("name", &text.replace(Self::turns_text, "\u{fffd}"), TURNS));
        }
        if text.trim() != text || text.contains(char::is_control) {
            return Err(form("name", text, RULE));
        }
        Ok(Self(text.into()))
    }

    /// Whether a character embeds, overrides or isolates a direction of writing: with it a name reads as another one,
    /// and turns what a page or a log shows beside it. Names in scripts that are written from right to left need none:
    /// their letters have a direction.
    #[must_use]
    pub fn turns_text(c: char) -> bool {
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_noun_and_verb() {
        assert!(PermissionName::parse("ORDER_VIEW").unwrap().is_view());
        for wrong in
            ["", "ORDER", "order_view", "ORDER_", "_VIEW", "ORDER_VIEW_ALL", "ORDER VIEW", "1ORDER_VIEW"]
        {
            assert!(PermissionName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_login_is_kept_in_lower_case_and_never_looks_like_an_id() {
        assert_eq!(Login::parse("Ann@Shop.Example").unwrap().as_str(), "ann@shop.example");
        for wrong in ["", "a b", "a/b", "a:b", "usr_12", "USR_12", "a\u{7}b"] {
            assert!(Login::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_label_does_not_turn_the_text_around_it() {
        for c in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            for text in [format!("{c}nimda"), format!("Ann{c}nimda"), format!("Ann{c}")] {
                let refused = Label::parse(&text).unwrap_err().to_string();
                assert!(refused.contains("U+202E") && refused.contains("name"), "{refused}");
                assert!(!refused.contains(Label::turns_text), "{refused:?}");
                assert!(Label::try_from(text).is_err());
            }
        }
        // Letters that are written from right to left, and the marks between them, stay.
        for text in [
            "\u{5d7}\u{5e0}\u{5d4}",
            "\u{645}\u{62a}\u{62c}\u{631} 12",
            "a\u{200f}b",
            "A\u{2065}B",
            "\u{2029}",
        ] {
            assert_eq!(Label::parse(text).is_ok(), text.trim() == text, "{text:?}");
        }
    }

    #[test]
    fn a_time_zone_has_the_form_of_its_name() {
        let longest = "x".repeat(TimeZoneName::LEN_MAX);
        for right in ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+12", &longest] {
            assert_eq!(TimeZoneName::parse(right).unwrap().as_str(), right);
        }
        let too_long = format!("{longest}x");
        for wrong in ["", "Europe Paris", "Europe/Par\u{ed}s", "+05:30", "a\nb", "a.b", &too_long] {
            assert!(TimeZoneName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_email_has_a_name_and_a_dotted_host() {
        let email = |t: &str| Login::parse(t).unwrap().is_email();
        assert!(email("ann@shop.example"));
        for wrong in ["ann", "@shop.example", "ann@", "ann@shop", "ann@shop..example", "a@b@c.example"] {
            assert!(!email(wrong), "{wrong}");
        }
    }
}
