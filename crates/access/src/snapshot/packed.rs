//! Users and their grants in packed form: runs of 32-bit words, read without unpacking.
//!
//! Near: `[flags | grant count << 16, where far begins, login bytes, (head, at).., login..]`
//! Far: `[words, epoch, (id, body..)..]`
//!
//! The head of a grant is its role and form, `at` its place in the far part. The near parts of many users
//! lie together: most questions, by handle or by login, read nothing else, and what is read lies on few
//! pages of memory. A page that no question touched lately costs more than a line.

use super::packed_grant::{GrantRun, PackedGrant};
use crate::catalogue::RoleSlot;
use crate::change::{SignIn, UserKind};
use crate::scope::Scope;
use crate::time::Validity;
use crate::words::{GrantId, Login, Number};
use std::ops::Range;

pub(super) const ENABLED: u32 = 1;
pub(super) const PROVISIONED: u32 = 2;
pub(super) const REMOVED: u32 = 4;
const SYSTEM: u32 = 8;
const SSO: u32 = 16;
/// Some grant of theirs begins or ends.
const TIMED: u32 = 32;

/// Words of a near part before the heads, words of each of those, and words of a far part before the grants.
const NEAR: usize = 3;
const HEAD: usize = 2;
const FAR: usize = 2;

/// A user as they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct UserRef<'a> {
    /// From their near part on.
    near: &'a [u32],
    /// The far parts of some users, theirs among them.
    leaf: &'a [u32],
}

impl<'a> UserRef<'a> {
    /// The user whose near part stands at the front of `near`.
    #[inline]
    pub(super) fn new(near: &'a [u32], leaf: &'a [u32]) -> Option<Self> {
        (near.len() >= NEAR).then_some(Self { near, leaf })
    }

    #[inline]
    fn word(self, at: usize) -> u32 {
        self.near.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn far_at(self) -> usize {
        self.word(1) as usize
    }

    fn far(self) -> &'a [u32] {
        self.leaf.get(self.far_range()).unwrap_or_default()
    }

    /// Where in the leaf the far part lies.
    pub(super) fn far_range(self) -> Range<usize> {
        let at = self.far_at();
        at..at + self.leaf.get(at).map_or(0, |words| *words as usize)
    }

    /// Words of the near part.
    pub(super) fn near_len(self) -> usize {
        self.login_at() + self.login_len().div_ceil(4)
    }

    pub(super) fn flags(self) -> u32 {
        self.word(0) & 0xffff
    }

    /// Whether both switches are on and the user was not removed.
    #[must_use]
    #[inline]
    pub fn is_active(self) -> bool {
        self.word(0) & (ENABLED | PROVISIONED | REMOVED) == ENABLED | PROVISIONED
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
        self.leaf.get(self.far_at() + 1).copied().unwrap_or(0)
    }

    /// Whether some grant begins or ends at an instant.
    pub(crate) fn is_timed(self) -> bool {
        self.word(0) & TIMED != 0
    }

    /// How many grants they have.
    #[must_use]
    pub fn grant_count(self) -> usize {
        (self.word(0) >> 16) as usize
    }

    #[inline]
    fn heads(self) -> &'a [[u32; HEAD]] {
        self.near.get(NEAR..NEAR + self.grant_count() * HEAD).unwrap_or_default().as_chunks().0
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

    fn login_at(self) -> usize {
        NEAR + self.grant_count() * HEAD
    }

    fn login_len(self) -> usize {
        self.word(2) as usize
    }

    fn login_words(self) -> &'a [u32] {
        self.near.get(self.login_at()..self.near_len()).unwrap_or_default()
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
    /// Writes both parts; the far part begins where `far` ends.
    pub(super) fn pack(&self, near: &mut Vec<u32>, far: &mut Vec<u32>) {
        let runs = || GrantRun::all(self.grants);
        let count = runs().count();
        let timed = if runs().any(GrantRun::is_timed) { TIMED } else { 0 };
        let flags = self.flags & !TIMED & 0xffff | timed | word(count) << 16;
        near.extend([flags, word(far.len()), word(self.login.len())]);
        let mut at = FAR;
        for run in runs() {
            near.extend([run.head, word(at)]);
            at += 1 + run.body.len();
        }
        near.extend(login_words(self.login));
        far.extend([word(at), self.epoch]);
        for run in runs() {
            far.push(run.id);
            far.extend_from_slice(run.body);
        }
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
