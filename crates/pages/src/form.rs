//! What a form sends: `application/x-www-form-urlencoded`, from a body or from a query.

use std::fmt;

use access::PermissionName;
use access::catalogue::Permissions;

/// Longest accepted form, in bytes as sent.
///
/// The editor of a role sends the names of all permissions that are ticked: as many as there may be, of the greatest length.
pub const FORM_BYTES_MAX: usize = 128 * 1024;

/// Most fields of one form, those that are there twice counted twice.
///
/// The editor of a role has one for each permission, and some besides.
pub const FIELDS_MAX: usize = 2_048;

// Each permission is `&p=` and its name; the other fields have what is left.
const _: () = assert!(Permissions::COUNT_MAX < FIELDS_MAX);
const _: () =
    assert!(Permissions::COUNT_MAX * (PermissionName::LEN_MAX + 3) < FORM_BYTES_MAX / 2 + FORM_BYTES_MAX / 4);

/// The fields of a form in the order in which they were sent.
///
/// `Debug` shows names and never values: a form may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(String, String)>,
}

/// Why a form is not taken, or why it does not hold the field that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// It has `given` bytes.
    #[error("the form has {given} bytes, {FORM_BYTES_MAX} at most")]
    TooLong {
        /// Bytes as sent.
        given: usize,
    },
    /// It has more than [`FIELDS_MAX`] fields.
    #[error("the form has more than {FIELDS_MAX} fields")]
    TooManyFields,
    /// It holds bytes that are no UTF-8 once the `%` escapes are decoded.
    #[error("the form is not UTF-8")]
    NotUtf8,
    /// The field is not there.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// The field is there more than once, so that nobody can say which is meant.
    #[error("the field `{0}` is there more than once")]
    Twice(&'static str),
}

impl Form {
    /// A form without fields.
    #[must_use]
    pub const fn empty() -> Self {
        Self { fields: Vec::new() }
    }

    /// Reads a form. Empty pieces (`a=1&&b=2`) are skipped; a `%` without two hex digits stands for itself,
    /// as the URL Standard has it; anything else that is no UTF-8 is refused and never replaced, so that
    /// what is compared is what was typed.
    ///
    /// # Errors
    /// [`FormError::TooLong`], [`FormError::TooManyFields`], [`FormError::NotUtf8`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        if bytes.len() > FORM_BYTES_MAX {
            return Err(FormError::TooLong { given: bytes.len() });
        }
        // `&` and `=` are ASCII and end any UTF-8 sequence: the whole decodes iff every piece does.
        percent_encoding::percent_decode(bytes).decode_utf8().map_err(|_| FormError::NotUtf8)?;
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(bytes).into_owned().take(FIELDS_MAX + 1).collect();
        if fields.len() > FIELDS_MAX { Err(FormError::TooManyFields) } else { Ok(Self { fields }) }
    }

    /// The value of a field that must be there, once.
    ///
    /// # Errors
    /// [`FormError::Missing`], [`FormError::Twice`].
    pub fn one(&self, name: &'static str) -> Result<&str, FormError> {
        self.optional(name)?.ok_or(FormError::Missing(name))
    }

    /// The value of a field that may be left out, but not be there twice.
    ///
    /// # Errors
    /// [`FormError::Twice`].
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>, FormError> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() { Err(FormError::Twice(name)) } else { Ok(first) }
    }

    /// All fields but those of these names, in their order.
    #[must_use]
    pub(crate) fn without(&self, names: &[&str]) -> Vec<(&str, &str)> {
        let others = self.fields.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        others.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Every value of a field that may be there often, such as a list of boxes to tick.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_of_a_browser_is_read() {
        let form = Form::parse(b"login=bea%40acme.example&password=a+b%2Bc%26&next=%2Fme").unwrap();
        assert_eq!(form.one("login"), Ok("bea@acme.example"));
        assert_eq!(form.one("password"), Ok("a b+c&"));
        assert_eq!(form.optional("next"), Ok(Some("/me")));
        assert_eq!(form.optional("account"), Ok(None));
        assert_eq!(form.one("account"), Err(FormError::Missing("account")));
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused_even_with_one_value() {
        let form = Form::parse(b"csrf=a&csrf=a&box=1&box=2").unwrap();
        assert_eq!(form.one("csrf"), Err(FormError::Twice("csrf")));
        assert_eq!(form.optional("csrf"), Err(FormError::Twice("csrf")));
        assert_eq!(form.all("box").collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn the_bounds_hold_on_both_sides() {
        let long = |value: usize| format!("a={}", "x".repeat(value - 2));
        assert!(Form::parse(long(FORM_BYTES_MAX).as_bytes()).is_ok());
        let given = FORM_BYTES_MAX + 1;
        assert_eq!(Form::parse(long(given).as_bytes()), Err(FormError::TooLong { given }));
        assert!(Form::parse("a=1&".repeat(FIELDS_MAX).as_bytes()).is_ok());
        assert_eq!(Form::parse("a&".repeat(FIELDS_MAX + 1).as_bytes()), Err(FormError::TooManyFields));
    }

    #[test]
    fn what_is_no_utf8_is_refused_and_a_replacement_character_that_was_typed_is_not() {
        for bytes in [&b"a=%FF"[..], b"a=\xff", b"%C3=x", b"a=%C3&b=%A9", b"a=%ED%A0%80"] {
            assert_eq!(Form::parse(bytes), Err(FormError::NotUtf8), "{bytes:?}");
        }
        assert_eq!(Form::parse(b"a=%EF%BF%BD").unwrap().one("a"), Ok("\u{fffd}"));
    }

    #[test]
    fn debug_shows_no_value() {
        let form = Form::parse(b"password=hunter22").unwrap();
        assert_eq!(format!("{form:?}"), r#"["password"]"#);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(form) = Form::parse(&bytes) {
                prop_assert!(form.fields.len() <= FIELDS_MAX);
            }
        }

        #[test]
        fn what_a_browser_writes_comes_back(fields in proptest::collection::vec((".{0,20}", ".{0,20}"), 0..20)) {
            let sent = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            // A field without name and value is written as `=`, which is still a field.
            prop_assert_eq!(Form::parse(sent.as_bytes()), Ok(Form { fields }));
        }

        #[test]
        fn nothing_is_ever_replaced(text in "[a%&=+\u{e9}\u{20ac}0-9A-F]{0,60}") {
            if let Ok(form) = Form::parse(text.as_bytes()) {
                let replaced = form.fields.iter().any(|(k, v)| format!("{k}{v}").contains(char::REPLACEMENT_CHARACTER));
                prop_assert!(!replaced || text.contains("%EF%BF%BD"));
            }
        }
    }
}
