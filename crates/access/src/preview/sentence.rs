//! A line of a preview as an English sentence.

use super::region::{Part, Region};
use super::{Contexts, Period, Preview, PreviewLine, StatusChange, What};
use crate::catalogue::PermissionId;
use crate::snapshot::{Places, Snapshot};
use crate::time::Instant;
use crate::words::{Application, ChannelId, Label, LocationId, Number, Ref, RetailerId};

/// Most permissions, places or regions that a sentence names one by one.
pub const NAMED_MAX: usize = 6;

impl Preview {
    /// The line as a sentence without its full stop, with the names of the state that the change leads to:
    /// "3 users gain ORDER_UPDATE at Leeds and York".
    ///
    /// Long lists are cut short and say so; the line itself has them whole. Reference data is told of only where
    /// the line is about nothing else.
    #[must_use]
    pub fn sentence(line: &PreviewLine, state: &Snapshot) -> String {
        Self::sentence_of(line, state, utc)
    }

    /// [`Self::sentence`], with instants in the words of whoever reads it.
    #[must_use]
    pub fn sentence_of(line: &PreviewLine, state: &Snapshot, moment: impl Fn(Instant) -> String) -> String {
        let one = line.users.len() == 1;
        let users = if one { "1 user".to_owned() } else { format!("{} users", line.users.len()) };
        let said = match &line.what {
            What::Status(change) => status(*change, one).to_owned(),
            What::Entry { gain, application } => {
                let may = if *gain { "may enter" } else { "may no longer enter" };
                format!("{may} {}", entered(*application))
            }
            What::Access { gain, permissions, contexts, at } => {
                let verb = if *gain { "gain" } else { "lose" };
                let verb = if one { format!("{verb}s") } else { verb.to_owned() };
                let (permissions, places) = (listed_permissions(permissions, state), places(line, at, state));
                format!("{verb} {permissions} {places}{}", contexts_text(*contexts))
            }
        };
        format!("{users} {said}{}", period(line.when, moment))
    }
}

fn status(change: StatusChange, one: bool) -> &'static str {
    match (change, one) {
        (StatusChange::Created, true) => "is created",
        (StatusChange::Created, false) => "are created",
        (StatusChange::Enabled, true) => "is enabled and gains everything held",
        (StatusChange::Enabled, false) => "are enabled and gain everything held",
        (StatusChange::Disabled, true) => "is disabled and loses everything",
        (StatusChange::Disabled, false) => "are disabled and lose everything",
        (StatusChange::Removed, true) => "is removed and loses everything",
        (StatusChange::Removed, false) => "are removed and lose everything",
    }
}

fn entered(application: Application) -> &'static str {
    match application {
        Application::Omc => "the OMC",
        Application::StoreApp => "the Store App",
        Application::Api => "the API",
    }
}

fn contexts_text(contexts: Contexts) -> String {
    let named: Vec<String> = contexts.applications().iter().map(|a| entered(a).to_owned()).collect();
    match (contexts.is_every(), named.is_empty()) {
        (true, _) => String::new(),
        (false, true) => ", where no application is named".to_owned(),
        (false, false) => format!(", in {}", joined(&named)),
    }
}

fn listed_permissions(permissions: &[PermissionId], state: &Snapshot) -> String {
    let names = permissions.iter().map(|p| state.permissions().name(*p).to_owned());
    cut(names, permissions.len(), "permissions")
}

/// The first of a list, and how many more there are.
fn cut(names: impl Iterator<Item = String>, count: usize, of: &str) -> String {
    if count <= NAMED_MAX {
        return joined(&names.collect::<Vec<_>>());
    }
    let mut first: Vec<String> = names.take(NAMED_MAX - 1).collect();
    first.push(format!("{} more {of}", count - first.len()));
    joined(&first)
}

fn joined(names: &[String]) -> String {
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

fn places(line: &PreviewLine, at: &[Region], state: &Snapshot) -> String {
    let plain: Vec<&Region> = at.iter().filter(|region| !region.reference).collect();
    let text = if plain.is_empty() {
        let all: Vec<String> = at.iter().take(NAMED_MAX).map(|region| reference(region, state)).collect();
        all.join("; ")
    } else {
        let mut all: Vec<String> = plain.iter().take(NAMED_MAX).map(|r| region_text(r, state)).collect();
        if plain.len() > NAMED_MAX {
            all.push(format!("and in {} more regions", plain.len() - NAMED_MAX));
        }
        all.join("; ")
    };
    match line.others {
        0 => text,
        others => format!("each at places of their own, {} different ones, such as {text}", others + 1),
    }
}

/// Where the things of a region are.
pub(crate) fn region_text(region: &Region, state: &Snapshot) -> String {
    let sites = sites(&region.retailers, state);
    let locations = locations(region, sites.as_deref(), state);
    let place = match (locations, sites) {
        (Some(locations), _) if region.retailers.ids.is_none() => {
            format!("{locations}, where no site is named")
        }
        (Some(locations), _) => locations,
        (None, _) if region.retailers.ids.is_none() => "on what is account-wide".to_owned(),
        (None, None) => "everywhere".to_owned(),
        (None, Some(sites)) => format!("at {sites}"),
    };
    match channels(&region.channels, state) {
        None => place,
        Some(channels) => format!("{place} {channels}"),
    }
}

fn reference(region: &Region, state: &Snapshot) -> String {
    let of = match (region.retailers.ids.is_none(), &region.retailers) {
        (_, part) if part.is_all() => "on all reference data".to_owned(),
        (true, _) => "on reference data that all sites share".to_owned(),
        (false, part) => {
            let ids = Part { empty: false, ..part.clone() };
            let shared = if part.empty { " and what all sites share" } else { "" };
            format!("on reference data of {}{shared}", sites(&ids, state).unwrap_or_default())
        }
    };
    match channels(&Part { uncarried: region.channels.empty, ..region.channels.clone() }, state) {
        None => of,
        Some(channels) => format!("{of} {channels}"),
    }
}

/// The retailers of a region; none when it is about all of them and what is account-wide, or about none.
fn sites(part: &Part<RetailerId>, state: &Snapshot) -> Option<String> {
    if part.is_all() || part.ids.is_none() {
        return None;
    }
    let row = |places: &Places, id| places.retailer(id).map(|r| (r.name.clone(), r.r#ref.clone()));
    let ids = match (part.ids.only(), part.ids.all_but()) {
        (Some(only), _) => named(only, "sites", state, row),
        (_, Some([])) => "every site".to_owned(),
        (_, but) => format!("every site but {}", named(but.unwrap_or_default(), "sites", state, row)),
    };
    Some(if part.empty { format!("{ids} and on what is account-wide") } else { ids })
}

/// The locations of a region with its retailers; none when nothing in it depends on a location.
fn locations(region: &Region, sites: Option<&str>, state: &Snapshot) -> Option<String> {
    let part = &region.locations;
    if part.is_all() && part.uncarried {
        return None;
    }
    let row = |places: &Places, id| places.location(id).map(|l| (l.name.clone(), l.r#ref.clone()));
    let of = sites.map_or(String::new(), |sites| format!(" of {sites}"));
    let mut said = Vec::new();
    match (part.ids.only(), part.ids.all_but()) {
        (Some([]), _) => {}
        (Some(only), _) => {
            let of = if owners_are(only, &region.retailers, state) { "" } else { &of };
            said.push(format!("at {}{of}", named(only, "locations", state, row)));
        }
        (_, Some([])) => said.push(format!("at every location{of}")),
        (_, but) => {
            let but = named(but.unwrap_or_default(), "locations", state, row);
            said.push(format!("at every location{of} but {but}"));
        }
    }
    if part.uncarried {
        said.push(format!("on what{of} has no location"));
    }
    if part.empty && part.ids.only().is_some() {
        said.push(format!("on what{of} names no location"));
    }
    Some(joined(&said))
}

/// Whether the retailers are those of the locations, so that they need no saying.
fn owners_are(locations: &[LocationId], retailers: &Part<RetailerId>, state: &Snapshot) -> bool {
    let owner = |l: &LocationId| state.places().location(*l).map(|l| l.retailer);
    match retailers.ids.only() {
        None => retailers.is_all(),
        Some(ids) => {
            !retailers.empty
                && ids.iter().all(|r| locations.iter().any(|l| owner(l) == Some(*r)))
                && locations.iter().all(|l| owner(l).is_some_and(|r| ids.contains(&r)))
        }
    }
}

/// The sales channels of a region; none when nothing in it depends on one.
fn channels(part: &Part<ChannelId>, state: &Snapshot) -> Option<String> {
    if part.is_all() && part.uncarried {
        return None;
    }
    let row = |places: &Places, id| places.channel(id).map(|c| (c.name.clone(), c.r#ref.clone()));
    let through = match (part.ids.only(), part.ids.all_but()) {
        (Some([]), _) if part.uncarried => return Some("where there is no sales channel".to_owned()),
        (Some([]), _) => return Some("where no sales channel is named".to_owned()),
        (Some(only), _) => named(only, "sales channels", state, row),
        (_, Some([])) => "every sales channel".to_owned(),
        (_, but) => {
            format!(
                "every sales channel but {}",
                named(but.unwrap_or_default(), "sales channels", state, row)
            )
        }
    };
    let free = if part.uncarried { " and on what has no sales channel" } else { "" };
    Some(format!("through {through}{free}"))
}

/// Places by their names, and by their refs besides where two have the same name.
fn named<T: Number>(
    ids: &[T],
    of: &str,
    state: &Snapshot,
    row: impl Fn(&Places, T) -> Option<(Label, Ref)>,
) -> String {
    let rows: Vec<Option<(Label, Ref)>> =
        ids.iter().take(NAMED_MAX).map(|id| row(state.places(), *id)).collect();
    let text = |(id, found): (&T, &Option<(Label, Ref)>)| match found {
        None => id.to_string(),
        Some((name, key)) => {
            let twice = rows.iter().flatten().filter(|(other, _)| other == name).count() > 1;
            if twice { format!("{} ({})", name.as_str(), key.as_str()) } else { name.as_str().to_owned() }
        }
    };
    cut(ids.iter().zip(&rows).map(text), ids.len(), of)
}

fn period(when: Period, moment: impl Fn(Instant) -> String) -> String {
    let from = when.from.map_or(String::new(), |at| format!(", from {}", moment(at)));
    let until = when.until.map_or(String::new(), |at| format!(", until {}", moment(at)));
    format!("{from}{until}")
}

/// An instant as `2026-03-01 08:30 UTC`, seconds added where there are any.
fn utc(at: Instant) -> String {
    let seconds = at.0.div_euclid(1_000_000);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 0000-03-01 in eras of 400 years; years begin in March, so that the leap day ends them.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..=9 => (year + era * 400, month + 3),
        _ => (year + era * 400 + 1, month - 9),
    };
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let second = if second == 0 { String::new() } else { format!(":{second:02}") };
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}{second} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_dates_and_times_of_day() {
        let at = |seconds: i64| utc(Instant(seconds * 1_000_000));
        assert_eq!(at(0), "1970-01-01 00:00 UTC");
        assert_eq!(at(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(at(1_772_353_805), "2026-03-01 08:30:05 UTC");
        assert_eq!(at(-1), "1969-12-31 23:59:59 UTC");
        assert_eq!(at(4_107_542_399), "2100-02-28 23:59:59 UTC");
        assert_eq!(at(4_107_542_400), "2100-03-01 00:00 UTC");
    }
}
