//! A queue before the hashers: as many at work as there are cores, a bounded number waiting, and those who
//! wait parted by a key, such as where they come from.
//!
//! The keys that wait are served in turn, one of each: whoever sends a thousand at once waits for the
//! thousand themselves, and delays another key by one turn. Within a key it is first come, first served.
//!
//! When all places to wait are taken, a key with fewer of them has the place of whoever came last of the key with
//! the most: whoever takes all places keeps nobody else from waiting.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
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
    fate: AtomicU8,
}

const WAITS: u8 = 0;
const CALLED: u8 = 1;
const SENT_AWAY: u8 = 2;

impl Ticket {
    /// Whether it was called; else it was sent away.
    fn wait(&self) -> bool {
        loop {
            match self.fate.load(Ordering::Acquire) {
                WAITS => std::thread::park(),
                fate => return fate == CALLED,
            }
        }
    }

    /// To be told once, by whoever took the ticket out of its line.
    fn tell(&self, fate: u8) {
        self.fate.store(fate, Ordering::Release);
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

    /// Waits for a turn. None, at once, when too many wait already with this key, or in all and no key has more than
    /// this one would have; none, later, when the place was given to a key that had fewer.
    pub(crate) fn enter(&self, key: u64) -> Option<Turn<'_>> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free -= 1;
            return Some(Turn(self));
        }
        let own = state.waiting_of(key);
        if own >= self.waiting_of_key_max || self.waiting_max == 0 {
            return None;
        }
        if state.waiting >= self.waiting_max {
            state.last_of_longest(own + 1)?.tell(SENT_AWAY);
        }
        let ticket = state.draw(key);
        drop(state);
        ticket.wait().then(|| Turn(self))
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
        let ticket = Arc::new(Ticket { thread: std::thread::current(), fate: AtomicU8::new(WAITS) });
        self.waiting += 1;
        match self.lines.iter_mut().find(|line| line.key == key) {
            Some(line) => line.tickets.push_back(ticket.clone()),
            None => self.lines.push_back(Line { key, tickets: VecDeque::from([ticket.clone()]) }),
        }
        ticket
    }

    /// Takes out the last ticket of the longest line, if it is longer than that. The line is not empty afterwards.
    fn last_of_longest(&mut self, than: usize) -> Option<Arc<Ticket>> {
        let longest = self.lines.iter_mut().max_by_key(|line| line.tickets.len());
        let ticket = longest.filter(|line| line.tickets.len() > than.max(1))?.tickets.pop_back()?;
        self.waiting -= 1;
        Some(ticket)
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
            Some(ticket) => ticket.tell(CALLED),
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
        // Three of one key are its most, three of another fill the queue.
        assert_eq!(order_of_turns(&queue, &[1, 1, 1], &[1]).1, 0);
        assert_eq!(order_of_turns(&queue, &[1, 1, 1, 2, 2, 2], &[1, 2]).1, 0);
        // Nobody has more places than a seventh key would have.
        assert_eq!(order_of_turns(&queue, &[1, 2, 3, 4, 5, 6], &[7, 1]).1, 0);
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

    /// Keys come one after the other while one is at work. Gives the numbers of those who were served, in their
    /// order, and of those who were sent away.
    fn fates(queue: &Queue, keys: &[u64]) -> (Vec<usize>, Vec<usize>) {
        let (served, away) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        let gone = |number| away.lock().unwrap().push(number);
        std::thread::scope(|scope| {
            let turn = queue.enter(0);
            for (number, key) in keys.iter().enumerate() {
                let (served, gone) = (&served, &gone);
                scope.spawn(move || match queue.enter(*key) {
                    Some(_turn) => served.lock().unwrap().push(number),
                    None => gone(number),
                });
                // Each waits, or somebody was told that they do not.
                while queue.waiting() + away.lock().unwrap().len() < number + 1 {
                    std::thread::yield_now();
                }
            }
            drop(turn);
        });
        let mut away = away.into_inner().unwrap();
        away.sort_unstable();
        (served.into_inner().unwrap(), away)
    }

    #[test]
    fn a_full_queue_gives_a_key_with_fewer_places_the_last_one_of_the_key_with_the_most() {
        let table: [(&[u64], &[usize], &[usize]); 6] = [
            // One of another key, and a second; each sends the last of the longest line away.
            (&[1, 1, 1, 1, 2], &[0, 4, 1, 2], &[3]),
            (&[1, 1, 1, 1, 2, 2], &[0, 4, 1, 5], &[2, 3]),
            // The third would have more than what is left to the first key.
            (&[1, 1, 1, 1, 2, 2, 2], &[0, 4, 1, 5], &[2, 3, 6]),
            (&[1, 1, 1, 1, 2, 3, 4, 5], &[0, 4, 5, 6], &[1, 2, 3, 7]),
            // The key with the most gets no more.
            (&[1, 1, 1, 2, 1], &[0, 3, 1, 2], &[4]),
            (&[1, 1, 2, 2, 3], &[0, 2, 4, 1], &[3]),
        ];
        for (keys, served, away) in table {
            let queue = Queue::new(1, 4, 4);
            assert_eq!(fates(&queue, keys), (served.to_vec(), away.to_vec()), "{keys:?}");
            let state = queue.lock();
            assert_eq!((state.waiting, state.lines.len(), state.free), (0, 0, 1), "{keys:?}");
        }
    }

    #[test]
    fn a_flood_of_a_few_keys_keeps_nobody_else_from_waiting() {
        let flood = (0..120).map(|number| number % 3 + 1);
        let keys: Vec<u64> = flood.chain(1_000..1_020).collect();
        let (served, away) = fates(&Queue::new(1, 100, 100), &keys);
        assert!((120..140).all(|stranger| served.contains(&stranger)), "{served:?}");
        // What is taken from the flood is taken from its keys alike.
        let left = |key| served.iter().filter(|number| **number < 120 && keys[**number] == key).count();
        assert_eq!([left(1) + left(2) + left(3), served.len(), away.len()], [80, 100, 40]);
        assert!([1, 2, 3].into_iter().all(|key| (26..=27).contains(&left(key))));
    }

    #[test]
    fn nobody_waits_where_nobody_may() {
        let queue = Queue::new(1, 0, 8);
        let turn = queue.enter(0);
        assert!(queue.enter(1).is_none());
        drop(turn);
        assert!(queue.enter(1).is_some());
    }
}
