//! What the token endpoint answers (RFC 6749, 5; OpenID Connect Core 1.0, 3.1.3.3).

use std::fmt;

use serde::Deserialize;

use crate::error::{SsoError, clean_code};
use crate::json::object;

/// The tokens of an answer. `Debug` shows nothing of them.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenAnswer {
    pub(crate) id_token: String,
    pub(crate) access_token: Option<String>,
}

#[derive(Deserialize)]
struct Granted {
    id_token: Option<String>,
    access_token: Option<String>,
    token_type: Option<String>,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
}

impl TokenAnswer {
    /// Reads the answer with `status`.
    ///
    /// # Errors
    ///
    /// [`SsoError::Refused`] where the provider says no in the form of the specification, else
    /// [`SsoError::Lying`].
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, SsoError> {
        match status {
            200 => granted(body),
            400..500 => Err(denied(status, body)),
            _ => Err(SsoError::lying(format!("the token endpoint answers {status}"))),
        }
    }
}

fn granted(body: &[u8]) -> Result<TokenAnswer, SsoError> {
    let granted: Granted =
        object(body).ok_or_else(|| SsoError::lying("the token endpoint's answer is no JSON object"))?;
    if !granted.token_type.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(SsoError::lying("the token endpoint's answer has not the token_type `Bearer`"));
    }
    let id_token =
        granted.id_token.ok_or_else(|| SsoError::lying("the token endpoint's answer has no ID token"))?;
    Ok(TokenAnswer { id_token, access_token: granted.access_token })
}

fn denied(status: u16, body: &[u8]) -> SsoError {
    match object::<Denied>(body) {
        Some(denied) => SsoError::Refused { code: clean_code(&denied.error) },
        None => SsoError::lying(format!("the token endpoint answers {status} without an error code")),
    }
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenAnswer(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_and_refusals_are_read() {
        let answer = TokenAnswer::parse(200, br#"{"id_token":"i","access_token":"a","token_type":"bearer"}"#);
        assert_eq!(answer, Ok(TokenAnswer { id_token: "i".to_owned(), access_token: Some("a".to_owned()) }));
        let answer = TokenAnswer::parse(400, br#"{"error":"invalid_grant","error_description":"code x"}"#);
        assert_eq!(answer, Err(SsoError::Refused { code: "invalid_grant".to_owned() }));
    }

    #[test]
    fn another_form_is_refused() {
        for (status, body) in [
            (200, r#"{"id_token":"i","access_token":"a"}"#),
            (200, r#"{"id_token":"i","access_token":"a","token_type":"mac"}"#),
            (200, r#"{"access_token":"a","token_type":"Bearer"}"#),
            (200, "[]"),
            (200, r#"{"error":"invalid_grant"}"#),
            (204, ""),
            (404, "<html>"),
        ] {
            assert!(
                matches!(TokenAnswer::parse(status, body.as_bytes()), Err(SsoError::Lying { .. })),
                "{body}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(status in 100_u16..600, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = TokenAnswer::parse(status, &bytes);
        }
    }
}
