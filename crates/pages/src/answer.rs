//! Answers: a page, a redirect, a file; and the one mapping from what went wrong to a page.

use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use service::{Fault, ServiceError};

use crate::form::FormError;
use crate::headers::security_headers;
use crate::origin::Origin;
use crate::views::frame::Frame;
use crate::views::message::{Message, Trouble};
use crate::{LocalPath, Template};

/// What a handler answers.
pub(crate) type Answer = Result<Response<Body>, Fail>;

/// Why a request came to nothing.
#[derive(Debug)]
pub(crate) enum Fail {
    /// The service refused.
    Service(ServiceError),
    /// The request was none that is served.
    Trouble(Trouble),
}

impl From<ServiceError> for Fail {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl From<FormError> for Fail {
    fn from(error: FormError) -> Self {
        tracing::debug!(%error, "a form was not taken");
        Self::Trouble(match error {
            FormError::TooLong { .. } => Trouble::TooLarge { bytes_max: crate::form::FORM_BYTES_MAX },
            _ => Trouble::NotUnderstood,
        })
    }
}

/// Seconds to wait where nobody knows better.
const WAIT_S: u32 = 5;

/// A page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    match template.render() {
        Ok(html) => {
            *response.status_mut() = status;
            *response.body_mut() = Body::from(html);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        }
        Err(error) => {
            tracing::error!(%error, "a page was not rendered");
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
    }
    response
}

/// [`page`], with a form whose answer may lead to these sites besides this one.
pub(crate) fn page_towards(
    status: StatusCode,
    template: &impl Template,
    form_targets: &[Origin],
) -> Response<Body> {
    let mut response = page(status, template);
    let [(_, policy), ..] = security_headers(form_targets);
    put(&mut response, CONTENT_SECURITY_POLICY, &policy);
    response
}

/// The same answer, where the provider of whoever is signed in may be led to: its own session ends there, after ours.
pub(crate) fn allowing(mut response: Response<Body>, form_target: &Origin) -> Response<Body> {
    if !response.headers().contains_key(CONTENT_SECURITY_POLICY) {
        let [(_, policy), ..] = security_headers(std::slice::from_ref(form_target));
        put(&mut response, CONTENT_SECURITY_POLICY, &policy);
    }
    response
}

/// 303: look there, whatever was sent here.
pub(crate) fn see_other(to: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    put(&mut response, LOCATION, to);
    response
}

/// The same answer with a cookie.
pub(crate) fn with_cookie(mut response: Response<Body>, cookie: &str) -> Response<Body> {
    match HeaderValue::from_str(cookie) {
        Ok(cookie) => drop(response.headers_mut().append(SET_COOKIE, cookie)),
        Err(error) => tracing::error!(%error, "a cookie was not set"),
    }
    response
}

/// The same answer with a time to wait.
pub(crate) fn with_retry(mut response: Response<Body>, after_s: Option<u32>) -> Response<Body> {
    if let Some(after_s) = after_s {
        put(&mut response, RETRY_AFTER, &after_s.to_string());
    }
    response
}

fn put(response: &mut Response<Body>, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => drop(response.headers_mut().insert(name, value)),
        Err(error) => {
            tracing::error!(%error, %name, "a header was not written");
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        }
    }
}

/// The page of a trouble.
pub(crate) fn trouble(frame: Frame, trouble: &Trouble) -> Response<Body> {
    message(&Message::of(frame, trouble))
}

/// A page that says what happened.
pub(crate) fn message(message: &Message) -> Response<Body> {
    let status = StatusCode::from_u16(message.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    with_retry(page(status, message), message.retry_after_s)
}

/// A page with words of its own, where none of the troubles fits. It leads to where one was.
pub(crate) fn said(
    frame: Frame,
    status: StatusCode,
    heading: &str,
    sentence: String,
    advice: &str,
) -> Message {
    let mut message = Message::of(frame, &Trouble::NotFound);
    message.status = status.as_u16();
    heading.clone_into(&mut message.heading);
    message.sentence = sentence;
    advice.clone_into(&mut message.advice);
    message
}

/// The status of a fault.
pub(crate) fn status(fault: Fault) -> StatusCode {
    match fault {
        Fault::Invalid => StatusCode::BAD_REQUEST,
        Fault::Unauthenticated => StatusCode::UNAUTHORIZED,
        Fault::Forbidden => StatusCode::FORBIDDEN,
        Fault::NotFound => StatusCode::NOT_FOUND,
        Fault::Conflict => StatusCode::CONFLICT,
        Fault::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Fault::Provider => StatusCode::BAD_GATEWAY,
        Fault::ProviderSlow => StatusCode::GATEWAY_TIMEOUT,
        Fault::Busy { .. } | Fault::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Fault::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// When to try again.
pub(crate) fn wait_s(fault: Fault) -> Option<u32> {
    match fault {
        Fault::Busy { retry_after_s } | Fault::TooMany { retry_after_s } => Some(retry_after_s),
        Fault::Unavailable => Some(WAIT_S),
        _ => None,
    }
}

/// The page of an error of the service. What is wrong inside is written to the log, not to the page.
///
/// `givers` are people who could give what is missing.
pub(crate) fn failed(frame: Frame, error: &ServiceError, givers: &[String]) -> Response<Body> {
    let fault = error.fault();
    let wait_s = wait_s(fault).unwrap_or(WAIT_S);
    let ask = match givers {
        [] => "Ask whoever manages your users.".to_owned(),
        some => format!("Who can give it: {}, or whoever manages your users.", some.join(", ")),
    };
    let words = match fault {
        Fault::NotFound => return trouble(frame, &Trouble::NotFound),
        Fault::TooMany { .. } => return trouble(frame, &Trouble::TooMany { wait_s }),
        Fault::Busy { .. } => return trouble(frame, &Trouble::Unavailable { wait_s }),
        Fault::Unavailable => {
            tracing::warn!(%error, "a page could not be served");
            return trouble(frame, &Trouble::Unavailable { wait_s });
        }
        Fault::Internal => {
            if let ServiceError::Internal(inside) = error {
                tracing::error!(error = %inside, "a page failed");
            }
            ("Something went wrong", "Look whether it was done before you repeat it.")
        }
        Fault::Forbidden => ("You may not do this", ask.as_str()),
        Fault::Conflict => ("This does not fit what is there now", "Open the page again and look."),
        _ => ("This was not understood", "Open the page again and repeat what you did."),
    };
    let (heading, advice) = words;
    message(&said(frame, status(fault), heading, sentence(error), advice))
}

/// What an error says, or another text without a capital and an end, as a sentence of a page.
pub(crate) fn sentence(said: &impl ToString) -> String {
    let text = said.to_string();
    let mut chars = text.chars();
    let capital: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{capital}{}{end}", chars.as_str())
}

/// A link back to a page, on a message.
pub(crate) fn leading(mut message: Message, back: &str, back_text: &'static str) -> Message {
    message.back = LocalPath::or_home(Some(back), message.frame.door);
    message.back_text = back_text;
    message
}
