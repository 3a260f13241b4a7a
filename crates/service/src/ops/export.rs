//! `export`: the whole access state as one document, without secrets.

use super::{Desk, Reply, grants, places, roles, users};
use crate::accounts::Service;
use crate::error::ServiceError;
use serde_json::{Value, json};

pub(super) fn perform(service: &Service, desk: &Desk) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    let users: Vec<Value> = on
        .users_after(None)
        .map(|(id, user)| {
            let mut facts = users::facts(&on, id, user);
            if let Some(all) = facts.as_object_mut() {
                all.insert("grants".into(), Value::Array(grants::listed(&on, id).1));
            }
            facts
        })
        .collect();
    let custom = on.roles().filter(|r| !r.id.is_built_in());
    let own = on.permissions().names().iter().skip(on.contract().permissions().len());
    let document = json!({
        "account": { "id": on.account().id.to_string(), "ref": on.account().r#ref, "name": on.account().name },
        "revision": on.revision(),
        "permissions": own.map(access::PermissionName::as_str).collect::<Vec<_>>(),
        "roles": custom.map(|r| roles::facts(&on, r)).collect::<Vec<_>>(),
        "retailers": on.places().retailers().map(places::retailer_facts).collect::<Vec<_>>(),
        "locations": on.places().locations().map(places::location_facts).collect::<Vec<_>>(),
        "channels": on.places().channels().map(places::channel_facts).collect::<Vec<_>>(),
        "users": users,
    });
    let text = serde_json::to_string_pretty(&document).map_err(|e| ServiceError::Internal(e.to_string()))?;
    Ok(Reply::new(text, document))
}
