//! Logins to users: linear hashing over pages, so that growth splits one page at a time and a new user
//! copies one page, not the table.
//!
//! A page is an open-addressed table of its own. Pages are large, so that the table of them stays in the
//! cache, and a look-up reads one line of one page.

use crate::words::{Number, UserId};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Entries a page has on average before one more page is split.
const LOAD: usize = 256;
/// Pages in a branch.
const BRANCH: usize = 128;

/// The login's hash, then the user's number; 0 is an empty place.
type Entry = u64;
type Page = Arc<[Entry]>;

#[derive(Clone, Debug)]
pub(super) struct Logins {
    /// Keyed anew in every process: nobody can prepare logins that fall into one place.
    hasher: RandomState,
    branches: Arc<Vec<Arc<Vec<Page>>>>,
    pages: usize,
    entries: usize,
}

impl Default for Logins {
    fn default() -> Self {
        Self::of(std::iter::empty())
    }
}

impl Logins {
    /// All of them at once, each page written once.
    pub(super) fn of<'l>(logins: impl ExactSizeIterator<Item = (&'l str, UserId)>) -> Self {
        let (entries, pages) = (logins.len(), logins.len().div_ceil(LOAD).max(1));
        let mut index = Self { hasher: RandomState::new(), branches: Arc::default(), pages, entries };
        let mut parts: Vec<Vec<Entry>> = vec![Vec::new(); pages];
        for (login, user) in logins {
            let hash = index.hash(login);
            if let Some(part) = parts.get_mut(index.page_of(hash)) {
                part.push(entry(hash, user));
            }
        }
        let branches = parts.chunks(BRANCH).map(|c| Arc::new(c.iter().map(|part| page(part)).collect()));
        index.branches = Arc::new(branches.collect());
        index
    }

    fn hash(&self, login: &str) -> u32 {
        (self.hasher.hash_one(login) >> 32) as u32
    }

    /// Those who may be the user of that login, to be compared by the caller.
    pub(super) fn candidates(&self, login: &str) -> impl Iterator<Item = UserId> + '_ {
        let hash = self.hash(login);
        let at = self.page_of(hash);
        let page = self.branches.get(at / BRANCH).and_then(|b| b.get(at % BRANCH)).map_or(&[][..], |p| p);
        let (wrapped, first) = page.split_at_checked(place(hash, page.len())).unwrap_or_default();
        let probed = first.iter().chain(wrapped).take_while(|e| **e != 0);
        probed.filter(move |e| hash_of(**e) == hash).filter_map(|e| user_of(*e))
    }

    pub(super) fn insert(&mut self, login: &str, user: UserId) {
        let hash = self.hash(login);
        if let Some(page) = self.page_mut(self.page_of(hash)) {
            *page = with(page, entry(hash, user));
        }
        self.entries += 1;
        if self.entries > self.pages * LOAD {
            self.split();
        }
    }

    /// The page of a hash: by as many low bits as the split pages have, one fewer for the others.
    fn page_of(&self, hash: u32) -> usize {
        let low = hash as usize;
        let half = self.half();
        let wide = low & (half * 2 - 1);
        if wide < self.pages { wide } else { low & (half - 1) }
    }

    /// The largest power of two that is not above the number of pages.
    fn half(&self) -> usize {
        self.pages.next_power_of_two() / if self.pages.is_power_of_two() { 1 } else { 2 }
    }

    fn page_mut(&mut self, at: usize) -> Option<&mut Page> {
        let branches = Arc::make_mut(&mut self.branches);
        Arc::make_mut(branches.get_mut(at / BRANCH)?).get_mut(at % BRANCH)
    }

    /// Adds one page and moves to it what belongs there, from the one page that had it.
    fn split(&mut self) {
        let from = self.pages - self.half();
        let branches = Arc::make_mut(&mut self.branches);
        match branches.last_mut() {
            Some(last) if last.len() < BRANCH => Arc::make_mut(last).push(Arc::from([])),
            _ => branches.push(Arc::new(vec![Arc::from([])])),
        }
        self.pages += 1;
        let Some(old) = self.page_mut(from).cloned() else { return };
        let all = old.iter().copied().filter(|e| *e != 0);
        let (stay, go): (Vec<_>, Vec<_>) = all.partition(|e| self.page_of(hash_of(*e)) == from);
        for (at, entries) in [(from, stay), (self.pages - 1, go)] {
            if let Some(place) = self.page_mut(at) {
                *place = page(&entries);
            }
        }
    }

    /// Bytes behind this structure, allocator overhead left out.
    pub(super) fn bytes(&self) -> usize {
        let pages = self.branches.iter().flat_map(|b| b.iter());
        pages.map(|p| p.len() * size_of::<Entry>() + size_of::<Page>() + 16).sum()
    }
}

fn entry(hash: u32, user: UserId) -> Entry {
    u64::from(hash) << 32 | u64::from(user.number())
}

fn hash_of(entry: Entry) -> u32 {
    (entry >> 32) as u32
}

fn user_of(entry: Entry) -> Option<UserId> {
    UserId::from_number((entry & 0xffff_ffff) as u32)
}

/// Where in a page of that many places an entry belongs: by the high bits of its hash, since the low ones
/// chose the page.
#[inline]
fn place(hash: u32, places: usize) -> usize {
    ((u64::from(hash) * places as u64) >> 32) as usize
}

/// A page of these entries, about two thirds full.
fn page(entries: &[Entry]) -> Page {
    let mut places = vec![0; entries.len() * 3 / 2 + 1];
    for entry in entries {
        put(&mut places, *entry);
    }
    places.into()
}

/// The page with one more entry, made larger when four places in five would be taken.
fn with(old: &[Entry], new: Entry) -> Page {
    let taken = old.iter().filter(|e| **e != 0).count() + 1;
    if taken * 5 > old.len() * 4 {
        let all: Vec<Entry> = old.iter().copied().filter(|e| *e != 0).chain([new]).collect();
        return page(&all);
    }
    let mut places = old.to_vec();
    put(&mut places, new);
    places.into()
}

/// Puts an entry in the first empty place from its own on; there is always one.
fn put(places: &mut [Entry], entry: Entry) {
    let at = place(hash_of(entry), places.len());
    let (wrapped, first) = places.split_at_mut(at);
    if let Some(empty) = first.iter_mut().chain(wrapped).find(|place| **place == 0) {
        *empty = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: UserId) -> String {
        format!("user{}@shop.example", id.number())
    }

    fn ids(count: u32) -> impl Iterator<Item = UserId> {
        (1..=count).filter_map(UserId::from_number)
    }

    #[test]
    fn every_login_is_found_after_many_splits() {
        let mut index = Logins::default();
        for id in ids(20_000) {
            index.insert(&name(id), id);
        }
        assert!(index.pages > 70 && index.entries == 20_000);
        let names: Vec<String> = ids(20_000).map(name).collect();
        let bulk = Logins::of(names.iter().map(String::as_str).zip(ids(20_000).collect::<Vec<_>>()));
        for id in ids(20_000) {
            for index in [&index, &bulk] {
                assert!(index.candidates(&name(id)).any(|c| c == id), "{id}");
            }
        }
        assert_eq!(index.candidates("nobody@shop.example").count(), 0);
    }

    #[test]
    fn a_copy_knows_nothing_of_later_logins() {
        let mut index = Logins::default();
        ids(300).for_each(|id| index.insert(&name(id), id));
        let before = index.clone();
        let later = UserId::from_number(301).unwrap();
        index.insert(&name(later), later);
        assert!(index.candidates(&name(later)).any(|c| c == later));
        assert!(!before.candidates(&name(later)).any(|c| c == later));
    }

    /// Places at the end are filled from the front again, and equal hashes stand side by side.
    #[test]
    fn a_page_holds_entries_that_all_belong_to_its_last_place() {
        let entries: Vec<Entry> = ids(40).map(|id| entry(u32::MAX, id)).collect();
        let grown = entries.iter().fold(page(&[]), |page, new| with(&page, *new));
        for page in [page(&entries), grown] {
            let kept = page.iter().filter(|e| **e != 0).count();
            assert!(kept == 40 && page.contains(&0));
            assert!(entries.iter().all(|e| page.contains(e)));
        }
    }
}
