//! Single sign-on: to the identity provider, and back.

use std::sync::Arc;

use access::Application;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use service::ServiceError;

use super::sign_in::{Typed, account_of, buttons, entered_as, page, sso_failed, targets};
use crate::answer::{Answer, Fail, see_other, with_cookie};
use crate::call::Call;
use crate::cookies::{self, CookieName};
use crate::door::Door;
use crate::origin::Origin;
use crate::session::{application, slowly};
use crate::views::onward::Onward;
use crate::views::sign_in::SignInMessage;
use crate::{LocalPath, paths};

/// How long somebody may take to sign in at their provider, in seconds: as long as what is sealed counts.
const BEGUN_S_MAX: u32 = 600;
/// Longest address that is carried along, in bytes: it must fit into the cookie, sealed.
const CARRIED_BYTES_MAX: usize = 512;

fn cookie(call: &Call) -> CookieName {
    CookieName::single_sign_on(call.site.transport())
}

pub(crate) async fn begin(call: Arc<Call>) -> Answer {
    let typed = Typed::of(&call.form)?;
    let provider = call.form.one("provider")?.to_owned();
    let Some(account) = account_of(&call, &typed)?.account else {
        return page(&call, StatusCode::BAD_REQUEST, Some(SignInMessage::AccountMissing), typed);
    };
    let next = typed.next_or_home(call.door);
    let next = if next.as_str().len() > CARRIED_BYTES_MAX { call.door.home() } else { next };
    let inside = call.clone();
    let begun = slowly(move || {
        let back = inside.site.to(paths::SSO_CALLBACK);
        let from = (application(inside.door), back.as_str());
        inside.service.begin_sso(account, &provider, from, next.as_str(), &inside.visitor)
    });
    let begun = match begun.await {
        Ok(begun) => begun,
        Err(error) => return sso_failed(&call, error, typed),
    };
    // Which door it was is told beside what is sealed, for the look of the page where that cannot be opened.
    let value = format!("{}.{}", call.door.application(), begun.sealed);
    let kept = cookies::set_for(cookie(&call), &value, BEGUN_S_MAX);
    let kept = kept.map_err(|error| ServiceError::Internal(error.to_string()))?;
    let targets = targets(&buttons(&call, Some(account))?);
    let sentence = "You sign in there, and come back here.";
    Ok(with_cookie(onward(&call, begun.url, &targets, sentence), &kept))
}

/// To a provider: at once where the page before lets its form lead there, else by a link.
pub(crate) fn onward(call: &Call, url: String, targets: &[Origin], sentence: &str) -> Response<Body> {
    if Origin::of_url(&url).is_ok_and(|origin| targets.contains(&origin)) {
        return see_other(&url);
    }
    let heading = "Go on to your identity provider";
    let sentence = sentence.to_owned();
    // Nobody is signed in any more, or not yet.
    let mut frame = call.frame();
    frame.person = None;
    crate::answer::page(StatusCode::OK, &Onward { frame, heading, sentence, url, button: "Go on" })
}

pub(crate) async fn finish(call: Arc<Call>) -> Answer {
    let forget = cookies::clear(cookie(&call));
    let answer = come_back(&call).await.unwrap_or_else(|fail| call.fails(&fail));
    Ok(with_cookie(answer, &forget))
}

async fn come_back(call: &Arc<Call>) -> Answer {
    let inside = call.clone();
    let entered = slowly(move || {
        let sealed =
            inside.cookie(cookie(&inside)).and_then(|value| value.split_once('.')).map(|(_, sealed)| sealed);
        let (query, back) = (inside.uri.query().unwrap_or_default(), inside.site.to(paths::SSO_CALLBACK));
        let entered = inside.service.finish_sso(sealed, query, &back, &inside.visitor)?;
        if let Some(door) = door_of(entered.application) {
            inside.end_session_before(door);
        }
        Ok(entered)
    });
    match entered.await {
        Ok(entered) => {
            let unknown = || Fail::Service(ServiceError::Internal("a session of no door".into()));
            let door = door_of(entered.application).ok_or_else(unknown)?;
            let next = LocalPath::or_home(Some(&entered.carried), door);
            Ok(entered_as(call, door, &entered.session, next.as_str()))
        }
        Err(error) => sso_failed(call, error, Typed::default()),
    }
}

fn door_of(application: Application) -> Option<Door> {
    Door::ALL.into_iter().find(|door| crate::session::application(*door) == application)
}

/// The door that somebody began at, as the cookie beside the sealed state says.
pub(crate) fn door_begun(value: Option<&str>) -> Option<Door> {
    let (begun, _) = value?.split_once('.')?;
    Door::ALL.into_iter().find(|door| door.application() == begun)
}
