//! Rule 2, ranks; rule 3, the two managers' roles that together lift "for each permission".

use super::world::*;
use crate::commands::*;
use crate::delegation::DelegationRefusal::{Escalation, Managers, Rank};
use crate::scope::Scope;
use crate::words::*;
use crate::{GrantSpec, Validity};

/// An OMC user with that ranked role at north, and with `extra` there.
fn ranked(world: &mut World, login: &str, role: &str, extra: &[&str]) -> UserId {
    let north = world.sites(&["north"]);
    let mut grants = vec![(role, north.clone())];
    grants.extend(extra.iter().map(|r| (*r, north.clone())));
    world.user(login, &grants)
}

#[test]
fn rule_2_only_ranks_equal_to_or_weaker_than_the_givers_best() {
    let mut world = World::new();
    // ADMIN has no rank: it lets rule 1 through, so that rule 2 alone speaks.
    let director = ranked(&mut world, "director@shop.example", "retail_director", &["ADMIN"]);
    let north = world.sites(&["north"]);
    let target = world.user("target@shop.example", &[("viewer", north.clone())]);
    let giver = world.in_application(director, Application::Omc);
    let give = |role: &str| world.ask(&giver, add(target, world.spec(role, north.clone())));
    assert_eq!(give("retail_director"), Ok(()));
    assert_eq!(give("client_viewer"), Ok(()));
    refused!(give("headquarters"), Refusal::Delegation(Rank { rank: 1, own: 3, .. }));
    refused!(give("client_admin"), Refusal::Delegation(Rank { rank: 0, own: 3, .. }));
    let asked =
        world.ask(&giver, create_user("new@shop.example", vec![world.spec("headquarters", north.clone())]));
    refused!(asked, Refusal::Delegation(Rank { .. }));
}

#[test]
fn rule_2_without_a_rank_in_the_roles_application_rule_1_alone_speaks() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    let plain = world.user("plain@shop.example", &[("ADMIN", north.clone())]);
    let director = ranked(&mut world, "director@shop.example", "retail_director", &["ADMIN"]);
    let target = world.user("target@shop.example", &[("viewer", north.clone())]);
    let give = |who, role| {
        let who = world.in_application(who, Application::Omc);
        world.ask(&who, add(target, world.spec(role, north.clone())))
    };
    assert_eq!(give(plain, "client_admin"), Ok(()));
    // A rank of the OMC says nothing about the Store App's.
    assert_eq!(give(director, "vendor_manager"), Ok(()));
}

#[test]
fn rule_2_speaks_when_calling_from_another_application_too() {
    let mut world = World::new();
    let director = ranked(&mut world, "director@shop.example", "retail_director", &["ADMIN"]);
    let target = world.user("target@shop.example", &[("viewer", world.sites(&["north"]))]);
    for application in [Application::Omc, Application::Api] {
        let giver = world.in_application(director, application);
        let asked = world.ask(&giver, add(target, world.spec("headquarters", world.sites(&["north"]))));
        refused!(asked, Refusal::Delegation(Rank { .. }));
    }
}

#[test]
fn rule_2_is_about_changes_too_and_the_best_rank_counts() {
    let mut world = World::new();
    let director = ranked(&mut world, "director@shop.example", "retail_director", &["ADMIN"]);
    let target = world.user("target@shop.example", &[("headquarters", world.sites(&["north"]))]);
    let ask = |world: &World| {
        let giver = world.in_application(director, Application::Omc);
        let narrower = world.channels("north", &["north-web"]);
        let giver = giver.at(Some(world.retailer("north")), None);
        world.ask(&giver, change(target, world.grant(target, 0), narrower, Validity::ALWAYS))
    };
    refused!(ask(&world), Refusal::Delegation(Rank { .. }));
    let operator = world.operator();
    let best = world.spec("client_admin", world.sites(&["west"]));
    world.run(&operator, add(director, best)).unwrap();
    assert_eq!(ask(&world), Ok(()));
}

fn managers(world: &World) -> Vec<GrantSpec> {
    ["ROLE_MANAGER", "USER_MANAGER"].map(|r| world.spec(r, Scope::account())).to_vec()
}

#[test]
fn rule_3_both_managers_at_account_scope_give_what_they_do_not_hold() {
    let mut world = World::new();
    let specs = managers(&world);
    let lifted = world.user_with("lifted@shop.example", specs);
    let target = world.user("target@shop.example", &[("viewer", Scope::account())]);
    let giver = world.api(lifted);
    assert_eq!(world.ask(&giver, add(target, world.spec("orders", Scope::account()))), Ok(()));
    assert_eq!(world.ask(&giver, add(target, world.spec("ADMIN", Scope::account()))), Ok(()));
    assert_eq!(world.ask(&giver, create_role("new", None, ORDERS)), Ok(()));
    assert_eq!(world.ask(&giver, edit_role(world.role("viewer"), ORDERS)), Ok(()));
    assert_eq!(world.ask(&giver, edit_role(world.role("viewer"), &[])), Ok(()));
}

#[test]
fn rule_3_one_manager_alone_or_elsewhere_or_a_copy_lifts_nothing() {
    let mut world = World::new();
    let account = Scope::account;
    let operator = world.operator();
    let copy = CopyRole {
        from: world.role("ROLE_MANAGER"),
        key: RoleKey::parse("copy_of_manager").unwrap(),
        label: label("Copy"),
    };
    world.run(&operator, copy).unwrap();
    let sites = world.sites(&["north", "south", "west"]);
    let givers = [
        world.user("user-manager@shop.example", &[("USER_MANAGER", account())]),
        world.user("at-site@shop.example", &[("USER_MANAGER", account()), ("ROLE_MANAGER", sites)]),
        world.user("copy@shop.example", &[("USER_MANAGER", account()), ("copy_of_manager", account())]),
    ];
    let target = world.user("target", &[("viewer", account())]);
    for giver in givers {
        let asked = world.ask(&world.api(giver), add(target, world.spec("orders", account())));
        refused!(asked, Refusal::Delegation(Escalation { .. }));
    }
}

/// Somebody with every permission of both managers, by copies: a partial giver.
fn partial(world: &mut World) -> crate::Subject {
    let operator = world.operator();
    let account = Scope::account();
    for role in ["ROLE_MANAGER", "USER_MANAGER"] {
        let key = RoleKey::parse(&format!("copy_of_{role}")).unwrap();
        let copy = CopyRole { from: world.role(role), key, label: label("Copy") };
        world.run(&operator, copy).unwrap();
    }
    let grants = [("copy_of_ROLE_MANAGER", account.clone()), ("copy_of_USER_MANAGER", account)];
    let partial = world.user("partial@shop.example", &grants);
    world.api(partial)
}

#[test]
fn rule_3_both_managers_are_given_only_by_a_full_holder() {
    let mut world = World::new();
    let specs = managers(&world);
    let giver = partial(&mut world);
    let lifted = world.user_with("lifted@shop.example", specs.clone());
    let target = world.user("target@shop.example", &[]);
    let both = EditGrants { edits: specs.iter().map(|s| (target, GrantEdit::Add(s.clone()))).collect() };
    let new = create_user("new@shop.example", specs.clone());
    refused!(world.ask(&giver, both.clone()), Refusal::Delegation(Managers));
    refused!(world.ask(&giver, new.clone()), Refusal::Delegation(Managers));
    for full in [lifted, world.admin] {
        assert_eq!(world.ask(&world.api(full), both.clone()), Ok(()));
        assert_eq!(world.ask(&world.api(full), new.clone()), Ok(()));
    }
    // One of them alone is a role like any other; so are both below account scope.
    assert_eq!(world.ask(&giver, add(target, specs[0].clone())), Ok(()));
    let north = world.sites(&["north"]);
    let at_north = specs.iter().map(|s| GrantSpec { scope: north.clone(), ..s.clone() }).collect();
    assert_eq!(world.ask(&giver, create_user("new@shop.example", at_north)), Ok(()));
}

#[test]
fn rule_3_is_not_gone_around_in_two_steps() {
    let mut world = World::new();
    let specs = managers(&world);
    let giver = partial(&mut world);
    let target = world.user("target@shop.example", &[]);
    world.run(&giver, add(target, specs[0].clone())).unwrap();
    refused!(world.ask(&giver, add(target, specs[1].clone())), Refusal::Delegation(Managers));
    // Nor by widening a grant that was given at a site, ...
    let north = GrantSpec { scope: world.sites(&["north"]), ..specs[1].clone() };
    world.run(&giver, add(target, north)).unwrap();
    let widened = change(target, world.grant(target, 1), Scope::account(), Validity::ALWAYS);
    refused!(world.ask(&giver, widened.clone()), Refusal::Delegation(Managers));
    // ... nor by taking one first and giving it back in the same command, ...
    let edits = vec![
        (target, GrantEdit::Remove(world.grant(target, 0))),
        (
            target,
            GrantEdit::Change {
                id: world.grant(target, 1),
                scope: Scope::account(),
                validity: Validity::ALWAYS,
            },
        ),
        (target, GrantEdit::Add(specs[0].clone())),
    ];
    refused!(world.ask(&giver, EditGrants { edits }), Refusal::Delegation(Managers));
    // ... while whoever is as strong may.
    assert_eq!(world.ask(&world.api(world.admin), widened), Ok(()));
}

#[test]
fn rule_3_is_judged_for_each_user_of_a_batch() {
    let mut world = World::new();
    let specs = managers(&world);
    let giver = partial(&mut world);
    let [one, two] = ["one@shop.example", "two@shop.example"].map(|l| world.user(l, &[]));
    let apart = vec![(one, GrantEdit::Add(specs[0].clone())), (two, GrantEdit::Add(specs[1].clone()))];
    assert_eq!(world.ask(&giver, EditGrants { edits: apart.clone() }), Ok(()));
    let mut crossed = apart;
    crossed.push((two, GrantEdit::Add(specs[0].clone())));
    refused!(world.ask(&giver, EditGrants { edits: crossed }), Refusal::Delegation(Managers));
}

#[test]
fn rule_3_a_lift_that_ends_gives_nothing_without_end() {
    let mut world = World::new();
    let timed: Vec<_> =
        managers(&world).into_iter().map(|s| GrantSpec { validity: until(2_000), ..s }).collect();
    let north = world.sites(&["north"]);
    let mut grants = timed.clone();
    grants.push(world.spec("manager", Scope::account()));
    let lifted = world.user_with("lifted@shop.example", grants);
    let target = world.user("target@shop.example", &[("viewer", north.clone())]);
    let giver = world.api(lifted);
    let give = |validity| {
        world.ask(&giver, add(target, GrantSpec { validity, ..world.spec("orders", north.clone()) }))
    };
    assert_eq!(give(until(2_000)), Ok(()));
    refused!(give(Validity::ALWAYS), Refusal::Delegation(Escalation { .. }));
    let asked = world.ask(&giver, create_user("new@shop.example", timed));
    assert_eq!(asked, Ok(()), "as long as their own");
    refused!(world.ask(&giver, create_user("new@shop.example", managers(&world))), Refusal::Delegation(_));
    // A role holds for ever, so its contents ask for a lift without end.
    refused!(world.ask(&giver, create_role("new", None, ORDERS)), Refusal::Delegation(Escalation { .. }));
    let viewer = world.role("viewer");
    refused!(world.ask(&giver, edit_role(viewer, ORDERS)), Refusal::Delegation(Escalation { .. }));
}

#[test]
fn rule_3_the_lift_of_one_half_is_not_extended_by_a_partial_giver() {
    let mut world = World::new();
    let mut specs = managers(&world);
    specs[1].validity = until(2_000);
    let giver = partial(&mut world);
    let target = world.user_with("target@shop.example", specs);
    let id = world.grant(target, 1);
    let longer = change(target, id, Scope::account(), Validity::ALWAYS);
    refused!(world.ask(&giver, longer.clone()), Refusal::Delegation(Managers));
    assert_eq!(world.ask(&world.api(world.admin), longer), Ok(()));
    assert_eq!(world.ask(&giver, remove(target, id)), Ok(()), "taking makes nobody strong");
}
