//! Roles and permissions of an account. Built-in roles are fixed.

use super::{Command, Refusal, spend_keeping_an_administrator};
use crate::catalogue::{PermissionSet, Permissions};
use crate::change::{Change, Changeset, GrantSpec};
use crate::delegation::{Giver, Off};
use crate::proof::{Authorized, Demand, Guarded, Where};
use crate::scope::Scope;
use crate::snapshot::{Role, Roles, Snapshot, UserRef};
use crate::words::{Application, GrantId, Label, Number, PermissionName, RoleId, RoleKey, UserId};

/// A permission of the account's own. Roles that hold every permission hold it at once.
#[derive(Clone, Debug)]
pub struct AddPermission {
    /// Its name.
    pub name: PermissionName,
}

impl Guarded for AddPermission {
    fn demand(&self, _on: &Snapshot) -> Demand {
        account_wide("ROLE_CREATE")
    }
}

impl Command for AddPermission {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (on, name) = (proof.snapshot(), proof.operation().name.clone());
        if on.permissions().find(name.as_str()).is_some() {
            return Err(Refusal::Taken { what: "permission", given: name.to_string(), by: "" });
        }
        if on.permissions().len() >= Permissions::COUNT_MAX {
            return Err(Refusal::TooMany { what: "permissions", max: Permissions::COUNT_MAX });
        }
        spend_keeping_an_administrator(proof, vec![Change::PermissionAdded { name }])
    }
}

/// A new custom role.
#[derive(Clone, Debug)]
pub struct CreateRole {
    /// Its identity.
    pub key: RoleKey,
    /// Its name for people.
    pub label: Label,
    /// The application it is bound to, for good; none: it counts everywhere.
    pub application: Option<Application>,
    /// What it holds.
    pub permissions: Vec<PermissionName>,
}

impl Guarded for CreateRole {
    fn demand(&self, _on: &Snapshot) -> Demand {
        account_wide("ROLE_CREATE")
    }
}

impl Command for CreateRole {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let wanted = proof.operation().clone();
        let held = permission_set(proof.snapshot(), &wanted.permissions)?;
        create(proof, wanted.key, wanted.label, wanted.application, &held)
    }
}

/// A custom role with the permissions and the application of another role.
#[derive(Clone, Debug)]
pub struct CopyRole {
    /// Which.
    pub from: RoleId,
    /// The copy's identity.
    pub key: RoleKey,
    /// Its name for people.
    pub label: Label,
}

impl Guarded for CopyRole {
    fn demand(&self, _on: &Snapshot) -> Demand {
        account_wide("ROLE_CREATE")
    }
}

impl Command for CopyRole {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let CopyRole { from, key, label } = proof.operation().clone();
        let original = proof.snapshot().role(from).ok_or_else(|| Refusal::unknown("role", from))?;
        let (application, held) = (original.application, original.permissions.clone());
        create(proof, key, label, application, &held)
    }
}

fn create<Op>(
    proof: Authorized<'_, Op>,
    key: RoleKey,
    label: Label,
    application: Option<Application>,
    held: &PermissionSet,
) -> Result<Changeset, Refusal> {
    let on = proof.snapshot();
    if on.find_role(key.as_str()).is_some() {
        return Err(Refusal::Taken { what: "role key", given: key.to_string(), by: "" });
    }
    let made = on.counters().custom_roles;
    if made as usize >= Roles::CUSTOM_MAX {
        return Err(Refusal::TooMany { what: "custom roles", max: Roles::CUSTOM_MAX });
    }
    Giver::of(&proof).holds_account_wide(held)?;
    let id = RoleId::from_number(RoleId::BUILT_IN_MAX + 1 + made).ok_or(Refusal::Nothing)?;
    let permissions = names(on, held);
    Ok(proof.spend(vec![Change::RoleCreated { id, key, label, application, permissions }]))
}

/// The label and permissions of a custom role.
#[derive(Clone, Debug)]
pub struct EditRole {
    /// Which.
    pub id: RoleId,
    /// Its name for people.
    pub label: Label,
    /// What it holds, whole.
    pub permissions: Vec<PermissionName>,
}

impl Guarded for EditRole {
    fn demand(&self, on: &Snapshot) -> Demand {
        let demand = account_wide("ROLE_UPDATE");
        let takes = on.role(self.id).zip(permission_set(on, &self.permissions).ok());
        match takes.is_some_and(|(role, new)| !role.permissions.is_subset(&new)) {
            true => demand.and("PERMISSIONSFROMROLE_REMOVE", Where::Covering(Scope::account())),
            false => demand,
        }
    }
}

impl Command for EditRole {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let EditRole { id, label, permissions } = proof.operation().clone();
        let on = proof.snapshot();
        let role = editable(&proof, id)?;
        let new = permission_set(on, &permissions)?;
        let giver = Giver::of(&proof);
        giver.holds_account_wide(&new.without(&role.permissions))?;
        if !role.permissions.is_subset(&new) && !Off::current().taken {
            could_give_everywhere(on, &giver, id)?;
        }
        omc_logins(on, role, &new)?;
        let permissions = names(on, &new);
        spend_keeping_an_administrator(proof, vec![Change::RoleEdited { id, label, permissions }])
    }
}

/// Removes a custom role, and with it every grant of it.
#[derive(Clone, Debug)]
pub struct RemoveRole {
    /// Which.
    pub id: RoleId,
}

impl Guarded for RemoveRole {
    fn demand(&self, _on: &Snapshot) -> Demand {
        account_wide("ROLE_REMOVE")
    }
}

impl Command for RemoveRole {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (on, id) = (proof.snapshot(), proof.operation().id);
        editable(&proof, id)?;
        could_give_everywhere(on, &Giver::of(&proof), id)?;
        let grants = grants_of(on, id);
        let mut changes: Vec<Change> =
            grants.map(|(user, grant, _)| Change::GrantRemoved { id: grant, user }).collect();
        changes.push(Change::RoleRemoved { id });
        spend_keeping_an_administrator(proof, changes)
    }
}

/// Rule 4: a role holds wherever it is granted, so roles are managed from (All, All, All) alone; a grant at
/// listed channels would admit the role as a resource, too.
fn account_wide(permission: &'static str) -> Demand {
    Demand::new(permission, Where::Covering(Scope::account()))
}

/// A custom role that the actor does not hold.
fn editable<'s, Op>(proof: &Authorized<'s, Op>, id: RoleId) -> Result<&'s Role, Refusal> {
    let on = proof.snapshot();
    let role = on.role(id).ok_or_else(|| Refusal::unknown("role", id))?;
    if id.is_built_in() {
        return Err(Refusal::BuiltInRole(role.key.to_string()));
    }
    let own = proof.subject().user().map(|user| on.grants(user)).unwrap_or_default();
    if own.iter().any(|g| g.spec.role == id) && !Off::current().own_role {
        return Err(Refusal::OwnRole);
    }
    Ok(role)
}

/// Rule 4: who takes from a role could give it wherever it is granted.
fn could_give_everywhere(on: &Snapshot, giver: &Giver<'_>, id: RoleId) -> Result<(), Refusal> {
    for (_, _, spec) in grants_of(on, id) {
        giver.could_give(&spec, "USER_UPDATE")?;
    }
    Ok(())
}

fn grants_of(on: &Snapshot, id: RoleId) -> impl Iterator<Item = (UserId, GrantId, GrantSpec)> + '_ {
    let slot = on.roles.slot(id);
    on.users_after(None).flat_map(move |(user, found)| {
        let of_role = found.grants().filter(move |g| Some(g.role()) == slot);
        of_role.filter_map(move |g| on.unpack(user, g)).map(move |g| (user, g.id, g.spec))
    })
}

/// OneStock: an edit does not open the OMC to a user whose login is no e-mail.
fn omc_logins(on: &Snapshot, role: &Role, new: &PermissionSet) -> Result<(), Refusal> {
    let omc = on.permissions().find(Application::Omc.access_permission());
    let opens = |held: &PermissionSet| {
        omc.is_some_and(|p| held.contains(p)) && role.counts_in().contains(Application::Omc)
    };
    if opens(&role.permissions) || !opens(new) {
        return Ok(());
    }
    for (user, _, _) in grants_of(on, role.id) {
        let login = on.user(user).map(UserRef::login).unwrap_or_default();
        if !crate::words::is_email(&login) {
            return Err(Refusal::OmcNeedsEmail(login));
        }
    }
    Ok(())
}

fn permission_set(on: &Snapshot, names: &[PermissionName]) -> Result<PermissionSet, Refusal> {
    on.permissions()
        .set(names.iter().map(PermissionName::as_str))
        .map_err(|name| Refusal::unknown("permission", name))
}

fn names(on: &Snapshot, held: &PermissionSet) -> Vec<PermissionName> {
    let all = on.permissions().names();
    held.iter().filter_map(|p| all.get(p.index()).cloned()).collect()
}
