//! Questions about who may do what: for programs that ask, and for the command line.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::office::OfficePage;
use crate::stores::{sites_of, stores_of};
use access::catalogue::Entity;
use access::decide::Question;
use access::delegation::Giver;
use access::explain::{Explanation, Verdict};
use access::proof::Actor;
use access::{
    Application, Decision, Extent, Grounds, IdSet, Instant, LocationExtent, LocationId, PermissionId, Place,
    Resource, RetailerId, Scope, Snapshot, Subject, UserId, Validity,
};
use authn::Principal;
use commerce::CommerceError;
use std::sync::Arc;

/// The places that a question names: refs or ids, as they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places<'a> {
    /// A retailer.
    pub retailer: Option<&'a str>,
    /// A location.
    pub location: Option<&'a str>,
    /// A sales channel.
    pub channel: Option<&'a str>,
}

impl Places<'_> {
    /// Whether none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a question names that cannot be asked about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// A name that is unknown in this account.
    #[error("there is no {what} `{given}` in this account{hint}")]
    Unknown {
        /// What it should be.
        what: &'static str,
        /// The name, shortened.
        given: String,
        /// What would be right.
        hint: String,
    },
    /// Places that do not belong together.
    #[error("the {what} `{given}` belongs to another retailer than the one named")]
    OtherRetailer {
        /// Location or channel.
        what: &'static str,
        /// Its name.
        given: String,
    },
    /// A thing that is a place, and another place of its kind.
    #[error("the id names the {what} `{given}`, the properties another one")]
    OtherThing {
        /// Retailer or location.
        what: &'static str,
        /// Its name.
        given: String,
    },
    /// The asker may not ask about others there.
    #[error("asking about others needs DECISION_VIEW on the resource asked about")]
    NotAllowed,
}

/// What a grant must hold over for things at that place; everywhere in a dimension that the place leaves out.
fn scope_of(place: &Place) -> Scope {
    let one = |id| IdSet::new([id]).ok();
    Scope {
        retailers: place.retailer.and_then(|id| IdSet::new([id]).ok()).map_or(Extent::All, Extent::Set),
        locations: place.location.and_then(one).map_or(LocationExtent::All, LocationExtent::Narrow),
        channels: place.channel.and_then(|id| IdSet::new([id]).ok()).map_or(Extent::All, Extent::Set),
    }
}

fn unknown(what: &'static str, given: &str) -> AskError {
    AskError::Unknown { what, given: given.chars().take(80).collect(), hint: String::new() }
}

/// Most users who are tried when some are looked for who could grant something.
const GIVERS_TRIED_MAX: usize = 1_000;

/// A principal who asks, on one state, at one instant.
#[derive(Debug)]
pub struct Inquiry {
    snapshot: Arc<Snapshot>,
    subject: Subject,
    now: Instant,
    decision_view: Option<PermissionId>,
}

impl Service {
    /// Begins to ask, on the newest state.
    ///
    /// # Errors
    /// A principal who is no longer current, or a database that cannot prove what is newest.
    pub fn inquire(&self, who: &Principal) -> Result<Inquiry, ServiceError> {
        let snapshot = self.enter(who)?;
        let decision_view = snapshot.permissions().find("DECISION_VIEW");
        Ok(Inquiry { subject: *who.subject(), now: self.inner.clock.now(), decision_view, snapshot })
    }

    /// The place of a stored thing, by its id or ref; none when nothing of that name is stored. What is itself
    /// a place is not looked for here but by [`Inquiry::named_by`].
    ///
    /// # Errors
    /// A name that several things have, or a database that cannot be used.
    pub fn locate(
        &self,
        inquiry: &Inquiry,
        entity: Entity,
        key: &str,
    ) -> Result<Option<Place>, ServiceError> {
        let on = &inquiry.snapshot;
        let name = on.contract().entity_name(entity);
        match self.inner.commerce.locate(on.account().id, name, key) {
            // Nothing of that entity is stored here, so this thing is not either.
            Err(CommerceError::NotKept { .. }) => Ok(None),
            found => Ok(found?),
        }
    }
}

impl Inquiry {
    /// The state that is asked.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The pages of the Order Management Center that the principal may read.
    #[must_use]
    pub fn menu(&self) -> Vec<OfficePage> {
        let may = |page: &OfficePage| self.snapshot.authorize(&self.subject, *page, self.now).is_ok();
        OfficePage::MENU.into_iter().filter(may).collect()
    }

    /// The open sites that the principal may be in, in the order of their refs, at most so many.
    #[must_use]
    pub fn sites(&self, most: usize) -> Vec<RetailerId> {
        let all = sites_of(&self.snapshot, &self.subject, self.now);
        all.into_iter().take(most).map(|site| site.id).collect()
    }

    /// The open stores that the principal has individual access to in the Store App, in the order of their refs, at most
    /// so many.
    #[must_use]
    pub fn stores(&self, most: usize) -> Vec<LocationId> {
        let Some(user) = self.subject.user() else { return Vec::new() };
        let all = stores_of(&self.snapshot, user, self.now);
        all.into_iter().take(most).map(|store| store.id).collect()
    }

    /// The instant of the questions.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The user of that id or login.
    ///
    /// # Errors
    /// There is none; removed users are none.
    pub fn user(&self, text: &str) -> Result<UserId, AskError> {
        let found = self.snapshot.find_user(text);
        let there = found.filter(|id| self.snapshot.user(*id).is_some_and(|u| !u.is_removed()));
        there.ok_or_else(|| unknown("user", text))
    }

    /// The permission of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn permission(&self, name: &str) -> Result<PermissionId, AskError> {
        self.snapshot.permissions().find(name).ok_or_else(|| unknown("permission", name))
    }

    /// The entity that the noun of a permission names; for a noun that names none, the one that carries just the places
    /// that are named.
    #[must_use]
    pub fn entity_of(&self, permission: &str, named: &Places<'_>) -> Option<Entity> {
        let contract = self.snapshot.contract();
        let noun = permission.split('_').next().unwrap_or_default().to_lowercase();
        let plain = |name: &str| name.replace('_', "");
        let by_noun = contract.entities().find(|e| !e.is_user() && plain(contract.entity_name(*e)) == noun);
        let other = match noun.as_str() {
            "standardproduct" | "variantproduct" | "price" => Some("item"),
            "audit" => Some("audit_entry"),
            _ => None,
        };
        let by_places = match (named.retailer, named.location, named.channel) {
            (_, Some(_), Some(_)) => "fulfilment",
            (_, Some(_), None) => "inventory_position",
            (_, None, Some(_)) => "order",
            (Some(_), None, None) => "workflow",
            (None, None, None) => "account",
        };
        by_noun.or_else(|| contract.entity(other.unwrap_or(by_places)))
    }

    /// The entity of that name.
    ///
    /// # Errors
    /// There is none; the hint names those that there are.
    pub fn entity(&self, name: &str) -> Result<Entity, AskError> {
        let contract = self.snapshot.contract();
        contract.entity(name).ok_or_else(|| {
            let all: Vec<&str> = contract.entities().map(|e| contract.entity_name(e)).collect();
            let hint = format!(": it is one of {}", all.join(", "));
            AskError::Unknown { what: "entity", given: name.chars().take(80).collect(), hint }
        })
    }

    /// The place of these names. A location or channel brings its retailer with it.
    ///
    /// # Errors
    /// An unknown name, or places of different retailers.
    #[inline]
    pub fn place(&self, named: &Places<'_>) -> Result<Place, AskError> {
        let places = self.snapshot.places();
        let mut retailer = match named.retailer {
            None => None,
            Some(text) => Some(places.find_retailer(text).ok_or_else(|| unknown("retailer", text))?.id),
        };
        let location = match named.location {
            None => None,
            Some(text) => {
                let found = places.find_location(text).ok_or_else(|| unknown("location", text))?;
                if *retailer.get_or_insert(found.retailer) != found.retailer {
                    return Err(AskError::OtherRetailer { what: "location", given: text.into() });
                }
                Some(found.id)
            }
        };
        let channel = match named.channel {
            None => None,
            Some(text) => Some(self.channel(&mut retailer, text)?),
        };
        Ok(Place { retailer, location, channel })
    }

    fn channel(
        &self,
        retailer: &mut Option<access::RetailerId>,
        text: &str,
    ) -> Result<access::ChannelId, AskError> {
        let places = self.snapshot.places();
        if let Some(found) = places.find_channel(*retailer, text) {
            if *retailer.get_or_insert(found.retailer) != found.retailer {
                return Err(AskError::OtherRetailer { what: "channel", given: text.into() });
            }
            return Ok(found.id);
        }
        let mut named = places.channels_named(text);
        match (named.next(), retailer.is_none()) {
            (Some(_), true) => Err(AskError::Unknown {
                what: "channel with the id",
                given: text.into(),
                hint: ": its ref needs the retailer beside it, for several may have one of that ref".into(),
            }),
            (Some(_), false) => Err(AskError::OtherRetailer { what: "channel", given: text.into() }),
            (None, _) => Err(unknown("channel", text)),
        }
    }

    /// What is asked about, as it is named: a retailer, location or channel is itself the place, so its own
    /// name counts beside those that qualify it.
    ///
    /// # Errors
    /// An own name that contradicts the place that was sent.
    pub fn named_by<'a>(
        &self,
        entity: Entity,
        id: &'a str,
        named: Places<'a>,
    ) -> Result<Option<Places<'a>>, AskError> {
        let places = self.snapshot.places();
        let contradiction = |differs: bool, what: &'static str| match differs {
            true => Err(AskError::OtherThing { what, given: id.chars().take(80).collect() }),
            false => Ok(()),
        };
        match self.snapshot.contract().entity_name(entity) {
            "retailer" => {
                let own = places.find_retailer(id).map(|r| r.id);
                let sent = named.retailer.and_then(|r| places.find_retailer(r)).map(|r| r.id);
                contradiction(own.is_some() && sent.is_some() && own != sent, "retailer")?;
                Ok(Some(Places { retailer: named.retailer.or(Some(id)), ..named }))
            }
            "location" => {
                let own = places.find_location(id).map(|l| l.id);
                let sent = named.location.and_then(|l| places.find_location(l)).map(|l| l.id);
                contradiction(own.is_some() && sent.is_some() && own != sent, "location")?;
                Ok(Some(Places { location: named.location.or(Some(id)), ..named }))
            }
            "sales_channel" => Ok(Some(Places { channel: named.channel.or(Some(id)), ..named })),
            _ => Ok(None),
        }
    }

    /// Decides a question, if the principal may ask it: about oneself freely, about others with
    /// DECISION_VIEW on the resource asked about.
    ///
    /// # Errors
    /// [`AskError::NotAllowed`].
    #[inline]
    pub fn decide(&self, question: &Question) -> Result<Decision, AskError> {
        self.may_ask(question)?;
        Ok(self.snapshot.decide(question, self.now))
    }

    /// The whole explanation of a question, if the principal may ask it.
    ///
    /// # Errors
    /// [`AskError::NotAllowed`].
    pub fn explain(&self, question: &Question) -> Result<Explanation, AskError> {
        self.may_ask(question)?;
        Ok(self.snapshot.explain(question, self.now))
    }

    #[inline]
    fn may_ask(&self, question: &Question) -> Result<(), AskError> {
        let oneself = self.subject.user() == Some(question.user);
        if oneself || self.asks_of_others(question.resource) { Ok(()) } else { Err(AskError::NotAllowed) }
    }

    /// Whether the principal may ask about others on that resource, whoever they are.
    #[must_use]
    #[inline]
    pub fn asks_of_others(&self, resource: Resource) -> bool {
        let Some(user) = self.subject.user() else { return true };
        let Some(permission) = self.decision_view else { return false };
        let application: Option<Application> = self.subject.application();
        // An answer tells what somebody holds: that reference data is shared lets nobody hear that.
        let own = Question { user, permission, resource: resource.unshared(), application };
        self.snapshot.allows(&own, self.now)
    }

    /// A sentence for a decision; the nearest miss is looked for when it is a deny.
    #[must_use]
    pub fn sentence(&self, question: &Question, decision: &Decision) -> String {
        let on = &self.snapshot;
        let permission = on.permissions().name(question.permission);
        match decision.grounds {
            Grounds::UnknownUser => "there is no such user".to_owned(),
            Grounds::Inactive => "the user is disabled or removed".to_owned(),
            Grounds::ApplicationClosed => {
                let name = question.application.map_or("the application", Application::name);
                format!("no valid grant opens {name} to the user")
            }
            Grounds::NotHeld => format!("no grant of the user holds {permission}"),
            Grounds::Granted { grant } => {
                let found = on.grants(question.user).into_iter().find(|g| g.id == grant);
                found.map_or_else(String::new, |g| {
                    let role = on.role(g.spec.role).map_or("?", |r| r.key.as_str());
                    format!("{role} holds {permission} over {} ({grant})", on.scope_text(&g.spec.scope))
                })
            }
            Grounds::NotHere => self.miss(question, permission),
        }
    }

    /// Whether the asker may hear of grants that have nothing to do with the place asked about: of their own, and of
    /// everybody's with DECISION_VIEW everywhere, which only a grant over all places admits where none is named.
    #[must_use]
    pub fn may_hear_of_grants(&self, user: UserId) -> bool {
        let Some(asker) = self.subject.user() else { return true };
        let everywhere =
            self.snapshot.contract().entity("fulfilment").map(|e| Resource::thing(e, Place::default()));
        let asked = self.decision_view.zip(everywhere).map(|(permission, resource)| Question {
            user: asker,
            permission,
            resource,
            application: self.subject.application(),
        });
        asker == user || asked.is_some_and(|asked| self.snapshot.allows(&asked, self.now))
    }

    /// Some active users who could grant the permission there for good, in the application that the question names:
    /// those whom the principal sees.
    #[must_use]
    pub fn givers(&self, question: &Question, most: usize) -> Vec<UserId> {
        let (on, now) = (&self.snapshot, self.now);
        let Resource::Thing { place, .. } = question.resource else { return Vec::new() };
        let Some(manage) = on.permissions().find("USER_UPDATE") else { return Vec::new() };
        let scope = scope_of(&place);
        let gives = |user: &UserId| {
            let giver = Giver::new(on, Actor::User(*user), self.subject.application(), now);
            giver.may(manage, &scope, Validity::ALWAYS)
                && giver.may(question.permission, &scope, Validity::ALWAYS)
        };
        let asked = Question { application: self.subject.application(), ..*question };
        on.who_can(&asked, None, now)
            .map(|(user, _)| user)
            .take(GIVERS_TRIED_MAX)
            .filter(|user| *user != question.user && on.sees_user(&self.subject, *user, now) && gives(user))
            .take(most)
            .collect()
    }

    fn miss(&self, question: &Question, permission: &str) -> String {
        if !self.may_hear_of_grants(question.user) {
            return format!("no grant of the user holds {permission} there");
        }
        let explanation = self.snapshot.explain(question, self.now);
        let Some(nearest) = explanation.nearest() else {
            return format!("no grant of the user holds {permission}");
        };
        let scope = self.snapshot.scope_text(&nearest.grant.spec.scope);
        let role = self.snapshot.role(nearest.grant.spec.role).map_or("?", |r| r.key.as_str());
        let place = match question.resource {
            Resource::Thing { place, .. } => place,
            Resource::User(_) => Place::default(),
        };
        let why = match nearest.verdict {
            Verdict::OtherRetailer if place.retailer.is_none() => "this is of no site",
            Verdict::OtherRetailer => "this is of another site",
            Verdict::OtherLocation if place.location.is_none() => "this is at no location",
            Verdict::OtherLocation => "this is at another location",
            Verdict::OtherChannel if place.channel.is_none() => "this came through no channel",
            Verdict::OtherChannel => "this came through another channel",
            Verdict::OtherUsers => "this user is not all within it",
            Verdict::NotNow => "it does not hold at this time",
            Verdict::OtherApplication => "it counts in another application",
            Verdict::Allows | Verdict::ApplicationClosed | Verdict::NotHeld => "it is not enough",
        };
        format!("nearest: {role} holds {permission} over {scope}, but {why} ({})", nearest.grant.id)
    }
}
