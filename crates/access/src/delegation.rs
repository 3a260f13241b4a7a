//! Delegation: nobody hands out what they do not hold.
//!
//! The rules of DESIGN section 2, each a function here, each with a test that names it. A switch for each
//! rule exists in tests alone, to show that the search for a way around them finds one without it.

use crate::catalogue::{PermissionId, PermissionSet};
use crate::change::GrantSpec;
use crate::proof::{Actor, Authorized};
use crate::scope::Scope;
use crate::snapshot::{Role, Snapshot};
use crate::time::{Instant, Validity};
use crate::words::{Application, Number, RetailerId, UserId};

/// Two roles that, held together at account scope, are as strong as an administrator.
const MANAGERS: [&str; 2] = ["ROLE_MANAGER", "USER_MANAGER"];

/// Why something may not be handed out, taken or managed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DelegationRefusal {
    /// Rule 1: managing users is not held over the whole of it.
    #[error("this needs {permission} over {at}, which you do not hold there by one grant")]
    NotManaged {
        /// The permission of managing.
        permission: &'static str,
        /// Where it is missing.
        at: String,
    },
    /// Rule 1: a permission of the role is not held over the whole of it.
    #[error("the role {role} holds {missing}, which you do not hold over {at}{}", only_elsewhere(*.other_than))]
    Escalation {
        /// The role.
        role: String,
        /// What is missing.
        missing: String,
        /// Where.
        at: String,
        /// The application that is called from, where the actor holds it in another one alone.
        other_than: Option<Application>,
    },
    /// Rule 2: the role is stronger than the actor's own best in its application.
    #[error("the role {role} has rank {rank} in {application}, stronger than your own {own}")]
    Rank {
        /// The role.
        role: String,
        /// Its rank.
        rank: u16,
        /// The application of both.
        application: Application,
        /// The actor's best rank there.
        own: u16,
    },
    /// Rule 3: both managers' roles together.
    #[error(
        "ROLE_MANAGER and USER_MANAGER together at account scope are as strong as an administrator: \
         they are given only by somebody who holds every permission account-wide, or both of them"
    )]
    Managers,
    /// Rule 5: a grant of the user, at places where the asker may not see it, stands in the way.
    #[error("this user has access at other places too, which you could not have given")]
    Elsewhere,
    /// The scope lists more places than can be judged one by one.
    #[error("the scope lists too many combinations of places to judge: give it in several grants")]
    TooManyPlaces,
}

/// Whoever holds something and is told that they do not is told why.
fn only_elsewhere(called_from: Option<Application>) -> String {
    called_from.map_or_else(String::new, |application| {
        format!(
            " in {application}, from where you ask: what you hold in another application counts there alone"
        )
    })
}

/// A grant of the actor that counts in the application they call from, now.
struct Held {
    role: Role,
    scope: Scope,
    validity: Validity,
}

/// Somebody who hands out: their grants that count, and their ranks.
pub struct Giver<'s> {
    snapshot: &'s Snapshot,
    operator: bool,
    held: Vec<Held>,
    /// Who they are, from where they call and when: what they hold elsewhere is looked up where it is asked for.
    actor: Actor,
    application: Option<Application>,
    now: Instant,
    /// Best rank by application, over all grants valid now.
    ranks: Vec<(Application, u16)>,
    access: PermissionSet,
    /// Rules switched off; always none outside tests.
    pub(crate) off: Off,
}

/// Rules that a test switches off, to see that they are what holds. Outside tests all of them are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Off {
    /// Rule 1: each permission of the role.
    pub escalation: bool,
    /// Rule 1: the validity of the giver's grant contains that of the given one.
    pub validity: bool,
    /// Rule 1: a role of every permission, future ones too, asks for such a role.
    pub every: bool,
    /// Rule 1: a change is judged.
    pub change: bool,
    /// Rule 2.
    pub ranks: bool,
    /// Rule 3: who gives both managers' roles.
    pub managers: bool,
    /// Rule 4: permissions put into a role are held.
    pub contents: bool,
    /// Rule 4: permissions taken from a role could be given wherever it is granted.
    pub taken: bool,
    /// Rule 4: nobody edits a role they hold.
    pub own_role: bool,
    /// Rule 5: whoever manages a user could have given their grants.
    pub standing: bool,
    /// Rule 5: nobody changes their own grants or status.
    pub oneself: bool,
}

#[cfg(test)]
thread_local! {
    /// What the test of this thread has switched off.
    pub(crate) static OFF: std::cell::Cell<Off> = std::cell::Cell::default();
}

impl Off {
    #[cfg(test)]
    pub(crate) fn current() -> Self {
        OFF.get()
    }

    #[cfg(not(test))]
    pub(crate) fn current() -> Self {
        Self::default()
    }
}

impl<'s> Giver<'s> {
    /// The giver of a proof.
    #[must_use]
    pub fn of<Op>(proof: &Authorized<'s, Op>) -> Self {
        let subject = proof.subject();
        Self::new(proof.snapshot(), subject.actor(), subject.application(), proof.now())
    }

    /// An actor of a state, calling from an application.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot, actor: Actor, application: Option<Application>, now: Instant) -> Self {
        let user = match actor {
            Actor::User(id) => snapshot.user(id),
            Actor::Operator => None,
        };
        let mut ranks: Vec<(Application, u16)> = Vec::new();
        let valid = user.into_iter().flat_map(|u| snapshot.counting(u, None, now));
        for role in valid.filter_map(|g| snapshot.roles.at(g.role())) {
            if let (Some(application), Some(rank)) = (role.application, role.rank) {
                match ranks.iter_mut().find(|(a, _)| *a == application) {
                    Some((_, best)) => *best = rank.min(*best),
                    None => ranks.push((application, rank)),
                }
            }
        }
        let counting = user.into_iter().flat_map(|u| snapshot.counting(u, application, now));
        let held = counting.filter_map(|g| {
            let role = snapshot.roles.at(g.role())?.clone();
            // What is past gives nothing away, so a beginning in the past is as good as none.
            Some(Held { role, scope: g.scope(), validity: g.validity().from_now(now) })
        });
        let opens = Application::ALL.iter().filter_map(|a| snapshot.permissions.find(a.access_permission()));
        Self {
            operator: actor == Actor::Operator,
            held: held.collect(),
            actor,
            application,
            now,
            ranks,
            access: opens.collect(),
            snapshot,
            off: Off::current(),
        }
    }

    /// Whether one grant of the giver has the permission over the whole of the scope, for all of the validity.
    #[must_use]
    pub fn may(&self, permission: PermissionId, scope: &Scope, validity: Validity) -> bool {
        self.operator
            || self.held.iter().any(|h| {
                h.role.permissions.contains(permission)
                    && h.scope.covers(scope)
                    && self.lasts(h.validity, validity)
            })
    }

    /// Rule 1: whether a grant of the giver lasts as long as what is given by it.
    fn lasts(&self, own: Validity, given: Validity) -> bool {
        own.contains(given) || self.off.validity
    }

    /// Whether the giver sees grants of this scope: where they hold `USER_VIEW`.
    pub(crate) fn sees(&self, scope: &Scope) -> bool {
        let view = self.snapshot.permissions.find("USER_VIEW");
        self.operator
            || self
                .held
                .iter()
                .any(|h| view.is_some_and(|v| h.role.permissions.contains(v)) && h.scope.meets(scope))
    }

    /// Whether one grant of the giver that holds now has the permission over the whole of the scope.
    pub(crate) fn may_now(&self, permission: &str, scope: &Scope) -> bool {
        let permission = self.snapshot.permissions.find(permission);
        let held =
            |h: &Held| permission.is_some_and(|p| h.role.permissions.contains(p)) && h.scope.covers(scope);
        self.operator || self.held.iter().any(held)
    }

    fn may_named(&self, permission: &str, scope: &Scope, validity: Validity) -> bool {
        self.operator
            || self.snapshot.permissions.find(permission).is_some_and(|p| self.may(p, scope, validity))
    }

    /// Rule 3: whether the giver holds both managers' roles at account scope for all of the validity.
    #[must_use]
    pub fn is_lifted(&self, validity: Validity) -> bool {
        self.operator
            || MANAGERS.iter().all(|key| {
                self.held.iter().any(|h| {
                    h.role.key.as_str() == *key && h.scope.is_account() && self.lasts(h.validity, validity)
                })
            })
    }

    /// Whether the giver holds every permission account-wide, or both managers' roles.
    fn is_full(&self, validity: Validity) -> bool {
        self.is_lifted(validity)
            || self.snapshot.permissions.ids().all(|p| self.may(p, &Scope::account(), validity))
    }

    /// Rule 1 for a scope with at most one listed place in each dimension, or a larger one as a whole.
    fn judge_unit(
        &self,
        role: &Role,
        unit: &Scope,
        validity: Validity,
        manage: &'static str,
    ) -> Result<(), DelegationRefusal> {
        if !self.may_named(manage, unit, validity) {
            let at = self.snapshot.scope_text(unit);
            return Err(DelegationRefusal::NotManaged { permission: manage, at });
        }
        if self.is_lifted(validity) || self.off.escalation {
            return Ok(());
        }
        let escalation = |missing: &str, other_than| DelegationRefusal::Escalation {
            role: role.key.to_string(),
            missing: missing.to_owned(),
            at: self.snapshot.scope_text(unit),
            other_than,
        };
        // A role that holds every permission will hold those that are added later, so its giver must too.
        let every = || {
            let mut all = self.held.iter().filter(|h| h.role.every && h.scope.covers(unit));
            all.any(|h| self.lasts(h.validity, validity))
        };
        if role.every && !self.off.every && !every() {
            return Err(escalation("every permission, future ones too", None));
        }
        // The three entries come with managing users.
        let needed = role.permissions.without(&self.access);
        match needed.iter().find(|p| !self.may(*p, unit, validity)) {
            Some(missing) => {
                let anywhere = Giver::new(self.snapshot, self.actor, None, self.now);
                let other_than = self.application.filter(|_| anywhere.may(missing, unit, validity));
                Err(escalation(self.snapshot.permissions.name(missing), other_than))
            }
            None => Ok(()),
        }
    }

    /// Rule 1: each listed place by itself.
    ///
    /// # Errors
    /// The first place and permission that is missing.
    pub fn judge(
        &self,
        role: &Role,
        scope: &Scope,
        validity: Validity,
        manage: &'static str,
    ) -> Result<(), DelegationRefusal> {
        if self.operator || self.judge_unit(role, scope, validity, manage).is_ok() {
            return Ok(());
        }
        let units = scope.units().ok_or(DelegationRefusal::TooManyPlaces)?;
        units.iter().try_for_each(|unit| self.judge_unit(role, unit, validity, manage))
    }

    /// Rule 1 for a change: what it adds and what it takes, each listed place by itself.
    ///
    /// # Errors
    /// The first place and permission that is missing.
    pub fn judge_change(
        &self,
        role: &Role,
        old: (&Scope, Validity),
        new: (&Scope, Validity),
    ) -> Result<(), DelegationRefusal> {
        if self.operator || self.off.change {
            return Ok(());
        }
        for (from, to) in [(old, new), (new, old)] {
            for unit in added_units(from, to)? {
                self.judge_unit(role, &unit, to.1, "USER_UPDATE")?;
            }
        }
        Ok(())
    }

    /// Rule 2: only ranks equal to or weaker than the giver's own best in the role's application.
    ///
    /// The giver's rank is looked for in all their grants that are valid now, also in those that do not
    /// count in the application they call from: calling from elsewhere makes nobody stronger.
    ///
    /// # Errors
    /// Both ranks.
    pub fn outranks(&self, role: &Role) -> Result<(), DelegationRefusal> {
        let (Some(application), Some(rank)) = (role.application, role.rank) else { return Ok(()) };
        match self.ranks.iter().find(|(a, _)| *a == application) {
            Some((_, own)) if rank < *own && !self.operator && !self.off.ranks => {
                Err(DelegationRefusal::Rank { role: role.key.to_string(), rank, application, own: *own })
            }
            _ => Ok(()),
        }
    }

    /// Rules 1 and 2 together: the giver could give this.
    ///
    /// # Errors
    /// What is missing, and where.
    pub fn could_give(&self, spec: &GrantSpec, manage: &'static str) -> Result<(), DelegationRefusal> {
        let Some(role) = self.snapshot.role(spec.role) else { return Ok(()) };
        self.judge(role, &spec.scope, spec.validity, manage)?;
        self.outranks(role)
    }

    /// Rule 5: the giver could have given every grant of that user, all of them together (rule 3); one
    /// without grants is managed from (All, All, All).
    ///
    /// # Errors
    /// What is missing, and where.
    pub fn could_have_given_all(&self, user: UserId, manage: &'static str) -> Result<(), DelegationRefusal> {
        if self.off.standing {
            return Ok(());
        }
        let grants = self.snapshot.grants(user);
        if grants.is_empty() && !self.may_now(manage, &Scope::account()) {
            return Err(DelegationRefusal::NotManaged { permission: manage, at: "the whole account".into() });
        }
        let specs: Vec<GrantSpec> = grants.into_iter().map(|g| g.spec).collect();
        for spec in &specs {
            let seen = self.sees(&spec.scope);
            let hide = |why| if seen { why } else { DelegationRefusal::Elsewhere };
            self.could_give(spec, manage).map_err(hide)?;
        }
        self.judge_managers(&[], &specs)
    }

    /// Rule 3: nobody comes to hold both managers' roles at account scope but by somebody as strong.
    ///
    /// # Errors
    /// That rule.
    pub fn judge_managers(&self, before: &[GrantSpec], after: &[GrantSpec]) -> Result<(), DelegationRefusal> {
        let old: Vec<&GrantSpec> = self.snapshot.managers_among(before).collect();
        let new = self.snapshot.managers_among(after);
        let mut given = new.filter(|s| !old.contains(s)).peekable();
        if !self.snapshot.are_managers(after) || given.peek().is_none() || self.off.managers {
            return Ok(());
        }
        match given.all(|s| self.is_full(s.validity)) {
            true => Ok(()),
            false => Err(DelegationRefusal::Managers),
        }
    }

    /// Rule 4: a permission that is put into a role is held account-wide, without end.
    ///
    /// # Errors
    /// The first that is not.
    pub fn holds_account_wide(&self, added: &PermissionSet) -> Result<(), DelegationRefusal> {
        if self.is_lifted(Validity::ALWAYS) || self.off.contents {
            return Ok(());
        }
        match added.iter().find(|p| !self.may(*p, &Scope::account(), Validity::ALWAYS)) {
            None => Ok(()),
            Some(missing) => Err(DelegationRefusal::Escalation {
                role: "as edited".into(),
                missing: self.snapshot.permissions.name(missing).to_owned(),
                at: "the whole account".into(),
                other_than: None,
            }),
        }
    }

    /// OneStock: whether the giver has access to one of the sites where these grants are.
    #[must_use]
    pub fn shares_a_site(&self, theirs: &[GrantSpec]) -> bool {
        self.operator || self.held.iter().any(|h| theirs.iter().any(|t| h.scope.shares_a_retailer(&t.scope)))
    }
}

impl Snapshot {
    /// Whether these grants are of both managers' roles at account scope: together they are as strong as an administrator.
    /// When they hold is not looked at.
    #[must_use]
    pub fn are_managers(&self, grants: &[GrantSpec]) -> bool {
        let held: std::collections::BTreeSet<_> = self.managers_among(grants).map(|spec| spec.role).collect();
        held.len() == MANAGERS.len()
    }

    fn managers_among<'g>(&self, grants: &'g [GrantSpec]) -> impl Iterator<Item = &'g GrantSpec> {
        grants.iter().filter(|spec| {
            let key = self.role(spec.role).map(|role| role.key.as_str());
            spec.scope.is_account() && key.is_some_and(|key| MANAGERS.contains(&key))
        })
    }
}

/// The units of `to` that were not there in `from`, or not for as long.
pub(crate) fn added_units(
    from: (&Scope, Validity),
    to: (&Scope, Validity),
) -> Result<Vec<Scope>, DelegationRefusal> {
    let mut units = to.0.units().ok_or(DelegationRefusal::TooManyPlaces)?;
    units.retain(|unit| !(from.0.covers(unit) && from.1.contains(to.1)));
    Ok(units)
}

/// The only listed retailer of a scope.
#[must_use]
pub(crate) fn single_retailer(scope: &Scope) -> Option<RetailerId> {
    match scope.retailers.listed() {
        [one] => RetailerId::from_number(one.number()),
        _ => None,
    }
}
