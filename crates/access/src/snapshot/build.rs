//! A snapshot from the rows of a store, read in the order of their numbers.

use super::grant_rows::GrantRows;
use super::packed::{RESTRICTED, UserWords, flags, provider_number};
use super::profiles::ProfilesBuilder;
use super::users::UsersBuilder;
use super::{Account, ApplyError, Channel, Counters, Location, Retailer, Role, Snapshot};
use crate::catalogue::Contract;
use crate::change::{ApiClient, GrantSpec, IdentityProvider, Profile, SignIn, UserKind};
use crate::time::Instant;
use crate::words::{
    AddressRange, Application, GrantId, Label, Login, Number, PermissionName, Revision, RoleId, RoleKey,
    TokenId, UserId,
};
use std::sync::Arc;

/// A user as a store keeps them, without their grants.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Their id: the one after the last.
    pub id: UserId,
    /// Their login.
    pub login: Login,
    /// Name, e-mail, language and time zone.
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
/// then users by number, each followed by their grants by number, or all users and then all grants at once.
#[derive(Debug)]
pub struct Builder {
    snapshot: Snapshot,
    profiles: ProfilesBuilder,
    users: Vec<UserHead>,
    /// All logins, one behind the other.
    logins: String,
    grants: GrantRows,
}

/// A user whose login ends there; it begins where the one before ends.
#[derive(Debug)]
struct UserHead {
    id: UserId,
    flags: u32,
    epoch: u32,
    provider: u32,
    login_end: usize,
}

impl Builder {
    /// For an account at a revision.
    #[must_use]
    pub fn new(contract: Arc<Contract>, account: Account, revision: Revision, counters: Counters) -> Self {
        let grants = GrantRows::new(&contract);
        let mut snapshot = Snapshot::empty(contract, account);
        snapshot.revision = revision;
        snapshot.counters = counters;
        let (profiles, users, logins) = (ProfilesBuilder::default(), Vec::new(), String::new());
        Self { snapshot, profiles, users, logins, grants }
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
    #[expect(clippy::needless_pass_by_value, reason = "a row goes into one snapshot")]
    pub fn user(&mut self, row: UserRow) -> Result<(), ApplyError> {
        if row.id.number() as usize != self.users.len() + 1 {
            return Err(self.wrong("a user is out of turn"));
        }
        self.logins.push_str(row.login.as_str());
        self.profiles.push(&row.profile);
        let (language, time_zone) = (row.profile.language, row.profile.time_zone.as_ref());
        self.snapshot.preferences.put(row.id, language, time_zone);
        self.users.push(UserHead {
            id: row.id,
            flags: flags(row.kind, row.sign_in, row.enabled, row.provisioned, row.removed),
            epoch: row.epoch,
            provider: provider_number(row.sign_in),
            login_end: self.logins.len(),
        });
        Ok(())
    }

    /// The next grant of the user last given.
    ///
    /// # Errors
    /// An unknown role, a grant out of turn, or one before any user.
    pub fn grant(&mut self, id: GrantId, spec: &GrantSpec) -> Result<(), ApplyError> {
        let user = u32::try_from(self.users.len()).ok().and_then(UserId::from_number);
        let user = user.ok_or_else(|| self.wrong("a grant comes before its user"))?;
        self.grants.push_spec(user, id, spec)
    }

    /// An identity provider, in the order of their numbers, removed ones too.
    ///
    /// # Errors
    /// One out of turn or with a ref that is taken.
    pub fn provider(&mut self, row: IdentityProvider, removed: bool) -> Result<(), ApplyError> {
        let entrances = Arc::make_mut(&mut self.snapshot.entrances);
        let id = row.id;
        let added = entrances.save_provider(row) && (!removed || entrances.remove_provider(id));
        if added { Ok(()) } else { Err(self.wrong("an identity provider is out of turn")) }
    }

    /// An API client, in the order of their numbers, removed ones too.
    ///
    /// # Errors
    /// One out of turn or with a ref that is taken.
    pub fn client(&mut self, row: ApiClient, removed: bool) -> Result<(), ApplyError> {
        let entrances = Arc::make_mut(&mut self.snapshot.entrances);
        let id = row.id;
        let added = entrances.add_client(row) && (!removed || entrances.remove_client(id));
        if added { Ok(()) } else { Err(self.wrong("an API client is out of turn")) }
    }

    /// The addresses that a user comes in from.
    pub fn addresses(&mut self, user: UserId, ranges: Vec<AddressRange>) {
        Arc::make_mut(&mut self.snapshot.entrances).set_ranges(user, ranges);
    }

    /// A session or token that ended before its time.
    pub fn ended(&mut self, id: TokenId, until: Instant) {
        self.snapshot.ended.put(id, until);
    }

    /// All grants at once, after the last user.
    ///
    /// # Errors
    /// Grants that came one by one before, or a grant of nobody.
    pub fn grants(&mut self, grants: GrantRows) -> Result<(), ApplyError> {
        if self.grants.last_user().is_some() {
            return Err(self.wrong("grants come twice"));
        }
        if grants.last_user().is_some_and(|user| user.number() as usize > self.users.len()) {
            return Err(self.wrong("a grant names an unknown user"));
        }
        self.grants = grants;
        Ok(())
    }

    /// The snapshot of all that was given.
    #[must_use]
    pub fn finish(mut self) -> Snapshot {
        let made = self.snapshot.counters.custom_roles as usize;
        Arc::make_mut(&mut self.snapshot.roles).reserve_custom(made, &self.snapshot.permissions);
        let mut users = UsersBuilder::default();
        let mut grants = self.grants.by_user();
        for ((id, login), head) in named(&self.logins, &self.users).zip(&self.users) {
            let grants = grants.of(id);
            let UserHead { flags, epoch, provider, .. } = *head;
            let flags =
                if self.snapshot.entrances.ranges(id).is_empty() { flags } else { flags | RESTRICTED };
            users.push(&UserWords { flags, epoch, provider, login, grants });
        }
        self.snapshot.users = users.finish();
        let logins = named(&self.logins, &self.users);
        self.snapshot.logins = super::Logins::of(logins.map(|(id, login)| (login, id)));
        self.snapshot.profiles = self.profiles.finish();
        self.snapshot.count_administrators(&super::apply::Touched { everybody: true, ..Default::default() });
        self.snapshot
    }
}

/// The users with their logins, in the order of their numbers.
fn named<'b>(
    logins: &'b str,
    users: &'b [UserHead],
) -> impl ExactSizeIterator<Item = (UserId, &'b str)> + use<'b> {
    let mut begin = 0;
    users.iter().map(move |user| {
        let login = logins.get(begin..user.login_end).unwrap_or_default();
        begin = user.login_end;
        (user.id, login)
    })
}
