//! What the pages do: one file for a page or a verb. A handler is reached through [`crate::call`] alone.

mod agents;
pub(crate) mod audit;
mod audit_kinds;
mod audit_told;
pub(crate) mod effective;
pub(crate) mod explain;
pub(crate) mod grant_form;
pub(crate) mod home;
pub(crate) mod link;
pub(crate) mod me;
pub(crate) mod password;
pub(crate) mod place;
mod places;
pub(crate) mod preview;
pub(crate) mod profile;
pub(crate) mod role_edit;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sso;
pub(crate) mod store_choice;
pub(crate) mod store_user_new;
pub(crate) mod suggest;
pub(crate) mod tokens;
pub(crate) mod user;
pub(crate) mod user_access;
pub(crate) mod user_acts;
pub(crate) mod user_grants;
pub(crate) mod user_new;
pub(crate) mod users;
pub(crate) mod users_bulk;

use access::Application;
use access::reach::Reach;
use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use service::{Fault, OfficePage, Seen, ServiceError};

use crate::answer::Fail;
use crate::assets::asset;
use crate::call::Call;
use crate::session::blocking;
use crate::views::message::Trouble;

/// Values and titles of the choices of a field, out of what each stands for.
pub(crate) fn choices<T>(all: &[(&str, &str, T)]) -> Vec<(String, String)> {
    all.iter().map(|(value, title, _)| ((*value).to_owned(), (*title).to_owned())).collect()
}

/// What whoever asks may be told of by its name.
pub(crate) fn reach(call: &Call, seen: &Seen) -> Result<Reach, Fail> {
    Ok(Reach::of(&seen.on, call.session()?.who.subject(), seen.now))
}

/// What the service answers where "may not" is an answer. That it cannot tell is none: nobody is shown less for that.
pub(crate) fn where_allowed<T>(answer: Result<T, ServiceError>) -> Result<Option<T>, Fail> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if matches!(
                error.fault(),
                Fault::Forbidden | Fault::NotFound | Fault::Conflict | Fault::Invalid
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(Fail::Service(error)),
    }
}

/// Whether whoever is signed in may read a page.
pub(crate) fn may_read(call: &Call, page: OfficePage) -> Result<bool, Fail> {
    let who = &call.session()?.who;
    Ok(where_allowed(blocking(|| call.service.read_page(who, page)))?.is_some())
}

/// The applications as choices of a field, behind the one of none.
pub(crate) fn applications(none: &str) -> Vec<(String, String)> {
    let each = Application::ALL.map(|own| (own.name().to_owned(), me::title(own).to_owned()));
    std::iter::once((String::new(), none.to_owned())).chain(each).collect()
}

/// The application that such a choice names; none for the one of none.
pub(crate) fn application(name: &str) -> Result<Option<Application>, Fail> {
    match name {
        "" => Ok(None),
        name => Application::parse(name).map(Some).map_err(|_| Fail::Trouble(Trouble::NotUnderstood)),
    }
}

/// A file that pages load, compressed for whoever takes that. An old name is no name: its content is gone.
pub(crate) fn file(path: &str, asked: &HeaderMap) -> Response<Body> {
    let Some(found) = asset(path) else {
        let mut response = Response::new(Body::from("there is no such file\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        return response;
    };
    let gzip = found.gzip.filter(|_| crate::headers::takes_gzip(asked.get_all(ACCEPT_ENCODING)));
    let mut response = Response::new(Body::from(gzip.unwrap_or(found.bytes)));
    if gzip.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(found.content_type));
    if found.immutable {
        let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(CACHE_CONTROL, keep);
    }
    response
}
