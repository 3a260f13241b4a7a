//! From credentials to a principal.

#[cfg(test)]
pub(crate) mod tests;

use crate::basic::BasicCredentials;
use crate::hashing::{HashError, KeptHash, Parameters, PasswordHasher};
use crate::limits::Limits;
use crate::new_password::NewPassword;
use crate::principal::Principal;
use crate::queue::{Queue, Turn};
use crate::remembered::{REMEMBERED_MAX, Remembered, Who};
use crate::tokens::{SessionLimits, Tokens};
use crate::workers::Workers;
use access::change::SignIn;
use access::snapshot::UserRef;
use access::{AccountId, Application, Instant, Number, Snapshot, Subject, UserId};
use std::net::IpAddr;
use std::sync::Arc;
use store::IdSource;

/// What is kept of a user's password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPassword {
    /// Its hash, as [`PasswordHasher::hash`] made it.
    pub hash: String,
    /// Whether it is a first password, which has to be changed before anything else.
    pub must_change: bool,
}

impl std::fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredPassword").field("must_change", &self.must_change).finish_non_exhaustive()
    }
}

/// What is kept cannot be read now; the sentence is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("passwords cannot be read now: {0}")]
pub struct PasswordsUnavailable(pub String);

/// Where passwords are kept.
pub trait Passwords {
    /// What is kept of the password of a user, if they have one. Also asked for users who do not exist.
    ///
    /// # Errors
    /// The store does not answer.
    fn password(
        &self,
        account: AccountId,
        user: UserId,
    ) -> Result<Option<StoredPassword>, PasswordsUnavailable>;
}

/// Why no principal was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthnRefusal {
    /// Unknown, wrong, disabled, removed, without a password or signing in elsewhere: which, is not told.
    #[error("this login and password do not go together")]
    Refused,
    /// The password is right, and is a first one.
    #[error("the password is a first one: sign in to the pages and change it, then use the new one here")]
    MustChange,
    /// The password is right, and no valid grant opens the application.
    #[error("no valid grant opens this application to this user")]
    NotAllowedHere,
    /// The token is right, and its user comes in from other addresses alone. Passwords are not compared from there:
    /// those are [`Self::Refused`], right or wrong.
    #[error("this user does not come in from this address")]
    NotFromHere,
    /// Too many passwords wait to be verified.
    #[error("too many sign-ins at once: try again in {retry_after_s} s")]
    Busy {
        /// Seconds after which the queue is likely to be shorter.
        retry_after_s: u32,
    },
    /// Passwords cannot be hashed or compared now: the store does not answer, or memory is short. The
    /// source is for the log and is not shown to a caller.
    #[error("sign-in is not available now: try again later")]
    Unavailable(#[source] PasswordsUnavailable),
}

/// Where and when credentials are shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// What they are to open.
    pub application: Application,
    /// The address that they come from; unknown inside the process.
    pub from: Option<IpAddr>,
    /// When.
    pub now: Instant,
}

impl Shown {
    /// Whether the user comes in from there: the API may be open to them from some addresses alone.
    #[must_use]
    pub fn is_let_in(&self, snapshot: &Snapshot, user: UserId) -> bool {
        let restricted =
            self.application == Application::Api && snapshot.user(user).is_some_and(|u| u.is_restricted());
        let inside =
            |from: IpAddr| snapshot.entrances().ranges(user).iter().any(|range| range.contains(from));
        !restricted || self.from.is_some_and(inside)
    }
}

/// A password that was found to be right.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Who it makes.
    pub principal: Principal,
    /// The kept hash, when it was made with other parameters than those of today.
    pub outdated: Option<String>,
}

/// Makes principals from credentials. One a process, shared by all its threads.
pub struct Authenticator {
    hasher: Arc<PasswordHasher>,
    workers: Workers,
    /// Compared with when there is nothing to compare with.
    dummy: Arc<KeptHash>,
    queue: Queue,
    remembered: Remembered,
    tokens: Tokens,
    limits: Arc<Limits>,
    session: SessionLimits,
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").field("hasher", &self.hasher).finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Hashes computed at a time, however many cores there are: each takes its memory.
    pub const HASHERS_MAX: usize = 16;
    /// Calls that wait for each hasher at most: some seconds' work.
    pub const QUEUE_MAX: usize = 128;
    /// Calls of one address that wait for each hasher at most.
    pub const QUEUE_OF_ADDRESS_MAX: usize = 112;
    /// What is told to those who find the queue full, in seconds.
    const RETRY_AFTER_S: u32 = 2;
    /// The number of a user who does not exist: the greatest that fits every database's integers.
    const NOBODY: u32 = i32::MAX.cast_unsigned();

    /// How many are hashed at a time in this process: as many as there are cores, within the bound.
    fn hashers() -> usize {
        std::thread::available_parallelism().map_or(1, usize::from).min(Self::HASHERS_MAX)
    }

    /// Calls of [`Self::new`]'s authenticator that are at work or wait at a time at most. Each keeps the thread that it
    /// came on, so whoever has so many threads and some more has one for every other call.
    #[must_use]
    pub fn calls_max() -> usize {
        Self::hashers() * (1 + Self::QUEUE_MAX)
    }

    /// One that hashes on as many threads at a time as there are cores.
    ///
    /// # Errors
    /// No randomness for the key of this process.
    pub fn new(
        parameters: Parameters,
        session: SessionLimits,
        ids: &dyn IdSource,
    ) -> Result<Self, HashError> {
        let hashers = Self::hashers();
        let queue = Queue::new(hashers, hashers * Self::QUEUE_MAX, hashers * Self::QUEUE_OF_ADDRESS_MAX);
        let own = Self::with_queue(parameters, ids, queue)?;
        Ok(Self { session, ..own })
    }

    fn with_queue(parameters: Parameters, ids: &dyn IdSource, queue: Queue) -> Result<Self, HashError> {
        let workers = queue.at_work_max();
        let hasher = PasswordHasher::new(parameters);
        let dummy = hasher.dummy(ids)?;
        Ok(Self {
            hasher: Arc::new(hasher),
            workers: Workers::new(workers),
            dummy: Arc::new(dummy),
            queue,
            remembered: Remembered::new(REMEMBERED_MAX, ids)?,
            tokens: Tokens::default(),
            limits: Arc::new(Limits::new(ids)?),
            session: SessionLimits::default(),
        })
    }

    /// What keeps strangers from guessing: whoever lets a password be verified has a try let in first.
    #[must_use]
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// The sessions and tokens that were shown lately.
    #[must_use]
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// How long sessions last.
    #[must_use]
    pub fn session_limits(&self) -> SessionLimits {
        self.session
    }

    /// The hasher, to ask what it did and whether a hash is of today; to set a password, [`Self::hash`].
    #[must_use]
    pub fn hasher(&self) -> &PasswordHasher {
        &self.hasher
    }

    /// The principal of credentials that were verified before, for this state of their user. Quick: it
    /// never hashes, reads no store and does not wait. None says nothing: ask [`Self::verify`].
    #[must_use]
    pub fn remembered(
        &self,
        snapshot: &Snapshot,
        credentials: &BasicCredentials,
        shown: &Shown,
    ) -> Option<Principal> {
        let caller = Caller::find(snapshot, credentials, shown)?;
        let known = self.remembered.knows(caller.who, credentials.password());
        known.then(|| caller.admit(credentials, false, shown).ok()).flatten()
    }

    /// The principal of these credentials. Slow: it waits for its turn and hashes, so it is not to be
    /// called on a thread that others wait for.
    ///
    /// The epoch in the principal is that of `snapshot`, which was taken before anything is verified here:
    /// when the user is shut out meanwhile, the principal is not current and the choke point refuses it.
    ///
    /// # Errors
    /// [`AuthnRefusal::Refused`] to whoever does not know the password; the others as they say.
    pub fn verify(
        &self,
        snapshot: &Snapshot,
        passwords: &dyn Passwords,
        credentials: &BasicCredentials,
        shown: &Shown,
    ) -> Result<Verified, AuthnRefusal> {
        let caller = Caller::find(snapshot, credentials, shown);
        let known = |c: &&Caller<'_>| self.remembered.knows(c.who, credentials.password());
        let recalled = || caller.as_ref().filter(known);
        if let Some(caller) = recalled() {
            let principal = caller.admit(credentials, false, shown)?;
            return Ok(Verified { principal, outdated: None });
        }
        let _turn = self.turn(shown.from)?;
        // Calls with the same credentials arrive together, and the first of them did the work meanwhile.
        if let Some(caller) = recalled() {
            let principal = caller.admit(credentials, false, shown)?;
            return Ok(Verified { principal, outdated: None });
        }
        // Nobody's password is looked up too: a store that does not answer does not tell who exists.
        let account = snapshot.account().id;
        let user = caller.as_ref().map(|c| c.who.user).or_else(|| UserId::from_number(Self::NOBODY));
        let stored = match user {
            Some(user) => passwords.password(account, user).map_err(AuthnRefusal::Unavailable)?,
            None => None,
        };
        let right = self.compare(credentials, stored.as_ref().filter(|_| caller.is_some()))?;
        match (caller, stored) {
            (Some(caller), Some(stored)) if right => {
                // What is remembered comes without the flag, so a first password never is.
                if !stored.must_change {
                    self.remembered.remember(caller.who, credentials.password());
                }
                let principal = caller.admit(credentials, stored.must_change, shown)?;
                let outdated = self.hasher.needs_rehash(&stored.hash).then_some(stored.hash);
                Ok(Verified { principal, outdated })
            }
            _ => Err(AuthnRefusal::Refused),
        }
    }

    /// The refusal of credentials whose account is unknown, after the time that any other refusal takes.
    #[must_use]
    pub fn refuse(&self, credentials: &BasicCredentials, from: Option<IpAddr>) -> AuthnRefusal {
        let refused = self.turn(from).and_then(|_turn| self.compare(credentials, None));
        refused.err().unwrap_or(AuthnRefusal::Refused)
    }

    /// The hash to keep of a new password, made in its turn.
    ///
    /// # Errors
    /// Too many wait, or there is no memory or randomness now.
    pub fn hash(&self, password: &NewPassword, ids: &dyn IdSource) -> Result<String, AuthnRefusal> {
        let _turn = self.turn(None)?;
        self.hasher.hash(password, ids).map_err(unavailable)
    }

    /// The hash of today of a password that was verified a moment ago.
    ///
    /// # Errors
    /// Too many wait, or there is no memory or randomness now.
    pub fn rehash(&self, verified: &BasicCredentials, ids: &dyn IdSource) -> Result<String, AuthnRefusal> {
        let _turn = self.turn(None)?;
        let password = NewPassword::verified(verified.password());
        self.hasher.hash(&password, ids).map_err(unavailable)
    }

    /// Whether a password is the one that a kept hash was made of, found out in its turn.
    ///
    /// # Errors
    /// Too many wait, or there is no memory now.
    pub fn is_password(
        &self,
        password: &str,
        hash: &str,
        from: Option<IpAddr>,
    ) -> Result<bool, AuthnRefusal> {
        let _turn = self.turn(from)?;
        match KeptHash::parse(hash) {
            Ok(kept) => self.matches(password, Arc::new(kept)),
            Err(_) => Ok(false),
        }
    }

    /// A turn at the hashers: those who wait are parted by where they come from.
    fn turn(&self, from: Option<IpAddr>) -> Result<Turn<'_>, AuthnRefusal> {
        self.queue
            .enter(self.limits.address_code(from))
            .ok_or(AuthnRefusal::Busy { retry_after_s: Self::RETRY_AFTER_S })
    }

    /// What a hash of today costs, always, unless it is right. Where there is nothing to compare with, and where what is kept is damaged, the
    /// dummy is compared with and the answer is no: a stranger sees no difference.
    fn compare(
        &self,
        credentials: &BasicCredentials,
        stored: Option<&StoredPassword>,
    ) -> Result<bool, AuthnRefusal> {
        let kept = stored.and_then(|s| KeptHash::parse(&s.hash).ok()).map(Arc::new);
        let known = kept.is_some();
        let matches = self.matches(credentials.password(), kept.unwrap_or_else(|| self.dummy.clone()))?;
        Ok(matches && known)
    }

    /// Compares on one of the threads that hash, to be called by whoever has a turn.
    fn matches(&self, password: &str, kept: Arc<KeptHash>) -> Result<bool, AuthnRefusal> {
        let (hasher, password) = (self.hasher.clone(), password.to_owned());
        match self.workers.run(move || hasher.compare(&password, &kept)) {
            Some(Ok(matches)) => Ok(matches),
            Some(Err(error)) => Err(unavailable(error)),
            None => Err(AuthnRefusal::Unavailable(PasswordsUnavailable("no thread hashes".to_owned()))),
        }
    }
}

/// Whether an active user may enter the application, from there.
pub(crate) fn may_come_in(
    snapshot: &Snapshot,
    user: UserRef<'_>,
    id: UserId,
    shown: &Shown,
) -> Result<(), AuthnRefusal> {
    if !snapshot.may_enter(user, Some(shown.application), shown.now) {
        return Err(AuthnRefusal::NotAllowedHere);
    }
    if shown.is_let_in(snapshot, id) { Ok(()) } else { Err(AuthnRefusal::NotFromHere) }
}

fn unavailable(error: HashError) -> AuthnRefusal {
    AuthnRefusal::Unavailable(PasswordsUnavailable(error.to_string()))
}

/// A user who could sign in with a password from there, on one state.
///
/// From another address than those that a user is let in from they are nobody: their password is not compared, so a
/// stranger learns nothing of it there, by the answer, by its time or by what is counted.
struct Caller<'s> {
    snapshot: &'s Snapshot,
    user: UserRef<'s>,
    who: Who,
}

impl<'s> Caller<'s> {
    fn find(snapshot: &'s Snapshot, credentials: &BasicCredentials, shown: &Shown) -> Option<Self> {
        let id = snapshot.user_of_login(credentials.login()).filter(|id| shown.is_let_in(snapshot, *id))?;
        let user = snapshot.user(id).filter(|u| u.is_active() && u.sign_in() == SignIn::Password)?;
        let who = Who { account: snapshot.account().id, user: id, epoch: user.epoch() };
        Some(Self { snapshot, user, who })
    }

    /// To be called when the password was found to be right, as the answer tells of the user.
    ///
    /// A first password opens nothing but the change of it, and the API offers none.
    fn admit(
        &self,
        credentials: &BasicCredentials,
        must_change: bool,
        shown: &Shown,
    ) -> Result<Principal, AuthnRefusal> {
        may_come_in(self.snapshot, self.user, self.who.user, shown)?;
        if must_change && shown.application == Application::Api {
            return Err(AuthnRefusal::MustChange);
        }
        let subject = Subject::signed_in(self.who.account, self.who.user, shown.application);
        Ok(Principal::signed_in(subject, credentials.login().clone(), self.who.epoch, must_change))
    }
}
