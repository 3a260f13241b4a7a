//! Access by place: what is wished is what stands then, by the commands alone.

use super::world::*;
use crate::at_place::{At, Standing, is_standing, ranked_roles, retailers_of};
use crate::commands::{EditGrants, GrantEdit};
use crate::scope::Scope;
use crate::words::*;

fn standing(world: &World, user: UserId, at: At, application: Application) -> Standing {
    Standing::of(&world.state, &world.state.grants(user), at, application)
}

/// Wishes for a role and scope there, by an administrator whose active site it is; what stands then.
fn wish(world: &mut World, user: UserId, at: At, wished: Option<(&str, Scope)>) -> Standing {
    let application = Application::Omc;
    let wished = wished.map(|(role, scope)| (world.role(role), scope));
    let edits = standing(world, user, at, application).edits(wished, NOW);
    let admin = world.api(world.admin).at(Some(world.retailer("north")), None);
    if !edits.is_empty() {
        let edits = edits.into_iter().map(|edit| (user, edit)).collect();
        world.run(&admin, EditGrants { edits }).unwrap();
    }
    standing(world, user, at, application)
}

fn own(standing: &Standing) -> (RoleId, Scope) {
    match standing {
        Standing::Own(grant) => (grant.spec.role, grant.spec.scope.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_wished_stands() {
    let mut world = World::new();
    let user = world.user("pat@shop.example", &[("orders", world.sites(&["south"]))]);
    let north = At::Retailer(world.retailer("north"));
    assert_eq!(standing(&world, user, north, Application::Omc), Standing::Nothing);
    let (all, web) = (world.sites(&["north"]), world.channels("north", &["north-web"]));
    let steps = [
        Some(("client_viewer", all.clone())),
        Some(("client_viewer", web.clone())),
        Some(("retail_director", web)),
        Some(("retail_director", all)),
    ];
    for wished in steps {
        let stands = wish(&mut world, user, north, wished.clone());
        let (role, scope) = wished.unwrap();
        assert_eq!(own(&stands), (world.role(role), scope));
        assert!(stands.edits(Some(own(&stands)), NOW).is_empty(), "what stands needs no edit");
    }
    assert_eq!(wish(&mut world, user, north, None), Standing::Nothing);
    assert_eq!(world.state.grants(user).len(), 1, "what is no standing there is left alone");
}

#[test]
fn another_role_keeps_the_validity() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    let spec = crate::GrantSpec { validity: until(9_000), ..world.spec("client_viewer", north.clone()) };
    let user = world.user_with("pat@shop.example", vec![spec]);
    let at = At::Retailer(world.retailer("north"));
    let stands = wish(&mut world, user, at, Some(("retail_director", north)));
    let Standing::Own(grant) = stands else { panic!("{stands:?}") };
    assert_eq!(grant.spec.validity, until(9_000));
}

#[test]
fn what_is_given_after_a_grant_was_over_holds() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    let spec = crate::GrantSpec { validity: until(NOW.0), ..world.spec("client_viewer", north.clone()) };
    let at = At::Retailer(world.retailer("north"));
    for (role, scope) in
        [("retail_director", north.clone()), ("client_viewer", world.channels("north", &["north-web"]))]
    {
        let user = world.user_with(&format!("{role}@shop.example"), vec![spec.clone()]);
        assert!(standing(&world, user, at, Application::Omc).is_over(NOW));
        let stands = wish(&mut world, user, at, Some((role, scope)));
        let Standing::Own(grant) = stands else { panic!("{stands:?}") };
        assert_eq!(grant.spec.validity, crate::Validity::ALWAYS);
        assert_eq!(world.state.grants(user).len(), 1);
    }
}

#[test]
fn a_grant_of_more_places_leaves_no_room() {
    let mut world = World::new();
    let both = world.user("both@shop.example", &[("client_viewer", world.sites(&["north", "south"]))]);
    let all = world.user("all@shop.example", &[("client_viewer", Scope::account())]);
    let north = At::Retailer(world.retailer("north"));
    for user in [both, all] {
        let stands = standing(&world, user, north, Application::Omc);
        assert!(matches!(stands, Standing::Wider(_)), "{stands:?}");
        let wished = Some((world.role("retail_director"), world.sites(&["north"])));
        assert!(stands.edits(wished, NOW).is_empty() && stands.edits(None, NOW).is_empty());
        assert_eq!(standing(&world, user, north, Application::StoreApp), Standing::Nothing);
    }
    assert!(matches!(standing(&world, all, At::Account, Application::Omc), Standing::Own(_)));
    assert!(matches!(standing(&world, both, At::Account, Application::Omc), Standing::Wider(_)));
    let grants = world.state.grants(both);
    assert!(retailers_of(&world.state, &grants).is_empty() && !is_standing(&world.state, &grants[0]));
}

#[test]
fn a_store_is_a_place_of_its_own() {
    let mut world = World::new();
    let here = world.only("north", &["north-1"]);
    let vendor = world.user("vendor", &[("vendor", here.clone())]);
    let both = world.user("both", &[("vendor", world.only("north", &["north-1", "north-2"]))]);
    let at = At::Location(world.retailer("north"), world.location("north-1"));
    assert_eq!(own(&standing(&world, vendor, at, Application::StoreApp)), (world.role("vendor"), here));
    let wider = standing(&world, both, at, Application::StoreApp);
    assert!(matches!(wider, Standing::Wider(_)), "{wider:?}");
    let edits = standing(&world, vendor, at, Application::StoreApp).edits(None, NOW);
    assert!(matches!(edits[..], [GrantEdit::Remove(_)]));
}

#[test]
fn ranked_roles_come_strongest_first() {
    let world = World::new();
    let keys = |application| -> Vec<String> {
        ranked_roles(&world.state, application).iter().map(|role| role.key.to_string()).collect()
    };
    assert_eq!(keys(Application::StoreApp), ["vendor_manager", "vendor"]);
    assert_eq!(keys(Application::Api), ["api_user"]);
    assert_eq!(keys(Application::Omc)[..2], ["client_admin", "headquarters"]);
}
