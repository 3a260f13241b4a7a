//! The built-in roles, from `roles.csv`.

use super::{ContractError, Module, ModuleLevel, PermissionSet, Permissions};
use crate::words::{Application, Label, RoleKey};

/// A role by its place in an account's table of roles; never reused while the account is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleSlot(pub(crate) u16);

impl RoleSlot {
    /// The place in the table.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// One row of `roles.csv`. Rows are only ever appended: a role's number is the number of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltInRole {
    /// Its identity.
    pub key: RoleKey,
    /// Its name for people.
    pub label: Label,
    /// The application it is bound to, for good; none: it counts everywhere.
    pub application: Option<Application>,
    /// Its rank in that application, 0 the strongest.
    pub rank: Option<u16>,
    /// Whether it holds every permission, those that accounts add included.
    pub every: bool,
    /// The permissions of the contract that it holds.
    pub permissions: PermissionSet,
    /// What the file says of each module, in the order of `modules.csv`; none where it says nothing.
    pub stated_levels: Vec<Option<ModuleLevel>>,
}

/// Columns before the modules: application, rank, key, label, opens, also.
const MODULES_FROM: usize = 6;

pub(super) fn read(
    text: &str,
    permissions: &Permissions,
    modules: &[Module],
) -> Result<Vec<BuiltInRole>, ContractError> {
    let wrong = |reason: String| ContractError::new("roles.csv", reason);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| wrong(e.to_string()))?.clone();
    if !header.iter().skip(MODULES_FROM).eq(modules.iter().map(Module::name)) {
        return Err(wrong("its module columns are not the rows of modules.csv in their order".into()));
    }
    reader
        .records()
        .map(|row| read_role(&row.map_err(|e| wrong(e.to_string()))?, permissions, modules))
        .collect()
}

fn read_role(
    row: &csv::StringRecord,
    permissions: &Permissions,
    modules: &[Module],
) -> Result<BuiltInRole, ContractError> {
    let cell = |i: usize| row.get(i).unwrap_or_default();
    let wrong = |reason: String| ContractError::new("roles.csv", format!("role `{}`: {reason}", cell(2)));
    let named = |text: &str| {
        permissions.set(text.split_whitespace()).map_err(|name| wrong(format!("unknown permission `{name}`")))
    };
    let every = cell(5) == "*";
    let mut held = named(cell(4))?;
    held.extend(&if every { permissions.all() } else { named(cell(5))? });
    let mut stated_levels = Vec::with_capacity(modules.len());
    for (i, module) in modules.iter().enumerate() {
        let level = match cell(MODULES_FROM + i) {
            "" => None,
            "none" => Some(ModuleLevel::None),
            "read" => Some(ModuleLevel::Read),
            "write" => Some(ModuleLevel::Write),
            other => return Err(wrong(format!("`{other}` is none of none, read, write"))),
        };
        held.extend(&module.permissions(level.unwrap_or(ModuleLevel::None)));
        stated_levels.push(level);
    }
    let application = match cell(0) {
        "" => None,
        name => Some(Application::parse(name).map_err(wrong)?),
    };
    let rank = match cell(1) {
        "" => None,
        digits => Some(digits.parse().map_err(|_| wrong(format!("`{digits}` is no rank")))?),
    };
    Ok(BuiltInRole {
        key: RoleKey::parse(cell(2)).map_err(|e| wrong(e.to_string()))?,
        label: Label::parse(cell(3)).map_err(|e| wrong(e.to_string()))?,
        application,
        rank,
        every,
        permissions: held,
        stated_levels,
    })
}
