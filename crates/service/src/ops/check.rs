//! `check`, `who-can` and `what-can`.

use super::text::{instant, table, validity, wrapped};
use super::{Desk, Reply, grants};
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::inquiry::{AskError, Inquiry, Places};
use access::catalogue::Entity;
use access::explain::Verdict;
use access::{Application, Grounds, Place, Question, Resource, Snapshot, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The places of a question, by refs or ids.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PlaceNames {
    /// What is asked about; none: the permission's noun says it, else the places that are named.
    pub entity: Option<String>,
    /// The id or ref of a stored thing, whose place is looked up.
    pub id: Option<String>,
    /// A retailer.
    pub retailer: Option<String>,
    /// A location.
    pub location: Option<String>,
    /// A sales channel.
    pub channel: Option<String>,
}

/// Who may do what, where.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum AccessOp {
    /// May this user do that there?
    Check { user: String, permission: String, on: PlaceNames, application: Option<String>, explain: bool },
    /// Who may do that there?
    WhoCan {
        permission: String,
        on: PlaceNames,
        application: Option<String>,
        after: Option<String>,
        limit: usize,
    },
    /// What may this user do, where?
    WhatCan { user: String },
}

/// Most users in one answer.
const WHO_MAX: usize = 10_000;

impl From<AskError> for ServiceError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::NotAllowed => ServiceError::Forbidden(error.to_string()),
            other => ServiceError::Invalid(other.to_string()),
        }
    }
}

pub(super) fn perform(service: &Service, desk: &Desk, op: &AccessOp) -> Result<Reply, ServiceError> {
    let inquiry = service.inquire(&desk.who)?;
    match op {
        AccessOp::Check { user, permission, on, application, explain } => {
            let asked = question(service, &inquiry, Some(user), permission, on, application.as_deref())?;
            check(&inquiry, &asked, *explain)
        }
        AccessOp::WhoCan { permission, on, application, after, limit } => {
            let asked = question(service, &inquiry, None, permission, on, application.as_deref())?;
            let after = after.as_deref().map(|a| inquiry.user(a)).transpose()?;
            Ok(who_can(&inquiry, &asked, after, (*limit).clamp(1, WHO_MAX)))
        }
        AccessOp::WhatCan { user } => Ok(what_can(&inquiry, inquiry.user(user)?)),
    }
}

/// The question of these names. `who_can` asks it of everybody, so its own user does not matter.
fn question(
    service: &Service,
    inquiry: &Inquiry,
    user: Option<&str>,
    permission: &str,
    on: &PlaceNames,
    application: Option<&str>,
) -> Result<Question, ServiceError> {
    let permission_id = inquiry.permission(permission)?;
    let application = application.map(Application::parse).transpose().map_err(ServiceError::Invalid)?;
    let user = match user {
        Some(text) => inquiry.user(text)?,
        None => inquiry
            .snapshot()
            .users_after(None)
            .map(|(id, _)| id)
            .next()
            .ok_or(ServiceError::NotFound("user"))?,
    };
    let named = Places {
        retailer: on.retailer.as_deref(),
        location: on.location.as_deref(),
        channel: on.channel.as_deref(),
    };
    let entity = match &on.entity {
        Some(name) => inquiry.entity(name)?,
        None => inquiry.entity_of(permission, &named).ok_or(ServiceError::NotFound("entity"))?,
    };
    let resource = match (&on.id, entity.is_user()) {
        (Some(id), true) => Resource::User(inquiry.user(id)?),
        (None, true) => {
            return Err(ServiceError::Invalid("say which user is asked about: --id LOGIN".into()));
        }
        (Some(id), false) => match inquiry.named_by(entity, id, named)? {
            Some(itself) => Resource::thing(entity, inquiry.place(&itself)?),
            None if named.is_empty() => {
                let place = service.locate(inquiry, entity, id)?;
                Resource::thing(entity, place.ok_or_else(|| unknown_thing(inquiry, entity, id))?)
            }
            None => Resource::thing(entity, inquiry.place(&named)?),
        },
        (None, false) => Resource::thing(entity, inquiry.place(&named)?),
    };
    Ok(Question { user, permission: permission_id, resource, application })
}

fn unknown_thing(inquiry: &Inquiry, entity: Entity, id: &str) -> ServiceError {
    let name = inquiry.snapshot().contract().entity_name(entity);
    ServiceError::Invalid(format!("there is no {name} `{id}` in this account: name its places instead"))
}

fn check(inquiry: &Inquiry, asked: &Question, explain: bool) -> Result<Reply, ServiceError> {
    let decision = inquiry.decide(asked)?;
    let sentence = inquiry.sentence(asked, &decision);
    let word = if decision.allowed { "allow" } else { "deny" };
    let mut text = format!("{word}: {sentence}");
    let mut json = json!({
        "decision": decision.allowed, "reason": reason(decision.grounds), "sentence": sentence,
        "revision": decision.revision, "valid_until": decision.valid_until.map(instant),
    });
    if explain {
        let (more, opinions) = opinions(inquiry, asked)?;
        text += &format!("\n{}\n{more}", about(inquiry.snapshot(), asked));
        if let Some(at) = decision.valid_until {
            text += &format!("\nthis may change by itself at {}", instant(at));
        }
        if let Some(all) = json.as_object_mut() {
            all.insert("grants".into(), opinions);
        }
    }
    Ok(Reply { exit: u8::from(!decision.allowed), text, json })
}

/// What was asked, in words: the entity and the places that count for it.
fn about(on: &Snapshot, asked: &Question) -> String {
    let name = |text: Option<&str>| text.unwrap_or("none").to_owned();
    match asked.resource {
        Resource::User(id) => {
            format!("asked about: user {}", on.user(id).map_or_else(String::new, |u| u.login()))
        }
        Resource::Thing { entity, place: Place { retailer, location, channel }, .. } => {
            let places = on.places();
            let mut text = format!("asked about: {}", on.contract().entity_name(entity));
            if entity.carries_retailer() {
                let found = retailer.and_then(|r| places.retailer(r));
                text += &format!(", retailer {}", name(found.map(|r| r.r#ref.as_str())));
            }
            if entity.carries_location() {
                let found = location.and_then(|l| places.location(l));
                text += &format!(", location {}", name(found.map(|l| l.r#ref.as_str())));
            }
            if entity.carries_channel() {
                let found = channel.and_then(|c| places.channel(c));
                text += &format!(", channel {}", name(found.map(|c| c.r#ref.as_str())));
            }
            text
        }
    }
}

/// Grounds for programs, with the grant's id as it is written everywhere.
fn reason(grounds: Grounds) -> Value {
    match grounds {
        Grounds::Granted { grant } => json!({ "code": "granted", "grant": grant.to_string() }),
        other => json!(other),
    }
}

fn opinions(inquiry: &Inquiry, asked: &Question) -> Result<(String, Value), ServiceError> {
    let on = inquiry.snapshot();
    let explanation = inquiry.explain(asked)?;
    let words = |verdict| match verdict {
        Verdict::Allows => "allows this",
        Verdict::ApplicationClosed => "would allow this, but the user may not enter or is not active",
        Verdict::NotNow => "not at this time",
        Verdict::OtherApplication => "counts in another application",
        Verdict::OtherChannel => "other channels",
        Verdict::OtherLocation => "other locations",
        Verdict::OtherRetailer => "other retailers",
        Verdict::OtherUsers => "not over this user",
        Verdict::NotHeld => "does not hold the permission",
    };
    let role = |g: &access::Grant| on.role(g.spec.role).map_or("?", |r| r.key.as_str()).to_owned();
    let rows: Vec<_> = explanation
        .opinions
        .iter()
        .map(|o| {
            [
                o.grant.id.to_string(),
                role(&o.grant),
                on.scope_text(&o.grant.spec.scope),
                words(o.verdict).into(),
            ]
        })
        .collect();
    let items: Vec<Value> = explanation
        .opinions
        .iter()
        .map(|o| json!({ "grant": o.grant.id.to_string(), "role": role(&o.grant), "verdict": words(o.verdict) }))
        .collect();
    Ok((table(["grant", "role", "scope", "says"], &rows), Value::Array(items)))
}

fn who_can(inquiry: &Inquiry, asked: &Question, after: Option<UserId>, limit: usize) -> Reply {
    let on = inquiry.snapshot();
    let mut found: Vec<_> = on.who_can(asked, after, inquiry.now()).take(limit + 1).collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(id, _)| id.to_string());
    let sentence = |user: UserId| {
        let asked = Question { user, ..*asked };
        inquiry.sentence(&asked, &on.decide(&asked, inquiry.now()))
    };
    let login = |id: UserId| on.user(id).map_or_else(String::new, |u| u.login());
    let rows: Vec<_> = found.iter().map(|(id, _)| [id.to_string(), login(*id), sentence(*id)]).collect();
    let items: Vec<Value> = found
        .iter()
        .map(|(id, grounds)| json!({ "id": id.to_string(), "login": login(*id), "reason": reason(*grounds) }))
        .collect();
    let mut text =
        if rows.is_empty() { "nobody".to_owned() } else { table(["id", "login", "because"], &rows) };
    if let Some(next) = &next {
        text += &format!("\nthere are more: --after {next}");
    }
    Reply {
        exit: u8::from(rows.is_empty()),
        text,
        json: json!({ "items": items, "next": next, "revision": on.revision() }),
    }
}

fn what_can(inquiry: &Inquiry, user: UserId) -> Reply {
    let on = inquiry.snapshot();
    let access = on.what_can(user, inquiry.now());
    let (mut blocks, mut items) = (Vec::new(), Vec::new());
    for entry in &access {
        let spec = &entry.grant.spec;
        let role = on.role(spec.role).map_or("?", |r| r.key.as_str());
        let modules: Vec<String> =
            entry.modules.iter().map(|(name, level)| format!("{name} {}", level.name())).collect();
        let permissions: Vec<&str> = entry.permissions.iter().map(|p| on.permissions().name(p)).collect();
        let applications: Vec<&str> = entry.applications.iter().map(|a| a.name()).collect();
        let mut block = format!("{} {role} over {}", entry.grant.id, on.scope_text(&spec.scope));
        if !validity(spec.validity).is_empty() {
            block += &format!(", {}", validity(spec.validity));
        }
        block += &format!("\n  in: {}", applications.join(", "));
        block += &format!("\n  modules: {}", modules.join(", "));
        block += &format!("\n{}", wrapped("  permissions: ", &permissions));
        blocks.push(block);
        let levels = entry.modules.iter().map(|(name, level)| (name.clone(), json!(level))).collect();
        items.push(json!({
            "grant": entry.grant.id.to_string(), "role": role, "scope": on.scope_text(&spec.scope),
            "retailers": grants::ids(spec.scope.retailers.listed()),
            "locations": grants::ids(spec.scope.locations.listed()),
            "channels": grants::ids(spec.scope.channels.listed()),
            "narrow": matches!(spec.scope.locations, access::LocationExtent::Narrow(_)),
            "applications": applications, "modules": Value::Object(levels), "permissions": permissions,
        }));
    }
    let text = if blocks.is_empty() { "nothing".to_owned() } else { blocks.join("\n") };
    Reply::new(text, json!({ "items": items, "revision": on.revision() }))
}
