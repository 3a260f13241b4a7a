//! Out means out, under fire: one user's five kinds of credential are used from 32 threads while each way out is
//! called. No use that started after its answer is allowed.
//!
//! A use is what a surface does with a request: from the credential to a principal, then a guarded call. The last two
//! tests plant the holes that this is to find, and it finds them.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

#[expect(dead_code, unused_imports, reason = "this file uses a part of it")]
mod common;

use access::{Application, TokenId, UserId};
use authn::{BasicCredentials, Principal, Secret};
use common::*;
use service::ops::{ClientOp, Op, UserOp};
use service::{Issued, IssuedPair, Out, ResetBy, Service, ServiceError, Way};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const THREADS: usize = 32;
/// Uses of each thread that start after the answer.
const AFTER: u32 = 20;
const PASSWORD: &str = "eleven tin whistles";
/// How long a caller with the first hole believes what it knows.
const BELIEVED: Duration = Duration::from_millis(50);

/// The five kinds, in the order of `KINDS`.
const SESSION: usize = 0;
const BASIC: usize = 1;
const ACCESS: usize = 2;
const PAIR: usize = 3;
const LONG: usize = 4;
const ALL: [usize; 5] = [SESSION, BASIC, ACCESS, PAIR, LONG];

/// How callers ask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// As surfaces do: the service is asked each time.
    Right,
    /// A hole: whoever was let in is believed for a while, and the service is not asked.
    KeepsThePrincipal,
    /// A hole: an answer is remembered and given again.
    RemembersTheAllow,
}

/// The credentials of one user; of the pair one for each thread that uses it, as a refresh token is good once.
struct Held {
    user: UserId,
    login: String,
    session: Issued,
    access: Issued,
    long: Issued,
    pairs: Vec<IssuedPair>,
}

impl Held {
    fn new(world: &World, login: &str) -> Self {
        world.create(login, None, Some(PASSWORD));
        Self {
            user: world.id(login),
            login: login.into(),
            session: world.session(login, PASSWORD),
            access: world.access(login, PASSWORD),
            long: world.long_token(login, PASSWORD, "hammer").expect("a token"),
            pairs: (0..THREADS.div_ceil(5)).map(|_| world.pair(login, PASSWORD)).collect(),
        }
    }

    /// The ids of the tokens of a kind.
    fn ids(&self, kind: usize) -> Vec<TokenId> {
        match kind {
            SESSION => vec![self.session.id],
            ACCESS => vec![self.access.id],
            PAIR => self.pairs.iter().map(|pair| pair.access.id).collect(),
            LONG => vec![self.long.id],
            _ => vec![],
        }
    }
}

/// One thread's way of asking.
struct Probe<'w> {
    world: &'w World,
    service: &'w Service,
    caller: Caller,
    kind: usize,
    held: &'w Held,
    pair: IssuedPair,
    round: u32,
    let_in: Option<Instant>,
}

impl Probe<'_> {
    /// Whether the user is let in by it now.
    #[expect(clippy::disallowed_methods, reason = "a caller with a hole has a clock of its own")]
    fn is_let_in(&mut self) -> bool {
        let believed = match (self.caller, self.let_in) {
            (Caller::RemembersTheAllow, Some(_)) => true,
            (Caller::KeepsThePrincipal, Some(since)) => since.elapsed() < BELIEVED,
            _ => false,
        };
        if believed {
            return true;
        }
        self.round += 1;
        let allowed = match self.kind {
            BASIC => self.basic().is_ok(),
            SESSION => self.token(&self.held.session.secret, Application::Omc).is_ok(),
            ACCESS => self.token(&self.held.access.secret, Application::Api).is_ok(),
            LONG => self.token(&self.held.long.secret, Application::Api).is_ok(),
            _ => self.pair().is_ok(),
        };
        self.let_in = allowed.then(Instant::now);
        allowed
    }

    /// A list, or a question.
    fn call(&self, who: &Principal) -> Result<(), ServiceError> {
        if self.round.is_multiple_of(2) {
            self.service.orders(who, Some(1), None).map(drop)
        } else {
            self.service.inquire(who).map(drop)
        }
    }

    fn token(&self, secret: &Secret, application: Application) -> Result<(), ServiceError> {
        let visitor = visitor(1);
        let who = match self.service.recall_token(secret, application, &visitor) {
            Some(who) => who,
            None => self.service.sign_in_token(secret, application, &visitor)?,
        };
        self.call(&who)
    }

    fn basic(&self) -> Result<(), ServiceError> {
        let visitor = visitor(1);
        let shown = BasicCredentials::new(&self.held.login, PASSWORD).expect("credentials");
        if let Some(who) = self.service.recall_basic(&shown, None, &visitor) {
            return self.call(&who);
        }
        if let Some(who) = self.service.remembered_basic(&shown, None, &visitor)? {
            return self.call(&who);
        }
        let knock = self.service.knock(shown, None, Application::Api, &visitor, Way::Basic)?;
        self.call(&self.service.verify(knock)?)
    }

    /// The access token, and every third time the refresh token for the next pair.
    fn pair(&mut self) -> Result<(), ServiceError> {
        if self.round.is_multiple_of(3) {
            self.pair = self.service.refresh(&self.pair.refresh, &self.world.client(), &visitor(1))?;
            return Ok(());
        }
        self.token(&self.pair.access.secret, Application::Api)
    }
}

/// Ends what runs until the flag is set, also when the test fails first: it would wait for ever for its threads.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// How many uses of each kind started after the answer and were allowed.
fn hammer(world: &World, held: &Held, caller: Caller, out: impl FnOnce()) -> [u64; 5] {
    let (is_out, working) = (AtomicBool::new(false), AtomicU64::new(0));
    let let_in: [AtomicU64; 5] = Default::default();
    // On a server another process of the same database serves half of them.
    let other = matches!(world.place, Place::Postgres { .. }).then(|| world.neighbour());
    std::thread::scope(|threads| {
        for number in 0..THREADS {
            let service = other.as_ref().filter(|_| number / 5 % 2 == 1).unwrap_or(&world.service);
            let (is_out, working, let_in) = (&is_out, &working, &let_in);
            let (kind, pair) = (number % 5, held.pairs[number / 5].clone());
            let mut probe = Probe { world, service, caller, kind, held, pair, round: 0, let_in: None };
            threads.spawn(move || {
                let (mut was_in, mut after) = (false, 0);
                while after < AFTER {
                    // Read before the use starts: whoever reads true starts after the answer.
                    let started_after = is_out.load(Ordering::SeqCst);
                    let allowed = probe.is_let_in();
                    if allowed && !was_in {
                        was_in = true;
                        working.fetch_add(1, Ordering::SeqCst);
                    }
                    after += u32::from(started_after);
                    let_in[kind].fetch_add(u64::from(allowed && started_after), Ordering::SeqCst);
                }
            });
        }
        // All are let in before; if they never are, the test says so instead of waiting for ever.
        let begun = (0..6_000).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            working.load(Ordering::SeqCst) == THREADS as u64
        });
        let over = Over(&is_out);
        if begun {
            out();
        }
        drop(over);
        assert!(begun, "only {} of {THREADS} threads were let in", working.load(Ordering::SeqCst));
    });
    let_in.map(AtomicU64::into_inner)
}

/// Hammers a new user on each database: what was ended lets nobody in, what was not ended still does.
fn ends(ended: &[usize], out: impl Fn(&World, &Held)) {
    everywhere(|world| ends_of(world, "hammered@acme.example", ended, &out));
}

fn ends_of(world: &World, login: &str, ended: &[usize], out: impl Fn(&World, &Held)) {
    let held = Held::new(world, login);
    let allowed = hammer(world, &held, Caller::Right, || out(world, &held));
    for kind in ALL {
        let (name, count) = (KINDS[kind], allowed[kind]);
        if ended.contains(&kind) {
            assert_eq!(count, 0, "{name}: uses that started after the answer were allowed");
        } else {
            assert!(count > 0, "{name}: ended, and was not to be");
        }
    }
}

fn put_out(world: &World, held: &Held, out: Out) {
    world.service.put_out(&world.operator(), origin(), held.user, out).expect("out");
}

#[test]
fn disable() {
    ends(&ALL, |world, held| put_out(world, held, Out::Disable));
}

#[test]
fn remove() {
    ends(&ALL, |world, held| put_out(world, held, Out::Remove));
}

/// The password stays valid, and HTTP Basic shows it with every request: that is a new sign-in, and is let in.
#[test]
fn sign_out_everywhere() {
    ends(&[SESSION, ACCESS, PAIR, LONG], |world, held| put_out(world, held, Out::SignOut));
}

#[test]
fn another_password() {
    ends(&ALL, |world, held| {
        let password = Some("twelve clay bricks".to_owned());
        world.user_op(UserOp::Password { user: held.login.clone(), password });
    });
}

#[test]
fn a_generated_password() {
    ends(&ALL, |world, held| {
        let by = ResetBy::Generated;
        world.service.reset_password(&world.operator(), held.user, by, origin()).expect("reset");
    });
}

#[test]
fn a_link() {
    ends(&ALL, |world, held| {
        world.service.reset_password(&world.operator(), held.user, ResetBy::Link, origin()).expect("reset");
    });
}

#[test]
fn ones_own_new_password() {
    ends(&ALL, |world, held| {
        let who = world.service.sign_in_token(&held.session.secret, Application::Omc, &visitor(1));
        let who = who.expect("it opens");
        world
            .service
            .change_own_password(&who, PASSWORD, "twelve clay bricks", &visitor(1))
            .expect("changed");
    });
}

#[test]
fn another_way_to_sign_in() {
    ends(&ALL, |world, held| {
        world.user_op(UserOp::SignIn { user: held.login.clone(), sso: Some("okta".into()) });
    });
}

#[test]
fn each_token_by_itself() {
    everywhere(|world| {
        for kind in [SESSION, ACCESS, PAIR, LONG] {
            let login = format!("{}@acme.example", KINDS[kind]);
            ends_of(world, &login, &[kind], |world, held| put_out(world, held, Out::Tokens(held.ids(kind))));
        }
    });
}

#[test]
fn the_removal_of_a_client() {
    ends(&[PAIR], |world, _| {
        world.op(Op::Client(ClientOp::Remove { client: CLIENT.into() }));
    });
}

fn found(hole: Caller) -> [u64; 5] {
    let world = World::new(Place::Memory);
    let held = Held::new(&world, "hammered@acme.example");
    hammer(&world, &held, hole, || put_out(&world, &held, Out::Disable))
}

#[test]
fn a_caller_that_believes_a_principal_for_50_ms_is_found() {
    // The hole is open for 50 ms, in which a busy machine may let no caller run: it is looked for a few times.
    const TRIES_MAX: usize = 20;
    let finds = |_| found(Caller::KeepsThePrincipal).iter().sum::<u64>() > 0;
    assert!((0..TRIES_MAX).any(finds), "the hole was not found");
}

#[test]
fn a_caller_that_remembers_an_allow_is_found() {
    let allowed = found(Caller::RemembersTheAllow);
    assert!(allowed.iter().all(|count| *count > 0), "the hole was not found: {allowed:?}");
}
