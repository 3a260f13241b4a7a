//! AuthZEN requests as they come: borrowed from the body, what is missing kept apart from what is of a wrong type.
//!
//! Unknown members are ignored, in any order; a known one that is there twice is refused, as two readers could
//! disagree about which counts.

use super::shape::{Part, Shape, Text, members, put, skip};
use crate::limits::EVALUATIONS_MAX;
use serde::de::{MapAccess, SeqAccess};

/// Who.
#[derive(Debug, Default)]
pub(super) struct Subject<'a> {
    pub(super) kind: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) properties: Part<Ignored>,
}

/// Does what.
#[derive(Debug, Default)]
pub(super) struct Action<'a> {
    pub(super) name: Text<'a>,
    pub(super) properties: Part<Ignored>,
}

/// To which thing.
#[derive(Debug, Default)]
pub(super) struct Resource<'a> {
    pub(super) kind: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) properties: Part<Properties<'a>>,
}

/// Where that thing is.
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    pub(super) retailer: Text<'a>,
    pub(super) location: Text<'a>,
    pub(super) channel: Text<'a>,
}

/// Under which circumstances.
#[derive(Debug, Default)]
pub(super) struct Context<'a> {
    pub(super) application: Text<'a>,
}

/// An object of which nothing is used.
#[derive(Debug, Default)]
pub(super) struct Ignored;

/// A question, or its defaults.
#[derive(Debug, Default)]
pub(super) struct Item<'a> {
    pub(super) subject: Part<Box<Subject<'a>>>,
    pub(super) action: Part<Box<Action<'a>>>,
    pub(super) resource: Part<Resource<'a>>,
    pub(super) context: Part<Box<Context<'a>>>,
}

/// How a request wants to be answered.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    pub(super) semantic: Text<'a>,
    pub(super) explain: Part<bool>,
}

/// A request of one question.
#[derive(Debug, Default)]
pub(super) struct Single<'a> {
    pub(super) top: Item<'a>,
    pub(super) options: Part<Options<'a>>,
}

/// A request of many.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    pub(super) single: Single<'a>,
    pub(super) evaluations: Part<List<'a>>,
}

/// The questions of a batch.
#[derive(Debug, Default)]
pub(super) struct List<'a> {
    /// The first [`EVALUATIONS_MAX`] of them.
    pub(super) items: Vec<Part<Item<'a>>>,
    /// How many there were.
    pub(super) given: usize,
}

impl<'de> Shape<'de> for Subject<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| match name {
            "type" => put(&mut found.kind, "type", map),
            "id" => put(&mut found.id, "id", map),
            "properties" => put(&mut found.properties, "properties", map),
            _ => skip(map),
        })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for Action<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| match name {
            "name" => put(&mut found.name, "name", map),
            "properties" => put(&mut found.properties, "properties", map),
            _ => skip(map),
        })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for Resource<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| match name {
            "type" => put(&mut found.kind, "type", map),
            "id" => put(&mut found.id, "id", map),
            "properties" => put(&mut found.properties, "properties", map),
            _ => skip(map),
        })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for Properties<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| match name {
            "retailer" => put(&mut found.retailer, "retailer", map),
            "location" => put(&mut found.location, "location", map),
            "channel" => put(&mut found.channel, "channel", map),
            _ => skip(map),
        })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for Context<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| match name {
            "application" => put(&mut found.application, "application", map),
            _ => skip(map),
        })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for Ignored {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        members(map, |_, map| skip(map))?;
        Ok(Part::Is(Ignored))
    }
}

impl<'de> Item<'de> {
    /// Takes the member if it is one of a question.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "subject" => put(&mut self.subject, "subject", map)?,
            "action" => put(&mut self.action, "action", map)?,
            "resource" => put(&mut self.resource, "resource", map)?,
            "context" => put(&mut self.context, "context", map)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl<'de> Shape<'de> for Item<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| if found.take(name, map)? { Ok(()) } else { skip(map) })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for Options<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| match name {
            "evaluations_semantic" => put(&mut found.semantic, "evaluations_semantic", map),
            "explain" => put(&mut found.explain, "explain", map),
            _ => skip(map),
        })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Single<'de> {
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if self.top.take(name, map)? {
            return Ok(());
        }
        if name == "options" { put(&mut self.options, "options", map) } else { skip(map) }
    }
}

impl<'de> Shape<'de> for Single<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| found.take(name, map))?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for Batch<'de> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        members(map, |name, map| match name {
            "evaluations" => put(&mut found.evaluations, "evaluations", map),
            _ => found.single.take(name, map),
        })?;
        Ok(Part::Is(found))
    }
}

impl<'de> Shape<'de> for List<'de> {
    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Part<Self>, A::Error> {
        let mut found = Self::default();
        while found.items.len() < EVALUATIONS_MAX {
            let Some(item) = seq.next_element()? else { break };
            found.items.push(item);
        }
        found.given = found.items.len();
        // Counted to the end, so that the refusal can say how many there were.
        while found.given >= EVALUATIONS_MAX && seq.next_element::<super::shape::Skipped>()?.is_some() {
            found.given += 1;
        }
        Ok(Part::Is(found))
    }
}
