//! A queue before the hashers: as many at work as there are cores, a bounded number waiting, first come
//! first served.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Lets a bounded number of threads in at a time.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    moved: Condvar,
    waiting_max: usize,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// Tickets in the order in which they were drawn.
    waiting: VecDeque<u64>,
    next: u64,
}

/// A place at work, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'q>(&'q Queue);

impl Queue {
    pub(crate) fn new(at_work_max: usize, waiting_max: usize) -> Self {
        let state = State { free: at_work_max.max(1), waiting: VecDeque::new(), next: 0 };
        Self { state: Mutex::new(state), moved: Condvar::new(), waiting_max }
    }

    /// A state is whole at every point where a thread could panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; none, at once, when too many wait already.
    pub(crate) fn enter(&self) -> Option<Turn<'_>> {
        let mut state = self.lock();
        if state.free == 0 || !state.waiting.is_empty() {
            if state.waiting.len() >= self.waiting_max {
                return None;
            }
            let ticket = state.next;
            state.next += 1;
            state.waiting.push_back(ticket);
            while state.free == 0 || state.waiting.front() != Some(&ticket) {
                state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.waiting.pop_front();
        }
        state.free -= 1;
        if state.free > 0 {
            // Two places may have come free before the first in line was awake: wake the second too.
            self.moved.notify_all();
        }
        Some(Turn(self))
    }

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().free += 1;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_than_the_bound_are_at_work_and_everybody_comes_in() {
        let (queue, at_work, most, done) =
            (Queue::new(3, 32), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _turn = queue.enter().unwrap();
                        most.fetch_max(at_work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        at_work.fetch_sub(1, Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((1..=3).contains(&most.into_inner()));
        assert_eq!((done.into_inner(), queue.waiting(), queue.lock().free), (1600, 0, 3));
    }

    #[test]
    fn who_comes_first_is_served_first() {
        let (queue, order) = (Queue::new(1, 8), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            let turn = queue.enter();
            for number in 0..8 {
                while queue.waiting() < number {
                    std::thread::yield_now();
                }
                let (queue, order) = (&queue, &order);
                scope.spawn(move || {
                    let _turn = queue.enter().unwrap();
                    order.lock().unwrap().push(number);
                });
            }
            while queue.waiting() < 8 {
                std::thread::yield_now();
            }
            assert!(queue.enter().is_none());
            drop(turn);
        });
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_thread_that_panics_gives_its_turn_back() {
        let queue = Queue::new(1, 0);
        std::thread::scope(|scope| {
            let panicked = scope.spawn(|| {
                let _turn = queue.enter();
                panic!("on purpose");
            });
            assert!(panicked.join().is_err());
        });
        assert!(queue.enter().is_some());
    }
}
