//! The answer with which the browser comes back (OpenID Connect Core 1.0, 3.1.2.5; RFC 9207).

use std::borrow::Cow;
use std::fmt;

use crate::error::{SsoError, clean_code, quoted};
use crate::metadata::Metadata;

/// The fields of the query of a redirect URI. Unverified: anybody can send a browser there.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback<'a> {
    /// Which sign-in it belongs to; the key under which the caller keeps its `Pending`.
    pub state: Cow<'a, str>,
    /// The code to spend, or the provider's refusal.
    pub answer: Result<Cow<'a, str>, Cow<'a, str>>,
    /// Who answers, by its own word.
    pub iss: Option<Cow<'a, str>>,
}

/// Why a query is no answer of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Longer than [`Callback::QUERY_BYTES_MAX`].
    #[error("the answer is longer than {} bytes", Callback::QUERY_BYTES_MAX)]
    Long,
    /// A field that decides something stands there twice.
    #[error("the answer has `{0}` twice")]
    Twice(&'static str),
    /// There is no state.
    #[error("the answer has no `state`")]
    NoState,
    /// Neither a code nor an error, or both.
    #[error("the answer must have either `code` or `error`")]
    NoAnswer,
}

impl<'a> Callback<'a> {
    /// Longest accepted query, in bytes.
    pub const QUERY_BYTES_MAX: usize = 16 * 1024;

    /// Reads the query of a redirect URI, without its question mark. Fields that are not known are passed over.
    ///
    /// # Errors
    ///
    /// What is missing, doubled or too long.
    pub fn parse(query: &'a str) -> Result<Self, CallbackError> {
        if query.len() > Self::QUERY_BYTES_MAX {
            return Err(CallbackError::Long);
        }
        let mut state = None;
        let mut code = None;
        let mut error = None;
        let mut iss = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (name, place) = match &*name {
                "state" => ("state", &mut state),
                "code" => ("code", &mut code),
                "error" => ("error", &mut error),
                "iss" => ("iss", &mut iss),
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(CallbackError::Twice(name));
            }
        }
        let filled = |text: &Cow<'_, str>| !text.is_empty();
        let answer = match (code.filter(filled), error.filter(filled)) {
            (Some(code), None) => Ok(code),
            (None, Some(error)) => Err(error),
            _ => return Err(CallbackError::NoAnswer),
        };
        Ok(Self { state: state.filter(filled).ok_or(CallbackError::NoState)?, answer, iss })
    }

    /// The code, where the answer comes from `issuer` and is no refusal.
    pub(crate) fn code(&self, issuer: &str, metadata: &Metadata) -> Result<&str, SsoError> {
        match &self.iss {
            Some(iss) if iss != issuer => {
                return Err(SsoError::lying(format!(
                    "the answer comes from {} instead of `{issuer}`",
                    quoted(iss)
                )));
            }
            None if metadata.names_issuer => {
                return Err(SsoError::lying("the answer lacks `iss`, which the provider says it always has"));
            }
            _ => {}
        }
        self.answer.as_deref().map_err(|error| SsoError::Refused { code: clean_code(error) })
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.answer.is_ok() { "Callback(code)" } else { "Callback(error)" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_and_a_refusal_are_told_apart() {
        let callback =
            Callback::parse("code=a%2Bb&state=s&iss=https%3A%2F%2Fi&session_state=x").expect("an answer");
        assert_eq!((callback.answer, &*callback.state), (Ok("a+b".into()), "s"));
        assert_eq!(callback.iss.as_deref(), Some("https://i"));
        let callback =
            Callback::parse("state=s&error=access_denied&error_description=no").expect("an answer");
        assert_eq!(callback.answer, Err("access_denied".into()));
    }

    #[test]
    fn a_field_that_stands_there_twice_is_refused() {
        for name in ["state", "code", "error", "iss"] {
            let query = format!("state=s&code=c&{name}=1&{name}=1");
            assert_eq!(Callback::parse(&query), Err(CallbackError::Twice(name)));
        }
    }

    #[test]
    fn what_is_missing_contradictory_or_long_is_refused() {
        for (query, error) in [
            ("", CallbackError::NoAnswer),
            ("state=s", CallbackError::NoAnswer),
            ("state=s&code=", CallbackError::NoAnswer),
            ("state=s&code=c&error=e", CallbackError::NoAnswer),
            ("code=c", CallbackError::NoState),
            ("code=c&state=", CallbackError::NoState),
        ] {
            assert_eq!(Callback::parse(query), Err(error), "{query}");
        }
        let long = format!("state=s&code={}", "x".repeat(Callback::QUERY_BYTES_MAX));
        assert_eq!(Callback::parse(&long), Err(CallbackError::Long));
    }

    #[test]
    fn a_code_is_not_printed() {
        let callback = Callback::parse("state=hidden1&code=hidden2").expect("an answer");
        assert!(!format!("{callback:?}").contains("hidden"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}", value in "\\PC{0,60}") {
            let _ = Callback::parse(&text);
            let _ = Callback::parse(&format!("state={value}&code={text}"));
        }
    }
}
