//! Places, users and grants of an import: one changeset of many commands.

use super::Tally;
use access::change::{LocationKind, Profile, SignIn, UserKind};
use access::commands::{
    Command, CreateChannel, CreateLocation, CreateRetailer, CreateUser, EditChannel, EditGrants,
    EditLocation, EditRetailer, EditUser, GrantEdit, Refusal,
};
use access::scope::{Extent, IdSet, LocationExtent, Scope};
use access::{Changeset, GrantSpec, Instant, Label, Login, Ref, Snapshot, Subject, UserId, Validity};
use import::{Places, Plan, Row};
use std::collections::HashMap;

/// The state that an import leads to, and how.
pub(in crate::ops) struct Prepared {
    pub changeset: Option<Changeset>,
    pub after: Snapshot,
    pub tallies: Vec<(&'static str, Tally)>,
}

struct Work<'a> {
    on: Snapshot,
    /// Stands in while a step is applied, so that the state it is applied to has no other holder.
    spare: Snapshot,
    now: Instant,
    subject: &'a Subject,
    changeset: Option<Changeset>,
    problems: Vec<String>,
}

/// What a row asks for, on the state that those before it lead to.
enum Outcome {
    Created,
    Changed,
    Unchanged,
}

type Step = Result<Outcome, Refusal>;

impl Work<'_> {
    fn run<C: Command>(&mut self, command: C) -> Result<(), Refusal> {
        let changeset = C::run(self.on.authorize(self.subject, command, self.now)?)?;
        let next = std::mem::replace(&mut self.on, self.spare.clone()).applied(changeset.changes());
        self.on = next.map_err(|e| Refusal::Inconsistent(e.to_string()))?;
        self.changeset = match self.changeset.take() {
            None => Some(changeset),
            Some(earlier) => {
                let joined = earlier.then(changeset);
                Some(joined.map_err(|_| Refusal::Inconsistent("commands out of turn".into()))?)
            }
        };
        Ok(())
    }

    fn each<T>(&mut self, rows: &[Row<T>], step: impl Fn(&mut Self, &T) -> Step) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            match step(self, &row.value) {
                Ok(Outcome::Created) => tally.created += 1,
                Ok(Outcome::Changed) => tally.changed += 1,
                Ok(Outcome::Unchanged) => tally.unchanged += 1,
                Err(refusal) => {
                    self.problems.push(format!("{}:{}: {refusal}", row.origin.file, row.origin.line));
                }
            }
        }
        tally
    }
}

/// Runs every row as the command that it stands for.
pub(in crate::ops) fn prepare(
    on: &Snapshot,
    now: Instant,
    subject: &Subject,
    plan: &Plan,
) -> Result<Prepared, Vec<String>> {
    let mut work =
        Work { on: on.clone(), spare: on.clone(), now, subject, changeset: None, problems: Vec::new() };
    let mut first_channel: HashMap<&str, &import::Channel> = HashMap::new();
    for row in &plan.channels {
        first_channel.entry(&row.value.retailer_ref).or_insert(&row.value);
    }
    let mut tallies = Vec::new();
    let defaults: HashMap<(&str, &str), ()> =
        first_channel.values().map(|c| ((c.retailer_ref.as_str(), c.reference.as_str()), ())).collect();
    let known: Vec<bool> =
        plan.retailers.iter().map(|r| on.places().find_retailer(&r.value.reference).is_some()).collect();
    tallies.push((
        "retailers",
        work.each(&plan.retailers, |w, r| retailer(w, r, first_channel.get(r.reference.as_str()))),
    ));
    let mut channels = work.each(&plan.channels, channel);
    // The default channels were made with their retailers.
    let made = plan
        .channels
        .iter()
        .filter(|c| {
            let key = (c.value.retailer_ref.as_str(), c.value.reference.as_str());
            let new =
                plan.retailers.iter().zip(&known).any(|(r, known)| !known && r.value.reference == key.0);
            new && defaults.contains_key(&key)
        })
        .count() as u64;
    channels.created += made.min(channels.unchanged);
    channels.unchanged -= made.min(channels.unchanged);
    tallies.push(("channels", channels));
    tallies.push(("locations", work.each(&plan.locations, location)));
    tallies.push(("users", work.each(&plan.users, user)));
    if work.problems.is_empty() {
        Ok(Prepared { changeset: work.changeset, after: work.on, tallies })
    } else {
        Err(work.problems)
    }
}

fn retailer(work: &mut Work<'_>, row: &import::Retailer, first: Option<&&import::Channel>) -> Step {
    let name = Label::parse(&row.name)?;
    if let Some(found) = work.on.places().find_retailer(&row.reference) {
        if found.name == name {
            return Ok(Outcome::Unchanged);
        }
        let edit = EditRetailer { id: found.id, name, default_channel: found.default_channel };
        return work.run(edit).map(|()| Outcome::Changed);
    }
    let (channel, label) = first.map_or(("default", "Default"), |c| (c.reference.as_str(), c.name.as_str()));
    let default_channel = (Ref::parse(channel)?, Label::parse(label)?);
    work.run(CreateRetailer { r#ref: Ref::parse(&row.reference)?, name, default_channel })
        .map(|()| Outcome::Created)
}

fn retailer_id(on: &Snapshot, text: &str) -> Result<access::RetailerId, Refusal> {
    on.places().find_retailer(text).map(|r| r.id).ok_or_else(|| Refusal::unknown("retailer", text))
}

fn channel(work: &mut Work<'_>, row: &import::Channel) -> Step {
    let (retailer, name) = (retailer_id(&work.on, &row.retailer_ref)?, Label::parse(&row.name)?);
    match work.on.places().find_channel(Some(retailer), &row.reference) {
        Some(found) if found.name == name => Ok(Outcome::Unchanged),
        Some(found) => {
            let edit = EditChannel { id: found.id, name };
            work.run(edit).map(|()| Outcome::Changed)
        }
        None => {
            let create = CreateChannel { retailer, r#ref: Ref::parse(&row.reference)?, name };
            work.run(create).map(|()| Outcome::Created)
        }
    }
}

fn location(work: &mut Work<'_>, row: &import::Location) -> Step {
    let (retailer, name) = (retailer_id(&work.on, &row.retailer_ref)?, Label::parse(&row.name)?);
    let kind = match row.kind {
        import::LocationKind::Store => LocationKind::Store,
        import::LocationKind::Warehouse => LocationKind::Warehouse,
    };
    match work.on.places().find_location(&row.reference) {
        Some(found) if found.retailer != retailer => Err(Refusal::Taken {
            what: "location ref",
            given: row.reference.clone(),
            by: " by another retailer's location",
        }),
        Some(found) if found.name == name && found.kind == kind => Ok(Outcome::Unchanged),
        Some(found) => {
            let edit = EditLocation { id: found.id, name, kind };
            work.run(edit).map(|()| Outcome::Changed)
        }
        None => {
            let create = CreateLocation { retailer, r#ref: Ref::parse(&row.reference)?, name, kind };
            work.run(create).map(|()| Outcome::Created)
        }
    }
}

fn user(work: &mut Work<'_>, row: &import::User) -> Step {
    let login = Login::parse(&row.login)?;
    let email = row.email.as_deref().map(Label::parse).transpose()?;
    let profile = Profile::of(Label::parse(&row.name)?, email);
    let mut grants = Vec::new();
    for grant in &row.grants {
        grants.extend(specs(&work.on, &grant.value)?);
    }
    let Some(id) = work.on.user_of_login(&login) else {
        let kind = match row.kind {
            import::UserKind::Person => UserKind::Person,
            import::UserKind::System => UserKind::System,
        };
        let create = CreateUser { login, profile, kind, sign_in: SignIn::Password, grants };
        return work.run(create).map(|()| Outcome::Created);
    };
    known_user(work, id, profile, grants)
}

/// A user who is there already: the profile is made that of the row, grants that are missing are added,
/// others are left alone.
fn known_user(work: &mut Work<'_>, id: UserId, profile: Profile, grants: Vec<GrantSpec>) -> Step {
    let held: Vec<GrantSpec> = work.on.grants(id).into_iter().map(|g| g.spec).collect();
    let missing: Vec<_> =
        grants.into_iter().filter(|g| !held.contains(g)).map(|g| (id, GrantEdit::Add(g))).collect();
    let (name, email) = work.on.profile(id).unwrap_or_default();
    let same = profile.name.as_str() == name && profile.email.as_ref().map_or("", Label::as_str) == email;
    if same && missing.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    if !same {
        // A file has no language and no time zone: what somebody chose stays.
        let (language, time_zone) = (work.on.language(id), work.on.time_zone(id).cloned());
        work.run(EditUser { id, profile: Profile { language, time_zone, ..profile } })?;
    }
    if !missing.is_empty() {
        work.run(EditGrants { edits: missing })?;
    }
    Ok(Outcome::Changed)
}

/// The grants of a row, one for each retailer that it lists.
fn specs(on: &Snapshot, row: &import::Grant) -> Result<Vec<GrantSpec>, Refusal> {
    let role = on.find_role(&row.role).ok_or_else(|| Refusal::unknown("role", &row.role))?.id;
    let validity = Validity::ALWAYS;
    let Places::Listed(retailers) = &row.retailers else {
        let everywhere = matches!((&row.locations, &row.channels), (Places::All, Places::All));
        if !everywhere {
            return Err(Refusal::unknown("retailer of the listed places: name it", "*"));
        }
        return Ok(vec![GrantSpec { role, scope: Scope::account(), validity }]);
    };
    if let Places::Listed(names) = &row.locations {
        for name in names {
            let owner = on.places().find_location(name).and_then(|l| on.places().retailer(l.retailer));
            if owner.is_some_and(|r| !retailers.iter().any(|n| *n == r.r#ref.as_str())) {
                return Err(Refusal::OutsideScope { what: "location", given: name.clone() });
            }
        }
    }
    let mut specs = Vec::new();
    for name in retailers {
        let retailer = retailer_id(on, name)?;
        let locations = match &row.locations {
            Places::All => LocationExtent::All,
            Places::Listed(names) => {
                let mut ids = Vec::new();
                for name in names {
                    let found =
                        on.places().find_location(name).ok_or_else(|| Refusal::unknown("location", name))?;
                    ids.extend((found.retailer == retailer).then_some(found.id));
                }
                LocationExtent::Only(IdSet::new(ids)?)
            }
        };
        let channels = match &row.channels {
            Places::All => Extent::All,
            Places::Listed(names) => {
                let find = |name: &String| {
                    let found = on.places().find_channel(Some(retailer), name);
                    found.map(|c| c.id).ok_or_else(|| Refusal::unknown("channel of this retailer", name))
                };
                Extent::Set(IdSet::new(names.iter().map(find).collect::<Result<Vec<_>, _>>()?)?)
            }
        };
        let scope = Scope { retailers: Extent::one(retailer), locations, channels };
        specs.push(GrantSpec { role, scope, validity });
    }
    Ok(specs)
}
