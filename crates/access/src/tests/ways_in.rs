//! Identity providers, API clients, how users sign in, and the end of sessions and tokens.

use super::world::*;
use crate::change::{Change, SignIn, UserKind};
use crate::commands::*;
use crate::words::*;
use crate::{Denial, Instant, Snapshot};

fn token(number: i64) -> TokenId {
    TokenId::from_number(number).unwrap()
}

fn epoch(on: &Snapshot, id: UserId) -> u32 {
    on.user(id).unwrap().epoch()
}

#[test]
fn rule_7_providers_and_clients_need_the_permission_account_wide() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let south = world.retailer("south");
    let add = |key: &str| AddClient { r#ref: Ref::parse(key).unwrap(), name: label("ERP"), retailer: south };
    world.run(&admin, save_provider("okta")).unwrap();
    world.run(&admin, add("erp-1")).unwrap();
    let own = world.state.entrances().find_client("erp-1").unwrap().id;
    let provider = world.state.entrances().find_provider("okta").unwrap().id;
    let site = world.user("site", &[("manager", world.sites(&["south"]))]);
    let site = world.api(site);
    let missing = |refusal: Result<(), Refusal>| {
        assert!(matches!(refusal, Err(Refusal::Denied(Denial::Missing { .. }))), "{refusal:?}");
    };
    missing(world.ask(&site, save_provider("other")));
    missing(world.ask(&site, add("erp-2")));
    missing(world.ask(&site, RemoveClient { id: own }));
    missing(world.ask(&site, RemoveProvider { id: provider }));
}

#[test]
fn a_ref_stays_reserved_and_a_provider_in_use_stays() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let provider = world.provider("okta");
    let sso = CreateUser { sign_in: SignIn::Sso(provider), ..create_user("sam@shop.example", vec![]) };
    world.run(&admin, sso).unwrap();
    let sam = world.state.find_user("sam@shop.example").unwrap();
    let remove = RemoveProvider { id: provider };
    let in_use = Refusal::ProviderInUse { provider: "okta".to_owned(), users: 1 };
    assert_eq!(world.ask(&admin, remove.clone()), Err(in_use));
    world.run(&admin, SetSignIn { id: sam, sign_in: SignIn::Password }).unwrap();
    world.run(&admin, remove).unwrap();
    assert!(world.state.entrances().find_provider("okta").is_none());
    assert!(matches!(world.ask(&admin, save_provider("okta")), Err(Refusal::Taken { .. })));
    let again = SetSignIn { id: sam, sign_in: SignIn::Sso(provider) };
    assert!(matches!(world.ask(&admin, again), Err(Refusal::Unknown { .. })));
    assert_ne!(world.provider("azure"), provider, "no number is given twice");
}

#[test]
fn another_way_to_sign_in_ends_what_the_old_one_opened() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let provider = world.provider("okta");
    let id = world.user("pia@shop.example", &[("orders", world.sites(&["north"]))]);
    let before = epoch(&world.state, id);
    for sign_in in [SignIn::Sso(provider), SignIn::Password] {
        world.run(&admin, SetSignIn { id, sign_in }).unwrap();
        assert_eq!(world.state.user(id).unwrap().sign_in(), sign_in);
        assert_eq!(world.state.user(id).unwrap().login(), "pia@shop.example");
        assert_eq!(world.state.grants(id).len(), 1);
    }
    assert_eq!(epoch(&world.state, id), before + 2);
    let own = SetSignIn { id: world.admin, sign_in: SignIn::Sso(provider) };
    assert_eq!(world.ask(&admin, own), Err(Refusal::Oneself));
}

#[test]
fn systems_have_a_password() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let provider = world.provider("okta");
    for kind in [UserKind::System, UserKind::Application] {
        let user = CreateUser { kind, sign_in: SignIn::Sso(provider), ..create_user("erp", vec![]) };
        assert_eq!(world.ask(&admin, user), Err(Refusal::SystemBySso));
    }
    let user = CreateUser { kind: UserKind::Application, ..create_user("till", vec![]) };
    world.run(&admin, user).unwrap();
    let id = world.state.find_user("till").unwrap();
    assert_eq!(world.state.user(id).unwrap().kind(), UserKind::Application);
}

#[test]
fn addresses_are_kept_sorted_and_restrict_one_user() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let id = world.user("erp", &[]);
    let range = |text: &str| AddressRange::parse(text).unwrap();
    let ranges = vec![range("192.0.2.0/24"), range("10.0.0.1"), range("192.0.2.9/24")];
    world.run(&admin, SetAddresses { id, ranges }).unwrap();
    assert_eq!(world.state.entrances().ranges(id), [range("10.0.0.1"), range("192.0.2.0/24")]);
    assert!(world.state.user(id).unwrap().is_restricted());
    assert!(!world.state.user(world.admin).unwrap().is_restricted());
    world.run(&admin, SetAddresses { id, ranges: vec![] }).unwrap();
    assert!(!world.state.user(id).unwrap().is_restricted());
    let own = SetAddresses { id, ranges: vec![] };
    assert_eq!(
        world.ask(&world.api(id), own).unwrap_err(),
        Refusal::Denied(Denial::ApplicationClosed(Application::Api))
    );
    let many = (0..=SetAddresses::RANGES_MAX).map(|n| range(&format!("10.0.{n}.0/24"))).collect();
    assert!(matches!(world.ask(&admin, SetAddresses { id, ranges: many }), Err(Refusal::TooMany { .. })));
}

#[test]
fn a_password_is_reset_by_others_and_changed_by_oneself() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let provider = world.provider("okta");
    let id = world.user("pia@shop.example", &[("orders", world.sites(&["north"]))]);
    let pia = world.api(id);
    let before = epoch(&world.state, id);
    world.run(&admin, ResetPassword { id }).unwrap();
    world.run(&pia, ChangeOwnPassword).unwrap();
    assert_eq!(epoch(&world.state, id), before + 2);
    assert_eq!(world.ask(&admin, ResetPassword { id: world.admin }), Err(Refusal::Oneself));
    let denied = world.ask(&pia, ResetPassword { id: world.admin });
    assert!(matches!(denied, Err(Refusal::Denied(_))), "{denied:?}");
    world.run(&admin, SetSignIn { id, sign_in: SignIn::Sso(provider) }).unwrap();
    assert_eq!(world.ask(&admin, ResetPassword { id }), Err(Refusal::NoPasswordKept));
    assert_eq!(world.ask(&pia, ChangeOwnPassword), Err(Refusal::NoPasswordKept));
}

#[test]
fn a_token_ends_by_its_owner_or_whoever_manages_them() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let id = world.user("pia@shop.example", &[("orders", world.sites(&["north"]))]);
    let other = world.user("olaf@shop.example", &[("orders", world.sites(&["north"]))]);
    let end = |number| EndTokens { user: id, tokens: vec![(token(number), Instant(9_000))] };
    world.run(&world.api(id), end(1)).unwrap();
    world.run(&admin, end(2)).unwrap();
    let denied = world.ask(&world.api(other), end(3));
    assert!(matches!(denied, Err(Refusal::Denied(_))), "{denied:?}");
    assert_eq!([1, 2, 3].map(|number| world.state.has_ended(token(number))), [true, true, false]);
    // Nothing of the user's other sessions changed, and ending again changes nothing.
    let revision = world.state.revision();
    world.run(&admin, end(2)).unwrap();
    assert_eq!((epoch(&world.state, id), world.state.has_ended(token(2))), (1, true));
    assert!(world.state.revision() >= revision);
}

#[test]
fn whoever_may_come_in_no_more_leaves_and_does_nothing_else() {
    let mut world = World::new();
    let id = world.user("pia@shop.example", &[]);
    let outside = world.api(id);
    let one = (token(1), Instant(9_000));
    let denied = world.ask(&outside, EndTokens { user: id, tokens: vec![one] });
    assert!(matches!(denied, Err(Refusal::Denied(_))), "{denied:?}");
    world.run(&outside, Leave { token: Some(one) }).unwrap();
    assert!(world.state.has_ended(one.0));
    world.run(&world.api(world.admin), DisableUser { id }).unwrap();
    let denied = world.ask(&outside, Leave { token: Some((token(2), Instant(9_000))) });
    assert!(matches!(denied, Err(Refusal::Denied(_))), "{denied:?}");
}

#[test]
fn what_is_told_names_both_sides() {
    let mut world = World::new();
    let provider = world.provider("okta");
    let id = world.user("pia@shop.example", &[]);
    let change = Change::UserSignInSet { id, sign_in: SignIn::Sso(provider) };
    let after = world.state.apply(std::slice::from_ref(&change)).unwrap();
    let told = change.tell(&world.state, &after);
    assert_eq!(told.action, "user.sign_in_set");
    assert_eq!(told.before, [("sign_in", "password".to_owned())]);
    assert_eq!(told.after, [("sign_in", "sso by idp_1".to_owned())]);
}
