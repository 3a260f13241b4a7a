//! Bodies of requests: of the content type that is expected, bounded, whole.
//!
//! AuthZEN wants 400 for every body that cannot be used, where a usual extractor answers 415 or 422.

use crate::limits::{BODY_BYTES_MAX, BODY_S_MAX, SMALL_BODY_BYTES_MAX};
use crate::refusal::Refusal;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use std::pin::Pin;
use std::time::Duration;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The bytes of a body that says it is JSON.
pub(crate) async fn json(request: Request) -> Result<Vec<u8>, Refusal> {
    let (parts, body) = request.into_parts();
    is_of(&parts.headers, JSON)?;
    let bytes = whole(&parts.headers, body, BODY_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Err(Refusal::invalid("the body is empty: send a JSON object"));
    }
    Ok(bytes)
}

/// The object in a short JSON body.
pub(crate) async fn object<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    let (parts, body) = request.into_parts();
    let found = perhaps_object(&parts.headers, body).await?;
    found.ok_or_else(|| Refusal::invalid("the body is empty: send a JSON object"))
}

/// The object in a short JSON body; none when there is no body.
pub(crate) async fn perhaps_object<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<Option<T>, Refusal> {
    let bytes = whole(headers, body, SMALL_BODY_BYTES_MAX).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    is_of(headers, JSON)?;
    // A sentence of the reader's may repeat a value, and a value may be a password: only its place is told.
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Data => {
                "has a member that is missing, unknown, twice or of a wrong type"
            }
            _ => "is no JSON object",
        };
        Refusal::invalid(format!("the body {what}, at line {line}, column {column}"))
    })
}

/// The bytes of a short body that says it is a form; none when there is no body.
pub(crate) async fn form(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let bytes = whole(headers, body, SMALL_BODY_BYTES_MAX).await?;
    if !bytes.is_empty() {
        is_of(headers, FORM)?;
    }
    Ok(bytes)
}

fn is_of(headers: &HeaderMap, expected: &str) -> Result<(), Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let media_type = given.and_then(|text| text.split(';').next()).map(str::trim);
    match media_type {
        Some(kind) if kind.eq_ignore_ascii_case(expected) => Ok(()),
        Some(kind) => {
            let kind: String = kind.chars().take(80).collect();
            Err(Refusal::invalid(format!("the Content-Type is `{kind}`: send {expected}")))
        }
        None => Err(Refusal::invalid(format!("the Content-Type is missing: send {expected}"))),
    }
}

async fn whole(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let announced = announced(headers);
    if announced > bytes_max {
        return Err(too_large(bytes_max));
    }
    let read = tokio::time::timeout(Duration::from_secs(BODY_S_MAX), read(body, announced, bytes_max));
    read.await.map_err(|_| {
        let detail = format!("the body did not arrive within {BODY_S_MAX} seconds");
        Refusal::new(StatusCode::REQUEST_TIMEOUT, detail)
    })?
}

/// The length that the caller says; 0 for one who does not.
fn announced(headers: &HeaderMap) -> usize {
    let text = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    text.and_then(|t| t.parse().ok()).unwrap_or(0)
}

async fn read(mut body: Body, announced: usize, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| Refusal::invalid("the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn too_large(bytes_max: usize) -> Refusal {
    let hint = if bytes_max == BODY_BYTES_MAX { ": ask in several requests" } else { "" };
    let detail = format!("the body has more than {bytes_max} bytes{hint}");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}
