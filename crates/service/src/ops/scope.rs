//! Scopes and grants as they are typed.

use super::text::parse_instant;
use crate::error::ServiceError;
use access::commands::Refusal;
use access::scope::{Extent, IdSet, LocationExtent, Scope};
use access::{GrantSpec, Snapshot, Validity};
use serde::{Deserialize, Serialize};

/// Where a grant holds, by refs or ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeNames {
    /// The whole account. Said in so many words: no list is ever taken for "all".
    #[serde(default)]
    pub everywhere: bool,
    /// Retailers; left out beside locations, theirs.
    #[serde(default)]
    pub retailers: Vec<String>,
    /// Locations; none: all of them.
    #[serde(default)]
    pub locations: Vec<String>,
    /// Whether things of the retailer that have no location are admitted beside the listed locations.
    #[serde(default)]
    pub narrow: bool,
    /// Channels; none: all of them.
    #[serde(default)]
    pub channels: Vec<String>,
}

/// A grant as it is typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantNames {
    /// The role's key.
    pub role: String,
    /// Where it holds.
    #[serde(flatten)]
    pub scope: ScopeNames,
    /// When it begins to hold.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// When it ends to hold.
    #[serde(default)]
    pub valid_until: Option<String>,
}

impl ScopeNames {
    /// The scope on this state.
    pub(super) fn resolve(&self, on: &Snapshot) -> Result<Scope, ServiceError> {
        let listed = !(self.retailers.is_empty() && self.locations.is_empty() && self.channels.is_empty());
        match (self.everywhere, listed) {
            (true, true) => {
                return Err(ServiceError::Invalid("either --everywhere or listed places, not both".into()));
            }
            (true, false) => return Ok(Scope::account()),
            (false, false) => {
                let how = "say where it holds: --retailer, --location, --channel, or --everywhere";
                return Err(ServiceError::Invalid(how.into()));
            }
            (false, true) => {}
        }
        let places = on.places();
        let mut retailers = Vec::new();
        for name in &self.retailers {
            let found = places.find_retailer(name).ok_or_else(|| Refusal::unknown("retailer", name))?;
            retailers.push(found.id);
        }
        let mut locations = Vec::new();
        for name in &self.locations {
            let found = places.find_location(name).ok_or_else(|| Refusal::unknown("location", name))?;
            locations.push(found.id);
            if self.retailers.is_empty() {
                retailers.push(found.retailer);
            }
        }
        let channels = self.channels(on, &retailers)?;
        let set = |ids: Vec<_>| IdSet::new(ids).map_err(Refusal::from);
        Ok(Scope {
            retailers: Extent::Set(IdSet::new(retailers).map_err(Refusal::from)?),
            locations: match (locations.is_empty(), self.narrow) {
                (true, _) => LocationExtent::All,
                (false, true) => LocationExtent::Narrow(set(locations)?),
                (false, false) => LocationExtent::Only(set(locations)?),
            },
            channels: match channels.is_empty() {
                true => Extent::All,
                false => Extent::Set(IdSet::new(channels).map_err(Refusal::from)?),
            },
        })
    }

    /// A channel's ref is looked for in each of the retailers: it must be in one at least.
    fn channels(
        &self,
        on: &Snapshot,
        retailers: &[access::RetailerId],
    ) -> Result<Vec<access::ChannelId>, ServiceError> {
        if retailers.is_empty() {
            return Err(ServiceError::Invalid(
                "a channel belongs to a retailer: name that with --retailer".into(),
            ));
        }
        let mut channels = Vec::new();
        for name in &self.channels {
            let before = channels.len();
            let found = retailers.iter().filter_map(|r| on.places().find_channel(Some(*r), name));
            channels.extend(found.map(|c| c.id));
            if channels.len() == before {
                return Err(Refusal::unknown("channel of these retailers", name).into());
            }
        }
        Ok(channels)
    }
}

/// A validity as it is typed.
pub(super) fn validity(from: Option<&str>, until: Option<&str>) -> Result<Validity, ServiceError> {
    let parse = |text: Option<&str>| text.map(parse_instant).transpose().map_err(ServiceError::Invalid);
    Ok(Validity { from: parse(from)?, until: parse(until)? })
}

impl GrantNames {
    /// The grant on this state.
    pub(super) fn resolve(&self, on: &Snapshot) -> Result<GrantSpec, ServiceError> {
        let role = on.find_role(&self.role).ok_or_else(|| Refusal::unknown("role", &self.role))?.id;
        let validity = validity(self.valid_from.as_deref(), self.valid_until.as_deref())?;
        Ok(GrantSpec { role, scope: self.scope.resolve(on)?, validity })
    }
}
