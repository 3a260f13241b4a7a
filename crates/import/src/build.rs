//! From files to a plan: look-ups first, then each kind of row, in the order of the sections.

mod cells;
mod merge;
mod orders;
mod places;
mod users;

use std::collections::BTreeMap;

use crate::Files;
use crate::lookup::Lookups;
use crate::mapping::{Mapping, RowsOf, Source, place};
use crate::plan::{Plan, Skipped};
use crate::problem::{Problems, Report};
use crate::table::{Record, Table};
use crate::template::Template;

pub(crate) use cells::Cells;

pub(crate) fn plan(mapping: &Mapping, files: &Files) -> Result<Plan, Problems> {
    let mut report = Report::default();
    let sheets = Sheets::open(mapping, files, &mut report);
    demand_columns(mapping, &sheets, &mut report);
    // Without its columns a file would fail row by row, once more for each: those lines tell nothing new.
    if !report.is_empty() {
        return Err(report.into_problems());
    }
    let lookups = Lookups::read(mapping, &sheets, &mut report);
    let mut build = Build { sheets, lookups, report, skipped: Vec::new() };
    let document = &mapping.document;
    let retailers = build.retailers(&document.retailers);
    let channels = build.channels(&document.channels);
    let locations = build.locations(&document.locations);
    let items = build.items(&document.items);
    let customers = build.customers(&document.customers);
    let orders = build.orders(&document.orders, &document.order_lines, &document.fulfilments);
    let stock = build.stock(&document.stock);
    let users = build.users(&document.users, &document.grants);
    let skipped = build.skipped;
    build.report.verdict(Plan {
        retailers,
        channels,
        locations,
        items,
        customers,
        orders,
        stock,
        users,
        skipped,
    })
}

/// The files whose header could be read.
pub(crate) struct Sheets<'a>(BTreeMap<&'a str, Table<'a>>);

impl<'a> Sheets<'a> {
    fn open(mapping: &'a Mapping, files: &'a Files, report: &mut Report) -> Self {
        let mut sheets = BTreeMap::new();
        for name in mapping.files() {
            let Some(notation) = mapping.notations.get(name) else { continue };
            match files.get(name) {
                Some(bytes) => {
                    if let Ok(table) = Table::open(name, bytes, notation, report) {
                        sheets.insert(name, table);
                    }
                }
                None => {
                    let there = files.keys().take(50).cloned().collect::<Vec<_>>().join(", ");
                    let there = if there.is_empty() {
                        "no file is there".to_owned()
                    } else {
                        format!("there are: {there}")
                    };
                    report.add(
                        name,
                        0,
                        "",
                        "",
                        format!("the mapping reads this file and it is not there; {there}"),
                    );
                }
            }
        }
        Self(sheets)
    }

    /// Gives the rows that are to be read to `each`; the answer is how many were left out.
    pub(crate) fn for_each(
        &self,
        rows: &RowsOf<'_>,
        lookups: &Lookups,
        report: &mut Report,
        mut each: impl FnMut(&mut Cells<'_, '_>),
    ) -> u64 {
        let mut skipped = 0;
        if let Some(table) = self.0.get(rows.file) {
            table.for_each(report, |record, report| {
                if wanted(record, rows) {
                    each(&mut Cells::new(record, lookups, report));
                } else {
                    skipped += 1;
                }
            });
        }
        skipped
    }
}

/// Whether `skip_if_empty` and `only_if` let a row in.
fn wanted(record: &Record<'_>, rows: &RowsOf<'_>) -> bool {
    rows.skip_if_empty.iter().all(|column| !record.field(column).is_empty())
        && rows
            .only_if
            .iter()
            .all(|(column, values)| values.iter().any(|value| value == record.field(column)))
}

/// Every column that the mapping names must be in its file.
fn demand_columns(mapping: &Mapping, sheets: &Sheets<'_>, report: &mut Report) {
    mapping.document.each_source(|place, rows, used, _| {
        demand_rows(&place, &rows, sheets, report);
        for used in used {
            demand_template(&format!("`{}` of {place}", used.key), rows.file, used.template, sheets, report);
        }
    });
    for (name, lookup) in &mapping.document.lookups {
        let place = format!("[lookups.{name}]");
        if let Some((rows, key, value)) = lookup.in_file() {
            demand_rows(&place, &rows, sheets, report);
            demand_template(&format!("`key` of {place}"), rows.file, key, sheets, report);
            demand_template(&format!("`value` of {place}"), rows.file, value, sheets, report);
        }
    }
}

fn demand_rows(place: &str, rows: &RowsOf<'_>, sheets: &Sheets<'_>, report: &mut Report) {
    let Some(table) = sheets.0.get(rows.file) else { return };
    for column in rows.skip_if_empty {
        let _ = table.demand(column, &format!("`skip_if_empty` of {place}"), report);
    }
    for column in rows.only_if.keys() {
        let _ = table.demand(column, &format!("`only_if` of {place}"), report);
    }
}

fn demand_template(asked: &str, file: &str, template: &Template, sheets: &Sheets<'_>, report: &mut Report) {
    let Some(table) = sheets.0.get(file) else { return };
    for placeholder in template.placeholders() {
        let _ = table.demand(&placeholder.column, asked, report);
    }
}

/// What all kinds of rows are built with.
struct Build<'a> {
    sheets: Sheets<'a>,
    lookups: Lookups,
    report: Report,
    skipped: Vec<Skipped>,
}

impl Build<'_> {
    /// Gives each wanted row of each table of a section to `each`.
    fn for_each<S: Source>(&mut self, sources: &[S], mut each: impl FnMut(&S, &mut Cells<'_, '_>)) {
        for (n, source) in sources.iter().enumerate() {
            let rows = source.rows();
            let skipped =
                self.sheets.for_each(&rows, &self.lookups, &mut self.report, |cells| each(source, cells));
            if skipped > 0 {
                let section = place(S::SECTION, n, sources.len());
                self.skipped.push(Skipped { section, file: rows.file.to_owned(), rows: skipped });
            }
        }
    }
}
