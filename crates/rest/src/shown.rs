//! What a request shows of who is calling: one credential, in one of the places where clients put it.
//!
//! | place | what |
//! | --- | --- |
//! | `Authorization: Basic` | login and password |
//! | `Auth-User` and `Auth-Password` | the same, from older clients of OneStock |
//! | `Authorization: Bearer`, the header `token`, the parameter `token` | an access token or a long-duration token |
//! | the member `token` of the body, below `/v2` | the same |

use crate::form;
use authn::{BasicCredentials, Secret, SecretKind};
use axum::http::header::{AUTHORIZATION, HeaderValue};
use axum::http::{HeaderMap, Uri};
use service::ServiceError;

/// The header that names the account.
const ACCOUNT: &str = "keyward-account";
const AUTH_USER: &str = "auth-user";
const AUTH_PASSWORD: &str = "auth-password";

/// A credential, well-formed. Nothing is known yet about whether it opens anything.
pub(crate) enum Shown {
    /// A login and a password.
    Password(BasicCredentials),
    /// An access token or a long-duration token.
    Token(Secret),
}

impl Shown {
    /// What a request shows; none when it shows nothing.
    ///
    /// # Errors
    /// More than one credential, as others on the way may have believed the other one; one that can open nothing.
    pub(crate) fn of(
        headers: &HeaderMap,
        uri: &Uri,
        in_body: Option<&str>,
    ) -> Result<Option<Self>, ServiceError> {
        let authorization = single(headers, AUTHORIZATION.as_str())?.map(text);
        let user = single(headers, AUTH_USER)?.map(text);
        let password = single(headers, AUTH_PASSWORD)?.map(text);
        let header = single(headers, form::TOKEN)?.map(text);
        let query = match uri.query() {
            Some(query) => form::token_of(query).map_err(|r| ServiceError::Invalid(r.detail))?,
            None => None,
        };
        let old = (user.is_some() || password.is_some()).then_some((user, password));
        let places =
            [authorization.is_some(), old.is_some(), header.is_some(), query.is_some(), in_body.is_some()];
        if places.into_iter().filter(|there| *there).count() > 1 {
            return Err(ServiceError::Invalid(
                "the request has several credentials: send one of Authorization, Auth-User with Auth-Password, token"
                    .into(),
            ));
        }
        let token = header.or(query.as_deref()).or(in_body);
        match (authorization, old, token) {
            (Some(authorization), _, _) => of_authorization(authorization).map(Some),
            (_, Some((Some(user), Some(password))), _) => {
                let credentials = BasicCredentials::new(user, password);
                credentials.map(|c| Some(Shown::Password(c))).map_err(|_| ServiceError::Unauthenticated)
            }
            (_, Some(_), _) => Err(ServiceError::Unauthenticated),
            (_, _, Some(token)) => of_token(token).map(Some),
            _ => Ok(None),
        }
    }
}

fn of_authorization(value: &str) -> Result<Shown, ServiceError> {
    let scheme = "bearer ";
    match value.split_at_checked(scheme.len()) {
        Some((given, rest)) if given.eq_ignore_ascii_case(scheme) => of_token(rest.trim_ascii()),
        _ => BasicCredentials::parse(value).map(Shown::Password).map_err(|_| ServiceError::Unauthenticated),
    }
}

/// Sessions are for pages, links and refresh tokens are shown elsewhere: here they open nothing.
fn of_token(text: &str) -> Result<Shown, ServiceError> {
    let secret = Secret::parse(text).map_err(|_| ServiceError::Unauthenticated)?;
    match secret.kind() {
        SecretKind::Access | SecretKind::LongDuration => Ok(Shown::Token(secret)),
        _ => Err(ServiceError::Unauthenticated),
    }
}

/// The account that a request names.
///
/// # Errors
/// It names one twice.
pub(crate) fn account(headers: &HeaderMap) -> Result<Option<&str>, ServiceError> {
    Ok(single(headers, ACCOUNT)?.map(text).filter(|name| !name.is_empty()))
}

/// What is no text names no account and opens nothing, but it is not the same as nothing.
pub(crate) fn text(value: &HeaderValue) -> &str {
    std::str::from_utf8(value.as_bytes()).unwrap_or("\u{fffd}")
}

/// A header that says who is calling. One that is there twice says two things, and others on the way may have
/// believed the other one.
pub(crate) fn single<'h>(
    headers: &'h HeaderMap,
    name: &'static str,
) -> Result<Option<&'h HeaderValue>, ServiceError> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (_, Some(_)) => Err(ServiceError::Invalid(format!("the header {name} is there twice: send it once"))),
        (found, None) => Ok(found),
    }
}
