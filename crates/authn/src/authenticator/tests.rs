//! What is refused, what is remembered and for how long, and who waits.

mod world;

pub(crate) use world::*;

use super::*;
use access::change::{Change, Switch};
use access::snapshot::{Account, Builder, Counters};
use access::{AddressRange, Label, Login, Ref, Revision};
use std::sync::{Arc, Barrier};
use store::SystemIds;

#[test]
fn the_right_password_makes_a_principal() {
    let world = world();
    let principal = world.verify("ADA@a.example", RIGHT).unwrap();
    assert_eq!(principal.user(), Some(user_id(ADA)));
    assert_eq!(principal.account(), world.snapshot.account().id);
    assert_eq!((principal.epoch(), principal.must_change()), (7, false));
    assert_eq!(principal.login().map(Login::as_str), Some(ADA));
    assert_eq!(principal.application(), Some(Application::Api));
    assert!(principal.is_current(&world.snapshot));
}

#[test]
fn whoever_does_not_know_the_password_gets_one_answer_for_one_hash() {
    let world = world();
    let wrong = LOGINS.map(|login| (login, "wrong"));
    let shut_out = [DISABLED, DEPROVISIONED, REMOVED, SSO, PASSWORDLESS, DAMAGED].map(|login| (login, RIGHT));
    for (login, password) in
        [("nobody@a.example", RIGHT), ("ada", ""), (ADA, "")].into_iter().chain(wrong).chain(shut_out)
    {
        let answer = world.cost(|w| w.verify(login, password));
        assert_eq!(answer, (Err(AuthnRefusal::Refused), 1, 1), "{login} {password}");
        assert_eq!(world.remembered(login, password), None, "{login} {password}");
    }
    let nowhere =
        world.cost(|w| w.authenticator.refuse(&BasicCredentials::of("b/ada@a.example", RIGHT), None));
    assert_eq!(nowhere, (AuthnRefusal::Refused, 1, 0));
}

#[test]
fn only_who_knows_the_password_is_told_more() {
    let world = world();
    assert_eq!(world.verify(FIRST, RIGHT), Err(AuthnRefusal::MustChange));
    assert_eq!(world.verify(OUTSIDE, RIGHT), Err(AuthnRefusal::NotAllowedHere));
    assert_eq!(world.remembered(FIRST, RIGHT), None);
    assert_eq!(world.remembered(OUTSIDE, RIGHT), None);
    // The password of the second is remembered, though, so refusing again costs nothing.
    let again = world.cost(|w| w.verify(OUTSIDE, RIGHT));
    assert_eq!(again, (Err(AuthnRefusal::NotAllowedHere), 0, 0));
}

#[test]
fn a_first_password_makes_a_principal_that_must_change_it_and_is_not_remembered() {
    let World { authenticator, snapshot, kept } = world();
    let credentials = BasicCredentials::of(FIRST, RIGHT);
    let omc = Shown { application: Application::Omc, ..SHOWN };
    let principal = authenticator.verify(&snapshot, &kept, &credentials, &omc).unwrap().principal;
    assert!(principal.must_change());
    assert_eq!(authenticator.remembered(&snapshot, &credentials, &omc), None);
}

#[test]
fn what_was_verified_is_remembered_and_costs_no_hash() {
    let world = world();
    assert_eq!(world.remembered(ADA, RIGHT), None);
    let verified = world.verify(ADA, RIGHT).unwrap();
    let (remembered, hashes, asked) = world.cost(|w| w.remembered(ADA, RIGHT));
    assert_eq!((remembered, hashes, asked), (Some(verified.clone()), 0, 0));
    assert_eq!(world.cost(|w| w.verify(ADA, RIGHT)), (Ok(verified), 0, 0));
    assert_eq!(world.remembered(ADA, "otters swim upstream"), None);
    assert_eq!(world.remembered(OUTSIDE, RIGHT), None);
}

#[test]
fn every_way_out_ends_what_is_remembered() {
    let user = user_id(ADA);
    let ways_out = [
        Change::UserSwitched { id: user, by: Switch::Administrators, on: false },
        Change::UserSwitched { id: user, by: Switch::Provisioner, on: false },
        Change::UserSignedOut { id: user },
        Change::UserRemoved { id: user },
        Change::UserSignInSet { id: user, sign_in: SignIn::Sso(provider()) },
    ];
    for way_out in ways_out {
        let mut world = world();
        let principal = world.verify(ADA, RIGHT).unwrap();
        world.apply(way_out.clone());
        assert_eq!(world.remembered(ADA, RIGHT), None, "{way_out:?}");
        assert!(!principal.is_current(&world.snapshot), "{way_out:?}");
    }
}

#[test]
fn enabled_again_is_not_remembered_again() {
    let mut world = world();
    let before = world.verify(ADA, RIGHT).unwrap();
    for on in [false, true] {
        world.apply(Change::UserSwitched { id: user_id(ADA), by: Switch::Administrators, on });
    }
    assert_eq!(world.remembered(ADA, RIGHT), None);
    assert!(!before.is_current(&world.snapshot));
    let after = world.verify(ADA, RIGHT).unwrap();
    assert!(after.is_current(&world.snapshot) && after.epoch() > before.epoch());
}

#[test]
fn a_changed_password_ends_the_old_one_at_once() {
    let mut world = world();
    world.verify(ADA, RIGHT).unwrap();
    world.kept = kept(&world.authenticator, "Herons wade downstream");
    world.apply(Change::UserSignedOut { id: user_id(ADA) });
    assert_eq!(world.remembered(ADA, RIGHT), None);
    assert_eq!(world.verify(ADA, RIGHT), Err(AuthnRefusal::Refused));
    let changed = world.verify(ADA, "Herons wade downstream").unwrap();
    assert_eq!(world.remembered(ADA, "Herons wade downstream"), Some(changed));
}

#[test]
fn a_grant_that_ends_ends_the_entry_of_who_is_remembered() {
    let mut world = world();
    world.verify(ADA, RIGHT).unwrap();
    let grant = world.snapshot.grants(user_id(ADA)).first().unwrap().id;
    world.apply(Change::GrantRemoved { id: grant, user: user_id(ADA) });
    assert_eq!(world.remembered(ADA, RIGHT), None);
    let refused = world.cost(|w| w.verify(ADA, RIGHT));
    assert_eq!(refused, (Err(AuthnRefusal::NotAllowedHere), 0, 0));
}

/// Swaps the state while the password is being read.
struct ShutOutMeanwhile<'w>(&'w Kept, &'w Snapshot, std::sync::Mutex<Option<Snapshot>>);

impl Passwords for ShutOutMeanwhile<'_> {
    fn password(&self, a: AccountId, user: UserId) -> Result<Option<StoredPassword>, PasswordsUnavailable> {
        let next = self.1.apply(&[Change::UserSignedOut { id: user }]).unwrap();
        *self.2.lock().unwrap() = Some(next);
        self.0.password(a, user)
    }
}

#[test]
fn who_is_shut_out_while_being_verified_is_not_current_and_not_remembered() {
    let World { authenticator, snapshot, kept } = world();
    let meanwhile = ShutOutMeanwhile(&kept, &snapshot, std::sync::Mutex::new(None));
    let credentials = BasicCredentials::of(ADA, RIGHT);
    let principal = authenticator.verify(&snapshot, &meanwhile, &credentials, &SHOWN).unwrap().principal;
    let next = meanwhile.2.lock().unwrap().take().unwrap();
    assert!(principal.is_current(&snapshot) && !principal.is_current(&next));
    assert_eq!(authenticator.remembered(&next, &credentials, &SHOWN), None);
}

struct Gone;

impl Passwords for Gone {
    fn password(&self, _: AccountId, _: UserId) -> Result<Option<StoredPassword>, PasswordsUnavailable> {
        Err(PasswordsUnavailable("disk on fire".into()))
    }
}

#[test]
fn a_store_that_is_gone_tells_nobody_who_exists() {
    let World { authenticator, snapshot, .. } = world();
    for login in LOGINS.into_iter().chain(["nobody@a.example"]) {
        let credentials = BasicCredentials::of(login, RIGHT);
        let answer = authenticator.verify(&snapshot, &Gone, &credentials, &SHOWN);
        let reason = PasswordsUnavailable("disk on fire".into());
        let refusal = answer.unwrap_err();
        assert_eq!(refusal, AuthnRefusal::Unavailable(reason), "{login}");
        assert!(!refusal.to_string().contains("disk"));
    }
}

/// Keeps whoever asks waiting: the first meeting says that they are here, the second lets them go.
struct Stuck(Barrier);

impl Passwords for Stuck {
    fn password(&self, _: AccountId, _: UserId) -> Result<Option<StoredPassword>, PasswordsUnavailable> {
        self.0.wait();
        self.0.wait();
        Ok(None)
    }
}

#[test]
fn beyond_the_bound_of_the_queue_nobody_waits_and_the_remembered_are_served() {
    let world = world_of(Queue::new(1, 3, 3));
    let principal = world.verify(ADA, RIGHT).unwrap();
    let stranger = BasicCredentials::of("nobody@a.example", "wrong");
    let password = NewPassword::parse(RIGHT).unwrap();
    let stuck = Stuck(Barrier::new(2));
    // Nothing is asserted while somebody waits: a failure would leave them waiting.
    let (full, hashed, known, answers) = std::thread::scope(|scope| {
        let authenticator = &world.authenticator;
        let at_work = scope
            .spawn(|| authenticator.verify(&world.snapshot, &stuck, &stranger, &SHOWN).map(|v| v.principal));
        stuck.0.wait();
        let waiting: Vec<_> = (0..3).map(|_| scope.spawn(|| world.verify(ADA, "wrong"))).collect();
        while authenticator.queue.waiting() < 3 {
            std::thread::yield_now();
        }
        let full =
            world.cost(|w| [w.verify(ADA, "wrong").unwrap_err(), w.authenticator.refuse(&stranger, None)]);
        let hashed = authenticator.hash(&password, &SystemIds);
        let known = (world.remembered(ADA, RIGHT), world.verify(ADA, RIGHT));
        stuck.0.wait();
        let answers: Vec<_> =
            waiting.into_iter().chain([at_work]).map(|thread| thread.join().unwrap()).collect();
        (full, hashed, known, answers)
    });
    let busy = AuthnRefusal::Busy { retry_after_s: 2 };
    assert_eq!(full, ([busy.clone(), busy.clone()], 0, 0));
    assert_eq!(hashed, Err(busy));
    assert_eq!(known, (Some(principal.clone()), Ok(principal)));
    assert_eq!(answers, [const { Err(AuthnRefusal::Refused) }; 4]);
    assert_eq!(world.verify("nobody@a.example", "wrong"), Err(AuthnRefusal::Refused));
}

#[test]
fn thirty_two_threads_get_their_own_answer_and_hash_no_more_than_needed() {
    let world = Arc::new(world());
    let (_, hashes, _) = world.cost(|world| {
        std::thread::scope(|scope| {
            for number in 0..32 {
                scope.spawn(move || {
                    for round in 0..20 {
                        match (number + round) % 4 {
                            0 => assert_eq!(world.verify(ADA, "wrong"), Err(AuthnRefusal::Refused)),
                            1 => assert_eq!(world.verify(DISABLED, RIGHT), Err(AuthnRefusal::Refused)),
                            _ => {
                                let principal = world.verify(ADA, RIGHT).unwrap();
                                assert_eq!(principal.user(), Some(user_id(ADA)));
                                assert!(world.remembered(ADA, RIGHT).is_some());
                            }
                        }
                    }
                });
            }
        });
    });
    // Half of 640 calls are wrong and hash once each; of the right ones at most two are at work at once
    // before the first of them is remembered.
    assert!((321..=322).contains(&hashes), "{hashes}");
}

#[test]
fn a_principal_of_one_account_is_not_current_in_another() {
    let world = world();
    let principal = world.verify(ADA, RIGHT).unwrap();
    let id = AccountId::from_number(2).unwrap();
    let account = Account { id, r#ref: Ref::parse("b").unwrap(), name: Label::parse("B").unwrap() };
    let contract = world.snapshot.contract().clone();
    let other = Builder::new(contract, account, Revision(1), Counters::default()).finish();
    assert!(!principal.is_current(&other));
    let operator = Principal::operator(id);
    assert!(operator.is_current(&other) && !operator.is_current(&world.snapshot));
    assert_eq!((operator.user(), operator.login(), operator.application()), (None, None, None));
}

#[test]
fn an_active_site_is_carried_and_changes_nothing_else() {
    let world = world();
    let principal = world.verify(ADA, RIGHT).unwrap();
    let retailer = access::RetailerId::from_number(3);
    let location = access::LocationId::from_number(4);
    let there = principal.clone().at(retailer, location);
    assert_eq!(*there.subject(), principal.subject().at(retailer, location));
    assert_eq!(there.at(None, None), principal);
}

#[test]
fn debug_shows_no_secret() {
    let world = world();
    let principal = world.verify(ADA, RIGHT).unwrap();
    let stored = world.kept.rows.get(&user_id(ADA)).unwrap();
    let hash = stored.hash.rsplit('$').next().unwrap();
    let shown = format!(
        "{:?} {:?} {principal:?} {stored:?} {:?}",
        world.authenticator,
        world.authenticator.remembered,
        BasicCredentials::of(ADA, RIGHT)
    );
    assert!(!shown.contains(RIGHT) && !shown.contains("argon2id$") && !shown.contains(hash), "{shown}");
    assert!(!shown.contains("keyed"), "{shown}");
}

#[test]
fn a_hash_of_lower_parameters_is_told_as_outdated_once_it_was_verified() {
    let World { snapshot, kept, .. } = world();
    let dearer = Parameters::of_cost(128, 1, 1);
    let today = Authenticator::with_queue(dearer, &SystemIds, Queue::new(1, 8, 8)).unwrap();
    let right = BasicCredentials::of(ADA, RIGHT);
    // Nobody learns by the cost that there is a hash of lower parameters.
    for login in [ADA, DAMAGED, DISABLED, "nobody@a.example"] {
        let before = today.hasher().units();
        let wrong = BasicCredentials::of(login, "wrong");
        assert_eq!(today.verify(&snapshot, &kept, &wrong, &SHOWN).unwrap_err(), AuthnRefusal::Refused);
        assert_eq!(today.hasher().units() - before, 128, "{login}");
    }
    let old = kept.rows.get(&user_id(ADA)).unwrap().hash.clone();
    let verified = today.verify(&snapshot, &kept, &right, &SHOWN).unwrap();
    assert_eq!(verified.outdated, Some(old));
    // What is remembered says nothing of a hash.
    assert_eq!(today.verify(&snapshot, &kept, &right, &SHOWN).unwrap().outdated, None);
    let new = today.rehash(&right, &SystemIds).unwrap();
    assert!(new.starts_with("$argon2id$v=19$m=128,t=1,p=1$"), "{new}");
    assert!(
        today.is_password(RIGHT, &new, None).unwrap() && !today.is_password("wrong", &new, None).unwrap()
    );
    assert!(!today.hasher().needs_rehash(&new));
    assert!(!today.is_password(RIGHT, "$argon2id$damaged", None).unwrap());
}

#[test]
fn a_user_of_listed_addresses_comes_in_to_the_api_from_them_alone() {
    let mut world = world();
    let ranges = ["10.1.0.0/16", "2001:db8::/32"].map(|text| AddressRange::parse(text).unwrap()).to_vec();
    world.apply(Change::UserAddressesSet { id: user_id(ADA), ranges });
    let World { authenticator, snapshot, kept } = &world;
    let from = |address: Option<&str>, application| {
        let from = address.map(|text| text.parse().unwrap());
        let shown = Shown { application, from, now: NOW };
        let right = BasicCredentials::of(ADA, RIGHT);
        let verified = authenticator.verify(snapshot, kept, &right, &shown).map(|_| ());
        let remembered = authenticator.remembered(snapshot, &right, &shown).is_some();
        assert_eq!(verified.is_ok(), remembered, "{address:?}");
        verified
    };
    let cost = |password: &str, from: &str| {
        let before = authenticator.hasher().units();
        let shown = Shown { from: from.parse().ok(), ..SHOWN };
        let answer = authenticator.verify(snapshot, kept, &BasicCredentials::of(ADA, password), &shown);
        (answer.map(|_| ()), authenticator.hasher().units() - before)
    };
    // Before the password was ever right, and after it is remembered: from elsewhere the right one and a wrong one
    // get one answer at one cost.
    let refused = (Err(AuthnRefusal::Refused), 64);
    assert_eq!((cost(RIGHT, "10.2.0.1"), cost("wrong", "10.2.0.1")), (refused.clone(), refused.clone()));
    assert_eq!((cost(RIGHT, "10.1.2.3"), cost(RIGHT, "10.1.2.3")), ((Ok(()), 64), (Ok(()), 0)));
    assert_eq!((cost(RIGHT, "10.2.0.1"), cost("wrong", "10.2.0.1")), (refused.clone(), refused));
    for inside in ["10.1.2.3", "2001:db8::1"] {
        assert_eq!(from(Some(inside), Application::Api), Ok(()), "{inside}");
    }
    for outside in [Some("10.2.0.1"), Some("2001:db9::1"), None] {
        assert_eq!(from(outside, Application::Api), Err(AuthnRefusal::Refused), "{outside:?}");
        assert_eq!(from(outside, Application::Omc), Ok(()), "pages are open from everywhere");
    }
}

/// `cargo test --release -p authn -- --ignored --nocapture remembered_is_quick`
#[test]
#[ignore = "a measurement, not a test: it prints what it sees"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn remembered_is_quick() {
    const ROUNDS: u32 = 1_000_000;
    let World { authenticator, snapshot, kept } = world();
    let credentials = BasicCredentials::of(ADA, RIGHT);
    authenticator.verify(&snapshot, &kept, &credentials, &SHOWN).unwrap();
    let started = std::time::Instant::now();
    let found =
        (0..ROUNDS).filter(|_| authenticator.remembered(&snapshot, &credentials, &SHOWN).is_some()).count();
    let each = started.elapsed() / ROUNDS;
    assert_eq!(found, ROUNDS as usize);
    println!("remembered: {each:?} a call");
    let header = "Basic YWRhQGEuZXhhbXBsZTpPdHRlcnMgc3dpbSB1cHN0cmVhbQ==";
    let started = std::time::Instant::now();
    let read = (0..ROUNDS).filter(|_| BasicCredentials::parse(std::hint::black_box(header)).is_ok());
    assert_eq!(read.count(), ROUNDS as usize);
    println!("header parsed: {:?} a call", started.elapsed() / ROUNDS);
}
