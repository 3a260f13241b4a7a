//! Rule 5, who manages a user; rule 6, the last administrator; rule 7, the operator.

use super::world::*;
use crate::commands::*;
use crate::delegation::DelegationRefusal::{Elsewhere, Escalation, Managers, NotManaged};
use crate::scope::Scope;
use crate::words::*;
use crate::{Denial, GrantSpec, Subject, Validity};

/// Profile, status (both ways), sessions and existence: what rule 5 guards.
fn every_way(world: &World, who: &Subject, id: UserId) -> Vec<Result<(), Refusal>> {
    vec![
        world.ask(who, EditUser { id, profile: profile("New Name") }),
        world.ask(who, DisableUser { id }),
        world.ask(who, EnableUser { id }),
        world.ask(who, SignOutUser { id }),
        world.ask(who, RemoveUser { id }),
    ]
}

#[test]
fn rule_5_a_user_is_managed_only_by_somebody_who_could_have_given_every_grant() {
    let mut world = World::new();
    let [north, south] = [world.sites(&["north"]), world.sites(&["south"])];
    let able = world.user("able", &[("manager", north.clone()), ("orders", north.clone())]);
    let weak = world.user("weak", &[("manager", north.clone()), ("viewer", north.clone())]);
    let wide = world.user("wide", &[("manager", Scope::account()), ("orders", north.clone())]);
    let target = world.user("target", &[("orders", north.clone())]);
    assert_eq!(every_way(&world, &world.api(able), target), vec![Ok(()); 5]);
    for asked in every_way(&world, &world.api(weak), target) {
        refused!(asked, Refusal::Delegation(Escalation { .. }));
    }
    let second = world.spec("viewer", south);
    let operator = world.operator();
    world.run(&operator, add(target, second)).unwrap();
    // One grant out of reach is enough; where it is, is told only to somebody who may see it.
    for asked in every_way(&world, &world.api(able), target) {
        assert_eq!(asked, Err(Refusal::Delegation(Elsewhere)));
    }
    for asked in every_way(&world, &world.api(wide), target) {
        refused!(asked, Refusal::Delegation(Escalation { .. }));
    }
}

#[test]
fn rule_5_a_user_who_may_not_be_seen_does_not_exist() {
    let mut world = World::new();
    let manager = world.user("manager", &[("manager", world.sites(&["north"]))]);
    let target = world.user("target", &[("viewer", world.sites(&["south"]))]);
    let nobody = UserId::from_number(99).unwrap();
    let spec = world.spec("viewer", world.sites(&["north"]));
    for id in [target, nobody] {
        let mut answers = every_way(&world, &world.api(manager), id);
        answers.push(world.ask(&world.api(manager), add(id, spec.clone())));
        assert_eq!(answers, vec![Err(Refusal::Denied(Denial::Unseen)); 6], "{id}");
    }
}

#[test]
fn rule_5_users_without_grants_are_managed_from_account_scope() {
    let mut world = World::new();
    let site = world.user("site", &[("manager", world.sites(&["north", "south", "west"]))]);
    let head = world.user("head", &[("manager", Scope::account())]);
    let target = world.user("target", &[]);
    assert_eq!(every_way(&world, &world.api(head), target), vec![Ok(()); 5]);
    assert_eq!(every_way(&world, &world.api(site), target), vec![Err(Refusal::Denied(Denial::Unseen)); 5]);
    assert_eq!(world.ask(&world.api(head), create_user("new", vec![])), Ok(()));
    refused!(
        world.ask(&world.api(site), create_user("new", vec![])),
        Refusal::Denied(Denial::Missing { .. })
    );
}

/// A manager whose own access ends cannot manage somebody who stays.
#[test]
fn rule_5_asks_for_the_validity_of_the_grants_too() {
    let mut world = World::new();
    let timed =
        |w: &World, role, end| GrantSpec { validity: until(end), ..w.spec(role, w.sites(&["north"])) };
    let specs = vec![timed(&world, "manager", 2_000), timed(&world, "orders", 2_000)];
    let manager = world.user_with("manager", specs);
    let stays = world.user("stays", &[("orders", world.sites(&["north"]))]);
    let specs = vec![timed(&world, "orders", 1_500)];
    let leaves = world.user_with("leaves", specs);
    assert_eq!(every_way(&world, &world.api(manager), leaves), vec![Ok(()); 5]);
    for asked in every_way(&world, &world.api(manager), stays) {
        refused!(asked, Refusal::Delegation(NotManaged { .. }));
    }
}

/// Rule 3 in rule 5: whoever could give each half alone could not have given both.
#[test]
fn rule_5_a_holder_of_both_managers_is_managed_by_somebody_as_strong() {
    let mut world = World::new();
    let account = Scope::account();
    let operator = world.operator();
    for role in ["ROLE_MANAGER", "USER_MANAGER"] {
        let key = RoleKey::parse(&format!("copy_of_{role}")).unwrap();
        let copy = CopyRole { from: world.role(role), key, label: label("Copy") };
        world.run(&operator, copy).unwrap();
    }
    let copies = [("copy_of_ROLE_MANAGER", account.clone()), ("copy_of_USER_MANAGER", account.clone())];
    let partial = world.user("partial@shop.example", &copies);
    let both = [("ROLE_MANAGER", account.clone()), ("USER_MANAGER", account.clone())];
    let target = world.user("target@shop.example", &both);
    let equal = world.user("equal@shop.example", &both);
    for asked in every_way(&world, &world.api(partial), target) {
        refused!(asked, Refusal::Delegation(Managers));
    }
    for strong in [equal, world.admin] {
        assert_eq!(every_way(&world, &world.api(strong), target), vec![Ok(()); 5]);
    }
    let half = world.user("half@shop.example", &both[..1]);
    assert_eq!(every_way(&world, &world.api(partial), half), vec![Ok(()); 5]);
}

#[test]
fn rule_5_nobody_changes_their_own_grants_or_status_but_their_profile() {
    let mut world = World::new();
    let operator = world.operator();
    let second = world.spec("orders", world.sites(&["north"]));
    world.run(&operator, add(world.admin, second.clone())).unwrap();
    let (admin, id) = (world.api(world.admin), world.admin);
    let grant = world.grant(id, 1);
    for edit in [add(id, second), remove(id, grant), change(id, grant, Scope::account(), Validity::ALWAYS)] {
        refused!(world.ask(&admin, edit), Refusal::Oneself);
    }
    let ways = every_way(&world, &admin, id);
    let own = |r: &Result<(), Refusal>| *r == Err(Refusal::Oneself);
    assert_eq!(ways.iter().map(own).collect::<Vec<_>>(), [false, true, true, false, true]);
    assert_eq!((&ways[0], &ways[3]), (&Ok(()), &Ok(())));
    let plain = world.user("plain", &[("viewer", world.sites(&["north"]))]);
    let name = EditUser { id: plain, profile: profile("Their Own") };
    assert_eq!(world.ask(&world.api(plain), name.clone()), Ok(()));
    assert_eq!(world.ask(&world.api(plain), SignOutUser { id: plain }), Ok(()));
    let other = world.user("other", &[("viewer", world.sites(&["north"]))]);
    refused!(world.ask(&world.api(other), name), Refusal::Denied(Denial::Unseen));
}

#[test]
fn rule_5_a_removed_user_stays_removed() {
    let mut world = World::new();
    let target = world.user("target", &[("viewer", world.sites(&["north"]))]);
    let admin = world.api(world.admin);
    world.run(&admin, RemoveUser { id: target }).unwrap();
    assert_eq!(world.state.grants(target), vec![]);
    assert_eq!(every_way(&world, &admin, target), vec![Err(Refusal::Removed); 5]);
    let spec = world.spec("viewer", world.sites(&["north"]));
    refused!(world.ask(&admin, add(target, spec)), Refusal::Removed);
}

/// Ways in which the only administrator could be lost, by the operator, who is bound by this rule alone.
fn losses(world: &World, grant: GrantId) -> Vec<(&'static str, Result<(), Refusal>)> {
    let (who, id) = (world.operator(), world.admin);
    let changed = |scope, validity| world.ask(&who, change(id, grant, scope, validity));
    vec![
        ("removed", world.ask(&who, RemoveUser { id })),
        ("disabled", world.ask(&who, DisableUser { id })),
        ("emptied", world.ask(&who, remove(id, grant))),
        ("expired", changed(Scope::account(), until(500))),
        ("with an end", changed(Scope::account(), until(1_000_000))),
        ("with a beginning", changed(Scope::account(), from(2_000))),
        ("narrowed", changed(world.sites(&["north", "south", "west"]), Validity::ALWAYS)),
    ]
}

#[test]
fn rule_6_and_7_the_last_administrator_cannot_be_lost_even_by_the_operator() {
    let mut world = World::new();
    let grant = world.grant(world.admin, 0);
    for (how, asked) in losses(&world, grant) {
        assert_eq!(asked, Err(Refusal::LastAdministrator), "{how}");
    }
    // Neither a disabled second one, nor one with an end, nor one at a site, makes the first dispensable.
    let second = world.user("second@shop.example", &[("ADMIN", Scope::account())]);
    let operator = world.operator();
    world.run(&operator, DisableUser { id: second }).unwrap();
    let timed = GrantSpec { validity: until(1_000_000), ..world.spec("ADMIN", Scope::account()) };
    world.user_with("third@shop.example", vec![timed]);
    world.user("fourth@shop.example", &[("ADMIN", world.sites(&["north"]))]);
    for (how, asked) in losses(&world, grant) {
        assert_eq!(asked, Err(Refusal::LastAdministrator), "{how}");
    }
    world.run(&operator, EnableUser { id: second }).unwrap();
    for (how, asked) in losses(&world, grant) {
        assert_eq!(asked, Ok(()), "{how}");
    }
}

#[test]
fn rule_6_two_administrators_are_not_lost_in_one_command() {
    let mut world = World::new();
    let second = world.user("second@shop.example", &[("ADMIN", Scope::account())]);
    let ids = [world.admin, second];
    let edits = ids.map(|id| (id, GrantEdit::Remove(world.grant(id, 0)))).to_vec();
    refused!(world.ask(&world.operator(), EditGrants { edits }), Refusal::LastAdministrator);
}

/// An administrator by a custom role that names every permission, made while ADMIN was there.
fn by_custom_role() -> (World, RoleId) {
    let mut world = World::new();
    let all: Vec<String> = world.state.permissions().names().iter().map(ToString::to_string).collect();
    let role = world.custom("everything", &all.iter().map(String::as_str).collect::<Vec<_>>());
    let grant = world.spec("everything", Scope::account());
    let operator = world.operator();
    let old = world.grant(world.admin, 0);
    let edits = vec![(world.admin, GrantEdit::Add(grant)), (world.admin, GrantEdit::Remove(old))];
    world.run(&operator, EditGrants { edits }).unwrap();
    assert!(world.state.administrators().contains(&world.admin));
    (world, role)
}

#[test]
fn rule_6_a_new_permission_does_not_unmake_the_only_administrator() {
    let (mut world, _) = by_custom_role();
    let command = AddPermission { name: PermissionName::parse("THING_MAKE").unwrap() };
    let operator = world.operator();
    refused!(world.ask(&operator, command.clone()), Refusal::LastAdministrator);
    refused!(world.ask(&world.api(world.admin), command.clone()), Refusal::LastAdministrator);
    world.user("second@shop.example", &[("ADMIN", Scope::account())]);
    world.run(&operator, command).unwrap();
    assert!(!world.state.administrators().contains(&world.admin));
}

#[test]
fn rule_6_the_role_that_makes_the_only_administrator_is_neither_emptied_nor_removed() {
    let (mut world, role) = by_custom_role();
    let operator = world.operator();
    refused!(world.ask(&operator, edit_role(role, ORDERS)), Refusal::LastAdministrator);
    refused!(world.ask(&operator, RemoveRole { id: role }), Refusal::LastAdministrator);
    world.user("second@shop.example", &[("ADMIN", Scope::account())]);
    assert_eq!(world.ask(&operator, edit_role(role, ORDERS)), Ok(()));
    assert_eq!(world.ask(&operator, RemoveRole { id: role }), Ok(()));
}

/// `client_admin` with everything enters the OMC; without an entry, everything would open nothing.
#[test]
fn rule_6_an_administrator_holds_everything_in_one_application_that_they_may_enter() {
    let mut world = World::new();
    let second = world.user("second@shop.example", &[("client_admin", Scope::account())]);
    assert!(world.state.administrators().contains(&second));
    world.custom("some", ORDERS);
    let names: Vec<String> = world.state.permissions().names().iter().map(ToString::to_string).collect();
    let rest: Vec<&str> = names.iter().map(String::as_str).filter(|n| !ORDERS.contains(n)).collect();
    world.custom_in("rest_in_omc", Some(Application::Omc), &rest);
    world.custom_in("orders_in_store", Some(Application::StoreApp), ORDERS);
    let account = Scope::account();
    let both =
        world.user("both@shop.example", &[("some", account.clone()), ("rest_in_omc", account.clone())]);
    let apart =
        world.user("apart@shop.example", &[("orders_in_store", account.clone()), ("rest_in_omc", account)]);
    assert!(world.state.administrators().contains(&both), "two grants together hold everything in the OMC");
    assert!(!world.state.administrators().contains(&apart), "no application has both");
}

#[test]
fn rule_7_the_operator_needs_no_permission_and_is_named_in_what_changes() {
    let mut world = World::new();
    let operator = world.operator();
    let target = world.user("target@shop.example", &[("orders", world.sites(&["north"]))]);
    let edit = add(target, world.spec("ADMIN", Scope::account()));
    let proof = world.state.authorize(&operator, edit.clone(), NOW).unwrap();
    let changeset = EditGrants::run(proof).unwrap();
    assert_eq!(changeset.actor(), crate::proof::Actor::Operator);
    world.run(&operator, edit).unwrap();
    assert_eq!(every_way(&world, &operator, target), vec![Ok(()); 5]);
    let elsewhere = Subject::operator(AccountId::from_number(2).unwrap());
    refused!(world.ask(&elsewhere, DisableUser { id: target }), Refusal::Denied(Denial::OtherAccount));
}
