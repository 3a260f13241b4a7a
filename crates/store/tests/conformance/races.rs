//! Two at once: through one handle here, through two that know nothing of each other where there are such.

use access::{AccountId, Instant, UserId};
use sql::Database;
use std::sync::Barrier;
use store::{AuditVerdict, Made, Refreshed, Store, TokenKind, TokenRow};

use crate::Case;
use crate::backends::integer;
use crate::sign_ins::entries;
use crate::tokens::{entry, found, refresh, secret, token};
use crate::world::{World, open, token_id};

pub(crate) const CASES: &[Case] = &[
    ("tokens made at once", |database| tokens_made(database, database)),
    ("refreshed at once", |database| refreshed(database, database)),
    ("first used at once", |database| first_used(database, database)),
    ("refreshed while it ends", |database| refreshed_while_it_ends(database, database)),
    ("one chain of two stores at once", |database| one_chain(database, database)),
];

/// A named race of two, given an empty database by two handles.
type Race = (&'static str, fn(&Database, &Database));

/// The same on two handles.
pub(crate) const RACES: &[Race] = &[
    ("tokens made at once", tokens_made),
    ("refreshed at once", refreshed),
    ("first used at once", first_used),
    ("refreshed while it ends", refreshed_while_it_ends),
    ("one chain of two stores at once", one_chain),
];

const ROUNDS: i64 = 12;

fn world(database: &Database) -> (World, AccountId, UserId) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let account = world.account();
    (world, account, ann)
}

/// What two threads answer, each with a store of its own, to calls that begin together.
fn at_once<T: Send>(databases: [&Database; 2], call: impl Fn(&Store, i64) -> T + Sync) -> [T; 2] {
    let stores = databases.map(open);
    let begin = Barrier::new(2);
    let run = |at: usize| {
        begin.wait();
        call(&stores[at], i64::try_from(at).unwrap())
    };
    std::thread::scope(|scope| {
        let run = &run;
        let threads = [0, 1].map(|at| scope.spawn(move || run(at)));
        threads.map(|thread| thread.join().unwrap())
    })
}

/// Never more than `most`, and no fewer either: each is asked for by both.
pub(crate) fn tokens_made(one: &Database, two: &Database) {
    const MOST: usize = 5;
    let (world, account, ann) = world(one);
    let made = at_once([one, two], |store, at| {
        let add = |round: i64| {
            let number = at * 1_000 + round + 1;
            let told = [entry("sign_in.succeeded", number)];
            store.add_token(account, &token(number, ann), &[secret(number)], MOST, &told).unwrap()
        };
        (0..ROUNDS).map(add).filter(|made| *made == Made::Yes).count()
    });
    assert_eq!(made.iter().sum::<usize>(), MOST, "{made:?}");
    assert_eq!(world.store.tokens_of(account, ann).unwrap().len(), MOST);
    assert_eq!(entries(&world.store, account).len(), MOST);
}

pub(crate) fn refreshed(one: &Database, two: &Database) {
    let (world, account, ann) = world(one);
    for round in 1..=ROUNDS {
        let pair = TokenRow { kind: TokenKind::Pair, ..token(round, ann) };
        let number = round * 100;
        let secrets = [secret(number), refresh(number + 1)];
        assert_eq!(world.store.add_token(account, &pair, &secrets, 1_000, &[]), Ok(Made::Yes));
        let old = found(&world.store, number + 1).unwrap();
        let answers = at_once([one, two], |store, at| {
            let first = number + 10 * (at + 1);
            let told = [entry("token.refreshed", first)];
            store.refresh_token(&old, &[secret(first), refresh(first + 1)], &told).unwrap()
        });
        let winner = answers.iter().position(|answer| *answer == Refreshed::Yes).unwrap();
        assert_eq!(answers[1 - winner], Refreshed::Reused, "exactly one");
        let opens = |number: &i64| found(&world.store, *number).is_some_and(|found| !found.spent);
        let first = number + 10 * (i64::try_from(winner).unwrap() + 1);
        assert_eq!((number..number + 100).filter(opens).collect::<Vec<_>>(), [first, first + 1]);
    }
    assert_eq!(entries(&world.store, account).len(), usize::try_from(ROUNDS).unwrap());
}

pub(crate) fn first_used(one: &Database, two: &Database) {
    let (world, account, ann) = world(one);
    for round in 1..=ROUNDS {
        world.store.add_token(account, &token(round, ann), &[secret(round)], 1_000, &[]).unwrap();
        let first = at_once([one, two], |store, at| {
            let told = entry("token.first_used", round);
            store.first_seen(account, token_id(round), Instant(50 + at), &told).unwrap()
        });
        let winner = first.iter().position(|first| *first).unwrap();
        assert!(!first[1 - winner], "told once");
        let at = Instant(50 + i64::try_from(winner).unwrap());
        assert_eq!(found(&world.store, round).unwrap().token.seen_at, Some(at));
    }
    let told = entries(&world.store, account);
    assert_eq!(told.len(), usize::try_from(ROUNDS).unwrap());
}

/// Whoever is first, nothing opens the token afterwards.
pub(crate) fn refreshed_while_it_ends(one: &Database, two: &Database) {
    let (mut world, account, ann) = world(one);
    for round in 1..=ROUNDS {
        let pair = TokenRow { kind: TokenKind::Pair, ..token(round, ann) };
        let number = round * 100;
        world.store.add_token(account, &pair, &[secret(number), refresh(number + 1)], 1_000, &[]).unwrap();
        let old = found(&world.store, number + 1).unwrap();
        let other = open(two);
        std::thread::scope(|scope| {
            let refreshing = scope.spawn(|| other.refresh_token(&old, &[secret(number + 2)], &[]).unwrap());
            world.end(ann, &[(round, 20_000)]);
            refreshing.join().unwrap();
        });
        assert_eq!(found(&world.store, number + 2), None, "round {round}");
        assert_eq!(integer(one, "SELECT count(*) FROM token_secret"), 0);
    }
    world.check();
}

/// Nodes of one name share a chain: they wait for each other, and lose nothing.
pub(crate) fn one_chain(one: &Database, two: &Database) {
    let (world, account, _) = world(one);
    at_once([one, two], |store, at| {
        for round in 0..ROUNDS {
            let told = [entry("sign_in.failed", at * 1_000 + round), entry("sign_in.blocked", at)];
            store.tell_sign_ins(account, &told).unwrap();
        }
    });
    let told = entries(&world.store, account);
    let count = 2 * 2 * u64::try_from(ROUNDS).unwrap();
    assert_eq!(told.iter().map(|entry| entry.number).collect::<Vec<_>>(), (1..=count).collect::<Vec<_>>());
    for pair in told.chunks(2) {
        assert_eq!((pair[0].action.as_str(), pair[1].action.as_str()), ("sign_in.failed", "sign_in.blocked"));
    }
    let chain = world.store.sign_in_chain();
    let verdict = world.store.verify_audit(account, &chain, None).unwrap();
    assert!(matches!(verdict, AuditVerdict::Unbroken { entries, .. } if entries == count), "{verdict:?}");
}
