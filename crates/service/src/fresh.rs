//! A barrier: whoever passes it knows of a look at the database that began after they arrived.
//!
//! Many requests share one look: those who arrive while one is under way wait for the next.

use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Default)]
struct Looks {
    begun: u64,
    ended: u64,
    running: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Barrier {
    looks: Mutex<Looks>,
    ended: Condvar,
}

/// Ends a look, also one that panics: those who wait look themselves.
struct Over<'a>(&'a Barrier);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.looks.lock().unwrap_or_else(PoisonError::into_inner).running = false;
        self.0.ended.notify_all();
    }
}

impl Barrier {
    /// Returns after a look that began after this call and succeeded. A look of one's own that fails is
    /// one's own error; after somebody else's failure one looks oneself.
    pub(crate) fn pass<E>(&self, look: impl Fn() -> Result<(), E>) -> Result<(), E> {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = looks.begun + 1;
        loop {
            if looks.ended >= wanted {
                return Ok(());
            }
            if looks.running {
                looks = self.ended.wait(looks).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            looks.running = true;
            looks.begun += 1;
            let mine = looks.begun;
            drop(looks);
            let over = Over(self);
            let outcome = look();
            drop(over);
            looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
            if outcome.is_ok() {
                looks.ended = looks.ended.max(mine);
            }
            self.ended.notify_all();
            outcome?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Each caller reads a counter that was raised before it called; no look that began earlier may serve it.
    #[test]
    fn a_look_serves_only_those_who_came_before_it_began() {
        let (barrier, written, seen) = (Barrier::default(), AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    for _ in 0..500 {
                        let mine = written.fetch_add(1, Ordering::SeqCst) + 1;
                        let look = || -> Result<(), ()> {
                            seen.fetch_max(written.load(Ordering::SeqCst), Ordering::SeqCst);
                            Ok(())
                        };
                        barrier.pass(look).unwrap();
                        assert!(seen.load(Ordering::SeqCst) >= mine);
                    }
                });
            }
        });
    }

    #[test]
    fn a_failed_look_fails_its_own_caller_alone() {
        let barrier = Barrier::default();
        assert_eq!(barrier.pass(|| Err("gone")), Err("gone"));
        assert_eq!(barrier.pass(|| Ok::<(), &str>(())), Ok(()));
    }
}
