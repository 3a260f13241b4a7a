//! Names and values as a query or a form has them: `application/x-www-form-urlencoded`.

use crate::limits::FIELDS_MAX;
use crate::refusal::Refusal;
use axum::http::Uri;
use std::borrow::Cow;

/// The parameter that a token may be in, whatever else is asked.
pub(crate) const TOKEN: &str = "token";

/// Names with their values, each once. No `Debug`: a value may be a password.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads pieces of text that are one form together.
    ///
    /// # Errors
    /// A name that is there twice, what is no UTF-8, too many fields.
    pub(crate) fn read(pieces: &[&[u8]]) -> Result<Self, Refusal> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in pieces.iter().flat_map(|piece| form_urlencoded::parse(piece)) {
            // What is no UTF-8 is replaced by the reader. Nothing here is named or kept with that character.
            if name.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(Refusal::invalid("a parameter is not written in UTF-8"));
            }
            if fields.iter().any(|(other, _)| *other == name) {
                return Err(Refusal::invalid(format!("the parameter `{}` is there twice", short(&name))));
            }
            if fields.len() == FIELDS_MAX {
                return Err(Refusal::invalid(format!("there are more than {FIELDS_MAX} parameters")));
            }
            fields.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(fields))
    }

    /// The parameters of a query, but for the token, which says who asks and not what.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub(crate) fn of_query(uri: &Uri) -> Result<Self, Refusal> {
        let mut form = Self::read(&[uri.query().unwrap_or_default().as_bytes()])?;
        form.0.retain(|(name, _)| name != TOKEN);
        Ok(form)
    }

    /// The value of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The value of that name, which must be there.
    ///
    /// # Errors
    /// It is not, or is empty.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Refusal> {
        let found = self.get(name).filter(|value| !value.is_empty());
        found.ok_or_else(|| Refusal::invalid(format!("the parameter `{name}` is missing")))
    }

    /// All of them.
    pub(crate) fn into_fields(self) -> Vec<(String, String)> {
        self.0
    }
}

/// Refuses a query where there is nothing to ask: a parameter that does nothing may be one that was meant to.
pub(crate) fn nothing_asked(uri: &Uri) -> Result<(), Refusal> {
    match Form::of_query(uri)?.0.first() {
        None => Ok(()),
        Some((name, _)) => {
            let detail = format!("there is no parameter `{}`: this address has none", short(name));
            Err(Refusal::invalid(detail))
        }
    }
}

/// The token in a query; nothing is allocated unless it is written with escapes.
///
/// # Errors
/// It is there twice.
pub(crate) fn token_of(query: &str) -> Result<Option<Cow<'_, str>>, Refusal> {
    let mut found = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == TOKEN && found.replace(value).is_some() {
            return Err(Refusal::invalid("the parameter `token` is there twice"));
        }
    }
    Ok(found)
}

/// A text of the caller's, to be repeated in a sentence.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_in_all_pieces() {
        let form = Form::read(&[b"a=1&b=%20x+y", b"c=%C3%A9&d"]).ok().unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1"), Some(" x y"), Some("é")));
        assert_eq!((form.get("d"), form.get("e")), (Some(""), None));
        assert!(form.need("d").is_err() && form.need("a").is_ok());
        for wrong in [[&b"a=1"[..], &b"a=1"[..]], [b"a=1&%61=2", b""], [b"a=%ff", b""], [b"", b"\xff=1"]] {
            assert!(Form::read(&wrong).is_err(), "{wrong:?}");
        }
        assert!(Form::read(&[&vec![b'&'; 1000]]).is_ok());
        let many: String = (0..=FIELDS_MAX).map(|n| format!("a{n}=&")).collect();
        assert!(Form::read(&[many.as_bytes()]).is_err());
    }

    #[test]
    fn a_token_in_a_query_is_found_however_its_name_is_written() {
        assert_eq!(token_of("limit=1&token=x").unwrap().as_deref(), Some("x"));
        assert_eq!(token_of("%74oken=%78").unwrap().as_deref(), Some("x"));
        assert_eq!(token_of("Token=x&tokens=y").unwrap(), None);
        assert!(token_of("token=x&token=x").is_err());
        let uri: Uri = "/a?token=x".parse().unwrap();
        assert!(nothing_asked(&uri).is_ok());
        assert!(nothing_asked(&"/a?x".parse().unwrap()).is_err());
    }
}
