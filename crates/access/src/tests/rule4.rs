//! Rule 4: roles are edited with permissions held account-wide; nobody edits a role they hold.

use super::world::*;
use crate::commands::*;
use crate::delegation::DelegationRefusal::{Escalation, NotManaged};
use crate::scope::Scope;
use crate::words::*;
use crate::{Denial, GrantSpec, Subject};

/// Somebody who may edit roles, and holds these besides.
fn editor(world: &mut World, login: &str, grants: &[(&str, Scope)]) -> Subject {
    let mut all = vec![("role_editor", Scope::account())];
    all.extend(grants.iter().cloned());
    let user = world.user(login, &all);
    world.api(user)
}

#[test]
fn rule_4_roles_are_edited_account_wide_alone() {
    let mut world = World::new();
    let [north, web] = [world.sites(&["north"]), world.channels("north", &["north-web"])];
    let web = Scope { channels: web.channels, ..Scope::account() };
    let narrow = Scope { locations: world.narrow("north", &["north-1"]).locations, ..Scope::account() };
    for (login, scope) in [("north", north), ("web", web), ("narrow", narrow)] {
        let user = world.user(login, &[("role_editor", scope)]);
        let user = world.api(user);
        let viewer = world.role("viewer");
        refused!(world.ask(&user, create_role("new", None, &[])), Refusal::Denied(Denial::Missing { .. }));
        refused!(
            world.ask(&user, edit_role(viewer, &["ORDER_VIEW"])),
            Refusal::Denied(Denial::Missing { .. })
        );
        refused!(world.ask(&user, RemoveRole { id: viewer }), Refusal::Denied(Denial::Missing { .. }));
        let name = PermissionName::parse("THING_MAKE").unwrap();
        refused!(world.ask(&user, AddPermission { name }), Refusal::Denied(Denial::Missing { .. }));
    }
}

#[test]
fn rule_4_permissions_put_into_a_role_are_held_account_wide_and_without_end() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    let held = editor(&mut world, "held", &[("orders", Scope::account())]);
    let at_site = editor(&mut world, "at-site", &[("orders", north)]);
    let timed = world.user_with(
        "timed",
        vec![
            world.spec("role_editor", Scope::account()),
            GrantSpec { validity: until(9_000), ..world.spec("orders", Scope::account()) },
        ],
    );
    let empty = world.custom("empty", &[]);
    let commands = |who: &Subject| {
        let orders = CopyRole {
            from: world.role("STORE_ASSISTANT"),
            key: RoleKey::parse("copy").unwrap(),
            label: label("Copy"),
        };
        let copied = world.ask(who, orders);
        refused!(copied, Refusal::Delegation(Escalation { .. }));
        [world.ask(who, create_role("new", None, ORDERS)), world.ask(who, edit_role(empty, ORDERS))]
    };
    assert_eq!(commands(&held), [Ok(()), Ok(())]);
    for asked in commands(&at_site).into_iter().chain(commands(&world.api(timed))) {
        refused!(asked, Refusal::Delegation(Escalation { .. }));
    }
}

#[test]
fn rule_4_the_entries_are_held_like_any_other_permission_of_a_role() {
    let mut world = World::new();
    let editor = editor(&mut world, "editor", &[("manager", Scope::account())]);
    let asked = world.ask(&editor, create_role("door", None, &["OMC_ACCESS"]));
    refused!(asked, Refusal::Delegation(Escalation { .. }));
}

#[test]
fn rule_4_copies_of_administrators_need_everything() {
    let mut world = World::new();
    let editor = editor(&mut world, "editor", &[("orders", Scope::account())]);
    for (from, key) in [("ADMIN", "copy1"), ("client_admin", "copy2"), ("headquarters", "copy3")] {
        let from = world.role(from);
        let copy = || CopyRole { from, key: RoleKey::parse(key).unwrap(), label: label("Copy") };
        refused!(world.ask(&editor, copy()), Refusal::Delegation(Escalation { .. }));
        let admin = world.api(world.admin);
        world.run(&admin, copy()).unwrap();
        let (made, original) = (world.state.find_role(key).unwrap(), world.state.role(from).unwrap());
        assert_eq!((made.application, &made.permissions), (original.application, &original.permissions));
        // A copy is of what there is: it has no rank, and holds no permission that is added later.
        assert_eq!((made.rank, made.every), (None, false));
    }
}

#[test]
fn rule_4_permissions_taken_need_whoever_could_give_the_role_wherever_it_is_granted() {
    let mut world = World::new();
    let [north, south] = [world.sites(&["north"]), world.sites(&["south"])];
    let role = world.custom("shared", ORDERS);
    let everywhere = [("manager", Scope::account()), ("orders", Scope::account())];
    let wide = editor(&mut world, "wide", &everywhere);
    let at_north = editor(&mut world, "at-north", &[("manager", north.clone()), ("orders", north.clone())]);
    let no_manager = editor(&mut world, "no-manager", &[("orders", Scope::account())]);
    let partly = editor(&mut world, "partly", &[("manager", Scope::account()), ("viewer", Scope::account())]);
    world.user("first", &[("shared", north.clone())]);
    let less = || edit_role(role, &["ORDER_VIEW"]);
    for (who, answer) in [(&wide, true), (&at_north, true), (&no_manager, false), (&partly, false)] {
        for asked in [world.ask(who, less()), world.ask(who, RemoveRole { id: role })] {
            assert_eq!(asked.is_ok(), answer, "{asked:?}");
        }
    }
    // The label alone takes nothing.
    assert_eq!(world.ask(&partly, edit_role(role, ORDERS)), Ok(()));
    world.user("second", &[("shared", south)]);
    refused!(world.ask(&at_north, less()), Refusal::Delegation(NotManaged { .. }));
    refused!(world.ask(&at_north, RemoveRole { id: role }), Refusal::Delegation(NotManaged { .. }));
    assert_eq!(world.ask(&wide, less()), Ok(()));
    assert_eq!(world.ask(&wide, RemoveRole { id: role }), Ok(()));
}

/// A disabled user's grant, and one that holds later, are grants of the role too.
#[test]
fn rule_4_every_grant_of_the_role_counts_whether_it_holds_now_or_not() {
    let mut world = World::new();
    let [north, south] = [world.sites(&["north"]), world.sites(&["south"])];
    let role = world.custom("shared", ORDERS);
    let at_north = editor(&mut world, "at-north", &[("manager", north.clone()), ("orders", north)]);
    let later = GrantSpec { validity: from(5_000), ..world.spec("shared", south) };
    let other = world.user_with("other", vec![later]);
    let operator = world.operator();
    world.run(&operator, DisableUser { id: other }).unwrap();
    refused!(world.ask(&at_north, RemoveRole { id: role }), Refusal::Delegation(NotManaged { .. }));
}

#[test]
fn rule_4_taking_permissions_needs_that_permission_itself() {
    let mut world = World::new();
    world.custom("adder", &["ROLE_UPDATE"]);
    let adder = world.user("adder", &[("adder", Scope::account()), ("orders", Scope::account())]);
    let role = world.custom("shared", &["ORDER_VIEW"]);
    let adder = world.api(adder);
    assert_eq!(world.ask(&adder, edit_role(role, ORDERS)), Ok(()));
    let asked = world.ask(&adder, edit_role(role, &[]));
    refused!(asked, Refusal::Denied(Denial::Missing { permission: "PERMISSIONSFROMROLE_REMOVE", .. }));
}

#[test]
fn rule_4_nobody_edits_a_role_they_hold() {
    let mut world = World::new();
    let own = world.custom("own", &["ORDER_VIEW"]);
    let admin = world.admin;
    let operator = world.operator();
    for spec in [
        world.spec("own", world.sites(&["north"])),
        GrantSpec { validity: until(10), ..world.spec("own", world.sites(&["north"])) },
    ] {
        world.run(&operator, add(admin, spec)).unwrap();
        let who = world.api(admin);
        refused!(world.ask(&who, edit_role(own, ORDERS)), Refusal::OwnRole);
        refused!(world.ask(&who, edit_role(own, &["ORDER_VIEW"])), Refusal::OwnRole);
        refused!(world.ask(&who, RemoveRole { id: own }), Refusal::OwnRole);
        let last = world.state.grants(admin).last().unwrap().id;
        world.run(&operator, remove(admin, last)).unwrap();
    }
    assert_eq!(world.ask(&world.api(admin), edit_role(own, ORDERS)), Ok(()));
}

#[test]
fn rule_4_no_edit_opens_the_omc_to_a_login_that_is_no_email() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let [both, bound] = [
        world.custom("shared", &["ORDER_VIEW"]),
        world.custom_in("in_store", Some(Application::StoreApp), &["ORDER_VIEW"]),
    ];
    let north = world.sites(&["north"]);
    world.user("ann@shop.example", &[("shared", north.clone())]);
    assert_eq!(world.ask(&admin, edit_role(both, &["ORDER_VIEW", "OMC_ACCESS"])), Ok(()));
    world.user("till-7", &[("shared", north.clone()), ("in_store", north)]);
    let asked = world.ask(&admin, edit_role(both, &["ORDER_VIEW", "OMC_ACCESS"]));
    assert_eq!(asked, Err(Refusal::OmcNeedsEmail("till-7".into())));
    // A role of the Store App opens no OMC, whatever it holds.
    assert_eq!(world.ask(&admin, edit_role(bound, &["ORDER_VIEW", "OMC_ACCESS"])), Ok(()));
}

#[test]
fn rule_4_unknown_permissions_and_taken_keys_are_refused() {
    let mut world = World::new();
    let admin = world.api(world.admin);
    let viewer = world.role("viewer");
    refused!(
        world.ask(&admin, edit_role(viewer, &["ORDER_VIEW", "NOT_THERE"])),
        Refusal::Unknown { what: "permission", .. }
    );
    refused!(
        world.ask(&admin, create_role("new", None, &["NOT_THERE"])),
        Refusal::Unknown { what: "permission", .. }
    );
    refused!(world.ask(&admin, create_role("viewer", None, &[])), Refusal::Taken { .. });
    refused!(world.ask(&admin, create_role("ADMIN", None, &[])), Refusal::Taken { .. });
    let number = RoleId::from_number(RoleId::BUILT_IN_MAX + 99).unwrap();
    refused!(world.ask(&admin, edit_role(number, &[])), Refusal::Unknown { what: "role", .. });
    world.run(&admin, RemoveRole { id: viewer }).unwrap();
    refused!(world.ask(&admin, edit_role(viewer, &[])), Refusal::Unknown { what: "role", .. });
    let spec = GrantSpec { role: viewer, scope: Scope::account(), validity: crate::Validity::ALWAYS };
    refused!(world.ask(&admin, create_user("new", vec![spec])), Refusal::Unknown { what: "role", .. });
}
