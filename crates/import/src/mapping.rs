//! The mapping file: parsed, then checked as a whole, before any CSV file is looked at.

mod check;
mod document;

use std::collections::{BTreeMap, BTreeSet};

use crate::limits::MAPPING_BYTES_MAX;
use crate::value::Notation;

pub(crate) use document::{
    ChannelSource, CustomerSource, Document, FulfilmentSource, GrantSource, ItemSource, LocationSource,
    LookupSource, OrderLineSource, OrderSource, PlacesSource, RetailerSource, RowsOf, Source, StockSource,
    UserSource, place,
};

/// A mapping file without faults: every key known, every look-up there, none in a circle.
///
/// Whether the columns it names exist is seen when [`plan`](crate::plan) meets the files.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) document: Document,
    pub(crate) notations: BTreeMap<String, Notation>,
    /// The look-ups, each after those it asks.
    pub(crate) lookup_order: Vec<String>,
}

/// Everything that is wrong with a mapping file. There is at least one fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct MappingError {
    /// The faults, in the order of the sections.
    pub faults: Vec<MappingFault>,
}

/// One thing that is wrong with a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct MappingFault {
    /// The section and the key, or the line with its text where the file is no TOML or has an unknown key.
    pub place: String,
    /// What is wrong and what is possible.
    pub reason: String,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// A text that is no TOML, an unknown key or a bad template is told alone, the first one; past that all
    /// faults are told together.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        if text.len() > MAPPING_BYTES_MAX {
            let reason = format!("has {} bytes; at most {MAPPING_BYTES_MAX} are read", text.len());
            return Err(MappingError {
                faults: vec![MappingFault { place: "the mapping".to_owned(), reason }],
            });
        }
        let document: Document =
            toml::from_str(text).map_err(|error| MappingError { faults: vec![toml_fault(text, &error)] })?;
        let checked = check::check(&document).map_err(|faults| MappingError { faults })?;
        Ok(Self { document, notations: checked.notations, lookup_order: checked.lookup_order })
    }

    /// The files that [`plan`](crate::plan) needs, sorted, each once: relative paths with `/`, never leading
    /// out of their folder.
    #[must_use]
    pub fn files(&self) -> Vec<&str> {
        self.document.files_named().into_iter().collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The fault with the line that it is on, which names the key better than any path.
fn toml_fault(text: &str, error: &toml::de::Error) -> MappingFault {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default().trim();
    let place = if line.is_empty() { format!("line {number}") } else { format!("line {number}, `{line}`") };
    MappingFault { place, reason: error.message().replace('\n', "; ") }
}
