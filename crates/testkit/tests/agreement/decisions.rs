//! `decide`, `allows`, `allows_many` and `explain`.

use crate::answer;
use access::explain::{Explanation, Verdict};
use access::{Application, Grounds, Snapshot};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use testkit::{Question, Resource, World, asked_worlds, check, oracle};

const QUESTIONS: usize = 80;

/// How often each kind of question was allowed and denied.
#[derive(Default)]
struct Coverage {
    kinds: BTreeMap<String, [usize; 2]>,
    grounds: BTreeSet<&'static str>,
}

impl Coverage {
    fn count(&mut self, question: &Question, allowed: bool) {
        let (entity, whole) = match question.resource {
            Resource::User(target) if target == question.user => ("oneself", true),
            Resource::User(_) => ("user", true),
            Resource::Thing { entity, place } => {
                let whole = (place.retailer.is_some() || !entity.carries_retailer)
                    && (place.location.is_some() || !entity.carries_location)
                    && (place.channel.is_some() || !entity.carries_channel);
                (entity.name, whole)
            }
        };
        let application = question.application.map_or("any", Application::name);
        let verb = if oracle::is_view(&question.permission) { "view" } else { "change" };
        for kind in [
            "all".to_owned(),
            format!("on {entity}"),
            format!("in {application}"),
            format!("{verb} {}", if whole { "whole" } else { "empty" }),
        ] {
            self.kinds.entry(kind).or_default()[usize::from(allowed)] += 1;
        }
    }
}

#[test]
fn every_answer_is_the_oracles() {
    let coverage = RefCell::new(Coverage::default());
    check(&asked_worlds(QUESTIONS), |(world, questions)| {
        let (snapshot, now) = (world.snapshot(), world.now());
        let asked: Vec<_> = questions.iter().map(|q| world.ask(&snapshot, q)).collect();
        let many = snapshot.allows_many(&asked, now);
        let decided = snapshot.decide_many(&asked, now);
        prop_assert_eq!(many.len(), questions.len());
        for (((question, asked), many), decision) in questions.iter().zip(&asked).zip(many).zip(decided) {
            let said = answer(&world, question);
            coverage.borrow_mut().count(question, said);
            coverage.borrow_mut().grounds.insert(grounds(decision.grounds));
            prop_assert_eq!(snapshot.allows(asked, now), said, "allows: {:?}", question);
            prop_assert_eq!(many, said, "allows_many: {:?}", question);
            prop_assert_eq!(decision, snapshot.decide(asked, now));
            prop_assert_eq!(decision.allowed, said, "decide: {:?}", question);
            prop_assert_eq!(decision.revision, snapshot.revision());
        }
        Ok(())
    });
    let coverage = coverage.into_inner();
    for (kind, [denied, allowed]) in &coverage.kinds {
        println!("{kind:24} allowed {allowed:6}  denied {denied:6}");
        assert!(
            *denied > 0 && *allowed > 0,
            "{kind} was asked one-sidedly: {denied} denied, {allowed} allowed"
        );
    }
    let [denied, allowed] = coverage.kinds["all"];
    assert!(allowed * 4 > denied + allowed, "only {allowed} of {} questions were allowed", denied + allowed);
    assert_eq!(coverage.kinds.len(), 1 + 25 + 4 + 4, "some kind of question was never asked");
    let all = ["application closed", "granted", "inactive", "not held", "not here"];
    assert_eq!(Vec::from_iter(coverage.grounds), all);
}

fn grounds(grounds: Grounds) -> &'static str {
    match grounds {
        Grounds::Granted { .. } => "granted",
        Grounds::UnknownUser => "unknown user",
        Grounds::Inactive => "inactive",
        Grounds::ApplicationClosed => "application closed",
        Grounds::NotHeld => "not held",
        Grounds::NotHere => "not here",
    }
}

/// "explain names the grant that allows, or the nearest miss."
#[test]
fn explanations_name_the_grant_that_allows_or_the_nearest_miss() {
    let seen = RefCell::new(BTreeSet::new());
    check(&asked_worlds(QUESTIONS), |(world, questions)| {
        let (snapshot, now) = (world.snapshot(), world.now());
        for question in &questions {
            let asked = world.ask(&snapshot, question);
            let explanation = snapshot.explain(&asked, now);
            seen.borrow_mut().extend(explanation.opinions.iter().map(|o| o.verdict));
            prop_assert_eq!(explanation.decision, snapshot.decide(&asked, now));
            prop_assert_eq!(explanation.question, asked);
            prop_assert_eq!(explanation.opinions.len(), snapshot.grants(question.user).len());
            explained(&world, &snapshot, question, &explanation)?;
        }
        Ok(())
    });
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 9, "verdicts that were never given: only {seen:?} were");
}

fn explained(
    world: &World,
    snapshot: &Snapshot,
    question: &Question,
    explanation: &Explanation,
) -> Result<(), TestCaseError> {
    let allowed = explanation.decision.allowed;
    let opinions = &explanation.opinions;
    if matches!(question.resource, Resource::Thing { .. }) {
        let some_allows = opinions.iter().any(|o| o.verdict == Verdict::Allows);
        prop_assert_eq!(some_allows, allowed, "{:?}", explanation);
    }
    for opinion in opinions {
        let alone = alone(world, question, opinion.grant.id);
        let entered = question.application.is_none_or(|a| {
            world.user(question.user).is_some_and(|u| oracle::may_enter(world, world.now, u, a))
        });
        if matches!(question.resource, Resource::Thing { .. }) {
            // Alone, and in no application that it might have to be let into by another grant.
            let allows = opinion.verdict == Verdict::Allows;
            prop_assert_eq!(allows, alone && entered, "{:?} of {:?}", opinion, question);
        }
        let held = snapshot
            .role(opinion.grant.spec.role)
            .unwrap()
            .permissions
            .contains(explanation.question.permission);
        prop_assert_eq!(opinion.verdict == Verdict::NotHeld, !held);
    }
    if let Grounds::Granted { grant } = explanation.decision.grounds {
        let nearest = explanation.nearest();
        prop_assert_eq!(nearest.map(|o| o.grant.id), Some(grant), "the grant that allows comes first");
        prop_assert_eq!(nearest.map(|o| o.verdict), Some(Verdict::Allows));
    }
    let verdicts: Vec<_> = opinions.iter().skip(1).map(|o| o.verdict).collect();
    prop_assert!(verdicts.is_sorted(), "the nearest come first: {:?}", verdicts);
    Ok(())
}

/// Whether one grant of the asker would do, were it their only one and the application open to them.
fn alone(world: &World, question: &Question, grant: access::GrantId) -> bool {
    let mut world = world.clone();
    let user = &mut world.users[access::Number::number(question.user) as usize - 1];
    user.grants.retain(|g| g.id == grant);
    let bound = world.roles[&user.grants[0].role].application;
    let counts = bound.is_none() || question.application.is_none() || bound == question.application;
    counts && answer(&world, &Question { application: None, ..question.clone() })
}
