//! `explain`: the answer with what every grant had to say, and the nearest miss.

use crate::change::{Grant, GrantSpec};
use crate::decide::{Decision, Grounds, Question};
use crate::resource::{Place, Resource};
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::Snapshot;
use crate::time::Instant;
use crate::{Label, LocationId, Ref};

/// What stood in the way of one grant, from the first thing that did to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It allows.
    Allows,
    /// It holds here; the application may not be entered.
    ApplicationClosed,
    /// It would hold here, at another time.
    NotNow,
    /// It would hold here, in another application.
    OtherApplication,
    /// It holds the permission at other channels.
    OtherChannel,
    /// It holds the permission at other locations.
    OtherLocation,
    /// It holds the permission at other retailers.
    OtherRetailer,
    /// It holds the permission, not over this user.
    OtherUsers,
    /// Its role does not hold the permission.
    NotHeld,
}

/// A grant of the user and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// The grant.
    pub grant: Grant,
    /// What stood in its way.
    pub verdict: Verdict,
}

/// A decision and why, in full.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The question.
    pub question: Question,
    /// The answer: the same that [`Snapshot::decide`] gives.
    pub decision: Decision,
    /// Every grant of the user with its verdict, the nearest first.
    pub opinions: Vec<Opinion>,
}

impl Explanation {
    /// The grant that allows, or the one that came nearest.
    #[must_use]
    pub fn nearest(&self) -> Option<&Opinion> {
        self.opinions.first().filter(|o| o.verdict != Verdict::NotHeld)
    }
}

impl Snapshot {
    /// The answer to a question with the opinion of every grant.
    #[must_use]
    pub fn explain(&self, question: &Question, now: Instant) -> Explanation {
        let decision = self.decide(question, now);
        let entered = self.user(question.user).is_some_and(|u| self.may_enter(u, question.application, now));
        let grants = self.grants(question.user);
        let mut opinions: Vec<Opinion> = grants
            .into_iter()
            .map(|grant| Opinion { verdict: self.verdict(&grant, question, entered, now), grant })
            .collect();
        // The grant that the decision names comes before others that would allow as well.
        opinions.sort_by_key(|o| {
            let named = decision.grounds == (Grounds::Granted { grant: o.grant.id });
            (!named, o.verdict, o.grant.id)
        });
        Explanation { question: *question, decision, opinions }
    }

    fn verdict(&self, grant: &Grant, question: &Question, entered: bool, now: Instant) -> Verdict {
        let Some(role) = self.role(grant.spec.role) else { return Verdict::NotHeld };
        if !role.permissions.contains(question.permission) {
            return Verdict::NotHeld;
        }
        if let Some(miss) = self.miss(&grant.spec, question, now) {
            return miss;
        }
        if question.application.is_some_and(|a| !role.counts_in().contains(a)) {
            return Verdict::OtherApplication;
        }
        if !grant.spec.validity.holds_at(now) {
            return Verdict::NotNow;
        }
        let active = self.user(question.user).is_some_and(super::snapshot::UserRef::is_active);
        if entered && active { Verdict::Allows } else { Verdict::ApplicationClosed }
    }

    /// The first dimension that keeps the scope of a grant from the resource.
    fn miss(&self, spec: &GrantSpec, question: &Question, now: Instant) -> Option<Verdict> {
        let scope = &spec.scope;
        let viewing = self.permissions.is_view(question.permission);
        match question.resource {
            Resource::Thing { entity, place } => {
                let admits = |s: &Scope, p: &Place| s.admits(entity, p, viewing);
                let retailers = Scope { retailers: scope.retailers.clone(), ..Scope::account() };
                let locations = Scope { locations: scope.locations.clone(), ..Scope::account() };
                if admits(scope, &place) {
                    None
                } else if !admits(&retailers, &place) {
                    Some(Verdict::OtherRetailer)
                } else if !admits(&locations, &place) {
                    Some(Verdict::OtherLocation)
                } else {
                    Some(Verdict::OtherChannel)
                }
            }
            Resource::User(target) => {
                let theirs = self.grants(target);
                let valid = spec.validity.from_now(now);
                let covers = |t: &GrantSpec| scope.covers(&t.scope) && valid.contains(t.validity);
                let near = match (theirs.is_empty(), viewing) {
                    (true, _) => scope.is_account(),
                    (false, true) => theirs.iter().any(|t| scope.meets(&t.spec.scope)),
                    (false, false) => theirs.iter().any(|t| covers(&t.spec)),
                };
                (!near).then_some(Verdict::OtherUsers)
            }
        }
    }

    /// A scope in words, places by their refs: `uk, only at UK-LEEDS, UK-YORK, only channel web`.
    #[must_use]
    pub fn scope_text(&self, scope: &Scope) -> String {
        self.scope_in_words(scope, By::Ref, SHOWN_MAX)
    }

    /// The same for people, places by their names: `Maison UK, only at Leeds, York, only channel Web`.
    #[must_use]
    pub fn scope_named(&self, scope: &Scope) -> String {
        self.scope_in_words(scope, By::Name, SHOWN_MAX)
    }

    /// The same for the audit, which tells the ref of every place.
    pub(crate) fn scope_told(&self, scope: &Scope) -> String {
        self.scope_in_words(scope, By::Ref, usize::MAX)
    }

    fn scope_in_words(&self, scope: &Scope, by: By, most: usize) -> String {
        if scope.is_account() {
            return "the whole account".to_owned();
        }
        let places = self.places();
        let mut text = match &scope.retailers {
            Extent::All => "every site".to_owned(),
            Extent::Set(set) => {
                let found = set.members().iter().map(|id| places.retailer(*id));
                list(found.map(|site| site.map(|site| by.of(&site.r#ref, &site.name))), most)
            }
        };
        let location = |set: &IdSet<LocationId>| {
            let found = set.members().iter().map(|id| places.location(*id));
            list(found.map(|place| place.map(|place| by.of(&place.r#ref, &place.name))), most)
        };
        match &scope.locations {
            LocationExtent::All => {}
            LocationExtent::Narrow(set) => text += &format!(", of locations {} alone", location(set)),
            LocationExtent::Only(set) => text += &format!(", only at {}", location(set)),
        }
        if let Extent::Set(set) = &scope.channels {
            let found = set.members().iter().map(|id| places.channel(*id));
            let names = found.map(|channel| channel.map(|channel| by.of(&channel.r#ref, &channel.name)));
            text += &format!(", only channel {}", list(names, most));
        }
        text
    }
}

/// How places are called in a text.
#[derive(Clone, Copy)]
enum By {
    Ref,
    Name,
}

impl By {
    fn of<'p>(self, r#ref: &'p Ref, name: &'p Label) -> &'p str {
        match self {
            Self::Ref => r#ref.as_str(),
            Self::Name => name.as_str(),
        }
    }
}

/// Most places of a kind that a scope in words names.
const SHOWN_MAX: usize = 5;

/// Names in a row, the tail of a long row counted.
fn list<'n>(names: impl ExactSizeIterator<Item = Option<&'n str>>, most: usize) -> String {
    let count = names.len();
    let shown: Vec<&str> = names.take(most).map(|n| n.unwrap_or("?")).collect();
    match count.saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
