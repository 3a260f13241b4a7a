//! The threads that hash: as many as turns are given, and always the same.
//!
//! A comparison leaves its memory to the next one on the same thread. On one of the hundreds that wait for sign-ins the
//! operating system would have to give and clear it, which takes as long as half of the hash.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that do what they are handed. They end with the value.
#[derive(Debug)]
pub(crate) struct Workers {
    jobs: SyncSender<Job>,
}

impl Workers {
    /// So many threads; fewer, when the operating system gives no more.
    pub(crate) fn new(count: usize) -> Self {
        let (jobs, waiting) = sync_channel(count.max(1));
        let waiting: Arc<Mutex<Receiver<Job>>> = Arc::new(Mutex::new(waiting));
        for number in 1..=count {
            let waiting = waiting.clone();
            let work = move || {
                loop {
                    let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    match job {
                        Ok(job) => job(),
                        Err(_) => return,
                    }
                }
            };
            // Without any thread, nothing that is handed in is done, and whoever hands it in is told.
            drop(std::thread::Builder::new().name(format!("hasher-{number}")).spawn(work));
        }
        Self { jobs }
    }

    /// What the work gives, done on one of the threads; none when there is none.
    pub(crate) fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = sync_channel(1);
        let job: Job = Box::new(move || drop(reply.send(work())));
        self.jobs.send(job).ok()?;
        answer.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn work_is_done_on_a_few_threads_that_are_always_the_same() {
        let workers = Workers::new(2);
        let own = std::thread::current().id();
        let seen: HashSet<_> =
            (0..50).map(|_| workers.run(|| std::thread::current().id()).unwrap()).collect();
        assert!(seen.len() <= 2 && !seen.contains(&own));
    }

    #[test]
    fn whoever_finds_no_thread_is_told() {
        assert_eq!(Workers::new(0).run(|| 1), None);
    }
}
