//! A try that was let in, until it is known how it ended.

use super::bucket::Bucket;
use super::pair::Pair;
use super::{Limits, LockBegan, Why};
use access::Instant;
use std::sync::Arc;

/// An attempt in flight. Say how it ended; one that is dropped without a word was withdrawn.
#[must_use = "an attempt that is dropped at once guards nothing"]
pub struct Attempt {
    pub(super) limits: Arc<Limits>,
    pub(super) keys: Keys,
    pub(super) began: Instant,
    pub(super) delay_ms: u32,
    /// None once it ended.
    pub(super) held: Option<Held>,
}

/// The births of what an attempt is counted in. One that had to make room and was born again since does not
/// count it.
pub(super) struct Held {
    pub bucket: u64,
    pub pair: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Succeeded,
    Failed,
    Withdrawn,
}

/// What an attempt is kept under.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub address: u64,
    pub user: u64,
    pub code: u64,
}

impl Keys {
    /// The key of the user at the address.
    pub(super) fn pair(self) -> u128 {
        (u128::from(self.user) << 64) | u128::from(self.address)
    }
}

impl Attempt {
    /// How long to wait before the password is looked at, in milliseconds: 4000 at most, and 0 from an
    /// address that this login signed in from.
    #[must_use]
    pub fn delay_ms(&self) -> u32 {
        self.delay_ms
    }

    /// The password was right: what failed for this login at this address is forgotten, and the address is
    /// familiar.
    pub fn succeeded(mut self, now: Instant) {
        self.end(End::Succeeded, now);
    }

    /// The password was wrong, or there is no such user.
    ///
    /// Some exactly when this failure begins a pause or empties the bucket of the address, for the audit; the
    /// bucket, when both.
    #[must_use = "the beginning of a lock is to be audited"]
    pub fn failed(mut self, now: Instant) -> Option<LockBegan> {
        self.end(End::Failed, now)
    }

    /// Nothing was verified: too many waited, or the store was down. It counts for nothing.
    pub fn withdrawn(self) {
        drop(self);
    }

    /// Leaves, and counts how it ended in the same moment, so that no other guess slips in between. Ended
    /// before, it does nothing.
    fn end(&mut self, how: End, now: Instant) -> Option<LockBegan> {
        let held = self.held.take()?;
        let empty = self.end_at_address(&held, how, now);
        let (new_failure, paused) = self.end_of_pair(&held, how, now);
        let (limits, user) = (&self.limits, self.keys.user.into());
        if how == End::Succeeded {
            let address = self.keys.address;
            limits.familiar.change(user, now, |familiar, _| familiar.add(address));
        }
        if new_failure {
            limits.failures.change(user, now, |failures, _| failures.fail(now));
        }
        let began = |which| move |pause_s| LockBegan { which, pause_s };
        empty.map(began(Why::Address)).or_else(|| paused.map(began(Why::Pair)))
    }

    /// The seconds for which the address's bucket is empty, when it ran empty.
    fn end_at_address(&self, held: &Held, how: End, now: Instant) -> Option<u32> {
        let end = |bucket: &mut Bucket, born| {
            if born == held.bucket {
                bucket.leave();
            }
            if how == End::Failed { bucket.fail(now) } else { None }
        };
        self.limits.buckets.change(self.keys.address.into(), now, end).flatten()
    }

    /// Whether a guess failed that was not counted before, and the seconds of the pause that begins.
    fn end_of_pair(&self, held: &Held, how: End, now: Instant) -> (bool, Option<u32>) {
        let code = self.keys.code;
        let end = |pair: &mut Pair, born| {
            let counted_before = born == held.pair && pair.leave(code);
            match how {
                End::Failed if !counted_before => (true, pair.fail(code, now)),
                End::Failed | End::Withdrawn => (false, None),
                End::Succeeded => {
                    pair.succeed();
                    (false, None)
                }
            }
        };
        self.limits.pairs.change(self.keys.pair(), now, end).unwrap_or_default()
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.end(End::Withdrawn, self.began);
    }
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt").field("delay_ms", &self.delay_ms).finish_non_exhaustive()
    }
}
