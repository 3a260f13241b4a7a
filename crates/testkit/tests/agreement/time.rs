//! "Past its validity boundary nothing": until `valid_until` an answer stays what it is.

use access::catalogue::kind;
use access::{Application, Filter, Instant};
use proptest::prelude::*;
use std::cell::Cell;
use testkit::{Question, World, asked_worlds, check, oracle};

/// Every instant just before, at and after one at which a grant of anybody begins or ends, and far ones.
fn instants(world: &World) -> Vec<i64> {
    let ends = world.users.iter().flat_map(|u| &u.grants).flat_map(|g| [g.validity.from, g.validity.until]);
    let near = ends.flatten().flat_map(|at| [at - 1, at, at + 1]);
    let mut all: Vec<i64> = near.chain([world.now, world.now + 1_000_000_000]).collect();
    all.sort_unstable();
    all.dedup();
    all.retain(|at| *at >= world.now);
    all
}

fn answer_at(world: &World, now: i64, question: &Question) -> bool {
    let Question { user, permission, resource, application } = question;
    oracle::allows_at(world, now, *user, permission, resource, *application)
}

#[test]
fn a_decision_stays_until_it_says_it_may_change() {
    let (bounded, changed) = (Cell::new(0), Cell::new(0));
    check(&asked_worlds(40), |(world, questions)| {
        let snapshot = world.snapshot();
        for question in &questions {
            let asked = world.ask(&snapshot, question);
            let decision = snapshot.decide(&asked, world.now());
            let until = decision.valid_until;
            prop_assert!(until.is_none_or(|at| at > world.now()), "a boundary in the past");
            bounded.set(bounded.get() + usize::from(until.is_some()));
            for at in instants(&world) {
                let later = snapshot.decide(&asked, Instant(at));
                prop_assert_eq!(later.allowed, answer_at(&world, at, question), "at {}: {:?}", at, question);
                if until.is_none_or(|until| Instant(at) < until) {
                    prop_assert_eq!(later.allowed, decision.allowed, "at {}: {:?}", at, question);
                } else {
                    changed.set(changed.get() + usize::from(later.allowed != decision.allowed));
                }
            }
        }
        Ok(())
    });
    let (bounded, changed) = (bounded.get(), changed.get());
    assert!(bounded > 1000 && changed > 100, "{bounded} answers had a boundary, {changed} changed after it");
}

#[test]
fn a_filter_stays_until_it_says_it_may_change() {
    let changed = Cell::new(0);
    check(&asked_worlds(8), |(world, questions)| {
        let (snapshot, places) = (world.snapshot(), world.places());
        for question in &questions {
            let subject = world.subject(question.user, question.application.unwrap_or(Application::Api));
            let at = |at: i64| -> (Filter<kind::Fulfilment>, Vec<bool>) {
                let filter = snapshot.filter(&subject, &question.permission, Instant(at));
                let admitted = places.iter().map(|p| filter.admits(p)).collect();
                (filter, admitted)
            };
            let (filter, admitted) = at(world.now);
            for later in instants(&world) {
                let same = at(later).1 == admitted;
                if filter.valid_until().is_none_or(|until| Instant(later) < until) {
                    prop_assert!(same, "at {}, before {:?}: {:?}", later, filter.valid_until(), question);
                }
                changed.set(changed.get() + usize::from(!same));
            }
        }
        Ok(())
    });
    assert!(changed.get() > 100, "only {} filters changed", changed.get());
}
