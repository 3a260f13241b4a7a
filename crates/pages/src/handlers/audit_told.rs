//! An entry of the audit as people read it: whom and what it names, and what is not the same before and after.

use std::collections::BTreeSet;

use access::snapshot::Places;
use access::{
    ChannelId, ClientId, GrantId, Instant, LocationId, ProviderId, Ref, RetailerId, RoleId, Snapshot, UserId,
};
use service::AuditEntry;

use crate::clock::Clock;
use crate::paths;
use crate::views::audit::{FactChange, FactRow, FactValue, ListChange, Piece};
use crate::views::frame::Moment;

/// Facts that are lists of words.
const LISTS: [&str; 4] = ["permissions", "scopes", "algorithms", "from"];
/// Facts that name something by its id.
const IDS: [&str; 3] = ["retailer", "default_channel", "sign_in"];
/// Facts that are instants, in microseconds.
const INSTANTS: [&str; 3] = ["expires_at", "valid_from", "valid_until"];

/// What an entry is about, with what its ids stand for: `usr_12 ada@shop.example`, `gra_7 of usr_12 ada@shop.example`,
/// `tok_x usr_12 ada@shop.example`.
///
/// Only where such an entry has ids: the ref of a place is any text, and reads as itself.
pub(super) fn target(on: &Snapshot, text: &str) -> Vec<Piece> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let place = (RetailerId::read(first), LocationId::read(first), ChannelId::read(first));
    if !matches!(place, (None, None, None)) && !matches!(rest, "" | "?") {
        return vec![Piece { id: first.to_owned(), ..Piece::text(rest) }];
    }
    let words: Vec<&str> = text.split(' ').collect();
    let has_id = |at: usize| match at {
        0 => true,
        2 if words.get(1) == Some(&"of") => true,
        _ => at + 2 == words.len(),
    };
    pieces(on, &words, has_id)
}

/// Words as pieces; those at places where ids may stand, with what they stand for.
fn pieces(on: &Snapshot, words: &[&str], has_id: impl Fn(usize) -> bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match has_id(at).then(|| named(on, word)).flatten() {
            Some((name, address)) => {
                pieces.push(Piece { name: name.unwrap_or_default(), id: (*word).to_owned(), address });
            }
            // The name of an id stands behind it, and is the same for good; one that is known no more is told.
            None => match pieces.last_mut() {
                Some(last) if !last.id.is_empty() && last.name == *word => {}
                Some(last) if last.id.is_empty() => last.name = format!("{} {word}", last.name),
                _ => pieces.push(Piece::text(word)),
            },
        }
    }
    pieces
}

/// Who did it: their login beside the id, when it is a user.
pub(super) fn actor(on: &Snapshot, text: &str) -> Vec<Piece> {
    pieces(on, &[text], |_| true)
}

/// What an id stands for and where its page is; none for a word that is no id of ours.
fn named(on: &Snapshot, word: &str) -> Option<(Option<String>, Option<String>)> {
    let (places, entrances) = (on.places(), on.entrances());
    let plain = |found: Option<String>| Some((found, None));
    if let Some(id) = UserId::read(word) {
        let login = on.user(id).map(|user| user.login());
        let address = login.is_some().then(|| paths::user(word));
        return Some((login, address));
    }
    if let Some(id) = RoleId::read(word) {
        let key = on.role(id).map(|role| role.key.to_string());
        let address = key.as_deref().map(paths::role);
        return Some((key, address));
    }
    if let Some(id) = RetailerId::read(word) {
        return plain(places.retailer(id).map(|found| found.r#ref.to_string()));
    }
    if let Some(id) = LocationId::read(word) {
        return plain(places.location(id).map(|found| found.r#ref.to_string()));
    }
    if let Some(id) = ChannelId::read(word) {
        return plain(places.channel(id).map(|found| found.r#ref.to_string()));
    }
    if let Some(id) = ProviderId::read(word) {
        return plain(entrances.provider(id).map(|found| found.r#ref.to_string()));
    }
    if let Some(id) = ClientId::read(word) {
        return plain(entrances.client(id).map(|found| found.r#ref.to_string()));
    }
    // Whose grant it is stands beside it.
    GrantId::read(word).and_then(|_| plain(None))
}

/// Each value that is not the same before and after, in the order in which they are told.
pub(super) fn facts((on, clock): (&Snapshot, &Clock), entry: &AuditEntry) -> Vec<FactRow> {
    let find = |side: &'_ [(String, String)], name: &str| {
        side.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
    };
    let mut names: Vec<&String> = entry.before.iter().chain(&entry.after).map(|(name, _)| name).collect();
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let row = |name: &String| {
        let (before, after) = (find(&entry.before, name), find(&entry.after, name));
        let change =
            (before != after).then(|| change((on, clock), name, before.as_deref(), after.as_deref()))?;
        Some(FactRow { name: name.replace('_', " "), change })
    };
    names.into_iter().filter_map(row).collect()
}

fn change(
    (on, clock): (&Snapshot, &Clock),
    name: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> FactChange {
    let lists = match name {
        "scope" => places_told(on, before).zip(places_told(on, after)),
        _ if LISTS.contains(&name) => Some((words(before), words(after))),
        _ => None,
    };
    if let Some((old, new)) = lists {
        let less = |all: &[Piece], without: &[Piece]| {
            all.iter().filter(|piece| !without.contains(piece)).cloned().collect::<Vec<_>>()
        };
        return FactChange::List(ListChange { added: less(&new, &old), taken: less(&old, &new) });
    }
    let value = |text: &str| value((on, clock), name, text);
    FactChange::Value { before: before.map(value), after: after.map(value) }
}

fn words(text: Option<&str>) -> Vec<Piece> {
    text.unwrap_or_default().split_whitespace().map(Piece::text).collect()
}

fn value((on, clock): (&Snapshot, &Clock), name: &str, text: &str) -> FactValue {
    if INSTANTS.contains(&name)
        && let Ok(micros) = text.parse()
    {
        return match Instant(micros) {
            Instant(i64::MAX) => FactValue::Text(vec![Piece::text("never")]),
            Instant(micros) => FactValue::Time(Moment::of(micros, clock)),
        };
    }
    if name == "role" && on.find_role(text).is_some() {
        return FactValue::Text(vec![Piece { address: Some(paths::role(text)), ..Piece::text(text) }]);
    }
    // What people call something is their own text, whatever it looks like.
    if !IDS.contains(&name) {
        return FactValue::Text(vec![Piece::text(text)]);
    }
    let words: Vec<&str> = text.split(' ').collect();
    FactValue::Text(pieces(on, &words, |_| true))
}

/// What a scope in words is made of, each place by itself: `north, only at leeds, york, only channel web`.
///
/// None where a part of it is no place that is known: such a text is shown as it was told, never guessed at.
fn places_told(on: &Snapshot, text: Option<&str>) -> Option<Vec<Piece>> {
    let Some(text) = text else { return Some(Vec::new()) };
    if text == "the whole account" {
        return Some(vec![Piece::text(text)]);
    }
    if may_be_read_otherwise(on, text) {
        return None;
    }
    let (rest, channels) = match text.split_once(", only channel ") {
        Some((rest, channels)) => (rest, Some(channels)),
        None => (text, None),
    };
    let (retailers, locations) = match (rest.split_once(", only at "), rest.split_once(", of locations ")) {
        (Some((retailers, only)), None) => (retailers, Some(("only location", only))),
        (None, Some((retailers, narrow))) => (retailers, Some(("location", narrow.strip_suffix(" alone")?))),
        (None, None) => (rest, None),
        (Some(_), Some(_)) => return None,
    };
    let mut told = Vec::new();
    match retailers {
        "every site" => told.push(Piece::text("every site")),
        listed => each(&mut told, "site", listed, |name| on.places().find_retailer(name).is_some())?,
    }
    match locations {
        None => told.push(Piece::text("every location")),
        Some((kind, listed)) => {
            each(&mut told, kind, listed, |name| on.places().find_location(name).is_some())?;
        }
    }
    match channels {
        None => told.push(Piece::text("every sales channel")),
        Some(listed) => each(&mut told, "channel", listed, |name| has_channel(on.places(), name))?,
    }
    Some(told)
}

/// Whether a ref that has a comma itself could be meant by what reads as several: a ref is any text, and nobody is to
/// name a store so that access to it reads as access to other ones.
fn may_be_read_otherwise(on: &Snapshot, text: &str) -> bool {
    let places = on.places();
    let known = |name: &str| {
        places.find_retailer(name).is_some()
            || places.find_location(name).is_some()
            || has_channel(places, name)
    };
    let parts: Vec<&str> = text.split(", ").collect();
    let is_one_with_those_behind = |at: usize, first: &str| {
        let mut name = first.to_owned();
        for next in parts.get(at + 1..).unwrap_or_default() {
            name = format!("{name}, {next}");
            if known(&name) || name.strip_suffix(" alone").is_some_and(known) {
                return true;
            }
            if name.len() > Ref::LEN_MAX + " alone".len() {
                return false;
            }
        }
        false
    };
    let begins = ["", "only at ", "of locations ", "only channel "];
    parts.iter().enumerate().any(|(at, part)| {
        let firsts = begins.iter().filter_map(|begin| part.strip_prefix(begin));
        firsts.into_iter().any(|first| is_one_with_those_behind(at, first))
    })
}

fn has_channel(places: &Places, name: &str) -> bool {
    places.channels_named(name).next().is_some()
}

/// Each name of a list, behind what it is the name of; none where one is not known.
fn each(told: &mut Vec<Piece>, kind: &str, listed: &str, known: impl Fn(&str) -> bool) -> Option<()> {
    for name in listed.split(", ") {
        known(name).then(|| told.push(Piece::text(&format!("{kind} {name}"))))?;
    }
    Some(())
}
