//! Users, without grants and passwords.

use super::{counted, each_of, id, name, no, one, word};
use crate::error::StoreError;
use access::change::{Profile, SignIn, Switch, UserKind};
use access::snapshot::{Builder, UserRow};
use access::{AccountId, Label, Language, Login, TimeZoneName, UserId};
use sql::{RowRef, Tx, Value};

pub(crate) const CREATE: &str = "CREATE TABLE account_user (
    account_id BIGINT NOT NULL, user_no BIGINT NOT NULL, login TEXT NOT NULL, display_name TEXT NOT NULL,
    email TEXT, kind TEXT NOT NULL, sign_in TEXT NOT NULL, enabled BOOLEAN NOT NULL,
    provisioned BOOLEAN NOT NULL, removed BOOLEAN NOT NULL, epoch BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_no), UNIQUE (account_id, login))";

pub(crate) const ADD_PROVIDER: &str = "ALTER TABLE account_user ADD COLUMN provider_no BIGINT";

pub(crate) const ADD_LANGUAGE: &str = "ALTER TABLE account_user ADD COLUMN language_tag TEXT";
pub(crate) const ADD_ZONE: &str = "ALTER TABLE account_user ADD COLUMN zone_name TEXT";

/// Columns of [`row`].
pub(crate) const COLUMNS: &[&str] = &[
    "account_id",
    "user_no",
    "login",
    "display_name",
    "email",
    "kind",
    "sign_in",
    "enabled",
    "provisioned",
    "removed",
    "epoch",
    "provider_no",
    "language_tag",
    "zone_name",
];

const ALL: &str =
    "SELECT user_no, login, display_name, email, kind, sign_in, enabled, provisioned, removed, epoch, provider_no,
    language_tag, zone_name FROM account_user WHERE account_id = $1 ORDER BY user_no";
const EDIT: &str = "UPDATE account_user SET display_name = $3, email = $4, language_tag = $5, zone_name = $6
    WHERE account_id = $1 AND user_no = $2";
const SWITCH_ENABLED: &str =
    "UPDATE account_user SET enabled = $3, epoch = epoch + $4 WHERE account_id = $1 AND user_no = $2";
const SWITCH_PROVISIONED: &str =
    "UPDATE account_user SET provisioned = $3, epoch = epoch + $4 WHERE account_id = $1 AND user_no = $2";
const SIGN_OUT: &str = "UPDATE account_user SET epoch = epoch + 1 WHERE account_id = $1 AND user_no = $2";
const REMOVE: &str =
    "UPDATE account_user SET removed = TRUE, epoch = epoch + 1 WHERE account_id = $1 AND user_no = $2";

const SET_SIGN_IN: &str = "UPDATE account_user SET sign_in = $3, provider_no = $4, epoch = epoch + 1
    WHERE account_id = $1 AND user_no = $2";

pub(crate) const STATEMENTS: &[&str] =
    &[ALL, EDIT, SWITCH_ENABLED, SWITCH_PROVISIONED, SIGN_OUT, REMOVE, SET_SIGN_IN];

fn kind_word(kind: UserKind) -> &'static str {
    match kind {
        UserKind::Person => "person",
        UserKind::System => "system",
        UserKind::Application => "application",
    }
}

fn sign_in_word(sign_in: SignIn) -> &'static str {
    match sign_in {
        SignIn::Password => "password",
        SignIn::Sso(_) => "sso",
    }
}

fn provider(sign_in: SignIn) -> Value {
    match sign_in {
        SignIn::Password => Value::Null,
        SignIn::Sso(provider) => no(provider),
    }
}

fn kind_of(text: &str) -> Option<UserKind> {
    [UserKind::Person, UserKind::System, UserKind::Application]
        .into_iter()
        .find(|kind| kind_word(*kind) == text)
}

fn sign_in_of(row: &RowRef<'_>) -> Result<SignIn, StoreError> {
    let word = row.text(5)?;
    let sign_in = match row.opt_int(10)? {
        None => SignIn::Password,
        Some(_) => SignIn::Sso(id(row, 10)?),
    };
    if sign_in_word(sign_in) == word {
        Ok(sign_in)
    } else {
        Err(StoreError::Corrupt(format!("a user signs in by `{word}`, and the provider says otherwise")))
    }
}

pub(crate) fn row(account: AccountId, user: &UserRow) -> Vec<Value> {
    vec![
        no(account),
        no(user.id),
        user.login.as_str().into(),
        user.profile.name.as_str().into(),
        user.profile.email.as_ref().map(Label::as_str).into(),
        kind_word(user.kind).into(),
        sign_in_word(user.sign_in).into(),
        user.enabled.into(),
        user.provisioned.into(),
        user.removed.into(),
        user.epoch.into(),
        provider(user.sign_in),
        language(&user.profile),
        zone(&user.profile),
    ]
}

fn language(profile: &Profile) -> Value {
    profile.language.map(Language::tag).into()
}

fn zone(profile: &Profile) -> Value {
    profile.time_zone.as_ref().map(TimeZoneName::as_str).into()
}

pub(crate) fn edit(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: UserId,
    profile: &Profile,
) -> Result<(), StoreError> {
    let email = profile.email.as_ref().map(Label::as_str).into();
    let values = [no(account), no(id), profile.name.as_str().into(), email, language(profile), zone(profile)];
    one(tx, EDIT, &values)
}

/// Switching off advances the epoch, which ends every session and token.
pub(crate) fn switch(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: UserId,
    by: Switch,
    on: bool,
) -> Result<(), StoreError> {
    let sql = match by {
        Switch::Administrators => SWITCH_ENABLED,
        Switch::Provisioner => SWITCH_PROVISIONED,
    };
    one(tx, sql, &[no(account), no(id), on.into(), u32::from(!on).into()])
}

pub(crate) fn sign_out(tx: &mut Tx<'_>, account: AccountId, id: UserId) -> Result<(), StoreError> {
    one(tx, SIGN_OUT, &[no(account), no(id)])
}

pub(crate) fn set_sign_in(
    tx: &mut Tx<'_>,
    account: AccountId,
    id: UserId,
    sign_in: SignIn,
) -> Result<(), StoreError> {
    one(tx, SET_SIGN_IN, &[no(account), no(id), sign_in_word(sign_in).into(), provider(sign_in)])
}

pub(crate) fn remove(tx: &mut Tx<'_>, account: AccountId, id: UserId) -> Result<(), StoreError> {
    one(tx, REMOVE, &[no(account), no(id)])
}

/// Reads all users into a snapshot.
pub(crate) fn load(tx: &mut Tx<'_>, account: AccountId, into: &mut Builder) -> Result<(), StoreError> {
    each_of(tx, ALL, account, |row| Ok(into.user(read(row)?)?))
}

fn read(row: &RowRef<'_>) -> Result<UserRow, StoreError> {
    let email = match row.opt_text(3)? {
        None => None,
        Some(_) => Some(name(row, 3, Label::parse)?),
    };
    let language = match row.opt_text(11)? {
        None => None,
        Some(_) => Some(word(row, 11, |tag| Language::parse(tag).ok())?),
    };
    let time_zone = match row.opt_text(12)? {
        None => None,
        Some(_) => Some(name(row, 12, TimeZoneName::parse)?),
    };
    Ok(UserRow {
        id: id(row, 0)?,
        login: name(row, 1, Login::parse)?,
        profile: Profile { name: name(row, 2, Label::parse)?, email, language, time_zone },
        kind: word(row, 4, kind_of)?,
        sign_in: sign_in_of(row)?,
        enabled: row.bool(6)?,
        provisioned: row.bool(7)?,
        removed: row.bool(8)?,
        epoch: counted(row, 9)?,
    })
}
