//! How long an account takes to come out of an SQLite file, as when a server starts.

use super::stage::{Failure, Stage};
use crate::timing::timed;
use access::catalogue::Contract;
use access::change::LocationKind;
use access::{AccountId, Extent, LocationExtent, Number, Snapshot};
use sql::{Database, SqlError, Tx, Value};
use std::path::PathBuf;
use store::Store;

/// Seconds that each of some loads took, all of the state that was written.
pub(crate) fn measure(stage: &Stage, times: usize) -> Result<Vec<f64>, Failure> {
    let folder = Folder(std::env::temp_dir().join(format!("keyward-bench-load-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0)?;
    let file = folder.0.join("bench.db");
    let account = stage.snapshot.account().id;
    let store = Store::open(Database::sqlite_file(&file)?, Contract::built_in()?, &[])?;
    store.database().write(|tx| write(tx, account, &stage.snapshot))?;
    drop(store);
    let mut seconds = Vec::new();
    for _ in 0..times {
        let store = Store::open(Database::sqlite_file(&file)?, Contract::built_in()?, &[])?;
        let (took, loaded) = timed(|| store.load(account));
        if loaded? != stage.snapshot {
            return Err("what was loaded is not what was written".into());
        }
        seconds.push(took.as_secs_f64());
    }
    Ok(seconds)
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn no(id: impl Number) -> Value {
    id.number().into()
}

/// The rows that a store would have written, without a change log, which loading does not read.
fn write(tx: &mut Tx<'_>, account: AccountId, state: &Snapshot) -> Result<(), SqlError> {
    let own = state.account();
    let row = vec![no(account), own.r#ref.as_str().into(), own.name.as_str().into()];
    tx.insert_many("account", &["account_id", "account_ref", "display_name"], [row])?;
    let counters = state.counters();
    let head = vec![
        no(account),
        Value::Int(state.revision().0.cast_signed()),
        Value::Int(0),
        "".into(),
        counters.grants.into(),
        counters.custom_roles.into(),
    ];
    let columns = ["account_id", "revision", "audit_count", "audit_hash", "grants_made", "custom_roles_made"];
    tx.insert_many("account_head", &columns, [head])?;
    roles(tx, account, state)?;
    places(tx, account, state)?;
    users(tx, account, state)?;
    grants(tx, account, state)
}

fn roles(tx: &mut Tx<'_>, account: AccountId, state: &Snapshot) -> Result<(), SqlError> {
    let names = state.permissions().names();
    let own = names.get(state.contract().permissions().len()..).unwrap_or_default();
    let rows = (1..).zip(own).map(|(n, name)| vec![no(account), Value::Int(n), name.as_str().into()]);
    tx.insert_many("custom_permission", &["account_id", "permission_no", "permission_name"], rows)?;
    let custom = || state.roles().filter(|r| !r.id.is_built_in());
    let rows = custom().map(|r| {
        let application = r.application.map(access::Application::name);
        vec![no(account), no(r.id), r.key.as_str().into(), r.label.as_str().into(), application.into()]
    });
    let columns = ["account_id", "role_no", "role_key", "display_name", "application"];
    tx.insert_many("custom_role", &columns, rows)?;
    let held = custom().flat_map(|r| r.permissions.iter().map(move |p| (r.id, p)));
    let rows = held.map(|(role, p)| vec![no(account), no(role), state.permissions().name(p).into()]);
    tx.insert_many("custom_role_permission", &["account_id", "role_no", "permission_name"], rows)?;
    Ok(())
}

fn places(tx: &mut Tx<'_>, account: AccountId, state: &Snapshot) -> Result<(), SqlError> {
    let retailers = state.places().retailers().map(|r| {
        let (key, name) = (r.r#ref.as_str().into(), r.name.as_str().into());
        vec![no(account), no(r.id), key, name, no(r.default_channel), r.open.into()]
    });
    let columns =
        ["account_id", "retailer_no", "retailer_ref", "display_name", "default_channel_no", "is_open"];
    tx.insert_many("retailer", &columns, retailers)?;
    let locations = state.places().locations().map(|l| {
        let kind = if l.kind == LocationKind::Store { "store" } else { "warehouse" };
        let (key, name) = (l.r#ref.as_str().into(), l.name.as_str().into());
        vec![no(account), no(l.id), no(l.retailer), key, name, kind.into(), l.open.into()]
    });
    let columns =
        ["account_id", "location_no", "retailer_no", "location_ref", "display_name", "kind", "is_open"];
    tx.insert_many("place_location", &columns, locations)?;
    let channels = state.places().channels().map(|c| {
        let (key, name) = (c.r#ref.as_str().into(), c.name.as_str().into());
        vec![no(account), no(c.id), no(c.retailer), key, name, c.open.into()]
    });
    let columns = ["account_id", "channel_no", "retailer_no", "channel_ref", "display_name", "is_open"];
    tx.insert_many("sales_channel", &columns, channels)?;
    Ok(())
}

fn users(tx: &mut Tx<'_>, account: AccountId, state: &Snapshot) -> Result<(), SqlError> {
    let rows = state.users_after(None).map(|(id, user)| {
        let (name, email) = state.profile(id).unwrap_or_default();
        vec![
            no(account),
            no(id),
            user.login().into(),
            name.into(),
            Some(email).filter(|e| !e.is_empty()).into(),
            "person".into(),
            "password".into(),
            user.is_enabled().into(),
            user.is_provisioned().into(),
            user.is_removed().into(),
            user.epoch().into(),
        ]
    });
    let columns = [
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
    ];
    tx.insert_many("account_user", &columns, rows)?;
    Ok(())
}

fn grants(tx: &mut Tx<'_>, account: AccountId, state: &Snapshot) -> Result<(), SqlError> {
    let all = state.users_after(None).flat_map(|(id, _)| state.grants(id));
    let rows = all.map(|grant| {
        let scope = &grant.spec.scope;
        let mark = if matches!(scope.locations, LocationExtent::Narrow(_)) { "n:" } else { "o:" };
        vec![
            no(account),
            no(grant.user),
            no(grant.id),
            no(grant.spec.role),
            extent(&scope.retailers).into(),
            list(mark, scope.locations.listed()).into(),
            extent(&scope.channels).into(),
            grant.spec.validity.from.map(|at| at.0).into(),
            grant.spec.validity.until.map(|at| at.0).into(),
        ]
    });
    let columns = [
        "account_id",
        "user_no",
        "grant_no",
        "role_no",
        "retailers",
        "locations",
        "channels",
        "valid_from",
        "valid_until",
    ];
    tx.insert_many("user_grant", &columns, rows)?;
    Ok(())
}

fn extent<T: Number>(extent: &Extent<T>) -> String {
    list("", extent.listed())
}

/// Listed places as the store writes them; nothing listed is all.
fn list<T: Number>(mark: &str, listed: &[T]) -> String {
    if listed.is_empty() {
        return "*".to_owned();
    }
    let numbers: Vec<String> = listed.iter().map(|place| place.number().to_string()).collect();
    format!("{mark}{}", numbers.join(","))
}
