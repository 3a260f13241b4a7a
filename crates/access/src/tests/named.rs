//! Names: what they mean to whom.

use super::world::*;
use crate::named::{NAMES_MAX, Names, NotNamed};
use crate::reach::Reach;
use crate::scope::Scope;
use crate::words::*;

fn unknown<T>(what: &'static str, given: &str) -> Result<Vec<T>, NotNamed> {
    Err(NotNamed::Unknown { what, given: given.into() })
}

fn reach(world: &World, user: UserId) -> Reach {
    Reach::of(&world.state, &world.api(user), NOW)
}

#[test]
fn a_name_is_an_id_a_ref_or_what_people_say() {
    let world = World::new();
    let reach = reach(&world, world.admin);
    let names = Names::new(&world.state, &reach);
    let (north, south) = (world.retailer("north"), world.retailer("south"));
    let id = north.to_string();
    assert_eq!(names.retailers(&["north", "SOUTH", &id]), Ok(vec![north, south, north]));
    assert_eq!(names.retailers(&["north", "east"]), unknown("site", "east"));
    let web = world.channel("north-web");
    assert_eq!(names.channels(&[north], &["North-Web"]), Ok(vec![web]));
    // Every retailer has a channel of this name, and each location is called so.
    let web = NotNamed::Several { what: "sales channel", given: "web".into(), how: "name the site, too" };
    assert_eq!(names.channels(&[north, south], &["web"]), Err(web));
    let store = NotNamed::Several { what: "stock location", given: "Store".into(), how: "give its ref" };
    assert_eq!(names.locations(&[], &["Store"]), Err(store));
    assert_eq!(names.locations(&[south], &["north-1"]), unknown("stock location", "north-1"));
    assert_eq!(names.role("CLIENT_ADMIN").map(|role| role.id), Some(world.role("client_admin")));
    assert_eq!(names.role("vendor manager").map(|role| role.id), Some(world.role("vendor_manager")));
    assert_eq!(names.role("a role"), None, "several are called so");
    let many = vec!["north"; NAMES_MAX + 1];
    assert_eq!(names.retailers(&many), Err(NotNamed::TooMany { given: NAMES_MAX + 1 }));
}

#[test]
fn what_one_has_nothing_to_do_with_is_named_like_nothing() {
    let mut world = World::new();
    let clerk = world.user("clerk", &[("orders", world.only("north", &["north-1"]))]);
    let reach = reach(&world, clerk);
    let names = Names::new(&world.state, &reach);
    let (north, south) = (world.retailer("north"), world.retailer("south"));
    assert_eq!(names.retailers(&["north"]), Ok(vec![north]));
    for hidden in ["south", &south.to_string(), "nowhere"] {
        assert_eq!(names.retailers(&[hidden]), unknown("site", hidden));
    }
    assert_eq!(names.locations(&[], &["north-1"]), Ok(vec![world.location("north-1")]));
    assert_eq!(names.locations(&[], &["north-2"]), unknown("stock location", "north-2"));
    // What they are shown of somebody's access they may say again.
    let shown = world.only("south", &["south-1"]);
    assert_eq!(names.beside(&shown).retailers(&["south"]), Ok(vec![south]));
    assert_eq!(names.beside(&shown).locations(&[south], &["south-1"]), Ok(vec![world.location("south-1")]));
    // The one location that they know is the only one of its name.
    assert_eq!(names.locations(&[], &["store"]), Ok(vec![world.location("north-1")]));
}

#[test]
fn what_a_form_is_filled_with_is_read_as_the_same() {
    let mut world = World::new();
    let operator = world.operator();
    let (north, south) = (world.retailer("north"), world.retailer("south"));
    for retailer in [north, south] {
        let r#ref = Ref::parse("pop, up").unwrap();
        let made = crate::commands::CreateChannel { retailer, r#ref, name: label("Pop-up") };
        world.run(&operator, made).unwrap();
        let r#ref = Ref::parse("phone").unwrap();
        let made = crate::commands::CreateChannel { retailer, r#ref, name: label("Phone") };
        world.run(&operator, made).unwrap();
    }
    let all = world.user("all", &[("orders", Scope::account())]);
    let reach = reach(&world, all);
    let names = Names::new(&world.state, &reach);
    for of in [vec![north], vec![north, south]] {
        for channel in world.state.places().channels().filter(|c| of.contains(&c.retailer)) {
            let text = names.of_channel(channel, &of);
            assert!(!text.contains(','), "{text}");
            assert_eq!(names.channels(&of, &[&text]), Ok(vec![channel.id]), "{text}");
        }
    }
}
