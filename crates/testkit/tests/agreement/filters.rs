//! "The filter admits exactly what decide allows."

use access::catalogue::{EntityType, kind};
use access::{Application, Filter, Place, Snapshot, UserId};
use proptest::prelude::*;
use std::cell::Cell;
use testkit::contract::CONTRACT;
use testkit::{Resource, World, asked_worlds, check, oracle};

/// Users and permissions of a world that are looked at.
const ASKED: usize = 3;

/// Entities that the product has no list of, each of which carries its places in another way.
macro_rules! more_kinds {
    ($($name:ident = $text:literal;)+) => {$(
        enum $name {}
        impl EntityType for $name {
            const NAME: &'static str = $text;
        }
    )+};
}

more_kinds! {
    Control = "control";
    SalesChannel = "sales_channel";
    Workflow = "workflow";
    Role = "role";
    Account = "account";
}

struct Asked<'w> {
    world: &'w World,
    snapshot: &'w Snapshot,
    places: Vec<Place>,
    admitted: &'w Cell<usize>,
    refused: &'w Cell<usize>,
}

#[test]
fn a_filter_admits_what_the_oracle_allows_of_every_entity() {
    let (admitted, refused, everything) = (Cell::new(0), Cell::new(0), Cell::new(0));
    check(&asked_worlds(ASKED), |(world, questions)| {
        let snapshot = world.snapshot();
        let places = world.places().into_iter().chain(world.odd_places()).collect();
        let asked =
            Asked { world: &world, snapshot: &snapshot, places, admitted: &admitted, refused: &refused };
        for question in questions {
            for application in Application::ALL {
                let (user, permission) = (question.user, question.permission.as_str());
                let all = [
                    asked.agrees::<kind::Order>(user, permission, application)?,
                    asked.agrees::<kind::Fulfilment>(user, permission, application)?,
                    asked.agrees::<kind::Customer>(user, permission, application)?,
                    asked.agrees::<kind::InventoryPosition>(user, permission, application)?,
                    asked.agrees::<kind::Item>(user, permission, application)?,
                    asked.agrees::<kind::Location>(user, permission, application)?,
                    asked.agrees::<Control>(user, permission, application)?,
                    asked.agrees::<SalesChannel>(user, permission, application)?,
                    asked.agrees::<Workflow>(user, permission, application)?,
                    asked.agrees::<Role>(user, permission, application)?,
                    asked.agrees::<Account>(user, permission, application)?,
                ];
                everything.set(everything.get() + all.iter().filter(|all| **all).count());
            }
        }
        Ok(())
    });
    let (admitted, refused) = (admitted.get(), refused.get());
    println!("{admitted} places admitted, {refused} refused, {} filters of everything", everything.get());
    assert!(admitted * 20 > admitted + refused && refused * 20 > admitted + refused && everything.get() > 0);
}

impl Asked<'_> {
    /// Holds one filter to the oracle; answers whether it is one of everything.
    fn agrees<E: EntityType>(
        &self,
        user: UserId,
        permission: &str,
        application: Application,
    ) -> Result<bool, TestCaseError> {
        let entity = CONTRACT.entity(E::NAME);
        let subject = self.world.subject(user, application);
        let filter: Filter<E> = self.snapshot.filter(&subject, permission, self.world.now());
        prop_assert_eq!(filter.account(), subject.account());
        prop_assert_eq!(filter.revision(), self.snapshot.revision());
        for place in &self.places {
            let thing = Resource::thing(entity, *place);
            let said = oracle::allows(self.world, user, permission, &thing, Some(application));
            let counter = if said { self.admitted } else { self.refused };
            counter.set(counter.get() + 1);
            prop_assert_eq!(
                filter.admits(place),
                said,
                "{} {} in {} on {:?}",
                user,
                permission,
                application,
                thing
            );
        }
        let whole = self.places.iter().all(|place| filter.admits(place));
        prop_assert!(whole || !filter.is_everything(), "a filter of everything that leaves something out");
        Ok(filter.is_everything())
    }
}

#[test]
fn a_subject_of_another_account_sees_nothing_and_the_operator_everything() {
    check(&asked_worlds(4), |(world, questions)| {
        let snapshot = world.snapshot();
        let other = testkit::world::id(testkit::convert::ACCOUNT + 1);
        for question in &questions {
            let stranger = access::Subject::signed_in(other, question.user, Application::Api);
            let seen: Filter<kind::Item> = snapshot.filter(&stranger, &question.permission, world.now());
            prop_assert!(seen.clauses().is_empty());
            prop_assert!(!snapshot.sees_user(&stranger, question.user, world.now()));
        }
        let operator = access::Subject::operator(snapshot.account().id);
        let all: Filter<kind::Item> = snapshot.filter(&operator, "VARIANTPRODUCT_VIEW", world.now());
        prop_assert!(all.is_everything());
        Ok(())
    });
}
