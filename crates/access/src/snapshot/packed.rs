//! Users and their grants in packed form: runs of 32-bit words in a leaf, read without unpacking.
//!
//! Near: `[flags | grant count << 16, where far begins, (head, at)..]`
//! Far: `[words, epoch, login bytes, login.., (id, body..)..]`
//!
//! A leaf has the near parts of all its users at its front and the far parts behind them. The head of a
//! grant is its role and form, `at` its place in the far part. Most questions end at the heads, so what
//! they read lies close together and is more often in the cache than users as a whole could be.

use super::packed_grant::{GrantRun, PackedGrant};
use crate::catalogue::RoleSlot;
use crate::change::{SignIn, UserKind};
use crate::scope::Scope;
use crate::time::Validity;
use crate::words::{GrantId, Login, Number};
use std::sync::Arc;

pub(super) const ENABLED: u32 = 1;
pub(super) const PROVISIONED: u32 = 2;
pub(super) const REMOVED: u32 = 4;
const SYSTEM: u32 = 8;
const SSO: u32 = 16;
/// Some grant of theirs begins or ends.
const TIMED: u32 = 32;

/// Words of a near part before the heads, words of each of those, and words of a far part before the login.
const NEAR: usize = 2;
const HEAD: usize = 2;
const FAR: usize = 3;

/// A user as they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct UserRef<'a> {
    leaf: &'a [u32],
    near: usize,
}

impl<'a> UserRef<'a> {
    /// The user whose near part begins there.
    #[inline]
    pub(super) fn new(leaf: &'a [u32], near: usize) -> Option<Self> {
        (near < leaf.len()).then_some(Self { leaf, near })
    }

    #[inline]
    fn word(self, at: usize) -> u32 {
        self.leaf.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn status(self) -> u32 {
        self.word(self.near)
    }

    #[inline]
    fn far_at(self) -> usize {
        self.word(self.near + 1) as usize
    }

    /// The far part and nothing else.
    fn far(self) -> &'a [u32] {
        let at = self.far_at();
        self.leaf.get(at..at + self.word(at) as usize).unwrap_or_default()
    }

    #[inline]
    pub(super) fn flags(self) -> u32 {
        self.status() & 0xffff
    }

    /// Whether both switches are on and the user was not removed.
    #[must_use]
    #[inline]
    pub fn is_active(self) -> bool {
        self.status() & (ENABLED | PROVISIONED | REMOVED) == ENABLED | PROVISIONED
    }

    /// Whether the administrators have them on.
    #[must_use]
    pub fn is_enabled(self) -> bool {
        self.flags() & ENABLED != 0
    }

    /// Whether the provisioner has them on.
    #[must_use]
    pub fn is_provisioned(self) -> bool {
        self.flags() & PROVISIONED != 0
    }

    /// Whether they were removed.
    #[must_use]
    pub fn is_removed(self) -> bool {
        self.flags() & REMOVED != 0
    }

    /// A person or a system.
    #[must_use]
    pub fn kind(self) -> UserKind {
        if self.flags() & SYSTEM == 0 { UserKind::Person } else { UserKind::System }
    }

    /// How they sign in.
    #[must_use]
    pub fn sign_in(self) -> SignIn {
        if self.flags() & SSO == 0 { SignIn::Password } else { SignIn::Sso }
    }

    /// The epoch that every session and token of theirs must carry. It grows with every way out.
    #[must_use]
    pub fn epoch(self) -> u32 {
        self.word(self.far_at() + 1)
    }

    /// Whether some grant begins or ends at an instant.
    pub(crate) fn is_timed(self) -> bool {
        self.status() & TIMED != 0
    }

    /// How many grants they have.
    #[must_use]
    pub fn grant_count(self) -> usize {
        (self.status() >> 16) as usize
    }

    #[inline]
    fn heads(self) -> &'a [[u32; HEAD]] {
        let from = self.near + NEAR;
        self.leaf.get(from..from + self.grant_count() * HEAD).unwrap_or_default().as_chunks().0
    }

    #[inline]
    pub(crate) fn grants(self) -> impl Iterator<Item = PackedGrant<'a>> {
        let (words, far) = (self.leaf, self.far_at());
        self.heads().iter().map(move |[head, at]| PackedGrant { head: *head, at: far + *at as usize, words })
    }

    /// The grants one by one, each with its own words only.
    fn runs(self) -> impl Iterator<Item = GrantRun<'a>> {
        let far = self.far();
        let ends = self.heads().iter().skip(1).map(|[_, at]| *at as usize).chain([far.len()]);
        self.heads().iter().zip(ends).filter_map(move |([head, at], end)| {
            let (id, body) = far.get(*at as usize..end)?.split_first()?;
            Some(GrantRun { head: *head, id: *id, body })
        })
    }

    fn login_len(self) -> usize {
        self.word(self.far_at() + 2) as usize
    }

    fn login_words(self) -> &'a [u32] {
        let from = self.far_at() + FAR;
        self.leaf.get(from..from + self.login_len().div_ceil(4)).unwrap_or_default()
    }

    /// Their login.
    #[must_use]
    pub fn login(self) -> String {
        let mut bytes: Vec<u8> = self.login_words().iter().flat_map(|w| w.to_le_bytes()).collect();
        bytes.truncate(self.login_len());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether this login (in lower case) is theirs; nothing is unpacked.
    #[must_use]
    pub fn has_login(self, login: &str) -> bool {
        self.login_len() == login.len() && login_words(login).eq(self.login_words().iter().copied())
    }
}

/// The bytes of a login four by four, the last word filled up with zeros.
#[inline]
fn login_words(login: &str) -> impl Iterator<Item = u32> + '_ {
    let (words, rest) = login.as_bytes().as_chunks::<4>();
    let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    let last = (!rest.is_empty()).then_some(last);
    words.iter().map(|bytes| u32::from_le_bytes(*bytes)).chain(last)
}

/// A user taken apart, to be changed and packed again.
#[derive(Clone, Debug)]
pub(super) struct UserParts {
    pub flags: u32,
    pub epoch: u32,
    pub login: String,
    /// Packed grants, each by itself, one after the other, in the order of their ids.
    pub grants: Vec<u32>,
}

impl UserParts {
    pub(super) fn new(login: &Login, kind: UserKind, sign_in: SignIn) -> Self {
        Self {
            flags: flags(kind, sign_in, true, true, false),
            epoch: 1,
            login: login.as_str().to_owned(),
            grants: Vec::new(),
        }
    }

    pub(super) fn of(user: UserRef<'_>) -> Self {
        let mut grants = Vec::with_capacity(user.far().len());
        user.runs().for_each(|run| run.write(&mut grants));
        Self { flags: user.flags(), epoch: user.epoch(), login: user.login(), grants }
    }

    /// The grants without one; whether it was there.
    pub(super) fn take_grant(&mut self, id: GrantId) -> Option<RoleSlot> {
        let mut kept = Vec::with_capacity(self.grants.len());
        let mut taken = None;
        for run in GrantRun::all(&self.grants) {
            if run.id == id.number() {
                taken = Some(run.role());
            } else {
                run.write(&mut kept);
            }
        }
        self.grants = kept;
        taken
    }

    pub(super) fn add_grant(&mut self, id: GrantId, role: RoleSlot, scope: &Scope, validity: Validity) {
        let mut sorted = Vec::with_capacity(self.grants.len() + 8);
        let mut runs = GrantRun::all(&self.grants).peekable();
        while let Some(before) = runs.next_if(|run| run.id <= id.number()) {
            before.write(&mut sorted);
        }
        PackedGrant::pack(&mut sorted, id, role, scope, validity);
        runs.for_each(|after| after.write(&mut sorted));
        self.grants = sorted;
    }

    pub(super) fn as_words(&self) -> UserWords<'_> {
        UserWords { flags: self.flags, epoch: self.epoch, login: &self.login, grants: &self.grants }
    }
}

/// What a user is packed from.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserWords<'a> {
    pub flags: u32,
    pub epoch: u32,
    pub login: &'a str,
    pub grants: &'a [u32],
}

impl UserWords<'_> {
    fn pack(&self, near: &mut Vec<u32>, far: &mut Vec<u32>) {
        let runs = || GrantRun::all(self.grants);
        let count = runs().count();
        let timed = if runs().any(GrantRun::is_timed) { TIMED } else { 0 };
        let begin = far.len();
        near.extend([self.flags & !TIMED & 0xffff | timed | word(count) << 16, word(begin)]);
        far.extend([0, self.epoch, word(self.login.len())]);
        far.extend(login_words(self.login));
        for run in runs() {
            near.extend([run.head, word(far.len() - begin)]);
            far.push(run.id);
            far.extend_from_slice(run.body);
        }
        let words = word(far.len() - begin);
        if let Some(place) = far.get_mut(begin) {
            *place = words;
        }
    }
}

/// Writes the users of a leaf, one after the other.
#[derive(Debug, Default)]
pub(super) struct LeafWriter {
    near: Vec<u32>,
    far: Vec<u32>,
    /// Where each near part begins.
    starts: Vec<u32>,
}

impl LeafWriter {
    pub(super) fn push(&mut self, user: &UserWords<'_>) {
        self.starts.push(word(self.near.len()));
        user.pack(&mut self.near, &mut self.far);
    }

    /// A user as they were in another leaf.
    pub(super) fn copy(&mut self, user: UserRef<'_>) {
        self.starts.push(word(self.near.len()));
        self.near.extend([user.status(), word(self.far.len())]);
        self.near.extend_from_slice(user.heads().as_flattened());
        self.far.extend_from_slice(user.far());
    }

    /// The words of the leaf, and where in it each user begins; the writer is empty then.
    pub(super) fn finish(&mut self) -> (Arc<[u32]>, Vec<u32>) {
        let far = word(self.near.len());
        for start in &self.starts {
            if let Some(begin) = self.near.get_mut(*start as usize + 1) {
                *begin += far;
            }
        }
        self.near.append(&mut self.far);
        let leaf = Arc::from(self.near.as_slice());
        self.near.clear();
        (leaf, std::mem::take(&mut self.starts))
    }
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The flags of a user with both switches as given.
pub(super) fn flags(kind: UserKind, sign_in: SignIn, enabled: bool, provisioned: bool, removed: bool) -> u32 {
    let flag = |on: bool, flag: u32| if on { flag } else { 0 };
    flag(kind == UserKind::System, SYSTEM)
        | flag(sign_in == SignIn::Sso, SSO)
        | flag(enabled, ENABLED)
        | flag(provisioned, PROVISIONED)
        | flag(removed, REMOVED)
}
