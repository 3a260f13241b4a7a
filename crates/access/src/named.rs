//! What somebody means who names places and roles: by id, by ref or key, or by what people call them, in any case.
//!
//! **Invariant:** a place that somebody has nothing to do with ([`Reach`]) is named like one that there is not.

use crate::reach::Reach;
use crate::scope::Scope;
use crate::snapshot::{Channel, Location, Retailer, Role, Snapshot};
use crate::typed::folded;
use crate::words::{ChannelId, LocationId, Number, RetailerId};
use std::collections::BTreeMap;

/// Most names of one list: as many as somebody types.
pub const NAMES_MAX: usize = 500;

/// How one of several that are called alike is named.
const BY_REF: &str = "give its ref";

/// Why a list of names names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNamed {
    /// More than [`NAMES_MAX`].
    #[error("these are {given} names, at most {NAMES_MAX} are taken at once")]
    TooMany {
        /// Names given.
        given: usize,
    },
    /// It means nothing that one may know.
    #[error("there is no {what} `{given}` here")]
    Unknown {
        /// What it should be: `site`, `stock location`, `sales channel`.
        what: &'static str,
        /// The name.
        given: String,
    },
    /// It means several things that one may know.
    #[error("several {what}s are called `{given}`: {how}")]
    Several {
        /// What it should be.
        what: &'static str,
        /// The name.
        given: String,
        /// How to say which.
        how: &'static str,
    },
}

/// Names as somebody means them who may know of the places of a reach.
#[derive(Clone, Copy, Debug)]
pub struct Names<'s> {
    on: &'s Snapshot,
    reach: &'s Reach,
    also: Option<&'s Scope>,
}

/// What a name means so far.
enum Meant<T> {
    Nothing,
    One(T),
    Several,
}

impl<'s> Names<'s> {
    /// The names of a state, for whoever has that reach.
    #[must_use]
    pub fn new(on: &'s Snapshot, reach: &'s Reach) -> Self {
        Self { on, reach, also: None }
    }

    /// The same, with the places that this scope lists: whoever is shown it may say that it stays.
    #[must_use]
    pub fn beside(self, scope: &'s Scope) -> Self {
        Self { also: Some(scope), ..self }
    }

    /// The retailers of these names.
    ///
    /// # Errors
    /// The first name that means none or several; too many of them.
    pub fn retailers(&self, names: &[&str]) -> Result<Vec<RetailerId>, NotNamed> {
        let places = self.on.places();
        let also = self.also.map_or(&[][..], |scope| scope.retailers.listed());
        let seen = |retailer: &&Retailer| self.reach.has_retailer(retailer.id) || also.contains(&retailer.id);
        let by_ref = |name: &str| places.find_retailer(name).filter(seen).map(|found| found.id);
        let each = places.retailers().filter(seen).map(|r| (r.id, r.r#ref.as_str(), r.name.as_str()));
        all(("site", BY_REF), names, by_ref, each)
    }

    /// The locations of these names, of those retailers; without one, of any.
    ///
    /// # Errors
    /// As for retailers.
    pub fn locations(&self, of: &[RetailerId], names: &[&str]) -> Result<Vec<LocationId>, NotNamed> {
        let places = self.on.places();
        let also = self.also.map_or(&[][..], |scope| scope.locations.listed());
        let known = |location: &Location| self.reach.has_location(location) || also.contains(&location.id);
        let seen = |location: &&Location| is_of(location.retailer, of) && known(location);
        let by_ref = |name: &str| places.find_location(name).filter(seen).map(|found| found.id);
        let each = places.locations().filter(seen).map(|l| (l.id, l.r#ref.as_str(), l.name.as_str()));
        all(("stock location", BY_REF), names, by_ref, each)
    }

    /// The channels of these names, of those retailers; without one, of any.
    ///
    /// # Errors
    /// As for retailers.
    pub fn channels(&self, of: &[RetailerId], names: &[&str]) -> Result<Vec<ChannelId>, NotNamed> {
        let places = self.on.places();
        let also = self.also.map_or(&[][..], |scope| scope.channels.listed());
        let known = |channel: &Channel| self.reach.has_channel(channel) || also.contains(&channel.id);
        let seen = |channel: &&Channel| is_of(channel.retailer, of) && known(channel);
        let by_ref = |name: &str| match of {
            [one] => places.find_channel(Some(*one), name).filter(seen).map(|found| found.id),
            // A ref is one of a retailer: among several it is found like a name, where it is the only one.
            _ => places.find_channel(None, name).filter(seen).map(|found| found.id),
        };
        let each = places.channels().filter(seen).map(|c| (c.id, c.r#ref.as_str(), c.name.as_str()));
        // A channel's ref is its own in its retailer alone.
        let how = if of.len() == 1 { BY_REF } else { "name the site, too" };
        all(("sales channel", how), names, by_ref, each)
    }

    /// The role of that key, or the only one of that name.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&'s Role> {
        let wanted = folded(name);
        let only = |mut found: Vec<&'s Role>| if found.len() == 1 { found.pop() } else { None };
        let by = |text: fn(&Role) -> &str| {
            only(self.on.roles().filter(|role| folded(text(role)) == wanted).collect())
        };
        self.on
            .find_role(name)
            .or_else(|| by(|role| role.key.as_str()))
            .or_else(|| by(|role| role.label.as_str()))
    }

    /// How a list of names names that retailer: by its ref, or by its id where the ref would be read as two.
    #[must_use]
    pub fn of_retailer(retailer: &Retailer) -> String {
        name(retailer.r#ref.as_str(), true, &retailer.id)
    }

    /// The same for a location.
    #[must_use]
    pub fn of_location(location: &Location) -> String {
        name(location.r#ref.as_str(), true, &location.id)
    }

    /// The same for a channel beside the names of those retailers.
    #[must_use]
    pub fn of_channel(&self, channel: &Channel, of: &[RetailerId]) -> String {
        let places = self.on.places();
        let same =
            |retailer: &&RetailerId| places.find_channel(Some(**retailer), channel.r#ref.as_str()).is_some();
        name(channel.r#ref.as_str(), of.iter().filter(same).count() == 1, &channel.id)
    }
}

fn name(reference: &str, is_enough: bool, id: &impl ToString) -> String {
    if is_enough && !reference.contains(',') { reference.to_owned() } else { id.to_string() }
}

fn is_of(retailer: RetailerId, of: &[RetailerId]) -> bool {
    of.is_empty() || of.contains(&retailer)
}

/// What each name means: what `by_ref` finds, else the only thing whose ref or name it is in any case. The things are
/// looked at once, however many names there are.
fn all<'t, T: Number>(
    (what, how): (&'static str, &'static str),
    names: &[&str],
    by_ref: impl Fn(&str) -> Option<T>,
    things: impl Iterator<Item = (T, &'t str, &'t str)>,
) -> Result<Vec<T>, NotNamed> {
    if names.len() > NAMES_MAX {
        return Err(NotNamed::TooMany { given: names.len() });
    }
    let found: Vec<Option<T>> = names.iter().map(|name| by_ref(name)).collect();
    let mut called: BTreeMap<Vec<u8>, Meant<T>> = names
        .iter()
        .zip(&found)
        .filter(|(_, found)| found.is_none())
        .map(|(name, _)| (folded(name), Meant::Nothing))
        .collect();
    if !called.is_empty() {
        for (id, reference, name) in things {
            for text in [reference, name] {
                let Some(meant) = called.get_mut(&folded(text)) else { continue };
                *meant = match meant {
                    Meant::Nothing => Meant::One(id),
                    Meant::One(other) if *other == id => Meant::One(id),
                    _ => Meant::Several,
                };
            }
        }
    }
    let meant = |(name, found): (&&str, Option<T>)| match (found, called.get(&folded(name))) {
        (Some(id), _) => Ok(id),
        (None, Some(Meant::One(id))) => Ok(*id),
        (None, Some(Meant::Several)) => Err(NotNamed::Several { what, given: (*name).to_owned(), how }),
        _ => Err(NotNamed::Unknown { what, given: (*name).to_owned() }),
    };
    names.iter().zip(found).map(meant).collect()
}
