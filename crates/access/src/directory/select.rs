//! The users who pass a query, as far as a viewer sees them: 32 at a time, as a word of bits.
//!
//! Users are walked through in the order of their numbers, as they lie in memory, each test on those whom the
//! tests before it left. The order that was asked for is put on at the end, from the order kept.

use super::fold::fold;
use super::query::{Status, UserQuery};
use super::viewer::Viewer;
use crate::catalogue::RoleSlot;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::{Listed, PROFILE_END, PROFILES_EACH, PackedGrant, Snapshot, UserRef};
use crate::words::{Application, Number, UserId};
use memchr::{memchr, memmem::Finder};

// Users of one text are the bits of one word.
const _: () = assert!(PROFILES_EACH == u32::BITS as usize);
const END: u8 = PROFILE_END as u8;

/// How many users pass a query whatever their status, and how many of them have each status. Somebody whom both
/// switches have off is counted twice below `everybody`, who was removed is counted beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts {
    /// All of them.
    pub everybody: usize,
    /// Those with [`Status::Enabled`].
    pub enabled: usize,
    /// Those with [`Status::Disabled`].
    pub disabled: usize,
    /// Those with [`Status::Deprovisioned`].
    pub deprovisioned: usize,
    /// Those with [`Status::Removed`].
    pub removed: usize,
}

/// A set of users: a bit each, 32 in a word, in the order of their numbers.
pub(super) struct Marked(Vec<u32>);

impl Marked {
    pub(super) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    #[inline]
    pub(super) fn has(&self, id: UserId) -> bool {
        let index = id.number() - 1;
        self.0.get(index as usize / PROFILES_EACH).is_some_and(|word| word >> (index % u32::BITS) & 1 != 0)
    }

    /// Its members, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = UserId> {
        self.0
            .iter()
            .enumerate()
            .flat_map(|(number, word)| bits(*word).filter_map(move |bit| user_at(number, bit)))
    }
}

/// The places of the bits of a word that are set, ascending.
#[inline]
fn bits(mut word: u32) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        (word != 0).then(|| {
            word &= word - 1;
            bit
        })
    })
}

#[inline]
fn user_at(number: usize, bit: u32) -> Option<UserId> {
    UserId::from_number(u32::try_from(number * PROFILES_EACH).ok()? + bit + 1)
}

/// The users who pass, and the counts.
pub(super) fn select(on: &Snapshot, viewer: &Viewer<'_>, query: &UserQuery) -> (Marked, StatusCounts) {
    let mut counts = StatusCounts::default();
    let Some(grants) = GrantFilter::of(on, query) else { return (Marked(Vec::new()), counts) };
    let mut search = Search::new(query);
    let words = (0..on.user_count().div_ceil(PROFILES_EACH)).map(|number| {
        let mut passing = there(on, query, number);
        if passing != 0 && !search.is_free() {
            passing = search.find(on, number, passing);
        }
        passing = seen(on, viewer, &grants, number, passing);
        count(on, query, number, passing, &mut counts)
    });
    let marked = Marked(words.collect());
    (marked, counts)
}

fn kept<'s>(on: &'s Snapshot, number: usize, among: u32, test: impl Fn(UserId, UserRef<'s>) -> bool) -> u32 {
    let passes = |bit: &u32| {
        user_at(number, *bit).and_then(|id| Some((id, on.user(id)?))).is_some_and(|(id, user)| test(id, user))
    };
    bits(among).filter(passes).fold(0, |word, bit| word | 1 << bit)
}

/// Those of the kind and with the way to sign in that were asked for.
fn there(on: &Snapshot, query: &UserQuery, number: usize) -> u32 {
    kept(on, number, u32::MAX, |_, user| {
        query.kind.is_none_or(|kind| user.kind() == kind)
            && query.sign_in.is_none_or(|way| way.admits(user.sign_in()))
    })
}

/// Those whom the viewer sees, with a grant that passes and that the viewer sees when grants matter.
fn seen(on: &Snapshot, viewer: &Viewer<'_>, grants: &GrantFilter, number: usize, among: u32) -> u32 {
    match (grants.is_free(), viewer.sees_everybody()) {
        (true, true) => among,
        (true, false) => kept(on, number, among, |id, user| viewer.is_oneself(id) || viewer.sees_other(user)),
        (false, _) => kept(on, number, among, |id, user| {
            viewer.sees_grant_of(id, user, |grant| grants.admits(on, grant))
        }),
    }
}

/// Counts those who pass by status, and keeps those with the status that was asked for.
fn count(on: &Snapshot, query: &UserQuery, number: usize, passing: u32, counts: &mut StatusCounts) -> u32 {
    let (mut disabled, mut deprovisioned, mut removed) = (0, 0, 0);
    for bit in bits(passing) {
        let Some(user) = user_at(number, bit).and_then(|id| on.user(id)) else { continue };
        disabled |= u32::from(!user.is_enabled()) << bit;
        deprovisioned |= u32::from(!user.is_provisioned()) << bit;
        removed |= u32::from(user.is_removed()) << bit;
    }
    let there = passing & !removed;
    (disabled, deprovisioned) = (disabled & there, deprovisioned & there);
    let enabled = there & !(disabled | deprovisioned);
    counts.removed += removed.count_ones() as usize;
    counts.everybody += there.count_ones() as usize;
    counts.enabled += enabled.count_ones() as usize;
    counts.disabled += disabled.count_ones() as usize;
    counts.deprovisioned += deprovisioned.count_ones() as usize;
    match query.status {
        None => there,
        Some(Status::Enabled) => enabled,
        Some(Status::Disabled) => disabled,
        Some(Status::Deprovisioned) => deprovisioned,
        Some(Status::Removed) => removed,
    }
}

/// What one grant must be.
struct GrantFilter {
    role: Option<RoleSlot>,
    application: Option<Application>,
    /// Its scope meets each of these.
    scopes: Vec<Listed>,
}

impl GrantFilter {
    /// None when the query names a role or place that there is not: no grant has it.
    fn of(on: &Snapshot, query: &UserQuery) -> Option<Self> {
        let role = match query.role {
            Some(id) => Some(on.roles.slot(on.role(id)?.id)?),
            None => None,
        };
        let mut scopes = Vec::new();
        if let Some(id) = query.retailer {
            scopes.push(Listed::of(&Scope::retailer(on.places().retailer(id)?.id)));
        }
        if let Some(id) = query.location {
            let of = Scope::retailer(on.places().location(id)?.retailer);
            scopes.push(Listed::of(&Scope { locations: LocationExtent::Only(IdSet::one(id)), ..of }));
        }
        if let Some(id) = query.channel {
            let of = Scope::retailer(on.places().channel(id)?.retailer);
            scopes.push(Listed::of(&Scope { channels: Extent::one(id), ..of }));
        }
        Some(Self { role, application: query.application, scopes })
    }

    /// Whether every user passes, those without grants, too.
    fn is_free(&self) -> bool {
        self.role.is_none() && self.application.is_none() && self.scopes.is_empty()
    }

    #[inline]
    fn admits(&self, on: &Snapshot, grant: PackedGrant<'_>) -> bool {
        self.role.is_none_or(|role| grant.role() == role)
            && self.application.is_none_or(|application| on.roles.counts_in(grant.role(), application))
            && self.scopes.iter().all(|scope| grant.meets(scope))
    }
}

/// Looks for words in the texts of 32 users at once, which are put into one case in memory that is used again.
struct Search<'q> {
    words: Vec<Finder<'q>>,
    logins: Vec<u8>,
    profiles: Vec<u8>,
}

impl<'q> Search<'q> {
    fn new(query: &'q UserQuery) -> Self {
        let words = query.words.folded().map(Finder::new).collect();
        Self { words, logins: Vec::new(), profiles: Vec::new() }
    }

    fn is_free(&self) -> bool {
        self.words.is_empty()
    }

    /// Those among the users of a word who have all that is looked for in login, name or e-mail.
    fn find(&mut self, on: &Snapshot, number: usize, among: u32) -> u32 {
        self.read_logins(on, number);
        self.profiles.clear();
        fold(on.profiles_at(number).unwrap_or_default(), &mut self.profiles);
        self.words.iter().fold(among, |left, word| {
            let by_login = if left == 0 { 0 } else { left & holders(word, &self.logins) };
            if by_login == left { left } else { left & (by_login | holders(word, &self.profiles)) }
        })
    }

    /// The logins of the users of a word, each with `END` behind it. They are in lower case already; only what is
    /// not ASCII may still fold.
    fn read_logins(&mut self, on: &Snapshot, number: usize) {
        self.logins.clear();
        for user in (0..u32::BITS).map_while(|bit| on.user(user_at(number, bit)?)) {
            user.append_login(&mut self.logins);
            self.logins.push(END);
        }
        if !self.logins.is_ascii() {
            let text = String::from_utf8_lossy(&self.logins).into_owned();
            self.logins.clear();
            fold(&text, &mut self.logins);
        }
    }
}

/// Those who have the word in their part of a text, in which `END` stands behind the part of each.
fn holders(word: &Finder<'_>, text: &[u8]) -> u32 {
    let (mut found, mut rest, mut bit) = (0, text, 0);
    while let Some(at) = word.find(rest) {
        let (before, from) = rest.split_at_checked(at).unwrap_or_default();
        bit += before.iter().map(|byte| u32::from(*byte == END)).sum::<u32>();
        found |= 1_u32.checked_shl(bit).unwrap_or(0);
        let Some(end) = memchr(END, from) else { break };
        rest = from.get(end + 1..).unwrap_or_default();
        bit += 1;
    }
    found
}
