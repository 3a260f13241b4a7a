//! Retailers, locations and sales channels.

use super::{each_of, id, name, no, one, word};
use crate::error::StoreError;
use access::change::LocationKind;
use access::snapshot::{Builder, Channel, Location, Retailer};
use access::{AccountId, ChannelId, Label, LocationId, Ref, RetailerId};
use sql::{Tx, Value};

pub(crate) const CREATE_RETAILER: &str = "CREATE TABLE retailer (
    account_id BIGINT NOT NULL, retailer_no BIGINT NOT NULL, retailer_ref TEXT NOT NULL,
    display_name TEXT NOT NULL, default_channel_no BIGINT NOT NULL, is_open BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, retailer_no), UNIQUE (account_id, retailer_ref))";
pub(crate) const CREATE_LOCATION: &str = "CREATE TABLE place_location (
    account_id BIGINT NOT NULL, location_no BIGINT NOT NULL, retailer_no BIGINT NOT NULL,
    location_ref TEXT NOT NULL, display_name TEXT NOT NULL, kind TEXT NOT NULL, is_open BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, location_no), UNIQUE (account_id, location_ref))";
pub(crate) const CREATE_CHANNEL: &str = "CREATE TABLE sales_channel (
    account_id BIGINT NOT NULL, channel_no BIGINT NOT NULL, retailer_no BIGINT NOT NULL,
    channel_ref TEXT NOT NULL, display_name TEXT NOT NULL, is_open BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, channel_no), UNIQUE (account_id, retailer_no, channel_ref))";

/// Columns of [`retailer_row`], [`location_row`] and [`channel_row`].
pub(crate) const RETAILER_COLUMNS: &[&str] =
    &["account_id", "retailer_no", "retailer_ref", "display_name", "default_channel_no", "is_open"];
pub(crate) const LOCATION_COLUMNS: &[&str] =
    &["account_id", "location_no", "retailer_no", "location_ref", "display_name", "kind", "is_open"];
pub(crate) const CHANNEL_COLUMNS: &[&str] =
    &["account_id", "channel_no", "retailer_no", "channel_ref", "display_name", "is_open"];

const RETAILERS: &str = "SELECT retailer_no, retailer_ref, display_name, default_channel_no, is_open
    FROM retailer WHERE account_id = $1 ORDER BY retailer_no";
const LOCATIONS: &str = "SELECT location_no, retailer_no, location_ref, display_name, kind, is_open
    FROM place_location WHERE account_id = $1 ORDER BY location_no";
const CHANNELS: &str = "SELECT channel_no, retailer_no, channel_ref, display_name, is_open
    FROM sales_channel WHERE account_id = $1 ORDER BY channel_no";
const EDIT_RETAILER: &str = "UPDATE retailer SET display_name = $3, default_channel_no = $4
    WHERE account_id = $1 AND retailer_no = $2";
const EDIT_LOCATION: &str =
    "UPDATE place_location SET display_name = $3, kind = $4 WHERE account_id = $1 AND location_no = $2";
const EDIT_CHANNEL: &str =
    "UPDATE sales_channel SET display_name = $3 WHERE account_id = $1 AND channel_no = $2";
const OPEN_RETAILER: &str = "UPDATE retailer SET is_open = $3 WHERE account_id = $1 AND retailer_no = $2";
const OPEN_LOCATION: &str =
    "UPDATE place_location SET is_open = $3 WHERE account_id = $1 AND location_no = $2";
const OPEN_CHANNEL: &str = "UPDATE sales_channel SET is_open = $3 WHERE account_id = $1 AND channel_no = $2";

pub(crate) const STATEMENTS: &[&str] = &[
    RETAILERS,
    LOCATIONS,
    CHANNELS,
    EDIT_RETAILER,
    EDIT_LOCATION,
    EDIT_CHANNEL,
    OPEN_RETAILER,
    OPEN_LOCATION,
    OPEN_CHANNEL,
];

fn kind_word(kind: LocationKind) -> &'static str {
    match kind {
        LocationKind::Store => "store",
        LocationKind::Warehouse => "warehouse",
    }
}

fn kind_of(text: &str) -> Option<LocationKind> {
    [LocationKind::Store, LocationKind::Warehouse].into_iter().find(|kind| kind_word(*kind) == text)
}

pub(crate) fn retailer_row(account: AccountId, row: &Retailer) -> Vec<Value> {
    let (key, label) = (row.r#ref.as_str().into(), row.name.as_str().into());
    vec![no(account), no(row.id), key, label, no(row.default_channel), row.open.into()]
}

pub(crate) fn location_row(account: AccountId, row: &Location) -> Vec<Value> {
    let (key, label) = (row.r#ref.as_str().into(), row.name.as_str().into());
    vec![no(account), no(row.id), no(row.retailer), key, label, kind_word(row.kind).into(), row.open.into()]
}

pub(crate) fn channel_row(account: AccountId, row: &Channel) -> Vec<Value> {
    let (key, label) = (row.r#ref.as_str().into(), row.name.as_str().into());
    vec![no(account), no(row.id), no(row.retailer), key, label, row.open.into()]
}

pub(crate) fn edit_retailer(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: RetailerId,
    label: &Label,
    default_channel: ChannelId,
) -> Result<(), StoreError> {
    one(tx, EDIT_RETAILER, &[no(account), no(id), label.as_str().into(), no(default_channel)])
}

pub(crate) fn edit_location(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: LocationId,
    label: &Label,
    kind: LocationKind,
) -> Result<(), StoreError> {
    one(tx, EDIT_LOCATION, &[no(account), no(id), label.as_str().into(), kind_word(kind).into()])
}

pub(crate) fn edit_channel(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: ChannelId,
    label: &Label,
) -> Result<(), StoreError> {
    one(tx, EDIT_CHANNEL, &[no(account), no(id), label.as_str().into()])
}

pub(crate) fn open_retailer(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: RetailerId,
    open: bool,
) -> Result<(), StoreError> {
    one(tx, OPEN_RETAILER, &[no(account), no(id), open.into()])
}

pub(crate) fn open_location(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: LocationId,
    open: bool,
) -> Result<(), StoreError> {
    one(tx, OPEN_LOCATION, &[no(account), no(id), open.into()])
}

pub(crate) fn open_channel(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: ChannelId,
    open: bool,
) -> Result<(), StoreError> {
    one(tx, OPEN_CHANNEL, &[no(account), no(id), open.into()])
}

/// Reads all places into a snapshot, parents first.
pub(crate) fn load(tx: &mut Tx<'_>, account: AccountId, into: &mut Builder) -> Result<(), StoreError> {
    each_of(tx, RETAILERS, account, |row| {
        Ok(into.retailer(Retailer {
            id: id(row, 0)?,
            r#ref: name(row, 1, Ref::parse)?,
            name: name(row, 2, Label::parse)?,
            default_channel: id(row, 3)?,
            open: row.bool(4)?,
        })?)
    })?;
    each_of(tx, LOCATIONS, account, |row| {
        Ok(into.location(Location {
            id: id(row, 0)?,
            retailer: id(row, 1)?,
            r#ref: name(row, 2, Ref::parse)?,
            name: name(row, 3, Label::parse)?,
            kind: word(row, 4, kind_of)?,
            open: row.bool(5)?,
        })?)
    })?;
    each_of(tx, CHANNELS, account, |row| {
        Ok(into.channel(Channel {
            id: id(row, 0)?,
            retailer: id(row, 1)?,
            r#ref: name(row, 2, Ref::parse)?,
            name: name(row, 3, Label::parse)?,
            open: row.bool(4)?,
        })?)
    })
}
