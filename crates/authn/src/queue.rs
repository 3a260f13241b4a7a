//! A queue before the hashers: as many at work as there are cores, a bounded number waiting, and those who
//! wait parted by a key, such as where they come from.
//!
//! The keys that wait are served in turn, one of each: whoever sends a thousand at once waits for the
//! thousand themselves, and delays another key by one turn. Within a key it is first come, first served.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

/// Lets a bounded number of threads in at a time.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    at_work_max: usize,
    waiting_max: usize,
    waiting_of_key_max: usize,
}

#[derive(Debug)]
struct State {
    /// Places at work that nobody has; none while somebody waits.
    free: usize,
    /// One line for each key that waits, in the order of their turns; none is empty.
    lines: VecDeque<Line>,
    /// Those in all lines.
    waiting: usize,
}

#[derive(Debug)]
struct Line {
    key: u64,
    /// In the order in which they came.
    tickets: VecDeque<Arc<Ticket>>,
}

/// Somebody who waits. Each is woken when it is their turn, and nobody else is: hundreds who wait and look
/// whether it is theirs would take the cores from those at work.
#[derive(Debug)]
struct Ticket {
    thread: Thread,
    is_called: AtomicBool,
}

impl Ticket {
    fn wait(&self) {
        while !self.is_called.load(Ordering::Acquire) {
            std::thread::park();
        }
    }

    fn call(&self) {
        self.is_called.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// A place at work. When it is dropped, the next who waits has it.
#[derive(Debug)]
pub(crate) struct Turn<'q>(&'q Queue);

impl Queue {
    pub(crate) fn new(at_work_max: usize, waiting_max: usize, waiting_of_key_max: usize) -> Self {
        let at_work_max = at_work_max.max(1);
        let state = State { free: at_work_max, lines: VecDeque::new(), waiting: 0 };
        Self { state: Mutex::new(state), at_work_max, waiting_max, waiting_of_key_max }
    }

    /// How many are let in at a time.
    pub(crate) fn at_work_max(&self) -> usize {
        self.at_work_max
    }

    /// A state is whole at every point where a thread could panic, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; none, at once, when too many wait already, in all or with this key.
    pub(crate) fn enter(&self, key: u64) -> Option<Turn<'_>> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free -= 1;
            return Some(Turn(self));
        }
        if state.waiting >= self.waiting_max || state.waiting_of(key) >= self.waiting_of_key_max {
            return None;
        }
        let ticket = state.draw(key);
        drop(state);
        ticket.wait();
        Some(Turn(self))
    }

    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting
    }
}

impl State {
    fn waiting_of(&self, key: u64) -> usize {
        self.lines.iter().find(|line| line.key == key).map_or(0, |line| line.tickets.len())
    }

    /// A ticket at the end of the key's line; a key that did not wait comes after those that do.
    fn draw(&mut self, key: u64) -> Arc<Ticket> {
        let ticket = Arc::new(Ticket { thread: std::thread::current(), is_called: AtomicBool::new(false) });
        self.waiting += 1;
        match self.lines.iter_mut().find(|line| line.key == key) {
            Some(line) => line.tickets.push_back(ticket.clone()),
            None => self.lines.push_back(Line { key, tickets: VecDeque::from([ticket.clone()]) }),
        }
        ticket
    }

    /// Takes the first ticket out; what is left of its line goes behind the others.
    fn next(&mut self) -> Option<Arc<Ticket>> {
        let mut line = self.lines.pop_front()?;
        let ticket = line.tickets.pop_front()?;
        self.waiting -= 1;
        if !line.tickets.is_empty() {
            self.lines.push_back(line);
        }
        Some(ticket)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        match state.next() {
            Some(ticket) => ticket.call(),
            None => state.free += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn no_more_than_the_bound_are_at_work_and_everybody_comes_in() {
        let (queue, at_work, most, done) =
            (Queue::new(3, 32, 32), AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _turn = queue.enter(0).unwrap();
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
        let (queue, order) = (Queue::new(1, 8, 8), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            let turn = queue.enter(0);
            for number in 0..8 {
                while queue.waiting() < number {
                    std::thread::yield_now();
                }
                let (queue, order) = (&queue, &order);
                scope.spawn(move || {
                    let _turn = queue.enter(0).unwrap();
                    order.lock().unwrap().push(number);
                });
            }
            while queue.waiting() < 8 {
                std::thread::yield_now();
            }
            assert!(queue.enter(0).is_none());
            drop(turn);
        });
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_thread_that_panics_gives_its_turn_back() {
        let queue = Queue::new(1, 0, 0);
        std::thread::scope(|scope| {
            let panicked = scope.spawn(|| {
                let _turn = queue.enter(0);
                panic!("on purpose");
            });
            assert!(panicked.join().is_err());
        });
        assert!(queue.enter(0).is_some());
    }

    /// Lets the keys wait behind one at work, one after the other, and gives the order of their turns: the
    /// places in `keys`, and how many of `late` came in while all waited.
    fn order_of_turns(queue: &Queue, keys: &[u64], late: &[u64]) -> (Vec<usize>, usize) {
        let order = Mutex::new(Vec::new());
        let entered = std::thread::scope(|scope| {
            let turn = queue.enter(0);
            for (number, key) in keys.iter().enumerate() {
                while queue.waiting() < number {
                    std::thread::yield_now();
                }
                let order = &order;
                scope.spawn(move || {
                    let _turn = queue.enter(*key);
                    order.lock().unwrap().push(number);
                });
            }
            while queue.waiting() < keys.len() {
                std::thread::yield_now();
            }
            let entered = late.iter().filter(|key| queue.enter(**key).is_some()).count();
            drop(turn);
            entered
        });
        (order.into_inner().unwrap(), entered)
    }

    #[test]
    fn the_keys_that_wait_take_turns() {
        let table: [(&[u64], &[usize]); 5] = [
            (&[7, 7, 7, 8, 8, 9], &[0, 3, 5, 1, 4, 2]),
            (&[7, 8, 7, 8, 7, 8], &[0, 1, 2, 3, 4, 5]),
            (&[7, 7, 7, 7, 7, 7], &[0, 1, 2, 3, 4, 5]),
            (&[7, 8, 9, 9, 8, 7], &[0, 1, 2, 5, 4, 3]),
            (&[9, 8, 7], &[0, 1, 2]),
        ];
        for (keys, expected) in table {
            let (order, _) = order_of_turns(&Queue::new(1, 8, 8), keys, &[]);
            assert_eq!(order, expected, "{keys:?}");
        }
    }

    #[test]
    fn a_flood_of_one_key_delays_another_by_one_turn() {
        let queue = Queue::new(1, 200, 100);
        let keys: Vec<u64> = std::iter::repeat_n(1, 100).chain([2]).collect();
        let (order, entered) = order_of_turns(&queue, &keys, &[1]);
        assert_eq!((order[0], order[1], entered), (0, 100, 0));
        assert_eq!(order[2..], (1..100).collect::<Vec<_>>());
    }

    #[test]
    fn neither_a_key_nor_all_of_them_wait_beyond_their_bound() {
        let queue = Queue::new(1, 6, 3);
        // Three of one key are its most, three of another fill the queue, so a third key finds no place.
        assert_eq!(order_of_turns(&queue, &[1, 1, 1], &[1]).1, 0);
        assert_eq!(order_of_turns(&queue, &[1, 1, 1, 2, 2, 2], &[1, 2, 3]).1, 0);
        assert!(queue.waiting() == 0 && queue.lock().lines.is_empty());
        // A key at its bound keeps nobody else from waiting.
        assert_eq!(order_of_turns(&queue, &[1, 1, 1, 2, 2, 3], &[]).0, [0, 3, 5, 1, 4, 2]);
    }

    #[test]
    fn a_key_that_comes_again_and_again_does_not_starve_the_others() {
        let (queue, served) = (Queue::new(1, 64, 16), [const { AtomicUsize::new(0) }; 2]);
        std::thread::scope(|scope| {
            let turn = queue.enter(0);
            for _ in 0..8 {
                scope.spawn(|| {
                    while served[1].load(Ordering::SeqCst) < 20 {
                        let _turn = queue.enter(1).unwrap();
                        served[0].fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..20 {
                    drop(queue.enter(2).unwrap());
                    served[1].fetch_add(1, Ordering::SeqCst);
                }
            });
            while queue.waiting() < 9 {
                std::thread::yield_now();
            }
            drop(turn);
        });
        assert_eq!((served[1].load(Ordering::SeqCst), queue.waiting(), queue.lock().free), (20, 0, 1));
    }

    #[test]
    fn a_panic_of_one_key_lets_the_next_key_in() {
        let queue = Queue::new(1, 4, 1);
        std::thread::scope(|scope| {
            let turn = queue.enter(0);
            let panics = scope.spawn(|| {
                let _turn = queue.enter(1).unwrap();
                panic!("on purpose");
            });
            while queue.waiting() < 1 {
                std::thread::yield_now();
            }
            let next = scope.spawn(|| queue.enter(2).is_some());
            while queue.waiting() < 2 {
                std::thread::yield_now();
            }
            drop(turn);
            assert!(panics.join().is_err() && next.join().unwrap());
        });
        assert_eq!((queue.waiting(), queue.lock().free), (0, 1));
    }
}
