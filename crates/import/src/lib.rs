//! Any company's CSV export, read through a mapping file into a checked [`Plan`].
//!
//! mapping text -> [`Mapping`] -> (the caller reads [`Mapping::files`]) -> [`plan`] -> [`Plan`] or [`Problems`]
//!
//! The mapping says which file feeds which kind of row and which column is which field, with constants,
//! templates, filters and look-ups between files. `docs/IMPORT.md` is its reference.
//!
//! **Invariant:** nothing here reads a file, a clock or a database: files come as bytes, by name.
//! **Invariant:** a plan is whole or it is not: one bad row anywhere, and there are only [`Problems`].
//! **Invariant:** no row disappears: it is in the plan, in [`Plan::skipped`] because the mapping says so, or
//! in the problems.
//!
//! What this crate does not know is how Keyward spells a ref, a login or a role, and what is stored already.
//! Every row keeps its [`Origin`], so that a later refusal can name the file and the line.

mod build;
mod filter;
pub mod limits;
mod lookup;
mod mapping;
mod plan;
mod problem;
mod table;
mod template;
mod value;

use std::collections::BTreeMap;

pub use mapping::{Mapping, MappingError, MappingFault};
pub use plan::{
    Channel, Counts, Customer, Fulfilment, Grant, Item, Location, LocationKind, Order, OrderLine, Origin,
    Places, Plan, Retailer, Row, Skipped, Stock, User, UserKind,
};
pub use problem::{Problem, Problems};

/// The content of the CSV files by the name that the mapping gives them, as [`Mapping::files`] lists them.
/// Files that the mapping does not name are left alone.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads every row of every file that the mapping names.
///
/// # Errors
/// All that is wrong with the files, sorted by file and line: files that are missing or too large, columns
/// that are not there, rows that cannot be read, values that do not fit, look-ups that find nothing, one
/// ref with two contents.
pub fn plan(mapping: &Mapping, files: &Files) -> Result<Plan, Problems> {
    build::plan(mapping, files)
}
