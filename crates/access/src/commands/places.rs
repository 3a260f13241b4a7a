//! Retailers, locations and sales channels. A place is closed, never removed; it never changes its parent.

use super::account::{resource, thing};
use super::{Command, Refusal};
use crate::change::{Change, Changeset, LocationKind};
use crate::proof::{Authorized, Demand, Guarded};
use crate::resource::Place;
use crate::snapshot::{Places, Snapshot};
use crate::words::{ChannelId, Label, LocationId, Number, Ref, RetailerId};

fn at(retailer: Option<RetailerId>, location: Option<LocationId>, channel: Option<ChannelId>) -> Place {
    Place { retailer, location, channel }
}

/// The demand on a thing that exists: invisible to those who may not view it.
fn demand(on: &Snapshot, permission: &'static str, view: &'static str, entity: &str, place: Place) -> Demand {
    let demand = Demand::new(permission, thing(on, entity, place));
    match resource(on, entity, place) {
        Some(resource) => demand.seen_by(view, resource),
        None => demand,
    }
}

fn of_retailer(on: &Snapshot, permission: &'static str, id: RetailerId) -> Demand {
    demand(on, permission, "RETAILER_VIEW", "retailer", at(Some(id), None, None))
}

fn of_location(on: &Snapshot, permission: &'static str, id: LocationId) -> Demand {
    let retailer = on.places().location(id).map(|l| l.retailer);
    demand(on, permission, "LOCATION_VIEW", "location", at(retailer, Some(id), None))
}

fn of_channel(on: &Snapshot, permission: &'static str, id: ChannelId) -> Demand {
    let retailer = on.places().channel(id).map(|c| c.retailer);
    demand(on, permission, "SALESCHANNEL_VIEW", "sales_channel", at(retailer, None, Some(id)))
}

fn number<I: Number>(count: usize) -> Result<I, Refusal> {
    let next = u32::try_from(count + 1).ok().and_then(I::from_number);
    next.ok_or(Refusal::TooMany { what: "places", max: u32::MAX as usize })
}

/// A new retailer with its default channel.
#[derive(Clone, Debug)]
pub struct CreateRetailer {
    /// Its key, unique in the account.
    pub r#ref: Ref,
    /// Its name.
    pub name: Label,
    /// Key and name of the channel for orders that name none.
    pub default_channel: (Ref, Label),
}

impl Guarded for CreateRetailer {
    fn demand(&self, on: &Snapshot) -> Demand {
        Demand::new("RETAILER_CREATE", thing(on, "retailer", Place::default()))
    }
}

impl Command for CreateRetailer {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (places, wanted) = (proof.snapshot().places(), proof.operation());
        let given = wanted.r#ref.to_string();
        if places.find_retailer(&given).is_some() {
            return Err(Refusal::Taken { what: "retailer ref", given, by: "" });
        }
        if places.retailers().len() >= Places::RETAILERS_MAX {
            return Err(Refusal::TooMany { what: "retailers", max: Places::RETAILERS_MAX });
        }
        let (id, channel) = (number(places.retailers().len())?, number(places.channels().len())?);
        let (channel_ref, channel_name) = wanted.default_channel.clone();
        let (r#ref, name) = (wanted.r#ref.clone(), wanted.name.clone());
        Ok(proof.spend(vec![
            Change::RetailerCreated { id, r#ref, name, default_channel: channel },
            Change::ChannelCreated { id: channel, retailer: id, r#ref: channel_ref, name: channel_name },
        ]))
    }
}

/// A new store or warehouse of a retailer.
#[derive(Clone, Debug)]
pub struct CreateLocation {
    /// Whose it is, for good.
    pub retailer: RetailerId,
    /// Its key, unique in the account.
    pub r#ref: Ref,
    /// Its name.
    pub name: Label,
    /// What it is.
    pub kind: LocationKind,
}

impl Guarded for CreateLocation {
    fn demand(&self, on: &Snapshot) -> Demand {
        demand(on, "LOCATION_CREATE", "RETAILER_VIEW", "location", at(Some(self.retailer), None, None))
    }
}

impl Command for CreateLocation {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (places, wanted) = (proof.snapshot().places(), proof.operation().clone());
        open_retailer(places, wanted.retailer)?;
        let given = wanted.r#ref.to_string();
        if places.find_location(&given).is_some() {
            return Err(Refusal::Taken { what: "location ref", given, by: "" });
        }
        if places.locations().len() >= Places::LOCATIONS_MAX {
            return Err(Refusal::TooMany { what: "locations", max: Places::LOCATIONS_MAX });
        }
        let id = number(places.locations().len())?;
        let CreateLocation { retailer, r#ref, name, kind } = wanted;
        Ok(proof.spend(vec![Change::LocationCreated { id, retailer, r#ref, name, kind }]))
    }
}

/// A new sales channel of a retailer.
#[derive(Clone, Debug)]
pub struct CreateChannel {
    /// Whose it is, for good.
    pub retailer: RetailerId,
    /// Its key, unique in its retailer.
    pub r#ref: Ref,
    /// Its name.
    pub name: Label,
}

impl Guarded for CreateChannel {
    fn demand(&self, on: &Snapshot) -> Demand {
        demand(
            on,
            "SALESCHANNEL_CREATE",
            "RETAILER_VIEW",
            "sales_channel",
            at(Some(self.retailer), None, None),
        )
    }
}

impl Command for CreateChannel {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (places, wanted) = (proof.snapshot().places(), proof.operation().clone());
        open_retailer(places, wanted.retailer)?;
        let given = wanted.r#ref.to_string();
        if places.find_channel(Some(wanted.retailer), &given).is_some() {
            return Err(Refusal::Taken { what: "channel ref", given, by: " in this retailer" });
        }
        if places.channels().len() >= Places::CHANNELS_MAX {
            return Err(Refusal::TooMany { what: "channels", max: Places::CHANNELS_MAX });
        }
        let id = number(places.channels().len())?;
        let CreateChannel { retailer, r#ref, name } = wanted;
        Ok(proof.spend(vec![Change::ChannelCreated { id, retailer, r#ref, name }]))
    }
}

fn open_retailer(places: &Places, id: RetailerId) -> Result<(), Refusal> {
    match places.retailer(id) {
        None => Err(Refusal::unknown("retailer", id)),
        Some(r) if !r.open => Err(Refusal::Closed { what: "the retailer", given: r.r#ref.to_string() }),
        Some(_) => Ok(()),
    }
}

/// The name and default channel of a retailer.
#[derive(Clone, Debug)]
pub struct EditRetailer {
    /// Which.
    pub id: RetailerId,
    /// Its name.
    pub name: Label,
    /// One of its own channels.
    pub default_channel: ChannelId,
}

impl Guarded for EditRetailer {
    fn demand(&self, on: &Snapshot) -> Demand {
        of_retailer(on, "RETAILER_UPDATE", self.id)
    }
}

impl Command for EditRetailer {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let EditRetailer { id, name, default_channel } = proof.operation().clone();
        let places = proof.snapshot().places();
        places.retailer(id).ok_or_else(|| Refusal::unknown("retailer", id))?;
        match places.channel(default_channel) {
            Some(channel) if channel.retailer == id => {
                Ok(proof.spend(vec![Change::RetailerEdited { id, name, default_channel }]))
            }
            _ => Err(Refusal::unknown("channel of this retailer", default_channel)),
        }
    }
}

/// The name and kind of a location.
#[derive(Clone, Debug)]
pub struct EditLocation {
    /// Which.
    pub id: LocationId,
    /// Its name.
    pub name: Label,
    /// What it is.
    pub kind: LocationKind,
}

impl Guarded for EditLocation {
    fn demand(&self, on: &Snapshot) -> Demand {
        of_location(on, "LOCATION_UPDATE", self.id)
    }
}

impl Command for EditLocation {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let EditLocation { id, name, kind } = proof.operation().clone();
        proof.snapshot().places().location(id).ok_or_else(|| Refusal::unknown("location", id))?;
        Ok(proof.spend(vec![Change::LocationEdited { id, name, kind }]))
    }
}

/// The name of a channel.
#[derive(Clone, Debug)]
pub struct EditChannel {
    /// Which.
    pub id: ChannelId,
    /// Its name.
    pub name: Label,
}

impl Guarded for EditChannel {
    fn demand(&self, on: &Snapshot) -> Demand {
        of_channel(on, "SALESCHANNEL_UPDATE", self.id)
    }
}

impl Command for EditChannel {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let EditChannel { id, name } = proof.operation().clone();
        proof.snapshot().places().channel(id).ok_or_else(|| Refusal::unknown("channel", id))?;
        Ok(proof.spend(vec![Change::ChannelEdited { id, name }]))
    }
}

macro_rules! open_close {
    ($($(#[$doc:meta])* $name:ident($id:ty), $demand:ident, $permission:literal, $find:ident, $what:literal, $change:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// Which.
            pub id: $id,
            /// Open, or closed.
            pub open: bool,
        }

        impl Guarded for $name {
            fn demand(&self, on: &Snapshot) -> Demand {
                $demand(on, $permission, self.id)
            }
        }

        impl Command for $name {
            fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
                let $name { id, open } = *proof.operation();
                let place = proof.snapshot().places().$find(id);
                let changes = match place.ok_or_else(|| Refusal::unknown($what, id))?.open == open {
                    true => vec![],
                    false => vec![Change::$change { id, open }],
                };
                Ok(proof.spend(changes))
            }
        }
    )+};
}

open_close! {
    /// Opens or closes a retailer; what it has stays.
    SetRetailerOpen(RetailerId), of_retailer, "RETAILER_UPDATE", retailer, "retailer", RetailerStatus;
    /// Opens or closes a location; grants that name it stay and hold.
    SetLocationOpen(LocationId), of_location, "LOCATION_UPDATE", location, "location", LocationStatus;
    /// Opens or closes a channel; grants that name it stay and hold.
    SetChannelOpen(ChannelId), of_channel, "SALESCHANNEL_UPDATE", channel, "channel", ChannelStatus;
}
