//! What administrators do with users and roles on pages: shown before it is done, and not over the head of somebody
//! who changed the same thing meanwhile.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::office::Seen;
use crate::people::{Reset, ResetBy};
use crate::writer::{Prepared, by};
use access::change::{Profile, SignIn, UserKind};
use access::commands::{Command, CreateUser, Refusal};
use access::preview::Preview;
use access::{Change, GrantSpec, Instant, Login, Revision, RoleId, Snapshot, Subject, UserId};
use authn::Principal;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use store::{CredentialWrite, LinkPurpose, LinkRow, Origin};

/// What a change is made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A user: profile, status, the way they sign in, grants.
    User(UserId),
    /// A role: label and permissions.
    Role(RoleId),
}

impl Thing {
    /// What it is like on a state as the subject sees it, as a short text: another one once somebody changed it. A form
    /// sends it back.
    ///
    /// Grants that the subject does not see are counted, and told by nothing else: whoever guesses would find them in a
    /// text that stands for them. What one does not see one does not overwrite either.
    #[must_use]
    pub fn version(self, on: &Snapshot, subject: &Subject, now: Instant) -> String {
        let id = match self {
            Thing::User(id) => id,
            Thing::Role(id) => return Self::role_version(on, id),
        };
        let Some(user) = on.user(id) else { return String::new() };
        let mut hasher = DefaultHasher::new();
        let switches = [user.is_enabled(), user.is_provisioned(), user.is_removed()];
        (switches, format!("{:?}", user.sign_in()), format!("{:?}", on.whole_profile(id))).hash(&mut hasher);
        let grants = on.grants_seen(subject, id, now);
        (format!("{:?}", grants.seen), grants.hidden).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// The same of a role, which looks alike to everybody.
    #[must_use]
    pub fn role_version(on: &Snapshot, id: RoleId) -> String {
        let Some(role) = on.role(id) else { return String::new() };
        let mut hasher = DefaultHasher::new();
        let permissions: Vec<usize> = role.permissions.iter().map(|held| held.index()).collect();
        (role.label.as_str(), permissions).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Refuses what is asked about it where it is another by now than it was shown.
    fn is_as_shown(
        self,
        version: &str,
        on: &Snapshot,
        subject: &Subject,
        now: Instant,
    ) -> Result<(), Refusal> {
        match self.version(on, subject, now) == version {
            true => Ok(()),
            false => Err(Refusal::ChangedMeanwhile { what: self.word() }),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Thing::User(_) => "user",
            Thing::Role(_) => "role",
        }
    }
}

/// What a command would do.
#[derive(Debug)]
pub struct Previewed {
    /// The state that it was tried on.
    pub before: Arc<Snapshot>,
    /// The state that it would lead to.
    pub after: Snapshot,
    /// Who would gain and lose what.
    pub preview: Preview,
    /// When it was tried.
    pub now: Instant,
}

/// How a new user gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstWay {
    /// A link lets them set a password.
    Invitation,
    /// A password is made and shown once.
    Generated,
    /// By single sign-on, or not yet.
    Nothing,
}

/// A user who is to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Their login, for good.
    pub login: Login,
    /// Name, e-mail, language and time zone.
    pub profile: Profile,
    /// A person, a system or an application.
    pub kind: UserKind,
    /// By a password or by one provider.
    pub sign_in: SignIn,
    /// Their first grants.
    pub grants: Vec<GrantSpec>,
    /// How they get in.
    pub first: FirstWay,
}

/// A user who was made.
#[derive(Debug)]
pub struct MadeUser {
    /// Their id.
    pub id: UserId,
    /// What is shown once, if anything.
    pub shown: Option<Reset>,
    /// The state that has them: whoever made them may not see them.
    pub seen: Seen,
}

impl Service {
    /// Whether a principal may do it as things are now, without doing it or looking at whom it touches.
    ///
    /// # Errors
    /// Those that doing it would have, but for the database.
    pub fn may<C: Command>(&self, who: &Principal, command: C) -> Result<(), ServiceError> {
        let on = self.enter(who)?;
        by(command)(&on, self.inner.clock.now(), who.subject())?;
        Ok(())
    }

    /// For each command by itself why a principal may not do it as things are now; none where they may.
    ///
    /// # Errors
    /// A principal who is no longer current.
    pub fn refusals<C: Command>(
        &self,
        who: &Principal,
        commands: Vec<C>,
    ) -> Result<Vec<Option<Refusal>>, ServiceError> {
        let (on, now) = (self.enter(who)?, self.inner.clock.now());
        let judged = commands.into_iter().map(|command| by(command)(&on, now, who.subject()).err());
        Ok(judged.collect())
    }

    /// What a command would do for a principal, without doing it.
    ///
    /// # Errors
    /// Those that doing it would have, but for the database.
    pub fn preview<C: Command>(&self, who: &Principal, command: C) -> Result<Previewed, ServiceError> {
        let (previewed, mut refused) = self.preview_all(who, vec![command])?;
        match refused.pop() {
            None => Ok(previewed),
            Some((_, refusal)) => Err(refusal.into()),
        }
    }

    /// [`Service::preview`], unless the thing is another than the one that the principal was shown: what they compare
    /// with would not be what they saw.
    ///
    /// # Errors
    /// Those of [`Service::preview`]; [`Refusal::ChangedMeanwhile`].
    pub fn preview_on<C: Command>(
        &self,
        who: &Principal,
        (thing, version): (Thing, &str),
        command: C,
    ) -> Result<Previewed, ServiceError> {
        let previewed = self.preview(who, command)?;
        thing.is_as_shown(version, &previewed.before, who.subject(), previewed.now)?;
        Ok(previewed)
    }

    /// What commands would do one after the other, without doing any; and those that would be refused, by their place.
    ///
    /// # Errors
    /// A principal who is no longer current.
    pub fn preview_all<C: Command>(
        &self,
        who: &Principal,
        commands: Vec<C>,
    ) -> Result<(Previewed, Vec<(usize, Refusal)>), ServiceError> {
        let (before, now) = (self.enter(who)?, self.inner.clock.now());
        let (mut after, mut changes, mut refused) = (Snapshot::clone(&before), Vec::new(), Vec::new());
        for (place, command) in commands.into_iter().enumerate() {
            match by(command)(&after, now, who.subject()) {
                Ok(Prepared { changeset, .. }) => {
                    after =
                        after.apply(changeset.changes()).map_err(|e| Refusal::Inconsistent(e.to_string()))?;
                    changes.extend_from_slice(changeset.changes());
                }
                Err(refusal) => refused.push((place, refusal)),
            }
        }
        let preview = Preview::of(&before, &after, Preview::affected(&before, &changes), now);
        Ok((Previewed { before, after, preview, now }, refused))
    }

    /// [`Service::execute`], unless the thing is another than the one that the principal was shown.
    ///
    /// # Errors
    /// Those of [`Service::execute`]; [`Refusal::ChangedMeanwhile`].
    pub fn execute_on<C: Command>(
        &self,
        who: &Principal,
        origin: Origin,
        (thing, version): (Thing, &str),
        command: C,
    ) -> Result<Revision, ServiceError> {
        let (shown, run) = (version.to_owned(), by(command));
        let done = self.run(who, origin, move |on, now, who| {
            // Who may not is told that first: it says nothing of what others do.
            let prepared = run(on, now, who)?;
            thing.is_as_shown(&shown, on, who, now)?;
            Ok(prepared)
        })?;
        Ok(done.revision)
    }

    /// Makes a user together with their first grants and, in the same transaction, how they get in.
    ///
    /// # Errors
    /// Who may not, what does not fit.
    pub fn create_user(
        &self,
        who: &Principal,
        origin: Origin,
        new: NewUser,
    ) -> Result<MadeUser, ServiceError> {
        let NewUser { login, profile, kind, sign_in, grants, first } = new;
        if first != FirstWay::Nothing && sign_in != SignIn::Password {
            return Err(Refusal::NoPasswordKept.into());
        }
        let shown = match first {
            FirstWay::Nothing => None,
            FirstWay::Invitation => Some(self.new_way_in(ResetBy::Link)?),
            FirstWay::Generated => Some(self.new_way_in(ResetBy::Generated)?),
        };
        let hash = match &shown {
            Some(Reset::Generated(password)) => Some(self.hash_new(password.reveal())?),
            _ => None,
        };
        let link = match &shown {
            Some(Reset::Link(secret, expires_at)) => Some((secret.fingerprint().to_hex(), *expires_at)),
            _ => None,
        };
        let command = CreateUser { login, profile, kind, sign_in, grants };
        let ways_in = move |user| {
            // A system cannot change a password by itself.
            let must_change = kind == UserKind::Person;
            let password = hash.clone().map(|hash| CredentialWrite::SetPassword { user, hash, must_change });
            let link = link.clone().map(|(fingerprint, expires_at)| {
                let (purpose, epoch) = (LinkPurpose::Invitation, FIRST_EPOCH);
                CredentialWrite::PutLink(LinkRow { fingerprint, user, purpose, epoch, expires_at })
            });
            password.into_iter().chain(link).collect()
        };
        let (id, on) = self.make_user(who, origin, command, |_| Ok(()), ways_in)?;
        Ok(MadeUser { id, shown, seen: Seen { on, now: self.inner.clock.now() } })
    }

    /// Makes a user where the newest state allows it and, in the same transaction, writes how they get in. The state is
    /// the one that has them.
    pub(crate) fn make_user(
        &self,
        who: &Principal,
        origin: Origin,
        command: CreateUser,
        allows: impl Fn(&Snapshot) -> Result<(), Refusal> + Send + 'static,
        ways_in: impl Fn(UserId) -> Vec<CredentialWrite> + Send + 'static,
    ) -> Result<(UserId, Arc<Snapshot>), ServiceError> {
        let login = command.login.clone();
        let done = self.run(who, origin, move |on, now, who| {
            allows(on)?;
            let changeset = CreateUser::run(on.authorize(who, command.clone(), now)?)?;
            let made = changeset.changes().iter().find_map(|change| match change {
                Change::UserCreated { id, .. } => Some(*id),
                _ => None,
            });
            let credentials = ways_in(made.ok_or(Refusal::Nothing)?);
            Ok(Prepared { changeset, credentials })
        })?;
        let id = done.after.user_of_login(&login);
        let id = id.ok_or_else(|| ServiceError::Internal("a user who was made is not there".into()))?;
        Ok((id, done.after))
    }
}

/// The epoch of a user who was just made.
const FIRST_EPOCH: u32 = 1;
