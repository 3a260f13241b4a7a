//! Out means out, for every kind of credential: while 32 connections show one user's sessions in both applications,
//! password, access token, refresh tokens and long-duration token, each way out is called. No request that started after
//! its answer is let in by what it ended, on no surface and on no server; what it did not end goes on.
//!
//! The last test plants a hole between the connections and the server, and the same harness finds it.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;
mod credentials;

use common::http::{Answer, Connection};
use common::{Over, Place};
use credentials::{Browser, Company, Heard, Held, Kind, OMC, PASSWORD, Probe, set_by};
use server::Client;
use service::ops::{ClientOp, Op, Request, UserOp};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Over all servers.
const CONNECTIONS: usize = 32;
/// Requests of each connection that start after the answer.
const AFTER: u32 = 6;
/// How long the planted hole believes what it heard.
const BELIEVED: Duration = Duration::from_millis(100);
/// Longest wait until all connections were let in.
const BEGIN_S_MAX: u64 = 60;

/// What stands between a connection and the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    /// A cache: a request that was answered with 200 is answered so again for a while, and the server is not asked.
    Cache,
}

/// A kept connection and what it remembers.
struct Wire {
    connection: Connection,
    between: Between,
    last: Option<(Vec<u8>, Answer, Instant)>,
}

impl Wire {
    fn open(url: &str, between: Between) -> Self {
        Self { connection: Connection::open(url), between, last: None }
    }

    #[expect(clippy::disallowed_methods, reason = "a cache has a clock of its own")]
    fn send(&mut self, bytes: &[u8]) -> Answer {
        let cached = self.last.as_ref().filter(|(asked, _, at)| asked == bytes && at.elapsed() < BELIEVED);
        if let Some((_, answer, _)) = cached {
            // A connection that never waits would take the processors from those that ask.
            std::thread::sleep(Duration::from_millis(1));
            return answer.clone();
        }
        let answer = self.connection.ask(bytes).expect("an answer");
        if self.between == Between::Cache && answer.status == 200 {
            self.last = Some((bytes.to_vec(), answer.clone(), Instant::now()));
        }
        answer
    }
}

/// What a way out ends: some kinds of credential, or of one connection the pair of tokens that it exchanges.
#[derive(Clone, Copy)]
enum Ended {
    Kinds(&'static [Kind]),
    Family(usize),
}

impl Ended {
    /// Whether it ends what the connection `number` of a kind shows.
    fn has(self, kind: Kind, number: usize) -> bool {
        match self {
            Self::Kinds(kinds) => kinds.contains(&kind),
            Self::Family(one) => kind == Kind::Refresh && number == one,
        }
    }
}

/// The requests of one connection, or of all of one kind, that started after the answer to the way out.
#[derive(Clone, Copy, Debug, Default)]
struct Late {
    asked: u32,
    let_in: u32,
    /// Told to wait after wrong passwords.
    paused: u32,
}

impl Late {
    fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.let_in += other.let_in;
        self.paused += other.paused;
    }
}

/// Connections ask all the time; in the middle of it `out` is called. What each heard of requests that started after
/// its answer, with its kind and its number among those of its kind; the pairs are the newest ones afterwards.
fn hammer(
    company: &Company,
    held: &mut Held,
    between: Between,
    out: impl FnOnce(&Company, &Held),
) -> Vec<(Kind, usize, Late)> {
    let (is_out, working) = (AtomicBool::new(false), AtomicUsize::new(0));
    let shared = &*held;
    let heard: Vec<(usize, Late, Probe<'_>)> = std::thread::scope(|threads| {
        let one = |number: usize| {
            let (index, of_kind) = (number % Kind::ALL.len(), number / Kind::ALL.len());
            let kind = *Kind::ALL.get(index).expect("a kind");
            let mut probe = Probe::new(shared, kind, of_kind);
            // Each kind is shown to each server, and there on each surface.
            let url = &company.server(of_kind / 2 + index).url;
            let (is_out, working) = (&is_out, &working);
            threads.spawn(move || {
                let late = ask_until_out(&mut probe, &mut Wire::open(url, between), is_out, working);
                (of_kind, late, probe)
            })
        };
        let started: Vec<_> = (0..CONNECTIONS).map(one).collect();
        // If they never are all let in, the test says so instead of waiting for ever.
        let begun = (0..BEGIN_S_MAX * 100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            working.load(Ordering::SeqCst) == CONNECTIONS
        });
        let over = Over(&is_out);
        if begun {
            out(company, shared);
        }
        drop(over);
        assert!(begun, "only {working:?} of {CONNECTIONS} connections were let in");
        started.into_iter().map(|thread| thread.join().expect("a connection that was served")).collect()
    });
    let late = heard.iter().map(|(of_kind, late, probe)| (probe.kind, *of_kind, *late)).collect();
    let pairs = heard.into_iter().filter(|(_, _, probe)| probe.kind == Kind::Refresh);
    held.pairs = pairs.map(|(_, _, probe)| probe.pair).collect();
    late
}

fn ask_until_out(probe: &mut Probe<'_>, wire: &mut Wire, is_out: &AtomicBool, working: &AtomicUsize) -> Late {
    let (mut was_in, mut late) = (false, Late::default());
    while late.asked < AFTER {
        // Read before the request starts: whoever reads true starts after the answer.
        let started_after = is_out.load(Ordering::SeqCst);
        let heard = probe.ask(|bytes| wire.send(bytes));
        if heard == Heard::In && !was_in {
            was_in = true;
            working.fetch_add(1, Ordering::SeqCst);
        }
        if started_after {
            let count = |what| u32::from(heard == what);
            late.add(Late { asked: 1, let_in: count(Heard::In), paused: count(Heard::Wait) });
        }
    }
    late
}

/// The pairs that the connections of a user need.
fn user_of(company: &Company) -> Held {
    Held::new(company, CONNECTIONS.div_ceil(Kind::ALL.len()))
}

/// Hammers a new user: what `out` ends lets nobody in, what it does not end lets everybody in.
fn ends(company: &Company, way: &str, ended: Ended, out: impl FnOnce(&Company, &Held)) -> Held {
    let mut held = user_of(company);
    let heard = hammer(company, &mut held, Between::Nothing, out);
    for kind in Kind::ALL {
        let mut sum = Late::default();
        for (_, number, late) in heard.iter().filter(|(of, ..)| *of == kind) {
            // A password that was wrong while its user was disabled may have to wait when the user is enabled again.
            let waits = if kind == Kind::Basic { late.paused } else { 0 };
            let expected = if ended.has(kind, *number) { 0 } else { late.asked - waits };
            assert_eq!(
                late.let_in, expected,
                "{way}: {kind:?} {number}, of those that started after the answer: {late:?}"
            );
            sum.add(*late);
        }
        // Told to wait is no answer about the credential: some were refused for what they showed.
        assert!(sum.paused < sum.asked, "{way}: {kind:?}, none was refused or let in: {sum:?}");
    }
    on_new_connections(company, &held, way, ended);
    held
}

/// The same on new connections, of all pairs, of each server.
fn on_new_connections(company: &Company, held: &Held, way: &str, ended: Ended) {
    for kind in Kind::ALL {
        for number in 0..if kind == Kind::Refresh { held.pairs.len() } else { 1 } {
            // A refresh token that is still good is good once: the probe goes on with the next.
            let mut probe = Probe::new(held, kind, number);
            for server in &company.servers {
                for _ in 0..3 {
                    if ended.has(kind, number) {
                        assert_ne!(probe.ask_anew(&server.url), Heard::In, "{way}: {kind:?}, anew");
                    } else {
                        assert_eq!(probe.ask_patiently(&server.url), Heard::In, "{way}: {kind:?}, anew");
                    }
                }
            }
        }
    }
}

/// As the command line does it: through the local socket of the first server.
fn tell(company: &Company, op: Op) {
    let mut client = Client::connect(&company.place.data()).expect("a server");
    client.call(&Request { account: None, op }, &mut |_, _, _| ()).expect("done");
}

fn user(held: &Held) -> String {
    held.login.clone()
}

fn disable(company: &Company, held: &Held) {
    tell(company, Op::User(UserOp::Disable { user: user(held) }));
}

fn enable(company: &Company, held: &Held) {
    tell(company, Op::User(UserOp::Enable { user: user(held) }));
}

/// From the user's own page, which is one of those that end.
fn sign_out_everywhere(company: &Company, held: &Held) {
    let page = "/me/sign-out-everywhere";
    let answer = Browser::new(company.url(), &held.home, &held.session).send((page, page), &[]);
    assert!(answer.status == 200 && answer.body.contains("signed out"), "{answer:?}");
}

/// All but the password. It stays valid after these, and showing it is a new sign-in, which lets in: it is no trace of
/// what was ended.
const BUT_BASIC: Ended = Ended::Kinds(&[Kind::Session, Kind::Store, Kind::Access, Kind::Refresh, Kind::Long]);
const ALL: Ended = Ended::Kinds(&Kind::ALL);

fn disable_then_enable(company: &Company) {
    let held = ends(company, "disable", ALL, disable);
    enable(company, &held);
    on_new_connections(company, &held, "disable, later enable", BUT_BASIC);
    ends(company, "disable and enable at once", BUT_BASIC, |company, held| {
        disable(company, held);
        enable(company, held);
    });
}

#[test]
fn disable_and_enable() {
    disable_then_enable(&Company::new(Place::sqlite("every-disable")));
}

#[test]
fn remove_and_sign_out_everywhere() {
    let company = Company::new(Place::sqlite("every-remove"));
    ends(&company, "remove", ALL, |company, held| {
        tell(company, Op::User(UserOp::Remove { user: user(held) }));
    });
    ends(&company, "sign out everywhere", BUT_BASIC, sign_out_everywhere);
}

#[test]
fn another_password() {
    let company = Company::new(Place::sqlite("every-password"));
    for by in ["generated", "link"] {
        ends(&company, by, ALL, |company, held| {
            let line = format!("POST /api/v1/users/{}/password-reset", held.login);
            let shown = company.manage(&line, &format!(r#"{{"by":"{by}"}}"#));
            assert!(shown.get(if by == "link" { "link" } else { "password" }).is_some(), "{shown}");
        });
    }
}

/// From a page of a session that is none of those that are shown meanwhile.
#[test]
fn ones_own_new_password() {
    let company = Company::new(Place::sqlite("every-own"));
    let new = "twelve brass kettles";
    let (mut before, mut after) = (String::new(), String::new());
    let mut held = ends(&company, "one's own new password", ALL, |company, held| {
        let mut other = held.sign_in_again(company.url());
        let fields = [("current", PASSWORD), ("new", new), ("again", new)];
        let answer = other.send(("/password", "/password"), &fields);
        assert!(answer.head.contains("\r\nlocation: /me?done=password"), "{answer:?}");
        (before, after) = (other.cookie, set_by(&answer, OMC.1));
    });
    // The session that it was changed from is another one now.
    new.clone_into(&mut held.password);
    for (cookie, heard) in [(before, Heard::Out), (after, Heard::In)] {
        held.session = cookie;
        assert_eq!(Probe::new(&held, Kind::Session, 0).ask_anew(company.url()), heard);
    }
    // The new password lets in, once the pause after the old one is over.
    assert_eq!(Probe::new(&held, Kind::Basic, 0).ask_patiently(company.url()), Heard::In);
}

/// Whoever shows one again has stolen it, or was stolen from: both are out, and nobody else of the same user is.
fn a_refresh_token_is_used_twice(company: &Company) {
    ends(company, "a refresh token used twice", Ended::Family(0), |company, held| {
        assert_eq!(company.pairs_of(held), held.pairs.len() + 1);
        // Its connection was let in, and exchanging it is the first thing that it does.
        let answer = held.exchange_first_of(company.url(), 0);
        assert!(answer.status == 400 && answer.body.contains("invalid_grant"), "{answer:?}");
        assert_eq!(company.pairs_of(held), held.pairs.len());
    });
}

#[test]
fn a_reused_refresh_token() {
    a_refresh_token_is_used_twice(&Company::new(Place::sqlite("every-reused")));
}

#[test]
fn one_of_them_ends() {
    let company = Company::new(Place::sqlite("every-one"));
    ends(&company, "revoke of a long-duration token", Ended::Kinds(&[Kind::Long]), |company, held| {
        let line = format!("DELETE /api/v1/users/{}/tokens/{}", held.login, held.long_id);
        company.manage(&line, "");
    });
    ends(&company, "end of a session", Ended::Kinds(&[Kind::Session]), |company, held| {
        let mut other = held.sign_in_again(company.url());
        let answer = other.send(("/me", "/me/sessions/end"), &[("session", &held.session_id)]);
        assert!(answer.status == 303 && answer.head.contains("/me?done=session"), "{answer:?}");
        // The one that it was ended from is still there.
        let left = other.send(("/me", "/me/profile"), &[("name", "Cleo"), ("email", "")]);
        assert_eq!(left.status, 303, "{left:?}");
    });
    ends(&company, "removal of the client", Ended::Kinds(&[Kind::Access, Kind::Refresh]), |company, held| {
        tell(company, Op::Client(ClientOp::Remove { client: held.client_id().to_owned() }));
    });
}

#[test]
fn on_two_servers_of_one_postgresql() {
    let Some(place) = Place::postgres("every") else { return };
    let company = Company::new(place);
    disable_then_enable(&company);
    ends(&company, "sign out everywhere", BUT_BASIC, sign_out_everywhere);
    a_refresh_token_is_used_twice(&company);
}

#[test]
fn a_cache_between_is_found() {
    let company = Company::new(Place::sqlite("every-cache"));
    let late = hammer(&company, &mut user_of(&company), Between::Cache, disable);
    // Only pages are asked for again and again in the same bytes.
    for page in [Kind::Session, Kind::Store] {
        let of_page = late.iter().filter(|(kind, ..)| *kind == page);
        let let_in: u32 = of_page.map(|(.., late)| late.let_in).sum();
        assert!(let_in > 0, "the hole was not found: {page:?} of {late:?}");
    }
}
