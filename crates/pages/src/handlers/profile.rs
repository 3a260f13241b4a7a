//! Profiles as forms have them, and one's own.

use std::sync::Arc;

use access::change::Profile;
use access::commands::EditUser;
use access::{Label, Language, TimeZoneName};
use axum::http::StatusCode;
use service::ServiceError;

use super::me;
use crate::answer::{Answer, Fail, page, see_other, sentence};
use crate::call::Call;
use crate::form::Form;
use crate::paths;
use crate::session::blocking;
use crate::views::frame::{Input, Notice};
use crate::views::me::Profile as Shown;

/// Most time zones that are named where one is not known.
const ZONES_NAMED_MAX: usize = 3;

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

/// The fields of a profile, as it is.
pub(crate) fn shown(login: String, profile: &Profile) -> Shown {
    let text = |text: Option<&str>| Input::of(text.unwrap_or_default());
    Shown {
        login,
        name: Input::of(profile.name.as_str()),
        email: text(profile.email.as_ref().map(Label::as_str)),
        language: Input::of(profile.language.unwrap_or_default().tag()),
        time_zone: text(profile.time_zone.as_ref().map(TimeZoneName::as_str)),
    }
}

/// The fields of a profile as they were sent; a language or zone that was not sent stays as it is. The login is no
/// field, and empty.
pub(crate) fn sent(form: &Form, old: &Profile) -> Result<Shown, Fail> {
    let was = shown(String::new(), old);
    let or =
        |name, was: Input| Ok::<_, Fail>(form.optional(name)?.map_or(was, |text| Input::of(text.trim())));
    Ok(Shown {
        name: Input::of(form.one("name")?.trim()),
        email: Input::of(form.one("email")?.trim()),
        language: or("language", was.language)?,
        time_zone: or("time_zone", was.time_zone)?,
        login: was.login,
    })
}

/// The profile that the fields say; none where one is wrong, which is written beside it. Whoever chose no language
/// and sends the one that they are shown has still chosen none.
pub(crate) fn read(fields: &mut Shown, old: &Profile) -> Option<Profile> {
    let name = beside_it(&mut fields.name, |text| label(text, "A name"));
    let email = beside_it(&mut fields.email, email);
    let language = beside_it(&mut fields.language, |tag| match Language::parse(tag) {
        Ok(language) if language == old.language.unwrap_or_default() => Ok(old.language),
        Ok(language) => Ok(Some(language)),
        Err(error) => Err(Input::wrong(tag, sentence(&error))),
    });
    let time_zone = beside_it(&mut fields.time_zone, time_zone);
    Some(Profile { name: name?, email: email?, language: language?, time_zone: time_zone? })
}

fn beside_it<T>(field: &mut Input, read: impl Fn(&str) -> Result<T, Input>) -> Option<T> {
    match read(&field.value) {
        Ok(found) => Some(found),
        Err(wrong) => {
            *field = wrong;
            None
        }
    }
}

/// The time zone of a name; none for an empty one.
fn time_zone(text: &str) -> Result<Option<TimeZoneName>, Input> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |error| match &service::time_zones(text, ZONES_NAMED_MAX)[..] {
        [] => Input::wrong(text, sentence(&error)),
        some => Input::wrong(text, format!("There is no time zone `{text}`: write {}.", some.join(" or "))),
    };
    service::time_zone(text).map(Some).map_err(|error: ServiceError| wrong(error))
}

/// What was typed, each field beside what somebody else made of it meanwhile.
pub(crate) fn beside(typed: Shown, now: Shown) -> Shown {
    let field = |typed: Input, now: &Input, text: &str| match typed.value == now.value {
        true => typed,
        false => Input::wrong(typed.value, format!("Now it is: {text}")),
    };
    let language = Language::parse(&now.language.value).unwrap_or_default();
    let zone = if now.time_zone.value.is_empty() { "UTC" } else { &now.time_zone.value };
    Shown {
        name: field(typed.name, &now.name, &now.name.value),
        email: field(typed.email, &now.email, &now.email.value),
        language: field(typed.language, &now.language, language.title()),
        time_zone: field(typed.time_zone, &now.time_zone, zone),
        login: now.login,
    }
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let own = me::own(&call)?;
    let old = own.on.whole_profile(own.user).ok_or(Fail::Trouble(crate::Trouble::NotUnderstood))?;
    let mut typed = sent(&call.form, &old)?;
    let Some(profile) = read(&mut typed, &old) else {
        let mut view = me::view(&call)?;
        view.notice = Some(Notice::fields_are_wrong());
        view.profile = Shown { login: view.profile.login, ..typed };
        return Ok(page(StatusCode::BAD_REQUEST, &view));
    };
    let (who, origin) = (&call.session()?.who, call.origin()?);
    blocking(|| call.service.execute(who, origin, EditUser { id: own.user, profile }))?;
    Ok(see_other(&paths::with_query(&call.door.to(paths::ME), &[("done", "profile")])))
}
