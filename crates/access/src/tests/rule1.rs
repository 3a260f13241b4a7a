//! Rule 1: to give, change or take a grant one holds managing and each permission of it, over all of it.

use super::world::*;
use crate::commands::*;
use crate::delegation::DelegationRefusal::{Escalation, NotManaged, TooManyPlaces};
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::words::*;
use crate::{GrantSpec, Subject, Validity};

/// A world with a giver who has these grants, and a user who has `viewer` at their side of the account.
fn giver(grants: impl Fn(&World) -> Vec<GrantSpec>) -> (World, Subject, UserId) {
    let mut world = World::new();
    let specs = grants(&world);
    let giver = world.user_with("giver", specs);
    let target = world.user("target", &[("viewer", world.sites(&["north"]))]);
    let subject = world.api(giver);
    (world, subject, target)
}

#[test]
fn rule_1_giving_needs_user_update_over_the_whole_scope() {
    let (world, giver, target) =
        giver(|w| vec![w.spec("manager", w.sites(&["north"])), w.spec("orders", Scope::account())]);
    assert_eq!(world.ask(&giver, add(target, world.spec("orders", world.sites(&["north"])))), Ok(()));
    for wider in [world.sites(&["south"]), world.sites(&["north", "south"]), Scope::account()] {
        let asked = world.ask(&giver, add(target, world.spec("orders", wider)));
        refused!(asked, Refusal::Delegation(NotManaged { permission: "USER_UPDATE", .. }));
    }
}

#[test]
fn rule_1_giving_needs_each_permission_of_the_role_over_the_whole_scope() {
    let (world, giver, target) = giver(|w| {
        vec![
            w.spec("manager", Scope::account()),
            w.spec("viewer", Scope::account()),
            w.spec("orders", w.sites(&["north"])),
        ]
    });
    let give = |role: &str, scope: Scope| world.ask(&giver, add(target, world.spec(role, scope)));
    assert_eq!(give("viewer", Scope::account()), Ok(()));
    assert_eq!(give("orders", world.sites(&["north"])), Ok(()));
    assert_eq!(give("orders", world.only("north", &["north-1"])), Ok(()));
    let Err(Refusal::Delegation(Escalation { missing, at, .. })) = give("orders", world.sites(&["south"]))
    else {
        panic!("given")
    };
    assert_eq!((missing.as_str(), at.as_str()), ("ORDER_UPDATE", "south"));
}

/// Each permission by one grant: different permissions may come from different grants, each wide enough.
#[test]
fn rule_1_permissions_may_come_from_several_grants_each_wide_enough() {
    let mut world = World::new();
    world.custom("updater", &["ORDER_UPDATE"]);
    let north = world.sites(&["north"]);
    let giver = world.user(
        "giver",
        &[("manager", north.clone()), ("viewer", north.clone()), ("updater", Scope::account())],
    );
    let target = world.user("target", &[("viewer", north.clone())]);
    assert_eq!(world.ask(&world.api(giver), add(target, world.spec("orders", north))), Ok(()));
}

#[test]
fn rule_1_two_grants_never_combine_into_a_third() {
    // ORDER_UPDATE at all channels of north, managing at one channel alone; and the other way round.
    let (world, giver, target) = giver(|w| {
        let web = Scope { channels: w.channels("north", &["north-web"]).channels, ..Scope::account() };
        vec![
            w.spec("manager", Scope::account()),
            w.spec("orders", w.sites(&["north"])),
            w.spec("orders", web),
        ]
    });
    let give = |scope: Scope| world.ask(&giver, add(target, world.spec("orders", scope)));
    assert_eq!(give(world.channels("north", &["north-web"])), Ok(()));
    assert_eq!(give(world.sites(&["north"])), Ok(()));
    // All retailers through the one, all channels through the other: nobody holds both.
    refused!(give(Scope::account()), Refusal::Delegation(Escalation { .. }));
    refused!(give(world.sites(&["north", "south"])), Refusal::Delegation(Escalation { .. }));
}

/// A list is no third thing: each of its places is judged by itself.
#[test]
fn rule_1_each_listed_place_is_judged_by_itself() {
    let (world, giver, target) = giver(|w| {
        vec![
            w.spec("manager", Scope::account()),
            w.spec("orders", w.sites(&["north"])),
            w.spec("orders", w.sites(&["south"])),
        ]
    });
    let give = |scope: Scope| world.ask(&giver, add(target, world.spec("orders", scope)));
    assert_eq!(give(world.sites(&["north", "south"])), Ok(()));
    refused!(give(world.sites(&["north", "south", "west"])), Refusal::Delegation(Escalation { .. }));
}

/// The list of retailers and that of locations are one scope: it admits an order of north fulfilled at a
/// store of south, which neither of the giver's grants does.
#[test]
fn rule_1_a_location_is_judged_beside_every_listed_retailer() {
    let (world, giver, target) = giver(|w| {
        vec![
            w.spec("manager", Scope::account()),
            w.spec("orders", w.only("north", &["north-1"])),
            w.spec("orders", w.only("south", &["south-1"])),
        ]
    });
    let both = IdSet::new([world.location("north-1"), world.location("south-1")]).unwrap();
    let scope = Scope { locations: LocationExtent::Only(both), ..world.sites(&["north", "south"]) };
    let asked = world.ask(&giver, add(target, world.spec("orders", scope)));
    refused!(asked, Refusal::Delegation(Escalation { .. }));
    let mut one_by_one = EditGrants { edits: vec![] };
    for scope in [world.only("north", &["north-1"]), world.only("south", &["south-1"])] {
        one_by_one.edits.push((target, GrantEdit::Add(world.spec("orders", scope))));
    }
    assert_eq!(world.ask(&giver, one_by_one), Ok(()));
}

#[test]
fn rule_1_narrow_is_wider_than_only() {
    let (world, giver, target) = giver(|w| {
        let [narrow, only] = [w.narrow("north", &["north-1"]), w.only("north", &["north-2"])];
        vec![w.spec("manager", w.sites(&["north"])), w.spec("orders", narrow), w.spec("orders", only)]
    });
    let give = |scope: Scope| world.ask(&giver, add(target, world.spec("orders", scope)));
    assert_eq!(give(world.narrow("north", &["north-1"])), Ok(()));
    assert_eq!(give(world.only("north", &["north-1"])), Ok(()));
    assert_eq!(give(world.only("north", &["north-2"])), Ok(()));
    assert_eq!(give(world.only("north", &["north-1", "north-2"])), Ok(()));
    refused!(give(world.narrow("north", &["north-2"])), Refusal::Delegation(Escalation { .. }));
    refused!(give(world.narrow("north", &["north-1", "north-2"])), Refusal::Delegation(Escalation { .. }));
    refused!(give(world.sites(&["north"])), Refusal::Delegation(Escalation { .. }));
}

#[test]
fn rule_1_the_entries_come_with_managing_users() {
    let mut world = World::new();
    world.custom("door", &["OMC_ACCESS", "STOREAPP_ACCESS", "API_ACCESS"]);
    let north = world.sites(&["north"]);
    let giver = world.user("giver", &[("manager", north.clone())]);
    let target = world.user("target@shop.example", &[("viewer", north.clone())]);
    let giver = world.api(giver);
    assert_eq!(world.ask(&giver, add(target, world.spec("door", north))), Ok(()));
    let asked = world.ask(&giver, add(target, world.spec("door", world.sites(&["south"]))));
    refused!(asked, Refusal::Delegation(NotManaged { .. }));
}

#[test]
fn rule_1_a_new_user_needs_user_create_instead() {
    let mut world = World::new();
    world.custom("creator", &["USER_CREATE"]);
    world.custom("updater", &["USER_VIEW", "USER_UPDATE"]);
    let north = world.sites(&["north"]);
    let pair = |role| [(role, north.clone()), ("orders", north.clone())];
    let creator = world.user("creator", &pair("creator"));
    let updater = world.user("updater", &pair("updater"));
    let target = world.user("target", &[("viewer", north.clone())]);
    let (creator, updater) = (world.api(creator), world.api(updater));
    let spec = |scope| world.spec("orders", scope);
    assert_eq!(world.ask(&creator, create_user("new", vec![spec(north.clone())])), Ok(()));
    let wider =
        world.ask(&creator, create_user("new", vec![spec(north.clone()), spec(world.sites(&["south"]))]));
    refused!(wider, Refusal::Delegation(NotManaged { permission: "USER_CREATE", .. }));
    refused!(world.ask(&updater, create_user("new", vec![spec(north.clone())])), Refusal::Denied(_));
    assert_eq!(world.ask(&updater, add(target, spec(north.clone()))), Ok(()));
    refused!(world.ask(&creator, add(target, spec(north.clone()))), Refusal::Denied(_));
    let asked = world.ask(&creator, create_user("new", vec![world.spec("manager", north)]));
    refused!(asked, Refusal::Delegation(Escalation { .. }));
}

#[test]
fn rule_1_a_change_is_judged_by_what_it_adds_and_takes() {
    let mut world = World::new();
    let [north, south] = [world.sites(&["north"]), world.sites(&["south"])];
    let giver = world.user("giver", &[("manager", north.clone()), ("orders", north.clone())]);
    let target = world.user("target", &[("orders", world.sites(&["north", "south"]))]);
    let (giver, id) = (world.api(giver), world.grant(target, 0));
    let to = |scope: Scope| world.ask(&giver, change(target, id, scope, Validity::ALWAYS));
    assert_eq!(to(south.clone()), Ok(()), "taking north asks for north alone");
    refused!(to(north), Refusal::Delegation(NotManaged { .. }));
    refused!(to(world.sites(&["north", "south", "west"])), Refusal::Delegation(NotManaged { .. }));
    refused!(to(Scope::account()), Refusal::Delegation(NotManaged { .. }));
    let narrower =
        Scope { channels: world.channels("north", &["north-web"]).channels, ..world.sites(&["north"]) };
    refused!(to(narrower), Refusal::Delegation(NotManaged { .. }));
    let shorter = change(target, id, world.sites(&["north", "south"]), until(2_000));
    refused!(world.ask(&giver, shorter), Refusal::Delegation(NotManaged { .. }));
}

#[test]
fn rule_1_a_change_adds_every_new_pair_of_places() {
    let mut world = World::new();
    let channels = |w: &World, names: &[&str], stores: &[&str]| Scope {
        channels: w.channels("north", names).channels,
        ..w.only("north", stores)
    };
    let own = channels(&world, &["north-shop"], &["north-2"]);
    let giver = world.user("giver", &[("manager", world.sites(&["north"])), ("orders", own)]);
    let target = world.user("target", &[("orders", channels(&world, &["north-web"], &["north-1"]))]);
    let both = channels(&world, &["north-web", "north-shop"], &["north-1", "north-2"]);
    let subject = world.api(giver).at(Some(world.retailer("north")), None);
    let asked = world.ask(&subject, change(target, world.grant(target, 0), both, Validity::ALWAYS));
    refused!(asked, Refusal::Delegation(Escalation { .. }));
}

#[test]
fn rule_1_taking_needs_what_giving_needs() {
    let (world, giver, target) =
        giver(|w| vec![w.spec("manager", Scope::account()), w.spec("viewer", w.sites(&["north"]))]);
    assert_eq!(world.ask(&giver, remove(target, world.grant(target, 0))), Ok(()));
    let mut world = world;
    let other =
        world.user("other", &[("orders", world.sites(&["north"])), ("viewer", world.sites(&["south"]))]);
    for at in [0, 1] {
        let asked = world.ask(&giver, remove(other, world.grant(other, at)));
        refused!(asked, Refusal::Delegation(Escalation { .. }));
    }
}

#[test]
fn rule_1_the_validity_of_the_givers_grant_contains_the_given_one() {
    let (world, giver, target) = giver(|w| {
        let manager = w.spec("manager", w.sites(&["north"]));
        vec![manager, GrantSpec { validity: until(2_000), ..w.spec("orders", w.sites(&["north"])) }]
    });
    let give = |validity| {
        let spec = GrantSpec { validity, ..world.spec("orders", world.sites(&["north"])) };
        world.ask(&giver, add(target, spec))
    };
    assert_eq!(give(until(2_000)), Ok(()));
    assert_eq!(give(until(1_500)), Ok(()));
    refused!(give(Validity::ALWAYS), Refusal::Delegation(Escalation { .. }));
    refused!(give(until(2_001)), Refusal::Delegation(Escalation { .. }));
    refused!(give(from(500)), Refusal::Delegation(Escalation { .. }));
}

/// Two grants that follow each other in time are two grants.
#[test]
fn rule_1_two_validities_never_combine_into_a_third() {
    let (world, giver, target) = giver(|w| {
        let orders = |validity| GrantSpec { validity, ..w.spec("orders", w.sites(&["north"])) };
        vec![w.spec("manager", w.sites(&["north"])), orders(until(2_000)), orders(from(1_500))]
    });
    let asked = world.ask(&giver, add(target, world.spec("orders", world.sites(&["north"]))));
    refused!(asked, Refusal::Delegation(Escalation { .. }));
}

/// What is past gives nothing away: a grant that began is as good as one that always held.
#[test]
fn rule_1_a_beginning_in_the_past_does_not_bind_the_giver() {
    let (world, giver, target) = giver(|w| {
        let orders = GrantSpec { validity: from(500), ..w.spec("orders", w.sites(&["north"])) };
        vec![w.spec("manager", w.sites(&["north"])), orders]
    });
    assert_eq!(world.ask(&giver, add(target, world.spec("orders", world.sites(&["north"])))), Ok(()));
}

#[test]
fn rule_1_a_grant_that_holds_later_or_has_ended_gives_nothing() {
    for validity in [from(1_001), until(1_000)] {
        let (world, giver, target) = giver(|w| {
            vec![
                w.spec("manager", Scope::account()),
                GrantSpec { validity, ..w.spec("orders", Scope::account()) },
            ]
        });
        let spec = GrantSpec { validity, ..world.spec("orders", world.sites(&["north"])) };
        refused!(world.ask(&giver, add(target, spec)), Refusal::Delegation(Escalation { .. }));
    }
}

#[test]
fn rule_1_a_role_of_every_permission_asks_for_such_a_role() {
    let mut world = World::new();
    let all: Vec<String> = world.state.permissions().names().iter().map(ToString::to_string).collect();
    world.custom("everything", &all.iter().map(String::as_str).collect::<Vec<_>>());
    let north = world.sites(&["north"]);
    let full = world.user("full@shop.example", &[("everything", north.clone())]);
    let every = world.user("every@shop.example", &[("ADMIN", north.clone())]);
    let target = world.user("target@shop.example", &[("viewer", north.clone())]);
    let give = |who, role| world.ask(&world.api(who), add(target, world.spec(role, north.clone())));
    assert_eq!(give(every, "ADMIN"), Ok(()));
    assert_eq!(give(full, "everything"), Ok(()));
    refused!(give(full, "ADMIN"), Refusal::Delegation(Escalation { .. }));
    refused!(give(full, "client_admin"), Refusal::Delegation(Escalation { .. }));
}

#[test]
fn rule_1_only_grants_that_count_in_the_application_called_from_are_the_givers() {
    let mut world = World::new();
    world.custom_in("omc_manager", Some(Application::Omc), &["OMC_ACCESS", "USER_VIEW", "USER_UPDATE"]);
    let north = world.sites(&["north"]);
    let grants = [("omc_manager", north.clone()), ("orders", north.clone())];
    let giver = world.user("giver@shop.example", &grants);
    let target = world.user("target", &[("viewer", north.clone())]);
    let give = |from| {
        let giver = world.in_application(giver, from);
        world.ask(&giver, add(target, world.spec("orders", north.clone())))
    };
    assert_eq!(give(Application::Omc), Ok(()));
    refused!(give(Application::Api), Refusal::Denied(_));
    refused!(give(Application::StoreApp), Refusal::Denied(crate::Denial::ApplicationClosed(_)));
}

/// 150 x 150 places are more than can be judged one by one; the same list below one wide grant is judged at once.
#[test]
fn rule_1_scopes_of_too_many_places_are_refused_unless_one_grant_covers_them() {
    let mut world = World::new();
    let operator = world.operator();
    let north = world.retailer("north");
    for number in 0..150 {
        let key = |kind: &str| Ref::parse(&format!("{kind}{number}")).unwrap();
        let (r#ref, kind) = (key("store"), crate::change::LocationKind::Store);
        world.run(&operator, CreateLocation { retailer: north, r#ref, name: label("S"), kind }).unwrap();
        world.run(&operator, CreateChannel { retailer: north, r#ref: key("web"), name: label("C") }).unwrap();
    }
    let stores =
        IdSet::new(world.state.places().locations().filter(|l| l.retailer == north).map(|l| l.id)).unwrap();
    let webs =
        IdSet::new(world.state.places().channels().filter(|c| c.retailer == north).map(|c| c.id)).unwrap();
    let own = |locations, channels| Scope { locations, channels, ..world.sites(&["north"]) };
    let huge = own(LocationExtent::Only(stores.clone()), Extent::Set(webs.clone()));
    let [first, second] =
        [own(LocationExtent::Only(stores), Extent::All), own(LocationExtent::All, Extent::Set(webs))];
    assert_eq!(huge.units(), None);
    let wide = world.user("wide", &[("manager", Scope::account()), ("orders", first)]);
    let split = world.user("split", &[("manager", Scope::account()), ("viewer", second)]);
    let target = world.user("target", &[("viewer", world.sites(&["north"]))]);
    let spec = world.spec("orders", huge);
    assert_eq!(world.ask(&world.api(wide), add(target, spec.clone())), Ok(()));
    refused!(world.ask(&world.api(split), add(target, spec)), Refusal::Delegation(TooManyPlaces));
}
