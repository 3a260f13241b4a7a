//! Credentials that were verified a moment ago, remembered in keyed form.
//!
//! An Argon2id hash takes some 20 ms, and an API client sends its password with every call. So the first
//! success leaves a keyed code of (account, user, epoch, password) behind, under a key that only this
//! process has; a later call is compared with that. Whatever ends a user's access advances the epoch, and
//! a code of another epoch is none.

use access::{AccountId, Number, UserId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{IdSource, NoRandomness};

/// Users remembered at most.
pub(crate) const REMEMBERED_MAX: usize = 65_536;
/// Parts of the memory that are locked by themselves.
const SHARDS: usize = 16;

const CODE_BYTES: usize = 32;
const KEY_BYTES: usize = 32;

/// A user of an account at an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub account: AccountId,
    pub user: UserId,
    pub epoch: u32,
}

impl Who {
    fn key(self) -> (u32, u32) {
        (self.account.number(), self.user.number())
    }
}

#[derive(Clone, Copy)]
struct Code {
    epoch: u32,
    bytes: [u8; CODE_BYTES],
}

/// One code a user: a user has one password.
#[derive(Default)]
struct Shard {
    codes: HashMap<(u32, u32), Option<Code>>,
    /// The keys of `codes`, each once, the oldest first.
    order: VecDeque<(u32, u32)>,
}

pub(crate) struct Remembered {
    /// The code of nothing yet, under the key of this process.
    keyed: Hmac<Sha256>,
    shards: [Mutex<Shard>; SHARDS],
    shard_max: usize,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").field("shard_max", &self.shard_max).finish_non_exhaustive()
    }
}

impl Remembered {
    pub(crate) fn new(users_max: usize, ids: &dyn IdSource) -> Result<Self, NoRandomness> {
        let mut key = [0; KEY_BYTES];
        ids.fill(&mut key)?;
        Ok(Self {
            keyed: Hmac::new(&key_block(&key)),
            shards: std::array::from_fn(|_| Mutex::default()),
            shard_max: (users_max / SHARDS).max(1),
        })
    }

    /// A shard is whole at every point where a thread could panic, so a poisoned lock is as good as any.
    fn shard(&self, (account, user): (u32, u32)) -> Option<MutexGuard<'_, Shard>> {
        let at = account.wrapping_add(user) as usize % SHARDS;
        self.shards.get(at).map(|s| s.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The fields before the password have a fixed width, so no two inputs are the same bytes.
    fn code(&self, who: Who, password: &str) -> Hmac<Sha256> {
        let (account, user) = who.key();
        let mut head = [0; 12];
        let parts = [account, user, who.epoch];
        head.chunks_exact_mut(4).zip(parts).for_each(|(to, part)| to.copy_from_slice(&part.to_le_bytes()));
        self.keyed.clone().chain_update(head).chain_update(password.as_bytes())
    }

    /// Whether the password was verified for this user at this epoch. A code of an earlier epoch is
    /// forgotten; one of a later epoch is not, as then it is the caller whose state is old.
    pub(crate) fn knows(&self, who: Who, password: &str) -> bool {
        let found = self.shard(who.key()).and_then(|mut shard| {
            let entry = shard.codes.get_mut(&who.key())?;
            if entry.is_some_and(|code| code.epoch < who.epoch) {
                *entry = None;
            }
            entry.filter(|code| code.epoch == who.epoch)
        });
        // `verify_slice` compares in constant time.
        found.is_some_and(|code| self.code(who, password).verify_slice(&code.bytes).is_ok())
    }

    /// Remembers a password that was verified.
    pub(crate) fn remember(&self, who: Who, password: &str) {
        let bytes = self.code(who, password).finalize().into_bytes().into();
        let Some(mut shard) = self.shard(who.key()) else { return };
        let newest = shard.codes.get(&who.key()).copied().flatten().map_or(0, |code| code.epoch);
        if newest <= who.epoch {
            shard.put(who.key(), Code { epoch: who.epoch, bytes }, self.shard_max);
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let codes = |shard: &Mutex<Shard>| shard.lock().unwrap().codes.values().flatten().count();
        self.shards.iter().map(codes).sum()
    }
}

impl Shard {
    fn put(&mut self, key: (u32, u32), code: Code, max: usize) {
        if self.codes.insert(key, Some(code)).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > max
            && let Some(oldest) = self.order.pop_front()
        {
            self.codes.remove(&oldest);
        }
    }
}

/// The key as the block that HMAC pads it to, so that its length need not be judged when running.
fn key_block(key: &[u8; KEY_BYTES]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::SystemIds;

    fn who(user: u32, epoch: u32) -> Who {
        let account = AccountId::from_number(1).unwrap();
        Who { account, user: UserId::from_number(user).unwrap(), epoch }
    }

    #[test]
    fn only_the_same_account_user_epoch_and_password_are_known() {
        let memory = Remembered::new(64, &SystemIds).unwrap();
        memory.remember(who(1, 3), "open sesame");
        assert!(memory.knows(who(1, 3), "open sesame"));
        for wrong in ["", "open sesam", "open sesame ", "Open sesame"] {
            assert!(!memory.knows(who(1, 3), wrong), "{wrong}");
        }
        let elsewhere = Who { account: AccountId::from_number(2).unwrap(), ..who(1, 3) };
        assert!(!memory.knows(who(2, 3), "open sesame") && !memory.knows(elsewhere, "open sesame"));
    }

    #[test]
    fn another_epoch_is_not_known_and_a_later_one_makes_it_forgotten() {
        let memory = Remembered::new(64, &SystemIds).unwrap();
        memory.remember(who(1, 3), "open sesame");
        assert!(!memory.knows(who(1, 2), "open sesame") && memory.len() == 1);
        assert!(!memory.knows(who(1, 4), "open sesame") && memory.len() == 0);
        assert!(!memory.knows(who(1, 3), "open sesame"));
    }

    #[test]
    fn a_late_comer_with_an_old_epoch_does_not_replace_the_new_one() {
        let memory = Remembered::new(64, &SystemIds).unwrap();
        memory.remember(who(1, 4), "new password");
        memory.remember(who(1, 3), "old password");
        assert!(memory.knows(who(1, 4), "new password") && !memory.knows(who(1, 3), "old password"));
    }

    #[test]
    fn the_memory_is_bounded_and_the_oldest_go_first() {
        let memory = Remembered::new(64, &SystemIds).unwrap();
        for user in 1..=1000 {
            memory.remember(who(user, 1), "open sesame");
            memory.knows(who(user, 2), "open sesame");
            memory.remember(who(user, 2), "open sesame");
        }
        assert_eq!(memory.len(), 64);
        let orders: usize = memory.shards.iter().map(|s| s.lock().unwrap().order.len()).sum();
        assert_eq!(orders, 64);
        assert!(memory.knows(who(1000, 2), "open sesame") && !memory.knows(who(1, 2), "open sesame"));
    }

    #[test]
    fn every_process_has_a_key_of_its_own() {
        let code = |memory: &Remembered| memory.code(who(1, 1), "p").finalize().into_bytes();
        let [a, b] = [(); 2].map(|()| Remembered::new(64, &SystemIds).unwrap());
        assert!(code(&a) == code(&a) && code(&a) != code(&b));
    }

    #[test]
    fn the_code_is_the_hmac_of_rfc_2104() {
        #[derive(Debug)]
        struct Sevens;
        impl IdSource for Sevens {
            fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
                bytes.fill(7);
                Ok(())
            }
        }
        let ours = Remembered::new(64, &Sevens).unwrap().code(who(1, 3), "open sesame");
        let plain = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        let message = b"\x01\0\0\0\x01\0\0\0\x03\0\0\0open sesame";
        assert!(plain.chain_update(message).finalize() == ours.finalize());
    }
}
