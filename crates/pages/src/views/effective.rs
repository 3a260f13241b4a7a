//! What somebody may do where: module by module, site by site.

use super::roles::Level;

/// Modules x sites.
pub struct EffectiveTable {
    /// The sites.
    pub columns: Vec<String>,
    /// The modules of each application, under its name.
    pub groups: Vec<(&'static str, Vec<EffectiveRow>)>,
    /// Sites that have no column.
    pub beyond: usize,
}

/// A module.
pub struct EffectiveRow {
    /// Its name.
    pub module: String,
    /// One cell for each site.
    pub cells: Vec<EffectiveCell>,
}

/// A module at a site.
pub struct EffectiveCell {
    /// The level.
    pub level: Level,
    /// Where it holds, if not everywhere at the site.
    pub limits: Option<String>,
    /// The grants that give it: id, and role with where it holds.
    pub why: Vec<(String, String)>,
}

impl EffectiveTable {
    /// Cells of a row, its head included.
    pub(crate) fn width(&self) -> usize {
        self.columns.len() + 1
    }

    pub(crate) fn cells<'t>(
        &'t self,
        row: &'t EffectiveRow,
    ) -> impl Iterator<Item = (&'t String, &'t EffectiveCell)> {
        self.columns.iter().zip(&row.cells)
    }
}
