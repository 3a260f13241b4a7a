//! `decide`: may this user do that, on this?
//!
//! Allow iff the user is active, the application, when named, may be entered, and one grant that is valid
//! now and counts in that application holds the permission in its role and admits the resource by its
//! scope. Everything else is a deny with its reason.

use crate::catalogue::{Entity, PermissionId};
use crate::resource::{Place, Resource};
use crate::scope::Scope;
use crate::snapshot::{Need, PackedGrant, Snapshot, UserRef};
use crate::time::{Instant, Validity};
use crate::words::{Application, GrantId, Number, Revision, UserId};
use serde::Serialize;

/// One question to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Who.
    pub user: UserId,
    /// May do what.
    pub permission: PermissionId,
    /// On which thing.
    pub resource: Resource,
    /// In which application; none: every grant counts.
    pub application: Option<Application>,
}

/// Why a question was allowed or denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Grounds {
    /// This grant allows it.
    Granted {
        /// The grant.
        grant: GrantId,
    },
    /// There is no such user in the account.
    UnknownUser,
    /// The user is disabled or removed.
    Inactive,
    /// No valid grant lets the user enter the application.
    ApplicationClosed,
    /// No grant of theirs holds the permission.
    NotHeld,
    /// Grants hold the permission, none of them here, now and in this application.
    NotHere,
}

/// An answer, always with its grounds and the revision it was made at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// May proceed.
    pub allowed: bool,
    /// Why.
    pub grounds: Grounds,
    /// The state that was asked.
    pub revision: Revision,
    /// The next instant at which the answer may change by itself: a grant of the user begins or ends.
    pub valid_until: Option<Instant>,
}

impl Need {
    /// What a place asks of a scope, for a permission that views or does not.
    #[inline]
    pub(crate) fn of(entity: Entity, place: &Place, viewing: bool) -> Self {
        let reference = viewing && entity.is_reference_data();
        Need {
            retailer: place.retailer.map_or(0, Number::number),
            location: place.location.map_or(0, Number::number),
            channel: place.channel.map_or(0, Number::number),
            retailer_free: reference,
            narrow_free: !entity.carries_location() || reference,
            only_free: reference,
            channel_free: !entity.carries_channel() || reference,
        }
    }
}

impl Snapshot {
    /// Whether the question is allowed; [`Self::decide`] says why.
    #[must_use]
    #[inline]
    pub fn allows(&self, question: &Question, now: Instant) -> bool {
        self.user(question.user).is_some_and(|user| user.is_active() && self.judge(user, question, now))
    }

    /// Whether the question is allowed to an active user.
    #[inline]
    fn judge(&self, user: UserRef<'_>, question: &Question, now: Instant) -> bool {
        match &question.resource {
            Resource::Thing { entity, place } => {
                let need = Need::of(*entity, place, self.permissions.is_view(question.permission));
                self.granted(user, question.permission, &need, question.application, now).is_some()
            }
            Resource::User(_) => self.decide(question, now).allowed,
        }
    }

    /// The answers to many independent questions, in their order.
    ///
    /// The look-ups are made in rounds over a few questions at a time, so that the memory of all of them
    /// is on its way at once.
    #[must_use]
    pub fn allows_many(&self, questions: &[Question], now: Instant) -> Vec<bool> {
        const AT_A_TIME: usize = 16;
        let mut answers = Vec::with_capacity(questions.len());
        for some in questions.chunks(AT_A_TIME) {
            let mut users = [None; AT_A_TIME];
            for (user, question) in users.iter_mut().zip(some) {
                *user = self.user(question.user);
            }
            // Reading of each brings its memory in before the first is judged.
            for user in &mut users {
                *user = user.filter(|u| u.is_active());
            }
            users.iter().flatten().for_each(|user| user.touch());
            answers
                .extend(some.iter().zip(users).map(|(q, user)| user.is_some_and(|u| self.judge(u, q, now))));
        }
        answers
    }

    /// The answer to a question, with its grounds.
    #[must_use]
    pub fn decide(&self, question: &Question, now: Instant) -> Decision {
        let (grounds, valid_until) = match self.user(question.user) {
            None => (Grounds::UnknownUser, None),
            Some(user) if !user.is_active() => (Grounds::Inactive, None),
            Some(user) => {
                let mut until = user.next_boundary(now);
                if let Resource::User(target) = question.resource {
                    let others = self.user(target).and_then(|t| t.next_boundary(now));
                    until = until.into_iter().chain(others).min();
                }
                (self.grounds(user, question, now), until)
            }
        };
        let allowed = matches!(grounds, Grounds::Granted { .. });
        Decision { allowed, grounds, revision: self.revision, valid_until }
    }

    /// The answers to many questions, with their grounds, in their order.
    #[must_use]
    pub fn decide_many(&self, questions: &[Question], now: Instant) -> Vec<Decision> {
        questions.iter().map(|q| self.decide(q, now)).collect()
    }

    fn grounds(&self, user: UserRef<'_>, question: &Question, now: Instant) -> Grounds {
        let granted = match &question.resource {
            Resource::Thing { entity, place } => {
                let need = Need::of(*entity, place, self.permissions.is_view(question.permission));
                self.granted(user, question.permission, &need, question.application, now)
            }
            Resource::User(target) => {
                if !self.may_enter(user, question.application, now) {
                    return Grounds::ApplicationClosed;
                }
                self.granted_on_user(user, question, *target, now)
            }
        };
        match granted.and_then(PackedGrant::id) {
            Some(grant) => Grounds::Granted { grant },
            None if !self.may_enter(user, question.application, now) => Grounds::ApplicationClosed,
            None if user.grants().any(|g| self.roles.holds(g.role(), question.permission)) => {
                Grounds::NotHere
            }
            None => Grounds::NotHeld,
        }
    }

    /// The grant that allows: the one pass over a user's grants on which every answer rests.
    #[inline]
    pub(crate) fn granted<'u>(
        &self,
        user: UserRef<'u>,
        permission: PermissionId,
        need: &Need,
        application: Option<Application>,
        now: Instant,
    ) -> Option<PackedGrant<'u>> {
        let Some(application) = application else {
            return user
                .grants()
                .find(|g| self.roles.holds(g.role(), permission) && g.admits(need) && g.holds_at(now));
        };
        let (mut entered, mut found) = (false, None);
        for grant in user.grants() {
            if !self.roles.counts_in(grant.role(), application) || !grant.holds_at(now) {
                continue;
            }
            entered |= self.roles.opens(grant.role(), application);
            if found.is_none() && self.roles.holds(grant.role(), permission) && grant.admits(need) {
                found = Some(grant);
            }
            if entered && found.is_some() {
                return found;
            }
        }
        None
    }

    /// The grants of a user that count in the application and hold now.
    pub(crate) fn counting<'u>(
        &'u self,
        user: UserRef<'u>,
        application: Option<Application>,
        now: Instant,
    ) -> impl Iterator<Item = PackedGrant<'u>> {
        user.grants()
            .filter(move |g| g.holds_at(now) && application.is_none_or(|a| self.roles.counts_in(g.role(), a)))
    }

    /// Whether a valid grant, wherever its scope, lets the user enter; without an application, always.
    #[must_use]
    pub fn may_enter(&self, user: UserRef<'_>, application: Option<Application>, now: Instant) -> bool {
        application
            .is_none_or(|a| self.counting(user, application, now).any(|g| self.roles.opens(g.role(), a)))
    }

    /// Users as resources: to view, one grant with the permission must meet a grant of the target; for
    /// anything else the target's grants must each be covered by one, in place and from now on in
    /// time. A user without grants is looked at and managed from (All, All, All).
    fn granted_on_user<'u>(
        &'u self,
        user: UserRef<'u>,
        question: &Question,
        target: UserId,
        now: Instant,
    ) -> Option<PackedGrant<'u>> {
        let holding: Vec<(PackedGrant<'u>, Scope)> = self
            .counting(user, question.application, now)
            .filter(|g| self.roles.holds(g.role(), question.permission))
            .map(|g| (g, g.scope()))
            .collect();
        let theirs: Vec<(Scope, Validity)> = self
            .user(target)
            .into_iter()
            .flat_map(UserRef::grants)
            .map(|g| (g.scope(), g.validity()))
            .collect();
        let by = |test: &dyn Fn(&Scope, Validity) -> bool| {
            // Those that count hold now: that one began in the past takes nothing from it.
            holding.iter().find(|(g, own)| test(own, g.validity().from_now(now))).map(|(g, _)| *g)
        };
        if theirs.is_empty() {
            return by(&|own, _| own.is_account());
        }
        if self.permissions.is_view(question.permission) {
            return by(&|own, _| theirs.iter().any(|(scope, _)| own.meets(scope)));
        }
        let cover = |(scope, validity): &(Scope, Validity)| {
            by(&|own, valid| own.covers(scope) && valid.contains(*validity))
        };
        let all_covered = theirs.iter().all(|grant| cover(grant).is_some());
        theirs.first().filter(|_| all_covered).and_then(cover)
    }
}
