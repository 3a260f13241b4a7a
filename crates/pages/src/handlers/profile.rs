//! One's own name and e-mail address.

use std::sync::Arc;

use access::Label;
use access::change::Profile;
use access::commands::EditUser;
use axum::http::StatusCode;

use super::me;
use crate::answer::{Answer, Fail, page, see_other};
use crate::call::Call;
use crate::paths;
use crate::session::blocking;
use crate::views::frame::{Input, Notice};

/// What stands in a field, or what is wrong with it.
pub(crate) fn label(text: &str, what: &str) -> Result<Label, Input> {
    let wrong = |_| {
        let most = Label::LEN_MAX;
        Input::wrong(text, format!("{what} has 1 to {most} bytes of text, without control characters."))
    };
    Label::parse(text).map_err(wrong)
}

pub(crate) fn email(text: &str) -> Result<Option<Label>, Input> {
    if text.is_empty() {
        return Ok(None);
    }
    // As much as can be known of an address without writing to it.
    let has_parts = text.rsplit_once('@').is_some_and(|(who, host)| !who.is_empty() && !host.is_empty());
    if !has_parts || text.contains(char::is_whitespace) {
        return Err(Input::wrong(text, "An e-mail address looks like name@host, without blanks."));
    }
    label(text, "An e-mail address").map(Some)
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let (name, address) = (call.form.one("name")?.trim(), call.form.one("email")?.trim());
    let profile = match (label(name, "A name"), email(address)) {
        (Ok(name), Ok(email)) => Profile { name, email },
        (wrong_name, wrong_email) => {
            let mut view = me::view(&call)?;
            view.notice = Some(Notice::fields_are_wrong());
            view.profile.name = wrong_name.err().unwrap_or_else(|| Input::of(name));
            view.profile.email = wrong_email.err().unwrap_or_else(|| Input::of(address));
            return Ok(page(StatusCode::BAD_REQUEST, &view));
        }
    };
    let who = &call.session()?.who;
    let id = who.user().ok_or(Fail::Trouble(crate::Trouble::NotUnderstood))?;
    let origin = call.origin()?;
    blocking(|| call.service.execute(who, origin, EditUser { id, profile }))?;
    Ok(see_other(&paths::with_query(&call.door.to(paths::ME), &[("done", "profile")])))
}
