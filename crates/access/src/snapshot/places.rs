//! Retailers, locations and sales channels: ids, refs, parents and status.

use crate::change::LocationKind;
use crate::words::{ChannelId, Label, LocationId, Number, Ref, RetailerId};
use std::collections::HashMap;
use std::sync::Arc;

/// A brand or site inside an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retailer {
    /// Its id.
    pub id: RetailerId,
    /// The customer's key, unique in the account.
    pub r#ref: Ref,
    /// Its name.
    pub name: Label,
    /// The channel of orders that name none.
    pub default_channel: ChannelId,
    /// Whether it is open.
    pub open: bool,
}

/// A store or warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// Whose it is, for good.
    pub retailer: RetailerId,
    /// The customer's key, unique in the account.
    pub r#ref: Ref,
    /// Its name.
    pub name: Label,
    /// What it is.
    pub kind: LocationKind,
    /// Whether it is open.
    pub open: bool,
}

/// Where orders come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is, for good.
    pub retailer: RetailerId,
    /// The customer's key, unique in its retailer.
    pub r#ref: Ref,
    /// Its name.
    pub name: Label,
    /// Whether it is open.
    pub open: bool,
}

/// The context tree of an account.
///
/// Rows lie behind pointers of their own, so that a copy of the tree copies pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    retailers: Vec<Arc<Retailer>>,
    locations: Vec<Arc<Location>>,
    channels: Vec<Arc<Channel>>,
    retailer_refs: HashMap<Box<str>, RetailerId>,
    location_refs: HashMap<Box<str>, LocationId>,
    /// By retailer and ref; looked up without making a key of both.
    channel_refs: HashMap<RetailerId, HashMap<Box<str>, ChannelId>>,
}

fn at<T>(rows: &[Arc<T>], id: impl Number) -> Option<&T> {
    rows.get(id.number() as usize - 1).map(Arc::as_ref)
}

fn at_mut<T: Clone>(rows: &mut [Arc<T>], id: impl Number) -> Option<&mut T> {
    rows.get_mut(id.number() as usize - 1).map(Arc::make_mut)
}

/// Numbers are given in turn: a row's place is its number.
fn push<T>(rows: &mut Vec<Arc<T>>, id: impl Number, row: T) -> bool {
    let next = rows.len() + 1 == id.number() as usize;
    if next {
        rows.push(Arc::new(row));
    }
    next
}

impl Places {
    /// Most locations of an account.
    pub const LOCATIONS_MAX: usize = 200_000;
    /// Most retailers of an account.
    pub const RETAILERS_MAX: usize = 10_000;
    /// Most sales channels of an account.
    pub const CHANNELS_MAX: usize = 50_000;

    /// The retailer of that id.
    #[must_use]
    pub fn retailer(&self, id: RetailerId) -> Option<&Retailer> {
        at(&self.retailers, id)
    }

    /// The location of that id.
    #[must_use]
    pub fn location(&self, id: LocationId) -> Option<&Location> {
        at(&self.locations, id)
    }

    /// The channel of that id.
    #[must_use]
    pub fn channel(&self, id: ChannelId) -> Option<&Channel> {
        at(&self.channels, id)
    }

    /// The retailer of that id or ref.
    #[must_use]
    pub fn find_retailer(&self, text: &str) -> Option<&Retailer> {
        match RetailerId::read(text) {
            Some(id) => self.retailer(id),
            None => self.retailer(*self.retailer_refs.get(text)?),
        }
    }

    /// The location of that id or ref.
    #[must_use]
    pub fn find_location(&self, text: &str) -> Option<&Location> {
        match LocationId::read(text) {
            Some(id) => self.location(id),
            None => self.location(*self.location_refs.get(text)?),
        }
    }

    /// The channel of that id or, in a retailer, of that ref.
    #[must_use]
    pub fn find_channel(&self, retailer: Option<RetailerId>, text: &str) -> Option<&Channel> {
        match ChannelId::read(text) {
            Some(id) => self.channel(id),
            None => self.channel(*self.channel_refs.get(&retailer?)?.get(text)?),
        }
    }

    /// The channels of that ref, one in each retailer that has it.
    pub fn channels_named(&self, text: &str) -> impl Iterator<Item = &Channel> {
        self.channels().filter(move |c| c.r#ref.as_str() == text)
    }

    /// All retailers, in the order of their numbers.
    pub fn retailers(&self) -> impl ExactSizeIterator<Item = &Retailer> {
        self.retailers.iter().map(Arc::as_ref)
    }

    /// All locations, in the order of their numbers.
    pub fn locations(&self) -> impl ExactSizeIterator<Item = &Location> {
        self.locations.iter().map(Arc::as_ref)
    }

    /// All channels, in the order of their numbers.
    pub fn channels(&self) -> impl ExactSizeIterator<Item = &Channel> {
        self.channels.iter().map(Arc::as_ref)
    }

    pub(super) fn add_retailer(&mut self, row: Retailer) -> bool {
        let (id, key) = (row.id, row.r#ref.clone());
        self.retailers.len() < Self::RETAILERS_MAX
            && push(&mut self.retailers, id, row)
            && self.retailer_refs.insert(key.as_str().into(), id).is_none()
    }

    pub(super) fn add_location(&mut self, row: Location) -> bool {
        let (id, key) = (row.id, row.r#ref.clone());
        self.locations.len() < Self::LOCATIONS_MAX
            && push(&mut self.locations, id, row)
            && self.location_refs.insert(key.as_str().into(), id).is_none()
    }

    pub(super) fn add_channel(&mut self, row: Channel) -> bool {
        let (id, owner, key) = (row.id, row.retailer, row.r#ref.clone());
        self.channels.len() < Self::CHANNELS_MAX
            && push(&mut self.channels, id, row)
            && self.channel_refs.entry(owner).or_default().insert(key.as_str().into(), id).is_none()
    }

    pub(super) fn retailer_mut(&mut self, id: RetailerId) -> Option<&mut Retailer> {
        at_mut(&mut self.retailers, id)
    }

    pub(super) fn location_mut(&mut self, id: LocationId) -> Option<&mut Location> {
        at_mut(&mut self.locations, id)
    }

    pub(super) fn channel_mut(&mut self, id: ChannelId) -> Option<&mut Channel> {
        at_mut(&mut self.channels, id)
    }
}
