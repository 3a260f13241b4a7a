//! Links, sessions and tokens of users.

use super::text::{instant, table};
use super::{Desk, Reply, changed, origin};
use crate::LINK_PATH;
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::people::{Reset, ResetBy};
use access::{Instant, Snapshot, TokenId, UserId};
use serde_json::{Value, json};

/// A link, shown this once. Where the pages are is known to whoever serves them, so its path is told.
pub(super) fn link(service: &Service, desk: &Desk, id: UserId, user: &str) -> Result<Reply, ServiceError> {
    let Reset::Link(secret, until) = service.reset_password(&desk.who, id, ResetBy::Link, origin())? else {
        return Err(ServiceError::Internal("a link was asked for".into()));
    };
    let path = format!("{LINK_PATH}?code={}", secret.reveal());
    let text = format!(
        "{user} sets a password once, until {}, at this path of the pages, shown this once:\n{path}",
        instant(until)
    );
    Ok(Reply::new(text, json!({ "user": user, "path": path, "expires_at": instant(until) })))
}

pub(super) fn list(service: &Service, on: &Snapshot, id: UserId) -> Result<Reply, ServiceError> {
    let living = service.living(on, id)?;
    let at = |at: Option<Instant>| at.map_or_else(|| "never".to_owned(), instant);
    let end = |end: Instant| (end.0 != i64::MAX).then_some(end);
    let rows: Vec<_> = living
        .iter()
        .map(|t| {
            let kind = t.kind.word().to_owned();
            [
                t.id.to_string(),
                kind,
                t.label.clone(),
                instant(t.made_at),
                at(end(t.expires_at)),
                at(t.seen_at),
            ]
        })
        .collect();
    let items: Vec<Value> = living
        .iter()
        .map(|t| {
            json!({
                "id": t.id, "kind": t.kind.word(), "application": t.application, "label": t.label,
                "made_at": instant(t.made_at), "expires_at": end(t.expires_at).map(instant),
                "last_used_at": t.seen_at.map(instant), "address": t.address, "agent": t.agent,
            })
        })
        .collect();
    let text = table(["id", "kind", "label", "made", "ends", "last used"], &rows);
    Ok(Reply::new(text, json!({ "items": items, "revision": on.revision() })))
}

pub(super) fn end(
    service: &Service,
    desk: &Desk,
    user: UserId,
    token: TokenId,
) -> Result<Reply, ServiceError> {
    let done = service.end_tokens(&desk.who, user, &[token], origin())?;
    Ok(changed(format!("ended {token}"), done.revision, json!({ "token": token })))
}
