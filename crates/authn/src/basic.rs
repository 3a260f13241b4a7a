//! HTTP Basic: the value of an `Authorization` header (RFC 7617), parsed.

use crate::limits::Limits;
use access::{Login, NameError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A login and a password, as sent. Nothing is known yet about whether they are right.
///
/// The login may be written `account/login`, to say whose it is where there are several accounts.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    account: Option<String>,
    login: Login,
    password: String,
}

/// Why a header holds no credentials. Nothing of the header is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BasicError {
    /// Longer than [`BasicCredentials::HEADER_BYTES_MAX`].
    #[error("the Authorization header has {given} bytes, more than the {max} allowed", max = BasicCredentials::HEADER_BYTES_MAX)]
    TooLong {
        /// Bytes given.
        given: usize,
    },
    /// Another scheme, or none.
    #[error("the Authorization header is not of the scheme Basic: expected `Basic`, a blank and base64")]
    OtherScheme,
    /// What follows the scheme is no base64.
    #[error("what follows `Basic` is no base64 with its padding")]
    NotBase64,
    /// The bytes are no UTF-8.
    #[error("the login and password are not written in UTF-8")]
    NotUtf8,
    /// No colon.
    #[error("there is no colon between login and password")]
    NoColon,
    /// A slash with nothing before it.
    #[error("the account before the `/` of the login is empty")]
    EmptyAccount,
    /// The login can be nobody's.
    #[error("the login can be nobody's: it is not empty, has {max} bytes at most, no white space, no `/`, and does not look like an id", max = Login::LEN_MAX)]
    Login,
}

impl From<NameError> for BasicError {
    /// The login is not repeated: people type their password there.
    fn from(_: NameError) -> Self {
        BasicError::Login
    }
}

impl BasicCredentials {
    /// Longest accepted header value, in bytes: room for the longest account, login and password.
    pub const HEADER_BYTES_MAX: usize = 2048;

    /// Reads the value of an `Authorization` header. The scheme is compared without case; the login ends
    /// at the first colon, the password has all the others.
    ///
    /// # Errors
    /// Which part is missing or malformed.
    pub fn parse(header: impl AsRef<[u8]>) -> Result<Self, BasicError> {
        let header = header.as_ref();
        if header.len() > Self::HEADER_BYTES_MAX {
            return Err(BasicError::TooLong { given: header.len() });
        }
        let (scheme, rest) = header.split_at_checked(5).ok_or(BasicError::OtherScheme)?;
        if !scheme.eq_ignore_ascii_case(b"basic") || !rest.starts_with(b" ") {
            return Err(BasicError::OtherScheme);
        }
        let bytes = STANDARD.decode(rest.trim_ascii()).map_err(|_| BasicError::NotBase64)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| BasicError::NotUtf8)?;
        let (who, password) = text.split_once(':').ok_or(BasicError::NoColon)?;
        Self::new(who, password)
    }

    /// A login, which may be written `account/login`, and a password, from wherever they came.
    ///
    /// # Errors
    /// A login that can be nobody's, or more than any login and password have.
    pub fn new(who: &str, password: &str) -> Result<Self, BasicError> {
        let given = who.len() + password.len();
        if given > Self::HEADER_BYTES_MAX {
            return Err(BasicError::TooLong { given });
        }
        // A ref may have a slash, a login has none.
        let (account, login) = match who.rsplit_once('/') {
            Some(("", _)) => return Err(BasicError::EmptyAccount),
            Some((account, login)) => (Some(account.to_owned()), login),
            None => (None, who),
        };
        Ok(Self { account, login: Login::parse(login)?, password: password.to_owned() })
    }

    /// The account that the login names: its ref or id, not looked up yet.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The login, in lower case.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// What stands for the password where tries are counted.
    #[must_use]
    pub fn code(&self, limits: &Limits) -> u64 {
        limits.code(&self.password)
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    #[cfg(test)]
    pub(crate) fn of(login: &str, password: &str) -> Self {
        let header = format!("Basic {}", STANDARD.encode(format!("{login}:{password}")));
        Self::parse(header).unwrap()
    }
}

impl std::fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BasicCredentials")
            .field("account", &self.account)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(header: &str) -> Result<(Option<String>, String, String), BasicError> {
        BasicCredentials::parse(header).map(|c| (c.account.clone(), c.login.to_string(), c.password.clone()))
    }

    fn encoded(text: &[u8]) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn three(account: Option<&str>, login: &str, password: &str) -> (Option<String>, String, String) {
        (account.map(str::to_owned), login.to_owned(), password.to_owned())
    }

    #[test]
    fn the_examples_of_rfc_7617() {
        assert_eq!(parsed("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), Ok(three(None, "aladdin", "open sesame")));
        assert_eq!(parsed("Basic dGVzdDoxMjPCow=="), Ok(three(None, "test", "123£")));
    }

    #[test]
    fn the_scheme_is_compared_without_case_and_may_be_followed_by_several_blanks() {
        for scheme in ["Basic ", "basic ", "BASIC   ", "bAsIc "] {
            let header = format!("{scheme}QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
            assert_eq!(parsed(&header), Ok(three(None, "aladdin", "open sesame")), "{header}");
        }
    }

    #[test]
    fn the_login_ends_at_the_first_colon_and_the_password_keeps_the_others() {
        assert_eq!(parsed(&encoded(b"ada@a.example:a:b:")), Ok(three(None, "ada@a.example", "a:b:")));
        assert_eq!(parsed(&encoded(b"ADA@a.example:")), Ok(three(None, "ada@a.example", "")));
        assert_eq!(parsed(&encoded(b"ada@a.example: p ")), Ok(three(None, "ada@a.example", " p ")));
    }

    #[test]
    fn a_login_may_name_its_account() {
        assert_eq!(parsed(&encoded(b"us/ada:p/q")), Ok(three(Some("us"), "ada", "p/q")));
        assert_eq!(parsed(&encoded(b"us/east/ada:p")), Ok(three(Some("us/east"), "ada", "p")));
        assert_eq!(parsed(&encoded(b"/ada:p")), Err(BasicError::EmptyAccount));
        assert_eq!(parsed(&encoded(b"us/:p")), Err(BasicError::Login));
    }

    #[test]
    fn what_is_malformed_is_told_apart() {
        for header in ["", "Basic", "Basi QTpi", "BasicQTpi", "Bearer QTpi", "Basic\tQTpi"] {
            assert_eq!(parsed(header), Err(BasicError::OtherScheme), "{header}");
        }
        for header in ["Basic QWxh!", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", "Basic QTpi QTpi", "Basic Q-_i"] {
            assert_eq!(parsed(header), Err(BasicError::NotBase64), "{header}");
        }
        assert_eq!(parsed(&encoded(b"ada:\xff\xfe")), Err(BasicError::NotUtf8));
        assert_eq!(parsed("Basic "), Err(BasicError::NoColon));
        assert_eq!(parsed(&encoded(b"ada")), Err(BasicError::NoColon));
        for login in ["", "a b", "usr_12", "a\u{0}b", &"x".repeat(255)] {
            assert_eq!(parsed(&encoded(format!("{login}:p").as_bytes())), Err(BasicError::Login), "{login}");
        }
    }

    #[test]
    fn the_header_is_bounded_and_has_room_for_the_longest() {
        let longest = format!("{}/{}:{}", "a".repeat(128), "l".repeat(254), "𝕡".repeat(128));
        assert!(parsed(&encoded(longest.as_bytes())).is_ok());
        let given = BasicCredentials::HEADER_BYTES_MAX + 1;
        assert_eq!(parsed(&"B".repeat(given)), Err(BasicError::TooLong { given }));
    }

    #[test]
    fn neither_debug_nor_a_refusal_shows_a_password() {
        let credentials = BasicCredentials::of("us/ada", "hunter2-and-more");
        let shown = format!("{credentials:?}");
        assert!(shown.contains("ada") && !shown.contains("hunter2"), "{shown}");
        let refusal = parsed(&encoded(b"hunter2 and more:ada")).unwrap_err();
        assert!(!format!("{refusal} {refusal:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let _ = BasicCredentials::parse(&bytes);
        }

        #[test]
        fn no_decoded_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..1600)) {
            let _ = BasicCredentials::parse(encoded(&bytes));
        }

        #[test]
        fn what_was_sent_is_read(
            account in proptest::option::of("[a-z/]{0,9}[a-z]"), login in "[a-z0-9.@]{1,40}", password in "\\PC{0,128}",
        ) {
            let who = account.iter().fold(login.clone(), |login, account| format!("{account}/{login}"));
            let read = parsed(&encoded(format!("{who}:{password}").as_bytes()));
            prop_assert_eq!(read, Ok((account, login, password)));
        }
    }
}
