//! The proof that a check was made: a subject asks, the engine answers with a value that only it can make.

use crate::catalogue::EntityType;
use crate::change::{Change, Changeset};
use crate::decide::Question;
use crate::filter::Filter;
use crate::resource::Resource;
use crate::scope::Scope;
use crate::snapshot::{PackedGrant, Snapshot};
use crate::time::{Instant, Validity};
use crate::words::{AccountId, Application, LocationId, RetailerId, UserId};
use serde::{Deserialize, Serialize};

/// On whose behalf something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A user of the account.
    User(UserId),
    /// Whoever runs the program: the command line. Audited, and bound by the rule of the last administrator.
    Operator,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::User(id) => write!(f, "{id}"),
            Actor::Operator => f.write_str("operator"),
        }
    }
}

/// Who asks, from where: what a principal is to the engine.
///
/// Its user constructor is called in `authn` alone; a test of the repository holds that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    account: AccountId,
    actor: Actor,
    application: Option<Application>,
    active_retailer: Option<RetailerId>,
    active_location: Option<LocationId>,
}

impl Subject {
    /// A user who has signed in to an application.
    #[must_use]
    pub fn signed_in(account: AccountId, user: UserId, application: Application) -> Self {
        Self {
            account,
            actor: Actor::User(user),
            application: Some(application),
            active_retailer: None,
            active_location: None,
        }
    }

    /// The operator, in one account.
    #[must_use]
    pub fn operator(account: AccountId) -> Self {
        Self {
            account,
            actor: Actor::Operator,
            application: None,
            active_retailer: None,
            active_location: None,
        }
    }

    /// The same subject, in a site and perhaps a store of it. They narrow which commands are offered; they
    /// never widen, and decisions do not know them.
    #[must_use]
    pub fn at(self, retailer: Option<RetailerId>, location: Option<LocationId>) -> Self {
        Self { active_retailer: retailer, active_location: location, ..self }
    }

    /// The account that it belongs to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// On whose behalf it asks.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The user; none for the operator.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self.actor {
            Actor::User(id) => Some(id),
            Actor::Operator => None,
        }
    }

    /// The application it calls from; none for the operator.
    #[must_use]
    pub fn application(&self) -> Option<Application> {
        self.application
    }

    /// The site it is in.
    #[must_use]
    pub fn active_retailer(&self) -> Option<RetailerId> {
        self.active_retailer
    }

    /// The store it is in.
    #[must_use]
    pub fn active_location(&self) -> Option<LocationId> {
        self.active_location
    }
}

/// Where a permission is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// On this resource.
    On(Resource),
    /// Wherever this scope holds, by one grant.
    Covering(Scope),
    /// Somewhere: the command itself judges the rest by the rules of delegation.
    Somewhere,
}

/// What an operation needs. Every item must be granted; an empty list is free to any active user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    pub(crate) needs: Vec<(&'static str, Where)>,
    pub(crate) seen_by: Option<(&'static str, Resource)>,
    pub(crate) operator_only: bool,
    pub(crate) is_leaving: bool,
}

impl Demand {
    /// Nothing but being signed in: acting on oneself.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Nothing but being an active user, also of an application that may not be entered any more: leaving it.
    #[must_use]
    pub fn leaving() -> Self {
        Self { is_leaving: true, ..Self::default() }
    }

    /// Open to the operator alone.
    #[must_use]
    pub fn operator() -> Self {
        Self { operator_only: true, ..Self::default() }
    }

    /// One permission, somewhere.
    #[must_use]
    pub fn new(permission: &'static str, place: Where) -> Self {
        Self::default().and(permission, place)
    }

    /// And this one.
    #[must_use]
    pub fn and(mut self, permission: &'static str, place: Where) -> Self {
        self.needs.push((permission, place));
        self
    }

    /// What makes the thing visible: without it, a refusal says that there is no such thing.
    #[must_use]
    pub fn seen_by(mut self, permission: &'static str, resource: Resource) -> Self {
        self.seen_by = Some((permission, resource));
        self
    }
}

/// An operation that needs a proof.
pub trait Guarded {
    /// What it needs, on this state.
    fn demand(&self, on: &Snapshot) -> Demand;
}

/// Why no proof was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The proof was asked of another account's state.
    #[error("this belongs to another account")]
    OtherAccount,
    /// The user is disabled, removed or unknown.
    #[error("this user is not active")]
    Inactive,
    /// The user may not enter the application.
    #[error("no valid grant opens the application `{0}` to this user")]
    ApplicationClosed(Application),
    /// A permission is missing, on a thing that the user may see.
    #[error("this needs {permission}, which you do not hold {place}")]
    Missing {
        /// The permission.
        permission: &'static str,
        /// Where, in words.
        place: &'static str,
    },
    /// A permission is missing, and the thing itself may not be known.
    #[error("there is no such thing")]
    Unseen,
    /// Only the command line does this.
    #[error("only the operator does this, on the command line")]
    OperatorOnly,
}

impl Denial {
    /// Whether the asker may know that the thing exists: 403, else 404.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        !matches!(self, Denial::Unseen | Denial::OtherAccount)
    }
}

/// Evidence that the engine allowed `operation` for a subject on a state.
///
/// Not `Clone`, no constructor: only [`Snapshot::authorize`] makes one, and spending it moves it. It
/// borrows the state that it was made from, so it cannot meet another account's.
#[derive(Debug)]
#[must_use = "a proof that is not spent authorizes nothing"]
pub struct Authorized<'s, Op> {
    operation: Op,
    subject: Subject,
    on: &'s Snapshot,
    now: Instant,
    holds_until: Option<Instant>,
}

impl<'s, Op> Authorized<'s, Op> {
    /// What was allowed.
    #[must_use]
    pub fn operation(&self) -> &Op {
        &self.operation
    }

    /// To whom.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// On which state.
    #[must_use]
    pub fn snapshot(&self) -> &'s Snapshot {
        self.on
    }

    /// When.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The instant from which the proof no longer holds by itself.
    #[must_use]
    pub fn holds_until(&self) -> Option<Instant> {
        self.holds_until
    }

    /// The changes that the proof pays for.
    pub(crate) fn spend(self, changes: Vec<Change>) -> Changeset {
        Changeset {
            account: self.on.account.id,
            base: self.on.revision,
            leads_to: self.on.revision.next(),
            actor: self.subject.actor,
            changes,
            holds_until: self.holds_until,
        }
    }
}

impl Snapshot {
    /// A proof that the subject may do `operation` now, on this state.
    ///
    /// # Errors
    /// Why not; the one place where "forbidden" and "no such thing" are told apart.
    pub fn authorize<Op: Guarded>(
        &self,
        subject: &Subject,
        operation: Op,
        now: Instant,
    ) -> Result<Authorized<'_, Op>, Denial> {
        if subject.account != self.account.id {
            return Err(Denial::OtherAccount);
        }
        let holds_until = match subject.actor {
            Actor::Operator => None,
            Actor::User(user) => self.permit(user, subject, &operation.demand(self), now)?,
        };
        Ok(Authorized { operation, subject: *subject, on: self, now, holds_until })
    }

    fn permit(
        &self,
        id: UserId,
        subject: &Subject,
        demand: &Demand,
        now: Instant,
    ) -> Result<Option<Instant>, Denial> {
        let user = self.user(id).filter(|u| u.is_active()).ok_or(Denial::Inactive)?;
        let application = subject.application;
        if demand.operator_only {
            return Err(Denial::OperatorOnly);
        }
        if !demand.is_leaving && !self.may_enter(user, application, now) {
            return Err(application.map_or(Denial::Inactive, Denial::ApplicationClosed));
        }
        let ask = |permission: &str, resource: Resource| {
            self.permissions.find(permission).is_some_and(|permission| {
                self.allows(&Question { user: id, permission, resource, application }, now)
            })
        };
        for (permission, place) in &demand.needs {
            let covered = |test: &dyn Fn(&PackedGrant<'_>) -> bool| {
                self.permissions.find(permission).is_some_and(|p| {
                    self.counting(user, application, now).any(|g| self.roles.holds(g.role(), p) && test(&g))
                })
            };
            let held = match place {
                Where::On(resource) => ask(permission, *resource),
                Where::Covering(scope) => covered(&|g| g.scope().covers(scope)),
                Where::Somewhere => covered(&|_| true),
            };
            if held {
                continue;
            }
            if demand.seen_by.is_some_and(|(view, thing)| !ask(view, thing)) {
                return Err(Denial::Unseen);
            }
            return Err(Denial::Missing { permission, place: place.words() });
        }
        Ok(user.next_boundary(now))
    }

    /// The things of `E` on which the subject has the permission: what a guarded list may show. The
    /// operator sees everything; a subject of another account nothing.
    #[must_use]
    pub fn filter<E: EntityType>(&self, subject: &Subject, permission: &str, now: Instant) -> Filter<E> {
        let own = subject.account == self.account.id;
        match (subject.actor, self.permissions.find(permission)) {
            (Actor::Operator, _) if own => self.filter_of_everything(),
            (Actor::User(user), Some(permission)) if own => {
                self.filter_for(user, permission, subject.application, now)
            }
            _ => self.filter_of_nothing(),
        }
    }

    /// Whether the subject sees that user: by the users rule, and in the Store App only users of that
    /// application with individual access to the store that the subject is in.
    #[must_use]
    pub fn sees_user(&self, subject: &Subject, target: UserId, now: Instant) -> bool {
        let (Some(user), Some(permission)) = (subject.user(), self.permissions.find("USER_VIEW")) else {
            return subject.account == self.account.id && self.user(target).is_some();
        };
        let resource = Resource::User(target);
        let question = Question { user, permission, resource, application: subject.application };
        // Everybody who is in sees themselves; that grants nothing on others.
        let oneself = user == target
            && self.user(user).is_some_and(|u| u.is_active() && self.may_enter(u, subject.application, now));
        subject.account == self.account.id
            && (oneself || self.allows(&question, now) && self.is_of_the_store(subject, target))
    }

    /// The Store App's limit: true for every other application.
    pub(crate) fn is_of_the_store(&self, subject: &Subject, target: UserId) -> bool {
        if subject.application != Some(Application::StoreApp) {
            return true;
        }
        let Some(store) = subject.active_location else { return false };
        self.grants(target).iter().any(|g| {
            let role = self.role(g.spec.role);
            role.is_some_and(|r| r.application == Some(Application::StoreApp))
                && g.spec.scope.locations.listed().contains(&store)
        })
    }
}

impl Where {
    fn words(&self) -> &'static str {
        match self {
            Where::On(_) => "there",
            Where::Covering(scope) if scope.is_account() => "for the whole account",
            Where::Covering(_) => "everywhere it would hold",
            Where::Somewhere => "anywhere",
        }
    }
}

/// Whether a proof still holds at `at`.
#[must_use]
pub fn still_holds(holds_until: Option<Instant>, at: Instant) -> bool {
    Validity { from: None, until: holds_until }.holds_at(at)
}
