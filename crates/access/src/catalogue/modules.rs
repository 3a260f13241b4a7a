//! Modules: areas of an application whose level is derived from permissions, never stored.

use super::{ContractError, PermissionSet, Permissions};
use crate::words::Application;
use serde::{Deserialize, Serialize};

/// How far a set of permissions opens a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModuleLevel {
    /// Not all of the read list.
    None,
    /// All of the read list, not all of the write list.
    Read,
    /// All of both lists.
    Write,
}

impl ModuleLevel {
    /// `none`, `read` or `write`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ModuleLevel::None => "none",
            ModuleLevel::Read => "read",
            ModuleLevel::Write => "write",
        }
    }
}

/// One row of `modules.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    name: String,
    application: Application,
    read: PermissionSet,
    write: PermissionSet,
}

impl Module {
    /// Its name: `orders`, `stock`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The application it is an area of.
    #[must_use]
    pub fn application(&self) -> Application {
        self.application
    }

    /// The level that these permissions give.
    #[must_use]
    pub fn level(&self, held: &PermissionSet) -> ModuleLevel {
        match (self.read.is_subset(held), self.write.is_subset(held)) {
            (true, true) => ModuleLevel::Write,
            (true, false) => ModuleLevel::Read,
            (false, _) => ModuleLevel::None,
        }
    }

    /// What these levels tell of, all of them together. Modules share permissions: whoever has one has some of others,
    /// which says nothing new.
    #[must_use]
    pub fn told<'m>(levels: impl Iterator<Item = (&'m Module, ModuleLevel)>) -> PermissionSet {
        let mut told = PermissionSet::default();
        levels.for_each(|(module, level)| told.extend(&module.permissions(level)));
        told
    }

    /// The permissions of this module that are not among those told.
    #[must_use]
    pub fn untold(&self, told: &PermissionSet) -> PermissionSet {
        self.permissions(ModuleLevel::Write).without(told)
    }

    /// The permissions behind a level.
    #[must_use]
    pub fn permissions(&self, level: ModuleLevel) -> PermissionSet {
        match level {
            ModuleLevel::None => PermissionSet::default(),
            ModuleLevel::Read => self.read.clone(),
            ModuleLevel::Write => {
                let mut both = self.read.clone();
                both.extend(&self.write);
                both
            }
        }
    }
}

#[derive(Deserialize)]
struct ModuleRow {
    module: String,
    application: Application,
    read_permissions: String,
    write_permissions: String,
}

pub(super) fn read(text: &str, permissions: &Permissions) -> Result<Vec<Module>, ContractError> {
    let wrong = |reason: String| ContractError::new("modules.csv", reason);
    let mut modules = Vec::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let row: ModuleRow = row.map_err(|e| wrong(e.to_string()))?;
        let set = |names: &str| {
            permissions.set(names.split_whitespace()).map_err(|name| {
                wrong(format!("module `{}` names the unknown permission `{name}`", row.module))
            })
        };
        modules.push(Module {
            read: set(&row.read_permissions)?,
            write: set(&row.write_permissions)?,
            name: row.module,
            application: row.application,
        });
    }
    Ok(modules)
}
