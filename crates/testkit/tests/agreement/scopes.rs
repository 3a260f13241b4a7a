//! The algebra of scopes: admits, covers, meets, units.

use access::{Place, Scope as Real};
use proptest::prelude::*;
use std::cell::Cell;
use testkit::contract::{CONTRACT, Entity};
use testkit::generate::scopes;
use testkit::{Resource, Scope, World, check, oracle, worlds};

/// A world with three scopes of it.
fn scoped_worlds() -> impl Strategy<Value = (World, [Scope; 3])> {
    worlds().prop_flat_map(|world| {
        let of_it = [scopes(&world), scopes(&world), scopes(&world)];
        (Just(world), of_it)
    })
}

/// Everything there could be in a world: each entity at each place, as far as it carries it.
fn things(places: &[Place]) -> impl Iterator<Item = (&'static Entity, Place)> + '_ {
    CONTRACT.entities.iter().filter(|e| !e.is_user).flat_map(move |entity| {
        places.iter().filter_map(move |place| match Resource::thing(entity, *place) {
            // What an entity does not carry makes no other thing of it.
            Resource::Thing { entity, place: carried } => (carried == *place).then_some((entity, carried)),
            Resource::User(_) => None,
        })
    })
}

#[test]
fn admits_is_the_oracles() {
    check(&scoped_worlds(), |(world, scopes)| {
        let contract = testkit::convert::contract();
        let mut places = world.places();
        places.extend(world.odd_places());
        for scope in &scopes {
            let real = Real::from(scope);
            for (entity, place) in things(&places) {
                let known = contract.entity(entity.name).unwrap();
                for viewing in [true, false] {
                    let said = oracle::admits(scope, entity, &place, viewing);
                    prop_assert_eq!(real.admits(known, &place, viewing), said, "{:?} {:?}", entity, place);
                }
            }
        }
        Ok(())
    });
}

#[test]
fn covers_and_meets_are_the_oracles_and_keep_their_laws() {
    let (covering, meeting) = (Cell::new([0; 2]), Cell::new([0; 2]));
    let count = |cell: &Cell<[usize; 2]>, yes: bool| {
        let mut both = cell.get();
        both[usize::from(yes)] += 1;
        cell.set(both);
    };
    check(&scoped_worlds(), |(world, scopes)| {
        let mut places = world.places();
        places.extend(world.odd_places());
        let real: Vec<Real> = scopes.iter().map(Real::from).collect();
        for (one, real_one) in scopes.iter().zip(&real) {
            prop_assert!(real_one.covers(real_one) && real_one.meets(real_one));
            prop_assert_eq!(&Scope::from(real_one), one);
            for (other, real_other) in scopes.iter().zip(&real) {
                let (covers, meets) = (oracle::covers(one, other), oracle::meets(one, other));
                prop_assert_eq!(real_one.covers(real_other), covers);
                prop_assert_eq!(real_one.meets(real_other), meets);
                prop_assert_eq!(real_other.meets(real_one), meets, "meets is symmetric");
                prop_assert!(meets || !covers, "what covers meets");
                count(&covering, covers);
                count(&meeting, meets);
                if covers {
                    covers_is_sound(one, other, &places)?;
                }
            }
        }
        let [a, b, c] = &real[..] else { return Ok(()) };
        prop_assert!(a.covers(c) || !(a.covers(b) && b.covers(c)), "covers is transitive");
        prop_assert!(a == b || !(a.covers(b) && b.covers(a)), "no two scopes cover each other");
        Ok(())
    });
    for [no, yes] in [covering.get(), meeting.get()] {
        assert!(no > 100 && yes > 100, "asked one-sidedly: {no} no, {yes} yes");
    }
}

/// "Whether everything that `other` admits is admitted by this."
fn covers_is_sound(one: &Scope, other: &Scope, places: &[Place]) -> Result<(), TestCaseError> {
    for (entity, place) in things(places) {
        for viewing in [true, false] {
            let inner = oracle::admits(other, entity, &place, viewing);
            let outer = oracle::admits(one, entity, &place, viewing);
            prop_assert!(outer || !inner, "{:?} covers {:?}, not {:?} at {:?}", one, other, entity, place);
        }
    }
    Ok(())
}

/// "The scope as a union of scopes with at most one listed place in each dimension", at every place, those
/// of one retailer with a location of another included.
#[test]
fn the_units_of_a_scope_are_the_scope() {
    let (split, odd) = (Cell::new(0), Cell::new(0));
    check(&scoped_worlds(), |(world, scopes)| {
        let mut places = world.places();
        places.extend(world.odd_places());
        for scope in &scopes {
            let real = Real::from(scope);
            let units: Vec<Scope> = real.units().unwrap().iter().map(Scope::from).collect();
            split.set(split.get() + usize::from(units.len() > 1));
            odd.set(odd.get() + usize::from(!oracle::is_well_formed(&world, scope)));
            for unit in units.iter().map(Real::from) {
                prop_assert!(real.covers(&unit), "a unit is a part: {:?} of {:?}", unit, scope);
                prop_assert!(unit.retailers.listed().len() <= 1);
                prop_assert!(unit.locations.listed().len() <= 1);
                prop_assert!(unit.channels.listed().len() <= 1);
            }
            for (entity, place) in things(&places) {
                for viewing in [true, false] {
                    let whole = oracle::admits(scope, entity, &place, viewing);
                    let parts = units.iter().any(|unit| oracle::admits(unit, entity, &place, viewing));
                    prop_assert_eq!(parts, whole, "{:?} at {:?} by {:?}", entity, place, scope);
                }
            }
        }
        Ok(())
    });
    assert!(split.get() > 100 && odd.get() > 10, "{} split, {} not well formed", split.get(), odd.get());
}
