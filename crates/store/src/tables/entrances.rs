//! The ways in that are state of the account: identity providers, API clients, allowed addresses, and what ended
//! before its time.

use super::{each_of, id, maybe, name, no, one};
use crate::error::StoreError;
use access::change::{ApiClient, IdentityProvider, Protocol};
use access::snapshot::Builder;
use access::{AccountId, AddressRange, ClientId, Instant, Label, ProviderId, Ref, Snapshot, TokenId, UserId};
use sql::{RowRef, Tx, Value};

pub(crate) const CREATE_PROVIDER: &str = "CREATE TABLE identity_provider (
    account_id BIGINT NOT NULL, provider_no BIGINT NOT NULL, provider_ref TEXT NOT NULL,
    display_name TEXT NOT NULL, protocol TEXT NOT NULL, sealed_secret TEXT, removed BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, provider_no))";
pub(crate) const CREATE_CLIENT: &str = "CREATE TABLE api_client (
    account_id BIGINT NOT NULL, client_no BIGINT NOT NULL, client_ref TEXT NOT NULL,
    display_name TEXT NOT NULL, retailer_no BIGINT NOT NULL, secret_hash TEXT, removed BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, client_no))";
pub(crate) const CREATE_ADDRESSES: &str = "CREATE TABLE user_addresses (
    account_id BIGINT NOT NULL, user_no BIGINT NOT NULL, ranges TEXT NOT NULL,
    PRIMARY KEY (account_id, user_no))";
pub(crate) const CREATE_ENDED: &str = "CREATE TABLE ended_token (
    account_id BIGINT NOT NULL, shard_no BIGINT NOT NULL, token_no BIGINT NOT NULL, until_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, shard_no, token_no))";

const PROVIDERS: &str = "SELECT provider_no, provider_ref, display_name, protocol, removed
    FROM identity_provider WHERE account_id = $1 ORDER BY provider_no";
const PUT_PROVIDER: &str = "INSERT INTO identity_provider
    (account_id, provider_no, provider_ref, display_name, protocol, removed) VALUES ($1, $2, $3, $4, $5, FALSE)
    ON CONFLICT (account_id, provider_no) DO UPDATE
    SET display_name = excluded.display_name, protocol = excluded.protocol";
const REMOVE_PROVIDER: &str = "UPDATE identity_provider SET removed = TRUE, sealed_secret = NULL
    WHERE account_id = $1 AND provider_no = $2";
const PROVIDER_SECRET: &str =
    "SELECT sealed_secret FROM identity_provider WHERE account_id = $1 AND provider_no = $2";
const SET_PROVIDER_SECRET: &str = "UPDATE identity_provider SET sealed_secret = $3
    WHERE account_id = $1 AND provider_no = $2 AND removed = FALSE";
const CLIENTS: &str = "SELECT client_no, client_ref, display_name, retailer_no, removed
    FROM api_client WHERE account_id = $1 ORDER BY client_no";
const ADD_CLIENT: &str = "INSERT INTO api_client
    (account_id, client_no, client_ref, display_name, retailer_no, removed) VALUES ($1, $2, $3, $4, $5, FALSE)";
const REMOVE_CLIENT: &str = "UPDATE api_client SET removed = TRUE, secret_hash = NULL
    WHERE account_id = $1 AND client_no = $2";
const CLIENT_SECRET: &str = "SELECT secret_hash FROM api_client WHERE account_id = $1 AND client_no = $2";
const SET_CLIENT_SECRET: &str = "UPDATE api_client SET secret_hash = $3
    WHERE account_id = $1 AND client_no = $2 AND removed = FALSE";
const ADDRESSES: &str = "SELECT user_no, ranges FROM user_addresses WHERE account_id = $1 ORDER BY user_no";
const PUT_ADDRESSES: &str = "INSERT INTO user_addresses (account_id, user_no, ranges) VALUES ($1, $2, $3)
    ON CONFLICT (account_id, user_no) DO UPDATE SET ranges = excluded.ranges";
const DELETE_ADDRESSES: &str = "DELETE FROM user_addresses WHERE account_id = $1 AND user_no = $2";
const ENDED: &str = "SELECT token_no, until_at FROM ended_token WHERE account_id = $1";
const SWEEP_ENDED: &str =
    "DELETE FROM ended_token WHERE account_id = $1 AND shard_no = $2 AND until_at <= $3";
const PUT_ENDED: &str = "INSERT INTO ended_token (account_id, shard_no, token_no, until_at)
    VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, shard_no, token_no) DO UPDATE
    SET until_at = excluded.until_at";

pub(crate) const STATEMENTS: &[&str] = &[
    PROVIDERS,
    PUT_PROVIDER,
    REMOVE_PROVIDER,
    PROVIDER_SECRET,
    SET_PROVIDER_SECRET,
    CLIENTS,
    ADD_CLIENT,
    REMOVE_CLIENT,
    CLIENT_SECRET,
    SET_CLIENT_SECRET,
    ADDRESSES,
    PUT_ADDRESSES,
    DELETE_ADDRESSES,
    ENDED,
    SWEEP_ENDED,
    PUT_ENDED,
];

pub(crate) fn save_provider(
    tx: &mut Tx<'_>,
    account: AccountId,
    provider: &IdentityProvider,
) -> Result<(), StoreError> {
    let protocol =
        serde_json::to_string(&provider.protocol).map_err(|e| StoreError::corrupt(e.to_string()))?;
    let (key, label) = (provider.r#ref.as_str().into(), provider.name.as_str().into());
    one(tx, PUT_PROVIDER, &[no(account), no(provider.id), key, label, protocol.into()])
}

pub(crate) fn remove_provider(tx: &mut Tx<'_>, account: AccountId, id: ProviderId) -> Result<(), StoreError> {
    one(tx, REMOVE_PROVIDER, &[no(account), no(id)])
}

pub(crate) fn provider_secret(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: ProviderId,
) -> Result<Option<String>, StoreError> {
    let read = |row: &RowRef<'_>| Ok(row.opt_text(0)?.map(str::to_owned));
    Ok(maybe(tx, PROVIDER_SECRET, &[no(account), no(id)], read)?.flatten())
}

pub(crate) fn set_provider_secret(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: ProviderId,
    sealed: Option<&str>,
) -> Result<(), StoreError> {
    one(tx, SET_PROVIDER_SECRET, &[no(account), no(id), sealed.into()])
}

pub(crate) fn add_client(tx: &mut Tx<'_>, account: AccountId, client: &ApiClient) -> Result<(), StoreError> {
    let (key, label) = (client.r#ref.as_str().into(), client.name.as_str().into());
    one(tx, ADD_CLIENT, &[no(account), no(client.id), key, label, no(client.retailer)])
}

pub(crate) fn remove_client(tx: &mut Tx<'_>, account: AccountId, id: ClientId) -> Result<(), StoreError> {
    one(tx, REMOVE_CLIENT, &[no(account), no(id)])
}

pub(crate) fn client_secret(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: ClientId,
) -> Result<Option<String>, StoreError> {
    let read = |row: &RowRef<'_>| Ok(row.opt_text(0)?.map(str::to_owned));
    Ok(maybe(tx, CLIENT_SECRET, &[no(account), no(id)], read)?.flatten())
}

pub(crate) fn set_client_secret(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: ClientId,
    fingerprint: &str,
) -> Result<(), StoreError> {
    one(tx, SET_CLIENT_SECRET, &[no(account), no(id), fingerprint.into()])
}

pub(crate) fn set_addresses(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
    ranges: &[AddressRange],
) -> Result<(), StoreError> {
    if ranges.is_empty() {
        tx.execute(DELETE_ADDRESSES, &[no(account), no(user)])?;
        return Ok(());
    }
    let text = ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    one(tx, PUT_ADDRESSES, &[no(account), no(user), text.into()])
}

/// Keeps what ended until its time, and sweeps its shard just as `Snapshot::apply` does.
pub(crate) fn end_token(
    tx: &mut Tx<'_>,
    account: AccountId,
    token: TokenId,
    at: Instant,
    until: Instant,
) -> Result<(), StoreError> {
    let shard = Value::Int(i64::try_from(Snapshot::shard_of_ended(token)).unwrap_or(0));
    tx.execute(SWEEP_ENDED, &[no(account), shard.clone(), at.0.into()])?;
    one(tx, PUT_ENDED, &[no(account), shard, token.number().into(), until.0.into()])
}

/// Reads all of it into a snapshot.
pub(crate) fn load(tx: &mut Tx<'_>, account: AccountId, into: &mut Builder) -> Result<(), StoreError> {
    each_of(tx, PROVIDERS, account, |row| {
        let protocol: Protocol = serde_json::from_str(row.text(3)?)
            .map_err(|e| StoreError::Corrupt(format!("an identity provider: {e}")))?;
        let (key, label) = (name(row, 1, Ref::parse)?, name(row, 2, Label::parse)?);
        let provider = IdentityProvider { id: id(row, 0)?, r#ref: key, name: label, protocol };
        Ok(into.provider(provider, row.bool(4)?)?)
    })?;
    each_of(tx, CLIENTS, account, |row| {
        let (key, label) = (name(row, 1, Ref::parse)?, name(row, 2, Label::parse)?);
        let client = ApiClient { id: id(row, 0)?, r#ref: key, name: label, retailer: id(row, 3)? };
        Ok(into.client(client, row.bool(4)?)?)
    })?;
    each_of(tx, ADDRESSES, account, |row| {
        let ranges: Result<Vec<_>, _> = row.text(1)?.split(' ').map(AddressRange::parse).collect();
        into.addresses(id(row, 0)?, ranges.map_err(|e| StoreError::Corrupt(e.to_string()))?);
        Ok(())
    })?;
    each_of(tx, ENDED, account, |row| {
        let token = super::token_id(row, 0)?;
        into.ended(token, Instant(row.int(1)?));
        Ok(())
    })
}
