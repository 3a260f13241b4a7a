//! Why somebody may do something or may not: the answer of `explain`, in words. Everybody may ask about themselves.
//!
//! **Invariant:** whoever asks about somebody whom they do not see learns the decision and nothing else; a login that there
//! is not is answered like that of somebody who holds nothing, and a place out of reach like one that there is not.

mod held;
mod told;

use std::sync::Arc;

use access::named::{Names, NotNamed};
use access::reach::Reach;
use access::{
    Entity, Number, PermissionId, Place, Question, Resource, RetailerId, Snapshot, Subject, UserId,
};
use axum::http::StatusCode;
use service::{Fault, Inquiry, OfficePage, Places, ServiceError};

use super::{application, applications, may_read};
use crate::answer::{Answer, Fail, page, sentence};
use crate::call::Call;
use crate::form::Form;
use crate::session::blocking;
use crate::views::explain::{Explain, ExplainAnswer, ExplainForm};
use crate::views::frame::Input;
use crate::views::message::Trouble;
use held::Missing;

fn form(query: &Form) -> Result<ExplainForm, Fail> {
    let text = |name| Ok::<_, Fail>(query.optional(name)?.unwrap_or_default().trim().to_owned());
    let input = |name| Ok::<_, Fail>(Input::of(text(name)?));
    Ok(ExplainForm {
        user: input("user")?,
        permission: input("permission")?,
        entity: text("entity")?,
        site: input("site")?,
        location: input("location")?,
        channel: input("channel")?,
        application: text("application")?,
    })
}

/// What a field names; what is wrong with it is written beside it.
fn beside<T, E: ToString>(input: &mut Input, found: Result<T, E>) -> Option<T> {
    found.map_err(|error| input.error = Some(sentence(&error))).ok()
}

/// The one thing that a field names, or that it names none; nothing where it is wrong, which is written beside it.
fn one<T: Copy>(
    input: &mut Input,
    find: impl FnOnce(&[&str]) -> Result<Vec<T>, NotNamed>,
) -> Option<Option<T>> {
    if input.value.is_empty() {
        return Some(None);
    }
    let found = find(&[input.value.as_str()]);
    beside(input, found).map(|found| found.first().copied())
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
    let reach = Reach::of(inquiry.snapshot(), who.subject(), inquiry.now());
    let desk = Desk {
        inquiry: &inquiry,
        subject: who.subject(),
        names: Names::new(inquiry.snapshot(), &reach),
        sees_roles: may_read(&call, OfficePage::Roles)?,
        sees_users: may_read(&call, OfficePage::Users)?,
    };
    let asked = !form.permission.value.is_empty() || alone.is_none() && !form.user.value.is_empty();
    // An account may have very many places and users to look through.
    let outcome = if asked { blocking(|| desk.ask(&mut form))? } else { Outcome::none(StatusCode::OK) };
    Ok(page(
        outcome.status,
        &Explain {
            frame: call.frame(),
            alone,
            form,
            entities: entities(inquiry.snapshot()),
            applications: applications("Any"),
            answer: outcome.answer,
            depends_on: outcome.missing.map(Missing::title),
            held: outcome.held,
            held_more: outcome.held_more,
        },
    ))
}

/// The things that are acted on, behind the choice of none. A user is no thing with a place, and is left out.
fn entities(on: &Snapshot) -> Vec<(String, String)> {
    let by_permission = (String::new(), "By the permission".to_owned());
    let things = on.contract().entities().filter(|entity| !entity.is_user());
    let names = things.map(|entity| on.contract().entity_name(entity));
    std::iter::once(by_permission).chain(names.map(|name| (name.to_owned(), called(name)))).collect()
}

/// What people call an entity: `order_item` is an order item.
fn called(entity: &str) -> String {
    match entity {
        "retailer" => "Site".to_owned(),
        "location" => "Stock location".to_owned(),
        name => {
            let mut chars = name.chars();
            let first = chars.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(chars.map(|c| if c == '_' { ' ' } else { c })).collect()
        }
    }
}

/// How much of somebody may be told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// All: of oneself, and of everybody to whoever asks about the whole account.
    Everything,
    /// What is seen of a user whom one sees: the grants that meet where one does.
    Seen,
    /// The decision alone.
    Decision,
}

/// What comes of a question.
struct Outcome {
    status: StatusCode,
    answer: Option<ExplainAnswer>,
    missing: Option<Missing>,
    held: Vec<String>,
    held_more: bool,
}

impl Outcome {
    const fn none(status: StatusCode) -> Self {
        Self { status, answer: None, missing: None, held: Vec::new(), held_more: false }
    }
}

/// Whoever asks, on one state.
struct Desk<'a> {
    inquiry: &'a Inquiry,
    subject: &'a Subject,
    names: Names<'a>,
    sees_roles: bool,
    sees_users: bool,
}

impl Desk<'_> {
    /// The answer to the form. What is wrong with a field is written beside it.
    fn ask(&self, form: &mut ExplainForm) -> Result<Outcome, Fail> {
        let application = application(&form.application)?;
        let (entity, widest) = self.entity(form)?;
        let permission = self.permission(&mut form.permission);
        let place = self.place(form);
        let target = self.target(&mut form.user)?;
        let (Some(permission), Some(place), Some((user, told))) = (permission, place, target) else {
            return Ok(Outcome::none(StatusCode::BAD_REQUEST));
        };
        let question = Question { user, permission, resource: Resource::thing(entity, place), application };
        let oneself = self.subject.user() == Some(user);
        if !oneself && !self.inquiry.asks_of_others(question.resource) {
            return Ok(self.elsewhere(form, (&question, told), (widest, &place)));
        }
        let explanation = self.inquiry.snapshot().explain(&question, self.inquiry.now());
        if !explanation.decision.allowed && told != Told::Decision {
            let held = self.held(&question, told);
            let viewing = self.inquiry.snapshot().permissions().is_view(permission);
            if let Some(missing) = self.missing(&held, (widest, &place), viewing) {
                return Ok(self.depends(form, missing, &held, (widest, &place), viewing));
            }
        }
        let answer = Some(self.answered(&question, &explanation, told));
        Ok(Outcome { answer, ..Outcome::none(StatusCode::OK) })
    }

    /// The entity that is asked about, and the one that tells which places the answer may depend on: a permission
    /// whose noun is no entity is judged by the places that are named, and others could be.
    fn entity(&self, form: &ExplainForm) -> Result<(Entity, Entity), Fail> {
        let unknown = Fail::Trouble(Trouble::NotUnderstood);
        let permission = form.permission.value.to_uppercase();
        if !form.entity.is_empty() {
            let entity = self.inquiry.entity(&form.entity).ok().filter(|entity| !entity.is_user());
            return entity.map(|entity| (entity, entity)).ok_or(unknown);
        }
        fn named(input: &Input) -> Option<&str> {
            Some(input.value.as_str()).filter(|text| !text.is_empty())
        }
        let places = Places {
            retailer: named(&form.site),
            location: named(&form.location),
            channel: named(&form.channel),
        };
        let everywhere = Places { retailer: Some(""), location: Some(""), channel: Some("") };
        let of = |places| self.inquiry.entity_of(&permission, places);
        of(&places).zip(of(&everywhere)).ok_or(unknown)
    }

    fn permission(&self, input: &mut Input) -> Option<PermissionId> {
        if input.value.is_empty() {
            input.error = Some("Name the permission, such as ORDER_UPDATE.".to_owned());
            return None;
        }
        let found = self.inquiry.permission(&input.value.to_uppercase());
        beside(input, found)
    }

    /// The place that the fields name; a location or channel brings its site with it.
    fn place(&self, form: &mut ExplainForm) -> Option<Place> {
        let places = self.inquiry.snapshot().places();
        let site = one(&mut form.site, |all| self.names.retailers(all))?;
        let mut of: Vec<RetailerId> = site.into_iter().collect();
        let location = one(&mut form.location, |all| self.names.locations(&of, all));
        if let Some(found) = location.flatten().and_then(|id| places.location(id)) {
            of = vec![found.retailer];
        }
        let channel = one(&mut form.channel, |all| self.names.channels(&of, all));
        let (location, channel) = (location?, channel?);
        let own = channel.and_then(|id| places.channel(id)).map(|channel| channel.retailer);
        Some(Place { retailer: of.first().copied().or(own), location, channel })
    }

    /// Whom the question is about, and how much of them is told. Whether there is such a user, only those hear from a
    /// field who may ask about the whole account.
    fn target(&self, input: &mut Input) -> Result<Option<(UserId, Told)>, Fail> {
        if input.value.is_empty() {
            input.error = Some("Name the user, by login.".to_owned());
            return Ok(None);
        }
        let none = || ServiceError::Internal("the number of nobody is none".to_owned());
        let nobody = UserId::from_number(u32::MAX).ok_or_else(none)?;
        let found = self.inquiry.user(&input.value);
        let user = *found.as_ref().unwrap_or(&nobody);
        if self.inquiry.may_hear_of_grants(user) {
            return Ok(beside(input, found).map(|user| (user, Told::Everything)));
        }
        let seen = self.inquiry.snapshot().sees_user(self.subject, user, self.inquiry.now());
        Ok(Some((user, if seen { Told::Seen } else { Told::Decision })))
    }
}
