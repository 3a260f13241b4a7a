//! Long-duration tokens: made and shown once, revoked.

use std::sync::Arc;

use access::Instant;
use axum::http::StatusCode;
use service::{LongTokenWish, Service, ServiceError};

use super::me;
use super::sessions::token_id;
use crate::answer::{Answer, Fail, page, see_other, sentence, status};
use crate::call::Call;
use crate::days::end_of;
use crate::paths;
use crate::session::blocking;
use crate::views::confirm::Confirm;
use crate::views::frame::{Input, Moment, Notice, Tone};
use crate::views::me::{NewToken, TokenForm};
use crate::views::message::Trouble;
use crate::views::token::TokenMade;

fn label_fits(label: &str) -> bool {
    (1..=Service::LABEL_CHARS_MAX).contains(&label.chars().count())
        && !label.contains(|c: char| c.is_control() || access::Label::turns_text(c))
}

pub(crate) async fn make(call: Arc<Call>) -> Answer {
    let (label, day) = (call.form.one("label")?.trim(), call.form.one("expires")?.trim());
    // It ends with the day that is its last.
    let expires_at = if day.is_empty() { None } else { end_of(day, call.clock()) };
    let mut form = TokenForm { label: Input::of(label), expires: Input::of(day) };
    if !label_fits(label) {
        let most = Service::LABEL_CHARS_MAX;
        form.label = Input::wrong(label, format!("A label has 1 to {most} characters, in one line."));
    }
    if !day.is_empty() && expires_at.is_none() {
        form.expires =
            Input::wrong(day, "Write the day as YYYY-MM-DD, such as 2030-12-31, or leave it empty.");
    }
    // A page that is loaded again would make the same once more.
    if me::own(&call)?.tokens.iter().any(|row| row.kind.word() == me::LONG && row.label == label) {
        form.label =
            Input::wrong(label, "You have a token of this label: choose another, or revoke that one first.");
    }
    if form.label.error.is_some() || form.expires.error.is_some() {
        return again(&call, form, StatusCode::BAD_REQUEST);
    }
    let (who, wish) = (&call.session()?.who, LongTokenWish { label: label.to_owned(), expires_at });
    match blocking(|| call.service.make_long_token(who, &wish, &call.visitor)) {
        Ok(made) => Ok(page(
            StatusCode::OK,
            &TokenMade {
                frame: call.frame(),
                label: label.to_owned(),
                token: made.secret.reveal().to_owned(),
                expires: expires_at.map(|Instant(at)| Moment::of(at, call.clock())),
            },
        )),
        Err(error @ ServiceError::Invalid(_)) => {
            form.expires = Input::wrong(day, "This day is past: write a later one, or leave it empty.");
            again(&call, form, status(error.fault()))
        }
        Err(error @ (ServiceError::Forbidden(_) | ServiceError::TooManyTokens { .. })) => {
            let mut view = me::view(&call)?;
            view.notice = Some(Notice::new(Tone::Bad, sentence(&error)));
            Ok(page(status(error.fault()), &view))
        }
        Err(error) => Err(Fail::Service(error)),
    }
}

fn again(call: &Call, form: TokenForm, status: StatusCode) -> Answer {
    let mut view = me::view(call)?;
    view.notice = Some(Notice::fields_are_wrong());
    // Where none can be made any more, the page says so instead.
    if let NewToken::Form(empty) = &mut view.new_token {
        *empty = form;
    }
    Ok(page(status, &view))
}

pub(crate) async fn ask_revoke(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    // Whoever comes from the sign-in page has lost what the address asked for.
    let Some(named) = query.optional("token")? else { return Ok(see_other(&call.door.to(paths::ME))) };
    let id = token_id(named)?.to_string();
    let tokens = me::tokens(&me::own(&call)?, call.clock());
    let token = tokens.iter().find(|token| token.id == id).ok_or(Fail::Trouble(Trouble::NotFound))?;
    Ok(page(StatusCode::OK, &Confirm::revoke_token(call.frame(), token)))
}

pub(crate) async fn revoke(call: Arc<Call>) -> Answer {
    let id = token_id(call.form.one("token")?)?;
    let who = &call.session()?.who;
    let user = who.user().ok_or(Fail::Trouble(Trouble::NotFound))?;
    let origin = call.origin()?;
    blocking(|| call.service.end_tokens(who, user, &[id], origin))?;
    Ok(see_other(&paths::with_query(&call.door.to(paths::ME), &[("done", "token")])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_token_ends_with_its_last_day() {
        // 2026-11-04T00:00:00Z, by the table of Unix days: 20761 * 86400 s.
        assert_eq!(end_of("2026-11-03", &Clock::default()), Some(Instant(20_761 * 86_400 * 1_000_000)));
        assert_eq!(end_of("2028-02-29", &Clock::default()), Some(Instant(21_244 * 86_400 * 1_000_000)));
        for wrong in [
            "",
            "2026-02-30",
            "2026-13-01",
            "3 Nov 2026",
            "2026-11-3",
            "+026-11-03",
            "2026-11-03T00:00",
            "9999-12-31",
        ] {
            assert_eq!(end_of(wrong, &Clock::default()), None, "{wrong}");
        }
    }

    #[test]
    fn a_label_is_one_line() {
        assert!(label_fits("x") && label_fits(&"\u{e9}".repeat(100)));
        assert!(!label_fits("") && !label_fits(&"x".repeat(101)) && !label_fits("a\nb"));
    }
}
