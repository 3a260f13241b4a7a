//! Grants, for scripting and recovery.

use super::text::{instant, table, validity as validity_text};
use super::{Desk, GrantNames, Reply, ScopeNames, changed, origin, scope, users};
use crate::accounts::Service;
use crate::error::ServiceError;
use access::commands::{EditGrants, GrantEdit, Refusal};
use access::{GrantId, Snapshot, UserId, Validity};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is done with grants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum GrantOp {
    /// Give the same to one user or many, all or nothing.
    Add { users: Vec<String>, grant: GrantNames },
    /// Another scope or validity.
    Change {
        user: String,
        grant: String,
        scope: Option<ScopeNames>,
        valid_from: Option<String>,
        valid_until: Option<String>,
        always: bool,
    },
    /// Take them.
    Remove { user: String, grants: Vec<String> },
    /// Those of a user.
    List { user: String },
}

pub(super) fn perform(service: &Service, desk: &Desk, op: &GrantOp) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    let execute = |edits| service.execute(&desk.who, origin(), EditGrants { edits });
    match op {
        GrantOp::Add { users: names, grant } => {
            let spec = grant.resolve(&on)?;
            let ids = names.iter().map(|u| users::find(&on, u)).collect::<Result<Vec<_>, _>>()?;
            let edits = ids.iter().map(|id| (*id, GrantEdit::Add(spec.clone()))).collect();
            let at = on.scope_text(&spec.scope);
            let revision = execute(edits)?;
            let what = format!("gave {} over {at} to {}", grant.role, names.join(", "));
            let after = service.newest(desk.account)?;
            let made: Vec<String> = ids
                .iter()
                .filter_map(|id| after.grants(*id).into_iter().rev().find(|g| g.spec == spec))
                .map(|g| g.id.to_string())
                .collect();
            Ok(changed(what, revision, json!({ "grants": made })))
        }
        GrantOp::Change { user, grant, scope, valid_from, valid_until, always } => {
            let id = users::find(&on, user)?;
            let grant = parse_grant(grant)?;
            let new_scope = scope.as_ref().map(|s| s.resolve(&on)).transpose()?;
            let new = scope::validity(valid_from.as_deref(), valid_until.as_deref())?;
            let always = *always;
            let change = move |on: &Snapshot| {
                let old = on.grants(id).into_iter().find(|g| g.id == grant);
                let old = old.ok_or_else(|| Refusal::unknown("grant of this user", grant))?.spec;
                let kept = if always { Validity::ALWAYS } else { old.validity };
                let validity = Validity { from: new.from.or(kept.from), until: new.until.or(kept.until) };
                let scope = new_scope.clone().unwrap_or(old.scope);
                Ok(EditGrants { edits: vec![(id, GrantEdit::Change { id: grant, scope, validity })] })
            };
            let revision = service.execute_made(&desk.who, origin(), change)?;
            Ok(changed(format!("changed {grant} of {user}"), revision, json!({ "grant": grant.to_string() })))
        }
        GrantOp::Remove { user, grants } => {
            let id = users::find(&on, user)?;
            let taken = grants.iter().map(|g| parse_grant(g)).collect::<Result<Vec<_>, _>>()?;
            let revision = execute(taken.into_iter().map(|g| (id, GrantEdit::Remove(g))).collect())?;
            Ok(changed(
                format!("took {} from {user}", grants.join(", ")),
                revision,
                json!({ "grants": grants }),
            ))
        }
        GrantOp::List { user } => {
            let (text, grants) = listed(&on, users::find(&on, user)?);
            Ok(Reply::new(text, json!({ "items": grants, "revision": on.revision() })))
        }
    }
}

fn parse_grant(text: &str) -> Result<GrantId, ServiceError> {
    GrantId::parse(text).map_err(|e| ServiceError::Invalid(e.to_string()))
}

/// The grants of a user, for people and for programs.
pub(super) fn listed(on: &Snapshot, user: UserId) -> (String, Vec<Value>) {
    let grants = on.grants(user);
    let role = |g: &access::Grant| on.role(g.spec.role).map_or("?", |r| r.key.as_str()).to_owned();
    let rows: Vec<_> = grants
        .iter()
        .map(|g| [g.id.to_string(), role(g), on.scope_text(&g.spec.scope), validity_text(g.spec.validity)])
        .collect();
    let items = grants.iter().map(|g| {
        json!({
            "id": g.id.to_string(), "role": role(g), "scope": on.scope_text(&g.spec.scope),
            "retailers": ids(g.spec.scope.retailers.listed()), "locations": ids(g.spec.scope.locations.listed()),
            "channels": ids(g.spec.scope.channels.listed()),
            "narrow": matches!(g.spec.scope.locations, access::LocationExtent::Narrow(_)),
            "valid_from": g.spec.validity.from.map(instant), "valid_until": g.spec.validity.until.map(instant),
        })
    });
    (table(["grant", "role", "scope", "valid"], &rows), items.collect())
}

/// The ids of a list; `"*"` for all, as in mapping files, for an empty list is never "all".
pub(super) fn ids<T: std::fmt::Display>(ids: &[T]) -> Value {
    match ids {
        [] => json!("*"),
        some => some.iter().map(ToString::to_string).collect(),
    }
}
