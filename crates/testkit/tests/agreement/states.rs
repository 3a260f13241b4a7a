//! "`load() == fold(apply)`", and the contract read twice.

use access::Number;
use proptest::prelude::*;
use testkit::contract::CONTRACT;
use testkit::{Status, check, convert, worlds};

#[test]
fn a_state_of_rows_is_the_state_of_all_changes() {
    check(&worlds(), |world| {
        let (loaded, applied) = (world.snapshot(), world.applied());
        prop_assert_eq!(&loaded, &applied);
        for (id, user) in world.users() {
            let found = loaded.user(id).unwrap();
            prop_assert_eq!(found.is_active(), user.status == Status::Active);
            let grants: Vec<_> = user.grants.iter().map(|g| (g.id, g.spec())).collect();
            for state in [&loaded, &applied] {
                let kept: Vec<_> = state.grants(id).into_iter().map(|g| (g.id, g.spec)).collect();
                prop_assert_eq!(&kept, &grants);
                // The index of logins is no part of the equality of states.
                prop_assert_eq!(state.user_of_login(&convert::login(id)), Some(id));
            }
        }
        Ok(())
    });
}

#[test]
fn a_state_that_differs_is_told_apart() {
    check(&worlds(), |world| {
        let mut other = world.clone();
        other.users[0].status = match other.users[0].status {
            Status::Active => Status::Disabled,
            _ => Status::Active,
        };
        prop_assert_ne!(world.snapshot(), other.snapshot());
        Ok(())
    });
}

#[test]
fn access_reads_the_contract_as_the_oracle_does() {
    let contract = convert::contract();
    let names: Vec<_> = contract.permissions().names().iter().map(|p| p.as_str()).collect();
    assert_eq!(names, CONTRACT.permissions);
    let entities: Vec<_> = contract.entities().collect();
    assert_eq!(entities.len(), CONTRACT.entities.len());
    for (own, entity) in CONTRACT.entities.iter().zip(entities) {
        assert_eq!(contract.entity_name(entity), own.name);
        let carried = (entity.carries_retailer(), entity.carries_location(), entity.carries_channel());
        // A user as a thing is nowhere: the engine says so by three places that are carried and empty.
        let carried = if own.is_user { (false, false, false) } else { carried };
        assert_eq!(carried, (own.carries_retailer, own.carries_location, own.carries_channel), "{own:?}");
        assert_eq!((entity.is_reference_data(), entity.is_user()), (own.is_reference_data, own.is_user));
    }
    assert_eq!(contract.built_in_roles().len(), CONTRACT.roles.len());
    for (own, role) in CONTRACT.roles.iter().zip(contract.built_in_roles()) {
        assert_eq!((role.key.as_str(), role.application, role.every), (own.key, own.application, own.every));
        let held = role.permissions.iter().map(|p| contract.permissions().name(p)).collect();
        assert_eq!(own.permissions, held, "{}", own.key);
    }
    let snapshot = testkit::World::empty(0).snapshot();
    for (number, (role, own)) in (1..).zip(snapshot.roles().zip(&CONTRACT.roles)) {
        assert_eq!((role.id.number(), role.key.as_str()), (number, own.key));
    }
}
