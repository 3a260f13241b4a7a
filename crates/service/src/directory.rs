//! Lists of users: searched, filtered, sorted, a page at a time, for whoever sees them.
//!
//! The orders of the newest state are kept for each account, and the last few selections: another page of the same list
//! is cut from what was found for the first.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::office::{OfficePage, Seen};
use access::directory::{Directory, Selection, StatusCounts, UserQuery};
use access::{Instant, Revision, Snapshot, Subject, UserId};
use authn::Principal;
use std::sync::{Arc, Mutex, PoisonError};

/// Most selections that are kept for an account. One of everybody has 4 bytes a user.
const SELECTIONS_MAX: usize = 8;

/// A page of a list of users.
#[derive(Clone, Debug)]
pub struct UserList {
    /// The orders, and the state that they are of.
    pub directory: Arc<Directory>,
    /// When it was read.
    pub now: Instant,
    /// Everybody whom the list holds.
    pub selection: Arc<Selection>,
}

impl UserList {
    /// The state that the list was read from.
    #[must_use]
    pub fn on(&self) -> &Snapshot {
        self.directory.snapshot()
    }

    /// How many there are of each status, whatever status was asked for.
    #[must_use]
    pub fn counts(&self) -> StatusCounts {
        self.selection.counts()
    }
}

/// What is kept for the lists of an account.
#[derive(Default)]
pub(crate) struct Lists {
    directory: Mutex<Option<Arc<Directory>>>,
    /// Those used last come last.
    kept: Mutex<Vec<Kept>>,
}

struct Kept {
    subject: Subject,
    query: UserQuery,
    revision: Revision,
    holds_until: Option<Instant>,
    selection: Arc<Selection>,
}

impl Lists {
    /// The orders of that state, or of a newer one.
    fn directory(&self, on: &Snapshot) -> Arc<Directory> {
        let mut kept = self.directory.lock().unwrap_or_else(PoisonError::into_inner);
        let next = match kept.as_ref() {
            Some(known) if known.snapshot().revision() >= on.revision() => return known.clone(),
            Some(known) => Arc::new(known.next(on)),
            None => Arc::new(Directory::of(on)),
        };
        *kept = Some(next.clone());
        next
    }

    fn find(
        &self,
        (subject, query): (&Subject, &UserQuery),
        revision: Revision,
        now: Instant,
    ) -> Option<Arc<Selection>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |k: &Kept| k.revision == revision && k.holds_until.is_none_or(|until| now < until);
        kept.retain(holds);
        let at = kept.iter().position(|k| k.subject == *subject && k.query == *query)?;
        let found = kept.remove(at);
        let selection = found.selection.clone();
        kept.push(found);
        Some(selection)
    }

    fn keep(&self, new: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SELECTIONS_MAX {
            kept.remove(0);
        }
        kept.push(new);
    }
}

impl Service {
    /// The users whom the principal sees and who pass the query.
    ///
    /// # Errors
    /// A principal who is no longer current, or holds `USER_VIEW` nowhere.
    pub fn users(&self, who: &Principal, query: &UserQuery) -> Result<UserList, ServiceError> {
        let seen = self.read_page(who, OfficePage::Users)?;
        let (state, now) = (self.state(who.account())?, seen.now);
        let directory = state.lists.directory(&seen.on);
        let (subject, revision) = (*who.subject(), directory.snapshot().revision());
        if let Some(selection) = state.lists.find((&subject, query), revision, now) {
            return Ok(UserList { directory, now, selection });
        }
        let viewer = directory.viewer(&subject, now);
        let selection = Arc::new(directory.select(&viewer, query));
        let holds_until = viewer.holds_until();
        state.lists.keep(Kept {
            subject,
            query: query.clone(),
            revision,
            holds_until,
            selection: selection.clone(),
        });
        Ok(UserList { directory, now, selection })
    }

    /// [`Service::users`] for a query that is not asked again: nothing is kept of it.
    pub(crate) fn users_once(&self, who: &Principal, query: &UserQuery) -> Result<UserList, ServiceError> {
        let Seen { on, now } = self.read_page(who, OfficePage::Users)?;
        let directory = self.state(who.account())?.lists.directory(&on);
        let selection = Arc::new(directory.select(&directory.viewer(who.subject(), now), query));
        Ok(UserList { directory, now, selection })
    }

    /// The user of that id or login, for whoever sees them.
    ///
    /// # Errors
    /// A principal who is no longer current; nobody of that name, or nobody whom they see: both alike.
    pub fn user_seen(
        &self,
        who: &Principal,
        text: &str,
    ) -> Result<(UserId, Arc<Snapshot>, Instant), ServiceError> {
        let (on, now) = (self.enter(who)?, self.inner.clock.now());
        let found = on.find_user(text).filter(|id| on.sees_user(who.subject(), *id, now));
        let user = found.ok_or(ServiceError::NotFound("user"))?;
        Ok((user, on, now))
    }
}
