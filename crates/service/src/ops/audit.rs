//! The audit: list, verify, export.

use super::text::{instant, table};
use super::{Desk, Reply};
use crate::accounts::Service;
use crate::error::ServiceError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{ACCESS_CHAIN, AuditEntry, AuditQuery, AuditVerdict};

/// What is done with the audit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum AuditOp {
    /// A page of entries.
    List { chain: Option<String>, after: Option<u64>, limit: usize, oldest_first: bool },
    /// Whether the chains are unbroken, one of them up to a head that may be kept elsewhere.
    Verify { chain: Option<String>, head: Option<String> },
    /// Every entry of a chain, one a line.
    Export { chain: Option<String> },
}

/// Digits of a hash of the chain.
const HASH_LEN: usize = 64;

fn is_hash(text: &str) -> bool {
    text.len() == HASH_LEN && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Most entries in one page.
const LIST_MAX: usize = AuditQuery::LIMIT_MAX - 1;

pub(super) fn perform(service: &Service, desk: &Desk, op: &AuditOp) -> Result<Reply, ServiceError> {
    let store = &service.inner.store;
    match op {
        AuditOp::List { chain, after, limit, oldest_first } => {
            let limit = (*limit).clamp(1, LIST_MAX);
            let chain = chain_named(service, desk, chain.as_deref())?;
            let query = AuditQuery { chain, after: *after, limit: limit + 1, newest_first: !oldest_first };
            let mut entries = store.audit(desk.account, &query)?;
            let more = entries.len() > limit;
            entries.truncate(limit);
            let next = entries.last().filter(|_| more).map(|e| e.number);
            let rows: Vec<_> = entries
                .iter()
                .map(|e| {
                    let facts = changed_facts(e);
                    [
                        e.number.to_string(),
                        instant(e.at),
                        e.actor.clone(),
                        e.action.clone(),
                        e.target.clone(),
                        facts,
                    ]
                })
                .collect();
            let mut text = table(["entry", "at", "actor", "action", "target", "what"], &rows);
            if let Some(next) = next {
                text += &format!("\nthere are more: --after {next}");
            }
            let items: Vec<Value> = entries.iter().map(facts).collect();
            Ok(Reply::new(text, json!({ "items": items, "next": next })))
        }
        AuditOp::Verify { head: Some(head), .. } if !is_hash(head) => Err(ServiceError::Invalid(format!(
            "`{}` is no head: it is the hash that `audit verify` prints, {HASH_LEN} digits from 0-9 and a-f",
            head.chars().take(HASH_LEN + 1).collect::<String>()
        ))),
        AuditOp::Verify { chain: None, head: None } => verify_all(service, desk),
        AuditOp::Verify { chain, head } => {
            let chain = chain_named(service, desk, chain.as_deref())?;
            Ok(verdict(&store.verify_audit(desk.account, &chain, head.as_deref())?))
        }
        AuditOp::Export { chain } => {
            let mut lines = String::new();
            let chain = chain_named(service, desk, chain.as_deref())?;
            store.audit_export(desk.account, &chain, &mut |entry: &AuditEntry| {
                lines += &facts(entry).to_string();
                lines.push('\n');
                Ok::<(), ServiceError>(())
            })?;
            lines.truncate(lines.trim_end().len());
            Ok(Reply::new(lines.clone(), Value::String(lines)))
        }
    }
}

/// The chain of that name, `sign_in` for that of this node's sign-ins; without a name that of access changes.
fn chain_named(service: &Service, desk: &Desk, named: Option<&str>) -> Result<String, ServiceError> {
    let store = &service.inner.store;
    match named {
        None => Ok(ACCESS_CHAIN.to_owned()),
        Some("sign_in") => Ok(store.sign_in_chain()),
        Some(name) => {
            let chains = store.audit_chains(desk.account)?;
            if chains.iter().any(|chain| chain == name) {
                return Ok(name.to_owned());
            }
            let chains = chains.join(", ");
            Err(ServiceError::Invalid(format!("there is no chain `{name}`: there are {chains}")))
        }
    }
}

/// All chains: unbroken when each is. Programs read the chain of access changes at the top, the others below it.
fn verify_all(service: &Service, desk: &Desk) -> Result<Reply, ServiceError> {
    let store = &service.inner.store;
    let mut all: Option<Reply> = None;
    for chain in store.audit_chains(desk.account)? {
        let one = verdict(&store.verify_audit(desk.account, &chain, None)?);
        match &mut all {
            None => all = Some(one),
            Some(all) => {
                all.exit = all.exit.max(one.exit);
                all.text += &format!("\n{chain}: {}", one.text);
                if let Value::Object(json) = &mut all.json {
                    let chains = json.entry("chains").or_insert_with(|| json!({}));
                    chains.as_object_mut().map(|chains| chains.insert(chain, one.json));
                }
            }
        }
    }
    all.ok_or_else(|| ServiceError::Internal("an account without an audit".into()))
}

fn verdict(verdict: &AuditVerdict) -> Reply {
    match verdict {
        AuditVerdict::Unbroken { entries, head } => {
            let text = format!("unbroken: {entries} entries, head {head}");
            Reply::new(text, json!({ "unbroken": true, "entries": entries, "head": head }))
        }
        AuditVerdict::Broken { at, reason } => {
            let text = format!("broken at entry {at}: {reason}");
            Reply { exit: 1, text, json: json!({ "unbroken": false, "at": at, "reason": reason }) }
        }
    }
}

fn changed_facts(entry: &AuditEntry) -> String {
    let side = |facts: &[(String, String)]| {
        facts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    match (entry.before.is_empty(), entry.after.is_empty()) {
        (true, _) => side(&entry.after),
        (false, true) => format!("was {}", side(&entry.before)),
        (false, false) => format!("{} -> {}", side(&entry.before), side(&entry.after)),
    }
}

fn facts(entry: &AuditEntry) -> Value {
    let side = |facts: &[(String, String)]| {
        Value::Object(facts.iter().map(|(name, value)| (name.clone(), json!(value))).collect())
    };
    json!({
        "number": entry.number, "at": instant(entry.at), "actor": entry.actor, "application": entry.application,
        "address": entry.address, "action": entry.action, "target": entry.target, "before": side(&entry.before),
        "after": side(&entry.after), "revision": entry.revision, "hash": entry.hash,
    })
}
