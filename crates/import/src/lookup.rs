//! Look-ups, read whole before the first row of the plan, so that every row of their files is checked.

use std::collections::{BTreeMap, HashMap};

use crate::build::{Cells, Sheets};
use crate::mapping::{LookupSource, Mapping};
use crate::problem::{Report, Reported};

/// Most lines that the message about a repeated key lists.
const LINES_SHOWN_MAX: usize = 20;

/// The look-ups that are read so far, by name.
#[derive(Debug, Default)]
pub(crate) struct Lookups(HashMap<String, Lookup>);

#[derive(Debug)]
struct Lookup {
    entries: HashMap<String, Entry>,
    otherwise: Option<String>,
    /// What a message says of a key that is not there.
    missing: String,
}

#[derive(Debug)]
struct Entry {
    /// Nothing is a value too: it makes what asks for it empty.
    value: Result<Option<String>, Reported>,
    lines: Vec<u64>,
    /// Some line gives another value than the first.
    differs: bool,
}

impl Lookups {
    /// Reads all look-ups of a mapping.
    pub(crate) fn read(mapping: &Mapping, sheets: &Sheets<'_>, report: &mut Report) -> Self {
        let mut lookups = Self::default();
        for name in &mapping.lookup_order {
            if let Some(source) = mapping.document.lookups.get(name) {
                let lookup = match &source.values {
                    Some(values) => Lookup::of_values(name, source, values),
                    None => Lookup::of_file(name, source, sheets, &lookups, report),
                };
                lookups.0.insert(name.clone(), lookup);
            }
        }
        lookups
    }

    /// What `name` has under `key`; the error is the reason, or `None` where it was reported before.
    pub(crate) fn find(&self, name: &str, key: &str) -> Result<Option<&str>, Option<&str>> {
        // The mapping was checked for unknown look-ups: one that is not here has reported why.
        let lookup = self.0.get(name).ok_or(None)?;
        match lookup.entries.get(key) {
            Some(entry) => entry.value.as_ref().map(Option::as_deref).map_err(|Reported| None),
            None => lookup.otherwise.as_deref().map(Some).ok_or(Some(lookup.missing.as_str())),
        }
    }
}

impl Lookup {
    fn of_values(name: &str, source: &LookupSource, values: &BTreeMap<String, String>) -> Self {
        let keys = values.keys().take(LINES_SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
        let more = if values.len() > LINES_SHOWN_MAX { ", …" } else { "" };
        let entry = |(key, value): (&String, &String)| {
            let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            (key.clone(), Entry { value: Ok(value), lines: Vec::new(), differs: false })
        };
        Self {
            entries: values.iter().map(entry).collect(),
            otherwise: source.otherwise.clone(),
            missing: format!("is not in look-up `{name}`, which has: {keys}{more}"),
        }
    }

    fn of_file(
        name: &str,
        source: &LookupSource,
        sheets: &Sheets<'_>,
        lookups: &Lookups,
        report: &mut Report,
    ) -> Self {
        let file = source.file.as_deref().unwrap_or_default();
        let mut lookup = Self {
            entries: HashMap::new(),
            otherwise: source.otherwise.clone(),
            missing: format!("is not in {file} (look-up `{name}`)"),
        };
        let Some((rows, key, value)) = source.in_file() else { return lookup };
        sheets.for_each(&rows, lookups, report, |cells| {
            let (Ok(key), value) = (cells.needed(key), cells.text(value)) else { return };
            let line = cells.line();
            lookup
                .entries
                .entry(key)
                .and_modify(|entry| {
                    entry.lines.push(line);
                    entry.differs |= entry.value != value;
                })
                .or_insert(Entry { value, lines: vec![line], differs: false });
        });
        lookup.report_repeated(name, file, &key.columns(), source.distinct, report);
        lookup
    }

    fn report_repeated(&mut self, name: &str, file: &str, column: &str, distinct: bool, report: &mut Report) {
        for (key, entry) in &mut self.entries {
            if entry.lines.len() < 2 || (distinct && !entry.differs) {
                continue;
            }
            let shown =
                entry.lines.iter().take(LINES_SHOWN_MAX).map(u64::to_string).collect::<Vec<_>>().join(", ");
            let more = if entry.lines.len() > LINES_SHOWN_MAX { ", …" } else { "" };
            let what = if distinct {
                "with different values; `distinct` lets a key repeat with one value only"
            } else {
                "and must be there once; `distinct = true` lets it repeat with the same value"
            };
            let reason = format!("is the key of look-up `{name}` on lines {shown}{more} {what}");
            let line = entry.lines.get(1).copied().unwrap_or_default();
            entry.value = Err(report.add(file, line, column, key, reason));
        }
    }
}

/// One cell's way through the look-ups, for [`Cells`].
impl Cells<'_, '_> {
    pub(crate) fn look_up(
        &mut self,
        name: &str,
        column: &str,
        key: &str,
    ) -> Result<Option<String>, Reported> {
        match self.lookups().find(name, key) {
            Ok(value) => Ok(value.map(str::to_owned)),
            Err(None) => Err(Reported),
            Err(Some(reason)) => {
                let reason = reason.to_owned();
                Err(self.report(column, key, reason))
            }
        }
    }
}
