//! What the Order Management Center reads: which of its pages somebody may open, and the audit.

use crate::accounts::Service;
use crate::error::ServiceError;
use access::change::UserKind;
use access::commands::Refusal;
use access::proof::{Guarded, Where};
use access::{Demand, Instant, Scope, Snapshot};
use authn::Principal;
use std::sync::Arc;
use store::{AuditEntry, AuditQuery};

/// A page of the Order Management Center that not everybody may read. Those of users are in the Store App, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfficePage {
    /// The users that one sees.
    Users,
    /// The roles of the account.
    Roles,
    /// Why somebody may do something or may not.
    Explain,
    /// Who changed what.
    Audit,
    /// The form for a new user.
    NewUser,
    /// The form for a new role.
    NewRole,
}

impl OfficePage {
    /// Those of the menu, in its order.
    pub const MENU: [Self; 4] = [Self::Users, Self::Roles, Self::Explain, Self::Audit];
}

impl Guarded for OfficePage {
    fn demand(&self, _on: &Snapshot) -> Demand {
        match self {
            Self::Users => Demand::new("USER_VIEW", Where::Somewhere),
            Self::Roles => Demand::new("ROLE_VIEW", Where::Somewhere),
            Self::Explain => Demand::new("DECISION_VIEW", Where::Somewhere),
            Self::NewUser => Demand::new("USER_CREATE", Where::Somewhere),
            Self::NewRole => Demand::new("ROLE_CREATE", Where::Covering(Scope::account())),
            // Entries tell of every site.
            Self::Audit => Demand::new("AUDIT_VIEW", Where::Covering(Scope::account())),
        }
    }
}

/// A state, and the instant that it is read at.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The state.
    pub on: Arc<Snapshot>,
    /// When.
    pub now: Instant,
}

/// Which entries of an audit are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditSearch {
    /// Entries older than this one; none: from the newest on.
    pub before: Option<u64>,
    /// The id of who did it, or `operator`; empty: anybody.
    pub actor: String,
    /// A part of what it was done to, in any case; empty: anything.
    pub target: String,
    /// The ids of those that it was done to, one of which is a word of the target; none: anything.
    pub of: Vec<String>,
    /// What the kind begins with: `user.`, `role.edited`; empty: every kind.
    pub kind: String,
    /// Not before this.
    pub from: Option<Instant>,
    /// Before this.
    pub until: Option<Instant>,
    /// Most entries, at most [`AuditSearch::ROWS_MAX`].
    pub rows: usize,
}

impl AuditSearch {
    /// Most ids that one search looks for.
    pub const OF_MAX: usize = 50;
    /// Most entries of one answer.
    pub const ROWS_MAX: usize = 500;
    /// Most entries that one search looks at; where it ended without filling its page, the next goes on.
    pub const LOOKED_AT_MAX: usize = 50_000;

    fn admits(&self, entry: &AuditEntry) -> bool {
        (self.actor.is_empty() || entry.actor == self.actor)
            && (self.target.is_empty() || entry.target.to_lowercase().contains(&self.target))
            && (self.of.is_empty() || entry.target.split(' ').any(|word| self.of.iter().any(|of| of == word)))
            && entry.action.starts_with(&self.kind)
            && self.until.is_none_or(|until| entry.at < until)
    }
}

/// Entries that were found, the newest first.
#[derive(Clone, Debug)]
pub struct AuditFound {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where to go on: the number that the next search is `before`. None when there is nothing older.
    pub next: Option<u64>,
    /// How many were looked at.
    pub looked_at: usize,
}

impl Service {
    /// The newest state, for whoever may read that page.
    ///
    /// # Errors
    /// A principal who is no longer current, or may not.
    pub fn read_page(&self, who: &Principal, page: OfficePage) -> Result<Seen, ServiceError> {
        let (on, now) = (self.enter(who)?, self.inner.clock.now());
        on.authorize(who.subject(), page, now).map(drop).map_err(Refusal::from)?;
        Ok(Seen { on, now })
    }

    /// Some administrators of the account, by login: people who can give whatever is missing.
    ///
    /// # Errors
    /// A principal who is no longer current.
    pub fn administrators(&self, who: &Principal, most: usize) -> Result<Vec<String>, ServiceError> {
        let on = self.enter(who)?;
        let people = on.administrators().iter().filter_map(|id| on.user(*id));
        let people = people.filter(|user| user.kind() == UserKind::Person);
        Ok(people.take(most).map(|user| user.login()).collect())
    }

    /// The chains of the audit: that of access changes, and of the sign-ins on each node.
    ///
    /// # Errors
    /// A principal who is no longer current, or may not see the audit.
    pub fn audit_chains(&self, who: &Principal) -> Result<Vec<String>, ServiceError> {
        self.read_page(who, OfficePage::Audit)?;
        Ok(self.inner.store.audit_chains(who.account())?)
    }

    /// Entries of one chain of the audit, the newest first.
    ///
    /// # Errors
    /// A principal who is no longer current or may not see the audit; a chain that is none.
    pub fn search_audit(
        &self,
        who: &Principal,
        chain: &str,
        search: &AuditSearch,
    ) -> Result<AuditFound, ServiceError> {
        if !self.audit_chains(who)?.iter().any(|known| known == chain) {
            return Err(ServiceError::NotFound("chain of the audit"));
        }
        let search = AuditSearch { target: search.target.to_lowercase(), ..search.clone() };
        let rows = search.rows.clamp(1, AuditSearch::ROWS_MAX);
        let mut found = AuditFound { entries: Vec::new(), next: search.before, looked_at: 0 };
        while found.looked_at < AuditSearch::LOOKED_AT_MAX {
            let limit = AuditQuery::LIMIT_MAX;
            let query = AuditQuery { chain: chain.to_owned(), after: found.next, limit, newest_first: true };
            let entries = self.inner.store.audit(who.account(), &query)?;
            let is_last = entries.len() < limit;
            for entry in entries {
                if search.from.is_some_and(|from| entry.at < from) {
                    return Ok(AuditFound { next: None, ..found });
                }
                // Whoever has a full page learns whether there is more by there being one more.
                if search.admits(&entry) {
                    if found.entries.len() == rows {
                        return Ok(found);
                    }
                    found.next = Some(entry.number);
                    found.entries.push(entry);
                } else if found.entries.len() < rows {
                    found.next = Some(entry.number);
                }
                found.looked_at += 1;
            }
            if is_last {
                return Ok(AuditFound { next: None, ..found });
            }
            if found.entries.len() == rows {
                return Ok(found);
            }
        }
        Ok(found)
    }
}
