//! The roles of an account, with the flat tables that the engine reads.

use crate::catalogue::{Contract, PermissionId, PermissionSet, Permissions, RoleSlot};
use crate::words::{Application, Applications, Label, Number, RoleId, RoleKey};

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its identity on every wire.
    pub key: RoleKey,
    /// Its name for people.
    pub label: Label,
    /// The application it is bound to, for good; none: it counts everywhere.
    pub application: Option<Application>,
    /// Its rank in that application, 0 the strongest; custom roles have none.
    pub rank: Option<u16>,
    /// Whether it holds every permission, custom ones included.
    pub every: bool,
    /// What it holds.
    pub permissions: PermissionSet,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    rows: Vec<Option<Role>>,
    built_in: usize,
    /// `stride` words of permission bits a role.
    bits: Vec<u64>,
    stride: usize,
    /// Applications that a role counts in, and those that it opens.
    counts: Vec<Applications>,
    opens: Vec<Applications>,
}

impl Roles {
    /// Most custom roles an account may ever make.
    pub(crate) const CUSTOM_MAX: usize = 20_000;

    pub(super) fn built_in(contract: &Contract, permissions: &Permissions) -> Self {
        let row = |(i, role): (usize, &crate::catalogue::BuiltInRole)| {
            let id = u32::try_from(i + 1).ok().and_then(RoleId::from_number)?;
            Some(Role {
                id,
                key: role.key.clone(),
                label: role.label.clone(),
                application: role.application,
                rank: role.rank,
                every: role.every,
                permissions: role.permissions.clone(),
            })
        };
        let rows: Vec<_> = contract.built_in_roles().iter().enumerate().map(row).collect();
        let mut roles = Self { built_in: rows.len(), rows, ..Self::default() };
        roles.tabulate(permissions);
        roles
    }

    /// Where the role of that id is or would be; built-in ones lie first.
    pub(crate) fn slot(&self, id: RoleId) -> Option<RoleSlot> {
        slot_among(self.built_in, id)
    }

    pub(crate) fn at(&self, slot: RoleSlot) -> Option<&Role> {
        self.rows.get(slot.index())?.as_ref()
    }

    pub(crate) fn get(&self, id: RoleId) -> Option<&Role> {
        self.at(self.slot(id)?)
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Role> {
        self.iter().find(|r| r.key.as_str() == key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Role> {
        self.rows.iter().flatten()
    }

    /// How many custom roles there ever were.
    pub(crate) fn custom_count(&self) -> usize {
        self.rows.len() - self.built_in
    }

    /// Puts a role in its place or empties that; whether there is such a place.
    #[must_use]
    pub(super) fn put(&mut self, id: RoleId, role: Option<Role>, permissions: &Permissions) -> bool {
        let Some(slot) = self.slot(id) else { return false };
        if slot.index() < self.built_in || self.custom_count() >= Self::CUSTOM_MAX {
            return false;
        }
        if self.rows.len() <= slot.index() {
            self.rows.resize(slot.index() + 1, None);
        }
        if let Some(row) = self.rows.get_mut(slot.index()) {
            *row = role;
        }
        self.tabulate(permissions);
        true
    }

    /// Makes the table as long as it was when the last custom role was made, removed ones included.
    pub(super) fn reserve_custom(&mut self, made: usize, permissions: &Permissions) {
        self.rows.resize(self.built_in + made.min(Self::CUSTOM_MAX), None);
        self.tabulate(permissions);
    }

    /// Writes the flat tables anew, after a change of a role or of the catalogue.
    pub(super) fn tabulate(&mut self, permissions: &Permissions) {
        let every = permissions.all();
        for role in self.rows.iter_mut().flatten().filter(|r| r.every) {
            role.permissions = every.clone();
        }
        self.stride = permissions.len().div_ceil(64);
        let openers = Application::ALL.map(|a| (a, permissions.find(a.access_permission())));
        self.bits.clear();
        self.counts.clear();
        self.opens.clear();
        for row in &self.rows {
            let words = row.as_ref().map_or(&[][..], |r| r.permissions.words());
            self.bits.extend(words.iter().copied().chain(std::iter::repeat(0)).take(self.stride));
            self.counts.push(row.as_ref().map_or(Applications::NONE, Role::counts_in));
            self.opens.push(row.as_ref().map_or(Applications::NONE, |r| r.opens(&openers)));
        }
    }

    #[inline]
    pub(crate) fn holds(&self, slot: RoleSlot, permission: PermissionId) -> bool {
        let word = slot.index() * self.stride + permission.index() / 64;
        self.bits.get(word).is_some_and(|bits| bits >> (permission.index() % 64) & 1 != 0)
    }

    #[inline]
    pub(crate) fn counts_in(&self, slot: RoleSlot, application: Application) -> bool {
        self.counts.get(slot.index()).is_some_and(|set| set.contains(application))
    }

    /// Whether a grant of it lets its holder enter the application (where it counts).
    #[inline]
    pub(crate) fn opens(&self, slot: RoleSlot, application: Application) -> bool {
        self.opens.get(slot.index()).is_some_and(|set| set.contains(application))
    }
}

/// [`Roles::slot`] where there are that many built-in roles.
pub(super) fn slot_among(built_in: usize, id: RoleId) -> Option<RoleSlot> {
    let number = id.number() as usize;
    let index = match number.checked_sub(RoleId::BUILT_IN_MAX as usize + 1) {
        Some(custom) => built_in + custom,
        None if number <= built_in => number - 1,
        None => return None,
    };
    u16::try_from(index).ok().map(RoleSlot)
}

impl Role {
    /// The applications in which a grant of it counts.
    #[must_use]
    pub fn counts_in(&self) -> Applications {
        self.application.map_or(Applications::ALL, |one| Applications::NONE.with(one))
    }

    /// The applications that it opens: by their permission; the API by being unbound, too.
    fn opens(&self, openers: &[(Application, Option<PermissionId>)]) -> Applications {
        let mut set = Applications::NONE;
        for (application, permission) in openers {
            let by_permission = permission.is_some_and(|p| self.permissions.contains(p));
            let unbound = *application == Application::Api && self.application.is_none();
            if self.counts_in().contains(*application) && (by_permission || unbound) {
                set = set.with(*application);
            }
        }
        set
    }
}
