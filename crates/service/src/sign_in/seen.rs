//! What is remembered of single sign-ons for a while, in the memory of one node: what may come once, and who was
//! signed out.

use access::{AccountId, ProviderId};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use store::ProviderSession;

/// Things that may come once, each with when it may be forgotten, in Unix seconds. Beyond the bound the oldest is
/// forgotten.
#[derive(Debug)]
pub(super) struct Once<K> {
    max: usize,
    seen: HashMap<K, i64>,
    order: VecDeque<K>,
}

impl<K: Clone + Eq + Hash> Once<K> {
    pub(super) fn new(max: usize) -> Self {
        Self { max, seen: HashMap::new(), order: VecDeque::new() }
    }

    /// Whether it is the first time.
    pub(super) fn first(&mut self, key: K, until_s: i64, now_s: i64) -> bool {
        while let Some(oldest) = self.order.front() {
            let over = self.seen.get(oldest).is_none_or(|until| *until <= now_s);
            if !over && self.order.len() < self.max {
                break;
            }
            self.seen.remove(oldest);
            self.order.pop_front();
        }
        let first = self.seen.insert(key.clone(), until_s).is_none();
        if first {
            self.order.push_back(key);
        }
        first
    }

    /// What was asked for was not done: it may come again.
    pub(super) fn forget(&mut self, key: &K) {
        if self.seen.remove(key).is_some() {
            self.order.retain(|other| other != key);
        }
    }
}

/// Logouts remembered at most.
const ENDED_MAX: usize = 10_000;

/// Whom a provider signed out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub account: AccountId,
    pub provider: ProviderId,
    pub subject: Option<&'a str>,
    pub sid: Option<&'a str>,
}

#[derive(Debug)]
struct Ended {
    of: (AccountId, ProviderId),
    subject: Option<String>,
    sid: Option<String>,
    until_s: i64,
}

impl Ended {
    /// The rule by which the store finds the sessions that a logout ends.
    fn ends(&self, account: AccountId, session: &ProviderSession) -> bool {
        let of_subject = self.subject.as_ref().is_none_or(|subject| *subject == session.subject);
        let of_sid = match (&self.sid, &session.sid) {
            (Some(ended), Some(sid)) => ended == sid,
            // One that does not say of which session it is may be of that one.
            (Some(_), None) => self.subject.is_some(),
            (None, _) => self.subject.is_some(),
        };
        self.of == (account, session.provider) && of_subject && of_sid
    }
}

/// The verified logouts of late. A session whose row is written while a logout looks for rows is found here.
#[derive(Debug, Default)]
pub(super) struct Logouts {
    /// How many there were ever.
    count: u64,
    late: VecDeque<Ended>,
}

impl Logouts {
    /// Where a sign-in stands that begins now.
    pub(super) fn mark(&self) -> u64 {
        self.count
    }

    pub(super) fn add(&mut self, named: Named<'_>, until_s: i64, now_s: i64) {
        while self.late.front().is_some_and(|oldest| oldest.until_s <= now_s || self.late.len() >= ENDED_MAX)
        {
            self.late.pop_front();
        }
        let Named { account, provider, subject, sid } = named;
        let (subject, sid) = (subject.map(str::to_owned), sid.map(str::to_owned));
        self.late.push_back(Ended { of: (account, provider), subject, sid, until_s });
        self.count += 1;
    }

    /// Whether a session was ended since a mark, or may have been: what is forgotten since is not known.
    pub(super) fn ended_since(&self, mark: u64, account: AccountId, session: &ProviderSession) -> bool {
        let since = usize::try_from(self.count.saturating_sub(mark)).unwrap_or(usize::MAX);
        let forgotten = since > self.late.len();
        forgotten || self.late.iter().rev().take(since).any(|ended| ended.ends(account, session))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Number;

    fn ids() -> (AccountId, ProviderId) {
        (AccountId::from_number(1).expect("an id"), ProviderId::from_number(1).expect("an id"))
    }

    fn session(subject: &str, sid: Option<&str>) -> ProviderSession {
        ProviderSession {
            provider: ids().1,
            subject: subject.into(),
            sid: sid.map(str::to_owned),
            hint: None,
        }
    }

    fn named<'a>(subject: Option<&'a str>, sid: Option<&'a str>) -> Named<'a> {
        let (account, provider) = ids();
        Named { account, provider, subject, sid }
    }

    #[test]
    fn what_may_come_once_is_known_until_its_time_is_over_or_others_need_its_room() {
        let mut once = Once::new(2);
        assert!(once.first("a", 10, 0) && !once.first("a", 10, 9));
        assert!(once.first("a", 20, 10), "its time is over");
        assert!(once.first("b", 20, 10) && once.first("c", 20, 10));
        assert!(!once.first("c", 20, 10));
        assert!(once.first("a", 20, 10), "the oldest made room");
        once.forget(&"a");
        assert!(once.first("a", 20, 10));
    }

    #[test]
    fn a_logout_ends_what_it_names_since_the_mark() {
        let ended = |logout: Named<'_>, subject: &str, sid: Option<&str>| {
            let mut logouts = Logouts::default();
            logouts.add(logout, 600, 0);
            let (session, mark) = (session(subject, sid), logouts.mark());
            assert!(!logouts.ended_since(mark, ids().0, &session), "it came before");
            logouts.ended_since(0, ids().0, &session)
        };
        for (subject, sid, ends) in [
            (Some("s"), None, [true, true, true, false]),
            (Some("s"), Some("1"), [true, true, false, false]),
            (None, Some("1"), [false, true, false, true]),
        ] {
            let logout = named(subject, sid);
            let sessions = [("s", None), ("s", Some("1")), ("s", Some("2")), ("t", Some("1"))];
            assert_eq!(sessions.map(|(subject, sid)| ended(logout, subject, sid)), ends, "{logout:?}");
        }
        let mut logouts = Logouts::default();
        logouts.add(named(Some("s"), None), 600, 0);
        let other = AccountId::from_number(2).expect("an id");
        assert!(!logouts.ended_since(0, other, &session("s", None)));
    }

    #[test]
    fn a_logout_that_was_forgotten_may_have_been_any() {
        let mut logouts = Logouts::default();
        let mark = logouts.mark();
        (0..=ENDED_MAX).for_each(|_| logouts.add(named(Some("t"), None), 600, 0));
        assert!(logouts.ended_since(mark, ids().0, &session("s", None)));
        assert!(!logouts.ended_since(mark + 1, ids().0, &session("s", None)));
    }
}
