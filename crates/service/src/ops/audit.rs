//! The audit: list, verify, export.

use super::text::{instant, table};
use super::{Desk, Reply};
use crate::accounts::Service;
use crate::error::ServiceError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AuditEntry, AuditQuery, AuditVerdict};

/// What is done with the audit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum AuditOp {
    /// A page of entries.
    List { after: Option<u64>, limit: usize, oldest_first: bool },
    /// Whether the chain is unbroken, up to a head that may be kept elsewhere.
    Verify { head: Option<String> },
    /// Every entry, one a line.
    Export,
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
        AuditOp::List { after, limit, oldest_first } => {
            let limit = (*limit).clamp(1, LIST_MAX);
            let query = AuditQuery { after: *after, limit: limit + 1, newest_first: !oldest_first };
            let mut entries = store.audit(desk.account, query)?;
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
        AuditOp::Verify { head: Some(head) } if !is_hash(head) => Err(ServiceError::Invalid(format!(
            "`{}` is no head: it is the hash that `audit verify` prints, {HASH_LEN} digits from 0-9 and a-f",
            head.chars().take(HASH_LEN + 1).collect::<String>()
        ))),
        AuditOp::Verify { head } => verify(store.verify_audit(desk.account, head.as_deref())?),
        AuditOp::Export => {
            let mut lines = String::new();
            store.audit_export(desk.account, &mut |entry: &AuditEntry| {
                lines += &facts(entry).to_string();
                lines.push('\n');
                Ok::<(), ServiceError>(())
            })?;
            lines.truncate(lines.trim_end().len());
            Ok(Reply::new(lines.clone(), Value::String(lines)))
        }
    }
}

fn verify(verdict: AuditVerdict) -> Result<Reply, ServiceError> {
    Ok(match verdict {
        AuditVerdict::Unbroken { entries, head } => {
            let text = format!("unbroken: {entries} entries, head {head}");
            Reply::new(text, json!({ "unbroken": true, "entries": entries, "head": head }))
        }
        AuditVerdict::Broken { at, reason } => {
            let text = format!("broken at entry {at}: {reason}");
            Reply { exit: 1, text, json: json!({ "unbroken": false, "at": at, "reason": reason }) }
        }
    })
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
