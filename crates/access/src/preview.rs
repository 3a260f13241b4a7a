//! What a change would give and take, exactly, before it is made.
//!
//! A preview compares two states, the one that is and the one that a changeset would lead to, user by user: for
//! each permission, in each application and in none, the things that are admitted after and not before, or before
//! and not after, now and at each later instant at which a grant begins or ends. Nothing whose decision stays is
//! listed, and nothing whose decision changes is missing; a property test holds that to `decide`.
//!
//! It speaks of things at places. Whom one sees and manages among the users follows from the scopes of both
//! (DESIGN, "Users as resources") and is not listed by user.
//!
//! **Invariant:** it judges by the same two facts as `decide`: the role holds the permission, the scope admits.

mod compare;
mod lines;
pub mod region;
mod sentence;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;

pub use lines::{PreviewLine, SETS_MAX};
pub use region::{Ids, Part, Region};
pub use sentence::NAMED_MAX;
pub(crate) use sentence::region_text;

use crate::catalogue::{PermissionId, RoleSlot};
use crate::change::Change;
use crate::snapshot::{Snapshot, UserRef};
use crate::time::Instant;
use crate::words::{Application, Applications, RoleId, UserId};
use compare::Comparer;
use std::collections::BTreeSet;

/// Most users that are examined; those beyond are counted.
pub const USERS_MAX: usize = 250_000;

/// Most stretches of time that one user's grants may make of the future; a user with more is counted as too
/// intricate.
pub const PERIODS_MAX: usize = 64;

/// Where a permission is asked: in an application that the question names, or in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contexts(u8);

impl Contexts {
    const COUNT: usize = 4;
    /// The question names no application: every grant counts.
    const UNNAMED: Contexts = Contexts(8);
    const ALONE: [Contexts; Self::COUNT] = [Contexts(1), Contexts(2), Contexts(4), Self::UNNAMED];

    /// The context of a question.
    #[must_use]
    pub fn of(application: Option<Application>) -> Self {
        application.map_or(Self::UNNAMED, |a| Contexts(a.bit()))
    }

    /// Which of the four it is, when it is one.
    fn index(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether questions that name this application, or none, are among them.
    #[must_use]
    pub fn contains(self, application: Option<Application>) -> bool {
        self.0 & Self::of(application).0 != 0
    }

    /// The applications among them.
    #[must_use]
    pub fn applications(self) -> Applications {
        let named = Application::ALL.into_iter().filter(|a| self.contains(Some(*a)));
        named.fold(Applications::NONE, Applications::with)
    }

    /// Those that name an application; none where it is only the one that names none.
    fn named(self) -> Option<Self> {
        let named = Self(self.0 & !Self::UNNAMED.0);
        (named.0 != 0).then_some(named)
    }

    /// Whether it is all four.
    #[must_use]
    pub fn is_every(self) -> bool {
        self.0 == 15
    }
}

/// From `from` (now, when there is none) until `until` (without end, when there is none).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The first instant, when it is a later one than now.
    pub from: Option<Instant>,
    /// The first instant that is no longer in it.
    pub until: Option<Instant>,
}

impl Period {
    /// Whether an instant that is not past is in it.
    #[must_use]
    pub fn holds_at(self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// What becomes of a user as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusChange {
    /// They are made; what they gain is listed besides.
    Created,
    /// They come back, and gain everything that they then hold. It is not listed besides.
    Enabled,
    /// They are switched off, and lose everything. It is not listed besides.
    Disabled,
    /// They are removed, and lose everything. It is not listed besides.
    Removed,
}

/// One thing that changes for a user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// What becomes of them as a whole.
    Status(StatusChange),
    /// They may enter an application, or no longer.
    Entry {
        /// May, or no longer may.
        gain: bool,
        /// The application.
        application: Application,
    },
    /// They may do something somewhere, or no longer.
    Access {
        /// May, or no longer may.
        gain: bool,
        /// Each of these, ascending.
        permissions: Vec<PermissionId>,
        /// Asked in any of these.
        contexts: Contexts,
        /// On the things in these, which share nothing.
        at: Vec<Region>,
    },
}

/// One thing that changes for a user, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Difference {
    /// What.
    pub what: What,
    /// When.
    pub when: Period,
}

/// The exact difference that a change makes.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What changes for users who are alike.
    groups: Vec<Group>,
    examined: usize,
    beyond: usize,
    intricate: Vec<UserId>,
}

#[derive(Clone, Debug)]
struct Group {
    /// Ascending.
    users: Vec<UserId>,
    differences: Vec<Difference>,
}

impl Preview {
    /// What is different for these users `after`, at `now` and later. Both are states of one account.
    ///
    /// The users may be any; [`Self::affected`] names those whom changes can touch. At most [`USERS_MAX`] are
    /// examined.
    #[must_use]
    pub fn of(
        before: &Snapshot,
        after: &Snapshot,
        users: impl IntoIterator<Item = UserId>,
        now: Instant,
    ) -> Self {
        let mut comparer = Comparer::new(before, after, now);
        let mut by_case: Vec<Vec<UserId>> = Vec::new();
        let (mut examined, mut beyond) = (0, 0);
        for user in users {
            if examined == USERS_MAX {
                beyond += 1;
                continue;
            }
            examined += 1;
            let case = comparer.case(user);
            if by_case.len() <= case {
                by_case.resize(case + 1, Vec::new());
            }
            by_case.get_mut(case).into_iter().for_each(|users| users.push(user));
        }
        let mut preview = Self { groups: Vec::new(), examined, beyond, intricate: Vec::new() };
        for (mut users, found) in by_case.into_iter().zip(comparer.found) {
            users.sort_unstable();
            users.dedup();
            match found {
                Ok(differences) if differences.is_empty() => {}
                Ok(differences) => preview.groups.push(Group { users, differences }),
                Err(region::TooIntricate) => preview.intricate.extend(users),
            }
        }
        preview.intricate.sort_unstable();
        preview
    }

    /// The users whom changes can touch, ascending: those of grants and switches, and all who hold a role that is
    /// edited or removed.
    ///
    /// Places that are made, renamed, opened or closed change no decision, and neither do profiles, ways to sign
    /// in, sessions and tokens.
    #[must_use]
    pub fn affected(before: &Snapshot, changes: &[Change]) -> Vec<UserId> {
        let mut users = BTreeSet::new();
        let mut roles: BTreeSet<RoleId> = BTreeSet::new();
        for change in changes {
            match change {
                Change::UserCreated { .. }
                | Change::UserSwitched { .. }
                | Change::UserRemoved { .. }
                | Change::GrantAdded { .. }
                | Change::GrantChanged { .. }
                | Change::GrantRemoved { .. } => users.extend(change.user()),
                Change::RoleEdited { id, .. } | Change::RoleRemoved { id } => {
                    roles.insert(*id);
                }
                // Roles that hold every permission hold the new one, too.
                Change::PermissionAdded { .. } => {
                    roles.extend(before.roles().filter(|role| role.every).map(|role| role.id));
                }
                _ => {}
            }
        }
        let slots: BTreeSet<RoleSlot> = roles.into_iter().filter_map(|id| before.roles.slot(id)).collect();
        if !slots.is_empty() {
            let holds = |user: &UserRef<'_>| user.grants().any(|g| slots.contains(&g.role()));
            users.extend(before.users_after(None).filter(|(_, user)| holds(user)).map(|(id, _)| id));
        }
        users.into_iter().collect()
    }

    /// Whether nothing changes for anybody who was examined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.intricate.is_empty()
    }

    /// How many users were examined.
    #[must_use]
    pub fn examined(&self) -> usize {
        self.examined
    }

    /// How many users were given beyond [`USERS_MAX`], and not examined.
    #[must_use]
    pub fn beyond(&self) -> usize {
        self.beyond
    }

    /// Users, ascending, whose grants make a difference of more parts than can be told: nothing is said of them.
    #[must_use]
    pub fn too_intricate(&self) -> &[UserId] {
        &self.intricate
    }

    /// Users for whom something changes, ascending.
    #[must_use]
    pub fn users(&self) -> Vec<UserId> {
        let mut all: Vec<UserId> = self.groups.iter().flat_map(|group| &group.users).copied().collect();
        all.sort_unstable();
        all
    }

    /// Everything that changes for a user.
    #[must_use]
    pub fn differences(&self, user: UserId) -> &[Difference] {
        let found = self.groups.iter().find(|group| group.users.binary_search(&user).is_ok());
        found.map_or(&[], |group| &group.differences)
    }
}
