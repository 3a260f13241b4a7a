//! Who sees whom.

use access::Application;
use proptest::prelude::*;
use std::cell::Cell;
use testkit::{check, oracle, worlds};

#[test]
fn users_are_seen_as_the_oracle_says_and_in_the_store_app_of_one_store_alone() {
    let (seen, limited) = (Cell::new(0), Cell::new(0));
    check(&worlds(), |world| {
        let (snapshot, now) = (world.snapshot(), world.now());
        let stores: Vec<_> = world.retailer_ids().flat_map(|r| world.locations_of(r)).map(Some).collect();
        for (user, _) in world.users() {
            for (target, _) in world.users() {
                for application in Application::ALL {
                    let free = oracle::allows(
                        &world,
                        user,
                        "USER_VIEW",
                        &testkit::Resource::User(target),
                        Some(application),
                    );
                    for store in stores.iter().copied().chain([None]) {
                        let site = store.map(|l| world.retailer_of_location(l));
                        let subject = world.subject(user, application).at(site, store);
                        let said = oracle::sees_user(&world, user, target, application, store);
                        prop_assert_eq!(
                            snapshot.sees_user(&subject, target, now),
                            said,
                            "{} sees {} in {} at {:?}",
                            user,
                            target,
                            application,
                            store
                        );
                        seen.set(seen.get() + usize::from(said && user != target));
                        limited.set(limited.get() + usize::from(free && !said));
                    }
                }
            }
        }
        Ok(())
    });
    let (seen, limited) = (seen.get(), limited.get());
    assert!(seen > 1000 && limited > 100, "{seen} were seen, {limited} hidden by the Store App's limit");
}
