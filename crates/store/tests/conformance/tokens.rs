//! Sessions and tokens: made, found by their secrets, refreshed once, noted, moved and swept.

use access::commands::SignOutUser;
use access::{AccountId, Application, Instant, UserId};
use sql::{Database, SqlError, Value};
use store::{
    CredentialWrite, FoundToken, LINKS_KEPT_S, LinkPurpose, LinkRow, Made, ProviderSession, Refreshed,
    SecretRow, SignInEntry, Store, TokenKind, TokenRow,
};

use crate::Case;
use crate::backends::{integer, row_counts};
use crate::world::{World, id, token_id};

pub(crate) const CASES: &[Case] = &[
    ("a token is found by each of its secrets", found_by_each_secret),
    ("every column of a token", every_column),
    ("one number in two accounts", one_number_in_two_accounts),
    ("as many tokens as they may", as_many_as_they_may),
    ("a refresh token is exchanged once", exchanged_once),
    ("tokens of a user, newest first", tokens_of_a_user),
    ("tokens behind a provider", tokens_behind_a_provider),
    ("last use never goes back", last_use_never_goes_back),
    ("the first use is noted once", first_use_once),
    ("a session moves", a_session_moves),
    ("what is over is swept", what_is_over_is_swept),
    ("a sweep is bounded", a_sweep_is_bounded),
];

/// A session of a user that ends at 10,000, with a fingerprint made of its number.
pub(crate) fn token(number: i64, user: UserId) -> TokenRow {
    TokenRow {
        id: token_id(number),
        user,
        kind: TokenKind::Session,
        application: Application::Omc,
        epoch: 1,
        label: String::new(),
        client: None,
        provider: None,
        retailer: None,
        location: None,
        must_change: false,
        made_at: Instant(1_000),
        expires_at: Instant(10_000),
        seen_at: None,
        address: "192.0.2.7".to_owned(),
        agent: "Browser 1".to_owned(),
    }
}

/// 64 hexadecimal digits.
pub(crate) fn print(number: i64) -> String {
    format!("{:064x}", i128::from(number) * 0x9e37_79b9_7f4a_7c15)
}

pub(crate) fn secret(number: i64) -> SecretRow {
    SecretRow { fingerprint: print(number), is_refresh: false, expires_at: Instant(10_000) }
}

pub(crate) fn refresh(number: i64) -> SecretRow {
    SecretRow { is_refresh: true, expires_at: Instant(20_000), ..secret(number) }
}

pub(crate) fn link(number: i64, user: UserId) -> LinkRow {
    let (purpose, epoch, expires_at) = (LinkPurpose::Reset, 1, Instant(10_000));
    LinkRow { fingerprint: print(number), user, purpose, epoch, expires_at }
}

pub(crate) fn entry(action: &'static str, about: i64) -> SignInEntry {
    SignInEntry {
        at: Instant(about),
        actor: "usr_1".to_owned(),
        application: Some(Application::Omc),
        address: "192.0.2.7".to_owned(),
        action,
        target: token_id(about).to_string(),
        facts: vec![("by", "password".to_owned())],
        revision: access::Revision(1),
    }
}

/// Makes a token with one secret of the same number.
pub(crate) fn add(store: &Store, account: AccountId, token: &TokenRow) {
    let secrets = [secret(token.id.number())];
    assert_eq!(store.add_token(account, token, &secrets, 1_000, &[]), Ok(Made::Yes));
}

/// What a fingerprint of that number opens.
pub(crate) fn found(store: &Store, number: i64) -> Option<FoundToken> {
    store.find_token(&print(number)).unwrap()
}

fn found_by_each_secret(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let head = world.store.head(world.account());
    let pair = TokenRow { kind: TokenKind::Pair, application: Application::Api, ..token(5, ann) };
    let secrets = [secret(50), refresh(51)];
    assert_eq!(world.store.add_token(world.account(), &pair, &secrets, 1, &[]), Ok(Made::Yes));
    for (number, secret) in [50, 51].into_iter().zip(secrets) {
        let (account, token, spent) = (world.account(), pair.clone(), false);
        assert_eq!(found(&world.store, number), Some(FoundToken { account, token, secret, spent }));
    }
    assert_eq!(found(&world.store, 5), None);
    assert_eq!(world.store.find_token(""), Ok(None));
    assert_eq!(world.store.head(world.account()), head, "making a session does not move the head");
    world.check();
}

fn every_column(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let hint = Some("sealed".to_owned());
    let provider = ProviderSession { provider: id(3), subject: "s'1 ü".to_owned(), sid: None, hint };
    let full = TokenRow {
        epoch: 7,
        label: "Nightly \"export\" ü".to_owned(),
        client: Some(id(4)),
        provider: Some(provider),
        retailer: Some(id(5)),
        location: Some(id(6)),
        must_change: true,
        made_at: Instant(-1),
        expires_at: Instant(i64::MAX),
        seen_at: Some(Instant(9)),
        address: "2001:db8::1".to_owned(),
        agent: String::new(),
        ..token(i64::MAX, ann)
    };
    add(&world.store, world.account(), &full);
    let of_ann = || world.store.tokens_of(world.account(), ann).unwrap();
    assert_eq!(of_ann(), [full]);
    for (number, kind) in (10..).zip(TokenKind::ALL) {
        for (more, application) in (0..).zip(Application::ALL) {
            let one = TokenRow { kind, application, ..token(number * 10 + more, ann) };
            add(&world.store, world.account(), &one);
            assert_eq!(found(&world.store, one.id.number()).unwrap().token, one);
        }
    }
    assert_eq!(of_ann().len(), 1 + TokenKind::ALL.len() * Application::ALL.len());
}

fn one_number_in_two_accounts(database: &Database) {
    let mut one = World::new(database);
    let mut two = World::in_store(one.store.clone(), "other shop");
    let (ann, bob) = (one.user("ann", vec![]), two.user("bob", vec![]));
    assert_eq!(ann, bob);
    let made = |world: &World, number| {
        world.store.add_token(world.account(), &token(1, ann), &[secret(number)], 1, &[])
    };
    assert_eq!((made(&one, 1), made(&two, 2)), (Ok(Made::Yes), Ok(Made::Yes)));
    let accounts = [1, 2].map(|number| found(&one.store, number).unwrap().account);
    assert_eq!(accounts, [one.account(), two.account()]);
    one.store.seen(one.account(), &[(token_id(1), Instant(5))]).unwrap();
    assert!(one.store.move_token(one.account(), token_id(1), Some(id(1)), None).unwrap());
    assert_eq!(two.store.tokens_of(two.account(), bob).unwrap(), [token(1, bob)]);
    one.end(ann, &[(1, 10_000)]);
    assert_eq!(found(&one.store, 1), None);
    assert!(found(&two.store, 2).is_some());
}

fn as_many_as_they_may(database: &Database) {
    let mut world = World::new(database);
    let (ann, bob) = (world.user("ann", vec![]), world.user("bob", vec![]));
    let told = [entry("sign_in.succeeded", 1)];
    let add = |token: TokenRow, most| {
        let secrets = [secret(token.id.number())];
        world.store.add_token(world.account(), &token, &secrets, most, &told).unwrap()
    };
    // None of these counts: another user, kind or epoch, or over when the new one is made.
    add(token(1, bob), 9);
    add(TokenRow { kind: TokenKind::LongDuration, ..token(2, ann) }, 9);
    add(TokenRow { epoch: 2, ..token(3, ann) }, 9);
    add(TokenRow { made_at: Instant(1), expires_at: Instant(1_000), ..token(4, ann) }, 9);
    assert_eq!((add(token(5, ann), 2), add(token(6, ann), 2)), (Made::Yes, Made::Yes));
    let counts = row_counts(database);
    assert_eq!((add(token(7, ann), 2), add(token(8, ann), 0)), (Made::TooMany, Made::TooMany));
    assert_eq!(row_counts(database), counts, "nothing is written and nothing is told");
    assert_eq!(add(TokenRow { made_at: Instant(10_000), ..token(9, ann) }, 1), Made::Yes, "all were over");
    assert_eq!(add(TokenRow { made_at: Instant(9_999), ..token(10, ann) }, 2), Made::TooMany);
}

fn exchanged_once(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let (store, account) = (&world.store, world.account());
    let pair = TokenRow { kind: TokenKind::Pair, expires_at: Instant(20_000), ..token(1, ann) };
    assert_eq!(store.add_token(account, &pair, &[secret(10), refresh(11)], 1, &[]), Ok(Made::Yes));
    add(store, account, &token(2, ann));
    let by_access = found(store, 10).unwrap();
    assert_eq!(
        store.refresh_token(&by_access, &[secret(12)], &[]),
        Ok(Refreshed::Reused),
        "no refresh token"
    );
    assert!(found(store, 10).is_some() && found(store, 12).is_none());
    let by_refresh = found(store, 11).unwrap();
    let next = [secret(20), SecretRow { expires_at: Instant(30_000), ..refresh(21) }];
    let told = [entry("token.refreshed", 1)];
    assert_eq!(store.refresh_token(&by_refresh, &next, &told), Ok(Refreshed::Yes));
    assert_eq!(found(store, 10), None, "the old access secret opens nothing");
    let old = found(store, 11).unwrap();
    assert!(old.spent && old.secret == by_refresh.secret, "kept, so that a second use is known");
    let new = [20, 21].map(|number| found(store, number).unwrap());
    assert!(new.iter().all(|new| !new.spent && new.token.id == pair.id));
    assert_eq!(new[0].token, TokenRow { expires_at: Instant(30_000), ..pair.clone() }, "it lives on");
    let counts = row_counts(database);
    for again in [&by_refresh, &old] {
        assert_eq!(store.refresh_token(again, &[secret(22), refresh(23)], &told), Ok(Refreshed::Reused));
    }
    assert_eq!(row_counts(database), counts, "nothing is written and nothing is told");
    assert_eq!(store.refresh_token(&new[1], &[secret(30), refresh(31)], &[]), Ok(Refreshed::Yes));
    let opens = |number: &i64| found(store, *number).is_some_and(|found| !found.spent);
    let numbers = [2, 10, 11, 12, 20, 21, 22, 23, 30, 31];
    assert_eq!(numbers.into_iter().filter(opens).collect::<Vec<_>>(), [2, 30, 31]);
    let found = found(store, 30).unwrap();
    world.end(ann, &[(1, 20_000)]);
    let late = world.store.refresh_token(&new[1], &[secret(40)], &[]);
    assert_eq!((late, found.token.id), (Ok(Refreshed::Reused), token_id(1)), "gone meanwhile");
    assert_eq!(integer(database, "SELECT count(*) FROM token_secret"), 1);
}

fn numbers(tokens: &[TokenRow]) -> Vec<i64> {
    tokens.iter().map(|token| token.id.number()).collect()
}

fn tokens_of_a_user(database: &Database) {
    let mut world = World::new(database);
    let (ann, bob) = (world.user("ann", vec![]), world.user("bob", vec![]));
    for (number, user, made_at) in [(1, ann, 50), (9, ann, 70), (3, bob, 60), (2, ann, 70), (5, ann, -1)] {
        // Those that ended by themselves are among them.
        let (made_at, expires_at) = (Instant(made_at), Instant(made_at + 1));
        add(&world.store, world.account(), &TokenRow { made_at, expires_at, ..token(number, user) });
    }
    let of = |user| numbers(&world.store.tokens_of(world.account(), user).unwrap());
    assert_eq!((of(ann), of(bob), of(id(9))), (vec![2, 9, 1, 5], vec![3], vec![]));
}

fn tokens_behind_a_provider(database: &Database) {
    let mut world = World::new(database);
    let (ann, bob) = (world.user("ann", vec![]), world.user("bob", vec![]));
    let behind = |number, user, provider: u32, subject: &str, sid: Option<&str>| {
        let (subject, sid) = (subject.to_owned(), sid.map(str::to_owned));
        let provider = Some(ProviderSession { provider: id(provider), subject, sid, hint: None });
        add(&world.store, world.account(), &TokenRow { provider, ..token(number, user) });
    };
    behind(9, ann, 1, "sub-a", Some("sid-1"));
    behind(2, ann, 1, "sub-a", Some("sid-2"));
    behind(3, ann, 1, "sub-a", None);
    behind(4, bob, 1, "sub-b", Some("sid-1"));
    behind(5, bob, 2, "sub-a", Some("sid-1"));
    add(&world.store, world.account(), &token(6, ann));
    let other = World::in_store(world.store.clone(), "other shop");
    let of = |world: &World, provider: u32, subject, sid| {
        numbers(&world.store.tokens_of_provider(world.account(), id(provider), subject, sid).unwrap())
    };
    assert_eq!(of(&world, 1, Some("sub-a"), None), [2, 3, 9]);
    assert_eq!(of(&world, 1, None, Some("sid-1")), [4, 9]);
    // A token that does not say of which session it is may be of this one.
    assert_eq!(of(&world, 1, Some("sub-a"), Some("sid-1")), [3, 9]);
    assert_eq!(of(&world, 1, Some("sub-a"), Some("sid-9")), [3]);
    assert_eq!(of(&world, 1, Some("sub-b"), Some("sid-2")), [] as [i64; 0]);
    assert_eq!(of(&world, 2, Some("sub-a"), None), [5]);
    assert_eq!(of(&world, 1, None, None), [] as [i64; 0], "nobody is named");
    assert_eq!(of(&world, 1, Some("SUB-A"), None), [] as [i64; 0]);
    assert_eq!(of(&other, 1, Some("sub-a"), None), [] as [i64; 0]);
}

fn last_use_never_goes_back(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let account = world.account();
    [1, 2, 3].into_iter().for_each(|number| add(&world.store, account, &token(number, ann)));
    let seen = |uses: &[(i64, i64)]| {
        let uses: Vec<_> = uses.iter().map(|(number, at)| (token_id(*number), Instant(*at))).collect();
        world.store.seen(account, &uses).unwrap();
        [1, 2, 3].map(|number| found(&world.store, number).unwrap().token.seen_at.map(|at| at.0))
    };
    assert_eq!(seen(&[]), [None, None, None]);
    assert_eq!(seen(&[(1, 50), (2, 60), (99, 70)]), [Some(50), Some(60), None], "one is gone");
    assert_eq!(seen(&[(1, 49), (2, 61)]), [Some(50), Some(61), None]);
    assert_eq!(seen(&[(2, 80), (2, 70), (1, 50)]), [Some(50), Some(80), None]);
}

fn first_use_once(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let (store, account) = (&world.store, world.account());
    [1, 2].into_iter().for_each(|number| add(store, account, &token(number, ann)));
    let first = |number, at| {
        store.first_seen(account, token_id(number), Instant(at), &entry("token.first_used", number)).unwrap()
    };
    let told =
        || integer(database, "SELECT count(*) FROM audit_entry WHERE action_name = 'token.first_used'");
    assert_eq!((first(1, 50), told()), (true, 1));
    assert_eq!((first(1, 40), first(1, 60), told()), (false, false, 1));
    store.seen(account, &[(token_id(2), Instant(70))]).unwrap();
    assert_eq!((first(2, 80), first(99, 80), told()), (false, false, 1), "used before, and gone");
    let at = [1, 2].map(|number| found(store, number).unwrap().token.seen_at);
    assert_eq!(at, [Some(Instant(50)), Some(Instant(70))]);
}

fn a_session_moves(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let (store, account) = (&world.store, world.account());
    [1, 2].into_iter().for_each(|number| add(store, account, &token(number, ann)));
    for (retailer, location) in [(Some(id(1)), Some(id(7))), (Some(id(2)), None), (None, None)] {
        assert_eq!(store.move_token(account, token_id(1), retailer, location), Ok(true));
        assert_eq!(found(store, 1).unwrap().token, TokenRow { retailer, location, ..token(1, ann) });
    }
    assert_eq!(found(store, 2).unwrap().token, token(2, ann));
    assert_eq!(store.move_token(account, token_id(99), None, None), Ok(false));
}

fn what_is_over_is_swept(database: &Database) {
    let mut world = World::new(database);
    let (ann, bob, cid) = (world.user("ann", vec![]), world.user("bob", vec![]), world.user("cid", vec![]));
    let other = World::in_store(world.store.clone(), "other shop");
    for (user, number, at) in [(bob, 11, 4_999), (cid, 12, 5_000)] {
        let own = LinkRow { expires_at: Instant(at), ..link(number, user) };
        let changeset = world.changeset(&world.state, SignOutUser { id: user }).unwrap();
        world.commit(&changeset, &[CredentialWrite::PutLink(own)]).unwrap();
    }
    let (store, account) = (&world.store, world.account());
    for (number, at) in [(1, 4_999), (2, 5_000), (3, i64::MAX)] {
        let expires_at = Instant(at);
        let secrets = [SecretRow { expires_at, ..secret(number) }];
        store.add_token(account, &TokenRow { expires_at, ..token(number, ann) }, &secrets, 9, &[]).unwrap();
    }
    let secrets = [SecretRow { expires_at: Instant(4_000), ..secret(4) }, refresh(5)];
    let pair = TokenRow { kind: TokenKind::Pair, ..token(4, bob) };
    store.add_token(account, &pair, &secrets, 9, &[]).unwrap();
    add(store, other.account(), &TokenRow { expires_at: Instant(1), ..token(6, ann) });
    let head = store.head(account);
    assert_eq!(store.sweep_tokens(Instant(1)), Ok(0), "what ends at that instant is not over before it");
    assert_eq!(store.sweep_tokens(Instant(5_000)), Ok(2 + 2), "tokens of both accounts, secrets");
    assert_eq!(store.sweep_tokens(Instant(5_000)), Ok(0), "links are known for longer");
    let known = |number| store.owner_of_link(&print(number)).unwrap().is_some();
    assert_eq!((1..=6).filter(|number| found(store, *number).is_some()).collect::<Vec<i64>>(), [2, 3, 5]);
    assert_eq!([11, 12].map(known), [true, true]);
    store.sweep_tokens(Instant(5_000 + LINKS_KEPT_S * 1_000_000)).unwrap();
    assert_eq!([11, 12].map(known), [false, true]);
    assert_eq!(store.head(account), head, "what ended by itself is no change");
}

/// Rows that are over, more than a call deletes: tokens each with a secret, and links.
fn a_sweep_is_bounded(database: &Database) {
    const ROWS: i64 = 2_500;
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    add(&world.store, world.account(), &token(1_000_000, ann));
    fill(database, ROWS);
    let count = |table: &str| integer(database, &format!("SELECT count(*) FROM {table}"));
    let counts = || [count("user_token"), count("token_secret"), count("password_link")];
    assert_eq!(counts(), [ROWS + 1, ROWS + 1, ROWS]);
    for left in [1_500, 500, 0] {
        let before = counts();
        let swept = world.store.sweep_tokens(Instant(5_000)).unwrap();
        assert_eq!(counts(), [left + 1, left + 1, left]);
        let gone: i64 = before.iter().zip(counts()).map(|(before, after)| before - after).sum();
        assert_eq!(i64::try_from(swept), Ok(gone));
    }
    assert_eq!(world.store.sweep_tokens(Instant(5_000)), Ok(0));
    assert_eq!(found(&world.store, 1_000_000).unwrap().token, token(1_000_000, ann));
}

fn fill(database: &Database, rows: i64) {
    let token_columns = [
        "account_id",
        "token_no",
        "user_no",
        "kind",
        "application",
        "epoch",
        "label",
        "must_change",
        "made_at",
        "expires_at",
        "address",
        "agent",
    ];
    let secret_columns =
        ["fingerprint", "account_id", "token_no", "user_no", "is_refresh", "spent", "expires_at"];
    let link_columns =
        ["fingerprint", "account_id", "user_no", "purpose", "epoch", "expires_at", "is_over", "refusal_told"];
    let (one, text) = (|| Value::from(1u32), |text: &str| Value::from(text));
    let token = |n: i64| {
        let mut row = vec![one(), n.into(), one(), text("session"), text("omc"), one(), text("")];
        row.extend([false.into(), 0u32.into(), n.into(), text(""), text("")]);
        row
    };
    let secret =
        |n: i64| vec![text(&print(n)), one(), n.into(), one(), false.into(), false.into(), Value::from(n)];
    let link = |n: i64| {
        let over = n - LINKS_KEPT_S * 1_000_000;
        let mut row = vec![text(&print(n)), one(), Value::from(n), text("reset"), one(), over.into()];
        row.extend([false.into(), false.into()]);
        row
    };
    let write = |tx: &mut sql::Tx<'_>| {
        tx.insert_many("user_token", &token_columns, (1..=rows).map(token))?;
        tx.insert_many("token_secret", &secret_columns, (1..=rows).map(secret))?;
        tx.insert_many("password_link", &link_columns, (1..=rows).map(link))
    };
    database.write::<_, SqlError>(write).unwrap();
}
