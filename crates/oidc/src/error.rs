//! Why a single sign-on did not work: one text for the person, another for the log.

/// Randomness could not be had; nothing was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no randomness from the system")]
pub struct NoEntropy;

/// Why a step of a single sign-on was not taken. `Display` is for the log; [`SsoError::sentence`] is for the
/// person. Neither holds a code, a token or a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// No answer could be had: no such host, no connection, bad certificate, status 5xx.
    #[error("the identity provider is down: {what}")]
    Down {
        /// What was tried and what came of it.
        what: String,
    },
    /// The answer did not come within the time allowed.
    #[error("the identity provider is slow: {what}")]
    Slow {
        /// What was tried.
        what: String,
    },
    /// The address must not be called, by the rules of the [`crate::HttpClient`]; nothing was sent there.
    #[error("the identity provider may not be called: {what}")]
    Forbidden {
        /// Which rule the address breaks.
        what: String,
    },
    /// What the provider, or somebody in its name, said is not true or not allowed.
    #[error("the identity provider's word is refused: {what}")]
    Lying {
        /// Which rule is broken, and by what.
        what: String,
    },
    /// The provider itself said no.
    #[error("the identity provider refused: {code}")]
    Refused {
        /// The error code of OAuth 2.0, such as `access_denied`; only `a-z0-9_.-`, at most 64 bytes.
        code: String,
    },
    /// The answer does not belong to the sign-in that this browser began.
    #[error("the answer belongs to another sign-in: its state differs")]
    WrongState,
    /// The provider does not say who the person is in the claim that was agreed on.
    #[error("the ID token does not name the user: {what}")]
    Nameless {
        /// The claim, and what is wrong with it.
        what: String,
    },
    /// This side of the agreement with the provider cannot be kept.
    #[error("the identity provider and its configuration here do not fit: {what}")]
    Unfit {
        /// What is configured and what would be right.
        what: String,
    },
    /// There is no randomness on this machine.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

impl SsoError {
    /// What to tell the person who tried to sign in: what to do next, and nothing from inside.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::Down { .. } | Self::Slow { .. } => {
                "The identity provider does not answer. Try again in a few minutes."
            }
            Self::Refused { code } if code == "access_denied" => {
                "The identity provider did not let you sign in. Try again, or ask your administrator."
            }
            Self::Refused { .. } | Self::WrongState => {
                "This sign-in is no longer valid. Start again from the sign-in page."
            }
            Self::Nameless { .. } => {
                "The identity provider did not say who you are. Ask your administrator to check what it sends."
            }
            Self::Lying { .. } | Self::Forbidden { .. } | Self::Unfit { .. } => {
                "The answer of the identity provider was not accepted. Ask your administrator to check its settings."
            }
            Self::NoEntropy(_) => "Signing in is not possible at the moment. Try again in a few minutes.",
        }
    }

    pub(crate) fn lying(what: impl Into<String>) -> Self {
        Self::Lying { what: what.into() }
    }
}

/// Longest text of others that is quoted, in characters.
const QUOTE_CHARS_MAX: usize = 80;

/// Text of others, fit for a log line: printable ASCII, bounded, in backticks.
pub(crate) fn quoted(text: &str) -> String {
    let clean = |c: char| if c.is_ascii_graphic() && c != '`' || c == ' ' { c } else { '?' };
    let short: String = text.chars().take(QUOTE_CHARS_MAX).map(clean).collect();
    let more = if text.chars().nth(QUOTE_CHARS_MAX).is_some() { "..." } else { "" };
    format!("`{short}{more}`")
}

/// Longest error code that is taken over, in bytes.
const CODE_BYTES_MAX: usize = 64;

/// An error code of OAuth 2.0 with everything taken out that none of its codes has.
pub(crate) fn clean_code(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '-');
    let code: String = text.chars().filter(fits).take(CODE_BYTES_MAX).collect();
    if code.is_empty() { "unnamed_error".to_owned() } else { code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_bounded_and_printable() {
        assert_eq!(quoted("a\nb`c\u{202e}"), "`a?b?c?`");
        assert_eq!(quoted(&"x".repeat(500)).len(), QUOTE_CHARS_MAX + "``...".len());
    }

    #[test]
    fn an_error_code_is_bounded_and_clean() {
        assert_eq!(clean_code("access_denied"), "access_denied");
        assert_eq!(clean_code("<script>\n"), "script");
        assert_eq!(clean_code("\u{1F600}"), "unnamed_error");
        assert_eq!(clean_code(&"a".repeat(100)).len(), CODE_BYTES_MAX);
    }
}
