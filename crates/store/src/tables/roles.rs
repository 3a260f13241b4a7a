//! An account's own permissions and custom roles. Permissions are kept by name: their places in the catalogue
//! differ between versions of the program.

use super::{each_of, id, maybe, name, no, one};
use crate::error::StoreError;
use access::snapshot::{Builder, RoleRow};
use access::{AccountId, Application, Label, PermissionName, RoleId, RoleKey};
use sql::{RowRef, Tx, Value};

pub(crate) const CREATE_PERMISSION: &str = "CREATE TABLE custom_permission (
    account_id BIGINT NOT NULL, permission_no BIGINT NOT NULL, permission_name TEXT NOT NULL,
    PRIMARY KEY (account_id, permission_no), UNIQUE (account_id, permission_name))";
pub(crate) const CREATE_ROLE: &str = "CREATE TABLE custom_role (
    account_id BIGINT NOT NULL, role_no BIGINT NOT NULL, role_key TEXT NOT NULL, display_name TEXT NOT NULL,
    application TEXT, PRIMARY KEY (account_id, role_no), UNIQUE (account_id, role_key))";
pub(crate) const CREATE_ROLE_PERMISSION: &str = "CREATE TABLE custom_role_permission (
    account_id BIGINT NOT NULL, role_no BIGINT NOT NULL, permission_name TEXT NOT NULL,
    PRIMARY KEY (account_id, role_no, permission_name))";

const PERMISSIONS: &str =
    "SELECT permission_name FROM custom_permission WHERE account_id = $1 ORDER BY permission_no";
const LAST_PERMISSION: &str = "SELECT permission_no FROM custom_permission WHERE account_id = $1
    ORDER BY permission_no DESC LIMIT 1";
const INSERT_PERMISSION: &str =
    "INSERT INTO custom_permission (account_id, permission_no, permission_name) VALUES ($1, $2, $3)";
const ROLES: &str = "SELECT role_no, role_key, display_name, application
    FROM custom_role WHERE account_id = $1 ORDER BY role_no";
const ROLE_PERMISSIONS: &str = "SELECT role_no, permission_name
    FROM custom_role_permission WHERE account_id = $1 ORDER BY role_no, permission_name";
const INSERT_ROLE: &str = "INSERT INTO custom_role (account_id, role_no, role_key, display_name, application)
    VALUES ($1, $2, $3, $4, $5)";
const RELABEL_ROLE: &str = "UPDATE custom_role SET display_name = $3 WHERE account_id = $1 AND role_no = $2";
const DELETE_ROLE: &str = "DELETE FROM custom_role WHERE account_id = $1 AND role_no = $2";
const DELETE_ROLE_PERMISSIONS: &str =
    "DELETE FROM custom_role_permission WHERE account_id = $1 AND role_no = $2";

pub(crate) const STATEMENTS: &[&str] = &[
    PERMISSIONS,
    LAST_PERMISSION,
    INSERT_PERMISSION,
    ROLES,
    ROLE_PERMISSIONS,
    INSERT_ROLE,
    RELABEL_ROLE,
    DELETE_ROLE,
    DELETE_ROLE_PERMISSIONS,
];

/// A permission of the account's own, numbered behind those that it has.
pub(crate) fn add_permission(
    tx: &mut Tx<'_>,
    account: AccountId,
    permission: &PermissionName,
) -> Result<(), StoreError> {
    let last = maybe(tx, LAST_PERMISSION, &[no(account)], |row| Ok(row.int(0)?))?.unwrap_or(0);
    one(tx, INSERT_PERMISSION, &[no(account), Value::Int(last + 1), permission.as_str().into()])
}

/// A new role, all of it.
pub(crate) fn insert(tx: &mut Tx<'_>, account: AccountId, role: &RoleRow) -> Result<(), StoreError> {
    let application = role.application.map(Application::name);
    let (key, label) = (role.key.as_str().into(), role.label.as_str().into());
    one(tx, INSERT_ROLE, &[no(account), no(role.id), key, label, application.into()])?;
    insert_permissions(tx, account, role.id, &role.permissions)
}

/// Another label and other permissions.
pub(crate) fn edit(
    tx: &mut Tx<'_>,
    account: AccountId,
    role: RoleId,
    label: &Label,
    permissions: &[PermissionName],
) -> Result<(), StoreError> {
    one(tx, RELABEL_ROLE, &[no(account), no(role), label.as_str().into()])?;
    tx.execute(DELETE_ROLE_PERMISSIONS, &[no(account), no(role)])?;
    insert_permissions(tx, account, role, permissions)
}

pub(crate) fn delete(tx: &mut Tx<'_>, account: AccountId, role: RoleId) -> Result<(), StoreError> {
    tx.execute(DELETE_ROLE_PERMISSIONS, &[no(account), no(role)])?;
    one(tx, DELETE_ROLE, &[no(account), no(role)])
}

fn insert_permissions(
    tx: &mut Tx<'_>,
    account: AccountId,
    role: RoleId,
    permissions: &[PermissionName],
) -> Result<(), StoreError> {
    let columns = ["account_id", "role_no", "permission_name"];
    let rows = permissions.iter().map(|p| vec![no(account), no(role), p.as_str().into()]);
    tx.insert_many("custom_role_permission", &columns, rows)?;
    Ok(())
}

/// Reads permissions and roles into a snapshot.
pub(crate) fn load(tx: &mut Tx<'_>, account: AccountId, into: &mut Builder) -> Result<(), StoreError> {
    each_of(tx, PERMISSIONS, account, |row| Ok(into.permission(name(row, 0, PermissionName::parse)?)?))?;
    let mut roles = Vec::new();
    each_of(tx, ROLES, account, |row| {
        roles.push(read_role(row)?);
        Ok(())
    })?;
    each_of(tx, ROLE_PERMISSIONS, account, |row| {
        let role: RoleId = id(row, 0)?;
        let at = roles.binary_search_by_key(&role, |r: &RoleRow| r.id).ok();
        let found = at.and_then(|at| roles.get_mut(at));
        let found = found.ok_or_else(|| StoreError::Corrupt(format!("permissions of no role {role}")))?;
        found.permissions.push(name(row, 1, PermissionName::parse)?);
        Ok(())
    })?;
    roles.into_iter().try_for_each(|role| Ok(into.role(role)?))
}

fn read_role(row: &RowRef<'_>) -> Result<RoleRow, StoreError> {
    let application = row.opt_text(3)?.map(Application::parse).transpose().map_err(StoreError::Corrupt)?;
    Ok(RoleRow {
        id: id(row, 0)?,
        key: name(row, 1, RoleKey::parse)?,
        label: name(row, 2, Label::parse)?,
        application,
        permissions: Vec::new(),
    })
}
