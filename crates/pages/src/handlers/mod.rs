//! What the pages do: one file for a page or a verb. A handler is reached through [`crate::call`] alone.

pub(crate) mod audit;
pub(crate) mod explain;
pub(crate) mod home;
pub(crate) mod link;
pub(crate) mod me;
pub(crate) mod names;
pub(crate) mod password;
pub(crate) mod place;
pub(crate) mod profile;
pub(crate) mod role_edit;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sso;
pub(crate) mod tokens;
pub(crate) mod user;
pub(crate) mod user_acts;
pub(crate) mod user_grants;
pub(crate) mod user_new;
pub(crate) mod users;
pub(crate) mod users_bulk;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};

use crate::assets::asset;

/// A file that pages load. An old name is no name: its content is gone.
pub(crate) fn file(path: &str) -> Response<Body> {
    let Some(found) = asset(path) else {
        let mut response = Response::new(Body::from("there is no such file\n"));
        *response.status_mut() = StatusCode::NOT_FOUND;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        return response;
    };
    let mut response = Response::new(Body::from(found.bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(found.content_type));
    if found.immutable {
        let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
        response.headers_mut().insert(CACHE_CONTROL, keep);
    }
    response
}
