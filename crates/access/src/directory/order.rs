//! Users in the order of a text of theirs: sorted once, then kept up with the changes.

use super::fold::fold;
use crate::snapshot::{PROFILE_END, PROFILE_FIELD, PROFILES_EACH, Snapshot};
use crate::words::{Number, UserId};
use std::cmp::Ordering;
use std::sync::Arc;

/// Users in an order, 4 bytes each; shared while it stays the same.
pub(super) type Order = Arc<[UserId]>;

/// The text that is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Login,
    Name,
    Email,
}

/// No text has this byte: who has none stands behind all others.
const NONE: u8 = 0xff;

/// When more than one user in so many changed, the order is made anew.
const FEW: usize = 16;

/// Writes what a login, or a profile's text, is sorted by to the end of `to`.
fn write_key(text: &str, to: &mut Vec<u8>) {
    if text.is_empty() { to.push(NONE) } else { fold(text, to) }
}

fn write_login(on: &Snapshot, id: UserId, to: &mut Vec<u8>) {
    let begin = to.len();
    on.user(id).into_iter().for_each(|user| user.append_login(to));
    // Logins are kept in lower case; only what is not ASCII may still fold.
    let login = to.get(begin..).unwrap_or_default();
    if !login.is_ascii() {
        let text = String::from_utf8_lossy(login).into_owned();
        to.truncate(begin);
        fold(&text, to);
    }
}

impl By {
    /// Writes the key of one user over what is in `to`.
    fn key(self, on: &Snapshot, id: UserId, to: &mut Vec<u8>) {
        to.clear();
        let (name, email) = match self {
            By::Login => return write_login(on, id, to),
            By::Name | By::Email => on.profile(id).unwrap_or_default(),
        };
        write_key(if self == By::Name { name } else { email }, to);
    }

    fn key_of(self, on: &Snapshot, id: UserId) -> Vec<u8> {
        let mut key = Vec::new();
        self.key(on, id, &mut key);
        key
    }

    /// All users there ever were, in order.
    pub(super) fn sorted(self, on: &Snapshot) -> Order {
        let mut keys = Keys::of(self, on);
        let text = std::mem::take(&mut keys.text);
        keys.heads.sort_unstable_by(|a, b| a.compare(b, &text));
        keys.heads.iter().map(|head| head.user).collect()
    }

    /// The order of `on`, from that of `before`: `changed` are the users who are new or have another key.
    pub(super) fn next(self, order: &Order, before: &Snapshot, on: &Snapshot, changed: &[UserId]) -> Order {
        if changed.is_empty() {
            return order.clone();
        }
        let patched =
            (changed.len() <= on.user_count() / FEW).then(|| self.patched(order, before, on, changed));
        patched.flatten().unwrap_or_else(|| self.sorted(on))
    }

    /// None when a user is not where the order before would have them.
    fn patched(self, order: &Order, before: &Snapshot, on: &Snapshot, changed: &[UserId]) -> Option<Order> {
        let mut other = Vec::new();
        let mut place = |key: &[u8], id: UserId| {
            order.partition_point(|at| {
                self.key(before, *at, &mut other);
                (other.as_slice(), *at) < (key, id)
            })
        };
        let mut gone = Vec::new();
        for id in changed.iter().filter(|id| id.number() as usize <= before.user_count()) {
            let at = place(&self.key_of(before, *id), *id);
            order.get(at).filter(|found| *found == id)?;
            gone.push(at);
        }
        gone.sort_unstable();
        let come = changed.iter().map(|id| (self.key_of(on, *id), *id));
        let mut come: Vec<_> = come.map(|(key, id)| (place(&key, id), key, id)).collect();
        come.sort_unstable();
        merged(order, &gone, &come)
    }
}

/// The order without those at the places of `gone`, with each of `come` before the place that it says.
fn merged(order: &[UserId], gone: &[usize], come: &[(usize, Vec<u8>, UserId)]) -> Option<Order> {
    let mut next = Vec::with_capacity(order.len() + come.len());
    let (mut at, mut gone) = (0, gone.iter().copied().peekable());
    let mut copy_until = |place: usize, next: &mut Vec<UserId>| {
        while let Some(hole) = gone.next_if(|hole| *hole < place) {
            next.extend_from_slice(order.get(at..hole)?);
            at = hole + 1;
        }
        next.extend_from_slice(order.get(at..place)?);
        at = place;
        Some(())
    };
    for (place, _, id) in come {
        copy_until(*place, &mut next)?;
        next.push(*id);
    }
    copy_until(order.len(), &mut next)?;
    Some(next.into())
}

/// The keys of all users, while they are sorted: their texts one behind the other, and a head for each.
struct Keys {
    text: Vec<u8>,
    heads: Vec<Head>,
}

/// The first bytes of a key as a number, which tell most of them apart, and where it is.
struct Head {
    first: u128,
    begin: usize,
    len: u32,
    user: UserId,
}

impl Keys {
    fn of(by: By, on: &Snapshot) -> Self {
        let mut keys = Self { text: Vec::new(), heads: Vec::with_capacity(on.user_count()) };
        if by == By::Login {
            on.users_after(None).for_each(|(id, _)| keys.push(id, |text| write_login(on, id, text)));
            return keys;
        }
        for number in 0..on.user_count().div_ceil(PROFILES_EACH) {
            let profiles = on.profiles_at(number).unwrap_or_default().split_terminator(PROFILE_END);
            for (slot, profile) in profiles.enumerate() {
                let (name, email) = profile.split_once(PROFILE_FIELD).unwrap_or_default();
                let text = if by == By::Name { name } else { email };
                let id = u32::try_from(number * PROFILES_EACH + slot + 1).ok().and_then(UserId::from_number);
                id.into_iter().for_each(|id| keys.push(id, |to| write_key(text, to)));
            }
        }
        keys
    }

    fn push(&mut self, user: UserId, write: impl FnOnce(&mut Vec<u8>)) {
        let begin = self.text.len();
        write(&mut self.text);
        let key = self.text.get(begin..).unwrap_or_default();
        let mut first = [0; Head::FIRST];
        first.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        let len = u32::try_from(key.len()).unwrap_or(u32::MAX);
        self.heads.push(Head { first: u128::from_be_bytes(first), begin, len, user });
    }
}

impl Head {
    const FIRST: usize = 16;

    fn rest<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let end = self.begin + self.len as usize;
        text.get(self.begin + Self::FIRST..end).unwrap_or_default()
    }

    /// No text has a zero byte, so those that fill up `first` stand before whatever is there.
    fn compare(&self, other: &Self, text: &[u8]) -> Ordering {
        let first = self.first.cmp(&other.first);
        first.then_with(|| self.rest(text).cmp(other.rest(text))).then_with(|| self.user.cmp(&other.user))
    }
}
