//! Ways around the rules that were tried, one test each.

use super::world::*;
use crate::commands::*;
use crate::delegation::DelegationRefusal::{Escalation, NotManaged};
use crate::scope::Scope;
use crate::words::*;
use crate::{Denial, GrantSpec, Place, Question, Resource, Validity};

/// A site manager of north with orders there, and a user with orders at south whom they also see at north.
fn site() -> (World, UserId, UserId) {
    let mut world = World::new();
    let [north, south] = [world.sites(&["north"]), world.sites(&["south"])];
    let manager = world.user("manager", &[("manager", north.clone()), ("orders", north.clone())]);
    let target = world.user("target", &[("viewer", north), ("orders", south)]);
    (world, manager, target)
}

#[test]
fn a_grant_is_not_carried_over_to_another_retailer() {
    let (world, manager, target) = site();
    let who = world.api(manager);
    let [viewer, orders] = [world.grant(target, 0), world.grant(target, 1)];
    for wider in [world.sites(&["south"]), world.sites(&["north", "south"]), Scope::account()] {
        let asked = world.ask(&who, change(target, viewer, wider, Validity::ALWAYS));
        refused!(asked, Refusal::Delegation(NotManaged { .. }));
    }
    // The grant at south is none that they see: moving it to north would take it from there.
    let moved = change(target, orders, world.sites(&["north"]), Validity::ALWAYS);
    refused!(world.ask(&who, moved), Refusal::Unknown { what: "grant of this user", .. });
    refused!(world.ask(&who, remove(target, orders)), Refusal::Unknown { .. });
}

#[test]
fn a_batch_is_judged_edit_by_edit_and_as_a_whole() {
    let (world, manager, target) = site();
    let who = world.api(manager);
    let (id, north) = (world.grant(target, 0), world.sites(&["north"]));
    let narrower = world.channels("north", &["north-web"]);
    let to = |scope: Scope| GrantEdit::Change { id, scope, validity: Validity::ALWAYS };
    let batch = |edits: Vec<GrantEdit>| {
        let edits = edits.into_iter().map(|e| (target, e)).collect();
        world.ask(&who.at(Some(world.retailer("north")), None), EditGrants { edits })
    };
    assert_eq!(batch(vec![to(narrower.clone()), to(north.clone())]), Ok(()), "changed and changed back");
    assert_eq!(batch(vec![to(narrower.clone()), GrantEdit::Remove(id)]), Ok(()), "changed and removed");
    refused!(batch(vec![GrantEdit::Remove(id), to(north.clone())]), Refusal::Unknown { .. });
    refused!(batch(vec![GrantEdit::Remove(id), GrantEdit::Remove(id)]), Refusal::Unknown { .. });
    // What would be undone in the same command is refused all the same.
    refused!(batch(vec![to(Scope::account()), to(narrower)]), Refusal::Delegation(NotManaged { .. }));
    let next = GrantId::from_number(world.state.counters().grants + 1).unwrap();
    let added = GrantEdit::Add(world.spec("orders", north));
    let widened = GrantEdit::Change { id: next, scope: Scope::account(), validity: Validity::ALWAYS };
    refused!(batch(vec![added, widened]), Refusal::Delegation(NotManaged { .. }));
}

#[test]
fn a_batch_is_all_or_nothing() {
    let (mut world, manager, target) = site();
    let who = world.api(manager);
    let before = world.state.clone();
    let good = (target, GrantEdit::Add(world.spec("orders", world.sites(&["north"]))));
    let bad = (target, GrantEdit::Add(world.spec("orders", world.sites(&["south"]))));
    refused!(world.run(&who, EditGrants { edits: vec![good, bad] }), Refusal::Delegation(_));
    assert!(world.state == before);
}

#[test]
fn an_expired_or_disabled_actor_gives_nothing() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    let ended = GrantSpec { validity: until(NOW.0), ..world.spec("manager", north.clone()) };
    let specs = vec![ended, world.spec("orders", north.clone())];
    let expired = world.user_with("expired", specs);
    let active = world.user("active", &[("manager", north.clone()), ("orders", north.clone())]);
    let target = world.user("target", &[("viewer", north.clone())]);
    let edit = add(target, world.spec("orders", north));
    refused!(world.ask(&world.api(expired), edit.clone()), Refusal::Denied(Denial::Missing { .. }));
    assert_eq!(world.ask(&world.api(active), edit.clone()), Ok(()));
    let operator = world.operator();
    world.run(&operator, DisableUser { id: active }).unwrap();
    assert_eq!(world.ask(&world.api(active), edit), Err(Refusal::Denied(Denial::Inactive)));
}

#[test]
fn a_timed_actor_makes_no_user_who_stays() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    let timed = |w: &World, role| GrantSpec { validity: until(2_000), ..w.spec(role, w.sites(&["north"])) };
    let specs = vec![timed(&world, "manager"), timed(&world, "orders")];
    let temp = world.user_with("temp", specs);
    let who = world.api(temp);
    for role in ["orders", "manager"] {
        let asked = world.ask(&who, create_user("new", vec![world.spec(role, north.clone())]));
        refused!(asked, Refusal::Delegation(NotManaged { permission: "USER_CREATE", .. }));
        assert_eq!(world.ask(&who, create_user("new", vec![timed(&world, role)])), Ok(()));
    }
    // The proof itself ends when the grants behind it do.
    let command = create_user("new", vec![timed(&world, "orders")]);
    let proof = world.state.authorize(&who, command, NOW).unwrap();
    assert_eq!(proof.holds_until(), Some(crate::Instant(2_000)));
}

/// Permissions that an actor holds in another application than the one called from give nothing there.
#[test]
fn a_bound_role_is_given_by_what_is_held_where_one_calls_from() {
    let mut world = World::new();
    world.custom_in("omc_orders", Some(Application::Omc), ORDERS);
    world.custom_in("api_orders", Some(Application::Api), ORDERS);
    let north = world.sites(&["north"]);
    let manager =
        world.user("m@shop.example", &[("retail_director", north.clone()), ("manager", north.clone())]);
    let only_api = world.user("a@shop.example", &[("api_orders", north.clone()), ("manager", north.clone())]);
    let target = world.user("target@shop.example", &[("viewer", north.clone())]);
    let ask = |who, application, role| {
        let who = world.in_application(who, application);
        world.ask(&who, add(target, world.spec(role, north.clone())))
    };
    assert_eq!(ask(manager, Application::Omc, "omc_orders"), Ok(()));
    // They hold it, and are told why that does not count here.
    let asked = ask(manager, Application::Api, "omc_orders");
    refused!(asked, Refusal::Delegation(Escalation { other_than: Some(Application::Api), .. }));
    assert_eq!(ask(only_api, Application::Api, "omc_orders"), Ok(()));
    refused!(ask(only_api, Application::Omc, "omc_orders"), Refusal::Denied(Denial::ApplicationClosed(_)));
}

#[test]
fn what_is_given_works_where_it_was_given_and_nowhere_else() {
    let (mut world, manager, target) = site();
    let who = world.api(manager);
    world.run(&who, add(target, world.spec("orders", world.narrow("north", &["north-1"])))).unwrap();
    let place = |retailer: &str, location: Option<&str>| Place {
        retailer: Some(world.retailer(retailer)),
        location: location.map(|l| world.location(l)),
        channel: None,
    };
    let may =
        |retailer, location| world.allowed(target, "ORDER_UPDATE", "fulfilment", place(retailer, location));
    assert!(may("north", Some("north-1")));
    assert!(!may("north", Some("north-2")));
    // A fulfilment carries a location: an empty one is admitted by All alone.
    assert!(!may("north", None));
    assert!(world.allowed(target, "ORDER_UPDATE", "order", place("north", None)));
    assert!(may("south", Some("south-1")));
    assert!(!may("west", None));
}

#[test]
fn edits_and_grants_are_bounded() {
    let mut world = World::new();
    let operator = world.operator();
    let target = world.user("target", &[("viewer", world.sites(&["north"]))]);
    let edit = |w: &World| (target, GrantEdit::Add(w.spec("viewer", w.sites(&["north"]))));
    refused!(world.ask(&operator, EditGrants { edits: vec![] }), Refusal::Nothing);
    let edits = vec![edit(&world); EditGrants::EDITS_MAX + 1];
    refused!(world.ask(&operator, EditGrants { edits }), Refusal::TooMany { max: EditGrants::EDITS_MAX, .. });
    let grants = |n| vec![world.spec("viewer", world.sites(&["north"])); n];
    let max = EditGrants::OF_USER_MAX;
    assert_eq!(world.ask(&operator, create_user("most", grants(max))), Ok(()));
    let asked = world.ask(&operator, create_user("more", grants(max + 1)));
    refused!(asked, Refusal::TooMany { what: "grants of one user", .. });
    let full = world.user_with("full", grants(max));
    let asked = world.ask(&operator, add(full, world.spec("viewer", world.sites(&["south"]))));
    refused!(asked, Refusal::TooMany { what: "grants of one user", .. });
}

#[test]
fn a_validity_without_an_instant_is_refused() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let target = world.user("target", &[("viewer", world.sites(&["north"]))]);
    let never = Validity { from: Some(crate::Instant(7)), until: Some(crate::Instant(7)) };
    let spec = GrantSpec { validity: never, ..world.spec("viewer", world.sites(&["north"])) };
    refused!(world.ask(&admin, add(target, spec)), Refusal::EmptyValidity);
    let id = world.grant(target, 0);
    refused!(world.ask(&admin, change(target, id, world.sites(&["north"]), never)), Refusal::EmptyValidity);
}

/// Reference data is viewed where it is shared; a thing of which nothing is known is not shared.
#[test]
fn a_thing_that_nobody_can_place_is_admitted_by_the_whole_account_alone() {
    let mut world = World::new();
    world.custom("looker", &["CARRIER_VIEW"]);
    let local = world.user("local", &[("looker", world.sites(&["north"]))]);
    let global = world.user("global", &[("looker", Scope::account())]);
    let permission = world.state.permissions().find("CARRIER_VIEW").unwrap();
    let ask = |user, resource| {
        let question = Question { user, permission, resource, application: None };
        world.state.allows(&question, NOW)
    };
    for name in ["item", "carrier", "setting", "retailer"] {
        let entity = contract().entity(name).unwrap();
        assert!(ask(local, Resource::thing(entity, Place::default())), "{name} that is shared");
        assert!(!ask(local, Resource::unplaced(entity)), "{name} that nobody knows");
        assert!(!ask(local, Resource::thing(entity, Place::default()).unshared()), "{name} unshared");
        assert!(ask(global, Resource::unplaced(entity)), "{name} for the account");
    }
}

/// Seeing a user without grants is not managing them: that is done from the whole account.
#[test]
fn a_user_without_grants_gets_their_first_from_somebody_who_manages_the_account() {
    let mut world = World::new();
    world.custom("seer", &["USER_VIEW"]);
    let bare = world.user("bare", &[]);
    let north = world.sites(&["north"]);
    let grants = [("seer", Scope::account()), ("manager", north.clone()), ("orders", north)];
    let giver = world.user("giver", &grants);
    let give = add(bare, world.spec("orders", world.sites(&["north"])));
    let asked = world.ask(&world.in_application(giver, Application::Api), give);
    refused!(asked, Refusal::Delegation(NotManaged { .. }));
}
