//! A bounded memory of what was done lately, in parts that are locked by themselves.

use access::Instant;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Parts of a table that are locked by themselves.
const SHARDS: usize = 16;
/// What part of a full shard goes at once, so that looking for it is paid by all those that then find room.
const SHED_PART: usize = 8;

/// What a table keeps. The default is what is known of a key that was never seen.
pub(super) trait Entry: Default {
    /// Whether it says no more than the default does, so that it need not be kept.
    fn is_idle(&self, now: Instant) -> bool;
    /// How much of an attack would be forgotten with it. Where room is needed, the least goes first.
    fn harm(&self, now: Instant) -> u64;
}

struct Slot<E> {
    /// Differs for every slot that a key ever had, so that an attempt in flight does not end what it did not
    /// begin.
    born: u64,
    touched: Instant,
    entry: E,
}

struct Shard<E> {
    slots: HashMap<u128, Slot<E>>,
    next: u64,
}

/// Entries by key. Keys are made under the key of the process, so nobody can choose a shard.
pub(super) struct Table<E> {
    shards: [Mutex<Shard<E>>; SHARDS],
    shard_max: usize,
}

impl<E: Entry> Table<E> {
    pub(super) fn new(max: usize) -> Self {
        let shard = || Mutex::new(Shard { slots: HashMap::new(), next: 0 });
        Self { shards: std::array::from_fn(|_| shard()), shard_max: (max / SHARDS).max(1) }
    }

    /// A shard is whole at every point where a thread could panic, so a poisoned lock is as good as any.
    fn within<R>(&self, key: u128, act: impl FnOnce(&mut Shard<E>) -> R) -> Option<R> {
        let at = usize::try_from(key % SHARDS as u128).ok()?;
        let mut shard = self.shards.get(at)?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(act(&mut shard))
    }

    /// Does something with the entry of the key, which is made where there is none and forgotten where it is
    /// idle afterwards. Also given is the birth of its slot.
    pub(super) fn change<R>(&self, key: u128, now: Instant, act: impl FnOnce(&mut E, u64) -> R) -> Option<R> {
        let max = self.shard_max;
        self.within(key, |shard| {
            if shard.slots.len() >= max && !shard.slots.contains_key(&key) {
                shard.shed(max, now);
            }
            let next = &mut shard.next;
            let slot = shard.slots.entry(key).or_insert_with(|| {
                *next += 1;
                Slot { born: *next, touched: now, entry: E::default() }
            });
            slot.touched = slot.touched.max(now);
            let result = act(&mut slot.entry, slot.born);
            if slot.entry.is_idle(now) {
                shard.slots.remove(&key);
            }
            result
        })
    }

    /// Reads the entry of the key, if there is one.
    pub(super) fn read<R>(&self, key: u128, look: impl FnOnce(&E) -> R) -> Option<R> {
        self.within(key, |shard| shard.slots.get(&key).map(|slot| look(&slot.entry))).flatten()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().slots.len()).sum()
    }
}

impl<E: Entry> Shard<E> {
    /// Makes room: what is idle goes, and if that is not enough the least harmful, the oldest of them first.
    fn shed(&mut self, max: usize, now: Instant) {
        self.slots.retain(|_, slot| !slot.entry.is_idle(now));
        let kept = max - (max / SHED_PART).max(1);
        let excess = self.slots.len().saturating_sub(kept);
        let mut by_harm: Vec<_> =
            self.slots.iter().map(|(key, slot)| (slot.entry.harm(now), slot.touched, *key)).collect();
        by_harm.sort_unstable();
        for (_, _, key) in by_harm.into_iter().take(excess) {
            self.slots.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Count(u64);

    impl Entry for Count {
        fn is_idle(&self, _: Instant) -> bool {
            self.0 == 0
        }
        fn harm(&self, _: Instant) -> u64 {
            self.0
        }
    }

    fn put(table: &Table<Count>, key: u128, count: u64, at: i64) -> u64 {
        let set = |entry: &mut Count, born| {
            entry.0 = count;
            born
        };
        table.change(key, Instant(at), set).unwrap()
    }

    fn count(table: &Table<Count>, key: u128) -> Option<u64> {
        table.read(key, |entry| entry.0)
    }

    #[test]
    fn what_is_idle_is_not_kept_and_comes_back_as_another() {
        let table = Table::new(64);
        let first = put(&table, 1, 3, 0);
        assert_eq!((count(&table, 1), table.len(), put(&table, 1, 0, 0)), (Some(3), 1, first));
        assert_eq!((count(&table, 1), table.len()), (None, 0));
        assert_ne!(put(&table, 1, 3, 0), first);
    }

    #[test]
    fn the_least_harmful_go_first_and_of_those_the_oldest() {
        // One shard of eight.
        let table = Table::new(8 * SHARDS);
        let key = |number: u128| number * SHARDS as u128;
        for number in 0..8 {
            put(&table, key(number), if number == 2 { 9 } else { 1 }, 100 - i64::try_from(number).unwrap());
        }
        put(&table, key(8), 1, 200);
        // The seventh was the oldest of those that count one.
        let left: Vec<u128> = (0..9).filter(|number| count(&table, key(*number)).is_some()).collect();
        assert_eq!(left, [0, 1, 2, 3, 4, 5, 6, 8]);
        for number in 9..1000 {
            put(&table, key(number), 1, 1000);
        }
        assert_eq!((table.len(), count(&table, key(2))), (8, Some(9)));
        // Only what is worse drives it out.
        for number in 1000..1008 {
            put(&table, key(number), 10, 0);
        }
        assert_eq!((table.len(), count(&table, key(2))), (8, None));
    }

    #[test]
    fn it_never_grows_beyond_its_bound() {
        let table = Table::new(1024);
        for number in 0..20_000_u64 {
            put(&table, u128::from(number), number % 7, 0);
            assert!(table.len() <= 1024);
        }
        assert!(table.len() > 800);
    }
}
