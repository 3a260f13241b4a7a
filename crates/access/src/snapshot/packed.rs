//! Users and their grants in packed form: 32-bit words, read without unpacking.
//!
//! An entry: status (`flags | login bytes << 8 | grant count << 16`), where the far words begin, and the heads
//! of up to six grants. A head: role and form, and above them the place of the grant in the far words.
//! Far words: `[epoch, the provider they sign in by.., what is left of the login.., heads of seven grants and
//! more.., (body words, id, body..)..]`.

use super::branch::Branch;
use super::login_head::{LoginHead, login_rest};
use super::packed_grant::{GrantRun, PackedGrant};
use crate::catalogue::RoleSlot;
use crate::change::{SignIn, UserKind};
use crate::scope::Scope;
use crate::time::{Instant, Validity};
use crate::words::{GrantId, Login, Number, ProviderId};
use std::hint::black_box;
use std::ops::Range;

// The length of a login has a byte.
const _: () = assert!(Login::LEN_MAX <= 0xff);

pub(super) const ENABLED: u32 = 1;
pub(super) const PROVISIONED: u32 = 2;
pub(super) const REMOVED: u32 = 4;
const SYSTEM: u32 = 8;
const SSO: u32 = 16;
/// Some grant of theirs begins or ends.
const TIMED: u32 = 32;
const APPLICATION: u32 = 64;
/// They come in from some addresses alone.
pub(super) const RESTRICTED: u32 = 128;

/// Words of each grant before its body.
const GRANT: usize = 2;

/// Far words before the login: the epoch, and the provider of those who have one.
#[inline]
pub(super) fn far_words(flags: u32) -> usize {
    1 + usize::from(flags & SSO != 0)
}

/// Above the bits of a head: where its grant stands in the far words, when that can be said in the rest.
const AT: u32 = u32::BITS - FAR_OFF.count_ones();
const FAR_OFF: u32 = 0x7ff;

/// What is read first of a user: half a line of memory, never parts of two.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(32))]
pub(super) struct Entry {
    status: u32,
    far_at: u32,
    heads: [u32; Self::HEADS],
}

impl Entry {
    /// Heads that it has room for.
    const HEADS: usize = 6;
    /// The place of a user who is not there yet.
    pub(super) const NOBODY: Self = Self { status: u32::MAX, far_at: 0, heads: [0; Self::HEADS] };

    #[inline]
    pub(super) fn is_somebody(&self) -> bool {
        self.status != u32::MAX
    }

    pub(super) fn move_far(&mut self, by: u32) {
        if self.is_somebody() {
            self.far_at = self.far_at.wrapping_add(by);
        }
    }
}

/// A user as they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct UserRef<'a> {
    pub(super) entry: &'a Entry,
    /// The leaf in which their far words lie.
    pub(super) leaf: &'a [u32],
    pub(super) branch: &'a Branch,
    pub(super) slot: usize,
}

impl<'a> UserRef<'a> {
    #[inline]
    pub(super) fn status(self) -> u32 {
        self.entry.status
    }

    #[inline]
    pub(super) fn far_on(self) -> &'a [u32] {
        self.leaf.get(self.entry.far_at as usize..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn login_len(self) -> usize {
        (self.status() >> 8 & 0xff) as usize
    }

    /// Where in the far words the login ends and the heads of many grants begin.
    #[inline]
    pub(super) fn heads_at(self) -> usize {
        far_words(self.status()) + self.login_len().saturating_sub(LoginHead::LEN).div_ceil(4)
    }

    /// Where in the far words the first grant stands.
    fn first_at(self) -> usize {
        let count = self.grant_count();
        self.heads_at() + if count > Entry::HEADS { count } else { 0 }
    }

    #[inline]
    fn heads(self) -> &'a [u32] {
        let count = self.grant_count();
        match self.entry.heads.get(..count) {
            Some(heads) => heads,
            None => self.far_on().get(self.heads_at()..self.first_at()).unwrap_or_default(),
        }
    }

    /// Begins to fetch the far words, for a question that has others to look at in between.
    #[inline]
    pub(crate) fn touch(self) {
        /// Words in a line of memory.
        const LINE: usize = 16;
        let far = self.far_on();
        black_box((far.first().copied(), far.get(LINE).copied()));
    }

    /// Where in the leaf the far words of this user lie.
    pub(super) fn far_range(self) -> Range<usize> {
        let (all, begin) = (self.far_on(), self.entry.far_at as usize);
        begin..begin + (0..self.grant_count()).fold(self.first_at(), |at, _| after(all, at))
    }

    /// Id and body of a grant, whatever follows it.
    #[inline]
    pub(super) fn grant_on(self, nth: usize, head: u32) -> &'a [u32] {
        let (far, at) = (self.far_on(), head >> AT);
        let at =
            if at == FAR_OFF { (0..nth).fold(self.first_at(), |at, _| after(far, at)) } else { at as usize };
        far.get(at + 1..).unwrap_or_default()
    }

    pub(super) fn flags(self) -> u32 {
        self.status() & 0xff
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

    /// What they are.
    #[must_use]
    pub fn kind(self) -> UserKind {
        match self.flags() & (SYSTEM | APPLICATION) {
            0 => UserKind::Person,
            SYSTEM => UserKind::System,
            _ => UserKind::Application,
        }
    }

    /// How they sign in.
    #[must_use]
    pub fn sign_in(self) -> SignIn {
        ProviderId::from_number(self.provider()).map_or(SignIn::Password, SignIn::Sso)
    }

    fn provider(self) -> u32 {
        let word = (self.flags() & SSO != 0).then(|| self.far_on().get(1).copied());
        word.flatten().unwrap_or(0)
    }

    /// Whether they come in from some addresses alone.
    #[must_use]
    #[inline]
    pub fn is_restricted(self) -> bool {
        self.flags() & RESTRICTED != 0
    }

    /// The epoch that every session and token of theirs must carry. It grows with every way out.
    #[must_use]
    pub fn epoch(self) -> u32 {
        self.far_on().first().copied().unwrap_or(0)
    }

    /// Whether some grant begins or ends at an instant.
    pub(crate) fn is_timed(self) -> bool {
        self.status() & TIMED != 0
    }

    /// The next instant after `now` at which a grant of theirs begins or ends.
    pub(crate) fn next_boundary(self, now: Instant) -> Option<Instant> {
        if !self.is_timed() {
            return None;
        }
        self.grants().filter_map(|g| g.validity().next_boundary(now)).min()
    }

    /// How many grants they have.
    #[must_use]
    pub fn grant_count(self) -> usize {
        (self.status() >> 16) as usize
    }

    #[inline]
    pub(crate) fn grants(self) -> impl Iterator<Item = PackedGrant<'a>> {
        self.heads().iter().enumerate().map(move |(nth, head)| PackedGrant { head: *head, nth, user: self })
    }
}

/// Where the grant behind the one at `at` begins.
#[inline]
fn after(far: &[u32], at: usize) -> usize {
    at + GRANT + far.get(at).map_or(0, |words| *words as usize)
}

/// A user taken apart, to be changed and packed again.
#[derive(Clone, Debug)]
pub(super) struct UserParts {
    pub flags: u32,
    pub epoch: u32,
    /// The number of the provider they sign in by; 0 for a password.
    pub provider: u32,
    pub login: String,
    /// Packed grants, each by itself, one after the other, in the order of their ids.
    pub grants: Vec<u32>,
}

impl UserParts {
    pub(super) fn new(login: &Login, kind: UserKind, sign_in: SignIn) -> Self {
        Self {
            flags: flags(kind, sign_in, true, true, false),
            epoch: 1,
            provider: provider_number(sign_in),
            login: login.as_str().to_owned(),
            grants: Vec::new(),
        }
    }

    pub(super) fn of(user: UserRef<'_>) -> Self {
        let mut grants = Vec::new();
        user.grants().filter_map(PackedGrant::alone).for_each(|run| run.write(&mut grants));
        let provider = user.provider();
        Self { flags: user.flags(), epoch: user.epoch(), provider, login: user.login(), grants }
    }

    pub(super) fn set_sign_in(&mut self, sign_in: SignIn) {
        self.provider = provider_number(sign_in);
        self.flags = if self.provider == 0 { self.flags & !SSO } else { self.flags | SSO };
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
        let Self { flags, epoch, provider, login, grants } = self;
        UserWords { flags: *flags, epoch: *epoch, provider: *provider, login, grants }
    }
}

/// What a user is packed from.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserWords<'a> {
    pub flags: u32,
    pub epoch: u32,
    pub provider: u32,
    pub login: &'a str,
    pub grants: &'a [u32],
}

impl UserWords<'_> {
    /// Writes the far words to the end of `far`, and makes the entry that goes with them.
    pub(super) fn pack(&self, far: &mut Vec<u32>) -> Entry {
        let begin = far.len();
        let runs = || GrantRun::all(self.grants);
        let count = runs().count();
        let timed = if runs().any(GrantRun::is_timed) { TIMED } else { 0 };
        let login = word(self.login.len()) & 0xff;
        let status = self.flags & !TIMED & 0xff | timed | login << 8 | word(count) << 16;
        let mut entry = Entry { status, far_at: word(begin), heads: [0; Entry::HEADS] };
        far.push(self.epoch);
        far.extend((self.flags & SSO != 0).then_some(self.provider));
        far.extend(login_rest(self.login));
        let (many, heads) = (count > Entry::HEADS, far.len());
        if many {
            far.resize(heads + count, 0);
        }
        for (nth, run) in runs().enumerate() {
            let head = run.head | word(far.len() - begin).min(FAR_OFF) << AT;
            let place = if many { far.get_mut(heads + nth) } else { entry.heads.get_mut(nth) };
            place.into_iter().for_each(|place| *place = head);
            far.extend([word(run.body.len()), run.id]);
            far.extend_from_slice(run.body);
        }
        entry
    }
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(super) fn provider_number(sign_in: SignIn) -> u32 {
    match sign_in {
        SignIn::Password => 0,
        SignIn::Sso(provider) => provider.number(),
    }
}

/// The flags of a user with both switches as given.
pub(super) fn flags(kind: UserKind, sign_in: SignIn, enabled: bool, provisioned: bool, removed: bool) -> u32 {
    let flag = |on: bool, flag: u32| if on { flag } else { 0 };
    flag(kind == UserKind::System, SYSTEM)
        | flag(kind == UserKind::Application, APPLICATION)
        | flag(sign_in != SignIn::Password, SSO)
        | flag(enabled, ENABLED)
        | flag(provisioned, PROVISIONED)
        | flag(removed, REMOVED)
}

#[cfg(test)]
mod tests {
    use super::super::users::Users;
    use super::*;
    use crate::scope::{Extent, IdSet, LocationExtent};
    use crate::time::Instant;
    use crate::words::{LocationId, RetailerId, UserId};

    fn ids<T: Number>(numbers: std::ops::RangeInclusive<u32>) -> IdSet<T> {
        IdSet::new(numbers.filter_map(T::from_number)).unwrap()
    }

    /// A grant of every form, among them one whose places push the others out of reach of a head.
    fn spec(number: u32) -> (GrantId, RoleSlot, Scope, Validity) {
        let scope = Scope {
            retailers: if number.is_multiple_of(2) {
                Extent::All
            } else {
                Extent::Set(ids::<RetailerId>(1..=number))
            },
            locations: match number % 3 {
                0 => LocationExtent::All,
                1 => LocationExtent::Narrow(ids::<LocationId>(number..=number * 2)),
                _ => LocationExtent::Only(ids::<LocationId>(1..=if number == 2 { 3_000 } else { number })),
            },
            channels: if number.is_multiple_of(5) { Extent::Set(ids(2..=4)) } else { Extent::All },
        };
        let until = number.is_multiple_of(4).then_some(Instant(i64::from(number)));
        (
            GrantId::from_number(number).unwrap(),
            RoleSlot(number as u16),
            scope,
            Validity { from: None, until },
        )
    }

    fn read(user: UserRef<'_>) -> Vec<(GrantId, RoleSlot, Scope, Validity)> {
        user.grants().map(|g| (g.id().unwrap(), g.role(), g.scope(), g.validity())).collect()
    }

    fn sso() -> SignIn {
        SignIn::Sso(ProviderId::from_number(7).unwrap())
    }

    fn parts(login_len: usize) -> UserParts {
        let login = Login::parse(&"x".repeat(login_len)).unwrap();
        UserParts::new(&login, UserKind::System, sso())
    }

    /// From none to more grants than an entry has room for, and logins as long as a head, longer and shorter.
    #[test]
    fn a_user_is_read_as_they_were_written() {
        for login_len in [1, 3, 31, 32, 33, 36, 37, Login::LEN_MAX] {
            let (mut users, mut own) = (Users::default(), parts(login_len));
            let id = UserId::from_number(1).unwrap();
            for count in 0..=9 {
                assert!(users.put(id, &own));
                let user = users.get(id).unwrap();
                assert_eq!(read(user), (1..=count).map(spec).collect::<Vec<_>>(), "{count} grants");
                assert!(user.has_login(&own.login) && user.login() == own.login);
                assert!(!user.has_login(&format!("{}y", own.login)) && !user.has_login(&own.login[1..]));
                assert_eq!((user.kind(), user.sign_in(), user.epoch()), (UserKind::System, sso(), 1));
                own = UserParts::of(user);
                let (id, role, scope, validity) = spec(count + 1);
                own.add_grant(id, role, &scope, validity);
            }
        }
    }

    #[test]
    fn grants_stand_in_the_order_of_their_ids_and_go_one_by_one() {
        let (mut users, mut own) = (Users::default(), parts(40));
        for number in [5, 1, 8, 3, 7, 2, 6, 4] {
            let (id, role, scope, validity) = spec(number);
            own.add_grant(id, role, &scope, validity);
        }
        let id = UserId::from_number(1).unwrap();
        let mut left: Vec<u32> = (1..=8).collect();
        for gone in [2, 8, 1, 5] {
            assert_eq!(own.take_grant(spec(gone).0), Some(spec(gone).1));
            assert_eq!(own.take_grant(spec(gone).0), None);
            left.retain(|number| *number != gone);
            assert!(users.put(id, &own));
            assert_eq!(read(users.get(id).unwrap()), left.iter().copied().map(spec).collect::<Vec<_>>());
        }
    }
}
