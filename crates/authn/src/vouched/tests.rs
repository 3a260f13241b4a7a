//! Who is taken at the word of somebody else, and who is not.

use super::*;
use crate::authenticator::tests::*;
use access::change::{Change, Switch};
use access::{AccountId, AddressRange, ClientId, Number, TokenId, UserId};
use store::{LinkPurpose, SecretRow, TokenRow};

fn login(text: &str) -> Login {
    Login::parse(text).unwrap()
}

fn omc() -> Shown {
    Shown { application: Application::Omc, ..SHOWN }
}

#[test]
fn a_provider_vouches_for_its_own_active_users_alone() {
    let mut world = world();
    let ask = |world: &World, who: &str, by: ProviderId, shown: &Shown| {
        world.authenticator.vouched(&world.snapshot, by, &login(who), shown)
    };
    let who = ask(&world, SSO, provider(), &omc()).unwrap();
    assert_eq!((who.user(), who.epoch(), who.must_change()), (Some(user_id(SSO)), 7, false));
    assert!(who.is_current(&world.snapshot) && who.application() == Some(Application::Omc));
    let other = ProviderId::from_number(2).unwrap();
    assert_eq!(ask(&world, SSO, other, &omc()), Err(AuthnRefusal::Refused), "another provider");
    for who in [ADA, DISABLED, DEPROVISIONED, REMOVED, PASSWORDLESS, "nobody@a.example"] {
        assert_eq!(ask(&world, who, provider(), &omc()), Err(AuthnRefusal::Refused), "{who}");
    }
    let id = user_id(SSO);
    let ranges = vec![AddressRange::parse("10.1.0.0/16").unwrap()];
    world.apply(Change::UserAddressesSet { id, ranges });
    assert_eq!(ask(&world, SSO, provider(), &SHOWN), Err(AuthnRefusal::NotFromHere));
    assert!(ask(&world, SSO, provider(), &omc()).is_ok());
    let grant = world.snapshot.grants(id).first().unwrap().id;
    world.apply(Change::GrantRemoved { id: grant, user: id });
    assert_eq!(ask(&world, SSO, provider(), &omc()), Err(AuthnRefusal::NotAllowedHere));
    for by in [Switch::Administrators, Switch::Provisioner] {
        let mut world = self::world();
        world.apply(Change::UserSwitched { id, by, on: false });
        assert_eq!(ask(&world, SSO, provider(), &omc()), Err(AuthnRefusal::Refused), "{by:?}");
    }
}

fn link(login: &str) -> LinkRow {
    LinkRow {
        fingerprint: "0".repeat(64),
        user: user_id(login),
        purpose: LinkPurpose::Reset,
        epoch: 7,
        expires_at: Instant(NOW.0 + 1),
    }
}

#[test]
fn a_link_lets_its_user_set_a_password_and_nothing_else() {
    let mut world = world();
    let linked = |world: &World, link: &LinkRow| world.authenticator.linked(&world.snapshot, link, NOW);
    for login in [ADA, FIRST, PASSWORDLESS] {
        let who = linked(&world, &link(login)).unwrap();
        assert!(who.must_change() && !who.is_current(&world.snapshot), "{login}");
        assert!(who.may_change_password(&world.snapshot) && who.user() == Some(user_id(login)));
    }
    for login in [DISABLED, DEPROVISIONED, REMOVED, SSO] {
        assert_eq!(linked(&world, &link(login)), Err(AuthnRefusal::Refused), "{login}");
    }
    for bad in [
        LinkRow { expires_at: NOW, ..link(ADA) },
        LinkRow { epoch: 6, ..link(ADA) },
        LinkRow { epoch: 8, ..link(ADA) },
        LinkRow { user: UserId::from_number(99).unwrap(), ..link(ADA) },
    ] {
        assert_eq!(linked(&world, &bad), Err(AuthnRefusal::Refused), "{bad:?}");
    }
    // Used, or put out in any other way.
    world.apply(Change::UserSignedOut { id: user_id(ADA) });
    assert_eq!(linked(&world, &link(ADA)), Err(AuthnRefusal::Refused));
    let grant = world.snapshot.grants(user_id(FIRST)).first().unwrap().id;
    world.apply(Change::GrantRemoved { id: grant, user: user_id(FIRST) });
    assert_eq!(linked(&world, &link(FIRST)), Err(AuthnRefusal::NotAllowedHere));
}

fn refresh() -> FoundToken {
    let expires_at = Instant(NOW.0 + 1);
    let token = TokenRow {
        id: TokenId::from_number(3).unwrap(),
        user: user_id(ADA),
        kind: TokenKind::Pair,
        application: Application::Api,
        epoch: 7,
        label: String::new(),
        client: None,
        provider: None,
        retailer: None,
        location: None,
        must_change: false,
        made_at: Instant(0),
        expires_at,
        seen_at: None,
        address: String::new(),
        agent: String::new(),
    };
    let secret = SecretRow { fingerprint: "0".repeat(64), is_refresh: true, expires_at };
    FoundToken { account: AccountId::from_number(1).unwrap(), token, secret, spent: false }
}

#[test]
fn a_refresh_token_is_good_once_for_its_user_while_they_may_come_in() {
    let mut world = world();
    let refreshed = |world: &World, found: &FoundToken, shown: &Shown| {
        world.authenticator.refreshed(&world.snapshot, found, shown)
    };
    let good = refresh();
    let who = refreshed(&world, &good, &SHOWN).unwrap();
    assert_eq!((who.user(), who.token()), (Some(user_id(ADA)), Some(good.token.id)));
    assert!(who.is_current(&world.snapshot));
    let change = |change: fn(&mut FoundToken)| {
        let mut found = refresh();
        change(&mut found);
        found
    };
    for bad in [
        change(|f| f.spent = true),
        change(|f| f.secret.is_refresh = false),
        change(|f| f.secret.expires_at = NOW),
        change(|f| f.token.expires_at = NOW),
        change(|f| f.token.kind = TokenKind::LongDuration),
        change(|f| f.token.epoch = 6),
        change(|f| f.token.client = ClientId::from_number(5)),
        change(|f| f.token.user = user_id(DISABLED)),
        change(|f| f.token.user = user_id(REMOVED)),
        change(|f| f.account = AccountId::from_number(2).unwrap()),
    ] {
        assert_eq!(refreshed(&world, &bad, &SHOWN), Err(AuthnRefusal::Refused), "{bad:?}");
    }
    let ranges = vec![AddressRange::parse("10.1.0.0/16").unwrap()];
    world.apply(Change::UserAddressesSet { id: user_id(ADA), ranges });
    assert_eq!(refreshed(&world, &good, &SHOWN), Err(AuthnRefusal::NotFromHere));
    let grant = world.snapshot.grants(user_id(ADA)).first().unwrap().id;
    world.apply(Change::GrantRemoved { id: grant, user: user_id(ADA) });
    assert_eq!(refreshed(&world, &good, &SHOWN), Err(AuthnRefusal::NotAllowedHere));
    world.apply(Change::TokenEnded {
        id: good.token.id,
        user: user_id(ADA),
        at: NOW,
        until: good.token.expires_at,
    });
    assert_eq!(refreshed(&world, &good, &SHOWN), Err(AuthnRefusal::Refused));
}

#[test]
fn after_ones_own_new_password_one_goes_on_unless_somebody_else_came_between() {
    let mut world = world();
    let id = user_id(ADA);
    let before = world.verify(ADA, RIGHT).unwrap();
    let again = |world: &World| world.authenticator.after_own_password(&before, &world.snapshot);
    assert_eq!(again(&world), Err(AuthnRefusal::Refused), "nothing was changed yet");
    world.apply(Change::UserSignedOut { id });
    let after = again(&world).unwrap();
    assert!(after.is_current(&world.snapshot) && !before.is_current(&world.snapshot));
    assert_eq!((after.epoch(), after.token(), after.must_change()), (8, None, false));
    world.apply(Change::UserSignedOut { id });
    assert_eq!(again(&world), Err(AuthnRefusal::Refused), "put out meanwhile");
}

#[test]
fn in_the_api_one_is_the_same_user_by_no_token() {
    let world = world();
    let found = refresh();
    let who = world.authenticator.refreshed(&world.snapshot, &found, &SHOWN).unwrap();
    let there = world.authenticator.in_api(&who);
    assert_eq!((there.user(), there.epoch(), there.token()), (who.user(), who.epoch(), None));
    assert_eq!(there.application(), Some(Application::Api));
    let operator = Principal::operator(AccountId::from_number(1).unwrap());
    assert_eq!(world.authenticator.in_api(&operator), operator);
}
