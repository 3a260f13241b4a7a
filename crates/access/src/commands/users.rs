//! Users: create, edit, disable, enable, sign out, remove.

use super::grants::{judge_added, needs_email};
use super::sign_in::check_sign_in;
use super::{Command, Refusal, spend_keeping_an_administrator};
use crate::change::{Change, Changeset, Grant, GrantSpec, Profile, SignIn, Switch, UserKind};
use crate::delegation::{Giver, Off};
use crate::proof::{Authorized, Demand, Denial, Guarded, Where};
use crate::resource::Resource;
use crate::scope::Scope;
use crate::snapshot::{Snapshot, UserRef};
use crate::words::{Application, GrantId, Login, Number, UserId};

/// A new user together with their first grants.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// Their login, for good.
    pub login: Login,
    /// Name, e-mail, language and time zone.
    pub profile: Profile,
    /// A person or a system.
    pub kind: UserKind,
    /// Password or single sign-on, never both.
    pub sign_in: SignIn,
    /// Their first grants; without any, they are made from (All, All, All).
    pub grants: Vec<GrantSpec>,
}

impl Guarded for CreateUser {
    fn demand(&self, _on: &Snapshot) -> Demand {
        let place = if self.grants.is_empty() { Where::Covering(Scope::account()) } else { Where::Somewhere };
        Demand::new("USER_CREATE", place)
    }
}

impl Command for CreateUser {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (on, wanted) = (proof.snapshot(), proof.operation().clone());
        if let Some(other) = on.user_of_login(&wanted.login) {
            let removed = on.user(other).is_some_and(UserRef::is_removed);
            let by = if removed { ": a removed user had it, and it stays reserved" } else { "" };
            return Err(Refusal::Taken { what: "login", given: wanted.login.to_string(), by });
        }
        let number = u32::try_from(on.user_count() + 1).ok().and_then(UserId::from_number);
        let id = number.ok_or(Refusal::TooMany { what: "users", max: u32::MAX as usize })?;
        if wanted.grants.is_empty() && proof.subject().application() == Some(Application::StoreApp) {
            return Err(Refusal::NotOfTheStore);
        }
        check_sign_in(on, wanted.kind, wanted.sign_in)?;
        judge_added(&proof, &[], &wanted.grants, "USER_CREATE")?;
        needs_email(on, wanted.login.as_str(), &wanted.grants)?;
        let CreateUser { login, profile, kind, sign_in, grants } = wanted;
        let mut changes = vec![Change::UserCreated { id, login, profile, kind, sign_in }];
        let first = on.counters().grants + 1;
        for (number, spec) in (first..).zip(grants) {
            let grant = GrantId::from_number(number).ok_or(Refusal::Nothing)?;
            changes.push(Change::GrantAdded { grant: Grant { id: grant, user: id, spec } });
        }
        Ok(proof.spend(changes))
    }
}

/// The demand on a user who exists: invisible to those who may not view them.
pub(super) fn of_user(permission: &'static str, id: UserId) -> Demand {
    Demand::new(permission, Where::Somewhere).seen_by("USER_VIEW", Resource::User(id))
}

/// The user, whom the subject sees (with the Store App's limit), not removed, and in the giver's hands
/// (rule 5). Without seeing them, nobody learns whether they exist.
pub(super) fn managed<'s, Op>(
    proof: &Authorized<'s, Op>,
    id: UserId,
    permission: &'static str,
) -> Result<UserRef<'s>, Refusal> {
    let on = proof.snapshot();
    let seen = on.user(id).filter(|_| on.sees_user(proof.subject(), id, proof.now()));
    let user = seen.ok_or(Denial::Unseen)?;
    if user.is_removed() {
        return Err(Refusal::Removed);
    }
    Giver::of(proof).could_have_given_all(id, permission)?;
    Ok(user)
}

pub(super) fn not_oneself<Op>(proof: &Authorized<'_, Op>, id: UserId) -> Result<(), Refusal> {
    let own = proof.subject().user() == Some(id) && !Off::current().oneself;
    if own { Err(Refusal::Oneself) } else { Ok(()) }
}

/// The profile of a user, whole; everybody edits their own.
#[derive(Clone, Debug)]
pub struct EditUser {
    /// Whose.
    pub id: UserId,
    /// What they become.
    pub profile: Profile,
}

impl Guarded for EditUser {
    fn demand(&self, _on: &Snapshot) -> Demand {
        // Whether it is their own is known to the command, which sees the subject.
        Demand::nothing()
    }
}

impl Command for EditUser {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let EditUser { id, profile } = proof.operation().clone();
        if proof.subject().user() != Some(id) {
            managed(&proof, id, "USER_UPDATE")?;
        }
        Ok(proof.spend(vec![Change::UserEdited { id, profile }]))
    }
}

/// Shuts a user out: every session and token of theirs ends.
#[derive(Clone, Debug)]
pub struct DisableUser {
    /// Whom.
    pub id: UserId,
}

impl Guarded for DisableUser {
    fn demand(&self, _on: &Snapshot) -> Demand {
        of_user("USER_UPDATE", self.id)
    }
}

impl Command for DisableUser {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let id = proof.operation().id;
        not_oneself(&proof, id)?;
        let on = managed(&proof, id, "USER_UPDATE")?.is_enabled();
        let change = Change::UserSwitched { id, by: Switch::Administrators, on: false };
        let changes = if on { vec![change] } else { vec![] };
        spend_keeping_an_administrator(proof, changes)
    }
}

/// Lets a user in again; sessions and tokens that ended stay ended.
#[derive(Clone, Debug)]
pub struct EnableUser {
    /// Whom.
    pub id: UserId,
}

impl Guarded for EnableUser {
    fn demand(&self, _on: &Snapshot) -> Demand {
        of_user("USER_UPDATE", self.id)
    }
}

impl Command for EnableUser {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let id = proof.operation().id;
        not_oneself(&proof, id)?;
        let on = managed(&proof, id, "USER_UPDATE")?.is_enabled();
        let change = Change::UserSwitched { id, by: Switch::Administrators, on: true };
        Ok(proof.spend(if on { vec![] } else { vec![change] }))
    }
}

/// Ends every session and token of a user; everybody may end their own.
#[derive(Clone, Debug)]
pub struct SignOutUser {
    /// Whom.
    pub id: UserId,
}

impl Guarded for SignOutUser {
    fn demand(&self, _on: &Snapshot) -> Demand {
        Demand::nothing()
    }
}

impl Command for SignOutUser {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let id = proof.operation().id;
        if proof.subject().user() != Some(id) {
            managed(&proof, id, "USER_UPDATE")?;
        }
        Ok(proof.spend(vec![Change::UserSignedOut { id }]))
    }
}

/// Removes a user and their grants; the login stays reserved.
#[derive(Clone, Debug)]
pub struct RemoveUser {
    /// Whom.
    pub id: UserId,
}

impl Guarded for RemoveUser {
    fn demand(&self, _on: &Snapshot) -> Demand {
        of_user("USER_REMOVE", self.id)
    }
}

impl Command for RemoveUser {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let id = proof.operation().id;
        not_oneself(&proof, id)?;
        managed(&proof, id, "USER_REMOVE")?;
        let grants = proof.snapshot().grants(id);
        let mut changes: Vec<Change> =
            grants.iter().map(|g| Change::GrantRemoved { id: g.id, user: id }).collect();
        changes.push(Change::UserRemoved { id });
        spend_keeping_an_administrator(proof, changes)
    }
}
