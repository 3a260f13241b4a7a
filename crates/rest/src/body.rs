//! Bodies of requests: JSON by their content type, bounded, whole.
//!
//! AuthZEN wants 400 for every body that cannot be used, where a usual extractor answers 415 or 422.

use crate::limits::{BODY_BYTES_MAX, BODY_S_MAX};
use crate::refusal::Refusal;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use std::pin::Pin;
use std::time::Duration;

/// The bytes of a body that says it is JSON.
pub(crate) async fn json(request: Request) -> Result<Vec<u8>, Refusal> {
    let (parts, body) = request.into_parts();
    is_json(&parts.headers)?;
    let announced = announced(&parts.headers);
    if announced > BODY_BYTES_MAX {
        return Err(too_large());
    }
    let read = tokio::time::timeout(Duration::from_secs(BODY_S_MAX), read(body, announced));
    let bytes = read.await.map_err(|_| {
        Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body did not arrive within {BODY_S_MAX} seconds"),
        )
    })??;
    if bytes.is_empty() {
        return Err(Refusal::invalid("the body is empty: send a JSON object"));
    }
    Ok(bytes)
}

fn is_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let media_type = given.and_then(|text| text.split(';').next()).map(str::trim);
    match media_type {
        Some(kind) if kind.eq_ignore_ascii_case("application/json") => Ok(()),
        Some(kind) => {
            let kind: String = kind.chars().take(80).collect();
            Err(Refusal::invalid(format!("the Content-Type is `{kind}`: send application/json")))
        }
        None => Err(Refusal::invalid("the Content-Type is missing: send application/json")),
    }
}

/// The length that the caller says; 0 for one who does not.
fn announced(headers: &HeaderMap) -> usize {
    let text = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    text.and_then(|t| t.parse().ok()).unwrap_or(0)
}

async fn read(mut body: Body, announced: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Refusal::invalid("the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn too_large() -> Refusal {
    let detail = format!("the body has more than {BODY_BYTES_MAX} bytes: ask in several requests");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}
