//! Access of a user at a place: in each application a role and where it holds, changed together.

mod form;
mod rows;
mod scene;

use std::sync::Arc;

use access::commands::GrantEdit;
use access::{Grant, RoleId, Scope, Snapshot};
use axum::http::StatusCode;
use service::Previewed;

use self::form::{application, role_label, wished};
pub(crate) use self::rows::{columns, place_of_door, rows};
use self::scene::{FIELDS, Fields, Scene, fields_at, place, place_text};
use super::user::{Named, named};
use super::user_acts::lines;
use super::user_grants::{asked_first, nothing_new};
use crate::answer::{Answer, Fail, page, sentence};
use crate::call::Call;
use crate::form::Form;
use crate::paths;
use crate::session::Site;
use crate::views::confirm::Confirm;
use crate::views::frame::{Input, Notice, Tone};
use crate::views::message::Trouble;
use crate::views::user_access::{UserAccess, UserAssign};

/// The form for a place, or the question for which.
pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let (query, user) = (call.query()?, named(&call)?);
    match place(&call, &user, query.optional("site")?)? {
        None => assign(&call, &user, Input::default(), StatusCode::OK),
        Some(Err(wrong)) => assign(&call, &user, wrong, StatusCode::NOT_FOUND),
        Some(Ok(at)) => {
            let scene = Scene::new(&call, at, user)?;
            let view = view(&scene, &Form::empty(), scene.named.version())?;
            Ok(page(StatusCode::OK, &view))
        }
    }
}

fn assign(call: &Call, user: &Named, site: Input, status: StatusCode) -> Answer {
    let sites = call.session()?.sites.iter().take(crate::session::SITES_MAX);
    let view = UserAssign {
        frame: call.frame(),
        id: user.id.to_string(),
        login: user.login(),
        site,
        sites: sites.map(|Site { reference, name, .. }| (reference.clone(), name.clone())).collect(),
    };
    Ok(page(status, &view))
}

fn view(scene: &Scene<'_>, sent: &Form, version: String) -> Result<UserAccess, Fail> {
    let (place, reference) = place_text(scene.on(), scene.at);
    let other_active_site = scene.is_elsewhere()?;
    let own = |fields: &'static Fields| application(scene, fields, sent, other_active_site);
    Ok(UserAccess {
        frame: scene.call.frame(),
        notice: None,
        id: scene.named.id.to_string(),
        login: scene.named.login(),
        version,
        place,
        reference,
        applications: fields_at(Some(scene.at)).map(own).collect::<Result<_, Fail>>()?,
        other_active_site,
        changed_meanwhile: false,
    })
}

/// Changes what the form wishes: shown first, done when the form says that it was.
pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let user = named(&call)?;
    let at = match place(&call, &user, call.form.optional("site")?)? {
        Some(Ok(at)) => at,
        _ => return Err(Fail::Trouble(Trouble::NotUnderstood)),
    };
    let scene = Scene::new(&call, at, user)?;
    let mut shown = view(&scene, &call.form, call.form.one("version")?.to_owned())?;
    if call.form.optional("again")? == Some("yes") {
        return Ok(page(StatusCode::OK, &shown));
    }
    let mut edits = Vec::new();
    let mut wrong = false;
    for (fields, own) in fields_at(Some(scene.at)).zip(&mut shown.applications) {
        match wished(&scene, fields, &call.form, own)? {
            Some(some) => edits.extend(some),
            None => wrong = true,
        }
    }
    if wrong {
        shown.notice = Some(Notice::fields_are_wrong());
        return Ok(page(StatusCode::BAD_REQUEST, &shown));
    }
    if edits.is_empty() {
        shown.notice = Some(Notice::new(Tone::Info, "Nothing is different from what is there already."));
        return Ok(page(StatusCode::OK, &shown));
    }
    let command = (scene.edit(edits.clone()), paths::ACT_GRANT_CHANGE);
    let question = |previewed: &Previewed| confirm(&scene, &edits, previewed);
    asked_first(&call, &scene.named, command, question, |fresh, refused| {
        let scene = Scene::new(&call, at, fresh)?;
        let view = view(&scene, &call.form, refused.version)?;
        let notice = Some(Notice::nothing_changed(&sentence(&refused.error)));
        let changed_meanwhile = refused.changed;
        Ok(page(refused.status, &UserAccess { notice, changed_meanwhile, ..view }))
    })
}

fn confirm(scene: &Scene<'_>, edits: &[GrantEdit], previewed: &Previewed) -> Result<Confirm, Fail> {
    let (call, on, id) = (scene.call, scene.on(), scene.named.id.to_string());
    let sent = |name: &'static str| {
        Ok::<_, Fail>(call.form.optional(name)?.map(|value| (name, value.trim().to_owned())))
    };
    let mut fields = Vec::new();
    let names = FIELDS.iter().flat_map(|own| [own.role, own.all_or_only, own.places]).chain(["site"]);
    for name in names {
        fields.extend(sent(name)?);
    }
    Ok(Confirm {
        frame: call.frame(),
        heading: format!("Change the access of {}?", scene.named.login()),
        paragraphs: nothing_new(previewed),
        facts: edits.iter().map(|edit| fact(on, &scene.grants, edit)).collect(),
        lines: lines(call, previewed)?,
        action: call.door.to(&paths::user_act(&id, paths::ACT_ACCESS)),
        fields,
        choices: vec![],
        asks_reason: false,
        button: "Change access",
        danger: false,
        again: true,
        cancel: call.door.to(&paths::user(&id)),
    })
}

/// What an edit does, for people.
fn fact(on: &Snapshot, grants: &[Grant], edit: &GrantEdit) -> (&'static str, String) {
    let said = |role: RoleId, scope: &Scope| {
        let role = role_label(on, role).unwrap_or_else(|| "?".to_owned());
        format!("{role}: {}", on.scope_named(scope))
    };
    let old = |id| grants.iter().find(|grant| grant.id == id);
    match edit {
        GrantEdit::Add(spec) => ("Given", said(spec.role, &spec.scope)),
        GrantEdit::Remove(id) => {
            ("Taken", old(*id).map_or_else(|| id.to_string(), |g| said(g.spec.role, &g.spec.scope)))
        }
        GrantEdit::Change { id, scope, .. } => {
            ("From now on", old(*id).map_or_else(|| id.to_string(), |g| said(g.spec.role, scope)))
        }
    }
}
