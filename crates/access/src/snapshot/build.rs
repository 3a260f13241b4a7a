//! A snapshot from the rows of a store, read in the order of their numbers.

use super::packed::{ENABLED, PROVISIONED, REMOVED, UserParts};
use super::profiles::ProfilesBuilder;
use super::users::UsersBuilder;
use super::{Account, ApplyError, Channel, Counters, Location, Retailer, Role, Snapshot};
use crate::catalogue::Contract;
use crate::change::{GrantSpec, Profile, SignIn, UserKind};
use crate::words::{
    Application, GrantId, Label, Login, Number, PermissionName, Revision, RoleId, RoleKey, UserId,
};
use std::sync::Arc;

/// A user as a store keeps them, without their grants.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Their id: the one after the last.
    pub id: UserId,
    /// Their login.
    pub login: Login,
    /// Name and e-mail.
    pub profile: Profile,
    /// A person or a system.
    pub kind: UserKind,
    /// How they sign in.
    pub sign_in: SignIn,
    /// Switched on by the administrators.
    pub enabled: bool,
    /// Switched on by the provisioner.
    pub provisioned: bool,
    /// Removed; the login stays reserved.
    pub removed: bool,
    /// What their sessions and tokens must carry.
    pub epoch: u32,
}

/// A custom role as a store keeps it.
#[derive(Clone, Debug)]
pub struct RoleRow {
    /// Its id.
    pub id: RoleId,
    /// Its key.
    pub key: RoleKey,
    /// Its label.
    pub label: Label,
    /// The application it is bound to.
    pub application: Option<Application>,
    /// What it holds.
    pub permissions: Vec<PermissionName>,
}

/// Takes rows and makes the snapshot. Order: permissions, roles, places (a parent before its children),
/// then users by number, each followed by their grants by number.
#[derive(Debug)]
pub struct Builder {
    snapshot: Snapshot,
    users: UsersBuilder,
    profiles: ProfilesBuilder,
    logins: Vec<(Box<str>, UserId)>,
    current: Option<(UserParts, Profile)>,
}

impl Builder {
    /// For an account at a revision.
    #[must_use]
    pub fn new(contract: Arc<Contract>, account: Account, revision: Revision, counters: Counters) -> Self {
        let mut snapshot = Snapshot::empty(contract, account);
        snapshot.revision = revision;
        snapshot.counters = counters;
        Self {
            snapshot,
            users: UsersBuilder::default(),
            profiles: ProfilesBuilder::default(),
            logins: Vec::new(),
            current: None,
        }
    }

    fn wrong(&self, what: &'static str) -> ApplyError {
        ApplyError::new(self.snapshot.revision, what)
    }

    /// The account's own permissions, in the order in which they were added.
    ///
    /// # Errors
    /// One that is there already.
    pub fn permission(&mut self, name: PermissionName) -> Result<(), ApplyError> {
        let added = Arc::make_mut(&mut self.snapshot.permissions).add(name).is_some();
        if !added {
            return Err(self.wrong("a permission is there twice"));
        }
        Arc::make_mut(&mut self.snapshot.roles).tabulate(&self.snapshot.permissions);
        Ok(())
    }

    /// A custom role.
    ///
    /// # Errors
    /// An unknown permission or an id out of range.
    pub fn role(&mut self, row: RoleRow) -> Result<(), ApplyError> {
        let set = self.snapshot.permissions.set(row.permissions.iter().map(PermissionName::as_str));
        let permissions = set.map_err(|_| self.wrong("a role holds an unknown permission"))?;
        let RoleRow { id, key, label, application, .. } = row;
        let role = Role { id, key, label, application, rank: None, every: false, permissions };
        let put = Arc::make_mut(&mut self.snapshot.roles).put(id, Some(role), &self.snapshot.permissions);
        if put { Ok(()) } else { Err(self.wrong("a role's number is out of range")) }
    }

    /// A retailer.
    ///
    /// # Errors
    /// One out of turn or with a ref that is taken.
    pub fn retailer(&mut self, row: Retailer) -> Result<(), ApplyError> {
        let added = Arc::make_mut(&mut self.snapshot.places).add_retailer(row);
        if added { Ok(()) } else { Err(self.wrong("a retailer is out of turn")) }
    }

    /// A location.
    ///
    /// # Errors
    /// One out of turn or with a ref that is taken.
    pub fn location(&mut self, row: Location) -> Result<(), ApplyError> {
        let added = Arc::make_mut(&mut self.snapshot.places).add_location(row);
        if added { Ok(()) } else { Err(self.wrong("a location is out of turn")) }
    }

    /// A sales channel.
    ///
    /// # Errors
    /// One out of turn or with a ref that is taken.
    pub fn channel(&mut self, row: Channel) -> Result<(), ApplyError> {
        let added = Arc::make_mut(&mut self.snapshot.places).add_channel(row);
        if added { Ok(()) } else { Err(self.wrong("a channel is out of turn")) }
    }

    /// The next user.
    ///
    /// # Errors
    /// One out of turn.
    pub fn user(&mut self, row: UserRow) -> Result<(), ApplyError> {
        self.end_user();
        if row.id.number() as usize != self.logins.len() + 1 {
            return Err(self.wrong("a user is out of turn"));
        }
        let mut parts = UserParts::new(&row.login, row.kind, row.sign_in);
        parts.flags &= !(ENABLED | PROVISIONED);
        let flag = |on: bool, flag: u32| if on { flag } else { 0 };
        parts.flags |=
            flag(row.enabled, ENABLED) | flag(row.provisioned, PROVISIONED) | flag(row.removed, REMOVED);
        parts.epoch = row.epoch;
        self.logins.push((row.login.as_str().into(), row.id));
        self.current = Some((parts, row.profile));
        Ok(())
    }

    /// The next grant of the user last given.
    ///
    /// # Errors
    /// An unknown role, or a grant before any user.
    pub fn grant(&mut self, id: GrantId, spec: &GrantSpec) -> Result<(), ApplyError> {
        let slot = self.snapshot.roles.slot(spec.role);
        let slot = slot.ok_or_else(|| self.wrong("a grant names an unknown role"))?;
        match &mut self.current {
            Some((parts, _)) => {
                super::PackedGrant::pack(&mut parts.grants, id, slot, &spec.scope, spec.validity);
                Ok(())
            }
            None => Err(self.wrong("a grant comes before its user")),
        }
    }

    fn end_user(&mut self) {
        if let Some((parts, profile)) = self.current.take() {
            self.users.push(&parts);
            self.profiles.push(&profile);
        }
    }

    /// The snapshot of all that was given.
    #[must_use]
    pub fn finish(mut self) -> Snapshot {
        self.end_user();
        let made = self.snapshot.counters.custom_roles as usize;
        Arc::make_mut(&mut self.snapshot.roles).reserve_custom(made, &self.snapshot.permissions);
        self.snapshot.users = self.users.finish();
        self.snapshot.profiles = self.profiles.finish();
        self.snapshot.logins = super::Logins::of(self.logins.iter().map(|(login, id)| (&**login, *id)));
        self.snapshot.count_administrators(&super::apply::Touched { everybody: true, ..Default::default() });
        self.snapshot
    }
}
