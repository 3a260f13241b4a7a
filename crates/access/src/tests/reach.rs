//! Which places somebody may be told of.

use super::world::*;
use crate::change::GrantSpec;
use crate::commands::DisableUser;
use crate::reach::Reach;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::words::{Application, Number, UserId};
use crate::{Subject, Validity};

impl World {
    fn reach(&self, who: &Subject) -> Reach {
        Reach::of(&self.state, who, NOW)
    }
}

fn refs(world: &World, reach: &Reach) -> Vec<String> {
    let places = world.state.places();
    let sites = places.retailers().filter(|r| reach.has_retailer(r.id)).map(|r| r.r#ref.to_string());
    let locations = places.locations().filter(|l| reach.has_location(l)).map(|l| l.r#ref.to_string());
    let channels = places.channels().filter(|c| reach.has_channel(c)).map(|c| c.r#ref.to_string());
    sites.chain(locations).chain(channels).collect()
}

/// What is met by one of the scopes, place by place.
fn met(world: &World, scopes: &[Scope]) -> Vec<String> {
    let places = world.state.places();
    let meets = |unit: &Scope| scopes.iter().any(|scope| scope.meets(unit));
    let site = |r| Scope::retailer(r);
    let sites = places.retailers().filter(|r| meets(&site(r.id))).map(|r| r.r#ref.to_string());
    let at = |l: &crate::snapshot::Location| Scope {
        locations: LocationExtent::Only(IdSet::one(l.id)),
        ..site(l.retailer)
    };
    let locations = places.locations().filter(|l| meets(&at(l))).map(|l| l.r#ref.to_string());
    let by = |c: &crate::snapshot::Channel| Scope { channels: Extent::one(c.id), ..site(c.retailer) };
    let channels = places.channels().filter(|c| meets(&by(c))).map(|c| c.r#ref.to_string());
    sites.chain(locations).chain(channels).collect()
}

fn scopes(world: &World) -> Vec<Scope> {
    let (north, south) = (world.only("north", &["north-1"]), world.narrow("south", &["south-2"]));
    // A store of the North for orders of every site.
    let everywhere = Scope { retailers: Extent::All, ..north.clone() };
    let both_stores = IdSet::new(["north-1", "west-2"].map(|name| world.location(name))).unwrap();
    let of_two = Scope { locations: LocationExtent::Only(both_stores), ..world.sites(&["north", "west"]) };
    let by_web = Scope { retailers: Extent::All, ..world.channels("west", &["west-web"]) };
    let both = Scope { channels: world.channels("north", &["north-shop"]).channels, ..north.clone() };
    vec![
        Scope::account(),
        world.sites(&["north"]),
        world.sites(&["south", "west"]),
        world.channels("west", &["west-web", "west-shop"]),
        north,
        south,
        everywhere,
        of_two,
        by_web,
        both,
    ]
}

#[test]
fn it_is_what_a_grant_meets() {
    let mut world = World::new();
    let all = scopes(&world);
    for (one, first) in all.iter().enumerate() {
        for (other, second) in all.iter().enumerate() {
            let login = format!("user-{one}-{other}@shop.example");
            let user = world.user(&login, &[("orders", first.clone()), ("viewer", second.clone())]);
            let told = refs(&world, &world.reach(&world.api(user)));
            assert_eq!(told, met(&world, &[first.clone(), second.clone()]), "{first:?} {second:?}");
        }
    }
}

#[test]
fn a_store_tells_of_itself_its_site_and_its_channels() {
    let mut world = World::new();
    let scope = world.only("north", &["north-1"]);
    let user = world.user("sam@shop.example", &[("orders", scope)]);
    let told = refs(&world, &world.reach(&world.api(user)));
    assert_eq!(told, ["north", "north-1", "north-web", "north-shop"]);
}

#[test]
fn only_grants_that_hold_now_and_count_there_tell_of_anything() {
    let mut world = World::new();
    let north = world.sites(&["north"]);
    let later = GrantSpec { validity: from(NOW.0 + 1), ..world.spec("orders", world.sites(&["south"])) };
    let over = GrantSpec { validity: until(NOW.0), ..world.spec("viewer", world.sites(&["west"])) };
    let here = GrantSpec { validity: Validity::ALWAYS, ..world.spec("customer_service", north.clone()) };
    let user = world.user_with("ada@shop.example", vec![later, over, here]);
    let north = met(&world, &[north]);
    assert_eq!(refs(&world, &world.reach(&world.in_application(user, Application::Omc))), north);
    assert!(refs(&world, &world.reach(&world.in_application(user, Application::StoreApp))).is_empty());
    assert!(refs(&world, &world.reach(&world.api(user))).is_empty(), "its grants count in the OMC alone");
    let operator = world.operator();
    assert_eq!(refs(&world, &world.reach(&operator)), met(&world, &[Scope::account()]));
    world.run(&operator, DisableUser { id: user }).unwrap();
    assert!(refs(&world, &world.reach(&world.in_application(user, Application::Omc))).is_empty());
    let stranger = Subject::signed_in(empty(2, &[]).account().id, world.admin, Application::Api);
    assert_eq!(world.reach(&stranger), Reach::default());
    let nobody = UserId::from_number(999).unwrap();
    assert_eq!(world.reach(&world.api(nobody)), Reach::default());
}
