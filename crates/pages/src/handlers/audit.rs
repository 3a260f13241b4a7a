//! The audit, for those who may see it: by person, target, kind and time.

use std::sync::Arc;

use access::{Snapshot, UserId};
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};
use service::{ACCESS_CHAIN, AuditEntry, AuditFound, AuditSearch, OfficePage, ServiceError};

use super::audit_kinds;
use super::audit_told::{self, facts, target};
use super::me::title;
use crate::answer::{Answer, Fail, page};
use crate::call::Call;
use crate::clock::Clock;
use crate::days::{NO_DAY, begin_of, end_of};
use crate::form::Form;
use crate::session::blocking;
use crate::views::audit::{Audit, AuditFilters, AuditRow, Piece};
use crate::views::frame::Moment;
use crate::views::message::Trouble;

/// Entries of one page.
const ROWS: usize = 50;
/// Most entries of one export.
const EXPORT_MAX: usize = 10_000;
/// Most entries that one export looks at, and a search more.
const EXPORT_LOOKED_AT_MAX: usize = 500_000;

fn filters(query: &Form) -> Result<AuditFilters, Fail> {
    let field = |name| Ok::<_, Fail>(query.optional(name)?.unwrap_or_default().trim().to_owned());
    let chain = field("chain")?;
    Ok(AuditFilters {
        chain: if chain.is_empty() { ACCESS_CHAIN.to_owned() } else { chain },
        who: field("who")?,
        what: field("what")?,
        of: field("of")?,
        kind: field("kind")?.to_lowercase(),
        from: field("from")?,
        until: field("until")?,
        ..AuditFilters::default()
    })
}

/// The ids that the address gives under `of`.
fn ids(of: &str) -> impl Iterator<Item = &str> {
    of.split(',').filter(|id| !id.is_empty()).take(AuditSearch::OF_MAX)
}

/// What the filters ask for. What is wrong with one is written beside it, and none is returned.
fn search((on, clock): (&Snapshot, &Clock), filters: &mut AuditFilters) -> Option<AuditSearch> {
    let mut search = AuditSearch {
        target: filters.what.clone(),
        of: ids(&filters.of).map(str::to_owned).collect(),
        kind: filters.kind.clone(),
        rows: ROWS,
        ..AuditSearch::default()
    };
    match filters.who.as_str() {
        "" => {}
        "operator" | "unknown" => filters.who.clone_into(&mut search.actor),
        login => match on.find_user(login) {
            Some(user) => search.actor = user.to_string(),
            None => filters.who_error = Some("Nobody has or had this login.".to_owned()),
        },
    }
    if !filters.from.is_empty() {
        search.from = begin_of(&filters.from, clock);
        filters.from_error = search.from.is_none().then(|| NO_DAY.to_owned());
    }
    if !filters.until.is_empty() {
        search.until = end_of(&filters.until, clock);
        filters.until_error = search.until.is_none().then(|| NO_DAY.to_owned());
    }
    if search.from.zip(search.until).is_some_and(|(from, until)| until <= from) {
        filters.until_error = Some("This day is before the first one.".to_owned());
    }
    let wrong = [&filters.who_error, &filters.from_error, &filters.until_error];
    wrong.iter().all(|error| error.is_none()).then_some(search)
}

pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    let mut filters = filters(&query)?;
    let before = match query.optional("before")? {
        None | Some("") => None,
        Some(text) => Some(text.parse().map_err(|_| Fail::Trouble(Trouble::NotUnderstood))?),
    };
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::Audit))?;
    let chains = blocking(|| call.service.audit_chains(who))?;
    let search = search((&seen.on, call.clock()), &mut filters);
    let status = if search.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let found = match search {
        Some(search) => {
            let search = AuditSearch { before, ..search };
            blocking(|| call.service.search_audit(who, &filters.chain, &search))?
        }
        None => AuditFound { entries: Vec::new(), next: None, looked_at: 0 },
    };
    let view = Audit {
        frame: call.frame(),
        about: about(&seen.on, &filters.of),
        chains: chains.into_iter().map(|chain| (chain.clone(), chain_title(&chain))).collect(),
        kinds: audit_kinds::choices(&filters.kind),
        filters,
        entries: found.entries.iter().map(|entry| row((&seen.on, call.clock()), entry)).collect(),
        looked_at: found.looked_at,
        next: found.next,
    };
    Ok(page(status, &view))
}

/// What stands for the ids that it is about.
fn about(on: &Snapshot, of: &str) -> Vec<Piece> {
    ids(of).flat_map(|id| target(on, id)).collect()
}

fn chain_title(chain: &str) -> String {
    match chain.split_once('/') {
        Some(("sign_in", node)) => format!("Sign-ins on {node}"),
        _ => "Changes of access".to_owned(),
    }
}

/// Who did it: their login beside the id, when it is a user.
fn actor(on: &Snapshot, actor: &str) -> String {
    match UserId::parse(actor).ok().and_then(|id| on.user(id)) {
        Some(user) => format!("{} ({actor})", user.login()),
        None => actor.to_owned(),
    }
}

fn row((on, clock): (&Snapshot, &Clock), entry: &AuditEntry) -> AuditRow {
    let application = entry.application.map(|application| format!(" ({})", title(application)));
    AuditRow {
        number: entry.number,
        at: Moment::of(entry.at.0, clock),
        who: audit_told::actor(on, &entry.actor),
        words: audit_kinds::words(&entry.action).unwrap_or_default().to_owned(),
        kind: entry.action.clone(),
        target: target(on, &entry.target),
        origin: format!("{}{}", entry.address, application.unwrap_or_default()),
        facts: facts((on, clock), entry),
    }
}

/// The entries that the filters find, as CSV; those that were left out beyond the bound are counted by nobody, so the
/// last line says so.
pub(crate) async fn export(call: Arc<Call>) -> Answer {
    let query = call.query()?;
    let mut filters = filters(&query)?;
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::Audit))?;
    let search =
        search((&seen.on, call.clock()), &mut filters).ok_or(Fail::Trouble(Trouble::NotUnderstood))?;
    let text = blocking(|| {
        let (mut entries, mut before, mut looked_at) = (Vec::new(), None, 0);
        loop {
            let search = AuditSearch { before, rows: AuditSearch::ROWS_MAX, ..search.clone() };
            let found = call.service.search_audit(who, &filters.chain, &search)?;
            entries.extend(found.entries);
            (before, looked_at) = (found.next, looked_at + found.looked_at);
            let is_full = entries.len() >= EXPORT_MAX || looked_at >= EXPORT_LOOKED_AT_MAX;
            if before.is_none() || is_full {
                break;
            }
        }
        entries.truncate(EXPORT_MAX);
        written(&seen.on, &entries, before).map_err(|error| ServiceError::Internal(error.to_string()))
    })?;
    Ok(csv_file("audit.csv", text))
}

/// A file to be kept, as CSV.
pub(crate) fn csv_file(name: &'static str, text: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

fn written(on: &Snapshot, entries: &[AuditEntry], more: Option<u64>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "number",
        "at",
        "who",
        "kind",
        "target",
        "address",
        "application",
        "before",
        "after",
        "hash",
    ])?;
    let side = |facts: &[(String, String)]| {
        let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        facts.join("; ")
    };
    for entry in entries {
        writer.write_record([
            entry.number.to_string(),
            exactly(entry.at),
            plain(actor(on, &entry.actor)),
            entry.action.clone(),
            plain(entry.target.clone()),
            entry.address.clone(),
            entry.application.map_or_else(String::new, |application| application.name().to_owned()),
            plain(side(&entry.before)),
            plain(side(&entry.after)),
            entry.hash.clone(),
        ])?;
    }
    if let Some(next) = more {
        let rest = format!("there are more, before number {next}");
        writer.write_record(["", "", "", &rest, "", "", "", "", "", ""])?;
    }
    writer.flush()?;
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

/// An instant to the microsecond, as it stands in the chain.
fn exactly(at: access::Instant) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

/// A text that a table program takes for a text: what begins like a formula would be computed by whoever opens it.
pub(crate) fn plain(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_file_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@x"] {
            assert_eq!(plain(text.to_owned()), format!("'{text}"));
        }
        assert_eq!(plain("user-1@acme.example".to_owned()), "user-1@acme.example");
    }
}
