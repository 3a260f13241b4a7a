//! The second interpreter of [`Change`]: the next snapshot.

use super::packed::{ENABLED, PROVISIONED, REMOVED, RESTRICTED, UserParts};
use super::{Account, Channel, Counters, Location, Retailer, Role, Roles, Snapshot};
use crate::catalogue::Contract;
use crate::change::{Change, Profile, SignIn, Switch};
use crate::words::{Number, PermissionName, Revision, RoleId, UserId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A change that does not fit the state it is applied to: the log and the state are of different origin.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a change does not fit revision {revision}: {what}")]
pub struct ApplyError {
    revision: Revision,
    what: &'static str,
}

impl Snapshot {
    /// The state before the first change of an account.
    #[must_use]
    pub(super) fn empty(contract: Arc<Contract>, account: Account) -> Self {
        let permissions = contract.permissions().clone();
        Self {
            roles: Arc::new(Roles::built_in(&contract, &permissions)),
            permissions: Arc::new(permissions),
            contract,
            account: Arc::new(account),
            revision: Revision(0),
            places: Arc::default(),
            entrances: Arc::default(),
            ended: super::Ended::default(),
            users: super::Users::default(),
            logins: super::Logins::default(),
            profiles: super::Profiles::default(),
            preferences: super::Preferences::default(),
            administrators: Arc::default(),
            counters: Counters::default(),
        }
    }

    /// The state after the first changeset of an account, which begins with `AccountCreated`.
    ///
    /// # Errors
    /// Another first change, or one that does not fit.
    pub fn first(contract: Arc<Contract>, changes: &[Change]) -> Result<Self, ApplyError> {
        match changes.split_first() {
            Some((Change::AccountCreated { id, r#ref, name }, rest)) => {
                let account = Account { id: *id, r#ref: r#ref.clone(), name: name.clone() };
                Self::empty(contract, account).apply(rest)
            }
            _ => Err(ApplyError { revision: Revision(0), what: "an account begins with its creation" }),
        }
    }

    /// The state after these changes, one revision on.
    ///
    /// # Errors
    /// A change that does not fit; nothing is applied then.
    pub fn apply(&self, changes: &[Change]) -> Result<Self, ApplyError> {
        self.clone().applied(changes)
    }

    /// [`Self::apply`] on a state that nobody else needs: what only it holds is changed in place, so that
    /// thousands of small steps do not copy the account thousands of times.
    ///
    /// # Errors
    /// A change that does not fit.
    pub fn applied(mut self, changes: &[Change]) -> Result<Self, ApplyError> {
        let revision = self.revision;
        self.revision = revision.next();
        let mut touched = Touched::default();
        for change in changes {
            self.apply_one(change, &mut touched).map_err(|what| ApplyError { revision, what })?;
        }
        self.count_administrators(&touched);
        Ok(self)
    }

    fn apply_one(&mut self, change: &Change, touched: &mut Touched) -> Result<(), &'static str> {
        match change {
            Change::AccountCreated { .. } => Err("an account is created once"),
            Change::AccountEdited { name } => {
                Arc::make_mut(&mut self.account).name = name.clone();
                Ok(())
            }
            Change::PermissionAdded { .. }
            | Change::RoleCreated { .. }
            | Change::RoleEdited { .. }
            | Change::RoleRemoved { .. } => {
                touched.everybody = true;
                self.apply_role(change)
            }
            Change::RetailerCreated { .. }
            | Change::RetailerEdited { .. }
            | Change::RetailerStatus { .. }
            | Change::LocationCreated { .. }
            | Change::LocationEdited { .. }
            | Change::LocationStatus { .. }
            | Change::ChannelCreated { .. }
            | Change::ChannelEdited { .. }
            | Change::ChannelStatus { .. } => self.apply_place(change),
            Change::ProviderSaved { .. }
            | Change::ProviderRemoved { .. }
            | Change::ClientAdded { .. }
            | Change::ClientRemoved { .. } => self.apply_entrance(change),
            Change::TokenEnded { id, at, until, .. } => {
                self.ended.end(*id, *at, *until);
                Ok(())
            }
            Change::UserCreated { .. }
            | Change::UserEdited { .. }
            | Change::UserSwitched { .. }
            | Change::UserSignedOut { .. }
            | Change::UserSignInSet { .. }
            | Change::UserAddressesSet { .. }
            | Change::UserRemoved { .. }
            | Change::GrantAdded { .. }
            | Change::GrantChanged { .. }
            | Change::GrantRemoved { .. } => self.apply_user(change, touched),
        }
    }

    fn apply_role(&mut self, change: &Change) -> Result<(), &'static str> {
        let set = |own: &Self, names: &[PermissionName]| {
            own.permissions.set(names.iter().map(PermissionName::as_str)).map_err(|_| "unknown permission")
        };
        let (id, role) = match change {
            Change::PermissionAdded { name } => {
                let permissions = Arc::make_mut(&mut self.permissions);
                permissions.add(name.clone()).ok_or("the permission is there already")?;
                Arc::make_mut(&mut self.roles).tabulate(&self.permissions);
                return Ok(());
            }
            Change::RoleCreated { id, key, label, application, permissions } => {
                let made = id.number().saturating_sub(RoleId::BUILT_IN_MAX);
                self.counters.custom_roles = self.counters.custom_roles.max(made);
                let permissions = set(self, permissions)?;
                let (key, label) = (key.clone(), label.clone());
                let role = Role {
                    id: *id,
                    key,
                    label,
                    application: *application,
                    rank: None,
                    every: false,
                    permissions,
                };
                (*id, Some(role))
            }
            Change::RoleEdited { id, label, permissions } => {
                let role = self.role(*id).ok_or("unknown role")?.clone();
                let permissions = set(self, permissions)?;
                (*id, Some(Role { label: label.clone(), permissions, ..role }))
            }
            Change::RoleRemoved { id } => (*id, None),
            _ => return Err("no change of roles"),
        };
        let put = Arc::make_mut(&mut self.roles).put(id, role, &self.permissions);
        if put { Ok(()) } else { Err("no custom role has that id") }
    }

    fn apply_place(&mut self, change: &Change) -> Result<(), &'static str> {
        let places = Arc::make_mut(&mut self.places);
        let right = match change.clone() {
            Change::RetailerCreated { id, r#ref, name, default_channel } => {
                places.add_retailer(Retailer { id, r#ref, name, default_channel, open: true })
            }
            Change::LocationCreated { id, retailer, r#ref, name, kind } => {
                places.retailer(retailer).is_some()
                    && places.add_location(Location { id, retailer, r#ref, name, kind, open: true })
            }
            Change::ChannelCreated { id, retailer, r#ref, name } => {
                places.retailer(retailer).is_some()
                    && places.add_channel(Channel { id, retailer, r#ref, name, open: true })
            }
            Change::RetailerEdited { id, name, default_channel } => places
                .retailer_mut(id)
                .map(|r| (r.name, r.default_channel) = (name, default_channel))
                .is_some(),
            Change::LocationEdited { id, name, kind } => {
                places.location_mut(id).map(|l| (l.name, l.kind) = (name, kind)).is_some()
            }
            Change::ChannelEdited { id, name } => places.channel_mut(id).map(|c| c.name = name).is_some(),
            Change::RetailerStatus { id, open } => places.retailer_mut(id).map(|r| r.open = open).is_some(),
            Change::LocationStatus { id, open } => places.location_mut(id).map(|l| l.open = open).is_some(),
            Change::ChannelStatus { id, open } => places.channel_mut(id).map(|c| c.open = open).is_some(),
            _ => false,
        };
        if right { Ok(()) } else { Err("a place that is there twice, is unknown or out of turn") }
    }

    fn apply_entrance(&mut self, change: &Change) -> Result<(), &'static str> {
        if let Change::ClientAdded { client } = change
            && self.places.retailer(client.retailer).is_none()
        {
            return Err("an API client of an unknown retailer");
        }
        let entrances = Arc::make_mut(&mut self.entrances);
        let right = match change {
            Change::ProviderSaved { provider } => entrances.save_provider(provider.clone()),
            Change::ProviderRemoved { id } => entrances.remove_provider(*id),
            Change::ClientAdded { client } => entrances.add_client(client.clone()),
            Change::ClientRemoved { id } => entrances.remove_client(*id),
            _ => false,
        };
        if right {
            Ok(())
        } else {
            Err("a provider or client that is there twice, is unknown or out of turn")
        }
    }

    fn apply_user(&mut self, change: &Change, touched: &mut Touched) -> Result<(), &'static str> {
        let id = change.user().ok_or("no change of a user")?;
        touched.users.insert(id);
        if let Change::UserCreated { sign_in, .. } | Change::UserSignInSet { sign_in, .. } = change
            && let SignIn::Sso(provider) = sign_in
            && self.entrances.provider(*provider).is_none()
        {
            return Err("a user who signs in by an unknown provider");
        }
        if let Change::UserCreated { login, profile, kind, sign_in, .. } = change {
            if id.number() as usize != self.users.count() + 1 || self.user_of_login(login).is_some() {
                return Err("a user out of turn, or a login that is taken");
            }
            let put = self.users.put(id, &UserParts::new(login, *kind, *sign_in));
            self.logins.insert(login.as_str(), id);
            self.put_profile(id, profile);
            return if put { Ok(()) } else { Err("a user out of turn") };
        }
        let user = self.user(id).ok_or("unknown user")?;
        if let Change::UserEdited { profile, .. } = change {
            self.put_profile(id, profile);
            return Ok(());
        }
        let mut parts = UserParts::of(user);
        if let Change::UserAddressesSet { ranges, .. } = change {
            Arc::make_mut(&mut self.entrances).set_ranges(id, ranges.clone());
        }
        self.apply_to(&mut parts, change)?;
        if self.users.put(id, &parts) { Ok(()) } else { Err("unknown user") }
    }

    fn put_profile(&mut self, id: UserId, profile: &Profile) {
        self.profiles.put(id, profile);
        self.preferences.put(id, profile.language, profile.time_zone.as_ref());
    }

    fn apply_to(&mut self, user: &mut UserParts, change: &Change) -> Result<(), &'static str> {
        match change {
            Change::UserSwitched { by, on, .. } => {
                let flag = match by {
                    Switch::Administrators => ENABLED,
                    Switch::Provisioner => PROVISIONED,
                };
                user.flags = if *on { user.flags | flag } else { user.flags & !flag };
                user.epoch += u32::from(!*on);
            }
            Change::UserSignedOut { .. } => user.epoch += 1,
            Change::UserSignInSet { sign_in, .. } => {
                user.set_sign_in(*sign_in);
                user.epoch += 1;
            }
            Change::UserAddressesSet { ranges, .. } => {
                user.flags =
                    if ranges.is_empty() { user.flags & !RESTRICTED } else { user.flags | RESTRICTED };
            }
            Change::UserRemoved { .. } => {
                user.flags |= REMOVED;
                user.epoch += 1;
            }
            Change::GrantAdded { grant } => {
                let slot = self.roles.slot(grant.spec.role).ok_or("unknown role")?;
                self.counters.grants = self.counters.grants.max(grant.id.number());
                user.add_grant(grant.id, slot, &grant.spec.scope, grant.spec.validity);
            }
            Change::GrantChanged { id, scope, validity, .. } => {
                let role = user.take_grant(*id).ok_or("unknown grant")?;
                user.add_grant(*id, role, scope, *validity);
            }
            Change::GrantRemoved { id, .. } => {
                user.take_grant(*id).ok_or("unknown grant")?;
            }
            _ => return Err("no change of a user"),
        }
        Ok(())
    }

    /// Looks at the users who were touched; at everybody when roles were.
    pub(super) fn count_administrators(&mut self, touched: &Touched) {
        let everything = self.permissions.all();
        if touched.everybody {
            let all =
                self.users.iter().map(|(id, _)| id).filter(|id| self.is_administrator(*id, &everything));
            self.administrators = Arc::new(all.collect());
            return;
        }
        for id in &touched.users {
            let is = self.is_administrator(*id, &everything);
            if is != self.administrators.contains(id) {
                let all = Arc::make_mut(&mut self.administrators);
                if is {
                    all.insert(*id)
                } else {
                    all.remove(id)
                };
            }
        }
    }
}

/// Whose standing a changeset may have altered.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub users: BTreeSet<UserId>,
    pub everybody: bool,
}

impl Change {
    /// The user it is about.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self {
            Change::UserCreated { id, .. }
            | Change::UserEdited { id, .. }
            | Change::UserSwitched { id, .. }
            | Change::UserSignedOut { id }
            | Change::UserSignInSet { id, .. }
            | Change::UserAddressesSet { id, .. }
            | Change::UserRemoved { id } => Some(*id),
            Change::GrantAdded { grant } => Some(grant.user),
            Change::GrantChanged { user, .. }
            | Change::GrantRemoved { user, .. }
            | Change::TokenEnded { user, .. } => Some(*user),
            _ => None,
        }
    }
}

impl ApplyError {
    pub(super) fn new(revision: Revision, what: &'static str) -> Self {
        Self { revision, what }
    }
}
