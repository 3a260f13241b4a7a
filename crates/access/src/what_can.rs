//! `what_can`: a user's effective access, by module and scope.

use crate::catalogue::{ModuleLevel, PermissionSet};
use crate::change::Grant;
use crate::snapshot::Snapshot;
use crate::time::Instant;
use crate::words::{Application, UserId};

/// What one grant that counts now gives: its permissions at its scope, and the modules they open.
#[derive(Clone, Debug)]
pub struct EffectiveAccess {
    /// The grant.
    pub grant: Grant,
    /// The applications in which it counts and which its holder may enter; with none named, the question
    /// is one of another program.
    pub applications: Vec<Application>,
    /// What it gives.
    pub permissions: PermissionSet,
    /// The level of each module of those applications, `none` left out.
    pub modules: Vec<(String, ModuleLevel)>,
}

impl Snapshot {
    /// The effective access of a user: one entry for each grant that is valid now, in the order of their
    /// ids; none for a user who is not active.
    ///
    /// A question is allowed exactly when an entry has its permission, admits its resource and (when an
    /// application is named) lists that application.
    #[must_use]
    pub fn what_can(&self, user: UserId, now: Instant) -> Vec<EffectiveAccess> {
        let Some(found) = self.user(user).filter(|u| u.is_active()) else { return Vec::new() };
        let entered = Application::ALL.map(|a| (a, self.may_enter(found, Some(a), now)));
        self.counting(found, None, now)
            .filter_map(|packed| {
                let grant = self.unpack(user, packed)?;
                let role = self.role(grant.spec.role)?;
                let counts = role.counts_in();
                let applications: Vec<Application> =
                    entered.iter().filter(|(a, may)| *may && counts.contains(*a)).map(|(a, _)| *a).collect();
                let modules =
                    self.contract.modules().iter().filter(|m| applications.contains(&m.application()));
                let levels = modules.map(|m| (m.name().to_owned(), m.level(&role.permissions)));
                Some(EffectiveAccess {
                    modules: levels.filter(|(_, level)| *level != ModuleLevel::None).collect(),
                    permissions: role.permissions.clone(),
                    applications,
                    grant,
                })
            })
            .collect()
    }

    /// What a user holds somewhere in an application: the union over grants, for menus and module pages.
    /// Never for a decision: two grants do not combine into a third.
    #[must_use]
    pub fn held_somewhere(&self, user: UserId, application: Application, now: Instant) -> PermissionSet {
        let mut held = PermissionSet::default();
        for access in self.what_can(user, now) {
            if access.applications.contains(&application) {
                held.extend(&access.permissions);
            }
        }
        held
    }
}
