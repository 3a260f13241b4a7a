//! Logins to users: linear hashing over small buckets, so that growth splits one bucket at a time
//! and a new user copies one bucket, not the table.
//!
//! A bucket is sorted by hash: since hashes lie evenly, the hash itself says about where in the bucket to
//! look. So buckets may be large enough for the table of them to stay in the cache, and a look-up reads
//! a line or two of one bucket.

use crate::words::{Number, UserId};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Entries a bucket has on average before one more bucket is split.
const LOAD: usize = 128;
/// Buckets in a branch.
const BRANCH: usize = 128;

/// The high half of the login's hash, then the user's number.
type Entry = u64;
type Bucket = Arc<[Entry]>;

#[derive(Clone, Debug)]
pub(super) struct Logins {
    /// Keyed anew in every process: nobody can prepare logins that fall into one bucket.
    hasher: RandomState,
    branches: Arc<Vec<Arc<Vec<Bucket>>>>,
    buckets: usize,
    entries: usize,
}

impl Default for Logins {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl Logins {
    pub(super) fn with_capacity(entries: usize) -> Self {
        let buckets = (entries / LOAD).max(1);
        let empty: Bucket = Arc::from([]);
        let branches = (0..buckets)
            .step_by(BRANCH)
            .map(|from| Arc::new(vec![empty.clone(); BRANCH.min(buckets - from)]))
            .collect();
        Self { hasher: RandomState::new(), branches: Arc::new(branches), buckets, entries: 0 }
    }

    /// All of them at once, each bucket written once.
    pub(super) fn of<'l>(logins: impl ExactSizeIterator<Item = (&'l str, UserId)>) -> Self {
        let mut index = Self::with_capacity(logins.len());
        let mut buckets: Vec<Vec<Entry>> = vec![Vec::new(); index.buckets];
        for (login, user) in logins {
            let hash = index.hasher.hash_one(login);
            if let Some(bucket) = buckets.get_mut(index.bucket_of(hash)) {
                bucket.push(entry(hash, user));
            }
            index.entries += 1;
        }
        buckets.iter_mut().for_each(|bucket| bucket.sort_unstable());
        let branches =
            buckets.chunks(BRANCH).map(|c| Arc::new(c.iter().map(|b| Arc::from(b.as_slice())).collect()));
        index.branches = Arc::new(branches.collect());
        index
    }

    /// Those who may be the user of that login, to be compared by the caller.
    pub(super) fn candidates(&self, login: &str) -> impl Iterator<Item = UserId> + '_ {
        let hash = self.hasher.hash_one(login);
        let bucket = self.bucket_of(hash);
        let entries = self.branches.get(bucket / BRANCH).and_then(|b| b.get(bucket % BRANCH));
        let entries = entries.map_or(&[][..], |b| b);
        let from = first_not_below(entries, hash >> 32);
        let same =
            entries.get(from..).unwrap_or_default().iter().take_while(move |e| **e >> 32 == hash >> 32);
        same.filter_map(|e| UserId::from_number((*e & 0xffff_ffff) as u32))
    }

    pub(super) fn insert(&mut self, login: &str, user: UserId, login_of: impl Fn(UserId) -> Option<String>) {
        let hash = self.hasher.hash_one(login);
        let at = self.bucket_of(hash);
        if let Some(bucket) = self.bucket_mut(at) {
            let new = entry(hash, user);
            let (before, after) = bucket.split_at(bucket.partition_point(|e| *e < new));
            *bucket = [before, &[new], after].concat().into();
        }
        self.entries += 1;
        if self.entries > self.buckets * LOAD {
            self.split(login_of);
        }
    }

    /// The bucket of a hash: by as many low bits as the split buckets have, one fewer for the others.
    fn bucket_of(&self, hash: u64) -> usize {
        let low = hash as usize & 0xffff_ffff;
        let half = self.buckets.next_power_of_two() / if self.buckets.is_power_of_two() { 1 } else { 2 };
        let wide = low & (half * 2 - 1);
        if wide < self.buckets { wide } else { low & (half - 1) }
    }

    fn bucket_mut(&mut self, at: usize) -> Option<&mut Bucket> {
        let branches = Arc::make_mut(&mut self.branches);
        Arc::make_mut(branches.get_mut(at / BRANCH)?).get_mut(at % BRANCH)
    }

    /// Adds one bucket and moves to it what belongs there, from the one bucket that had it.
    fn split(&mut self, login_of: impl Fn(UserId) -> Option<String>) {
        let half = self.buckets.next_power_of_two() / if self.buckets.is_power_of_two() { 1 } else { 2 };
        let from = self.buckets - half;
        let branches = Arc::make_mut(&mut self.branches);
        match branches.last_mut() {
            Some(last) if last.len() < BRANCH => Arc::make_mut(last).push(Arc::from([])),
            _ => branches.push(Arc::new(vec![Arc::from([])])),
        }
        self.buckets += 1;
        let Some(old) = self.bucket_mut(from).map(std::mem::take) else { return };
        let (mut stay, mut go) = (Vec::new(), Vec::new());
        for entry in old.iter().copied() {
            let id = UserId::from_number((entry & 0xffff_ffff) as u32);
            let hash = id.and_then(&login_of).map(|login| self.hasher.hash_one(login.as_str()));
            match hash.map(|h| self.bucket_of(h)) {
                Some(bucket) if bucket != from => go.push(entry),
                _ => stay.push(entry),
            }
        }
        let last = self.buckets - 1;
        for (at, entries) in [(from, stay), (last, go)] {
            if let Some(bucket) = self.bucket_mut(at) {
                *bucket = entries.into();
            }
        }
    }

    /// Bytes behind this structure, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        self.entries * size_of::<Entry>() + self.buckets * (size_of::<Bucket>() + 16)
    }
}

/// Where in a sorted bucket the entries of that high half begin, searched from where they should be.
fn first_not_below(entries: &[Entry], high: u64) -> usize {
    let guess = (high * entries.len() as u64 >> 32) as usize;
    let (before, behind) = entries.split_at_checked(guess).unwrap_or_default();
    match before.iter().rev().take_while(|e| **e >> 32 >= high).count() {
        0 => guess + behind.iter().take_while(|e| **e >> 32 < high).count(),
        back => guess - back,
    }
}

fn entry(hash: u64, user: UserId) -> Entry {
    hash >> 32 << 32 | u64::from(user.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_login_is_found_after_thousands_of_splits() {
        let name = |id: UserId| Some(format!("user{}@shop.example", id.number()));
        let ids = || (1..=5_000).filter_map(UserId::from_number);
        let mut index = Logins::default();
        for id in ids() {
            index.insert(&name(id).unwrap(), id, name);
        }
        assert!(index.buckets > 30);
        for id in ids() {
            assert!(index.candidates(&name(id).unwrap()).any(|c| c == id), "{id}");
        }
        assert_eq!(index.candidates("nobody@shop.example").count(), 0);
        let names: Vec<String> = ids().filter_map(name).collect();
        let bulk = Logins::of(names.iter().map(String::as_str).zip(ids().collect::<Vec<_>>()));
        for id in ids() {
            assert!(bulk.candidates(&name(id).unwrap()).any(|c| c == id), "{id}");
        }
    }

    #[test]
    fn the_search_from_the_guess_is_that_from_the_front() {
        let even: Vec<Entry> = (0..50).map(|i| (i * 0x0500_0000) << 32 | i).collect();
        let low: Vec<Entry> = (0..50).map(|i| (i / 3) << 32 | i).collect();
        let high: Vec<Entry> = (0..50).map(|i| (0xffff_ff00 + i / 2) << 32 | i).collect();
        for entries in [&[][..], &even[..1], &even, &low, &high] {
            let near = entries.iter().flat_map(|e| [(e >> 32).saturating_sub(1), e >> 32, (e >> 32) + 1]);
            for wanted in near.chain([0, 0x8000_0000, 0xffff_ffff]).filter(|w| *w <= 0xffff_ffff) {
                let from_front = entries.iter().take_while(|e| **e >> 32 < wanted).count();
                assert_eq!(first_not_below(entries, wanted), from_front, "{wanted} in {entries:?}");
            }
        }
    }
}
