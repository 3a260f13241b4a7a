//! Entities: what may be acted on, and which of retailer, location and channel each carries.

use super::ContractError;
use serde::Deserialize;

/// An entity with what its row says, small enough to be passed by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entity {
    index: u8,
    flags: u8,
}

const RETAILER: u8 = 1;
const LOCATION: u8 = 2;
const CHANNEL: u8 = 4;
const REFERENCE: u8 = 8;
const USERS_RULE: u8 = 16;

impl Entity {
    /// Whether a thing of this kind has a retailer (or a place where one could be).
    #[must_use]
    pub const fn carries_retailer(self) -> bool {
        self.flags & RETAILER != 0
    }

    /// Whether it has a location.
    #[must_use]
    pub const fn carries_location(self) -> bool {
        self.flags & LOCATION != 0
    }

    /// Whether it has a sales channel.
    #[must_use]
    pub const fn carries_channel(self) -> bool {
        self.flags & CHANNEL != 0
    }

    /// Whether it is reference data, which may be viewed where it is shared.
    #[must_use]
    pub const fn is_reference_data(self) -> bool {
        self.flags & REFERENCE != 0
    }

    /// The same entity, of which nothing is known to be shared: every dimension is carried, and nothing is
    /// reference data.
    pub(crate) const fn unplaced(self) -> Self {
        Self { index: self.index, flags: self.flags & USERS_RULE | RETAILER | LOCATION | CHANNEL }
    }

    /// The same entity, judged as if it were no reference data.
    pub(crate) const fn unshared(self) -> Self {
        Self { index: self.index, flags: self.flags & !REFERENCE }
    }

    /// Whether it is the user entity, judged by the users' grants instead of a place.
    #[must_use]
    pub const fn is_user(self) -> bool {
        self.flags & USERS_RULE != 0
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entities(Vec<(String, Entity)>);

#[derive(Deserialize)]
struct EntityRow {
    entity: String,
    retailer: String,
    location: String,
    channel: String,
    reference_data: String,
}

impl Entities {
    pub(super) fn read(text: &str) -> Result<Self, ContractError> {
        let mut all = Vec::new();
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            let row: EntityRow = row.map_err(|e| ContractError::new("entities.csv", e.to_string()))?;
            let index = u8::try_from(all.len())
                .map_err(|_| ContractError::new("entities.csv", "it has more than 255 rows"))?;
            let flags = row.flags().map_err(|why| ContractError::new("entities.csv", why))?;
            all.push((row.entity, Entity { index, flags }));
        }
        Ok(Self(all))
    }

    pub(super) fn find(&self, name: &str) -> Option<Entity> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, e)| *e)
    }

    pub(super) fn name(&self, entity: Entity) -> &str {
        self.0.get(usize::from(entity.index)).map_or("?", |(n, _)| n)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Entity> + '_ {
        self.0.iter().map(|(_, e)| *e)
    }
}

impl EntityRow {
    fn flags(&self) -> Result<u8, String> {
        if self.retailer == "by the users rule of DESIGN" {
            // As a thing without its grants a user is nowhere: every dimension is carried and empty.
            return Ok(USERS_RULE | RETAILER | LOCATION | CHANNEL);
        }
        let carried = |cell: &str, flag: u8| match cell {
            "none" | "" | "account-wide" => Ok(0),
            "own" | "itself" | "may be empty" => Ok(flag),
            of if of.starts_with("of the ") => Ok(flag),
            other => Err(format!("`{}` says `{other}`, which is no way to carry a place", self.entity)),
        };
        let reference = match self.reference_data.as_str() {
            "yes" => REFERENCE,
            "no" => 0,
            other => return Err(format!("`{}` says `{other}` where yes or no belongs", self.entity)),
        };
        Ok(carried(&self.retailer, RETAILER)?
            | carried(&self.location, LOCATION)?
            | carried(&self.channel, CHANNEL)?
            | reference)
    }
}

/// An entity known when the program is written, so that a filter of one cannot guard another.
pub trait EntityType: 'static {
    /// Its row in `entities.csv`.
    const NAME: &'static str;
}

/// One type for each entity that the product itself lists or writes.
pub mod kind {
    use super::EntityType;

    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
            $(
                $(#[$doc])*
                #[derive(Debug)]
                pub enum $name {}
                impl EntityType for $name { const NAME: &'static str = $text; }
            )+
            #[cfg(test)]
            pub(super) const NAMES: &[&str] = &[$($text),+];
        };
    }

    kinds! {
        /// An order.
        Order = "order";
        /// A part of an order that one location ships or hands over.
        Fulfilment = "fulfilment";
        /// A customer of a retailer.
        Customer = "customer";
        /// Stock on hand of an item at a location.
        InventoryPosition = "inventory_position";
        /// A product, with its price.
        Item = "item";
        /// A store or warehouse.
        Location = "location";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_typed_entity_has_its_row() {
        let contract = super::super::Contract::built_in().unwrap();
        for name in kind::NAMES {
            assert!(contract.entity(name).is_some(), "{name}");
        }
        let order = contract.entity("order").unwrap();
        assert!(order.carries_retailer() && !order.carries_location() && order.carries_channel());
        assert!(contract.entity("user").unwrap().is_user());
        assert!(!contract.entity("role").unwrap().carries_retailer());
    }
}
