//! Access of a user at a place: in each application a role and where it holds, changed together.

mod form;
mod rows;
mod scene;

use std::sync::Arc;

use access::at_place::At;
use access::commands::{GrantEdit, Refusal};
use access::{Grant, RoleId, Scope, Snapshot};
use axum::http::StatusCode;
use service::{Fault, Previewed, ServiceError, Thing};

use self::form::{application, role_label, wished};
pub(crate) use self::rows::{columns, place_of_door, rows};
use self::scene::{FIELDS, Fields, Scene, fields_at, place, place_text};
use super::user::{Named, done_at, named};
use super::user_acts::lines;
use crate::answer::{Answer, Fail, page, sentence, status};
use crate::call::Call;
use crate::form::Form;
use crate::paths;
use crate::session::{Site, blocking};
use crate::views::confirm::Confirm;
use crate::views::frame::{Input, Notice, Tone};
use crate::views::message::Trouble;
use crate::views::user_access::{UserAccess, UserAssign};

/// The form for a place, or the question for which.
pub(crate) async fn show(call: Arc<Call>) -> Answer {
    let (query, user) = (call.query()?, named(&call)?);
    match place(&call, &user.on, query.optional("site")?)? {
        None => assign(&call, &user, Input::default(), StatusCode::OK),
        Some(Err(wrong)) => assign(&call, &user, wrong, StatusCode::NOT_FOUND),
        Some(Ok(at)) => {
            let scene = Scene::new(&call, at, user)?;
            let view = view(&scene, &Form::empty(), None)?;
            Ok(page(StatusCode::OK, &view))
        }
    }
}

fn assign(call: &Call, user: &Named, site: Input, status: StatusCode) -> Answer {
    let sites = call.session()?.sites.iter().take(crate::session::SITES_MAX);
    let view = UserAssign {
        frame: call.frame(),
        id: user.id.to_string(),
        login: user.on.user(user.id).map(|found| found.login()).unwrap_or_default(),
        site,
        sites: sites.map(|Site { reference, name, .. }| (reference.clone(), name.clone())).collect(),
    };
    Ok(page(status, &view))
}

fn view(scene: &Scene<'_>, sent: &Form, notice: Option<Notice>) -> Result<UserAccess, Fail> {
    let (on, id) = (scene.on(), scene.named.id);
    let (place, reference) = place_text(on, scene.at);
    let other_active_site = scene.is_elsewhere()?;
    let own = |fields: &'static Fields| application(scene, fields, sent, other_active_site);
    Ok(UserAccess {
        frame: scene.call.frame(),
        notice,
        id: id.to_string(),
        login: on.user(id).map(|user| user.login()).unwrap_or_default(),
        version: Thing::User(id).version(on),
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
    let version = call.form.one("version")?.to_owned();
    let at = match place(&call, &user.on, call.form.optional("site")?)? {
        Some(Ok(at)) => at,
        _ => return Err(Fail::Trouble(Trouble::NotUnderstood)),
    };
    let scene = Scene::new(&call, at, user)?;
    let mut shown = view(&scene, &call.form, None)?;
    let mut edits = Vec::new();
    let mut wrong = false;
    for (fields, own) in fields_at(Some(scene.at)).zip(&mut shown.applications) {
        match wished(&scene, fields, &call.form, own)? {
            Some(some) => edits.extend(some),
            None => wrong = true,
        }
    }
    let again = |mut shown: UserAccess, notice, status| {
        shown.notice = notice;
        Ok(page(status, &shown))
    };
    if call.form.optional("again")? == Some("yes") {
        return again(shown, None, StatusCode::OK);
    }
    if wrong {
        return again(shown, Some(Notice::fields_are_wrong()), StatusCode::BAD_REQUEST);
    }
    if edits.is_empty() {
        let notice = Notice::new(Tone::Info, "Nothing is different from what is there already.");
        return again(shown, Some(notice), StatusCode::OK);
    }
    let command = scene.edit(edits.clone());
    let (who, origin) = (&call.session()?.who, call.origin()?);
    let on_user = (Thing::User(scene.named.id), version.as_str());
    if call.form.optional("sure")? == Some("yes") {
        return match blocking(|| call.service.execute_on(who, origin, on_user, command)) {
            Ok(_) => Ok(done_at(&call, scene.named.id, paths::ACT_GRANT_CHANGE)),
            Err(error) => refused(&call, at, error),
        };
    }
    match blocking(|| call.service.preview(who, command)) {
        Ok(previewed) => Ok(page(StatusCode::OK, &confirm(&scene, &edits, &previewed, version)?)),
        Err(error) => refused(&call, at, error),
    }
}

/// The form again, as typed, about what the user is like by now.
fn refused(call: &Call, at: At, error: ServiceError) -> Answer {
    let fault = error.fault();
    if !matches!(fault, Fault::Invalid | Fault::Forbidden | Fault::Conflict) {
        return Err(Fail::Service(error));
    }
    let notice = Notice::new(Tone::Bad, format!("Nothing was changed. {}", sentence(&error)));
    let scene = Scene::new(call, at, named(call)?)?;
    let mut view = view(&scene, &call.form, Some(notice))?;
    view.changed_meanwhile = matches!(error, ServiceError::Refused(Refusal::ChangedMeanwhile { .. }));
    Ok(page(status(fault), &view))
}

fn confirm(
    scene: &Scene<'_>,
    edits: &[GrantEdit],
    previewed: &Previewed,
    version: String,
) -> Result<Confirm, Fail> {
    let (call, on, id) = (scene.call, scene.on(), scene.named.id.to_string());
    let sent = |name: &'static str| {
        Ok::<_, Fail>(call.form.optional(name)?.map(|value| (name, value.trim().to_owned())))
    };
    let mut fields = vec![("version", version), ("sure", "yes".to_owned())];
    let names = FIELDS.iter().flat_map(|own| [own.role, own.all_or_only, own.places]).chain(["site"]);
    for name in names {
        fields.extend(sent(name)?);
    }
    let login = on.user(scene.named.id).map(|user| user.login()).unwrap_or_default();
    Ok(Confirm {
        frame: call.frame(),
        heading: format!("Change the access of {login}?"),
        paragraphs: super::user_grants::nothing_new(previewed),
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
        format!("{role}: {}", on.scope_text(scope))
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
