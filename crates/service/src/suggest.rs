//! Suggestions for somebody who types: the few things that fit best, of those that they may know.
//!
//! Whoever looks for a thing by its name learns no more of it than its pages would tell them.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::office::OfficePage;
use access::commands::Refusal;
use access::directory::UserQuery;
use access::named::Names;
use access::reach::Reach;
use access::snapshot::Places;
use access::typed::{Best, Typed, same};
use access::{Application, RetailerId, Snapshot, UserId};
use authn::Principal;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestOf {
    /// A role, by its key or name.
    Role,
    /// A site, by its ref or name.
    Site,
    /// A stock location, by its ref or name.
    Location,
    /// A sales channel, by its ref or name.
    Channel,
    /// A user, by login, name or e-mail.
    User,
    /// A permission, by its name.
    Permission,
}

/// What somebody types, and what the other fields of their form say already.
#[derive(Clone, Copy, Debug)]
pub struct Suggest<'t> {
    /// What is looked for.
    pub of: SuggestOf,
    /// What was typed up to now; nothing: the first of all of them.
    pub text: &'t str,
    /// Locations and channels of these sites alone, by refs, ids or names with commas. Of one that there is not there is
    /// nothing.
    pub site: Option<&'t str>,
    /// Roles that count there alone: those bound to this application, and unbound ones.
    pub application: Option<Application>,
}

/// A thing that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What a field takes for it: a ref, a key, a login, the name of a permission. Where a ref would not do, because
    /// several channels have it or it holds a comma, the id.
    pub value: String,
    /// What people call it.
    pub title: String,
    /// What tells those apart that are called alike; empty where nothing else does.
    pub note: String,
}

/// Most suggestions of an answer.
pub const SUGGESTIONS_MAX: usize = 12;
/// Up to so many users who have what was typed somewhere, the best are found among all of them. Of more, those stand
/// in front whose login begins so.
const USERS_RANKED_MAX: usize = 20_000;

impl Service {
    /// What somebody may mean who types that, the best first: of places those that their grants meet and that are
    /// open; of users those whom they see; of roles and permissions all, for whoever may read a page about them.
    ///
    /// # Errors
    /// A principal who is no longer current; roles or permissions for whoever may read no page about them; a text that is
    /// too long or has too many words.
    pub fn suggest(&self, who: &Principal, wanted: &Suggest<'_>) -> Result<Vec<Suggestion>, ServiceError> {
        let typed = Typed::parse(wanted.text).map_err(|error| ServiceError::Invalid(error.to_string()))?;
        if wanted.of == SuggestOf::User {
            return self.suggest_users(who, &typed, wanted.text.trim());
        }
        let (on, now) = (self.enter(who)?, self.inner.clock.now());
        let reads = |page| on.authorize(who.subject(), page, now).map(drop).map_err(Refusal::from);
        match wanted.of {
            SuggestOf::Role => {
                reads(OfficePage::Users)
                    .or_else(|_| reads(OfficePage::NewUser))
                    .or_else(|_| reads(OfficePage::Roles))?;
                Ok(roles(&on, &typed, wanted.application))
            }
            SuggestOf::Permission => {
                reads(OfficePage::Roles).or_else(|_| reads(OfficePage::Explain))?;
                Ok(permissions(&on, &typed))
            }
            _ => {
                let reach = Reach::of(&on, who.subject(), now);
                Ok(OpenPlaces { on: &on, places: on.places(), reach }.suggest(wanted, &typed))
            }
        }
    }

    /// Those of the users whom one sees that fit best.
    fn suggest_users(
        &self,
        who: &Principal,
        typed: &Typed,
        text: &str,
    ) -> Result<Vec<Suggestion>, ServiceError> {
        let query = UserQuery { words: typed.words().clone(), ..UserQuery::default() };
        // Not kept: what is half typed is not asked for again.
        let list = match self.users_once(who, &query) {
            Ok(list) => list,
            // Whoever sees no users is told of none: the field that asks takes a login all the same.
            Err(ServiceError::Refused(Refusal::Denied(_))) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let (on, all) = (list.on(), list.selection.users());
        let login = |id: UserId| on.user(id).map(|user| user.login()).unwrap_or_default();
        let mut best = Best::new(typed, SUGGESTIONS_MAX);
        let mut offer = |id: UserId| best.offer(&login(id), on.profile(id).unwrap_or_default().0, id);
        if all.len() <= USERS_RANKED_MAX {
            all.iter().for_each(|id| offer(*id));
        } else {
            likely(all, typed, login, on.find_user(text)).into_iter().for_each(offer);
        }
        Ok(best.into_things().into_iter().map(|id| user(on, id)).collect())
    }
}

/// A few of many users in the order of their logins, each once: the first, those whose login begins as what was typed,
/// and the one who is named so, if they are one of them.
fn likely(
    all: &[UserId],
    typed: &Typed,
    login: impl Fn(UserId) -> String,
    named: Option<UserId>,
) -> Vec<UserId> {
    // Those whose logins begin so stand together.
    let first = all.partition_point(|id| typed.is_behind(&login(*id)));
    let begin = all.iter().skip(first).take(SUGGESTIONS_MAX);
    let named = all.iter().find(|id| named == Some(**id));
    let mut few: Vec<UserId> = all.iter().take(SUGGESTIONS_MAX).chain(begin).chain(named).copied().collect();
    few.sort_unstable();
    few.dedup();
    few
}

fn user(on: &Snapshot, id: UserId) -> Suggestion {
    let (name, email) = on.profile(id).unwrap_or_default();
    let found = on.user(id);
    let login = found.map(|user| user.login()).unwrap_or_default();
    let note = match found.is_some_and(|user| user.is_active()) {
        false => "not active",
        true if same(email, &login) => "",
        true => email,
    };
    Suggestion { title: title(name, &login), note: note.to_owned(), value: login }
}

/// The name, or what stands for it where there is none.
fn title(name: &str, value: &str) -> String {
    if name.is_empty() { value } else { name }.to_owned()
}

fn roles(on: &Snapshot, typed: &Typed, application: Option<Application>) -> Vec<Suggestion> {
    let mut best = Best::new(typed, SUGGESTIONS_MAX);
    for role in on.roles().filter(|role| application.is_none_or(|a| role.counts_in().contains(a))) {
        best.offer(role.key.as_str(), role.label.as_str(), role);
    }
    let told = best.into_things().into_iter().map(|role| Suggestion {
        value: role.key.to_string(),
        title: role.label.to_string(),
        note: match role.application {
            None => "every application",
            Some(Application::Omc) => "Order Management Center",
            Some(Application::StoreApp) => "Store App",
            Some(Application::Api) => "API",
        }
        .to_owned(),
    });
    told.collect()
}

fn permissions(on: &Snapshot, typed: &Typed) -> Vec<Suggestion> {
    let mut best = Best::new(typed, SUGGESTIONS_MAX);
    for name in on.permissions().names() {
        best.offer(name.as_str(), "", name.as_str());
    }
    let name =
        |name: &str| Suggestion { value: name.to_owned(), title: name.to_owned(), note: String::new() };
    best.into_things().into_iter().map(name).collect()
}

/// The places that somebody may be told of.
struct OpenPlaces<'s> {
    on: &'s Snapshot,
    places: &'s Places,
    reach: Reach,
}

impl<'s> OpenPlaces<'s> {
    fn suggest(&self, wanted: &Suggest<'_>, typed: &Typed) -> Vec<Suggestion> {
        if wanted.of == SuggestOf::Site {
            return self.sites(typed);
        }
        let named = wanted.site.unwrap_or_default().split(',').map(str::trim);
        // A star stands for all of them.
        let named = named.filter(|site| !matches!(*site, "" | "*"));
        let Ok(sites) = self.names().retailers(&named.collect::<Vec<&str>>()) else { return Vec::new() };
        let here = |site: RetailerId| (sites.is_empty() || sites.contains(&site)) && self.is_open(site);
        match wanted.of {
            SuggestOf::Channel => self.channels(typed, here, &sites),
            _ => self.locations(typed, here),
        }
    }

    fn is_open(&self, retailer: RetailerId) -> bool {
        self.places.retailer(retailer).is_some_and(|site| site.open)
    }

    fn names(&self) -> Names<'_> {
        Names::new(self.on, &self.reach)
    }

    fn sites(&self, typed: &Typed) -> Vec<Suggestion> {
        let mut best = Best::new(typed, SUGGESTIONS_MAX);
        for site in self.places.retailers().filter(|site| site.open && self.reach.has_retailer(site.id)) {
            best.offer(site.r#ref.as_str(), site.name.as_str(), site);
        }
        let told = best.into_things().into_iter().map(|site| Suggestion {
            value: Names::of_retailer(site),
            title: site.name.to_string(),
            note: String::new(),
        });
        told.collect()
    }

    fn locations(&self, typed: &Typed, here: impl Fn(RetailerId) -> bool) -> Vec<Suggestion> {
        let mut best = Best::new(typed, SUGGESTIONS_MAX);
        let open = self.places.locations().filter(|l| l.open && here(l.retailer));
        for location in open.filter(|l| self.reach.has_location(l)) {
            best.offer(location.r#ref.as_str(), location.name.as_str(), location);
        }
        let told = best.into_things().into_iter().map(|location| Suggestion {
            value: Names::of_location(location),
            title: location.name.to_string(),
            note: self.name_of(location.retailer),
        });
        told.collect()
    }

    fn channels(
        &self,
        typed: &Typed,
        here: impl Fn(RetailerId) -> bool,
        sites: &[RetailerId],
    ) -> Vec<Suggestion> {
        let mut best = Best::new(typed, SUGGESTIONS_MAX);
        let open = self.places.channels().filter(|c| c.open && here(c.retailer));
        for channel in open.filter(|c| self.reach.has_channel(c)) {
            best.offer(channel.r#ref.as_str(), channel.name.as_str(), channel);
        }
        let told = best.into_things().into_iter().map(|channel| Suggestion {
            value: self.names().of_channel(channel, sites),
            title: channel.name.to_string(),
            note: self.name_of(channel.retailer),
        });
        told.collect()
    }

    fn name_of(&self, retailer: RetailerId) -> String {
        self.places.retailer(retailer).map_or_else(String::new, |site| site.name.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Number;

    #[test]
    fn of_many_users_those_whose_login_begins_so_are_among_the_few() {
        // In the order of their logins: aa, ab, .. zz; the numbers are another order.
        let letters = || 'a'..='z';
        let logins: Vec<String> =
            letters().flat_map(|one| letters().map(move |two| format!("{one}{two}"))).collect();
        let count = u32::try_from(logins.len()).unwrap();
        let all: Vec<UserId> = (0..count).filter_map(|n| UserId::from_number(count - n)).collect();
        let login = |id: UserId| logins[(count - id.number()) as usize].clone();
        let told = |text: &str, named| {
            let typed = Typed::parse(text).unwrap();
            let mut few: Vec<String> = likely(&all, &typed, login, named).into_iter().map(login).collect();
            few.sort();
            few
        };
        let first = &logins[..SUGGESTIONS_MAX];
        assert_eq!(told("", None), first);
        assert_eq!(told("zzz", None), first, "behind the last");
        let at_m = told("M", None);
        assert_eq!(at_m.len(), 2 * SUGGESTIONS_MAX);
        assert!(first.iter().all(|login| at_m.contains(login)));
        assert!(["ma", "mb", "ml"].iter().all(|login| at_m.iter().any(|found| found == login)));
        let zed = all.iter().copied().find(|id| login(*id) == "zy");
        assert!(told("y", zed).contains(&"zy".to_owned()));
        assert_eq!(told("", UserId::from_number(9_999)), first, "somebody whom one does not see");
        assert_eq!(told("a", None), first, "each once");
    }
}
