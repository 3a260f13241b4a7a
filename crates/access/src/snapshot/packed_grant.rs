//! Grants in packed form: runs of 32-bit words, read without unpacking.
//!
//! A grant by itself: `[role | form << 16, id, body words, body..]` where the body has, as far as the form
//! says so, the validity (4 words) and the listed retailers, locations and channels (a count and the
//! numbers each). In a snapshot the first word stands apart from id and body, see `packed`.

use super::packed::UserRef;
use crate::catalogue::RoleSlot;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::time::{Instant, Validity};
use crate::words::{GrantId, Number};

const RETAILERS: u32 = 1 << 16;
const NARROW: u32 = 1 << 17;
const ONLY: u32 = 1 << 18;
const CHANNELS: u32 = 1 << 19;
const VALIDITY: u32 = 1 << 20;

/// What role and form take of a word; above it a snapshot keeps where the rest of the grant is.
const HEAD_BITS: u32 = (VALIDITY << 1) - 1;

/// Words before the body of a grant by itself.
const HEAD: usize = 3;

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

/// The listed retailers, locations and channels of a scope, to be asked of many grants whether they meet it:
/// numbers, ascending; none of a dimension is All. Narrow and Only are the same here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Listed(pub [Option<Box<[u32]>>; 3]);

impl Listed {
    pub(crate) fn of(scope: &Scope) -> Self {
        let locations = match &scope.locations {
            LocationExtent::All => None,
            LocationExtent::Narrow(set) | LocationExtent::Only(set) => Some(numbers(set).collect()),
        };
        let retailers = listed_numbers(&scope.retailers).map(Iterator::collect);
        Self([retailers, locations, listed_numbers(&scope.channels).map(Iterator::collect)])
    }

    /// Whether it is that of (All, All, All).
    pub(crate) fn is_account(&self) -> bool {
        *self == Self::default()
    }
}

/// A grant as it lies in memory. What tells most of them apart is in `head`; the rest is looked at later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackedGrant<'a> {
    pub(super) head: u32,
    /// Which grant of the user it is.
    pub(super) nth: usize,
    pub(super) user: UserRef<'a>,
}

impl<'a> PackedGrant<'a> {
    #[inline]
    pub(crate) fn id(self) -> Option<GrantId> {
        GrantId::from_number(self.number())
    }

    fn number(self) -> u32 {
        self.user.grant_on(self.nth, self.head).first().copied().unwrap_or(0)
    }

    /// The body, whatever follows it: it says itself how long it is.
    #[inline]
    fn body(self) -> &'a [u32] {
        self.user.grant_on(self.nth, self.head).get(1..).unwrap_or_default()
    }

    /// The grant as it is by itself.
    pub(super) fn alone(self) -> Option<GrantRun<'a>> {
        let (id, words) = self.user.grant_on(self.nth, self.head).split_first()?;
        let validity = if self.is_timed() { 4 } else { 0 };
        let mut lists = [RETAILERS, NARROW | ONLY, CHANNELS].iter().filter(|form| self.head & **form != 0);
        let end = lists.try_fold(validity, |at, _| Some(at + 1 + *words.get(at)? as usize))?;
        Some(GrantRun { head: self.head & HEAD_BITS, id: *id, body: words.get(..end)? })
    }

    #[inline]
    pub(crate) fn role(self) -> RoleSlot {
        role(self.head)
    }

    #[inline]
    pub(crate) fn validity(self) -> Validity {
        if self.head & VALIDITY == 0 {
            return Validity::ALWAYS;
        }
        match self.body().first_chunk::<4>() {
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
        let body = self.body();
        if self.head & VALIDITY == 0 { body } else { body.get(4..).unwrap_or_default() }
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

    /// Whether the scope and another one meet: [`Scope::meets`] on the packed form.
    #[inline]
    pub(crate) fn meets(self, other: &Listed) -> bool {
        let mut rest = if self.is_account() { &[][..] } else { self.places() };
        [RETAILERS, NARROW | ONLY, CHANNELS].into_iter().zip(&other.0).all(|(form, others)| {
            self.head & form == 0 || {
                let own = take(&mut rest);
                others.as_ref().is_none_or(|others| share(own, others))
            }
        })
    }

    /// Whether the location is listed by name: All is no list.
    pub(crate) fn lists_location(self, location: u32) -> bool {
        if self.head & (NARROW | ONLY) == 0 {
            return false;
        }
        let mut rest = self.places();
        if self.head & RETAILERS != 0 {
            take(&mut rest);
        }
        listed(take(&mut rest), location, false)
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
        let len = to.len() - at - HEAD;
        if let Some([first, _, third, ..]) = to.get_mut(at..) {
            *first = head;
            *third = u32::try_from(len).unwrap_or(u32::MAX);
        }
    }
}

/// A grant by itself, as [`PackedGrant::pack`] writes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct GrantRun<'a> {
    pub head: u32,
    pub id: u32,
    pub body: &'a [u32],
}

impl<'a> GrantRun<'a> {
    /// The first of several, and the rest.
    fn split(words: &'a [u32]) -> Option<(Self, &'a [u32])> {
        let (&[head, id, len], rest) = words.split_first_chunk::<HEAD>()?;
        let (body, rest) = rest.split_at_checked(len as usize)?;
        Some((Self { head, id, body }, rest))
    }

    /// All of them, one after the other.
    pub(super) fn all(mut words: &'a [u32]) -> impl Iterator<Item = Self> + Clone {
        std::iter::from_fn(move || {
            let (one, rest) = Self::split(words)?;
            words = rest;
            Some(one)
        })
    }

    pub(super) fn write(self, to: &mut Vec<u32>) {
        to.extend([self.head, self.id, u32::try_from(self.body.len()).unwrap_or(u32::MAX)]);
        to.extend_from_slice(self.body);
    }

    pub(super) fn role(self) -> RoleSlot {
        role(self.head)
    }

    pub(super) fn is_timed(self) -> bool {
        self.head & VALIDITY != 0
    }
}

#[inline]
fn role(head: u32) -> RoleSlot {
    RoleSlot((head & 0xffff) as u16)
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

/// Whether two ascending lists share a member: those of the shorter are looked up in the longer.
#[inline]
fn share(a: &[u32], b: &[u32]) -> bool {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter().any(|member| listed(many, *member, false))
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
