//! `import`: rows of files become places, users, grants and goods; all are checked before any is written.
//!
//! What belongs to access (places, users, grants) is one changeset, committed whole. Goods follow, each
//! kind in a transaction of its own. Everything is found again by its ref, so an import that was
//! interrupted is completed by running it again, and a second run changes nothing.

mod access_rows;
mod goods;

use super::{Desk, Progress, Reply, origin};
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::writer::Prepared;
use access::Snapshot;
use access::commands::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use import::{Files, Mapping};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// A file with its bytes in base64: what is not UTF-8 is told by line, not refused by the transport.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportFile {
    /// Its name, as the mapping says it.
    pub name: String,
    /// Its bytes.
    pub base64: String,
}

impl ImportFile {
    /// A file of these bytes.
    #[must_use]
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), base64: STANDARD.encode(bytes) }
    }
}

/// Rows from files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportOp {
    /// The text of the mapping file.
    pub mapping: String,
    /// The files that it names.
    pub files: Vec<ImportFile>,
    /// Say what would change, change nothing.
    pub dry_run: bool,
}

/// How many rows of a kind there are, and what becomes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
}

/// Most problems that are listed in an answer; all are counted.
const LISTED_MAX: usize = 200;

pub(super) fn refuse(problems: &[String]) -> ServiceError {
    let rows = if problems.len() == 1 { "row" } else { "rows" };
    let mut text = format!("nothing was written: {} {rows} cannot be imported\n", problems.len());
    text += &problems.iter().take(LISTED_MAX).cloned().collect::<Vec<_>>().join("\n");
    if problems.len() > LISTED_MAX {
        text += &format!("\nand {} more", problems.len() - LISTED_MAX);
    }
    ServiceError::Invalid(text)
}

pub(super) fn perform(
    service: &Service,
    desk: &Desk,
    op: &ImportOp,
    progress: Progress<'_>,
) -> Result<Reply, ServiceError> {
    let mapping =
        Mapping::parse(&op.mapping).map_err(|e| ServiceError::Invalid(format!("the mapping: {e}")))?;
    let mut files = Files::new();
    for file in &op.files {
        let bytes = STANDARD.decode(&file.base64);
        let bytes = bytes.map_err(|_| ServiceError::Invalid(format!("{}: damaged on its way", file.name)))?;
        files.insert(file.name.clone(), bytes);
    }
    progress("reading files", 0, 0);
    let plan = import::plan(&mapping, &files)
        .map_err(|p| ServiceError::Invalid(format!("nothing was written: these rows cannot be read\n{p}")))?;
    let plan = Arc::new(plan);
    progress("checking rows", 0, 0);
    let on = service.newest(desk.account)?;
    let now = service.inner.clock.now();
    let subject = *desk.who.subject();
    let prepared = access_rows::prepare(&on, now, &subject, &plan).map_err(|problems| refuse(&problems))?;
    let goods = goods::resolve(service, &prepared.after, &plan).map_err(|problems| refuse(&problems))?;
    let mut tallies = prepared.tallies;
    if op.dry_run {
        tallies.extend(goods::preview(service, &prepared.after, &subject, now, &goods)?);
        return Ok(reply(&tallies, "would be", on.revision()));
    }
    // What a check of the goods can find is found before places and users are written.
    goods::preview(service, &prepared.after, &subject, now, &goods)?;
    let after = match prepared.changeset {
        None => on,
        Some(_) => {
            progress("writing places and users", 0, 0);
            write_access(service, desk, plan.clone())?
        }
    };
    // In its turn the writer may have given other numbers than those that were planned with.
    let goods = goods::resolve(service, &after, &plan).map_err(|problems| refuse(&problems))?;
    let revision = after.revision();
    tallies.extend(goods::write(service, desk, &goods, progress)?);
    Ok(reply(&tallies, "", revision))
}

/// Commits the places, users and grants of a plan, as far as they are not there; the state that has them.
fn write_access(
    service: &Service,
    desk: &Desk,
    plan: Arc<import::Plan>,
) -> Result<Arc<Snapshot>, ServiceError> {
    let done = service.run(&desk.who, origin(), move |on, now, who| {
        let prepared = access_rows::prepare(on, now, who, &plan);
        let prepared = prepared
            .map_err(|p| Refusal::Inconsistent(p.into_iter().take(3).collect::<Vec<_>>().join("; ")))?;
        prepared.changeset.map(Prepared::from).ok_or(Refusal::Nothing)
    });
    match done {
        Ok(done) => Ok(done.after),
        // Somebody else brought the same rows meanwhile.
        Err(ServiceError::Refused(Refusal::Nothing)) => service.newest(desk.account),
        Err(error) => Err(error),
    }
}

fn reply(tallies: &[(&'static str, Tally)], would: &str, revision: access::Revision) -> Reply {
    let line = |(kind, t): &(&'static str, Tally)| {
        let parts = [(t.created, "created"), (t.changed, "changed"), (t.unchanged, "unchanged")];
        let said: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| {
                if *word == "unchanged" || would.is_empty() {
                    format!("{n} {word}")
                } else {
                    format!("{n} {would} {word}")
                }
            })
            .collect();
        format!("{kind}: {}", if said.is_empty() { "none".to_owned() } else { said.join(", ") })
    };
    let text = tallies.iter().map(line).collect::<Vec<_>>().join("\n");
    let json: serde_json::Map<String, Value> =
        tallies.iter().map(|(kind, t)| ((*kind).to_owned(), json!(t))).collect();
    let dry_run = !would.is_empty();
    Reply::new(text, json!({ "dry_run": dry_run, "revision": revision, "rows": Value::Object(json) }))
}
