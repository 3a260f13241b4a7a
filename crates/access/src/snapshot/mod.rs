//! The access state of one account at one revision: immutable, shared, cheap to succeed.
//!
//! **Invariant:** a snapshot never changes; a change makes the next one, which shares all but the leaves
//! that changed.
//! **Invariant:** `load() == fold(apply)`: the state read from the tables is that of all changes applied.

mod apply;
mod branch;
mod build;
mod ended;
mod entrances;
mod grant_rows;
mod login_head;
mod logins;
mod packed;
mod packed_grant;
mod places;
mod preferences;
mod profiles;
mod roles;
mod users;

pub use apply::ApplyError;
pub use build::{Builder, RoleRow, UserRow};
pub use entrances::Entrances;
pub use grant_rows::{GrantRow, GrantRows, LocationNumbers};
pub use packed::UserRef;
pub(crate) use packed_grant::{Listed, Need, PackedGrant};
pub use places::{Channel, Location, Places, Retailer};
pub(crate) use profiles::{END as PROFILE_END, FIELD as PROFILE_FIELD, LEAF as PROFILES_EACH};
pub use roles::Role;
pub(crate) use roles::Roles;

use crate::catalogue::{Contract, PermissionSet, Permissions};
use crate::change::{Grant, GrantSpec, Profile};
use crate::words::{
    AccountId, Application, Label, Language, Login, Number, Ref, Revision, RoleId, TimeZoneName, TokenId,
    UserId,
};
use ended::Ended;
use logins::Logins;
use preferences::Preferences;
use profiles::Profiles;
use std::collections::BTreeSet;
use std::sync::Arc;
use users::Users;

/// The tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its key, unique in the installation.
    pub r#ref: Ref,
    /// Its name.
    pub name: Label,
}

/// How many of each kind were ever made: the next number is one more. Users need no count of their own:
/// none is ever forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Grants.
    pub grants: u32,
    /// Custom roles.
    pub custom_roles: u32,
}

/// The access state of an account at a revision.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) contract: Arc<Contract>,
    pub(crate) account: Arc<Account>,
    pub(crate) revision: Revision,
    pub(crate) permissions: Arc<Permissions>,
    pub(crate) roles: Arc<Roles>,
    pub(crate) places: Arc<Places>,
    pub(crate) entrances: Arc<Entrances>,
    ended: Ended,
    users: Users,
    logins: Logins,
    profiles: Profiles,
    preferences: Preferences,
    /// Active users who hold every permission account-wide without end, in an application they may enter.
    administrators: Arc<BTreeSet<UserId>>,
    pub(crate) counters: Counters,
}

impl PartialEq for Snapshot {
    /// The login index is left out: it is keyed anew each time, and follows from the users.
    fn eq(&self, other: &Self) -> bool {
        self.account == other.account
            && self.revision == other.revision
            && self.permissions == other.permissions
            && self.roles == other.roles
            && self.places == other.places
            && self.entrances == other.entrances
            && self.ended == other.ended
            && self.users == other.users
            && self.profiles == other.profiles
            && self.preferences == other.preferences
            && self.administrators == other.administrators
            && self.counters == other.counters
    }
}

impl Snapshot {
    /// The account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The version of this state.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// What is the same in every account.
    #[must_use]
    pub fn contract(&self) -> &Arc<Contract> {
        &self.contract
    }

    /// The permissions of the account.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// The context tree.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Identity providers, API clients and allowed addresses.
    #[must_use]
    pub fn entrances(&self) -> &Entrances {
        &self.entrances
    }

    /// Whether a session or token ended before its time. The epoch of its user ends it, too.
    #[must_use]
    #[inline]
    pub fn has_ended(&self, token: TokenId) -> bool {
        self.ended.has(token)
    }

    /// The shard in which an ended session or token is kept: a store sweeps it as [`Self::apply`] does.
    #[must_use]
    pub fn shard_of_ended(token: TokenId) -> usize {
        Ended::shard(token)
    }

    /// How many of each kind were ever made.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The role of that id.
    #[must_use]
    pub fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.get(id)
    }

    /// The role of that key or id.
    #[must_use]
    pub fn find_role(&self, text: &str) -> Option<&Role> {
        match RoleId::read(text) {
            Some(id) => self.role(id),
            None => self.roles.find(text),
        }
    }

    /// All roles, built-in ones first.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter()
    }

    /// The user of that number, removed ones too.
    #[must_use]
    #[inline]
    pub fn user(&self, id: UserId) -> Option<UserRef<'_>> {
        self.users.get(id)
    }

    /// The user of that login, removed ones too. The login is one in lower case.
    #[must_use]
    pub fn user_of_login(&self, login: &Login) -> Option<UserId> {
        self.user_of_text(login.as_str())
    }

    fn user_of_text(&self, login: &str) -> Option<UserId> {
        self.logins.candidates(login).find(|id| self.user(*id).is_some_and(|u| u.has_login(login)))
    }

    /// The user of that id or login, removed ones too.
    #[must_use]
    pub fn find_user(&self, text: &str) -> Option<UserId> {
        // No login looks like an id, so most texts are told apart by how they begin.
        if text.starts_with(UserId::PREFIX)
            && let Ok(id) = UserId::parse(text)
        {
            return self.user(id).map(|_| id);
        }
        // Every byte is looked at, eight or more at a time: cheaper than to stop at the first.
        if text.bytes().fold(false, |found, b| found | b.is_ascii_uppercase() | !b.is_ascii()) {
            return self.user_of_text(&text.to_lowercase());
        }
        self.user_of_text(text)
    }

    /// How many users there ever were, removed ones included.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.users.count()
    }

    /// The users behind `after` in the order of their numbers, removed ones too.
    pub fn users_after(&self, after: Option<UserId>) -> impl Iterator<Item = (UserId, UserRef<'_>)> {
        self.users.after(after)
    }

    /// Name and e-mail of a user; the e-mail is empty when there is none.
    #[must_use]
    pub fn profile(&self, id: UserId) -> Option<(&str, &str)> {
        self.profiles.get(id)
    }

    /// The language that a user chose; none where they chose none.
    #[must_use]
    pub fn language(&self, id: UserId) -> Option<Language> {
        self.preferences.get(id).0
    }

    /// The time zone that a user chose; none where they chose none.
    #[must_use]
    pub fn time_zone(&self, id: UserId) -> Option<&TimeZoneName> {
        self.preferences.get(id).1
    }

    /// All of a user's profile: what an edit of a part of it begins with.
    #[must_use]
    pub fn whole_profile(&self, id: UserId) -> Option<Profile> {
        let (name, email) = self.profile(id)?;
        let (language, time_zone) = self.preferences.get(id);
        let email = Label::parse(email).ok();
        // What is kept was a name when it was put here.
        Some(Profile { name: Label::parse(name).ok()?, email, language, time_zone: time_zone.cloned() })
    }

    /// The profiles of the users whose numbers begin at `PROFILES_EACH * number + 1`, as one text: name,
    /// `PROFILE_FIELD`, e-mail, `PROFILE_END` of each.
    pub(crate) fn profiles_at(&self, number: usize) -> Option<&str> {
        self.profiles.leaf(number)
    }

    /// Users who are not in `before`, or have another login there.
    pub(crate) fn with_other_login(&self, before: &Snapshot) -> Vec<UserId> {
        self.users.with_other_login(&before.users)
    }

    /// Users who are not in `before`, or have another name or e-mail there.
    pub(crate) fn with_other_profile(&self, before: &Snapshot) -> Vec<UserId> {
        self.profiles.others_than(&before.profiles)
    }

    /// The grants of a user, in the order of their ids.
    #[must_use]
    pub fn grants(&self, id: UserId) -> Vec<Grant> {
        let Some(user) = self.user(id) else { return Vec::new() };
        user.grants().filter_map(|packed| self.unpack(id, packed)).collect()
    }

    pub(crate) fn unpack(&self, user: UserId, packed: PackedGrant<'_>) -> Option<Grant> {
        let spec = GrantSpec {
            role: self.roles.at(packed.role())?.id,
            scope: packed.scope(),
            validity: packed.validity(),
        };
        Some(Grant { id: packed.id()?, user, spec })
    }

    /// Active users who hold every permission at (All, All, All) without end, in an application that they may enter.
    #[must_use]
    pub fn administrators(&self) -> &BTreeSet<UserId> {
        &self.administrators
    }

    /// Whether a user is one of [`Self::administrators`], looked up from their grants.
    fn is_administrator(&self, id: UserId, everything: &PermissionSet) -> bool {
        let Some(user) = self.user(id).filter(|u| u.is_active()) else { return false };
        let perpetual = |g: &PackedGrant<'_>| !g.is_timed() && g.is_account();
        if !user.grants().any(|g| perpetual(&g)) {
            return false;
        }
        Application::ALL.into_iter().any(|application| {
            let counting = || user.grants().filter(|g| self.roles.counts_in(g.role(), application));
            let mut held = PermissionSet::default();
            let account_wide = counting().filter(perpetual);
            account_wide.filter_map(|g| self.roles.at(g.role())).for_each(|r| held.extend(&r.permissions));
            everything.is_subset(&held)
                && counting().any(|g| !g.is_timed() && self.roles.opens(g.role(), application))
        })
    }

    /// Bytes of memory behind the users: (access and login index, profiles).
    #[must_use]
    pub fn user_bytes(&self) -> (usize, usize) {
        (self.users.bytes() + self.logins.bytes(), self.profiles.bytes() + self.preferences.bytes())
    }

    /// Users whose login, name or e-mail has `part` in it, in any case, behind `after`.
    pub fn search<'s>(&'s self, part: &str, after: Option<UserId>) -> impl Iterator<Item = UserId> + 's {
        let part = part.to_lowercase();
        self.users.after(after).filter(|(_, u)| !u.is_removed()).filter_map(move |(id, user)| {
            let (name, email) = self.profile(id).unwrap_or_default();
            let found = user.login().contains(&part)
                || name.to_lowercase().contains(&part)
                || email.to_lowercase().contains(&part);
            found.then_some(id)
        })
    }
}
