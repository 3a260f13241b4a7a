//! From the words of a question to its answer.

use super::shape::{Part, Text};
use super::wire::{Action, Context, Item, Properties, Resource, Subject};
use access::{
    Application, Decision, Entity, Number, PermissionId, Place, Question, Resource as Thing, UserId,
};
use axum::http::StatusCode;
use service::{AskError, Inquiry, Places, ServiceError};

/// Looks up the place of a stored thing, by entity and by id or ref; it may read the database.
pub type Locate<'l> = &'l dyn Fn(Entity, &str) -> Result<Option<Place>, ServiceError>;

/// Why a question has no answer of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The HTTP status that says what kind of trouble it is.
    pub status: u16,
    /// What is wrong, what was given, what would be right.
    pub message: String,
}

impl Trouble {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status: status.as_u16(), message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
}

impl From<AskError> for Trouble {
    fn from(error: AskError) -> Self {
        let status = match &error {
            AskError::NotAllowed => StatusCode::FORBIDDEN,
            AskError::Unknown { what: "permission" | "entity", .. }
            | AskError::OtherRetailer { .. }
            | AskError::OtherThing { .. } => StatusCode::BAD_REQUEST,
            AskError::Unknown { .. } => StatusCode::NOT_FOUND,
        };
        Self::new(status, error.to_string())
    }
}

impl From<ServiceError> for Trouble {
    fn from(error: ServiceError) -> Self {
        let refusal = crate::refusal::Refusal::from(error);
        Self::new(refusal.status, refusal.detail)
    }
}

/// The user that a question is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) id: UserId,
    pub(super) known: bool,
}

/// Beyond every user that an account can have: asked about instead of one who does not exist, so that whoever may
/// not ask learns nothing.
fn nobody() -> Result<UserId, Trouble> {
    let none = || Trouble::new(StatusCode::INTERNAL_SERVER_ERROR, "an internal error");
    UserId::from_number(u32::MAX).ok_or_else(none)
}

/// Asks on one state, remembering the last names: those of a batch are often the same.
pub(super) struct Asker<'a> {
    pub(super) inquiry: &'a Inquiry,
    locate: Locate<'a>,
    entity: Option<(&'a str, Entity)>,
    place: Option<(Places<'a>, Place)>,
}

/// The parts of a question that items inherit.
pub(super) struct Defaults<'a> {
    pub(super) item: &'a Item<'a>,
    who: Result<Who, Trouble>,
    permission: Result<PermissionId, Trouble>,
    application: Result<Option<Application>, Trouble>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(inquiry: &'a Inquiry, locate: Locate<'a>) -> Self {
        Self { inquiry, locate, entity: None, place: None }
    }

    /// What is wrong or missing here is told by the items that inherit it, not before.
    pub(super) fn defaults(&self, top: &'a Item<'a>) -> Defaults<'a> {
        Defaults {
            who: self.who(object(&top.subject, "subject").map(AsRef::as_ref)),
            permission: self.permission(object(&top.action, "action").map(AsRef::as_ref)),
            application: application(&top.context),
            item: top,
        }
    }

    /// The question of an item.
    pub(super) fn question(
        &mut self,
        item: &'a Item<'a>,
        defaults: &Defaults<'a>,
    ) -> Result<(Question, bool), Trouble> {
        let who = match &item.subject {
            Part::Absent => defaults.who.clone()?,
            own => self.who(object(own, "subject").map(AsRef::as_ref))?,
        };
        let permission = match &item.action {
            Part::Absent => defaults.permission.clone()?,
            own => self.permission(object(own, "action").map(AsRef::as_ref))?,
        };
        let application = match &item.context {
            Part::Absent => defaults.application.clone()?,
            own => application(own)?,
        };
        let resource = match &item.resource {
            Part::Absent => &defaults.item.resource,
            own => own,
        };
        let resource = self.resource(object(resource, "resource")?)?;
        Ok((Question { user: who.id, permission, resource, application }, who.known))
    }

    fn who(&self, subject: Result<&Subject<'_>, Trouble>) -> Result<Who, Trouble> {
        let subject = subject?;
        let kind = text(&subject.kind, "subject.type")?;
        let id = text(&subject.id, "subject.id")?;
        if kind != "user" {
            return Err(Trouble::invalid(format!("subject.type is `{}`: it is `user`", short(kind))));
        }
        is_object(&subject.properties, "subject.properties")?;
        match self.inquiry.user(id) {
            Ok(id) => Ok(Who { id, known: true }),
            Err(_) => Ok(Who { id: nobody()?, known: false }),
        }
    }

    fn permission(&self, action: Result<&Action<'_>, Trouble>) -> Result<PermissionId, Trouble> {
        let action = action?;
        is_object(&action.properties, "action.properties")?;
        Ok(self.inquiry.permission(text(&action.name, "action.name")?)?)
    }

    fn resource(&mut self, resource: &'a Resource<'a>) -> Result<Thing, Trouble> {
        let kind = text(&resource.kind, "resource.type")?;
        let id = text(&resource.id, "resource.id")?;
        let entity = self.entity(kind)?;
        let named = match &resource.properties {
            Part::Absent => Places::default(),
            Part::Is(properties) => places(properties)?,
            Part::Wrong => return Err(Trouble::invalid("resource.properties is no object")),
        };
        if entity.is_user() {
            // Nobody who does not exist is told from those without grants: both are seen account-wide alone.
            return Ok(Thing::User(self.inquiry.user(id).or_else(|_| nobody())?));
        }
        let named = match self.inquiry.named_by(entity, id, named)? {
            Some(itself) => itself,
            None if named.is_empty() => return self.stored(entity, id),
            None => named,
        };
        Ok(Thing::thing(entity, self.place(named)?))
    }

    fn entity(&mut self, kind: &'a str) -> Result<Entity, Trouble> {
        match self.entity {
            Some((last, entity)) if last == kind => Ok(entity),
            _ => {
                let entity = self.inquiry.entity(kind)?;
                self.entity = Some((kind, entity));
                Ok(entity)
            }
        }
    }

    fn place(&mut self, named: Places<'a>) -> Result<Place, Trouble> {
        match self.place {
            Some((last, place)) if last == named => Ok(place),
            _ => {
                let place = self.inquiry.place(&named)?;
                self.place = Some((named, place));
                Ok(place)
            }
        }
    }

    /// A stored thing at its place. What is not stored is admitted by the whole account alone.
    fn stored(&self, entity: Entity, id: &str) -> Result<Thing, Trouble> {
        if !(entity.carries_retailer() || entity.carries_location() || entity.carries_channel()) {
            return Ok(Thing::thing(entity, Place::default()));
        }
        let place = (self.locate)(entity, id)?;
        Ok(place.map_or_else(|| Thing::unplaced(entity), |place| Thing::thing(entity, place)))
    }

    /// The answer, if the asker may have one.
    pub(super) fn decide(&self, question: &Question) -> Result<Decision, Trouble> {
        Ok(self.inquiry.decide(question)?)
    }
}

fn object<'p, T>(part: &'p Part<T>, name: &str) -> Result<&'p T, Trouble> {
    match part {
        Part::Is(found) => Ok(found),
        Part::Absent => Err(Trouble::invalid(format!("the member `{name}` is missing"))),
        Part::Wrong => Err(Trouble::invalid(format!("`{name}` is no object"))),
    }
}

fn is_object<T>(part: &Part<T>, name: &str) -> Result<(), Trouble> {
    match part {
        Part::Wrong => Err(Trouble::invalid(format!("`{name}` is no object"))),
        Part::Absent | Part::Is(_) => Ok(()),
    }
}

fn text<'p>(part: &'p Text<'_>, name: &str) -> Result<&'p str, Trouble> {
    match part {
        Part::Is(found) => Ok(found),
        Part::Absent => Err(Trouble::invalid(format!("the member `{name}` is missing"))),
        Part::Wrong => Err(Trouble::invalid(format!("`{name}` is no text"))),
    }
}

fn optional<'p>(part: &'p Text<'_>, name: &str) -> Result<Option<&'p str>, Trouble> {
    match part {
        Part::Absent => Ok(None),
        there => text(there, name).map(Some),
    }
}

fn places<'p>(properties: &'p Properties<'_>) -> Result<Places<'p>, Trouble> {
    Ok(Places {
        retailer: optional(&properties.retailer, "resource.properties.retailer")?,
        location: optional(&properties.location, "resource.properties.location")?,
        channel: optional(&properties.channel, "resource.properties.channel")?,
    })
}

fn application(context: &Part<Box<Context<'_>>>) -> Result<Option<Application>, Trouble> {
    let Part::Is(context) = context else {
        return is_object(context, "context").map(|()| None);
    };
    let named = optional(&context.application, "context.application")?;
    named.map(Application::parse).transpose().map_err(|message| Trouble::invalid(short(&message)))
}

pub(super) fn short(text: &str) -> String {
    text.chars().take(160).collect()
}

/// Looks for a wrong type among the defaults: that makes the whole request wrong, whoever inherits it. What is
/// missing is no error here: an item may bring its own.
pub(super) fn check_types(top: &Item<'_>) -> Result<(), Trouble> {
    is_object(&top.subject, "subject")?;
    is_object(&top.action, "action")?;
    is_object(&top.resource, "resource")?;
    is_object(&top.context, "context")?;
    if let Part::Is(subject) = &top.subject {
        optional(&subject.kind, "subject.type")?;
        optional(&subject.id, "subject.id")?;
        is_object(&subject.properties, "subject.properties")?;
    }
    if let Part::Is(action) = &top.action {
        optional(&action.name, "action.name")?;
        is_object(&action.properties, "action.properties")?;
    }
    if let Part::Is(resource) = &top.resource {
        optional(&resource.kind, "resource.type")?;
        optional(&resource.id, "resource.id")?;
        is_object(&resource.properties, "resource.properties")?;
        if let Part::Is(properties) = &resource.properties {
            places(properties)?;
        }
    }
    application(&top.context).map(drop)
}
