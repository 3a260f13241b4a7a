//! Argon2id: how a password is kept, and how one is compared with what is kept.
//!
//! A hash is a text in the PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. It is compared
//! by the parameters that it was made with, so they can be raised at any time.

use crate::new_password::NewPassword;
use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::password_hash::{self, CustomizedPasswordHasher};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{IdSource, NoRandomness};

/// Bytes of salt in a hash.
const SALT_BYTES: usize = 16;
/// Bytes of a hash made here.
const HASH_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;

thread_local! {
    /// The memory of the last comparison on this thread, for the next: to have it given and cleared anew by the
    /// operating system takes a tenth of a hash and more. [`Workers`](crate::workers) keep the threads few.
    static SCRATCH: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// What a hash costs. The least is what OWASP's cheat sheet on password storage asks of Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { memory_kib: Self::MEMORY_KIB_MIN, passes: Self::PASSES_MIN, lanes: Self::LANES_MIN }
    }
}

/// Parameters out of range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} of {given} is out of range: it is {least} to {most}")]
pub struct ParametersError {
    what: &'static str,
    given: u32,
    least: u32,
    most: u32,
}

impl Parameters {
    /// Least memory of a hash, in KiB.
    pub const MEMORY_KIB_MIN: u32 = 19_456;
    /// Most memory of a hash, in KiB.
    pub const MEMORY_KIB_MAX: u32 = 1 << 20;
    /// Fewest passes over the memory.
    pub const PASSES_MIN: u32 = 2;
    /// Most passes over the memory.
    pub const PASSES_MAX: u32 = 64;
    /// Fewest lanes.
    pub const LANES_MIN: u32 = 1;
    /// Most lanes.
    pub const LANES_MAX: u32 = 16;

    /// Parameters at least as costly as the default.
    ///
    /// # Errors
    /// One below or above its bounds.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, ParametersError> {
        let within = |what, given, least, most| {
            if (least..=most).contains(&given) {
                Ok(given)
            } else {
                Err(ParametersError { what, given, least, most })
            }
        };
        Ok(Self {
            memory_kib: within("memory in KiB", memory_kib, Self::MEMORY_KIB_MIN, Self::MEMORY_KIB_MAX)?,
            passes: within("a number of passes", passes, Self::PASSES_MIN, Self::PASSES_MAX)?,
            lanes: within("a number of lanes", lanes, Self::LANES_MIN, Self::LANES_MAX)?,
        })
    }

    /// Far too cheap for anything but tests that hash a hundred times.
    #[cfg(test)]
    pub(crate) fn cheap() -> Self {
        Self::of_cost(64, 1, 1)
    }

    #[cfg(test)]
    pub(crate) fn of_cost(memory_kib: u32, passes: u32, lanes: u32) -> Self {
        Self { memory_kib, passes, lanes }
    }

    fn params(self) -> Result<Params, HashError> {
        Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES))
            .map_err(|_| HashError::Unusable)
    }

    /// What a hash of these costs: KiB of memory times passes over it. The time of a hash goes with it; lanes are
    /// computed one after the other here, so they change nothing.
    fn units(self) -> u64 {
        self.params().map_or(0, |params| units(&params))
    }

    /// What is to be computed beside a hash that cost `spent` units, so that both cost what one of these does: never
    /// less, and no more than 4 units a pass above. It takes no more memory than one of these. None where nothing
    /// is missing.
    fn filler(self, spent: u64) -> Option<Self> {
        const MULTIPLE_KIB: u64 = 4;
        let most = self.params().ok()?.block_count() as u64;
        let missing = self.units().checked_sub(spent).filter(|missing| *missing > 0)?;
        let passes = missing.div_ceil(most.max(1));
        let memory = missing.div_ceil(passes).next_multiple_of(MULTIPLE_KIB).max(Params::MIN_M_COST.into());
        Some(Self { memory_kib: u32::try_from(memory).ok()?, passes: u32::try_from(passes).ok()?, lanes: 1 })
    }

    fn of(params: &Params) -> Self {
        Self { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() }
    }

    /// A kept hash may be cheaper than what is made today; it may not be dear without bound.
    fn is_bounded(self) -> bool {
        self.memory_kib <= Self::MEMORY_KIB_MAX
            && self.passes <= Self::PASSES_MAX
            && self.lanes <= Self::LANES_MAX
    }
}

/// Why a password was neither hashed nor compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// No salt can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The memory that a hash takes is not to be had now.
    #[error("there is not enough memory to hash a password")]
    OutOfMemory,
    /// What is kept is no hash that this program compares.
    #[error("the kept hash is no Argon2id hash of version 19 within the bounds of this program")]
    Unusable,
}

/// A kept hash that can be compared.
pub(crate) struct KeptHash(PasswordHash);

impl KeptHash {
    pub(crate) fn parse(text: &str) -> Result<Self, HashError> {
        let hash = PasswordHash::new(text).map_err(|_| HashError::Unusable)?;
        let params = Params::try_from(&hash).map_err(|_| HashError::Unusable)?;
        let usable = hash.algorithm == ARGON2ID_IDENT
            && hash.version == Some(Version::V0x13.into())
            && hash.salt.is_some()
            && hash.hash.is_some()
            && Parameters::of(&params).is_bounded();
        if usable { Ok(Self(hash)) } else { Err(HashError::Unusable) }
    }

    fn parameters(&self) -> Option<Parameters> {
        Params::try_from(&self.0).ok().map(|p| Parameters::of(&p))
    }
}

/// See [`Parameters::units`]; the memory is that which is used, as lanes round it.
fn units(params: &Params) -> u64 {
    params.block_count() as u64 * u64::from(params.t_cost())
}

/// Makes hashes and compares passwords with them. It computes as long as its parameters ask, on the
/// calling thread: some 20 ms by default.
#[derive(Debug)]
pub struct PasswordHasher {
    parameters: Parameters,
    computed: AtomicU64,
    units: AtomicU64,
}

impl PasswordHasher {
    /// A hasher that makes hashes of these parameters.
    #[must_use]
    pub fn new(parameters: Parameters) -> Self {
        Self { parameters, computed: AtomicU64::new(0), units: AtomicU64::new(0) }
    }

    /// How many hashes were computed since it was made, for making and for comparing.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// What all of them cost, in KiB of memory times passes.
    #[cfg(test)]
    pub(crate) fn units(&self) -> u64 {
        self.units.load(Ordering::Relaxed)
    }

    fn argon2(&self, params: Params) -> Argon2<'static> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(units(&params), Ordering::Relaxed);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    /// The hash to keep.
    ///
    /// # Errors
    /// No randomness or no memory.
    pub fn hash(&self, password: &NewPassword, ids: &dyn IdSource) -> Result<String, HashError> {
        let mut salt = [0; SALT_BYTES];
        ids.fill(&mut salt)?;
        let params = self.parameters.params()?;
        let argon2 = self.argon2(params.clone());
        let made = argon2.hash_password_customized(password.reveal().as_bytes(), &salt, None, None, params);
        Ok(made.map_err(refusal)?.to_string())
    }

    /// Whether the password is the one that the hash was made of.
    ///
    /// # Errors
    /// A text that is no usable hash, or no memory.
    pub fn verify(&self, password: &str, hash: &str) -> Result<bool, HashError> {
        self.matches(password, &KeptHash::parse(hash)?)
    }

    /// Whether the password is the one that the hash was made of, where a no costs what a hash of today costs, in time
    /// and in memory: a kept hash that was made when hashes were cheaper does not tell that there is one. A kept hash
    /// that cannot be compared is a no. One that is dearer than those of today costs what it costs.
    pub(crate) fn compare(&self, password: &str, kept: &KeptHash) -> Result<bool, HashError> {
        let spent = match self.matches(password, kept) {
            Ok(true) => return Ok(true),
            Ok(false) => kept.parameters().map_or(0, Parameters::units),
            Err(HashError::Unusable) => 0,
            Err(other) => return Err(other),
        };
        if let Some(filler) = self.parameters.filler(spent) {
            let mut output = [0; HASH_BYTES];
            self.compute(filler.params()?, password, &[0; SALT_BYTES], &mut output)?;
            // What nobody looks at is not left out by a compiler that sees so.
            std::hint::black_box(output);
        }
        Ok(false)
    }

    pub(crate) fn matches(&self, password: &str, kept: &KeptHash) -> Result<bool, HashError> {
        let (PasswordHash { salt: Some(salt), hash: Some(hash), .. }, Ok(params)) =
            (&kept.0, Params::try_from(&kept.0))
        else {
            return Err(HashError::Unusable);
        };
        let mut output = [0; Output::MAX_LENGTH];
        let Some(output) = output.get_mut(..hash.len()) else { return Err(HashError::Unusable) };
        self.compute(params, password, salt, output)?;
        // `Output` compares in constant time.
        Ok(Output::new(output).is_ok_and(|computed| computed == *hash))
    }

    /// The hash, in the memory of this thread.
    fn compute(
        &self,
        params: Params,
        password: &str,
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), HashError> {
        let argon2 = self.argon2(params);
        SCRATCH.with_borrow_mut(|memory| {
            let blocks = argon2.params().block_count();
            let more = blocks.saturating_sub(memory.len());
            memory.try_reserve_exact(more).map_err(|_| HashError::OutOfMemory)?;
            memory.resize(blocks.max(memory.len()), Block::default());
            argon2
                .hash_password_into_with_memory(password.as_bytes(), salt, output, memory)
                .map_err(|_| HashError::Unusable)
        })
    }

    /// Whether the hash should be made anew, at the next moment when the password is known: it is not
    /// usable, or has other parameters than those of today.
    #[must_use]
    pub fn needs_rehash(&self, hash: &str) -> bool {
        KeptHash::parse(hash).ok().and_then(|kept| kept.parameters()) != Some(self.parameters)
    }

    /// A hash of nothing, which costs what a hash of today costs and matches no password.
    pub(crate) fn dummy(&self, ids: &dyn IdSource) -> Result<KeptHash, HashError> {
        let (mut salt, mut output) = ([0; SALT_BYTES], [0; HASH_BYTES]);
        ids.fill(&mut salt)?;
        ids.fill(&mut output)?;
        let params = (&self.parameters.params()?).try_into().map_err(|_| HashError::Unusable)?;
        Ok(KeptHash(PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params,
            salt: Some(Salt::new(&salt).map_err(|_| HashError::Unusable)?),
            hash: Some(Output::new(&output).map_err(|_| HashError::Unusable)?),
        }))
    }
}

fn refusal(error: password_hash::Error) -> HashError {
    match error {
        password_hash::Error::OutOfMemory => HashError::OutOfMemory,
        _ => HashError::Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::SystemIds;

    fn password(text: &str) -> NewPassword {
        NewPassword::parse(text).unwrap()
    }

    #[test]
    fn a_hash_of_the_default_cost_is_compared_with_its_password_alone() {
        let hasher = PasswordHasher::new(Parameters::default());
        let hash = hasher.hash(&password("Otters swim upstream"), &SystemIds).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hasher.verify("Otters swim upstream", &hash), Ok(true));
        assert_eq!(hasher.verify("otters swim upstream", &hash), Ok(false));
        assert_eq!(hasher.computed(), 3);
    }

    #[test]
    fn the_same_password_is_kept_differently_each_time() {
        let hasher = PasswordHasher::new(Parameters::cheap());
        let [a, b] = [(); 2].map(|()| hasher.hash(&password("Otters swim upstream"), &SystemIds).unwrap());
        assert_ne!(a, b);
    }

    #[test]
    fn a_known_answer_of_another_implementation_is_compared() {
        // `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1`, from the tests of the reference
        // implementation (phc-winner-argon2, src/test.c, version 0x13, Argon2id).
        let kept = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let hasher = PasswordHasher::new(Parameters::default());
        assert_eq!(hasher.verify("password", kept), Ok(true));
        assert_eq!(hasher.verify("differentpassword", kept), Ok(false));
    }

    #[test]
    fn cost_goes_up_only() {
        assert!(Parameters::new(19_456, 2, 1).is_ok() && Parameters::new(65_536, 3, 4).is_ok());
        for (memory, passes, lanes) in [(19_455, 2, 1), (19_456, 1, 1), (19_456, 2, 0), (1 << 21, 2, 1)] {
            assert!(Parameters::new(memory, passes, lanes).is_err());
        }
        let refusal = Parameters::new(1024, 2, 1).unwrap_err().to_string();
        assert_eq!(refusal, "memory in KiB of 1024 is out of range: it is 19456 to 1048576");
    }

    #[test]
    fn a_hash_of_other_parameters_is_compared_and_wants_to_be_made_anew() {
        let (old, new) =
            (PasswordHasher::new(Parameters::cheap()), PasswordHasher::new(Parameters::default()));
        let hash = old.hash(&password("Otters swim upstream"), &SystemIds).unwrap();
        assert_eq!(new.verify("Otters swim upstream", &hash), Ok(true));
        assert!(new.needs_rehash(&hash) && !old.needs_rehash(&hash) && old.needs_rehash("secret"));
    }

    #[test]
    fn what_is_no_usable_hash_is_an_error_and_costs_nothing() {
        let hasher = PasswordHasher::new(Parameters::default());
        for kept in [
            "",
            "secret",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ",
            "$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=16$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=64,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ] {
            assert_eq!(hasher.verify("secret", kept), Err(HashError::Unusable), "{kept}");
        }
        assert_eq!(hasher.computed(), 0);
    }

    #[test]
    fn the_dummy_costs_what_a_hash_of_today_costs() {
        let hasher = PasswordHasher::new(Parameters::cheap());
        let dummy = hasher.dummy(&SystemIds).unwrap();
        assert_eq!(dummy.parameters(), Some(Parameters::cheap()));
        assert_eq!(hasher.matches("", &dummy), Ok(false));
    }

    #[test]
    fn a_refusal_costs_what_a_hash_of_today_costs_however_cheap_the_kept_one_is() {
        let password = password("Otters swim upstream");
        for (today, old) in [
            ((65_536, 3, 1), (19_456, 2, 1)),
            ((19_456, 3, 1), (19_456, 2, 1)),
            ((1_024, 5, 4), (64, 1, 1)),
            ((1_000, 7, 3), (997, 6, 2)),
            ((1_024, 1, 1), (1_020, 1, 1)),
            ((64, 1, 1), (64, 1, 1)),
            // More memory and fewer passes, and the other way round.
            ((1_024, 1, 1), (64, 4, 1)),
            ((64, 8, 1), (256, 1, 1)),
        ] {
            let of =
                |(memory, passes, lanes)| PasswordHasher::new(Parameters::of_cost(memory, passes, lanes));
            let (today, old) = (of(today), of(old));
            let kept = KeptHash::parse(&old.hash(&password, &SystemIds).unwrap()).unwrap();
            let cost = |kept: &KeptHash, password: &str| {
                let before = today.units();
                (today.compare(password, kept), today.units() - before)
            };
            let dummy = today.dummy(&SystemIds).unwrap();
            let (no, nobody) = cost(&dummy, "wrong");
            assert_eq!((no, nobody), (Ok(false), today.parameters.units()), "{today:?}");
            let (no, refused) = cost(&kept, "wrong");
            let above = u64::from(4 * today.parameters.passes);
            assert!(no == Ok(false) && (nobody..=nobody + above).contains(&refused), "{today:?} {refused}");
            // Whoever knows the password waits for one hash.
            assert_eq!(cost(&kept, "Otters swim upstream"), (Ok(true), old.parameters.units()));
        }
    }

    #[test]
    fn what_is_computed_beside_a_cheaper_hash_takes_no_more_memory_than_a_hash_of_today() {
        for memory in [8, 64, 1_000, 19_456, 65_537, Parameters::MEMORY_KIB_MAX] {
            for passes in [1, 2, 3, Parameters::PASSES_MAX] {
                let today = Parameters::of_cost(memory, passes, 1);
                for spent in [0, 1, 8, 4_096, 38_912, today.units() - 1, today.units(), today.units() + 1] {
                    let Some(filler) = today.filler(spent) else {
                        assert!(spent >= today.units(), "{today:?} {spent}");
                        continue;
                    };
                    assert!(filler.memory_kib <= memory && filler.passes <= passes, "{today:?} {filler:?}");
                    let sum = spent + filler.units();
                    let above = u64::from(4 * passes).max(8);
                    assert!(
                        (today.units()..=today.units() + above).contains(&sum),
                        "{today:?} {spent} {sum}"
                    );
                }
            }
        }
    }
}
