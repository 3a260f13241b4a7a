//! What is refused, for how long, and what no stranger can do to anybody.

mod properties;

use super::*;
use store::SystemIds;

const SECOND: i64 = 1_000_000;
const HOME: &str = "192.0.2.7";
const ABROAD: &str = "203.0.113.9";

fn at(seconds: i64) -> Instant {
    Instant(1_000_000_000 + seconds * SECOND)
}

fn limits() -> Arc<Limits> {
    Arc::new(Limits::new(&SystemIds).unwrap())
}

fn begin(
    limits: &Arc<Limits>,
    login: &str,
    address: &str,
    password: &str,
    now: Instant,
) -> Result<Attempt, Refused> {
    let (account, address) = (AccountId::from_number(1), address.parse().ok());
    limits.begin(&Try { account, login, address, code: limits.code(password) }, now)
}

/// A wrong password, all different.
fn fails(
    limits: &Arc<Limits>,
    login: &str,
    address: &str,
    now: Instant,
) -> Result<Option<LockBegan>, Refused> {
    begin(limits, login, address, &format!("wrong {now:?}"), now).map(|attempt| attempt.failed(now))
}

/// Five wrong passwords.
fn lock(limits: &Arc<Limits>, address: &str) {
    let failures: Vec<_> = (0..5).map(|_| fails(limits, "ada", address, at(0)).unwrap()).collect();
    assert_eq!(failures, [None, None, None, None, Some(LockBegan { which: Why::Pair, pause_s: 2 })]);
}

fn succeeds(limits: &Arc<Limits>, login: &str, address: &str, now: Instant) {
    begin(limits, login, address, "right", now).unwrap().succeeded(now);
}

fn refused(retry_after_s: u32, why: Why) -> Refused {
    Refused { retry_after_s, why }
}

fn address(number: u32) -> String {
    std::net::Ipv4Addr::from_bits(0x0A00_0000 + number).to_string()
}

#[test]
fn pauses_begin_with_the_fifth_failure_double_and_end() {
    let limits = limits();
    let mut now = 0;
    for _ in 0..4 {
        assert_eq!(fails(&limits, "ada", HOME, at(now)), Ok(None));
    }
    for pause_s in [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
        let began = fails(&limits, "ada", HOME, at(now));
        assert_eq!(began, Ok(Some(LockBegan { which: Why::Pair, pause_s })));
        let pause = i64::from(pause_s);
        for (waited, left) in [(0, pause_s), (pause - 1, 1)] {
            let early = begin(&limits, "ada", HOME, "right", at(now + waited));
            assert_eq!(early.unwrap_err(), refused(left, Why::Pair), "{pause_s} {waited}");
        }
        // Others at the same address, and the same login elsewhere, are not paused.
        assert!(begin(&limits, "bob", HOME, "p", at(now)).is_ok());
        assert!(begin(&limits, "ada", ABROAD, "p", at(now)).is_ok());
        now += pause;
    }
}

#[test]
fn a_success_makes_it_forgotten() {
    let limits = limits();
    lock(&limits, HOME);
    succeeds(&limits, "ada", HOME, at(2));
    assert_eq!(limits.pairs.len(), 0);
    lock(&limits, HOME);
}

#[test]
fn an_hour_without_a_failure_makes_it_forgotten() {
    for (after_s, began) in [(3599, Some(LockBegan { which: Why::Pair, pause_s: 8 })), (3600, None)] {
        let limits = limits();
        lock(&limits, HOME);
        let sixth = fails(&limits, "ada", HOME, at(2)).unwrap();
        assert_eq!(sixth, Some(LockBegan { which: Why::Pair, pause_s: 4 }));
        assert_eq!(fails(&limits, "ada", HOME, at(2 + after_s)), Ok(began), "{after_s}");
    }
}

#[test]
fn different_passwords_in_flight_count_as_failures_until_they_are_none() {
    let limits = limits();
    let guess = |number: usize| begin(&limits, "ada", HOME, &format!("guess {number}"), at(0));
    let mut in_flight: Vec<Attempt> = (0..5).map(|number| guess(number).unwrap()).collect();
    assert_eq!(guess(5).unwrap_err(), refused(2, Why::Pair));
    // One that was withdrawn makes room for another.
    in_flight.remove(0).withdrawn();
    in_flight.push(guess(5).unwrap());
    drop(in_flight.remove(0));
    in_flight.push(guess(6).unwrap());
    assert_eq!(guess(7).unwrap_err(), refused(2, Why::Pair));
    let answers: Vec<_> = in_flight.into_iter().map(|attempt| attempt.failed(at(0))).collect();
    assert_eq!(answers, [None, None, None, None, Some(LockBegan { which: Why::Pair, pause_s: 2 })]);
    // After a pause it is one at a time.
    let one = begin(&limits, "ada", HOME, "guess 7", at(2)).unwrap();
    assert_eq!(begin(&limits, "ada", HOME, "guess 8", at(2)).unwrap_err(), refused(2, Why::Pair));
    assert_eq!(one.failed(at(2)), Some(LockBegan { which: Why::Pair, pause_s: 4 }));
    assert_eq!(begin(&limits, "ada", HOME, "guess 8", at(2)).unwrap_err(), refused(4, Why::Pair));
}

#[test]
fn one_password_in_flight_many_times_is_one_guess() {
    let limits = limits();
    let same = |now| begin(&limits, "ada", HOME, "same", at(now));
    let mut in_flight: Vec<Attempt> = (0..200).map(|_| same(0).unwrap()).collect();
    let mut answers: Vec<_> = in_flight.drain(..50).map(|attempt| attempt.failed(at(0))).collect();
    // More may join while the others are on their way.
    in_flight.extend((0..10).map(|_| same(0).unwrap()));
    answers.extend(in_flight.drain(..40).map(|attempt| attempt.failed(at(0))));
    assert_eq!(answers, [None; 90]);
    in_flight.drain(..).for_each(|attempt| attempt.succeeded(at(0)));
    assert_eq!(limits.pairs.len(), 0);
    for _ in 0..4 {
        assert_eq!(fails(&limits, "ada", HOME, at(1)), Ok(None));
    }
    // All of them are in flight when the fifth guess fails: it was counted once.
    let many: Vec<Attempt> = (0..3).map(|_| same(1).unwrap()).collect();
    let answers: Vec<_> = many.into_iter().map(|attempt| attempt.failed(at(1))).collect();
    assert_eq!(answers, [Some(LockBegan { which: Why::Pair, pause_s: 2 }), None, None]);
    assert_eq!(same(2).unwrap_err(), refused(1, Why::Pair));
    assert_eq!(fails(&limits, "ada", HOME, at(3)), Ok(Some(LockBegan { which: Why::Pair, pause_s: 4 })));
}

#[test]
fn an_address_has_a_hundred_failures_and_twenty_a_minute() {
    let limits = limits();
    let fail = |number: u32, now| fails(&limits, &format!("user {number}"), HOME, at(now));
    for number in 0..99 {
        assert_eq!(fail(number, 0), Ok(None), "{number}");
    }
    assert_eq!(fail(99, 0), Ok(Some(LockBegan { which: Why::Address, pause_s: 3 })));
    assert_eq!(fail(100, 0), Err(refused(3, Why::Address)));
    assert_eq!(fail(100, 2), Err(refused(1, Why::Address)));
    // Another address is not concerned, and this one has one failure every three seconds.
    assert_eq!(fails(&limits, "user 100", ABROAD, at(0)), Ok(None));
    assert_eq!(fail(100, 3), Ok(Some(LockBegan { which: Why::Address, pause_s: 3 })));
    assert_eq!(fail(101, 5), Err(refused(1, Why::Address)));
    for number in 0..20 {
        assert_eq!(fail(200 + number, 63).map(|began| began.is_some()), Ok(number == 19), "{number}");
    }
    assert_eq!(fail(300, 63), Err(refused(3, Why::Address)));
}

#[test]
fn successes_neither_fill_nor_empty_the_bucket_of_an_address() {
    let limits = limits();
    for number in 0..99 {
        fails(&limits, &format!("user {number}"), HOME, at(0)).unwrap();
        succeeds(&limits, "mallory", HOME, at(0));
    }
    assert!(fails(&limits, "user 99", HOME, at(0)).unwrap().is_some());
    let refusal = begin(&limits, "mallory", HOME, "right", at(0)).unwrap_err();
    assert_eq!(refusal, refused(3, Why::Address));
}

#[test]
fn attempts_in_flight_of_an_address_are_bounded_and_their_failures_are_owed() {
    let limits = limits();
    let user = |number: usize, now| begin(&limits, &format!("user {number}"), HOME, "p", at(now));
    let in_flight: Vec<Attempt> = (0..256).map(|number| user(number, 0).unwrap()).collect();
    assert_eq!(user(256, 0).unwrap_err(), refused(1, Why::InFlight));
    assert!(begin(&limits, "user", ABROAD, "p", at(0)).is_ok());
    let began: Vec<bool> = in_flight.into_iter().map(|attempt| attempt.failed(at(0)).is_some()).collect();
    assert_eq!(began.iter().filter(|began| **began).count(), 1);
    assert!(began[99]);
    // 156 more failed than were free: their three seconds each are waited for first.
    assert_eq!(user(256, 0).unwrap_err(), refused(157 * 3, Why::Address));
    assert!(user(256, 157 * 3 - 1).is_err() && user(256, 157 * 3).is_ok());
}

#[test]
fn a_refused_or_withdrawn_try_holds_nothing() {
    let limits = limits();
    for number in 0..1000 {
        begin(&limits, &format!("user {number}"), HOME, "p", at(0)).unwrap().withdrawn();
    }
    assert_eq!((limits.buckets.len(), limits.pairs.len(), limits.failures.len()), (0, 0, 0));
    lock(&limits, HOME);
    for _ in 0..1000 {
        assert_eq!(begin(&limits, "ada", HOME, "p", at(0)).unwrap_err(), refused(2, Why::Pair));
    }
    assert!(begin(&limits, "ada", HOME, "p", at(2)).is_ok());
}

#[test]
fn ipv6_addresses_count_by_their_64_bits_and_mapped_ones_are_ipv4() {
    let table = [
        ("2001:db8::1", "2001:db8::ffff:2", true),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ("192.0.2.7", "::ffff:192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false),
        // One that is unknown is another than any that is known.
        ("unknown", "unknown", true),
        ("unknown", "0.0.0.0", false),
        ("unknown", "::", false),
        ("0.0.0.0", "::", false),
    ];
    for (a, b, same) in table {
        let limits = limits();
        lock(&limits, a);
        assert_eq!(begin(&limits, "ada", b, "p", at(0)).is_err(), same, "{a} {b}");
        let [a, b] = [a, b].map(|address| limits.address_code(address.parse().ok()));
        assert_eq!(a == b, same);
    }
}

#[test]
fn accounts_logins_and_nobodies_are_parted() {
    let limits = limits();
    let (login, address, code) = ("ada", HOME.parse().ok(), 1);
    let own = Try { account: AccountId::from_number(1), login, address, code };
    for _ in 0..5 {
        let _ = limits.begin(&own, at(0)).unwrap().failed(at(0));
    }
    assert!(limits.begin(&own, at(0)).is_err());
    for other in [
        Try { account: None, ..own },
        Try { account: AccountId::from_number(2), ..own },
        Try { login: "ad", ..own },
        Try { login: "", ..own },
        Try { address: None, ..own },
    ] {
        assert!(limits.begin(&other, at(0)).is_ok(), "{other:?}");
    }
}

#[test]
fn failures_from_everywhere_delay_a_stranger_and_nobody_at_a_familiar_address() {
    let limits = limits();
    succeeds(&limits, "ada", HOME, at(0));
    let delay = |from: &str| begin(&limits, "ada", from, "right", at(0)).unwrap().delay_ms();
    let mut failed = 0;
    for (failures, delay_ms) in
        [(10, 0), (11, 250), (20, 250), (21, 500), (31, 1000), (41, 2000), (51, 4000), (500, 4000)]
    {
        while failed < failures {
            failed += 1;
            assert_eq!(fails(&limits, "ada", &address(failed), at(0)), Ok(None));
        }
        assert_eq!((delay(ABROAD), delay(HOME)), (delay_ms, 0), "{failures}");
    }
    // Who signs in from abroad is at home there next time.
    succeeds(&limits, "ada", ABROAD, at(0));
    assert_eq!(delay(ABROAD), 0);
    (0..8).for_each(|number| succeeds(&limits, "ada", &address(10_000 + number), at(0)));
    assert_eq!((delay(ABROAD), delay(HOME)), (4000, 4000));
}

#[test]
fn the_same_password_failing_at_once_counts_once_for_a_user_too() {
    let limits = limits();
    for round in 0..3 {
        let from = address(round);
        let many: Vec<_> = (0..30).map(|_| begin(&limits, "ada", &from, "old", at(0)).unwrap()).collect();
        assert_eq!(many.into_iter().filter_map(|attempt| attempt.failed(at(0))).count(), 0);
    }
    assert_eq!(begin(&limits, "ada", ABROAD, "p", at(0)).unwrap().delay_ms(), 0);
}

#[test]
fn a_clock_that_is_set_back_makes_no_lock_longer() {
    let limits = limits();
    for _ in 0..5 {
        fails(&limits, "ada", HOME, at(1_000_000)).unwrap();
    }
    for number in 0..95 {
        fails(&limits, &format!("user {number}"), ABROAD, at(1_000_000)).unwrap();
    }
    let wait = |login, from| begin(&limits, login, from, "p", at(0)).map_or_else(|r| r.retry_after_s, |_| 0);
    assert!(wait("ada", HOME) <= 900);
    assert!(wait("bob", ABROAD) <= (100 + 256) * 3);
    assert!(begin(&limits, "ada", HOME, "p", at(1_000_002)).is_ok());
}

#[test]
fn a_flood_of_addresses_and_logins_is_bounded_and_flushes_no_lock() {
    let limits = Arc::new(Limits::bounded(&SystemIds, [1024; 3]).unwrap());
    succeeds(&limits, "ada", HOME, at(0));
    // A stranger's lock, and the count of a user under attack.
    let taken = (0..7).filter(|n| fails(&limits, "ada", ABROAD, at(n * 8)).is_ok()).count();
    assert_eq!(taken, 7);
    (0..60).for_each(|n| assert_eq!(fails(&limits, "ada", &address(1_000_000 + n), at(20)), Ok(None)));
    let locked = |now| begin(&limits, "ada", ABROAD, "p", at(now)).is_err();
    assert!(locked(49));
    for number in 0..20_000 {
        // Each fails a few times, less than the lock took.
        let (from, login) = (address(number), format!("user {number}"));
        for _ in 0..number % 4 {
            assert_eq!(fails(&limits, &login, &from, at(49)), Ok(None));
        }
        assert!([limits.buckets.len(), limits.pairs.len(), limits.failures.len()].iter().all(|n| *n <= 1024));
    }
    assert!(locked(49));
    assert_eq!(begin(&limits, "ada", &address(2_000_000), "p", at(49)).unwrap().delay_ms(), 4000);
    assert_eq!(begin(&limits, "ada", HOME, "p", at(49)).unwrap().delay_ms(), 0);
    // Only who knows a password makes addresses familiar.
    assert_eq!(limits.familiar.len(), 1);
    (0..5_000).for_each(|n| succeeds(&limits, &format!("user {n}"), &address(n), at(50)));
    assert!(limits.familiar.len() <= 1024);
}

#[test]
fn an_attempt_whose_entry_had_to_make_room_ends_nothing_of_its_successor() {
    let limits = Arc::new(Limits::bounded(&SystemIds, [16; 3]).unwrap());
    let old = begin(&limits, "ada", HOME, "p", at(0)).unwrap();
    // One slot a shard: others take its place, and then the same key is there anew.
    for number in 0..500 {
        let _ = fails(&limits, &format!("user {number}"), &address(number), at(0));
    }
    let new = begin(&limits, "ada", HOME, "p", at(1)).unwrap();
    old.withdrawn();
    let key = new.keys.pair();
    let guesses = |pair: &Pair| table::Entry::harm(pair, at(1));
    assert_eq!(limits.pairs.read(key, guesses), Some(1));
    new.withdrawn();
    assert_eq!(limits.pairs.read(key, guesses), None);
}

#[test]
fn threads_that_guess_at_once_get_no_more_guesses() {
    let limits = limits();
    let verified = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (limits, verified) = (&limits, &verified);
            scope.spawn(move || {
                for round in 0..200 {
                    if let Ok(attempt) = begin(limits, "ada", HOME, &format!("{thread} {round}"), at(0)) {
                        std::thread::yield_now();
                        verified.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        let _ = attempt.failed(at(0));
                    }
                }
            });
        }
    });
    assert_eq!(verified.into_inner(), 5);
}

#[test]
fn nothing_is_shown_or_sent_but_what_it_is_for() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<Limits>();
    is_shared::<Attempt>();
    let limits = limits();
    let attempt = begin(&limits, "ada", HOME, "p", at(0)).unwrap();
    assert_eq!(format!("{limits:?} {attempt:?}"), "Limits { .. } Attempt { delay_ms: 0, .. }");
    let code = limits.code("p");
    assert!(code == limits.code("p") && code != limits.code("P") && code != self::limits().code("p"));
}
