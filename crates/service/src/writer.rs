//! The account's writer: commands in turn, committed in groups.
//!
//! Whoever finds no leader becomes one, for one group. The leader takes those who wait, authorizes and runs each on the
//! tentative state that the ones before it lead to, commits them in one transaction, publishes, and only
//! then tells anybody. A right revoked by a command of the same group is gone for those after it.

use crate::accounts::{AccountState, Service};
use crate::error::ServiceError;
use access::commands::{Command, Refusal};
use access::proof::still_holds;
use access::{Changeset, Instant, Revision, Snapshot};
use authn::Principal;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use store::{CredentialWrite, Origin, Pending, StoreError};

/// Most commands in one transaction.
const GROUP_MAX: usize = 256;
/// How often a group is run again because another process moved the head.
const ATTEMPTS_MAX: usize = 20;

/// A command made ready to run, any number of times, on whatever state is the newest then.
type Job = Box<dyn Fn(&Snapshot, Instant) -> Result<Prepared, Refusal> + Send>;

/// What a command changes, with the credentials that belong to it.
pub(crate) struct Prepared {
    pub changeset: Changeset,
    pub credentials: Vec<CredentialWrite>,
}

impl From<Changeset> for Prepared {
    fn from(changeset: Changeset) -> Self {
        Self { changeset, credentials: Vec::new() }
    }
}

/// What was done: the state that has it, and the changes.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub revision: Revision,
    pub after: Arc<Snapshot>,
}

/// The job of a command that brings no credentials along.
pub(crate) fn by<C: Command>(
    command: C,
) -> impl Fn(&Snapshot, Instant, &access::Subject) -> Result<Prepared, Refusal> + Send + 'static {
    move |on, now, who| C::run(on.authorize(who, command.clone(), now)?).map(Prepared::from)
}

struct Waiting {
    job: Job,
    origin: Origin,
    reply: SyncSender<Word>,
}

/// What a caller who waits is told.
enum Word {
    /// It is their turn to lead: their own command is in the next group.
    Lead,
    /// What became of their command.
    Done(Result<Done, ServiceError>),
}

#[derive(Default)]
pub(crate) struct Writer {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    led: bool,
}

/// A command that ran, until its group is committed.
struct Ran {
    changeset: Changeset,
    credentials: Vec<CredentialWrite>,
    before: Arc<Snapshot>,
    after: Arc<Snapshot>,
    origin: Origin,
    at: Instant,
}

impl Service {
    /// Authorizes, runs and commits a command for a principal; returns the revision that has it.
    ///
    /// # Errors
    /// Who may not, what does not fit, or a database that cannot be written. Nothing has changed then,
    /// unless the error says that this is not known.
    pub fn execute<C: Command>(
        &self,
        who: &Principal,
        origin: Origin,
        command: C,
    ) -> Result<Revision, ServiceError> {
        Ok(self.run(who, origin, by(command))?.revision)
    }

    /// Makes a command on the state that it runs on, and executes it: for edits that keep what they do not
    /// name, so that two of them at once lose nothing.
    pub(crate) fn execute_made<C: Command>(
        &self,
        who: &Principal,
        origin: Origin,
        make: impl Fn(&Snapshot) -> Result<C, Refusal> + Send + 'static,
    ) -> Result<Revision, ServiceError> {
        let done = self.run(who, origin, move |on, now, who| {
            C::run(on.authorize(who, make(on)?, now)?).map(Prepared::from)
        })?;
        Ok(done.revision)
    }

    /// Runs a job in the account's turn. The principal is checked again on the state it runs on.
    pub(crate) fn run(
        &self,
        who: &Principal,
        origin: Origin,
        job: impl Fn(&Snapshot, Instant, &access::Subject) -> Result<Prepared, Refusal> + Send + 'static,
    ) -> Result<Done, ServiceError> {
        let state = self.state(who.account())?;
        self.run_if(who, Principal::is_current, origin, job, &state)
    }

    /// [`Self::run`] for what a first password may be used for: the change of one's own password, and leaving.
    pub(crate) fn run_limited(
        &self,
        who: &Principal,
        origin: Origin,
        job: impl Fn(&Snapshot, Instant, &access::Subject) -> Result<Prepared, Refusal> + Send + 'static,
    ) -> Result<Done, ServiceError> {
        let state = self.state(who.account())?;
        self.run_if(who, Principal::may_change_password, origin, job, &state)
    }

    fn run_if(
        &self,
        who: &Principal,
        current: fn(&Principal, &Snapshot) -> bool,
        origin: Origin,
        job: impl Fn(&Snapshot, Instant, &access::Subject) -> Result<Prepared, Refusal> + Send + 'static,
        state: &AccountState,
    ) -> Result<Done, ServiceError> {
        let who = who.clone();
        let job: Job = Box::new(move |on, now| {
            if !current(&who, on) {
                return Err(access::Denial::Inactive.into());
            }
            job(on, now, who.subject())
        });
        let answer = self.queue(state, job, origin);
        loop {
            match answer.recv() {
                Ok(Word::Lead) => self.lead(state),
                Ok(Word::Done(outcome)) => return outcome,
                Err(_) => return Err(ServiceError::Internal("the writer went away".into())),
            }
        }
    }

    fn queue(&self, state: &AccountState, job: Job, origin: Origin) -> Receiver<Word> {
        // At most two words come: to lead, and what was done.
        let (reply, answer) = sync_channel(2);
        let mut queue = state.writer.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push(Waiting { job, origin, reply });
        let lead = !std::mem::replace(&mut queue.led, true);
        drop(queue);
        if lead {
            self.lead(state);
        }
        answer
    }

    /// Serves one group, in which the leader's own command is, and lets the next one who waits lead: nobody
    /// works for others without end.
    fn lead(&self, state: &AccountState) {
        let resign = Resign(state);
        let lock = || state.writer.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let group: Vec<Waiting> = {
            let mut queue = lock();
            let count = queue.waiting.len().min(GROUP_MAX);
            queue.waiting.drain(..count).collect()
        };
        self.serve(state, group);
        let mut queue = lock();
        // Whoever is told to lead is in `run`, about to hear it; a caller who is gone is passed over.
        while queue.waiting.first().is_some_and(|next| next.reply.send(Word::Lead).is_err()) {
            queue.waiting.remove(0);
        }
        queue.led = !queue.waiting.is_empty();
        std::mem::forget(resign);
    }

    fn serve(&self, state: &AccountState, group: Vec<Waiting>) {
        for _ in 0..ATTEMPTS_MAX {
            let (outcomes, ran) = self.attempt(state, &group);
            let last = ran.last().map(|r| Snapshot::clone(&r.after));
            match self.commit(&ran) {
                Ok(()) => {
                    if let Some(after) = last {
                        self.publish(state, after);
                    }
                    for (waiting, outcome) in group.into_iter().zip(outcomes) {
                        // Whoever asked may have gone; what is done is done.
                        drop(waiting.reply.send(Word::Done(outcome.map_err(ServiceError::from))));
                    }
                    return;
                }
                Err(StoreError::Stale { .. }) => {
                    if let Err(error) = self.catch_up(state) {
                        return fail(group, &error);
                    }
                }
                Err(StoreError::TooLate) => {}
                Err(error) => {
                    let error = ServiceError::from(error);
                    tracing::error!(error = %describe(&error), "a group of changes was not committed");
                    // It may have been, all the same: the next who asks looks at the database first.
                    state.doubts.fetch_add(1, Ordering::SeqCst);
                    return fail(group, &error);
                }
            }
        }
        fail(group, &ServiceError::Contended);
    }

    /// Runs each command of the group on the state that those before it lead to.
    fn attempt(&self, state: &AccountState, group: &[Waiting]) -> (Vec<Result<Done, Refusal>>, Vec<Ran>) {
        let mut tentative = state.newest.load_full();
        let (mut outcomes, mut ran) = (Vec::with_capacity(group.len()), Vec::with_capacity(group.len()));
        for waiting in group {
            let at = self.inner.clock.now();
            let outcome = (waiting.job)(&tentative, at).and_then(|prepared| {
                if prepared.changeset.is_empty() && prepared.credentials.is_empty() {
                    return Ok(());
                }
                let after = tentative.apply(prepared.changeset.changes());
                let after = Arc::new(after.map_err(|e| Refusal::Inconsistent(e.to_string()))?);
                let before = std::mem::replace(&mut tentative, after.clone());
                let Prepared { changeset, credentials } = prepared;
                let origin = waiting.origin.clone();
                ran.push(Ran { changeset, credentials, before, after, origin, at });
                Ok(())
            });
            let done = Done { revision: tentative.revision(), after: tentative.clone() };
            outcomes.push(outcome.map(|()| done));
        }
        (outcomes, ran)
    }

    fn commit(&self, ran: &[Ran]) -> Result<(), StoreError> {
        if ran.is_empty() {
            return Ok(());
        }
        let pending: Vec<Pending<'_>> = ran
            .iter()
            .map(|r| Pending {
                changeset: &r.changeset,
                before: &r.before,
                after: &r.after,
                origin: &r.origin,
                at: r.at,
                credentials: &r.credentials,
            })
            .collect();
        let still_valid = || {
            let now = self.inner.clock.now();
            ran.iter().all(|r| still_holds(r.changeset.holds_until(), now))
        };
        self.inner.store.commit(&pending, &still_valid).map(drop)
    }
}

/// Lets the next one lead when a leader panics; those who waited hear that the writer went away.
struct Resign<'a>(&'a AccountState);

impl Drop for Resign<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.writer.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.led = false;
        queue.waiting.clear();
    }
}

fn describe(error: &ServiceError) -> String {
    match error {
        ServiceError::Internal(inside) => inside.clone(),
        other => other.to_string(),
    }
}

fn fail(group: Vec<Waiting>, error: &ServiceError) {
    for waiting in group {
        let own = match error {
            ServiceError::Unavailable(why) => ServiceError::Unavailable(why.clone()),
            ServiceError::OutcomeUnknown => ServiceError::OutcomeUnknown,
            ServiceError::Contended => ServiceError::Contended,
            other => ServiceError::Internal(describe(other)),
        };
        drop(waiting.reply.send(Word::Done(Err(own))));
    }
}
