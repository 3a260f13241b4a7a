//! Where a permission is held, and which place a question must name before it has one answer.

use access::{
    Application, Entity, Extent, Grant, LocationExtent, PermissionId, Place, Question, Resource, RetailerId,
    Scope, Snapshot, UserId,
};
use axum::http::StatusCode;
use service::AskError;

use super::{Desk, Outcome, Told};
use crate::answer::sentence;
use crate::handlers::places::named;
use crate::views::explain::ExplainForm;

/// Most places where something is held that are told.
const HELD_MAX: usize = 5;

/// A field without which the answer depends on what it would say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Site,
    Location,
    Channel,
}

impl Missing {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Location => "stock location",
            Self::Channel => "sales channel",
        }
    }
}

impl Desk<'_> {
    /// About others one asks where one may: at a place that could be named, or not at all. Of the user nothing is said
    /// but where somebody who is seen holds it.
    pub(super) fn elsewhere(
        &self,
        form: &mut ExplainForm,
        (question, told): (&Question, Told),
        at: (Entity, &Place),
    ) -> Outcome {
        let on = self.inquiry.snapshot();
        let own = on.permissions().find("DECISION_VIEW").zip(self.subject.user());
        let asks = own.map_or_else(Vec::new, |(permission, user)| {
            let own = (user, permission, self.subject.application());
            holding(on, own, self.inquiry.now())
        });
        let Some(missing) = self.missing(&asks, at, false) else {
            form.user.error = Some(sentence(&AskError::NotAllowed));
            return Outcome::none(StatusCode::FORBIDDEN);
        };
        let held = if told == Told::Decision { Vec::new() } else { self.held(question, told) };
        self.depends(form, missing, &held, at, on.permissions().is_view(question.permission))
    }

    /// The field is marked, and it is told where the permission is held.
    pub(super) fn depends(
        &self,
        form: &mut ExplainForm,
        missing: Missing,
        held: &[Grant],
        (entity, place): (Entity, &Place),
        viewing: bool,
    ) -> Outcome {
        let input = match missing {
            Missing::Site => &mut form.site,
            Missing::Location => &mut form.location,
            Missing::Channel => &mut form.channel,
        };
        input.error = Some(format!("Name the {}: the answer depends on it.", missing.title()));
        let scopes = held.iter().map(|grant| &grant.spec.scope).filter(|scope| {
            scope.admits(entity, place, viewing) || self.completed(scope, (entity, place), viewing).is_some()
        });
        let mut texts: Vec<String> = Vec::new();
        for scope in scopes {
            for text in self.texts(scope, entity) {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
            if texts.len() > HELD_MAX {
                break;
            }
        }
        let held_more = texts.len() > HELD_MAX;
        texts.truncate(HELD_MAX);
        Outcome { missing: Some(missing), held: texts, held_more, ..Outcome::none(StatusCode::BAD_REQUEST) }
    }

    /// The grants by which the user holds the permission now, as far as they are told.
    pub(super) fn held(&self, question: &Question, told: Told) -> Vec<Grant> {
        let (on, now) = (self.inquiry.snapshot(), self.inquiry.now());
        let mut held = holding(on, (question.user, question.permission, question.application), now);
        if told != Told::Everything {
            let seen = on.grants_seen(self.subject, question.user, now).seen;
            held.retain(|grant| seen.iter().any(|one| one.id == grant.id));
        }
        held
    }

    /// The field that stands empty and keeps the first of these grants from a thing at that place.
    pub(super) fn missing(&self, held: &[Grant], at: (Entity, &Place), viewing: bool) -> Option<Missing> {
        let (_, place) = at;
        let filled = held.iter().find_map(|grant| self.completed(&grant.spec.scope, at, viewing))?;
        Some(if place.retailer.is_none() && filled.retailer.is_some() {
            Missing::Site
        } else if place.location.is_none() && filled.location.is_some() {
            Missing::Location
        } else {
            Missing::Channel
        })
    }

    /// The place with what is empty filled from a scope, where the scope admits that and not the place itself.
    fn completed(&self, scope: &Scope, (entity, place): (Entity, &Place), viewing: bool) -> Option<Place> {
        let places = self.inquiry.snapshot().places();
        let fits = |retailer: RetailerId| match place.retailer {
            Some(named) => named == retailer,
            None => scope.retailers.contains(retailer),
        };
        let of_location = |id: &_| places.location(*id).is_some_and(|found| fits(found.retailer));
        let location = place.location.or_else(|| scope.locations.listed().iter().copied().find(of_location));
        let its_own = location.and_then(|id| places.location(id)).map(|found| found.retailer);
        let sites = scope.retailers.listed();
        let retailer = place.retailer.or(its_own.filter(|_| !sites.is_empty())).or(sites.first().copied());
        let of_channel = |id: &_| {
            let own = places.channel(*id).map(|found| found.retailer);
            own.is_some_and(|own| retailer.is_none_or(|retailer| retailer == own))
        };
        let channel = place.channel.or_else(|| scope.channels.listed().iter().copied().find(of_channel));
        let Resource::Thing { place: filled, .. } =
            Resource::thing(entity, Place { retailer, location, channel })
        else {
            return None;
        };
        let depends = !scope.admits(entity, place, viewing) && scope.admits(entity, &filled, viewing);
        depends.then_some(filled)
    }

    /// Where a scope holds, site by site, as people call the places that the entity has: `Maison France through Web`.
    fn texts(&self, scope: &Scope, entity: Entity) -> Vec<String> {
        let places = self.inquiry.snapshot().places();
        let sites = match &scope.retailers {
            Extent::All => vec![(None, "every site".to_owned())],
            Extent::Set(set) => {
                // One more than is told, so that it is known that there are more.
                let found = set.members().iter().filter_map(|id| places.retailer(*id)).take(HELD_MAX + 1);
                found.map(|site| (Some(site.id), either(site.name.as_str(), site.r#ref.as_str()))).collect()
            }
        };
        let is_of = |site: Option<RetailerId>, own: RetailerId| site.is_none_or(|site| site == own);
        let at = |site| {
            let all = scope.locations.listed().iter().filter_map(|id| places.location(*id));
            let own: Vec<_> = all.filter(|found| is_of(site, found.retailer)).collect();
            named(&own, |found| Some(either(found.name.as_str(), found.r#ref.as_str())))
        };
        let through = |site| {
            let all = scope.channels.listed().iter().filter_map(|id| places.channel(*id));
            let own: Vec<_> = all.filter(|found| is_of(site, found.retailer)).collect();
            named(&own, |found| Some(either(found.name.as_str(), found.r#ref.as_str())))
        };
        let each = sites.into_iter().filter_map(|(site, mut text)| {
            if entity.carries_location() && scope.locations != LocationExtent::All {
                text = format!("{}, {}", text, at(site)?);
            }
            if entity.carries_channel() && scope.channels != Extent::All {
                text = format!("{} through {}", text, through(site)?);
            }
            Some(text)
        });
        each.collect()
    }
}

/// The grants by which somebody holds a permission now, in that application.
fn holding(
    on: &Snapshot,
    (user, permission, application): (UserId, PermissionId, Option<Application>),
    now: access::Instant,
) -> Vec<Grant> {
    let counts = |all: &[Application]| application.is_none_or(|own| all.contains(&own));
    let effective = on.what_can(user, now).into_iter();
    effective
        .filter(|one| one.permissions.contains(permission) && counts(&one.applications))
        .map(|one| one.grant)
        .collect()
}

/// What people call a place; its ref where it has no name.
fn either(name: &str, reference: &str) -> String {
    if name.is_empty() { reference.to_owned() } else { name.to_owned() }
}
