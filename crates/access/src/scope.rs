//! Scopes: where a grant holds, and the four things asked of them: admits, covers, meets, units.

use crate::catalogue::Entity;
use crate::resource::Place;
use crate::words::{ChannelId, LocationId, Number, RetailerId};
use serde::{Deserialize, Serialize};

/// A set that is never empty: sorted, each member once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct IdSet<T>(Box<[T]>);

/// Why a list of places is no set of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdSetError {
    /// An empty set is refused: it could be mistaken for "all".
    #[error("the list is empty: name at least one place, or say all")]
    Empty,
    /// More members than a scope may list.
    #[error("the list names {given} places, more than the {max} a scope may list: say all, or give several grants", max = IdSet::<LocationId>::COUNT_MAX)]
    TooMany {
        /// Members given.
        given: usize,
    },
}

impl<T: Number> IdSet<T> {
    /// Most members of one set.
    pub const COUNT_MAX: usize = 10_000;

    /// The set of these members.
    ///
    /// # Errors
    /// None of them, or more than [`Self::COUNT_MAX`].
    pub fn new(members: impl IntoIterator<Item = T>) -> Result<Self, IdSetError> {
        let mut members: Vec<T> = members.into_iter().collect();
        members.sort_unstable();
        members.dedup();
        match members.len() {
            0 => Err(IdSetError::Empty),
            given if given > Self::COUNT_MAX => Err(IdSetError::TooMany { given }),
            _ => Ok(Self(members.into())),
        }
    }

    /// The set of one.
    #[must_use]
    pub fn one(member: T) -> Self {
        Self(Box::new([member]))
    }

    /// Its members, ascending.
    #[must_use]
    pub fn members(&self) -> &[T] {
        &self.0
    }

    /// Whether it is in.
    #[must_use]
    pub fn contains(&self, member: T) -> bool {
        self.0.binary_search(&member).is_ok()
    }

    /// Whether all of `other` is in.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|m| self.contains(*m))
    }

    /// Whether they share a member.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        other.0.iter().any(|m| self.contains(*m))
    }
}

impl<'de, T: Number + Deserialize<'de>> Deserialize<'de> for IdSet<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(Vec::<T>::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// One dimension of a scope: all of it or a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", bound(deserialize = "T: Number + Deserialize<'de>"))]
pub enum Extent<T> {
    /// Every one, future ones too, and the empty one.
    #[default]
    All,
    /// The listed ones.
    Set(IdSet<T>),
}

impl<T: Number> Extent<T> {
    /// Whether it is All or has this member.
    #[must_use]
    pub fn contains(&self, member: T) -> bool {
        match self {
            Extent::All => true,
            Extent::Set(set) => set.contains(member),
        }
    }

    /// The extent of one member.
    #[must_use]
    pub fn one(member: T) -> Self {
        Extent::Set(IdSet::one(member))
    }

    /// The listed members; none for All.
    #[must_use]
    pub fn listed(&self) -> &[T] {
        match self {
            Extent::All => &[],
            Extent::Set(set) => set.members(),
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Extent::All, _) => true,
            (Extent::Set(_), Extent::All) => false,
            (Extent::Set(own), Extent::Set(others)) => own.includes(others),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Extent::Set(own), Extent::Set(others)) => own.meets(others),
            _ => true,
        }
    }
}

/// The locations of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LocationExtent {
    /// Every location, and things that have none.
    #[default]
    All,
    /// The listed locations, and things of the retailer that have none.
    Narrow(IdSet<LocationId>),
    /// The listed locations alone.
    Only(IdSet<LocationId>),
}

impl LocationExtent {
    /// The listed locations; none for All.
    #[must_use]
    pub fn listed(&self) -> &[LocationId] {
        match self {
            LocationExtent::All => &[],
            LocationExtent::Narrow(set) | LocationExtent::Only(set) => set.members(),
        }
    }

    /// All > Narrow(L) > Only(L), lists by inclusion.
    fn covers(&self, other: &Self) -> bool {
        use LocationExtent::{All, Narrow, Only};
        match (self, other) {
            (All, _) => true,
            (Narrow(own), Narrow(others) | Only(others)) | (Only(own), Only(others)) => own.includes(others),
            (Narrow(_) | Only(_), All) | (Only(_), Narrow(_)) => false,
        }
    }

    /// Narrow counts as its set.
    fn meets(&self, other: &Self) -> bool {
        use LocationExtent::{All, Narrow, Only};
        match (self, other) {
            (All, _) | (_, All) => true,
            (Narrow(own) | Only(own), Narrow(others) | Only(others)) => own.meets(others),
        }
    }

    fn with_listed(&self, set: IdSet<LocationId>) -> Self {
        match self {
            LocationExtent::All => LocationExtent::All,
            LocationExtent::Narrow(_) => LocationExtent::Narrow(set),
            LocationExtent::Only(_) => LocationExtent::Only(set),
        }
    }
}

/// Where a grant holds: a thing must be admitted in all three dimensions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// Retailers.
    pub retailers: Extent<RetailerId>,
    /// Locations.
    pub locations: LocationExtent,
    /// Sales channels.
    pub channels: Extent<ChannelId>,
}

impl Scope {
    /// (All, All, All): the whole account.
    #[must_use]
    pub fn account() -> Self {
        Self::default()
    }

    /// ({r}, All, All): one retailer.
    #[must_use]
    pub fn retailer(retailer: RetailerId) -> Self {
        Self { retailers: Extent::one(retailer), ..Self::default() }
    }

    /// Whether it is (All, All, All).
    #[must_use]
    pub fn is_account(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it admits a thing of `entity` at `place`; `viewing` when the permission is one of viewing.
    ///
    /// This is DESIGN's rule read out loud. The engine judges grants in their packed form; a test holds
    /// the two together.
    #[must_use]
    pub fn admits(&self, entity: Entity, place: &Place, viewing: bool) -> bool {
        let reference = viewing && entity.is_reference_data();
        let retailers = match (&self.retailers, place.retailer) {
            (Extent::All, _) => true,
            (Extent::Set(set), Some(r)) => set.contains(r),
            (Extent::Set(_), None) => reference,
        };
        let locations = match (&self.locations, place.location) {
            (LocationExtent::All, _) => true,
            (LocationExtent::Narrow(set) | LocationExtent::Only(set), Some(l)) => set.contains(l),
            (LocationExtent::Narrow(_), None) => !entity.carries_location() || reference,
            (LocationExtent::Only(_), None) => reference,
        };
        let channels = match (&self.channels, place.channel) {
            (Extent::All, _) => true,
            (Extent::Set(set), Some(c)) => set.contains(c),
            (Extent::Set(_), None) => !entity.carries_channel() || reference,
        };
        retailers && locations && channels
    }

    /// Whether everything that `other` admits is admitted by this.
    #[must_use]
    pub fn covers(&self, other: &Scope) -> bool {
        self.retailers.covers(&other.retailers)
            && self.locations.covers(&other.locations)
            && self.channels.covers(&other.channels)
    }

    /// Whether they have a place in common.
    #[must_use]
    pub fn meets(&self, other: &Scope) -> bool {
        self.retailers.meets(&other.retailers)
            && self.locations.meets(&other.locations)
            && self.channels.meets(&other.channels)
    }

    /// Whether they have a retailer in common, wherever in it they hold.
    #[must_use]
    pub fn shares_a_retailer(&self, other: &Scope) -> bool {
        self.retailers.meets(&other.retailers)
    }

    /// Most units that a scope is judged by.
    pub const UNITS_MAX: usize = 20_000;

    /// The scope as a union of scopes with at most one listed place in each dimension, so that each
    /// listed place can be judged by itself. None when there would be more than [`Self::UNITS_MAX`].
    ///
    /// A location or channel is paired with every listed retailer, its own and the others: the scope admits
    /// a thing of one retailer at a location of another (an order of one site, fulfilled from a store of
    /// the other), so that pair is judged too.
    #[must_use]
    pub fn units(&self) -> Option<Vec<Scope>> {
        let locations = self.single_locations();
        let listed = [self.retailers.listed().len(), locations.len(), self.channels.listed().len()];
        if listed.iter().map(|n| (*n).max(1)).product::<usize>() > Self::UNITS_MAX {
            return None;
        }
        let mut units = Vec::new();
        for retailers in single(&self.retailers) {
            for locations in &locations {
                units.extend(single(&self.channels).map(|channels| Scope {
                    retailers: retailers.clone(),
                    locations: locations.clone(),
                    channels,
                }));
            }
        }
        Some(units)
    }

    fn single_locations(&self) -> Vec<LocationExtent> {
        match &self.locations {
            LocationExtent::All => vec![LocationExtent::All],
            listed => listed.listed().iter().map(|l| listed.with_listed(IdSet::one(*l))).collect(),
        }
    }
}

fn single<T: Number>(extent: &Extent<T>) -> impl Iterator<Item = Extent<T>> + '_ {
    let all = matches!(extent, Extent::All).then_some(Extent::All);
    all.into_iter().chain(extent.listed().iter().map(|m| Extent::one(*m)))
}
