//! What a token opens, what ends it, and how much is remembered.

use super::*;
use crate::authenticator::tests::*;
use access::change::{Change, Switch};
use access::{AddressRange, ClientId, Number, UserId};
use store::{SecretRow, SystemIds};

use crate::secret::Secret;

const DAY: i64 = 24 * 3600 * S;

fn token(number: i64) -> TokenId {
    TokenId::from_number(number).unwrap()
}

/// What the store has of Ada's token of a kind, made now.
fn found(kind: TokenKind) -> FoundToken {
    let application = if kind == TokenKind::Session { Application::Omc } else { Application::Api };
    let row = TokenRow {
        id: token(1),
        user: user_id(ADA),
        kind,
        application,
        epoch: 7,
        label: String::new(),
        client: None,
        provider: None,
        retailer: None,
        location: None,
        must_change: false,
        made_at: NOW,
        expires_at: Instant(NOW.0 + DAY),
        seen_at: None,
        address: "unknown".into(),
        agent: String::new(),
    };
    let fingerprint = "0".repeat(64);
    let secret = SecretRow { fingerprint, is_refresh: false, expires_at: row.expires_at };
    FoundToken { account: AccountId::from_number(1).unwrap(), token: row, secret, spent: false }
}

fn key(kind: SecretKind) -> Fingerprint {
    Secret::generate(kind, &SystemIds).unwrap().fingerprint()
}

fn at(application: Application, s: i64) -> Shown {
    Shown { application, from: None, now: Instant(NOW.0 + s * S) }
}

/// The session of Ada in a world, remembered.
fn session(world: &World) -> Arc<Remembered> {
    let shown = at(Application::Omc, 0);
    let key = key(SecretKind::Session);
    let authn = &world.authenticator;
    authn
        .remember_token(key, SecretKind::Session, found(TokenKind::Session), &world.snapshot, &shown)
        .unwrap()
}

#[test]
fn limits_of_sessions_have_bounds() {
    let limits = SessionLimits::default();
    assert_eq!(limits.ends(Instant(5)), Instant(12 * 3600 * S + 5));
    assert_eq!(limits.idles_out(Instant(5)), Instant(30 * 60 * S + 5));
    assert_eq!(limits.ends(Instant(i64::MAX)), Instant(i64::MAX), "no overflow");
    let (least, most, all) =
        (SessionLimits::IDLE_S_MIN, SessionLimits::IDLE_S_MAX, SessionLimits::ABSOLUTE_S_MAX);
    for (idle_s, absolute_s) in [(least, least), (most, most), (most, all), (least, all)] {
        assert!(SessionLimits::new(idle_s, absolute_s).is_ok(), "{idle_s} {absolute_s}");
    }
    for (idle_s, absolute_s) in [
        (0, 0),
        (least - 1, all),
        (most + 1, all),
        (least, least - 1),
        (least, all + 1),
        (u32::MAX, u32::MAX),
    ] {
        let error = SessionLimits::new(idle_s, absolute_s).unwrap_err().to_string();
        assert!(error.contains(&idle_s.to_string()) && error.contains("60 s"), "{error}");
    }
}

#[test]
fn each_kind_of_secret_opens_its_own_and_nothing_else() {
    let world = world();
    let opened = |secret: SecretKind, kind: TokenKind, application: Application| {
        let row = TokenRow { application, ..found(kind).token };
        let shown = at(application, 0);
        let found = FoundToken { token: row, ..found(kind) };
        let key = key(secret);
        let token = world.authenticator.remember_token(key, secret, found, &world.snapshot, &shown);
        assert_eq!(token.is_some(), world.authenticator.recall_token(&key, secret, &shown).is_some());
        token.is_some_and(|t| world.authenticator.admit_token(&t, &world.snapshot, &shown).is_ok())
    };
    for secret in SecretKind::ALL {
        for kind in TokenKind::ALL {
            for application in Application::ALL {
                let page = application != Application::Api;
                let right = match (secret, kind) {
                    (SecretKind::Session, TokenKind::Session) => page,
                    (SecretKind::Access, TokenKind::Pair | TokenKind::Access) => !page,
                    (SecretKind::LongDuration, TokenKind::LongDuration) => !page,
                    _ => false,
                };
                assert_eq!(opened(secret, kind, application), right, "{secret:?} {kind:?} {application:?}");
            }
        }
    }
}

#[test]
fn a_remembered_token_opens_no_other_application() {
    let world = world();
    let (key, authn) = (key(SecretKind::Session), &world.authenticator);
    let omc = at(Application::Omc, 0);
    let kind = SecretKind::Session;
    let known = authn.remember_token(key, kind, found(TokenKind::Session), &world.snapshot, &omc).unwrap();
    assert!(authn.recall_token(&key, kind, &at(Application::Api, 0)).is_none(), "a cookie opens no API");
    // Ada may enter the Store App, but this session was not made for it.
    for application in [Application::StoreApp, Application::Api] {
        let refused = authn.admit_token(&known, &world.snapshot, &at(application, 0));
        assert_eq!(refused, Err(AuthnRefusal::Refused), "{application:?}");
    }
    // A text of another kind with the same fingerprint, were there one.
    assert!(authn.recall_token(&key, SecretKind::Link, &omc).is_none());
}

#[test]
fn a_refresh_secret_a_spent_one_and_one_that_is_over_are_not_remembered() {
    let world = world();
    let good = found(TokenKind::Pair);
    let over = |mut found: FoundToken| {
        found.secret.expires_at = NOW;
        found
    };
    let refresh = |mut found: FoundToken| {
        found.secret.is_refresh = true;
        found
    };
    let ended = |mut found: FoundToken| {
        found.token.expires_at = NOW;
        found
    };
    let spent = FoundToken { spent: true, ..good.clone() };
    let shown = at(Application::Api, 0);
    let remember = |found| {
        let key = key(SecretKind::Access);
        world.authenticator.remember_token(key, SecretKind::Access, found, &world.snapshot, &shown).is_some()
    };
    for bad in [over(good.clone()), refresh(good.clone()), ended(good.clone()), spent] {
        assert!(!remember(bad.clone()), "{bad:?}");
    }
    assert!(remember(good.clone()));
    let nobody = TokenRow { user: UserId::from_number(99).unwrap(), ..good.token.clone() };
    assert!(!remember(FoundToken { token: nobody, ..good }));
}

#[test]
fn a_token_is_read_anew_after_its_age_and_ends_when_its_time_comes() {
    let world = world();
    let (key, authn, kind) = (key(SecretKind::Session), &world.authenticator, SecretKind::Session);
    let shown = |s| at(Application::Omc, s);
    let known = authn.remember_token(key, kind, found(TokenKind::Session), &world.snapshot, &shown(0));
    assert!(known.is_some());
    assert!(authn.recall_token(&key, kind, &shown(Tokens::AGE_S_MAX - 1)).is_some());
    assert!(authn.recall_token(&key, kind, &shown(Tokens::AGE_S_MAX)).is_none());
    // Idle: half an hour from the last use that is known, also when the store knows of none.
    let again = |s| authn.remember_token(key, kind, found(TokenKind::Session), &world.snapshot, &shown(s));
    let known = again(29 * 60).unwrap();
    authn.admit_token(&known, &world.snapshot, &shown(29 * 60)).unwrap();
    let known = again(58 * 60).unwrap();
    authn.admit_token(&known, &world.snapshot, &shown(58 * 60)).unwrap();
    assert!(again(88 * 60).is_none());
    // The end in all comes whatever was used.
    let mut used = found(TokenKind::Session);
    used.token.seen_at = Some(Instant(NOW.0 + DAY - S));
    let remember = |s| authn.remember_token(key, kind, used.clone(), &world.snapshot, &shown(s)).is_some();
    assert!(remember(24 * 3600 - 1) && !remember(24 * 3600));
}

#[test]
fn what_is_forgotten_is_read_anew() {
    let world = world();
    let (key, authn, kind) = (key(SecretKind::Session), &world.authenticator, SecretKind::Session);
    let shown = at(Application::Omc, 0);
    authn.remember_token(key, kind, found(TokenKind::Session), &world.snapshot, &shown).unwrap();
    assert!(authn.recall_token(&key, kind, &shown).is_some());
    authn.tokens().forget(&key);
    assert!(authn.recall_token(&key, kind, &shown).is_none());
    authn.tokens().forget(&key);
    let orders: usize = authn.tokens().shards.iter().map(|s| lock(s).order.len()).sum();
    assert_eq!(orders, 0, "the order keeps no key of what is gone");
}

#[test]
fn the_memory_is_bounded_and_the_oldest_go_first() {
    let tokens = Tokens::default();
    let known = session(&world());
    let key = |number: u32| {
        // All in one shard.
        let text = format!("00{number:062x}");
        Fingerprint::from_hex(&text).unwrap()
    };
    let most = u32::try_from(Tokens::REMEMBERED_MAX / Tokens::SHARDS).unwrap();
    for number in 0..most + 10 {
        tokens.put(key(number), known.clone());
        tokens.put(key(number), known.clone());
    }
    let shard = lock(tokens.shards.first().unwrap());
    assert_eq!((shard.tokens.len(), shard.order.len()), (most as usize, most as usize));
    drop(shard);
    assert!(tokens.get(&key(9)).is_none() && tokens.get(&key(10)).is_some());
    assert!(tokens.get(&key(most + 9)).is_some());
}

#[test]
fn uses_are_noted_once_a_minute_and_bounded() {
    let world = world();
    let known = session(&world);
    for s in [0, 1, 30, 59, 61, 90, 130] {
        world.authenticator.admit_token(&known, &world.snapshot, &at(Application::Omc, s)).unwrap();
    }
    let noted: Vec<i64> = world.authenticator.tokens().take_unnoted().iter().map(|n| n.2.0 / S - 1).collect();
    assert_eq!(noted, [59, 130], "a minute of the clock is noted once, but the one that it was made in");
    assert!(world.authenticator.tokens().take_unnoted().is_empty());
    let tokens = Tokens::default();
    for _ in 0..Tokens::UNNOTED_MAX + 5 {
        tokens.note(known.account, token(1), NOW);
    }
    assert_eq!(tokens.take_unnoted().len(), Tokens::UNNOTED_MAX);
}

#[test]
fn every_way_out_ends_a_session_that_is_remembered() {
    let id = user_id(ADA);
    let until = Instant(NOW.0 + DAY);
    let ways = [
        Change::UserSwitched { id, by: Switch::Administrators, on: false },
        Change::UserSwitched { id, by: Switch::Provisioner, on: false },
        Change::UserSignedOut { id },
        Change::UserRemoved { id },
        Change::UserSignInSet { id, sign_in: access::change::SignIn::Sso(provider()) },
        Change::TokenEnded { id: token(1), user: id, at: NOW, until },
    ];
    for way in ways {
        let mut world = world();
        let (known, shown) = (session(&world), at(Application::Omc, 0));
        let who = world.authenticator.admit_token(&known, &world.snapshot, &shown).unwrap();
        world.apply(way.clone());
        let refused = world.authenticator.admit_token(&known, &world.snapshot, &shown);
        assert_eq!(refused, Err(AuthnRefusal::Refused), "{way:?}");
        assert!(!who.is_current(&world.snapshot), "{way:?}");
    }
    // The end of one token is the end of no other.
    let mut world = world();
    let (known, shown) = (session(&world), at(Application::Omc, 0));
    world.apply(Change::TokenEnded { id: token(2), user: id, at: NOW, until });
    assert!(world.authenticator.admit_token(&known, &world.snapshot, &shown).is_ok());
}

#[test]
fn a_token_of_a_client_that_is_gone_opens_nothing() {
    let world = world();
    let mut pair = found(TokenKind::Pair);
    pair.token.client = ClientId::from_number(5);
    let shown = at(Application::Api, 0);
    let (key, kind) = (key(SecretKind::Access), SecretKind::Access);
    let known = world.authenticator.remember_token(key, kind, pair, &world.snapshot, &shown).unwrap();
    assert_eq!(world.authenticator.admit_token(&known, &world.snapshot, &shown), Err(AuthnRefusal::Refused));
}

#[test]
fn a_long_token_needs_the_omc_and_the_api_and_its_addresses_at_every_use() {
    let mut world = world();
    let kind = SecretKind::LongDuration;
    let shown = Shown { from: "10.1.2.3".parse().ok(), ..at(Application::Api, 0) };
    let of = |login| {
        let row = TokenRow { user: user_id(login), ..found(TokenKind::LongDuration).token };
        FoundToken { token: row, ..found(TokenKind::LongDuration) }
    };
    let remember = |world: &World, login| {
        world.authenticator.remember_token(key(kind), kind, of(login), &world.snapshot, &shown).unwrap()
    };
    let (ada, outside) = (remember(&world, ADA), remember(&world, OUTSIDE));
    assert!(world.authenticator.admit_token(&ada, &world.snapshot, &shown).is_ok());
    // Enters the OMC alone.
    let refused = world.authenticator.admit_token(&outside, &world.snapshot, &shown);
    assert_eq!(refused, Err(AuthnRefusal::NotAllowedHere));
    let ranges = vec![AddressRange::parse("10.1.0.0/16").unwrap()];
    world.apply(Change::UserAddressesSet { id: user_id(ADA), ranges });
    assert!(world.authenticator.admit_token(&ada, &world.snapshot, &shown).is_ok());
    let elsewhere = Shown { from: "10.2.0.1".parse().ok(), ..shown };
    let refused = world.authenticator.admit_token(&ada, &world.snapshot, &elsewhere);
    assert_eq!(refused, Err(AuthnRefusal::NotFromHere));
    let grant = world.snapshot.grants(user_id(ADA)).first().unwrap().id;
    world.apply(Change::GrantRemoved { id: grant, user: user_id(ADA) });
    assert_eq!(
        world.authenticator.admit_token(&ada, &world.snapshot, &shown),
        Err(AuthnRefusal::NotAllowedHere)
    );
}

#[test]
fn a_session_of_a_first_password_is_current_nowhere() {
    let world = world();
    let mut first = found(TokenKind::Session);
    first.token.must_change = true;
    let (key, kind, shown) = (key(SecretKind::Session), SecretKind::Session, at(Application::Omc, 0));
    let known = world.authenticator.remember_token(key, kind, first, &world.snapshot, &shown).unwrap();
    let who = world.authenticator.admit_token(&known, &world.snapshot, &shown).unwrap();
    assert!(
        who.must_change() && !who.is_current(&world.snapshot) && who.may_change_password(&world.snapshot)
    );
}
