//! The same with many users: shown first, for all of them together; what is refused for one is told, and done for the
//! others.

use std::sync::Arc;

use access::commands::{Command, DisableUser, EditGrants, EnableUser, GrantEdit, Refusal, SignOutUser};
use access::named::Names;
use access::{Grant, GrantSpec, RetailerId, RoleId, Scope, Snapshot, UserId};
use axum::http::StatusCode;
use service::{OfficePage, Out, Previewed, Seen, ServiceError, Thing};

use super::user_acts::{ends_of, lines, reason};
use super::user_grants::given;
use super::users::listed;
use super::{grant_form, reach};
use crate::answer::{Answer, Fail, page, see_other, sentence};
use crate::call::Call;
use crate::door::Door;
use crate::form::Form;
use crate::session::blocking;
use crate::views::confirm::Confirm;
use crate::views::frame::{Input, Notice, Tone, counted};
use crate::views::message::Trouble;
use crate::views::told::Told;
use crate::views::user::AssignForm;
use crate::views::users::BulkForm;
use crate::{LocalPath, paths};

/// Most users at a time: those of one page of the list.
const USERS_MAX: usize = 100;

/// The field with what each was like when the question was asked.
const VERSION: &str = "v";

/// The word for what was done with all who were ticked.
const DONE: &str = "many";

/// Most users who are named in the question.
const NAMED_MAX: usize = 10;

/// What is done with each of them.
#[derive(Clone)]
enum Bulk {
    Disable,
    Enable,
    SignOut,
    Give(Vec<GrantSpec>),
    /// At these sites; none: wherever they have it.
    Take(RoleId, Vec<RetailerId>),
}

/// What is done with users of a store: the words of the field `act`, and what the list calls them.
const STORE_ACTS: [(&str, &str); 3] =
    [("disable", "Disable"), ("enable", "Enable"), ("sign-out", "Sign out everywhere")];
/// The same in the Order Management Center.
const ACTS: [(&str, &str); 5] = {
    let [disable, enable, sign_out] = STORE_ACTS;
    [disable, enable, sign_out, ("give", "Give a role"), ("take", "Take a role")]
};

/// What may be done with many behind a door. In a store, access is given and taken on the page of each user.
pub(crate) fn acts(door: Door) -> &'static [(&'static str, &'static str)] {
    match door {
        Door::Omc => &ACTS,
        Door::StoreApp => &STORE_ACTS,
    }
}

/// The page of the list that the form was on.
fn back(call: &Call) -> Result<String, Fail> {
    let list = call.door.to(paths::USERS);
    let sent = call.form.optional("back")?.unwrap_or(&list);
    Ok(LocalPath::or_home(Some(sent), call.door).to_string())
}

/// Its path and its query.
fn back_in_parts(call: &Call) -> Result<(String, String), Fail> {
    let back = back(call)?;
    let (path, query) = back.split_once('?').unwrap_or((&back, ""));
    Ok((path.to_owned(), query.to_owned()))
}

/// The list that the form was on, with the form as it was filled in.
fn again(call: &Call, form: BulkForm, notice: Option<Notice>) -> Answer {
    let (path, query) = back_in_parts(call)?;
    let is_list = path == call.door.to(paths::USERS);
    let fields = if is_list { Form::parse(query.as_bytes())? } else { Form::empty() };
    let status = if notice.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    listed(call, &fields, form, (status, notice))
}

/// What the form asks for; none where a field is wrong, which is written beside it.
fn bulk(call: &Call, seen: &Seen, sent: &mut BulkForm) -> Result<Option<Bulk>, Fail> {
    let reach = reach(call, seen)?;
    // The question sends these two on, so nothing else counts.
    let mut form = AssignForm { role: sent.role.clone(), site: sent.site.clone(), ..AssignForm::default() };
    let names = Names::new(&seen.on, &reach);
    let bulk = match sent.act.as_str() {
        "disable" => Some(Bulk::Disable),
        "enable" => Some(Bulk::Enable),
        "sign-out" => Some(Bulk::SignOut),
        "give" => grant_form::specs(&names, (call.clock(), seen.now), &mut form).map(Bulk::Give),
        "take" => {
            let role = grant_form::role(&names, &mut form.role);
            // Taken is wherever they have it, if no site is named.
            if form.site.value.is_empty() {
                form.site = Input::of(grant_form::ALL);
            }
            let scope = grant_form::scope(&names, &mut form);
            let at = |scope: Scope| scope.retailers.listed().to_vec();
            role.zip(scope).map(|(role, scope)| Bulk::Take(role, at(scope)))
        }
        _ => return Err(Fail::Trouble(Trouble::NotUnderstood)),
    };
    (sent.role.error, sent.site.error) = (form.role.error, form.site.error);
    Ok(bulk)
}

/// The form as it was sent, about these users.
fn sent(call: &Call, users: &[UserId]) -> Result<BulkForm, Fail> {
    let text = |name| Ok::<_, Fail>(call.form.optional(name)?.unwrap_or_default().trim().to_owned());
    Ok(BulkForm {
        act: call.form.one("act")?.to_owned(),
        role: Input::of(text("role")?),
        site: Input::of(text("site")?),
        ticked: users.iter().map(ToString::to_string).collect(),
    })
}

/// What nothing can be done without.
fn missing(form: &BulkForm) -> Option<&'static str> {
    if form.ticked.is_empty() {
        return Some("Tick the users that you mean first.");
    }
    form.act.is_empty().then_some("Choose what is to be done with those ticked.")
}

/// The ticked users whom one sees, each once.
fn ticked(call: &Call, seen: &Seen) -> Result<Vec<UserId>, Fail> {
    let subject = call.session()?.who.subject();
    let mut users: Vec<UserId> = Vec::new();
    for text in call.form.all("u").take(USERS_MAX + 1) {
        let found = seen.on.find_user(text).filter(|id| seen.on.sees_user(subject, *id, seen.now));
        let there = found.filter(|id| seen.on.user(*id).is_some_and(|user| !user.is_removed()));
        let id = there.ok_or(Fail::Trouble(Trouble::NotFound))?;
        if !users.contains(&id) {
            users.push(id);
        }
    }
    if users.len() > USERS_MAX { Err(Fail::Trouble(Trouble::NotUnderstood)) } else { Ok(users) }
}

/// The edits of grants, one command for each user: what one may not be given, the others are.
fn edits(call: &Call, seen: &Seen, bulk: &Bulk, users: &[UserId]) -> Result<Vec<EditGrants>, Fail> {
    let who = call.session()?.who.subject();
    let of_user = |user: &UserId| match bulk {
        Bulk::Give(specs) => specs.iter().map(|spec| (*user, GrantEdit::Add(spec.clone()))).collect(),
        Bulk::Take(role, sites) => {
            let grants = seen.on.grants_seen(who, *user, seen.now).seen.into_iter();
            let of_role = grants.filter(|grant| grant.spec.role == *role);
            // A grant of other sites, too, is changed on the page of its user.
            let there = |grant: &Grant| {
                let own = grant.spec.scope.retailers.listed();
                sites.is_empty() || (!own.is_empty() && own.iter().all(|site| sites.contains(site)))
            };
            of_role.filter(there).map(|grant| (*user, GrantEdit::Remove(grant.id))).collect()
        }
        _ => vec![],
    };
    Ok(users.iter().map(|user| EditGrants { edits: of_user(user) }).collect())
}

type Tried = (Previewed, Vec<(usize, String)>);

fn try_all<C: Command>(call: &Call, commands: Vec<C>) -> Result<Tried, Fail> {
    let who = &call.session()?.who;
    let (previewed, refused) = blocking(|| call.service.preview_all(who, commands))?;
    let said = |(place, refusal): (usize, Refusal)| (place, said(&refusal.into()));
    Ok((previewed, refused.into_iter().map(said).collect()))
}

/// Why it is not done with one.
fn said(error: &ServiceError) -> String {
    match error {
        ServiceError::Refused(Refusal::Nothing) => "They have nothing of that kind there.".to_owned(),
        error => sentence(error),
    }
}

fn preview(call: &Call, seen: &Seen, bulk: &Bulk, users: &[UserId]) -> Result<Tried, Fail> {
    match bulk {
        Bulk::Disable => try_all(call, users.iter().map(|id| DisableUser { id: *id }).collect()),
        Bulk::Enable => try_all(call, users.iter().map(|id| EnableUser { id: *id }).collect()),
        Bulk::SignOut => try_all(call, users.iter().map(|id| SignOutUser { id: *id }).collect()),
        Bulk::Give(_) | Bulk::Take(..) => try_all(call, edits(call, seen, bulk, users)?),
    }
}

pub(crate) async fn submit(call: Arc<Call>) -> Answer {
    let who = &call.session()?.who;
    let seen = blocking(|| call.service.read_page(who, OfficePage::Users))?;
    let users = ticked(&call, &seen)?;
    let mut form = sent(&call, &users)?;
    if call.form.optional("again")? == Some("yes") {
        return again(&call, form, None);
    }
    if let Some(missing) = missing(&form) {
        return again(&call, form, Some(Notice::nothing_changed(missing)));
    }
    let title = acts(call.door).iter().find(|(word, _)| *word == form.act).map(|(_, title)| *title);
    let title = title.ok_or(Fail::Trouble(Trouble::NotUnderstood))?;
    let Some(bulk) = bulk(&call, &seen, &mut form)? else {
        return again(&call, form, Some(Notice::fields_are_wrong()));
    };
    if call.form.optional("sure")? == Some("yes") {
        return done(&call, &seen, &bulk, (title, &users));
    }
    question(&call, &seen, &bulk, (title, &users), form)
}

/// Whether it shall be done, with what it does for whom.
fn question(
    call: &Call,
    seen: &Seen,
    bulk: &Bulk,
    (title, users): (&str, &[UserId]),
    form: BulkForm,
) -> Answer {
    let (previewed, refused) = preview(call, seen, bulk, users)?;
    let login = |id: UserId| seen.on.user(id).map(|user| user.login()).unwrap_or_default();
    let refusals: Vec<String> = refused
        .iter()
        .filter_map(|(place, why)| Some(format!("Not {}: {why}", login(*users.get(*place)?))))
        .collect();
    let able: Vec<UserId> = (0..)
        .zip(users)
        .filter(|(at, _)| refused.iter().all(|(place, _)| place != at))
        .map(|(_, id)| *id)
        .collect();
    if able.is_empty() {
        let notice = Notice::nothing_changed("It can be done with none of those ticked.");
        let told = Told {
            frame: call.frame(),
            heading: title.to_owned(),
            notice,
            lines: refusals,
            back: back(call)?,
        };
        return Ok(page(StatusCode::OK, &told));
    }
    let subject = call.session()?.who.subject();
    let mut fields = vec![("act", form.act), ("role", form.role.value), ("site", form.site.value)];
    // With the others nothing is done, even if it could be by then. The edits are those of this state, too.
    for id in &able {
        let version = Thing::User(*id).version(&seen.on, subject, seen.now);
        fields.extend([("u", id.to_string()), (VERSION, format!("{id} {version}"))]);
    }
    fields.extend([("back", back(call)?), ("sure", "yes".to_owned())]);
    let mut paragraphs = match bulk {
        Bulk::Disable | Bulk::SignOut => vec![ends(call, &able)?],
        _ => vec![],
    };
    paragraphs.push(match (previewed.preview.is_empty(), bulk) {
        (true, Bulk::SignOut) => "Their access stays: whoever may sign in does so again.".to_owned(),
        (true, _) => "It changes nothing that anybody may do now.".to_owned(),
        (false, _) => "It holds at the next click of each of them.".to_owned(),
    });
    let confirm = Confirm {
        frame: call.frame(),
        heading: format!("{title}: {}?", counted(able.len(), "user")),
        paragraphs,
        facts: facts(&seen.on, bulk, &able),
        lines: lines(call, &previewed)?.into_iter().chain(refusals.into_iter().map(Into::into)).collect(),
        action: call.door.to(paths::USERS_BULK),
        fields,
        choices: vec![],
        asks_reason: matches!(bulk, Bulk::Disable | Bulk::Enable),
        button: "Do it",
        danger: matches!(bulk, Bulk::Disable | Bulk::SignOut | Bulk::Take(..)),
        again: true,
        cancel: back(call)?,
    };
    Ok(page(StatusCode::OK, &confirm))
}

/// What is done, to whom and where.
fn facts(on: &Snapshot, bulk: &Bulk, users: &[UserId]) -> Vec<(&'static str, String)> {
    let role = |id: RoleId| on.role(id).map_or_else(|| id.to_string(), |role| role.label.to_string());
    let mut facts = match bulk {
        Bulk::Give(specs) => given(on, specs),
        Bulk::Take(id, sites) => {
            let site = |id: &RetailerId| on.places().retailer(*id).map(|site| site.name.to_string());
            let sites: Vec<String> = sites.iter().filter_map(site).collect();
            let sites = if sites.is_empty() { "Wherever they have it".to_owned() } else { sites.join(", ") };
            vec![("Role", role(*id)), ("Where", sites)]
        }
        _ => vec![],
    };
    let logins = users.iter().take(NAMED_MAX).filter_map(|id| on.user(*id)).map(|user| user.login());
    let mut named = logins.collect::<Vec<String>>().join(", ");
    if users.len() > NAMED_MAX {
        named += &format!(" and {} more", users.len() - NAMED_MAX);
    }
    facts.push(("Users", named));
    facts
}

/// How many sessions and tokens of theirs end.
fn ends(call: &Call, users: &[UserId]) -> Result<String, Fail> {
    let who = &call.session()?.who;
    let mut tokens = Vec::new();
    for id in users {
        tokens.extend(blocking(|| call.service.tokens_of(who, *id))?);
    }
    Ok(ends_of(&tokens))
}

/// What a user was like when it was asked whether it shall be done; none is what nobody is like.
fn version(call: &Call, id: UserId) -> &str {
    let named = call.form.all(VERSION).filter_map(|text| text.split_once(' '));
    let own = id.to_string();
    named.filter(|(user, _)| *user == own).map(|(_, version)| version).next().unwrap_or_default()
}

/// Does it with each, and tells with whom it was not done.
fn done(call: &Call, seen: &Seen, bulk: &Bulk, (title, users): (&str, &[UserId])) -> Answer {
    let who = &call.session()?.who;
    let mut origin = call.origin()?;
    origin.reason = reason(call)?;
    let mut edits = edits(call, seen, bulk, users)?.into_iter();
    let mut work: Vec<_> = users.iter().map(|id| (*id, edits.next())).collect();
    // Whoever signs themselves out, too, does that last: nothing is done for them from then on.
    work.sort_by_key(|(id, _)| Some(*id) == who.user());
    let mut refused = Vec::new();
    for (id, edit) in work {
        let origin = origin.clone();
        let outcome: Result<(), ServiceError> = blocking(|| match bulk {
            Bulk::Disable => call.service.put_out(who, origin, id, Out::Disable).map(drop),
            Bulk::SignOut => call.service.put_out(who, origin, id, Out::SignOut).map(drop),
            // Whatever was granted since would hold, too.
            Bulk::Enable => {
                let on = (Thing::User(id), version(call, id));
                call.service.execute_on(who, origin, on, EnableUser { id }).map(drop)
            }
            // Given and taken is what was shown, and nothing that came since; not again where a page is loaded again.
            Bulk::Give(_) | Bulk::Take(..) => match edit {
                Some(edit) => {
                    let on = (Thing::User(id), version(call, id));
                    call.service.execute_on(who, origin, on, edit).map(drop)
                }
                None => Ok(()),
            },
        });
        if let Err(error) = outcome {
            let login = seen.on.user(id).map(|user| user.login()).unwrap_or_default();
            refused.push(format!("Not {login}: {}", said(&error)));
        }
    }
    if refused.is_empty() {
        let (path, query) = back_in_parts(call)?;
        let fields = Form::parse(query.as_bytes())?;
        let fields = [&fields.without(&["done"])[..], &[("done", DONE)]].concat();
        return Ok(see_other(&paths::with_query(&path, &fields)));
    }
    let done = users.len() - refused.len();
    let said = format!("Done for {done} of {}.", counted(users.len(), "user"));
    let told = Told {
        frame: call.frame(),
        heading: title.to_owned(),
        notice: Notice::new(Tone::Warn, said),
        lines: refused,
        back: back(call)?,
    };
    Ok(page(StatusCode::OK, &told))
}
