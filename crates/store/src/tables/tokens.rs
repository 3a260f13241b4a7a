//! Sessions and tokens, without their secrets.

use super::{counted, id, maybe, maybe_id, maybe_no, no, one, token_id, word};
use crate::error::StoreError;
use crate::tokens::{ProviderSession, TokenKind, TokenRow};
use access::{AccountId, Application, Instant, LocationId, ProviderId, RetailerId, TokenId, UserId};
use sql::{RowRef, Tx, Value};

pub(crate) const CREATE: &str = "CREATE TABLE user_token (
    account_id BIGINT NOT NULL, token_no BIGINT NOT NULL, user_no BIGINT NOT NULL, kind TEXT NOT NULL,
    application TEXT NOT NULL, epoch BIGINT NOT NULL, label TEXT NOT NULL, client_no BIGINT,
    provider_no BIGINT, provider_subject TEXT, provider_sid TEXT, provider_hint TEXT,
    retailer_no BIGINT, location_no BIGINT, must_change BOOLEAN NOT NULL, made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL, seen_at BIGINT, address TEXT NOT NULL, agent TEXT NOT NULL,
    PRIMARY KEY (account_id, token_no))";
pub(crate) const CREATE_BY_USER: &str = "CREATE INDEX user_token_by_user ON user_token (account_id, user_no)";
pub(crate) const CREATE_BY_PROVIDER: &str =
    "CREATE INDEX user_token_by_provider ON user_token (account_id, provider_no, provider_subject)";
pub(crate) const CREATE_BY_SID: &str =
    "CREATE INDEX user_token_by_sid ON user_token (account_id, provider_no, provider_sid)";
pub(crate) const CREATE_BY_EXPIRY: &str = "CREATE INDEX user_token_by_expiry ON user_token (expires_at)";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT token_no, user_no, kind, application, epoch, label, client_no, provider_no, ",
            "provider_subject, provider_sid, provider_hint, retailer_no, location_no, must_change, made_at, ",
            "expires_at, seen_at, address, agent FROM user_token ",
            $rest
        )
    };
}

const FIND: &str = select!("WHERE account_id = $1 AND token_no = $2");
const OF_USER: &str =
    select!("WHERE account_id = $1 AND user_no = $2 ORDER BY made_at DESC, token_no LIMIT 10000");
const OF_SUBJECT: &str = select!(
    "WHERE account_id = $1 AND provider_no = $2 AND provider_subject = $3 ORDER BY token_no LIMIT 10000"
);
const OF_SID: &str =
    select!("WHERE account_id = $1 AND provider_no = $2 AND provider_sid = $3 ORDER BY token_no LIMIT 10000");
const OF_SUBJECT_ALONE: &str = select!(
    "WHERE account_id = $1 AND provider_no = $2 AND provider_subject = $3 AND provider_sid IS NULL
    ORDER BY token_no LIMIT 10000"
);
const INSERT: &str = "INSERT INTO user_token (account_id, token_no, user_no, kind, application, epoch, label,
    client_no, provider_no, provider_subject, provider_sid, provider_hint, retailer_no, location_no, must_change,
    made_at, expires_at, seen_at, address, agent)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
const LIVING: &str = "SELECT count(*) FROM user_token
    WHERE account_id = $1 AND user_no = $2 AND kind = $3 AND epoch = $4 AND expires_at > $5";
const SEEN: &str = "UPDATE user_token SET seen_at = $3
    WHERE account_id = $1 AND token_no = $2 AND (seen_at IS NULL OR seen_at < $3)";
const FIRST_SEEN: &str =
    "UPDATE user_token SET seen_at = $3 WHERE account_id = $1 AND token_no = $2 AND seen_at IS NULL";
const MOVE: &str =
    "UPDATE user_token SET retailer_no = $3, location_no = $4 WHERE account_id = $1 AND token_no = $2";
const PROLONG: &str = "UPDATE user_token SET expires_at = $3 WHERE account_id = $1 AND token_no = $2";
const DELETE: &str = "DELETE FROM user_token WHERE account_id = $1 AND token_no = $2";
const DELETE_OF_USER: &str = "DELETE FROM user_token WHERE account_id = $1 AND user_no = $2";
const SWEEP: &str = "DELETE FROM user_token WHERE (account_id, token_no) IN
    (SELECT account_id, token_no FROM user_token WHERE expires_at < $1 LIMIT 1000)";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    OF_USER,
    OF_SUBJECT,
    OF_SID,
    OF_SUBJECT_ALONE,
    INSERT,
    LIVING,
    SEEN,
    FIRST_SEEN,
    MOVE,
    PROLONG,
    DELETE,
    DELETE_OF_USER,
    SWEEP,
];

fn kind_of(text: &str) -> Option<TokenKind> {
    TokenKind::ALL.into_iter().find(|kind| kind.word() == text)
}

fn read(row: &RowRef<'_>) -> Result<TokenRow, StoreError> {
    let provider = match maybe_id::<ProviderId>(row, 7)? {
        None => None,
        Some(provider) => Some(ProviderSession {
            provider,
            subject: row.opt_text(8)?.unwrap_or_default().to_owned(),
            sid: row.opt_text(9)?.map(str::to_owned),
            hint: row.opt_text(10)?.map(str::to_owned),
        }),
    };
    Ok(TokenRow {
        id: token_id(row, 0)?,
        user: id(row, 1)?,
        kind: word(row, 2, kind_of)?,
        application: word(row, 3, |text| Application::parse(text).ok())?,
        epoch: counted(row, 4)?,
        label: row.text(5)?.to_owned(),
        client: maybe_id(row, 6)?,
        provider,
        retailer: maybe_id(row, 11)?,
        location: maybe_id(row, 12)?,
        must_change: row.bool(13)?,
        made_at: Instant(row.int(14)?),
        expires_at: Instant(row.int(15)?),
        seen_at: row.opt_int(16)?.map(Instant),
        address: row.text(17)?.to_owned(),
        agent: row.text(18)?.to_owned(),
    })
}

pub(crate) fn insert(tx: &mut Tx<'_>, account: AccountId, token: &TokenRow) -> Result<(), StoreError> {
    let provider = token.provider.as_ref();
    let values = [
        no(account),
        token.id.number().into(),
        no(token.user),
        token.kind.word().into(),
        token.application.name().into(),
        token.epoch.into(),
        token.label.as_str().into(),
        maybe_no(token.client),
        maybe_no(provider.map(|p| p.provider)),
        provider.map(|p| p.subject.as_str()).into(),
        provider.and_then(|p| p.sid.as_deref()).into(),
        provider.and_then(|p| p.hint.as_deref()).into(),
        maybe_no(token.retailer),
        maybe_no(token.location),
        token.must_change.into(),
        token.made_at.0.into(),
        token.expires_at.0.into(),
        token.seen_at.map_or(Value::Null, |at| at.0.into()),
        token.address.as_str().into(),
        token.agent.as_str().into(),
    ];
    one(tx, INSERT, &values)
}

pub(crate) fn find(tx: &mut Tx<'_>, account: AccountId, id: TokenId) -> Result<Option<TokenRow>, StoreError> {
    maybe(tx, FIND, &[no(account), id.number().into()], read)
}

pub(crate) fn of_user(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
) -> Result<Vec<TokenRow>, StoreError> {
    tx.query(OF_USER, &[no(account), no(user)])?.iter().map(|row| read(&row.as_ref())).collect()
}

pub(crate) fn of_provider(
    tx: &mut Tx<'_>,
    account: AccountId,
    provider: ProviderId,
    subject: Option<&str>,
    sid: Option<&str>,
) -> Result<Vec<TokenRow>, StoreError> {
    let mut found = |sql, key: &str| -> Result<Vec<TokenRow>, StoreError> {
        let rows = tx.query(sql, &[no(account), no(provider), key.into()])?;
        rows.iter().map(|row| read(&row.as_ref())).collect()
    };
    match (subject, sid) {
        (None, None) => Ok(Vec::new()),
        (Some(subject), None) => found(OF_SUBJECT, subject),
        (None, Some(sid)) => found(OF_SID, sid),
        (Some(subject), Some(sid)) => {
            // A session belongs to one subject, so those of a session are few, and the subject is compared here.
            let mut tokens = found(OF_SID, sid)?;
            tokens.retain(|token| token.provider.as_ref().is_some_and(|p| p.subject == subject));
            // A provider may name its session when it ends it and not when it begins: any of these may be of it.
            tokens.extend(found(OF_SUBJECT_ALONE, subject)?);
            tokens.sort_by_key(|token| token.id);
            Ok(tokens)
        }
    }
}

/// How many tokens of a kind a user has at an epoch that do not end before an instant.
pub(crate) fn living(
    tx: &mut Tx<'_>,
    account: AccountId,
    user: UserId,
    (kind, epoch, at): (TokenKind, u32, Instant),
) -> Result<usize, StoreError> {
    let values = [no(account), no(user), kind.word().into(), epoch.into(), at.0.into()];
    let row = tx.query_one(LIVING, &values)?;
    counted(&row.as_ref(), 0)
}

pub(crate) fn seen(tx: &mut Tx<'_>, account: AccountId, id: TokenId, at: Instant) -> Result<(), StoreError> {
    // None is met when the token ended meanwhile, or another node was later.
    tx.execute(SEEN, &[no(account), id.number().into(), at.0.into()])?;
    Ok(())
}

pub(crate) fn first_seen(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: TokenId,
    at: Instant,
) -> Result<bool, StoreError> {
    Ok(tx.execute(FIRST_SEEN, &[no(account), id.number().into(), at.0.into()])? == 1)
}

pub(crate) fn move_to(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: TokenId,
    retailer: Option<RetailerId>,
    location: Option<LocationId>,
) -> Result<bool, StoreError> {
    let values = [no(account), id.number().into(), maybe_no(retailer), maybe_no(location)];
    Ok(tx.execute(MOVE, &values)? == 1)
}

pub(crate) fn prolong(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: TokenId,
    until: Instant,
) -> Result<(), StoreError> {
    tx.execute(PROLONG, &[no(account), id.number().into(), until.0.into()])?;
    Ok(())
}

pub(crate) fn delete(tx: &mut Tx<'_>, account: AccountId, id: TokenId) -> Result<(), StoreError> {
    tx.execute(DELETE, &[no(account), id.number().into()])?;
    Ok(())
}

pub(crate) fn delete_of_user(tx: &mut Tx<'_>, account: AccountId, user: UserId) -> Result<(), StoreError> {
    tx.execute(DELETE_OF_USER, &[no(account), no(user)])?;
    Ok(())
}

pub(crate) fn sweep(tx: &mut Tx<'_>, before: Instant) -> Result<u64, StoreError> {
    Ok(tx.execute(SWEEP, &[before.0.into()])?)
}
