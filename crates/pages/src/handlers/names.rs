//! What somebody means who types a name: the key or ref of a thing, or what people call it, in any case.

use access::snapshot::{Channel, Location, Retailer, Role};
use access::{RetailerId, Snapshot};

/// The one thing that is called so; none when there is none or several.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn same(name: &str, text: &str) -> bool {
    name.to_lowercase() == text.to_lowercase()
}

/// The role of that key, or the one of that name.
pub(crate) fn role<'s>(on: &'s Snapshot, text: &str) -> Option<&'s Role> {
    let by_key = || only(on.roles().filter(|role| same(role.key.as_str(), text)));
    let by_label = || only(on.roles().filter(|role| same(role.label.as_str(), text)));
    on.find_role(text).or_else(by_key).or_else(by_label)
}

/// The site of that ref, or the one of that name.
pub(crate) fn site<'s>(on: &'s Snapshot, text: &str) -> Option<&'s Retailer> {
    let called = |site: &&Retailer| same(site.r#ref.as_str(), text) || same(site.name.as_str(), text);
    on.places().find_retailer(text).or_else(|| only(on.places().retailers().filter(called)))
}

/// The location of that ref, or the one of that name; of one site where that is given.
pub(crate) fn location<'s>(on: &'s Snapshot, site: Option<RetailerId>, text: &str) -> Option<&'s Location> {
    let here = |location: &Location| site.is_none_or(|site| site == location.retailer);
    let called = |found: &&Location| {
        here(found) && (same(found.r#ref.as_str(), text) || same(found.name.as_str(), text))
    };
    let by_ref = on.places().find_location(text).filter(|found| here(found));
    by_ref.or_else(|| only(on.places().locations().filter(called)))
}

/// The sales channel of that ref, or the one of that name; of one site where that is given.
pub(crate) fn channel<'s>(on: &'s Snapshot, site: Option<RetailerId>, text: &str) -> Option<&'s Channel> {
    let here = |channel: &Channel| site.is_none_or(|site| site == channel.retailer);
    let called = |found: &&Channel| {
        here(found) && (same(found.r#ref.as_str(), text) || same(found.name.as_str(), text))
    };
    on.places().find_channel(site, text).or_else(|| only(on.places().channels().filter(called)))
}
