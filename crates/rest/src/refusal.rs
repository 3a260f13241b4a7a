//! Refusals: the one mapping from what went wrong to HTTP, as a sentence or as a problem document.

use crate::limits::UNAVAILABLE_RETRY_S;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{Response, StatusCode};
use serde::Serialize;
use service::{Fault, ServiceError};

/// What is asked for by 401.
pub(crate) const BASIC: &str = r#"Basic realm="keyward", charset="UTF-8""#;
const BEARER: &str = r#"Bearer realm="keyward""#;

/// How a refusal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A sentence, as AuthZEN asks for.
    Sentence,
    /// An RFC 9457 problem document.
    Problem,
}

impl Style {
    /// The style of everything below a path.
    pub(crate) fn of(path: &str) -> Self {
        let problem = path.starts_with("/api/") || path.starts_with("/v2/");
        if problem { Style::Problem } else { Style::Sentence }
    }
}

/// Why a request was not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// For the caller: what is wrong, what was given, what would be right.
    pub(crate) detail: String,
    pub(crate) retry_after_s: Option<u32>,
}

/// The status of a fault.
pub(crate) fn status(fault: Fault) -> StatusCode {
    match fault {
        Fault::Invalid => StatusCode::BAD_REQUEST,
        Fault::Unauthenticated => StatusCode::UNAUTHORIZED,
        Fault::Forbidden => StatusCode::FORBIDDEN,
        Fault::NotFound => StatusCode::NOT_FOUND,
        Fault::Conflict => StatusCode::CONFLICT,
        Fault::Busy { .. } | Fault::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Fault::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Fault::Provider => StatusCode::BAD_GATEWAY,
        Fault::ProviderSlow => StatusCode::GATEWAY_TIMEOUT,
        Fault::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<&ServiceError> for Refusal {
    /// What is wrong inside is written to the log, not to the caller.
    fn from(error: &ServiceError) -> Self {
        let fault = error.fault();
        let detail = match (fault, error) {
            (Fault::Unavailable, _) => {
                tracing::warn!(%error, "a request could not be served");
                "the database cannot be used now: try again later".to_owned()
            }
            (Fault::Internal, ServiceError::Internal(inside)) => {
                tracing::error!(error = %inside, "a request failed");
                error.to_string()
            }
            _ => error.to_string(),
        };
        let retry_after_s = match fault {
            Fault::Busy { retry_after_s } | Fault::TooMany { retry_after_s } => Some(retry_after_s),
            Fault::Unavailable => Some(UNAVAILABLE_RETRY_S),
            _ => None,
        };
        Self { status: status(fault), detail, retry_after_s }
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self::from(&error)
    }
}

/// RFC 9457, section 3.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), retry_after_s: None }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn respond(self, style: Style) -> Response<Body> {
        let (kind, body) = match style {
            Style::Sentence => ("text/plain; charset=utf-8", format!("{}\n", self.detail).into_bytes()),
            Style::Problem => ("application/problem+json", self.problem()),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        if self.status == StatusCode::UNAUTHORIZED {
            for challenge in [BASIC, BEARER] {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }

    fn problem(&self) -> Vec<u8> {
        let problem = Problem {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        // Four texts and a number always become JSON.
        serde_json::to_vec(&problem).unwrap_or_default()
    }
}
