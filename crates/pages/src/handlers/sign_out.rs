//! Signing out, here and where somebody was vouched for.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use service::ServiceError;

use crate::answer::{Answer, page, see_other, with_cookie};
use crate::call::Call;
use crate::cookies;
use crate::paths;
use crate::session::{blocking, slowly};
use crate::views::sign_in::SignedOut;

/// How long a provider may take to say where its own session ends, in milliseconds. Ours ends whatever it says.
const PROVIDER_MS_MAX: u64 = 3_000;

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let forget = cookies::clear(call.session_cookie(call.door));
    if call.some_session().is_none() {
        call.leave(call.door)?;
        return Ok(with_cookie(see_other(&call.door.to(paths::SIGNED_OUT)), &forget));
    }
    // A task of its own: a browser that goes away meanwhile has asked for this all the same.
    let inside = call.clone();
    let left = tokio::spawn(async move { leave(inside).await }).await;
    let elsewhere = left.unwrap_or_else(|error| Err(ServiceError::Internal(error.to_string())))?;
    let provider = call.session()?.provider.as_ref();
    let targets: Vec<_> = provider.and_then(|provider| provider.origin.clone()).into_iter().collect();
    let answer = match (elsewhere, provider) {
        (Some(url), _) => {
            super::sso::onward(&call, url, &targets, "You are signed out here. Sign out there, too.")
        }
        (None, None) => see_other(&call.door.to(paths::SIGNED_OUT)),
        (None, Some(provider)) => {
            let mut frame = call.frame();
            frame.person = None;
            let name = Some(provider.name.clone());
            page(StatusCode::OK, &SignedOut { frame, provider: name, everywhere: false })
        }
    };
    Ok(with_cookie(answer, &forget))
}

/// Ends the session; tells where the provider's own is ended, which is asked first: it is not known afterwards.
async fn leave(call: Arc<Call>) -> Result<Option<String>, ServiceError> {
    let Some(session) = call.some_session() else { return Ok(None) };
    let mut elsewhere = None;
    if session.provider.is_some() {
        let inside = call.clone();
        let asked = slowly(move || {
            let back = inside.site.to(&inside.door.to(paths::SIGNED_OUT));
            match inside.some_session() {
                Some(session) => inside.service.provider_logout_url(&session.who, &back),
                None => Ok(None),
            }
        });
        elsewhere = match tokio::time::timeout(Duration::from_millis(PROVIDER_MS_MAX), asked).await {
            Ok(Ok(url)) => url,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a provider does not say where its session ends");
                None
            }
            Err(_) => None,
        };
    }
    blocking(|| call.service.sign_out(&session.who, &call.visitor))?;
    Ok(elsewhere)
}

pub(crate) async fn signed_out(call: Arc<Call>) -> Answer {
    Ok(page(StatusCode::OK, &SignedOut { frame: call.frame(), provider: None, everywhere: false }))
}
