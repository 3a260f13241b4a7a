//! `POST /oauth/token`: a password or a refresh token for a pair of tokens (RFC 6749, sections 4.3 and 6), as clients of
//! Fluent call it: parameters in the query, in a form, or in both.

use crate::App;
use crate::caller::{self, Visit, tried};
use crate::form::Form;
use crate::limits::ADDRESS_BYTES_MAX;
use crate::refusal::{BASIC, Refusal};
use crate::{body, shown};
use access::Number;
use authn::{BasicCredentials, Secret};
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use service::{ClientSecret, Fault, IssuedPair, ServiceError, Visitor, Way};

/// RFC 6749, section 5.1, and the retailer as Fluent's clients read it.
#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    token_type: &'static str,
    refresh_token: &'a str,
    expires_in: i64,
    scope: &'static str,
    #[serde(rename = "Retailer_id")]
    retailer_id: Option<String>,
}

/// RFC 6749, section 5.2.
#[derive(Debug)]
struct Wrong {
    error: &'static str,
    status: StatusCode,
    detail: String,
    retry_after_s: Option<u32>,
}

/// The only scope: what a token may do follows from its user's grants.
const SCOPE: &str = "api";

impl Wrong {
    fn new(error: &'static str, detail: impl Into<String>) -> Self {
        Self { error, status: StatusCode::BAD_REQUEST, detail: detail.into(), retry_after_s: None }
    }

    fn client(detail: &str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", detail) }
    }

    /// Of a service that was shown a grant; `what` says which grant was wrong.
    fn of(error: &ServiceError, what: &str) -> Self {
        let told = caller::refusal(error);
        let name = match (error, error.fault()) {
            (ServiceError::BadClient, _) => return Self::client(&told.detail),
            (ServiceError::Unauthenticated, _) => return Self::new("invalid_grant", what),
            (_, Fault::Unauthenticated | Fault::Forbidden) => return Self::new("invalid_grant", told.detail),
            (_, Fault::TooMany { .. } | Fault::Busy { .. } | Fault::Unavailable) => "temporarily_unavailable",
            (_, Fault::Internal | Fault::Provider | Fault::ProviderSlow) => "server_error",
            (_, Fault::Invalid | Fault::NotFound | Fault::Conflict) => "invalid_request",
        };
        Self { error: name, ..Self::from(told) }
    }

    fn respond(self) -> Response<Body> {
        let body = serde_json::json!({ "error": self.error, "error_description": plain(&self.detail) });
        let mut response = uncached((self.status, Json(body)).into_response());
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(BASIC));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// In the characters that section 5.2 allows.
fn plain(detail: &str) -> String {
    let plain = |c: char| match c {
        ' '..='~' if c != '"' && c != '\\' => c,
        _ => '\'',
    };
    detail.chars().map(plain).collect()
}

impl From<Refusal> for Wrong {
    fn from(told: Refusal) -> Self {
        let Refusal { status, detail, retry_after_s } = told;
        Self { error: "invalid_request", status, detail, retry_after_s }
    }
}

fn uncached(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

pub(crate) async fn token(State(app): State<App>, Visit(visitor): Visit, request: Request) -> Response<Body> {
    match pair(&app, &visitor, request).await {
        Ok(pair) => {
            let body = TokenBody {
                access_token: pair.access.secret.reveal(),
                token_type: "bearer",
                refresh_token: pair.refresh.reveal(),
                expires_in: pair.expires_in_s,
                scope: SCOPE,
                retailer_id: pair.retailer.map(|id| id.number().to_string()),
            };
            uncached(Json(body).into_response())
        }
        Err(wrong) => wrong.respond(),
    }
}

async fn pair(app: &App, visitor: &Visitor, request: Request) -> Result<IssuedPair, Wrong> {
    let (parts, body) = request.into_parts();
    let bytes = body::form(&parts.headers, body).await?;
    let query = parts.uri.query().unwrap_or_default();
    let form = Form::read(&[query.as_bytes(), &bytes])?;
    if form.get("scope").is_some_and(|scope| !scope.is_empty() && scope != SCOPE) {
        return Err(Wrong::new("invalid_scope", "the only scope is api"));
    }
    let grant = form.need("grant_type")?.to_owned();
    let client = client(&parts.headers, &form)?;
    match grant.as_str() {
        "password" => {
            let account = shown::account(&parts.headers).map_err(|e| Wrong::of(&e, ""))?;
            by_password(app, visitor, &form, account, client).await
        }
        "refresh_token" => by_refresh(app, visitor, &form, &client),
        _ => Err(Wrong::new("unsupported_grant_type", "grant_type is password or refresh_token")),
    }
}

/// What a client says of itself.
struct Client {
    id: String,
    secret: String,
}

async fn by_password(
    app: &App,
    visitor: &Visitor,
    form: &Form,
    account: Option<&str>,
    client: Client,
) -> Result<IssuedPair, Wrong> {
    const WHAT: &str = "the username or the password is wrong, or the user may not sign in";
    let (username, password) = (form.need("username")?, form.need("password")?);
    // A login that can be nobody's is a wrong one.
    let credentials = BasicCredentials::new(username, password);
    let credentials = credentials.map_err(|_| Wrong::new("invalid_grant", WHAT))?;
    let from = visitor.clone();
    let opened = tried(app, credentials, account, visitor, Way::OAuth, move |service, knock| {
        service.open_for_client(knock, &ClientSecret { id: &client.id, secret: &client.secret }, &from)
    });
    opened.await.map_err(|error| Wrong::of(&error, WHAT))
}

fn by_refresh(app: &App, visitor: &Visitor, form: &Form, client: &Client) -> Result<IssuedPair, Wrong> {
    const WHAT: &str = "the refresh token was used, is over, never was, or is of another client";
    let secret = Secret::parse(form.need("refresh_token")?);
    let secret = secret.map_err(|_| Wrong::new("invalid_grant", WHAT))?;
    let client = ClientSecret { id: &client.id, secret: &client.secret };
    App::blocking(|| app.service().refresh(&secret, &client, visitor)).map_err(|e| Wrong::of(&e, WHAT))
}

/// The client, from the parameters or from `Authorization: Basic`: one of the two (RFC 6749, section 2.3).
fn client(headers: &HeaderMap, form: &Form) -> Result<Client, Wrong> {
    let header = shown::single(headers, AUTHORIZATION.as_str()).map_err(|e| Wrong::of(&e, ""))?;
    let (id, secret) = (form.get("client_id"), form.get("client_secret"));
    match (header, id, secret) {
        (Some(header), id, None) => {
            let client = of_header(shown::text(header)).ok_or_else(|| {
                Wrong::client("Authorization holds no client: send Basic with client id and secret")
            })?;
            match id {
                Some(id) if id != client.id => Err(twice()),
                _ => Ok(client),
            }
        }
        (Some(_), _, Some(_)) => Err(twice()),
        (None, Some(id), Some(secret)) => Ok(Client { id: id.to_owned(), secret: secret.to_owned() }),
        (None, _, _) => Err(Wrong::client("client_id and client_secret are missing")),
    }
}

fn twice() -> Wrong {
    Wrong::new("invalid_request", "the client is named twice: in Authorization or in parameters, not in both")
}

/// Both parts are written like the values of a form.
fn of_header(value: &str) -> Option<Client> {
    let (scheme, rest) = value.split_at_checked("basic ".len())?;
    if !scheme.eq_ignore_ascii_case("basic ") || rest.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim_ascii()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(Client { id: decoded(id), secret: decoded(secret) })
}

fn decoded(text: &str) -> String {
    // Written like the value of a form it has neither of these, and a reader of forms would split it there.
    if text.contains(['&', '=']) {
        return text.to_owned();
    }
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_in_the_header_is_written_like_a_form() {
        let read =
            |text: &str| of_header(&format!("bAsic {}", STANDARD.encode(text))).map(|c| (c.id, c.secret));
        let both = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(read("shop%20one:se%3Acret"), both("shop one", "se:cret"));
        assert_eq!(read("a&b:c=d"), both("a&b", "c=d"));
        assert_eq!(read(":"), both("", ""));
        assert_eq!(read("none"), None);
        for wrong in ["", "Basic", "Basic !", "Bearer YTpi", "Basic /w=="] {
            assert!(of_header(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_description_has_the_characters_that_it_may_have() {
        assert_eq!(plain("no `x` \"é\" \\ \n"), "no `x` ''' ' '");
    }
}
