//! Who is calling: the one place from a request to a principal in the API.
//!
//! what is shown -> known already? -> known to the database? -> may the password be tried? -> wait -> verify
//!
//! **Invariant:** no password is hashed on a thread that other requests wait for.

use crate::App;
use crate::form::short;
use crate::refusal::{Refusal, Style};
use crate::shown::{self, Shown};
use access::Application;
use authn::{BasicCredentials, Principal, Secret};
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, Response, StatusCode, Uri};
use axum::middleware::Next;
use service::{Fault, Knock, Service, ServiceError, Visitor, Way};
use std::convert::Infallible;

/// The principal that a guarded route was entered with.
#[derive(Clone)]
pub(crate) struct Caller(pub(crate) Principal);

/// Where the request comes from, as whoever listens says.
pub(crate) struct Visit(pub(crate) Visitor);

/// Inside the process nobody says where a request comes from.
static NOWHERE: Visitor = Visitor { address: None, agent: String::new() };

/// Lets nobody past without a principal. Every route that is not public lies behind this.
pub(crate) async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Response<Body> {
    let head = Head::of(request.method(), request.uri(), request.headers(), request.extensions());
    let looked = head.look(&app, None);
    match looked.finish(&app).await {
        Ok(principal) => {
            request.extensions_mut().insert(Caller(principal));
            next.run(request).await
        }
        Err(error) => refusal(&error).respond(Style::of(request.uri().path())),
    }
}

/// What a stranger is told. Which accounts there are is not their business.
pub(crate) fn refusal(error: &ServiceError) -> Refusal {
    match error {
        ServiceError::Account(_) => Refusal::invalid(
            "name the account: in the header Keyward-Account, or before the login, as account/login",
        ),
        other => Refusal::from(other),
    }
}

/// The parts of a request that say who is calling.
pub(crate) struct Head<'r> {
    method: &'r Method,
    uri: &'r Uri,
    headers: &'r HeaderMap,
    visitor: &'r Visitor,
}

/// What a look at a request came to, without waiting for anything.
pub(crate) enum Looked {
    /// It is known who that is.
    Known(Principal),
    /// The database must be asked, or a password be hashed.
    Unknown { shown: Shown, account: Option<String>, visitor: Visitor },
    /// Nobody comes in by this.
    Refused(ServiceError),
}

impl<'r> Head<'r> {
    pub(crate) fn of(
        method: &'r Method,
        uri: &'r Uri,
        headers: &'r HeaderMap,
        extensions: &'r Extensions,
    ) -> Self {
        Self { method, uri, headers, visitor: extensions.get::<Visitor>().unwrap_or(&NOWHERE) }
    }

    /// Looks who is calling; `in_body` is a token that the body has.
    pub(crate) fn look(&self, app: &App, in_body: Option<&str>) -> Looked {
        self.try_look(app, in_body).unwrap_or_else(|error| {
            count(outcome(&error));
            Looked::Refused(error)
        })
    }

    fn try_look(&self, app: &App, in_body: Option<&str>) -> Result<Looked, ServiceError> {
        let account = shown::account(self.headers)?;
        let Some(shown) = Shown::of(self.headers, self.uri, in_body)? else {
            count("absent");
            return Ok(Looked::Refused(ServiceError::Unauthenticated));
        };
        self.comes_from_a_page_of_others()?;
        let known = match (&shown, account) {
            (Shown::Password(credentials), _) => {
                app.service().recall_basic(credentials, account, self.visitor)
            }
            (Shown::Token(secret), None) => {
                app.service().recall_token(secret, Application::Api, self.visitor)
            }
            // The token names its account; whether that is the one in the header may have to be looked up.
            (Shown::Token(_), Some(_)) => None,
        };
        Ok(match known {
            Some(principal) => {
                count("remembered");
                Looked::Known(principal)
            }
            None => {
                let (account, visitor) = (account.map(str::to_owned), self.visitor.clone());
                Looked::Unknown { shown, account, visitor }
            }
        })
    }

    /// A browser that was once asked for a password sends it along with whatever a page of somebody else's has it
    /// send. It says so too.
    fn comes_from_a_page_of_others(&self) -> Result<(), ServiceError> {
        if self.method.is_safe() {
            return Ok(());
        }
        match self.headers.get("sec-fetch-site").map(shown::text) {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => {
                Err(ServiceError::Forbidden("this comes from a page of another site: it does nothing".into()))
            }
        }
    }
}

impl Looked {
    /// The principal, after all that has to be waited for.
    pub(crate) async fn finish(self, app: &App) -> Result<Principal, ServiceError> {
        let (shown, account, visitor) = match self {
            Looked::Known(principal) => return Ok(principal),
            Looked::Refused(error) => return Err(error),
            Looked::Unknown { shown, account, visitor } => (shown, account, visitor),
        };
        let account = account.as_deref();
        let found = match shown {
            Shown::Password(credentials) => of_password(app, credentials, account, &visitor).await,
            Shown::Token(secret) => App::blocking(|| of_token(app.service(), &secret, account, &visitor)),
        };
        match found {
            Ok((principal, how)) => {
                count(how);
                Ok(principal)
            }
            Err(error) => {
                count(outcome(&error));
                Err(error)
            }
        }
    }
}

async fn of_password(
    app: &App,
    credentials: BasicCredentials,
    account: Option<&str>,
    visitor: &Visitor,
) -> Result<(Principal, &'static str), ServiceError> {
    if let Some(known) = App::blocking(|| app.service().remembered_basic(&credentials, account, visitor))? {
        return Ok((known, "remembered"));
    }
    let verified = tried(app, credentials, account, visitor, Way::Basic, Service::verify).await?;
    Ok((verified, "verified"))
}

fn of_token(
    service: &Service,
    secret: &Secret,
    account: Option<&str>,
    visitor: &Visitor,
) -> Result<(Principal, &'static str), ServiceError> {
    let principal = service.sign_in_token(secret, Application::Api, visitor)?;
    if account.is_some() && service.account_of_header(account).ok() != Some(principal.account()) {
        let why = "the header Keyward-Account names another account than the token: leave it out";
        return Err(ServiceError::Invalid(why.into()));
    }
    Ok((principal, "read"))
}

/// Tries a password: when it may be tried now, after the delay that this costs, and on a thread that may be slow.
///
/// # Errors
/// Those of [`Service::knock`] and of what is done then.
pub(crate) async fn tried<T: Send + 'static>(
    app: &App,
    credentials: BasicCredentials,
    account: Option<&str>,
    visitor: &Visitor,
    way: Way,
    then: impl FnOnce(&Service, Knock) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let knock = || app.service().knock(credentials, account, Application::Api, visitor, way);
    let knock = App::blocking(knock)?;
    let delay = knock.delay();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    app.slowly(move |service| then(service, knock)).await
}

fn outcome(error: &ServiceError) -> &'static str {
    match error.fault() {
        Fault::Unauthenticated => "refused",
        Fault::Forbidden => "not_allowed",
        Fault::Busy { .. } => "busy",
        Fault::TooMany { .. } => "too_many",
        _ => "failed",
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(crate::telemetry::SIGN_INS, "outcome" => outcome).increment(1);
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Response<Body>;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.remove::<Caller>().ok_or_else(|| {
            let path = short(parts.uri.path());
            tracing::error!(path, "a guarded handler was reached without a principal");
            let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "an internal error");
            refusal.respond(Style::of(parts.uri.path()))
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<Visitor>().unwrap_or(&NOWHERE).clone()))
    }
}
