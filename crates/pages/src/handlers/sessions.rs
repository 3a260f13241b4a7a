//! Ending one's sessions: one, or all with everything else.

use std::sync::Arc;

use access::TokenId;
use axum::http::StatusCode;
use service::{Out, ServiceError};

use super::me;
use crate::answer::{Answer, Fail, page, see_other, with_cookie};
use crate::call::Call;
use crate::cookies;
use crate::paths;
use crate::session::blocking;
use crate::views::confirm::Confirm;
use crate::views::message::Trouble;
use crate::views::sign_in::SignedOut;

/// The id of a session or token that a form or an address names. What is no id is no session either.
pub(crate) fn token_id(text: &str) -> Result<TokenId, Fail> {
    TokenId::parse(text).map_err(|_| Fail::Trouble(Trouble::NotFound))
}

pub(crate) async fn end(call: Arc<Call>) -> Answer {
    let id = token_id(call.form.one("session")?)?;
    let session = call.session()?;
    if session.who.token() == Some(id) {
        return super::sign_out::submit(call).await;
    }
    let user = session.who.user().ok_or(Fail::Trouble(Trouble::NotFound))?;
    let origin = call.origin()?;
    match blocking(|| call.service.end_tokens(&session.who, user, &[id], origin)) {
        // It ended by itself meanwhile, which is what was asked for; and nobody learns of others' sessions.
        Ok(_) | Err(ServiceError::NotFound(_)) => {
            Ok(see_other(&paths::with_query(&call.door.to(paths::ME), &[("done", "session")])))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}

pub(crate) async fn ask_everywhere(call: Arc<Call>) -> Answer {
    let everywhere = me::everywhere(&me::own(&call)?);
    Ok(page(StatusCode::OK, &Confirm::sign_out_everywhere(call.frame(), everywhere)))
}

pub(crate) async fn everywhere(call: Arc<Call>) -> Answer {
    let who = &call.session()?.who;
    let user = who.user().ok_or(Fail::Trouble(Trouble::NotFound))?;
    let origin = call.origin()?;
    blocking(|| call.service.put_out(who, origin, user, Out::SignOut))?;
    let mut frame = call.frame();
    frame.person = None;
    let provider = call.session()?.provider.as_ref().map(|provider| provider.name.clone());
    let answer = page(StatusCode::OK, &SignedOut { frame, provider, everywhere: true });
    Ok(with_cookie(answer, &cookies::clear(call.session_cookie(call.door))))
}
