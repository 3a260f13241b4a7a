//! What OneStock's rules say of places: the active site, the Store App, closed and foreign places.

use super::world::*;
use crate::commands::*;
use crate::scope::{Extent, LocationExtent, Scope};
use crate::words::*;
use crate::{Denial, GrantSpec, Place, Subject, Validity};

#[test]
fn onestock_channels_and_locations_are_changed_only_from_the_grants_site() {
    let mut world = World::new();
    let target = world.user("target", &[("orders", world.channels("north", &["north-web"]))]);
    let admin = world.api(world.admin);
    let id = world.grant(target, 0);
    let to = |scope: Scope| change(target, id, scope, Validity::ALWAYS);
    let [at_north, at_south] = ["north", "south"].map(|s| admin.at(Some(world.retailer(s)), None));
    for scope in [
        world.channels("north", &["north-web", "north-shop"]),
        world.sites(&["north"]),
        Scope {
            channels: world.channels("north", &["north-web"]).channels,
            ..world.only("north", &["north-1"])
        },
    ] {
        assert_eq!(world.ask(&at_north, to(scope.clone())), Ok(()));
        refused!(world.ask(&at_south, to(scope.clone())), Refusal::OtherActiveSite);
        refused!(world.ask(&admin, to(scope.clone())), Refusal::OtherActiveSite);
        assert_eq!(world.ask(&world.operator(), to(scope)), Ok(()));
    }
    let same_places = change(target, id, world.channels("north", &["north-web"]), until(9_000));
    assert_eq!(world.ask(&at_south, same_places), Ok(()), "neither channels nor locations change");
}

/// A vendor manager of north-1, a vendor there, and that vendor manager in the Store App in that store.
fn store() -> (World, UserId, Subject) {
    let mut world = World::new();
    let here = world.only("north", &["north-1"]);
    let manager = world.user("manager", &[("vendor_manager", here.clone())]);
    let vendor = world.user("vendor", &[("vendor", here)]);
    let subject = world.in_application(manager, Application::StoreApp);
    let place = (Some(world.retailer("north")), Some(world.location("north-1")));
    (world, vendor, subject.at(place.0, place.1))
}

#[test]
fn onestock_a_vendor_manager_sees_only_users_with_listed_access_to_the_store_they_are_in() {
    let (mut world, vendor, manager) = store();
    let all = world.user("all", &[("vendor", world.sites(&["north"]))]);
    let other_store = world.user("other", &[("vendor", world.only("north", &["north-2"]))]);
    let not_of_the_app = world.user("clerk", &[("orders", world.only("north", &["north-1"]))]);
    let sees = |who: &Subject, id| world.state.sees_user(who, id, NOW);
    let ids = [vendor, all, other_store, not_of_the_app, manager.user().unwrap()];
    assert_eq!(ids.map(|id| sees(&manager, id)), [true, false, false, false, true]);
    let nowhere = manager.at(Some(world.retailer("north")), None);
    assert_eq!(ids.map(|id| sees(&nowhere, id)), [false, false, false, false, true]);
    // Even whoever sees everybody elsewhere sees in the Store App those of the store alone.
    let admin = world.in_application(world.admin, Application::StoreApp);
    let in_store = admin.at(Some(world.retailer("north")), Some(world.location("north-1")));
    assert_eq!(ids.map(|id| sees(&in_store, id)), [true, false, false, false, true]);
}

#[test]
fn onestock_a_vendor_manager_manages_only_those_they_see() {
    let (mut world, vendor, manager) = store();
    let all = world.user("all", &[("vendor", world.sites(&["north"]))]);
    let mixed = world.user(
        "mixed",
        &[("vendor", world.only("north", &["north-1"])), ("orders", world.only("north", &["north-1"]))],
    );
    assert_eq!(world.ask(&manager, DisableUser { id: vendor }), Ok(()));
    assert_eq!(world.ask(&manager, EditUser { id: vendor, profile: profile("V") }), Ok(()));
    assert_eq!(world.ask(&manager, remove(vendor, world.grant(vendor, 0))), Ok(()));
    refused!(world.ask(&manager, DisableUser { id: all }), Refusal::Denied(Denial::Unseen));
    refused!(world.ask(&manager, remove(all, world.grant(all, 0))), Refusal::Denied(Denial::Unseen));
    refused!(world.ask(&manager, DisableUser { id: mixed }), Refusal::Delegation(_));
    refused!(world.ask(&manager, remove(mixed, world.grant(mixed, 1))), Refusal::NotOfTheStore);
}

#[test]
fn onestock_in_the_store_app_only_its_roles_are_given_only_at_the_store() {
    let (world, vendor, manager) = store();
    let here = world.only("north", &["north-1"]);
    let elsewhere = [
        world.only("north", &["north-2"]),
        world.only("north", &["north-1", "north-2"]),
        world.sites(&["north"]),
        Scope::account(),
    ];
    // The administrator in the Store App is limited like anybody there.
    let admin = world.in_application(world.admin, Application::StoreApp);
    let admin = admin.at(Some(world.retailer("north")), Some(world.location("north-1")));
    for who in [&manager, &admin] {
        let new = |spec: GrantSpec| world.ask(who, create_user("new", vec![spec]));
        for role in ["vendor", "vendor_manager"] {
            assert_eq!(new(world.spec(role, here.clone())), Ok(()), "{role}");
        }
        for scope in &elsewhere {
            refused!(new(world.spec("vendor", scope.clone())), Refusal::NotOfTheStore);
        }
        for role in ["orders", "STORE", "api_user"] {
            refused!(new(world.spec(role, here.clone())), Refusal::NotOfTheStore);
            refused!(world.ask(who, add(vendor, world.spec(role, here.clone()))), Refusal::NotOfTheStore);
        }
    }
    refused!(world.ask(&admin, create_user("bare", vec![])), Refusal::NotOfTheStore);
    assert_eq!(world.ask(&world.api(world.admin), create_user("bare", vec![])), Ok(()));
}

#[test]
fn onestock_in_the_store_app_a_grant_is_not_moved_to_or_from_another_store() {
    let (mut world, vendor, _) = store();
    let manager = world.user("both", &[("vendor_manager", world.only("north", &["north-1", "north-2"]))]);
    let manager = world.in_application(manager, Application::StoreApp);
    let at = |store| manager.at(Some(world.retailer("north")), Some(world.location(store)));
    let id = world.grant(vendor, 0);
    let moved = change(vendor, id, world.only("north", &["north-2"]), Validity::ALWAYS);
    refused!(world.ask(&at("north-1"), moved.clone()), Refusal::NotOfTheStore);
    refused!(world.ask(&at("north-2"), moved), Refusal::Denied(Denial::Unseen));
    let shorter = change(vendor, id, world.only("north", &["north-1"]), until(9_000));
    assert_eq!(world.ask(&at("north-1"), shorter), Ok(()));
}

#[test]
fn nothing_new_is_granted_at_a_closed_place() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let target = world.user("target", &[("orders", world.only("north", &["north-1", "north-2"]))]);
    let (north, south) = (world.retailer("north"), world.retailer("south"));
    let (id, web) = (world.location("north-1"), world.channel("north-web"));
    world.run(&admin, SetLocationOpen { id, open: false }).unwrap();
    world.run(&admin, SetRetailerOpen { id: south, open: false }).unwrap();
    world.run(&admin, SetChannelOpen { id: web, open: false }).unwrap();
    let of_south = |scope: Scope| Scope { retailers: Extent::All, ..scope };
    for closed in [
        world.only("north", &["north-1"]),
        world.narrow("north", &["north-1", "north-2"]),
        world.sites(&["north", "south"]),
        world.channels("north", &["north-web", "north-shop"]),
        of_south(world.only("south", &["south-1"])),
        of_south(world.channels("south", &["south-web"])),
    ] {
        let asked = world.ask(&admin, add(target, world.spec("viewer", closed)));
        refused!(asked, Refusal::Closed { .. });
    }
    assert_eq!(world.ask(&admin, add(target, world.spec("viewer", world.sites(&["north"])))), Ok(()));
    // What was granted before holds, and can be narrowed, cut short and taken; not extended.
    let place = Place { retailer: Some(north), location: Some(id), channel: None };
    assert!(world.allowed(target, "ORDER_VIEW", "fulfilment", place));
    let (grant, both) = (world.grant(target, 0), world.only("north", &["north-1", "north-2"]));
    let admin = admin.at(Some(north), None);
    let to = |scope, validity| world.ask(&admin, change(target, grant, scope, validity));
    assert_eq!(to(world.only("north", &["north-1"]), Validity::ALWAYS), Ok(()));
    assert_eq!(to(world.only("north", &["north-2"]), Validity::ALWAYS), Ok(()));
    assert_eq!(to(both.clone(), until(9_000)), Ok(()));
    refused!(to(world.narrow("north", &["north-1", "north-2"]), Validity::ALWAYS), Refusal::Closed { .. });
    assert_eq!(world.ask(&admin, remove(target, grant)), Ok(()));
    world.run(&admin, change(target, grant, both.clone(), until(9_000))).unwrap();
    let longer = change(target, grant, both, Validity::ALWAYS);
    refused!(world.ask(&admin, longer), Refusal::Closed { .. });
}

#[test]
fn foreign_ids_and_places_of_another_retailer_are_refused() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let target = world.user("target", &[("viewer", world.sites(&["north"]))]);
    let give = |scope: Scope| world.ask(&admin, add(target, world.spec("viewer", scope)));
    let far = 9_999;
    let unknown = [
        (Scope::retailer(RetailerId::from_number(far).unwrap()), "retailer"),
        (
            Scope { locations: LocationExtent::Only(one(LocationId::from_number(far))), ..Scope::account() },
            "location",
        ),
        (Scope { channels: Extent::Set(one(ChannelId::from_number(far))), ..Scope::account() }, "channel"),
    ];
    for (scope, what) in unknown {
        let Err(Refusal::Unknown { what: named, .. }) = give(scope) else { panic!("given") };
        assert_eq!(named, what);
    }
    let of = |scope: Scope| Scope { retailers: world.sites(&["north"]).retailers, ..scope };
    refused!(give(of(world.only("south", &["south-1"]))), Refusal::OutsideScope { what: "location", .. });
    refused!(
        give(of(world.channels("south", &["south-web"]))),
        Refusal::OutsideScope { what: "channel", .. }
    );
    let both = world.sites(&["north", "south"]).retailers;
    let unlisted = Scope { retailers: both, ..world.only("north", &["north-1"]) };
    refused!(give(unlisted), Refusal::NothingListed(..));
    let number = GrantId::from_number(far).unwrap();
    refused!(world.ask(&admin, remove(target, number)), Refusal::Unknown { .. });
    let other = world.user("other", &[("viewer", world.sites(&["north"]))]);
    let theirs = world.grant(other, 0);
    refused!(world.ask(&admin, remove(target, theirs)), Refusal::Unknown { .. });
    let moved = change(target, theirs, Scope::account(), Validity::ALWAYS);
    refused!(world.ask(&admin, moved), Refusal::Unknown { .. });
}

fn one<T: Number>(id: Option<T>) -> crate::IdSet<T> {
    crate::IdSet::one(id.unwrap())
}
