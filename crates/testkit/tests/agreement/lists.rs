//! `who_can` and `what_can`: the same answers, turned around.

use crate::answer;
use access::what_can::EffectiveAccess;
use access::{Application, Grounds, ModuleLevel, UserId};
use proptest::prelude::*;
use std::cell::Cell;
use testkit::contract::CONTRACT;
use testkit::{Question, Resource, World, asked_worlds, check, oracle};

#[test]
fn who_can_names_the_users_whom_the_oracle_allows_page_by_page() {
    let named = Cell::new(0);
    check(&asked_worlds(12), |(world, questions)| {
        let (snapshot, now) = (world.snapshot(), world.now());
        for question in &questions {
            let asked = world.ask(&snapshot, question);
            let all: Vec<(UserId, Grounds)> = snapshot.who_can(&asked, None, now).collect();
            let said: Vec<UserId> = world
                .users()
                .map(|(user, _)| user)
                .filter(|user| answer(&world, &Question { user: *user, ..question.clone() }))
                .collect();
            prop_assert_eq!(all.iter().map(|(user, _)| *user).collect::<Vec<_>>(), said, "{:?}", question);
            for (user, grounds) in &all {
                let own = snapshot.decide(&access::Question { user: *user, ..asked }, now);
                prop_assert_eq!(own.grounds, *grounds);
            }
            for (at, (user, _)) in all.iter().enumerate() {
                let page: Vec<_> = snapshot.who_can(&asked, Some(*user), now).collect();
                prop_assert_eq!(&page[..], &all[at + 1..]);
            }
            named.set(named.get() + all.len());
        }
        Ok(())
    });
    assert!(named.get() > 1000, "only {} users were named", named.get());
}

/// "A question is allowed exactly when an entry has its permission, admits its resource and (when an
/// application is named) lists that application."
#[test]
fn what_can_answers_every_question_on_a_thing() {
    let allowed = Cell::new(0);
    check(&asked_worlds(40), |(world, questions)| {
        let (snapshot, now) = (world.snapshot(), world.now());
        for question in &questions {
            let Resource::Thing { entity, place } = question.resource else { continue };
            let viewing = oracle::is_view(&question.permission);
            let permission = snapshot.permissions().find(&question.permission).unwrap();
            let entries = snapshot.what_can(question.user, now);
            let some_entry = entries.iter().any(|entry| {
                entry.permissions.contains(permission)
                    && oracle::admits(&(&entry.grant.spec.scope).into(), entity, &place, viewing)
                    && question.application.is_none_or(|a| entry.applications.contains(&a))
            });
            prop_assert_eq!(some_entry, answer(&world, question), "{:?}", question);
            allowed.set(allowed.get() + usize::from(some_entry));
            for entry in &entries {
                levels_follow(&world, entry)?;
            }
        }
        Ok(())
    });
    assert!(allowed.get() > 1000, "only {} questions were allowed", allowed.get());
}

/// "Module levels are derived: write = all of both lists of `modules.csv`, read = all of the read list,
/// else none."
fn levels_follow(world: &World, entry: &EffectiveAccess) -> Result<(), TestCaseError> {
    let role = &world.roles[&entry.grant.spec.role];
    let mut expected = Vec::new();
    for module in CONTRACT.modules.iter().filter(|m| entry.applications.contains(&m.application)) {
        let all = |names: &std::collections::BTreeSet<&str>| names.iter().all(|p| oracle::holds(role, p));
        if all(&module.read) && all(&module.write) {
            expected.push((module.name.to_owned(), ModuleLevel::Write));
        } else if all(&module.read) {
            expected.push((module.name.to_owned(), ModuleLevel::Read));
        }
    }
    prop_assert_eq!(&entry.modules, &expected, "of {:?}", role);
    Ok(())
}

#[test]
fn what_is_held_somewhere_is_what_the_grants_hold_together() {
    check(&testkit::worlds(), |world| {
        let (snapshot, now) = (world.snapshot(), world.now());
        for (id, user) in world.users() {
            for application in Application::ALL {
                let held = snapshot.held_somewhere(id, application, now);
                let active = user.status == testkit::Status::Active;
                let entered = active && oracle::may_enter(&world, world.now, user, application);
                for permission in world.permissions() {
                    let some_grant = user.grants.iter().any(|g| {
                        let role = &world.roles[&g.role];
                        g.validity.holds_at(world.now)
                            && role.application.is_none_or(|bound| bound == application)
                            && oracle::holds(role, permission)
                    });
                    let found = held.contains(snapshot.permissions().find(permission).unwrap());
                    prop_assert_eq!(found, entered && some_grant, "{} {} {}", id, permission, application);
                }
            }
        }
        Ok(())
    });
}
