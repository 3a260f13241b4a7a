//! Sets of places, exactly: what scopes admit, as boxes that can be cut, compared and put together.
//!
//! A scope is a product of three dimensions, and an entity without a place in one of them is an element of that
//! dimension like the listed places. What two lists of scopes admit and what one of them admits alone are
//! therefore unions of products too, however many places there are and will be: nothing is enumerated.

mod ids;

pub use ids::Ids;

use crate::catalogue::{Contract, Entity};
use crate::resource::Place;
use crate::scope::{Extent, LocationExtent, Scope};
use crate::words::{ChannelId, LocationId, Number, RetailerId};
use std::collections::BTreeMap;

/// One dimension of a [`Region`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part<T> {
    /// Things at these places.
    pub ids: Ids<T>,
    /// Things of entities that carry no such place.
    pub uncarried: bool,
    /// Things of entities that carry one, where it is empty; for reference data whatever has none.
    pub empty: bool,
}

impl<T: Number> Part<T> {
    /// Whether it is everything there is in this dimension.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.ids.is_all() && self.empty
    }

    fn is_none(&self) -> bool {
        self.ids.is_none() && !self.uncarried && !self.empty
    }

    fn has(&self, id: Option<T>, carried: bool) -> bool {
        match id {
            Some(id) => self.ids.contains(id),
            None if carried => self.empty,
            None => self.uncarried,
        }
    }

    fn intersect(&self, other: &Self) -> Self {
        let ids = self.ids.intersect(&other.ids);
        Self { ids, uncarried: self.uncarried && other.uncarried, empty: self.empty && other.empty }
    }

    fn minus(&self, other: &Self) -> Self {
        let ids = self.ids.minus(&other.ids);
        Self { ids, uncarried: self.uncarried && !other.uncarried, empty: self.empty && !other.empty }
    }

    fn unite(&mut self, other: &Self) {
        self.ids = self.ids.union(&other.ids);
        self.uncarried |= other.uncarried;
        self.empty |= other.empty;
    }

    fn meets(&self, other: &Self) -> bool {
        self.uncarried && other.uncarried || self.empty && other.empty || self.ids.meets(&other.ids)
    }
}

/// Things by their places: a thing is in when it is in all three dimensions.
///
/// `locations` and `channels` are independent of `retailers`, as in a scope: an order of one retailer may be
/// fulfilled from a location of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// It is about reference data that is viewed, and about nothing else; else about everything but that.
    pub reference: bool,
    /// Retailers. What is account-wide has an empty one.
    pub retailers: Part<RetailerId>,
    /// Locations.
    pub locations: Part<LocationId>,
    /// Sales channels.
    pub channels: Part<ChannelId>,
}

impl Region {
    /// What a scope admits of all that is no viewed reference data.
    #[must_use]
    pub fn of(scope: &Scope) -> Self {
        let (ids, narrow, all) = match &scope.locations {
            LocationExtent::All => (Ids::all(), true, true),
            LocationExtent::Narrow(set) => (Ids::these(set.members()), true, false),
            LocationExtent::Only(set) => (Ids::these(set.members()), false, false),
        };
        let (retailers, everywhere) = listed(&scope.retailers);
        let (channels, every_channel) = listed(&scope.channels);
        Self {
            reference: false,
            // A thing that carries no retailer is account-wide: for a scope it has an empty one.
            retailers: Part { ids: retailers, uncarried: false, empty: everywhere },
            locations: Part { ids, uncarried: narrow, empty: all },
            channels: Part { ids: channels, uncarried: true, empty: every_channel },
        }
    }

    /// Everything of one retailer that is no viewed reference data.
    #[must_use]
    pub fn of_retailer(retailer: RetailerId) -> Self {
        Self::of(&Scope::retailer(retailer))
    }

    /// Everything of no retailer and of all but these, that is no viewed reference data.
    #[must_use]
    pub fn of_others(retailers: &[RetailerId]) -> Self {
        let mut all = Self::of(&Scope::account());
        all.retailers.ids = Ids::these(retailers).complement();
        all
    }

    /// What a scope admits of reference data that is viewed: what has no place is admitted by every scope.
    #[must_use]
    pub fn of_reference(scope: &Scope) -> Self {
        let part_of = Region::of(scope);
        fn shared<T>(part: Part<T>) -> Part<T> {
            Part { uncarried: false, empty: true, ..part }
        }
        Self {
            reference: true,
            retailers: shared(part_of.retailers),
            locations: shared(part_of.locations),
            channels: shared(part_of.channels),
        }
    }

    /// Whether a thing of that entity at that place is in; `viewing` when the permission is one of viewing.
    #[must_use]
    pub fn admits(&self, entity: Entity, place: &Place, viewing: bool) -> bool {
        let reference = viewing && entity.is_reference_data();
        reference == self.reference
            && self.retailers.has(place.retailer, true)
            && self.locations.has(place.location, reference || entity.carries_location())
            && self.channels.has(place.channel, reference || entity.carries_channel())
    }

    /// Whether there is nothing that could be in it.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.retailers.is_none() || self.locations.is_none() || self.channels.is_none()
    }

    /// Whether it is everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.retailers.is_all() && self.locations.is_all() && self.channels.is_all()
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self {
            reference: self.reference,
            retailers: self.retailers.intersect(&other.retailers),
            locations: self.locations.intersect(&other.locations),
            channels: self.channels.intersect(&other.channels),
        }
    }

    /// Whether something is in both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.reference == other.reference
            && self.retailers.meets(&other.retailers)
            && self.locations.meets(&other.locations)
            && self.channels.meets(&other.channels)
    }

    /// What of this is not in `other`, in parts that share nothing.
    fn minus_into(self, other: &Self, to: &mut Vec<Region>) {
        if !self.meets(other) {
            return to.push(self);
        }
        let retailers = self.retailers.intersect(&other.retailers);
        let locations = self.locations.intersect(&other.locations);
        let parts = [
            Region { retailers: self.retailers.minus(&other.retailers), ..self.clone() },
            Region {
                retailers: retailers.clone(),
                locations: self.locations.minus(&other.locations),
                ..self.clone()
            },
            Region { retailers, locations, channels: self.channels.minus(&other.channels), ..self },
        ];
        to.extend(parts.into_iter().filter(|part| !part.is_none()));
    }
}

fn listed<T: Number>(extent: &Extent<T>) -> (Ids<T>, bool) {
    match extent {
        Extent::All => (Ids::all(), true),
        Extent::Set(set) => (Ids::these(set.members()), false),
    }
}

/// Which ways of having no place, and of having one, the entities of a contract have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shapes {
    plain: Vec<[u8; 3]>,
    reference: Vec<[u8; 3]>,
}

const IDS: u8 = 1;
const UNCARRIED: u8 = 2;
const EMPTY: u8 = 4;

impl Shapes {
    /// Those of a contract.
    #[must_use]
    pub fn of(contract: &Contract) -> Self {
        let mut shapes = Self { plain: Vec::new(), reference: Vec::new() };
        for entity in contract.entities() {
            let carried = |yes: bool, none: u8| if yes { IDS | EMPTY } else { none };
            let row = |none: u8| {
                [
                    carried(entity.carries_retailer(), EMPTY),
                    carried(entity.carries_location(), none),
                    carried(entity.carries_channel(), none),
                ]
            };
            // Reference data is judged like other things where it is changed.
            shapes.plain.push(row(UNCARRIED));
            if entity.is_reference_data() {
                shapes.reference.push(row(EMPTY));
            }
        }
        for list in [&mut shapes.plain, &mut shapes.reference] {
            list.sort_unstable();
            list.dedup();
        }
        shapes
    }

    /// The region without the parts that no thing can be in; none when that is all of it.
    fn trim(&self, mut region: Region) -> Option<Region> {
        let shapes = if region.reference { &self.reference } else { &self.plain };
        let mut before = [0; 3];
        loop {
            let bits = [bits(&region.retailers), bits(&region.locations), bits(&region.channels)];
            if bits == before {
                return (!region.is_none()).then_some(region);
            }
            before = bits;
            let mut kept = [0; 3];
            for shape in shapes {
                let met: Vec<u8> = shape.iter().zip(bits).map(|(s, b)| s & b).collect();
                if met.iter().all(|m| *m != 0) {
                    kept.iter_mut().zip(met).for_each(|(kept, met)| *kept |= met);
                }
            }
            let [retailers, locations, channels] = kept;
            keep(&mut region.retailers, retailers);
            keep(&mut region.locations, locations);
            keep(&mut region.channels, channels);
        }
    }
}

fn bits<T: Number>(part: &Part<T>) -> u8 {
    let bit = |yes: bool, bit: u8| if yes { bit } else { 0 };
    bit(!part.ids.is_none(), IDS) | bit(part.uncarried, UNCARRIED) | bit(part.empty, EMPTY)
}

fn keep<T: Number>(part: &mut Part<T>, bits: u8) {
    if bits & IDS == 0 {
        part.ids = Ids::none();
    }
    part.uncarried &= bits & UNCARRIED != 0;
    part.empty &= bits & EMPTY != 0;
}

/// A difference in more parts than [`PIECES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooIntricate;

/// Most parts that a difference is computed in.
pub const PIECES_MAX: usize = 10_000;

/// What one of `of` admits and none of `without` does, in as few parts as are found, which share nothing.
///
/// # Errors
/// More than [`PIECES_MAX`] parts on the way.
pub fn difference(of: &[Region], without: &[Region], shapes: &Shapes) -> Result<Vec<Region>, TooIntricate> {
    let mut all: Vec<Region> = Vec::new();
    for (nth, region) in of.iter().enumerate() {
        let mut pieces: Vec<Region> = shapes.trim(region.clone()).into_iter().collect();
        for other in without.iter().chain(of.iter().take(nth)) {
            let mut rest = Vec::new();
            pieces.into_iter().for_each(|piece| piece.minus_into(other, &mut rest));
            pieces = rest.into_iter().filter_map(|piece| shapes.trim(piece)).collect();
            if pieces.len() > PIECES_MAX {
                return Err(TooIntricate);
            }
        }
        all.extend(pieces);
        if all.len() > PIECES_MAX {
            return Err(TooIntricate);
        }
    }
    Ok(merged(all))
}

/// What every one of these lists admits, in parts that share nothing; within a region.
///
/// # Errors
/// More than [`PIECES_MAX`] parts on the way.
pub(crate) fn common(
    within: &Region,
    lists: &[Vec<Region>],
    shapes: &Shapes,
) -> Result<Vec<Region>, TooIntricate> {
    let mut all: Vec<Region> = shapes.trim(within.clone()).into_iter().collect();
    for list in lists {
        let parts = difference(list, &[], shapes)?;
        if all.len().saturating_mul(parts.len()) > PIECES_MAX {
            return Err(TooIntricate);
        }
        let pairs = all.iter().flat_map(|one| parts.iter().map(move |other| one.intersect(other)));
        all = merged(pairs.filter_map(|region| shapes.trim(region)).collect());
    }
    Ok(all)
}

/// The same things in fewer parts: two that differ in one dimension alone are one.
fn merged(mut all: Vec<Region>) -> Vec<Region> {
    loop {
        let count = all.len();
        all = merge_by(
            all,
            |r| (r.reference, r.retailers.clone(), r.channels.clone()),
            |a, b| a.locations.unite(&b.locations),
        );
        all = merge_by(
            all,
            |r| (r.reference, r.locations.clone(), r.channels.clone()),
            |a, b| a.retailers.unite(&b.retailers),
        );
        all = merge_by(
            all,
            |r| (r.reference, r.retailers.clone(), r.locations.clone()),
            |a, b| a.channels.unite(&b.channels),
        );
        if all.len() == count {
            all.sort_unstable();
            return all;
        }
    }
}

fn merge_by<K: Ord>(
    all: Vec<Region>,
    key: impl Fn(&Region) -> K,
    unite: impl Fn(&mut Region, &Region),
) -> Vec<Region> {
    if all.len() < 2 {
        return all;
    }
    let mut by_key: BTreeMap<K, Region> = BTreeMap::new();
    for region in all {
        match by_key.entry(key(&region)) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(region);
            }
            std::collections::btree_map::Entry::Occupied(mut taken) => unite(taken.get_mut(), &region),
        }
    }
    by_key.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::IdSet;

    /// Whatever rows `entities.csv` has: a part that no thing can be in is never said.
    #[test]
    fn what_no_entity_can_be_at_is_left_out() {
        // One entity with neither location nor channel, and one with both; none with one of them alone.
        let plain = vec![[IDS | EMPTY, UNCARRIED, UNCARRIED], [IDS | EMPTY, IDS | EMPTY, IDS | EMPTY]];
        let shapes = Shapes { plain, reference: Vec::new() };
        let retailer = RetailerId::from_number(1).unwrap();
        let leeds = LocationId::from_number(1).unwrap();
        let all = Scope::retailer(retailer);
        let narrow = Scope { locations: LocationExtent::Narrow(IdSet::one(leeds)), ..all.clone() };
        let more = difference(&[Region::of(&all)], &[Region::of(&narrow)], &shapes).unwrap();
        let [region] = &more[..] else { panic!("{more:?}") };
        assert!(!region.locations.uncarried && region.locations.empty && region.channels.empty);
        assert!(!region.channels.uncarried, "what has another location than Leeds has a channel");
        assert_eq!(region.locations.ids.all_but(), Some(&[leeds][..]));
        let reference = difference(&[Region::of_reference(&all)], &[], &shapes).unwrap();
        assert!(reference.is_empty(), "there is no reference data");
    }

    #[test]
    fn hundreds_of_scopes_are_parted_into_what_shares_nothing() {
        let shapes = Shapes::of(&Contract::built_in().unwrap());
        let one = |n: u32| Scope {
            locations: LocationExtent::Only(IdSet::one(LocationId::from_number(n).unwrap())),
            channels: Extent::one(ChannelId::from_number(n).unwrap()),
            ..Scope::retailer(RetailerId::from_number(n).unwrap())
        };
        let boxes: Vec<Region> = (1..=200).map(|n| Region::of(&one(n))).collect();
        assert_eq!(difference(&boxes, &[], &shapes).unwrap().len(), 200);
        let rest = difference(&[Region::of(&Scope::account())], &boxes, &shapes).unwrap();
        assert!(rest.iter().all(|region| boxes.iter().all(|b| !b.meets(region))));
    }
}
