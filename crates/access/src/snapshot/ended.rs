//! Sessions and tokens that ended before their time, for as long as somebody may remember them.
//!
//! A session that somebody ends must be refused at once, by every state from then on, although what was made of it
//! is not part of the state. So its id is kept here until no memory of it is left; each new one sweeps its shard of
//! those whose time has come, so the set is bounded by what ended lately.

use crate::time::Instant;
use crate::words::TokenId;
use std::sync::Arc;

/// Ids in their order, each with its time.
type Shard = Vec<(TokenId, Instant)>;

/// The set, in shards of which a change copies one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    shards: Arc<Vec<Arc<Shard>>>,
}

impl Default for Ended {
    fn default() -> Self {
        Self { shards: Arc::new(vec![Arc::default(); Self::SHARDS]) }
    }
}

impl Ended {
    /// Parts that are swept and copied by themselves.
    const SHARDS: usize = 256;

    /// The shard of a token: the column by which a store sweeps.
    pub(super) fn shard(id: TokenId) -> usize {
        usize::try_from(id.number()).unwrap_or(0) % Self::SHARDS
    }

    #[inline]
    pub(super) fn has(&self, id: TokenId) -> bool {
        let shard = self.shards.get(Self::shard(id));
        shard.is_some_and(|shard| shard.binary_search_by_key(&id, |(id, _)| *id).is_ok())
    }

    /// Keeps an id until `until`, and forgets those of its shard whose time had come at `at`.
    pub(super) fn end(&mut self, id: TokenId, at: Instant, until: Instant) {
        if let Some(shard) = Arc::make_mut(&mut self.shards).get_mut(Self::shard(id)) {
            Arc::make_mut(shard).retain(|(_, until)| *until > at);
        }
        self.put(id, until);
    }

    pub(super) fn put(&mut self, id: TokenId, until: Instant) {
        let Some(shard) = Arc::make_mut(&mut self.shards).get_mut(Self::shard(id)) else { return };
        let shard = Arc::make_mut(shard);
        match shard.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => shard.get_mut(at).into_iter().for_each(|kept| kept.1 = until),
            Err(at) => shard.insert(at, (id, until)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: i64) -> TokenId {
        TokenId::from_number(number).unwrap()
    }

    #[test]
    fn what_ended_stays_ended_until_its_time_and_is_swept_by_its_neighbours() {
        let mut ended = Ended::default();
        ended.end(id(256), Instant(10), Instant(100));
        ended.end(id(1), Instant(10), Instant(50));
        assert!(ended.has(id(256)) && ended.has(id(1)) && !ended.has(id(512)));
        // Of another shard: sweeps nothing of theirs.
        ended.end(id(2), Instant(200), Instant(300));
        assert!(ended.has(id(256)));
        ended.end(id(512), Instant(99), Instant(300));
        assert!(ended.has(id(256)), "its time is not yet");
        ended.end(id(768), Instant(100), Instant(300));
        assert!(!ended.has(id(256)) && ended.has(id(512)) && ended.has(id(768)));
    }

    #[test]
    fn ending_twice_keeps_one() {
        let mut ended = Ended::default();
        ended.end(id(7), Instant(1), Instant(5));
        let mut once = Ended::default();
        once.end(id(7), Instant(1), Instant(9));
        ended.end(id(7), Instant(2), Instant(9));
        assert_eq!(ended, once);
    }
}
