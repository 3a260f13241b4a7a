//! Effective access against an oracle that asks `decide` everything, and the cases by name.

use super::*;
use crate::catalogue::PermissionId;
use crate::change::Change;
use crate::decide::Question;
use crate::preview::trial::*;
use crate::resource::{Place, Resource};
use crate::scope::Scope;
use crate::time::Validity;

const CASES: u64 = 25;
const CASES_LONG: u64 = 1_000;

fn cases() -> u64 {
    if std::env::var("KEYWARD_LONG").is_ok_and(|v| v == "1") { CASES_LONG } else { CASES }
}

/// Everything that is no viewed reference data.
fn plain_things(state: &Snapshot) -> Vec<(Resource, crate::Entity, Place)> {
    let unshared = things(state).into_iter().map(Resource::unshared);
    let all: BTreeMap<String, _> = unshared
        .filter_map(|thing| match thing {
            Resource::Thing { entity, place } => {
                let carried =
                    (entity.carries_retailer(), entity.carries_location(), entity.carries_channel());
                Some((format!("{carried:?} {place:?}"), (thing, entity, place)))
            }
            Resource::User(_) => None,
        })
        .collect();
    all.into_values().collect()
}

/// Checks the cells of some modules with `decide`; how many are limited, and how many are whole.
fn agree(state: &Snapshot, user: UserId, modules: &[&Module]) -> (usize, usize) {
    let effective = Effective::of(state, user, NOW);
    let things = plain_things(state);
    let named: Vec<RetailerId> = effective
        .columns
        .iter()
        .filter_map(|c| match c {
            Column::AllSites => None,
            Column::Site(r) => Some(*r),
        })
        .collect();
    let (mut limited, mut whole) = (0, 0);
    for module in modules {
        for column in effective.columns.iter().copied() {
            let cell = effective.cell(module.name(), column).unwrap();
            let here = || {
                things.iter().filter(|(_, _, place)| match column {
                    Column::AllSites => place.retailer.is_none_or(|r| !named.contains(&r)),
                    Column::Site(site) => place.retailer == Some(site),
                })
            };
            let allowed = |permission: PermissionId, resource: Resource| {
                let application = Some(module.application());
                state.decide(&Question { user, permission, resource, application }, NOW).allowed
            };
            let held = |level: ModuleLevel, thing: Resource| {
                module.permissions(level).iter().all(|p| allowed(p, thing))
            };
            let (mut best, mut least) = (ModuleLevel::None, ModuleLevel::Write);
            let mut levels = Vec::new();
            for (thing, entity, place) in here() {
                let level = match (held(ModuleLevel::Read, *thing), held(ModuleLevel::Write, *thing)) {
                    (true, true) => ModuleLevel::Write,
                    (true, false) => ModuleLevel::Read,
                    (false, _) => ModuleLevel::None,
                };
                (best, least) = (best.max(level), least.min(level));
                levels.push((level, *entity, *place));
            }
            assert_eq!((cell.level, cell.whole), (best, least), "{} {column:?}", module.name());
            for (level, entity, place) in levels {
                let said = cell.at.iter().filter(|region| region.admits(entity, &place, false)).count();
                let right = usize::from(best != ModuleLevel::None && level >= best);
                assert_eq!(said, right, "{} {column:?} {place:?} {:?}", module.name(), cell.at);
            }
            let some = || {
                let own =
                    state.contract().modules().iter().filter(|m| m.application() == module.application());
                let all = module
                    .untold(&Module::told(own.map(|m| (m, effective.cell(m.name(), column).unwrap().level))));
                here().any(|(thing, _, _)| all.iter().any(|permission| allowed(permission, *thing)))
            };
            let beyond = best == ModuleLevel::None && some();
            assert_eq!(!cell.some.is_empty(), beyond, "{} {column:?} {:?}", module.name(), cell.some);
            limited += usize::from(cell.is_limited());
            whole += usize::from(cell.whole > ModuleLevel::None);
        }
    }
    (limited, whole)
}

/// The grants behind a cell, and those that open the application, give it without all others.
fn reasons_suffice(trial: &Trial, user: UserId) {
    let effective = Effective::of(&trial.state, user, NOW);
    for row in &effective.rows {
        for (column, cell) in effective.columns.iter().zip(&row.cells) {
            let kept = [&cell.grants, effective.entered_by(row.application)].concat();
            assert_eq!(cell.grants.is_empty(), cell.level == ModuleLevel::None);
            // Which sites have a column depends on all grants: those that stay keep theirs by empty roles.
            let others = trial.state.grants(user).into_iter().filter(|g| !kept.contains(&g.id));
            let nothing = trial.state.find_role("nothing").unwrap().id;
            let mut trial = trial.clone();
            for grant in others {
                trial.run(&[Change::GrantRemoved { id: grant.id, user }]);
                trial.give(user, nothing, grant.spec.scope, grant.spec.validity);
            }
            let alone = Effective::of(&trial.state, user, NOW);
            let same = alone.cell(&row.module, *column).unwrap();
            assert_eq!((same.level, same.whole), (cell.level, cell.whole), "{} {column:?}", row.module);
        }
    }
}

fn names_of(state: &Snapshot, permissions: &PermissionSet) -> Vec<String> {
    permissions.iter().map(|p| state.permissions().name(p).to_owned()).collect()
}

/// A role of modules whole or in part, so that levels come about.
fn module_role(rng: &mut Rng, trial: &mut Trial, modules: &[&Module], key: &str) {
    let mut permissions: Vec<String> = Vec::new();
    for module in modules {
        let level = *rng.of(&[ModuleLevel::None, ModuleLevel::Read, ModuleLevel::Write, ModuleLevel::Write]);
        permissions.extend(names_of(&trial.state, &module.permissions(level)));
    }
    permissions.extend(["OMC_ACCESS".to_owned(), "STOREAPP_ACCESS".to_owned()]);
    permissions.sort();
    permissions.dedup();
    for _ in 0..rng.below(3) {
        let out = rng.below(permissions.len());
        permissions.remove(out);
    }
    let application = rng.chance(20).then(|| *rng.of(&Application::ALL));
    let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
    trial.role(key, application, &permissions);
}

#[test]
fn every_cell_is_what_decide_allows_and_its_grants_suffice() {
    let (mut limited, mut whole) = (0, 0);
    for seed in 0..cases() {
        let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut trial = Trial::new();
        trial.role("nothing", Some(Application::Api), &[]);
        let contract = trial.state.contract().clone();
        // The API's module has 160 permissions: left out, or every case is about it.
        let all: Vec<&Module> = contract.modules().iter().filter(|m| m.name() != "public_api").collect();
        let modules: Vec<&Module> = (0..3).map(|_| *rng.of::<&Module>(&all)).collect();
        for key in ["x", "y", "z"] {
            module_role(&mut rng, &mut trial, &modules, key);
        }
        let user = trial.user(&[]);
        for _ in 0..1 + rng.below(4) {
            let role = rng.role(&trial.state);
            let (scope, validity) = (rng.scope(), rng.validity());
            trial.give(user, role, scope, validity);
        }
        let (some, full) = agree(&trial.state, user, &modules);
        reasons_suffice(&trial, user);
        (limited, whole) = (limited + some, whole + full);
        trial.run(&[switched(user, false)]);
        let off = Effective::of(&trial.state, user, NOW);
        assert!(off.rows.iter().flat_map(|row| &row.cells).all(|c| c.level == ModuleLevel::None));
    }
    assert!(limited > 10 && whole > 10, "{limited} limited and {whole} whole cells");
}

fn built_in(trial: &Trial, key: &str) -> crate::words::RoleId {
    trial.state.find_role(key).unwrap().id
}

#[test]
fn an_account_wide_administrator_writes_at_all_sites() {
    let mut trial = Trial::new();
    let (admin, director) = (built_in(&trial, "client_admin"), built_in(&trial, "retail_director"));
    let user = trial.user(&[(admin, Scope::account()), (director, sites(&[1]))]);
    let effective = Effective::of(&trial.state, user, NOW);
    assert_eq!(effective.columns, [Column::AllSites, Column::Site(id(1))]);
    let role = trial.state.role(admin).unwrap().permissions.clone();
    for module in trial.state.contract().modules() {
        let cell = effective.cell(module.name(), Column::AllSites).unwrap();
        let level =
            if module.application() == Application::Omc { module.level(&role) } else { ModuleLevel::None };
        assert_eq!((cell.level, cell.whole), (level, level), "{}", module.name());
        assert!(!cell.is_limited() && cell.limits(&trial.state).is_none());
    }
    let grants = trial.state.grants(user);
    let orders = effective.cell("orders", Column::AllSites).unwrap();
    assert_eq!(orders.grants, [grants[0].id]);
}

#[test]
fn listed_locations_and_channels_limit_a_cell() {
    let mut trial = Trial::new();
    let vendor = built_in(&trial, "vendor");
    let user = trial.user(&[(vendor, only(1, &[1, 2]))]);
    let effective = Effective::of(&trial.state, user, NOW);
    let cell = effective.cell("store_orders", Column::Site(id(1))).unwrap();
    assert_eq!((cell.whole, cell.is_limited()), (ModuleLevel::None, true));
    assert_eq!(cell.limits(&trial.state).unwrap(), "at Leeds and York");
    assert_eq!(effective.cell("store_orders", Column::AllSites).unwrap().level, ModuleLevel::None);

    let module = trial.state.contract().clone();
    let orders = module.modules().iter().find(|m| m.name() == "orders").unwrap();
    let named = |level| names_of(&trial.state, &orders.permissions(level));
    let (read, write) = (named(ModuleLevel::Read), named(ModuleLevel::Write));
    let with_entry = |names: &[String]| [names, &["OMC_ACCESS".to_owned()]].concat();
    let make = |trial: &mut Trial, key: &str, names: &[String]| {
        let names = with_entry(names);
        trial.role(key, None, &names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (reader, writer) = (make(&mut trial, "reader", &read), make(&mut trial, "writer", &write));
    let user = trial.user(&[(reader, sites(&[1])), (writer, channels(1, &[1]))]);
    let effective = Effective::of(&trial.state, user, NOW);
    let cell = effective.cell("orders", Column::Site(id(1))).unwrap();
    assert_eq!((cell.level, cell.whole), (ModuleLevel::Write, ModuleLevel::Read));
    assert_eq!(
        cell.limits(&trial.state).unwrap(),
        "at North through North Web and on what has no sales channel"
    );
    let ids: Vec<GrantId> = trial.state.grants(user).iter().map(|g| g.id).collect();
    assert_eq!(cell.grants, ids);
}

#[test]
fn two_halves_make_a_level_where_they_meet_and_nowhere_else() {
    let mut trial = Trial::new();
    let contract = trial.state.contract().clone();
    let stock = contract.modules().iter().find(|m| m.name() == "stock").unwrap();
    let read = names_of(&trial.state, &stock.permissions(ModuleLevel::Read));
    let read: Vec<&str> = read.iter().map(String::as_str).collect();
    let first = trial.role("first", None, &[read[0], "OMC_ACCESS"]);
    let second = trial.role("second", None, &read[1..]);
    let user = trial.user(&[(first, only(1, &[1])), (second, only(1, &[2]))]);
    let cell =
        |trial: &Trial| Effective::of(&trial.state, user, NOW).cell("stock", Column::Site(id(1))).cloned();
    assert_eq!(cell(&trial).unwrap().level, ModuleLevel::None);
    trial.give(user, second, only(1, &[1, 2]), Validity::ALWAYS);
    let cell = cell(&trial).unwrap();
    assert_eq!(cell.limits(&trial.state).unwrap(), "at Leeds");
    let grants = trial.state.grants(user);
    assert_eq!(cell.grants, [grants[0].id, grants[2].id]);
}

#[test]
fn what_ends_is_told_and_what_is_over_counts_no_more() {
    let mut trial = Trial::new();
    let director = built_in(&trial, "retail_director");
    let user = trial.user(&[]);
    trial.give(user, director, sites(&[1]), Validity { from: None, until: Some(Instant(2_000)) });
    let level = |at| {
        let effective = Effective::of(&trial.state, user, Instant(at));
        let level = effective.cell("orders", Column::Site(id(1))).unwrap().level;
        (level > ModuleLevel::None, effective.valid_until, effective.entered_by(Application::Omc).len())
    };
    assert_eq!(level(1_999), (true, Some(Instant(2_000)), 1));
    assert_eq!(level(2_000), (false, None, 0));
}

#[test]
fn sites_beyond_the_bound_are_counted() {
    let mut trial = Trial::new();
    let role = trial.role("clerk", None, &["ORDER_VIEW"]);
    let many: Vec<u32> = (1..=SITES_MAX as u32 + 2).collect();
    let user = trial.user(&[(role, sites(&many))]);
    let effective = Effective::of(&trial.state, user, NOW);
    assert_eq!((effective.columns.len(), effective.beyond), (SITES_MAX + 1, 2));
}

#[test]
fn what_comes_from_grants_that_one_does_not_see_is_not_told() {
    let mut trial = Trial::new();
    let director = built_in(&trial, "retail_director");
    let viewer = trial.user(&[(director, sites(&[1]))]);
    let user = trial.user(&[(director, sites(&[1])), (director, sites(&[2]))]);
    let subject = Subject::signed_in(trial.state.account().id, viewer, Application::Omc);
    let seen = Effective::seen(&trial.state, &subject, user, NOW);
    assert_eq!(seen.columns, [Column::AllSites, Column::Site(id(1))]);
    let first = trial.state.grants(user)[0].id;
    assert_eq!(seen.cell("orders", Column::Site(id(1))).unwrap().grants, [first]);
    assert_eq!(seen.entered_by(Application::Omc), [first]);
    let own = Subject::signed_in(trial.state.account().id, user, Application::Omc);
    let all = Effective::of(&trial.state, user, NOW);
    assert_eq!(Effective::seen(&trial.state, &own, user, NOW), all);
}
