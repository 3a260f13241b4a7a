//! Places in words, by their names.

use access::{Scope, Snapshot};

/// Most names of one list.
const NAMED_MAX: usize = 5;

/// The first names of a list, and how many more there are; none for an empty one.
pub(super) fn named<T>(ids: &[T], name: impl Fn(&T) -> Option<String>) -> Option<String> {
    let shown = ids.iter().take(NAMED_MAX).map(|id| name(id).unwrap_or_else(|| "?".to_owned()));
    let shown: Vec<String> = shown.collect();
    let more = match ids.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}

/// The listed retailers of a scope; none for all.
pub(super) fn sites(on: &Snapshot, scope: &Scope) -> Option<String> {
    named(scope.retailers.listed(), |id| on.places().retailer(*id).map(|site| site.name.to_string()))
}

/// Its listed locations; none for all.
pub(super) fn locations(on: &Snapshot, scope: &Scope) -> Option<String> {
    named(scope.locations.listed(), |id| on.places().location(*id).map(|found| found.name.to_string()))
}

/// Its listed sales channels; none for all.
pub(super) fn channels(on: &Snapshot, scope: &Scope) -> Option<String> {
    named(scope.channels.listed(), |id| on.places().channel(*id).map(|found| found.name.to_string()))
}
