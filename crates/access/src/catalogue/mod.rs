//! The contract: permissions, entities, modules and built-in roles, read from the data files in `contracts/`.
//!
//! They are data, not code paths: a role or a module is changed by changing a row.

mod entities;
mod modules;
mod permissions;
mod roles;

pub use entities::{Entity, EntityType, kind};
pub use modules::{Module, ModuleLevel};
pub use permissions::{PermissionId, PermissionSet, Permissions};
pub use roles::{BuiltInRole, RoleSlot};

use std::sync::Arc;

/// What a data file of the contract says wrong. Only a faulty build meets it.
#[derive(Debug, thiserror::Error)]
#[error("contracts/{file}: {reason}")]
pub struct ContractError {
    file: &'static str,
    reason: String,
}

impl ContractError {
    pub(crate) fn new(file: &'static str, reason: impl Into<String>) -> Self {
        Self { file, reason: reason.into() }
    }
}

/// Everything that is the same in every account.
#[derive(Debug, PartialEq, Eq)]
pub struct Contract {
    pub(crate) permissions: Permissions,
    pub(crate) entities: entities::Entities,
    pub(crate) modules: Vec<Module>,
    pub(crate) roles: Vec<BuiltInRole>,
}

impl Contract {
    /// The contract that this program was built with.
    ///
    /// # Errors
    /// A data file that does not parse, or names what another does not have.
    pub fn built_in() -> Result<Arc<Contract>, ContractError> {
        let permissions = Permissions::read(include_str!("../../../../contracts/permissions.txt"))?;
        let modules = modules::read(include_str!("../../../../contracts/modules.csv"), &permissions)?;
        let roles = roles::read(include_str!("../../../../contracts/roles.csv"), &permissions, &modules)?;
        let entities = entities::Entities::read(include_str!("../../../../contracts/entities.csv"))?;
        Ok(Arc::new(Contract { permissions, entities, modules, roles }))
    }

    /// The entity of that name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<Entity> {
        self.entities.find(name)
    }

    /// The name of an entity.
    #[must_use]
    pub fn entity_name(&self, entity: Entity) -> &str {
        self.entities.name(entity)
    }

    /// All entities, in the order of the file.
    pub fn entities(&self) -> impl Iterator<Item = Entity> + '_ {
        self.entities.all()
    }

    /// The permissions that every account has, in the order of the file.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// All modules, in the order of the file.
    #[must_use]
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// The built-in roles, in the order of the file.
    #[must_use]
    pub fn built_in_roles(&self) -> &[BuiltInRole] {
        &self.roles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_reads_whole() {
        let contract = Contract::built_in().unwrap();
        assert_eq!(contract.permissions().len(), 179);
        assert_eq!(contract.built_in_roles().len(), 20);
        assert_eq!(contract.modules().len(), 15);
        assert_eq!(contract.entities().count(), 24);
    }

    /// A module cell of `roles.csv` is what the permissions of the role derive, no more and no less.
    #[test]
    fn the_stated_level_of_every_built_in_role_is_the_derived_one() {
        let contract = Contract::built_in().unwrap();
        for role in contract.built_in_roles() {
            for (module, stated) in contract.modules().iter().zip(&role.stated_levels) {
                if let Some(stated) = stated {
                    let derived = module.level(&role.permissions);
                    assert_eq!(derived, *stated, "{} {}", role.key, module.name());
                }
            }
        }
    }
}
