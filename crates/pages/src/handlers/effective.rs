//! What a user may do where, as a table of modules and sites.

use access::ModuleLevel;
use access::effective::{Cell, Column, Effective, Row};
use access::{Application, Grant, Instant, Snapshot, Subject, UserId};

use super::me::title;
use super::roles::{level, module_title};
use crate::views::effective::{EffectiveCell, EffectiveRow, EffectiveTable};

/// Most columns that are shown.
const COLUMNS_MAX: usize = 30;

/// What comes from grants that the subject sees.
pub(crate) fn table(on: &Snapshot, subject: &Subject, id: UserId, now: Instant) -> EffectiveTable {
    let mut effective = Effective::seen(on, subject, id, now);
    // Whoever has access at sites alone has nothing at all of them: that needs no column.
    let nothing = |row: &Row| {
        row.cells.first().is_none_or(|cell| cell.level == ModuleLevel::None && cell.some.is_empty())
    };
    if effective.columns.len() > 1 && effective.rows.iter().all(nothing) {
        effective.columns.remove(0);
        effective.rows.iter_mut().for_each(|row| drop(row.cells.drain(..row.cells.len().min(1))));
    }
    let grants = on.grants(id);
    let site = |column: &Column| match column {
        Column::AllSites => "All sites".to_owned(),
        Column::Site(id) => on.places().retailer(*id).map_or_else(|| "?".to_owned(), |r| r.name.to_string()),
    };
    let row = |row: &Row| EffectiveRow {
        module: module_title(&row.module),
        cells: row.cells.iter().take(COLUMNS_MAX).map(|shown| cell(on, &grants, shown)).collect(),
    };
    let group = |application: Application| {
        let own = effective.rows.iter().filter(|row| row.application == application);
        (title(application), own.map(row).collect())
    };
    EffectiveTable {
        columns: effective.columns.iter().take(COLUMNS_MAX).map(site).collect(),
        groups: Application::ALL.map(group).into(),
        beyond: effective.beyond + effective.columns.len().saturating_sub(COLUMNS_MAX),
    }
}

fn cell(on: &Snapshot, grants: &[Grant], cell: &Cell) -> EffectiveCell {
    let why = |id: &access::GrantId| {
        let grant = grants.iter().find(|grant| grant.id == *id)?;
        let role = on.role(grant.spec.role).map_or_else(|| "?".to_owned(), |role| role.label.to_string());
        Some((id.to_string(), format!("{role}: {}", on.scope_named(&grant.spec.scope))))
    };
    EffectiveCell {
        level: level(cell.level, !cell.some.is_empty()),
        limits: cell.limits(on),
        why: cell.grants.iter().chain(&cell.some).filter_map(why).collect(),
    }
}
