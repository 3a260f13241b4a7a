//! Retailers, locations and sales channels, for scripting.

use super::text::table;
use super::{Desk, Reply, changed, origin};
use crate::accounts::Service;
use crate::error::ServiceError;
use access::change::LocationKind;
use access::commands::{
    CreateChannel, CreateLocation, CreateRetailer, EditChannel, EditLocation, EditRetailer, Refusal,
    SetChannelOpen, SetLocationOpen, SetRetailerOpen,
};
use access::snapshot::{Channel, Location, Retailer};
use access::{Label, Ref, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What is done with retailers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum RetailerOp {
    /// A retailer with its default channel.
    Create { key: String, name: Option<String>, default_channel: String },
    /// Its name and default channel.
    Edit { retailer: String, name: Option<String>, default_channel: Option<String> },
    /// Open or closed.
    Open { retailer: String, open: bool },
    /// All of them.
    List,
}

/// What is done with locations.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum LocationOp {
    /// A store or warehouse.
    Create { retailer: String, key: String, name: Option<String>, warehouse: bool },
    /// Its name and kind.
    Edit { location: String, name: Option<String>, warehouse: Option<bool> },
    /// Open or closed.
    Open { location: String, open: bool },
    /// Those of a retailer, or all.
    List { retailer: Option<String> },
}

/// What is done with sales channels.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum ChannelOp {
    /// A channel of a retailer.
    Create { retailer: String, key: String, name: Option<String> },
    /// Its name.
    Edit { retailer: Option<String>, channel: String, name: String },
    /// Open or closed.
    Open { retailer: Option<String>, channel: String, open: bool },
    /// Those of a retailer, or all.
    List { retailer: Option<String> },
}

fn key(text: &str) -> Result<Ref, ServiceError> {
    Ok(Ref::parse(text).map_err(Refusal::from)?)
}

fn label(text: &str) -> Result<Label, ServiceError> {
    Ok(Label::parse(text).map_err(Refusal::from)?)
}

fn retailer<'s>(on: &'s Snapshot, text: &str) -> Result<&'s Retailer, ServiceError> {
    Ok(on.places().find_retailer(text).ok_or_else(|| Refusal::unknown("retailer", text))?)
}

fn location<'s>(on: &'s Snapshot, text: &str) -> Result<&'s Location, ServiceError> {
    Ok(on.places().find_location(text).ok_or_else(|| Refusal::unknown("location", text))?)
}

fn channel<'s>(on: &'s Snapshot, of: Option<&str>, text: &str) -> Result<&'s Channel, ServiceError> {
    let of = of.map(|r| retailer(on, r)).transpose()?.map(|r| r.id);
    if let Some(found) = on.places().find_channel(of, text) {
        return Ok(found);
    }
    let mut named = on.places().channels_named(text).filter(|c| of.is_none_or(|r| c.retailer == r));
    match (named.next(), named.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            Err(ServiceError::Invalid(format!("several retailers have a channel `{text}`: say --retailer")))
        }
        (None, _) => Err(Refusal::unknown("channel", text).into()),
    }
}

fn state(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}

pub(super) fn perform_retailer(
    service: &Service,
    desk: &Desk,
    op: &RetailerOp,
) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    let done =
        |what: &str, r: &str, revision| changed(format!("{what} {r}"), revision, json!({ "retailer": r }));
    match op {
        RetailerOp::Create { key: text, name, default_channel } => {
            let default_channel = (key(default_channel)?, label(default_channel)?);
            let name = label(name.as_deref().unwrap_or(text))?;
            let command = CreateRetailer { r#ref: key(text)?, name, default_channel };
            Ok(done("created", text, service.execute(&desk.who, origin(), command)?))
        }
        RetailerOp::Edit { retailer: text, name, default_channel } => {
            let found = retailer(&on, text)?;
            let default = default_channel.as_deref().map(|c| channel(&on, Some(text), c)).transpose()?;
            let (id, default) = (found.id, default.map(|c| c.id));
            let new = name.as_deref().map(label).transpose()?;
            let edit = move |on: &Snapshot| {
                let found = on.places().retailer(id).ok_or_else(|| Refusal::unknown("retailer", id))?;
                Ok(EditRetailer {
                    id,
                    name: new.clone().unwrap_or_else(|| found.name.clone()),
                    default_channel: default.unwrap_or(found.default_channel),
                })
            };
            Ok(done("edited", text, service.execute_made(&desk.who, origin(), edit)?))
        }
        RetailerOp::Open { retailer: text, open } => {
            let command = SetRetailerOpen { id: retailer(&on, text)?.id, open: *open };
            Ok(done(state(*open), text, service.execute(&desk.who, origin(), command)?))
        }
        RetailerOp::List => {
            let rows: Vec<_> = on
                .places()
                .retailers()
                .map(|r| [r.id.to_string(), r.r#ref.to_string(), r.name.to_string(), state(r.open).into()])
                .collect();
            let items: Vec<_> = on.places().retailers().map(retailer_facts).collect();
            let text = table(["id", "ref", "name", "status"], &rows);
            Ok(Reply::new(text, json!({ "items": items, "revision": on.revision() })))
        }
    }
}

/// A retailer for programs.
pub(super) fn retailer_facts(r: &Retailer) -> serde_json::Value {
    json!({
        "id": r.id.to_string(), "ref": r.r#ref, "name": r.name, "open": r.open,
        "default_channel": r.default_channel.to_string(),
    })
}

/// A location for programs.
pub(super) fn location_facts(l: &Location) -> serde_json::Value {
    json!({
        "id": l.id.to_string(), "retailer": l.retailer.to_string(), "ref": l.r#ref, "name": l.name,
        "kind": l.kind, "open": l.open,
    })
}

/// A channel for programs.
pub(super) fn channel_facts(c: &Channel) -> serde_json::Value {
    json!({
        "id": c.id.to_string(), "retailer": c.retailer.to_string(), "ref": c.r#ref, "name": c.name,
        "open": c.open,
    })
}

pub(super) fn perform_location(
    service: &Service,
    desk: &Desk,
    op: &LocationOp,
) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    let kind = |warehouse: bool| if warehouse { LocationKind::Warehouse } else { LocationKind::Store };
    let done =
        |what: &str, l: &str, revision| changed(format!("{what} {l}"), revision, json!({ "location": l }));
    match op {
        LocationOp::Create { retailer: of, key: text, name, warehouse } => {
            let name = label(name.as_deref().unwrap_or(text))?;
            let of = retailer(&on, of)?.id;
            let command = CreateLocation { retailer: of, r#ref: key(text)?, name, kind: kind(*warehouse) };
            Ok(done("created", text, service.execute(&desk.who, origin(), command)?))
        }
        LocationOp::Edit { location: text, name, warehouse } => {
            let found = location(&on, text)?;
            let (id, kind) = (found.id, warehouse.map(kind));
            let new = name.as_deref().map(label).transpose()?;
            let edit = move |on: &Snapshot| {
                let found = on.places().location(id).ok_or_else(|| Refusal::unknown("location", id))?;
                let name = new.clone().unwrap_or_else(|| found.name.clone());
                Ok(EditLocation { id, name, kind: kind.unwrap_or(found.kind) })
            };
            Ok(done("edited", text, service.execute_made(&desk.who, origin(), edit)?))
        }
        LocationOp::Open { location: text, open } => {
            let command = SetLocationOpen { id: location(&on, text)?.id, open: *open };
            Ok(done(state(*open), text, service.execute(&desk.who, origin(), command)?))
        }
        LocationOp::List { retailer: of } => {
            let of = of.as_deref().map(|r| retailer(&on, r)).transpose()?.map(|r| r.id);
            let found: Vec<_> =
                on.places().locations().filter(|l| of.is_none_or(|r| l.retailer == r)).collect();
            let owner = |l: &Location| {
                on.places().retailer(l.retailer).map_or_else(String::new, |r| r.r#ref.to_string())
            };
            let row = |l: &&Location| {
                [l.id.to_string(), owner(l), l.r#ref.to_string(), l.name.to_string(), state(l.open).into()]
            };
            let text = table(
                ["id", "retailer", "ref", "name", "status"],
                &found.iter().map(row).collect::<Vec<_>>(),
            );
            let items: Vec<_> = found.iter().map(|l| location_facts(l)).collect();
            Ok(Reply::new(text, json!({ "items": items, "revision": on.revision() })))
        }
    }
}

pub(super) fn perform_channel(service: &Service, desk: &Desk, op: &ChannelOp) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    let done =
        |what: &str, c: &str, revision| changed(format!("{what} {c}"), revision, json!({ "channel": c }));
    match op {
        ChannelOp::Create { retailer: of, key: text, name } => {
            let name = label(name.as_deref().unwrap_or(text))?;
            let command = CreateChannel { retailer: retailer(&on, of)?.id, r#ref: key(text)?, name };
            Ok(done("created", text, service.execute(&desk.who, origin(), command)?))
        }
        ChannelOp::Edit { retailer: of, channel: text, name } => {
            let command = EditChannel { id: channel(&on, of.as_deref(), text)?.id, name: label(name)? };
            Ok(done("edited", text, service.execute(&desk.who, origin(), command)?))
        }
        ChannelOp::Open { retailer: of, channel: text, open } => {
            let command = SetChannelOpen { id: channel(&on, of.as_deref(), text)?.id, open: *open };
            Ok(done(state(*open), text, service.execute(&desk.who, origin(), command)?))
        }
        ChannelOp::List { retailer: of } => {
            let of = of.as_deref().map(|r| retailer(&on, r)).transpose()?.map(|r| r.id);
            let found: Vec<_> =
                on.places().channels().filter(|c| of.is_none_or(|r| c.retailer == r)).collect();
            let owner = |c: &Channel| {
                on.places().retailer(c.retailer).map_or_else(String::new, |r| r.r#ref.to_string())
            };
            let row = |c: &&Channel| {
                [c.id.to_string(), owner(c), c.r#ref.to_string(), c.name.to_string(), state(c.open).into()]
            };
            let text = table(
                ["id", "retailer", "ref", "name", "status"],
                &found.iter().map(row).collect::<Vec<_>>(),
            );
            let items: Vec<_> = found.iter().map(|c| channel_facts(c)).collect();
            Ok(Reply::new(text, json!({ "items": items, "revision": on.revision() })))
        }
    }
}
