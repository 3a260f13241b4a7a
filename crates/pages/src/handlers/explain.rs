//! Why somebody may do something or may not: the answer of `explain`, in words. Everybody may ask about themselves.

use std::sync::Arc;

use access::explain::Verdict;
use access::{Place, Question, Resource};
use axum::http::StatusCode;
use service::{AskError, Fault, Inquiry, OfficePage, Places};

use super::{application, applications};
use crate::answer::{Answer, Fail, page, sentence};
use crate::call::Call;
use crate::form::Form;
use crate::session::blocking;
use crate::views::explain::{Explain, ExplainAnswer, ExplainForm, OpinionRow};
use crate::views::frame::Input;

/// Most grants that are shown.
const OPINIONS_MAX: usize = 50;
/// Most people who are named.
const GIVERS_MAX: usize = 3;

fn form(query: &Form) -> Result<ExplainForm, Fail> {
    let text = |name| Ok::<_, Fail>(query.optional(name)?.unwrap_or_default().trim().to_owned());
    let input = |name| Ok::<_, Fail>(Input::of(text(name)?));
    let entity = text("entity")?;
    Ok(ExplainForm {
        user: input("user")?,
        permission: input("permission")?,
        entity,
        retailer: input("retailer")?,
        location: input("location")?,
        channel: input("channel")?,
        application: text("application")?,
    })
}

/// The question that the form asks. What is wrong with a field is written beside it, and none is returned.
fn question(inquiry: &Inquiry, form: &mut ExplainForm) -> Result<Option<Question>, Fail> {
    let application = application(&form.application)?;
    let user = beside(&mut form.user, |text| inquiry.user(text));
    let permission = beside(&mut form.permission, |text| inquiry.permission(&text.to_uppercase()));
    let named = |input: &Input| (!input.value.is_empty()).then(|| input.value.clone());
    let (retailer, location, channel) = (named(&form.retailer), named(&form.location), named(&form.channel));
    let places =
        Places { retailer: retailer.as_deref(), location: location.as_deref(), channel: channel.as_deref() };
    let entity = match form.entity.as_str() {
        "" => inquiry.entity_of(&form.permission.value.to_uppercase(), &places),
        named => inquiry.entity(named).ok(),
    };
    let Some(entity) = entity else { return Err(Fail::Trouble(crate::Trouble::NotUnderstood)) };
    let place = match inquiry.place(&places) {
        Ok(place) => Some(place),
        Err(error) => {
            let input = match &error {
                AskError::Unknown { what: "location", .. } => &mut form.location,
                AskError::Unknown { what: "retailer", .. } => &mut form.retailer,
                _ if channel.is_some() => &mut form.channel,
                _ => &mut form.location,
            };
            input.error = Some(sentence(&error));
            None
        }
    };
    let (Some(user), Some(permission), Some(place)) = (user, permission, place) else { return Ok(None) };
    Ok(Some(Question { user, permission, resource: Resource::thing(entity, place), application }))
}

/// What a field names; what is wrong with it is written beside it.
fn beside<T>(input: &mut Input, find: impl Fn(&str) -> Result<T, AskError>) -> Option<T> {
    find(&input.value).map_err(|error| input.error = Some(sentence(&error))).ok()
}

/// The login of whoever asks, where they may ask about themselves alone: asking about oneself is free, asking about
/// others needs a permission. Whoever asks about somebody else without it is told so, be there such a user or not.
fn alone(call: &Call, form: &mut ExplainForm) -> Result<Option<String>, Fail> {
    let session = call.session()?;
    let refusal = match blocking(|| call.service.read_page(&session.who, OfficePage::Explain)) {
        Ok(_) => return Ok(None),
        Err(error) if error.fault() == Fault::Forbidden => error,
        Err(error) => return Err(Fail::Service(error)),
    };
    let (login, id) = (session.person.login.clone(), session.who.user().map(|id| id.to_string()));
    let named = &form.user.value;
    if !named.is_empty() && named.to_lowercase() != login && Some(named) != id.as_ref() {
        return Err(Fail::Service(refusal));
    }
    form.user = Input::of(login.clone());
    Ok(Some(login))
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    let mut form = form(&query)?;
    let who = &call.session()?.who;
    let alone = alone(&call, &mut form)?;
    let inquiry = blocking(|| call.service.inquire(who))?;
    let on = inquiry.snapshot();
    let asked = !form.permission.value.is_empty() || alone.is_none() && !form.user.value.is_empty();
    let question = if asked { question(&inquiry, &mut form)? } else { None };
    let (mut status, mut answer) = (StatusCode::OK, None);
    let sees_roles = blocking(|| call.service.read_page(who, OfficePage::Roles)).is_ok();
    match question {
        Some(question) => match inquiry.explain(&question) {
            Ok(explanation) => answer = Some(answered(&inquiry, &question, &explanation, sees_roles)),
            Err(error) => {
                status = StatusCode::FORBIDDEN;
                form.user.error = Some(sentence(&error));
            }
        },
        None if asked => status = StatusCode::BAD_REQUEST,
        None => {}
    }
    let named = |entity| on.contract().entity_name(entity).to_owned();
    let by_permission = (String::new(), "What the permission is about".to_owned());
    let named = on.contract().entities().map(named).map(|name| (name.clone(), name));
    let entities = std::iter::once(by_permission).chain(named).collect();
    let applications = applications("Any");
    Ok(page(status, &Explain { frame: call.frame(), alone, form, entities, applications, answer }))
}

fn answered(
    inquiry: &Inquiry,
    question: &Question,
    explanation: &access::explain::Explanation,
    sees_roles: bool,
) -> ExplainAnswer {
    let on = inquiry.snapshot();
    let place = match question.resource {
        Resource::Thing { place, .. } => place,
        Resource::User(_) => Place::default(),
    };
    let opinions = if inquiry.may_hear_of_grants(question.user) { &explanation.opinions[..] } else { &[] };
    let row = |opinion: &access::explain::Opinion| {
        let role = on.role(opinion.grant.spec.role);
        OpinionRow {
            grant: opinion.grant.id.to_string(),
            role: role.map_or_else(|| "?".to_owned(), |role| role.label.to_string()),
            role_key: role.filter(|_| sees_roles).map(|role| role.key.to_string()),
            scope: on.scope_text(&opinion.grant.spec.scope),
            allows: opinion.verdict == Verdict::Allows,
            verdict: words(opinion.verdict, &place),
        }
    };
    let allowed = explanation.decision.allowed;
    let givers = if allowed { Vec::new() } else { inquiry.givers(question, GIVERS_MAX) };
    let why = inquiry.sentence(question, &explanation.decision);
    ExplainAnswer {
        allowed,
        // What begins with the key of a role begins as that does.
        sentence: if allowed { format!("{why}.") } else { sentence(&why) },
        opinions: opinions.iter().take(OPINIONS_MAX).map(row).collect(),
        total: opinions.len(),
        givers: givers
            .into_iter()
            .map(|user| on.user(user).map_or_else(String::new, |u| u.login()))
            .collect(),
        revision: on.revision().to_string(),
    }
}

fn words(verdict: Verdict, place: &Place) -> &'static str {
    match verdict {
        Verdict::Allows => "allows it",
        Verdict::ApplicationClosed => "would allow it, but the user may not come in",
        Verdict::NotNow => "would allow it at another time",
        Verdict::OtherApplication => "would allow it in another application",
        Verdict::OtherChannel if place.channel.is_none() => {
            "holds it for some sales channels, and this is of none"
        }
        Verdict::OtherChannel => "holds it for other sales channels",
        Verdict::OtherLocation if place.location.is_none() => {
            "holds it at some locations, and this is at none"
        }
        Verdict::OtherLocation => "holds it at other locations",
        Verdict::OtherRetailer if place.retailer.is_none() => "holds it at some sites, and this is of none",
        Verdict::OtherRetailer => "holds it at other sites",
        Verdict::OtherUsers => "holds it over other users",
        Verdict::NotHeld => "does not hold the permission",
    }
}
