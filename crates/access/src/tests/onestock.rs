//! What OneStock's rules say of logins, applications, sites and ranked roles.

use super::world::*;
use crate::catalogue::ModuleLevel;
use crate::change::{SignIn, UserKind};
use crate::commands::*;
use crate::scope::{IdSet, Scope};
use crate::words::*;
use crate::{Denial, Subject, Validity};

#[test]
fn onestock_a_login_never_changes() {
    let mut world = World::new();
    let target = world.user("Target@Shop.Example", &[("viewer", world.sites(&["north"]))]);
    let admin = world.api(world.admin);
    let login = |w: &World| w.state.user(target).unwrap().login();
    assert_eq!(login(&world), "target@shop.example");
    let id = world.grant(target, 0);
    world.run(&admin, EditUser { id: target, profile: profile("Another Name") }).unwrap();
    world.run(&admin, change(target, id, world.sites(&["south"]), until(9_000))).unwrap();
    world.run(&admin, DisableUser { id: target }).unwrap();
    world.run(&admin, EnableUser { id: target }).unwrap();
    world.run(&admin, SignOutUser { id: target }).unwrap();
    world.run(&admin, RemoveUser { id: target }).unwrap();
    assert_eq!(login(&world), "target@shop.example");
    assert_eq!(world.state.find_user("TARGET@shop.example"), Some(target));
}

#[test]
fn onestock_a_login_is_taken_once_without_case_and_stays_reserved_after_removal() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    world.run(&admin, create_user("ann@shop.example", vec![])).unwrap();
    let again = |w: &World, login| w.ask(&admin, create_user(login, vec![]));
    refused!(again(&world, "ann@shop.example"), Refusal::Taken { what: "login", by: "", .. });
    refused!(again(&world, "Ann@SHOP.example"), Refusal::Taken { .. });
    let ann = world.state.find_user("ann@shop.example").unwrap();
    world.run(&admin, RemoveUser { id: ann }).unwrap();
    let Err(Refusal::Taken { by, .. }) = again(&world, "ANN@shop.example") else { panic!("free again") };
    assert!(by.contains("reserved"), "{by}");
}

#[test]
fn onestock_omc_access_needs_an_email_login() {
    let mut world = World::new();
    world.custom("door", &["OMC_ACCESS"]);
    let admin = world.api(world.admin);
    let north = || world.sites(&["north"]);
    for role in ["client_viewer", "ADMIN", "door", "USER_MANAGER"] {
        let asked = world.ask(&admin, create_user("till-7", vec![world.spec(role, north())]));
        assert_eq!(asked, Err(Refusal::OmcNeedsEmail("till-7".into())), "{role}");
        assert_eq!(world.ask(&admin, create_user("a@shop.example", vec![world.spec(role, north())])), Ok(()));
    }
    let vendor = world.spec("vendor", world.only("north", &["north-1"]));
    assert_eq!(world.ask(&admin, create_user("till-7", vec![vendor])), Ok(()));
    let till = world.user("till-7", &[("vendor", world.only("north", &["north-1"]))]);
    let asked = world.ask(&admin, add(till, world.spec("client_viewer", world.sites(&["north"]))));
    assert_eq!(asked, Err(Refusal::OmcNeedsEmail("till-7".into())));
}

#[test]
fn onestock_built_in_roles_are_fixed() {
    let world = World::new();
    let admin = world.api(world.admin);
    for built_in in world.state.contract().built_in_roles() {
        let id = world.role(built_in.key.as_str());
        for who in [&admin, &world.operator()] {
            refused!(world.ask(who, edit_role(id, ORDERS)), Refusal::BuiltInRole(_));
            refused!(world.ask(who, RemoveRole { id }), Refusal::BuiltInRole(_));
        }
    }
}

#[test]
fn onestock_site_access_is_given_only_by_somebody_with_access_to_one_of_the_users_sites() {
    let mut world = World::new();
    let [north, south, west] = ["north", "south", "west"].map(|s| world.sites(&[s]));
    let grants = |sites: &Scope| [("manager", sites.clone()), ("orders", sites.clone())];
    let at_south = world.user("at-south", &grants(&south));
    let both = world.user("both", &grants(&world.sites(&["north", "south"])));
    let target = world.user("target", &[("viewer", north.clone())]);
    let spec = world.spec("orders", south.clone());
    assert_eq!(world.ask(&world.api(both), add(target, spec.clone())), Ok(()));
    // Without sight of the user there is not even that rule to hear of.
    refused!(world.ask(&world.api(at_south), add(target, spec.clone())), Refusal::Denied(Denial::Unseen));
    // Any of the user's sites will do.
    let operator = world.operator();
    world.run(&operator, add(target, world.spec("viewer", west.clone()))).unwrap();
    let west_manager = world.user("at-west", &grants(&west));
    assert_eq!(world.ask(&world.api(west_manager), add(target, world.spec("orders", west))), Ok(()));
    // A user without grants has no sites to share.
    let bare = world.user("bare", &[]);
    let head = world.user("head", &grants(&Scope::account()));
    assert_eq!(world.ask(&world.api(head), add(bare, spec)), Ok(()));
}

/// A batch judges each edit as the ones before it left the user.
#[test]
fn onestock_assign_site_is_refused_where_no_site_is_shared() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    // They share south; once that is taken, nothing.
    let giver =
        world.user("giver", &[("manager", world.sites(&["south"])), ("viewer", world.sites(&["south"]))]);
    let target = world.user("target", &[("viewer", north), ("viewer", world.sites(&["south"]))]);
    let giver = world.api(giver);
    let take_then_give = EditGrants {
        edits: vec![
            (target, GrantEdit::Remove(world.grant(target, 1))),
            (target, GrantEdit::Add(world.spec("viewer", world.sites(&["south"])))),
        ],
    };
    refused!(world.ask(&giver, take_then_give), Refusal::NoSharedSite);
    assert_eq!(
        world.ask(&giver, add(target, world.spec("viewer", world.only("south", &["south-1"])))),
        Ok(())
    );
}

#[test]
fn onestock_one_ranked_role_per_user_application_and_retailer() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let [north, south] = [world.sites(&["north"]), world.sites(&["south"])];
    let target = world.user("target@shop.example", &[("client_viewer", north.clone())]);
    let give = |role: &str, scope: Scope| world.ask(&admin, add(target, world.spec(role, scope)));
    for scope in
        [north.clone(), Scope::account(), world.sites(&["north", "south"]), world.only("north", &["north-1"])]
    {
        refused!(give("customer_service", scope.clone()), Refusal::SecondRankedRole { .. });
        refused!(give("client_viewer", scope), Refusal::SecondRankedRole { .. });
    }
    assert_eq!(give("customer_service", south.clone()), Ok(()));
    assert_eq!(give("vendor", north.clone()), Ok(()), "another application");
    assert_eq!(give("ADMIN", north.clone()), Ok(()), "without a rank");
    let two = vec![world.spec("client_viewer", north.clone()), world.spec("customer_service", north.clone())];
    let asked = world.ask(&admin, create_user("new@shop.example", two));
    refused!(asked, Refusal::SecondRankedRole { .. });
    // By a change of scope, too; and a role is exchanged by taking it first, in one command.
    let second = world.spec("customer_service", south);
    world.run(&admin, add(target, second)).unwrap();
    let widened = change(target, world.grant(target, 1), Scope::account(), Validity::ALWAYS);
    refused!(world.ask(&admin, widened), Refusal::SecondRankedRole { .. });
    let exchange = EditGrants {
        edits: vec![
            (target, GrantEdit::Remove(world.grant(target, 0))),
            (target, GrantEdit::Add(world.spec("customer_service", north))),
        ],
    };
    assert_eq!(world.ask(&admin, exchange), Ok(()));
}

#[test]
fn onestock_password_or_single_sign_on_never_both() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let provider = world.provider("okta");
    for (login, sign_in) in [("p@shop.example", SignIn::Password), ("s@shop.example", SignIn::Sso(provider))]
    {
        let user = CreateUser { sign_in, kind: UserKind::Person, ..create_user(login, vec![]) };
        world.run(&admin, user).unwrap();
        let id = world.state.find_user(login).unwrap();
        assert_eq!(world.state.user(id).unwrap().sign_in(), sign_in);
        // No edit, and no way out and in again, turns the one into the other.
        world.run(&admin, EditUser { id, profile: profile("Edited") }).unwrap();
        world.run(&admin, DisableUser { id }).unwrap();
        world.run(&admin, EnableUser { id }).unwrap();
        assert_eq!(world.state.user(id).unwrap().sign_in(), sign_in);
    }
}

#[test]
fn onestock_disable_ends_every_session_and_enable_gives_none_back() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let id = world.user("target", &[("orders", world.sites(&["north"]))]);
    let epoch = |w: &World| w.state.user(id).unwrap().epoch();
    let start = epoch(&world);
    world.run(&admin, DisableUser { id }).unwrap();
    assert!(epoch(&world) > start);
    let asked = world.ask(&world.api(id), EditUser { id, profile: profile("Me") });
    assert_eq!(asked, Err(Refusal::Denied(Denial::Inactive)));
    let ended = epoch(&world);
    world.run(&admin, EnableUser { id }).unwrap();
    assert_eq!(epoch(&world), ended);
    assert_eq!(world.ask(&world.api(id), EditUser { id, profile: profile("Me") }), Ok(()));
    world.run(&admin, SignOutUser { id }).unwrap();
    assert!(epoch(&world) > ended);
}

#[test]
fn onestock_the_users_page_is_for_those_with_the_users_module() {
    let mut world = World::new();
    let modules = world.state.contract().modules().to_vec();
    let users = modules.iter().find(|m| m.name() == "users").unwrap();
    let level = |w: &World, user, application| users.level(&w.state.held_somewhere(user, application, NOW));
    let mut one = |role: &str| {
        world.user(&format!("{}@shop.example", role.to_lowercase()), &[(role, Scope::account())])
    };
    let ids = ["headquarters", "customer_service", "USER_MANAGER", "api_user"].map(&mut one);
    let omc = ids.map(|id| level(&world, id, Application::Omc));
    assert_eq!(omc, [ModuleLevel::Write, ModuleLevel::None, ModuleLevel::Write, ModuleLevel::None]);
    // Derived from what counts in the application: the API's roles open no page of the OMC.
    assert_eq!(level(&world, ids[0], Application::Api), ModuleLevel::None);
    let operator = world.operator();
    world.run(&operator, DisableUser { id: ids[0] }).unwrap();
    assert_eq!(level(&world, ids[0], Application::Omc), ModuleLevel::None);
}

#[test]
fn onestock_a_set_of_places_is_neither_empty_nor_endless() {
    use crate::scope::IdSetError::{Empty, TooMany};
    let max = IdSet::<LocationId>::COUNT_MAX as u32;
    let ids = |n: u32| (1..=n).filter_map(LocationId::from_number);
    assert_eq!(IdSet::new(ids(0)), Err(Empty));
    assert_eq!(IdSet::new(ids(max)).unwrap().members().len(), max as usize);
    assert_eq!(IdSet::new(ids(max + 1)), Err(TooMany { given: max as usize + 1 }));
}

#[test]
fn a_subject_of_another_account_is_told_nothing() {
    let mut world = World::new();
    let id = world.user("target", &[("viewer", world.sites(&["north"]))]);
    let other = AccountId::from_number(2).unwrap();
    let stranger = Subject::signed_in(other, world.admin, Application::Api);
    let spec = world.spec("viewer", world.sites(&["north"]));
    let denied = Err(Refusal::Denied(Denial::OtherAccount));
    assert_eq!(world.ask(&stranger, add(id, spec)), denied);
    assert_eq!(world.ask(&stranger, DisableUser { id }), denied);
    assert_eq!(world.ask(&stranger, create_role("new", None, &[])), denied);
    assert!(!world.state.sees_user(&stranger, id, NOW));
    assert!(!Denial::OtherAccount.is_visible());
}

#[test]
fn onestock_of_a_ranked_role_that_the_giver_does_not_see_only_that_it_is_there_is_told() {
    let mut world = World::new();
    let (web, shop) = (world.channels("north", &["north-web"]), world.channels("north", &["north-shop"]));
    let giver = world.user("giver@shop.example", &[("retail_director", web.clone())]);
    let giver = world.in_application(giver, Application::Omc);
    let target = world.user("target@shop.example", &[("viewer", web.clone()), ("client_viewer", shop)]);
    let asked = world.ask(&giver, add(target, world.spec("customer_service", web)));
    refused!(&asked, Refusal::SecondRankedRoleElsewhere { application: Application::Omc });
    assert!(!asked.unwrap_err().to_string().contains("client_viewer"));
}
