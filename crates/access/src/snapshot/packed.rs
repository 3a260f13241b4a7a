//! Users and their grants in packed form: runs of 32-bit words, read without unpacking.
//!
//! A user: `[flags | grant count << 16, epoch, login bytes, grant words, grants.., login..]`.
//! A grant: `[role | form << 16, id, body words, body..]` where the body has, as far as the form says so,
//! the validity (4 words) and the listed retailers, locations and channels (a count and the numbers each).

use crate::catalogue::RoleSlot;
use crate::change::{SignIn, UserKind};
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::time::{Instant, Validity};
use crate::words::{GrantId, Login, Number};

const RETAILERS: u32 = 1 << 16;
const NARROW: u32 = 1 << 17;
const ONLY: u32 = 1 << 18;
const CHANNELS: u32 = 1 << 19;
const VALIDITY: u32 = 1 << 20;

pub(super) const ENABLED: u32 = 1;
pub(super) const PROVISIONED: u32 = 2;
pub(super) const REMOVED: u32 = 4;
const SYSTEM: u32 = 8;
const SSO: u32 = 16;
/// Some grant of theirs begins or ends.
const TIMED: u32 = 32;

/// Words before the grants of a user.
const HEAD: usize = 4;

/// What a question needs of a place, made once and asked of every grant. 0 stands for an empty part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub retailer: u32,
    pub location: u32,
    pub channel: u32,
    /// Listed retailers admit the empty one.
    pub retailer_free: bool,
    /// Narrow, and Only, admit the empty location.
    pub narrow_free: bool,
    pub only_free: bool,
    /// Listed channels admit the empty one.
    pub channel_free: bool,
}

/// A grant as it lies in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedGrant<'a> {
    head: u32,
    id: u32,
    body: &'a [u32],
}

impl<'a> PackedGrant<'a> {
    fn split(words: &'a [u32]) -> Option<(Self, &'a [u32])> {
        let (&[head, id, len], rest) = words.split_first_chunk::<3>()?;
        let (body, rest) = rest.split_at_checked(len as usize)?;
        Some((Self { head, id, body }, rest))
    }

    #[inline]
    pub(crate) fn role(self) -> RoleSlot {
        RoleSlot((self.head & 0xffff) as u16)
    }

    #[inline]
    pub(crate) fn id(self) -> Option<GrantId> {
        GrantId::from_number(self.id)
    }

    #[inline]
    pub(crate) fn validity(self) -> Validity {
        if self.head & VALIDITY == 0 {
            return Validity::ALWAYS;
        }
        match self.body.first_chunk::<4>() {
            Some(&[a, b, c, d]) => Validity { from: instant(a, b), until: instant(c, d) },
            None => Validity::ALWAYS,
        }
    }

    #[inline]
    pub(crate) fn holds_at(self, now: Instant) -> bool {
        self.head & VALIDITY == 0 || self.validity().holds_at(now)
    }

    #[inline]
    pub(crate) fn is_timed(self) -> bool {
        self.head & VALIDITY != 0
    }

    /// Whether the scope is (All, All, All).
    #[inline]
    pub(crate) fn is_account(self) -> bool {
        self.head & (RETAILERS | NARROW | ONLY | CHANNELS) == 0
    }

    #[inline]
    fn places(self) -> &'a [u32] {
        if self.head & VALIDITY == 0 { self.body } else { self.body.get(4..).unwrap_or_default() }
    }

    /// Whether the scope admits the place: [`Scope::admits`] on the packed form.
    #[inline]
    pub(crate) fn admits(self, need: &Need) -> bool {
        let mut rest = self.places();
        if self.head & RETAILERS != 0 && !listed(take(&mut rest), need.retailer, need.retailer_free) {
            return false;
        }
        if self.head & (NARROW | ONLY) != 0 {
            let free = if self.head & NARROW != 0 { need.narrow_free } else { need.only_free };
            if !listed(take(&mut rest), need.location, free) {
                return false;
            }
        }
        self.head & CHANNELS == 0 || listed(take(&mut rest), need.channel, need.channel_free)
    }

    pub(crate) fn scope(self) -> Scope {
        let mut rest = self.places();
        let retailers = if self.head & RETAILERS != 0 { extent(take(&mut rest)) } else { Extent::All };
        let locations = match (self.head & NARROW != 0, self.head & ONLY != 0) {
            (true, _) => set(take(&mut rest)).map_or(LocationExtent::All, LocationExtent::Narrow),
            (_, true) => set(take(&mut rest)).map_or(LocationExtent::All, LocationExtent::Only),
            _ => LocationExtent::All,
        };
        let channels = if self.head & CHANNELS != 0 { extent(take(&mut rest)) } else { Extent::All };
        Scope { retailers, locations, channels }
    }

    pub(crate) fn pack(to: &mut Vec<u32>, id: GrantId, role: RoleSlot, scope: &Scope, validity: Validity) {
        let retailers = listed_numbers(&scope.retailers);
        let locations = match &scope.locations {
            LocationExtent::All => None,
            LocationExtent::Narrow(set) => Some((true, numbers(set))),
            LocationExtent::Only(set) => Some((false, numbers(set))),
        };
        let places = PlaceNumbers { retailers, locations, channels: listed_numbers(&scope.channels) };
        Self::pack_numbers(to, id, role, validity, places);
    }

    /// [`Self::pack`] of the numbers of a scope: none of a dimension is All.
    pub(super) fn pack_numbers<R, L, C>(
        to: &mut Vec<u32>,
        id: GrantId,
        role: RoleSlot,
        validity: Validity,
        places: PlaceNumbers<R, L, C>,
    ) where
        R: ExactSizeIterator<Item = u32>,
        L: ExactSizeIterator<Item = u32>,
        C: ExactSizeIterator<Item = u32>,
    {
        let at = to.len();
        let mut head = u32::from(role.0);
        to.extend([0, id.number(), 0]);
        if validity != Validity::ALWAYS {
            head |= VALIDITY;
            to.extend(words(validity.from));
            to.extend(words(validity.until));
        }
        if let Some(set) = places.retailers {
            head |= RETAILERS;
            put(to, set);
        }
        if let Some((narrow, set)) = places.locations {
            head |= if narrow { NARROW } else { ONLY };
            put(to, set);
        }
        if let Some(set) = places.channels {
            head |= CHANNELS;
            put(to, set);
        }
        let len = to.len() - at - 3;
        if let Some([first, _, third, ..]) = to.get_mut(at..) {
            *first = head;
            *third = u32::try_from(len).unwrap_or(u32::MAX);
        }
    }
}

/// The listed places of a scope by number, ascending; narrow locations are marked.
pub(super) struct PlaceNumbers<R, L, C> {
    pub retailers: Option<R>,
    pub locations: Option<(bool, L)>,
    pub channels: Option<C>,
}

fn numbers<T: Number>(set: &IdSet<T>) -> impl ExactSizeIterator<Item = u32> + '_ {
    set.members().iter().map(|m| m.number())
}

fn listed_numbers<T: Number>(extent: &Extent<T>) -> Option<impl ExactSizeIterator<Item = u32> + '_> {
    match extent {
        Extent::All => None,
        Extent::Set(set) => Some(numbers(set)),
    }
}

#[inline]
fn listed(set: &[u32], wanted: u32, free: bool) -> bool {
    if wanted == 0 {
        return free;
    }
    match set {
        [one] => *one == wanted,
        few if few.len() <= 16 => few.contains(&wanted),
        many => many.binary_search(&wanted).is_ok(),
    }
}

#[inline]
fn take<'a>(rest: &mut &'a [u32]) -> &'a [u32] {
    let Some((&count, tail)) = rest.split_first() else { return &[] };
    let Some((set, tail)) = tail.split_at_checked(count as usize) else { return &[] };
    *rest = tail;
    set
}

fn put(to: &mut Vec<u32>, set: impl ExactSizeIterator<Item = u32>) {
    to.push(u32::try_from(set.len()).unwrap_or(u32::MAX));
    to.extend(set);
}

fn set<T: Number>(numbers: &[u32]) -> Option<IdSet<T>> {
    IdSet::new(numbers.iter().filter_map(|n| T::from_number(*n))).ok()
}

fn extent<T: Number>(numbers: &[u32]) -> Extent<T> {
    set(numbers).map_or(Extent::All, Extent::Set)
}

/// An absent instant is the smallest one, which no clock shows.
fn words(instant: Option<Instant>) -> [u32; 2] {
    let bits = instant.map_or(i64::MIN, |i| i.0).cast_unsigned();
    [(bits >> 32) as u32, (bits & 0xffff_ffff) as u32]
}

fn instant(high: u32, low: u32) -> Option<Instant> {
    let at = (u64::from(high) << 32 | u64::from(low)).cast_signed();
    (at != i64::MIN).then_some(Instant(at))
}

/// A user as they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct UserRef<'a> {
    words: &'a [u32],
}

impl<'a> UserRef<'a> {
    pub(super) fn new(words: &'a [u32]) -> Option<Self> {
        (words.len() >= HEAD).then_some(Self { words })
    }

    fn word(self, at: usize) -> u32 {
        self.words.get(at).copied().unwrap_or(0)
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
        self.word(1)
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
    pub(crate) fn grants(self) -> impl Iterator<Item = PackedGrant<'a>> {
        let words = self.words;
        let len = words.get(3).map_or(0, |n| *n as usize);
        let mut rest = words.get(HEAD..HEAD + len).unwrap_or_default();
        std::iter::from_fn(move || {
            let (grant, tail) = PackedGrant::split(rest)?;
            rest = tail;
            Some(grant)
        })
    }

    pub(super) fn grant_words(self) -> &'a [u32] {
        self.words.get(HEAD..HEAD + self.word(3) as usize).unwrap_or_default()
    }

    fn login_words(self) -> &'a [u32] {
        self.words.get(HEAD + self.word(3) as usize..).unwrap_or_default()
    }

    /// Their login.
    #[must_use]
    pub fn login(self) -> String {
        let mut bytes: Vec<u8> = self.login_words().iter().flat_map(|w| w.to_le_bytes()).collect();
        bytes.truncate(self.word(2) as usize);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether this login (in lower case) is theirs; nothing is unpacked.
    #[must_use]
    pub fn has_login(self, login: &str) -> bool {
        self.word(2) as usize == login.len() && login_words(login).eq(self.login_words().iter().copied())
    }
}

fn login_words(login: &str) -> impl Iterator<Item = u32> + '_ {
    login.as_bytes().chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        u32::from_le_bytes(word)
    })
}

/// A user taken apart, to be changed and packed again.
#[derive(Clone, Debug)]
pub(super) struct UserParts {
    pub flags: u32,
    pub epoch: u32,
    pub login: String,
    /// Packed grants, one after the other, in the order of their ids.
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
        Self {
            flags: user.flags(),
            epoch: user.epoch(),
            login: user.login(),
            grants: user.grant_words().to_vec(),
        }
    }

    /// The grants without one; whether it was there.
    pub(super) fn take_grant(&mut self, id: GrantId) -> Option<RoleSlot> {
        let mut kept = Vec::with_capacity(self.grants.len());
        let mut taken = None;
        let mut rest = self.grants.as_slice();
        while let Some((grant, tail)) = PackedGrant::split(rest) {
            let words = rest.get(..rest.len() - tail.len()).unwrap_or_default();
            if grant.id == id.number() {
                taken = Some(grant.role());
            } else {
                kept.extend_from_slice(words);
            }
            rest = tail;
        }
        self.grants = kept;
        taken
    }

    pub(super) fn add_grant(&mut self, id: GrantId, role: RoleSlot, scope: &Scope, validity: Validity) {
        let mut sorted = Vec::with_capacity(self.grants.len() + 8);
        let mut rest = self.grants.as_slice();
        while let Some((grant, tail)) = PackedGrant::split(rest) {
            if grant.id > id.number() {
                break;
            }
            sorted.extend_from_slice(rest.get(..rest.len() - tail.len()).unwrap_or_default());
            rest = tail;
        }
        let after = rest.to_vec();
        PackedGrant::pack(&mut sorted, id, role, scope, validity);
        sorted.extend(after);
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
    pub(super) fn pack(&self, to: &mut Vec<u32>) {
        let mut rest = self.grants;
        let (mut count, mut timed) = (0u32, 0);
        while let Some((grant, tail)) = PackedGrant::split(rest) {
            count += 1;
            timed |= if grant.is_timed() { TIMED } else { 0 };
            rest = tail;
        }
        let flags = self.flags & !TIMED & 0xffff | timed | count << 16;
        let len = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        to.extend([flags, self.epoch, len(self.login.len()), len(self.grants.len())]);
        to.extend_from_slice(self.grants);
        to.extend(login_words(self.login));
    }
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
