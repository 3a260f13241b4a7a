//! The audit chain: read, exported, and every way to alter it found.

use sql::Database;
use store::{ACCESS_CHAIN, AuditEntry, AuditQuery, AuditVerdict, StoreError};

use access::commands::{EditAccount, GrantEdit};
use access::{Revision, Scope};

use crate::Case;
use crate::backends::run;
use crate::world::{World, access_log, label, spec};

pub(crate) const CASES: &[Case] = &[
    ("pages", pages),
    ("what an entry says", what_an_entry_says),
    ("export", export),
    ("an unbroken chain grows", an_unbroken_chain_grows),
    ("an altered field", an_altered_field),
    ("a taken entry", a_taken_entry),
    ("swapped entries", swapped_entries),
    ("a cut tail", a_cut_tail),
    ("a chain made anew", a_chain_made_anew),
    ("an altered head", an_altered_head),
    ("an altered log", an_altered_log),
];

/// An account with eight entries.
fn audited(database: &Database) -> World {
    let mut world = World::new(database);
    let role = world.role("client_admin");
    world.user("ann@shop.example", vec![spec(role, Scope::account())]);
    let (leeds, _) = world.retailer("leeds");
    let bob = world.user("bob@shop.example", vec![]);
    world.grant(bob, GrantEdit::Add(spec(role, Scope::retailer(leeds))));
    world.must(EditAccount { name: label("Another") });
    world
}

fn entries(world: &World, query: &AuditQuery) -> Vec<AuditEntry> {
    world.store.audit(world.account(), query).unwrap()
}

fn verdict(world: &World) -> AuditVerdict {
    world.store.verify_audit(world.account(), ACCESS_CHAIN, None).unwrap()
}

fn broken_at(world: &World) -> u64 {
    match verdict(world) {
        AuditVerdict::Broken { at, reason } => {
            assert!(!reason.is_empty());
            at
        }
        unbroken => panic!("{unbroken:?}"),
    }
}

fn pages(database: &Database) {
    let world = audited(database);
    let page = |after, limit, newest_first| -> Vec<u64> {
        entries(&world, &access_log(after, limit, newest_first)).iter().map(|e| e.number).collect()
    };
    assert_eq!(page(None, 3, false), [1, 2, 3]);
    assert_eq!(page(Some(3), 3, false), [4, 5, 6]);
    assert_eq!(page(Some(6), 30, false), [7, 8]);
    assert_eq!(page(None, 3, true), [8, 7, 6]);
    assert_eq!(page(Some(6), 3, true), [5, 4, 3]);
    assert_eq!(page(Some(1), 3, true), [] as [u64; 0]);
    assert_eq!(page(None, usize::MAX, false).len(), 8);
}

fn what_an_entry_says(database: &Database) {
    let world = audited(database);
    let last = &entries(&world, &access_log(None, 1, true))[0];
    let name = |text: &str| vec![("name".to_owned(), text.to_owned())];
    assert_eq!((last.action.as_str(), last.target.as_str()), ("account.edited", "acc_1 shop"));
    assert_eq!((&last.before, &last.after), (&name("A shop"), &name("Another")));
    assert_eq!((last.actor.as_str(), last.application, last.address.as_str()), ("operator", None, "cli"));
    assert_eq!((last.at.0, last.revision), (world.now, Revision(6)));
}

fn export(database: &Database) {
    let world = audited(database);
    let mut exported = Vec::new();
    let all: Result<(), StoreError> = world.store.audit_export(world.account(), ACCESS_CHAIN, &mut |entry| {
        exported.push(entry.clone());
        Ok(())
    });
    all.unwrap();
    assert_eq!(exported, entries(&world, &access_log(None, 100, false)));
    assert!(exported.windows(2).all(|pair| pair[1].previous_hash == pair[0].hash));

    #[derive(Debug, PartialEq)]
    enum Mine {
        Store(StoreError),
        Enough(u64),
    }
    impl From<StoreError> for Mine {
        fn from(error: StoreError) -> Self {
            Mine::Store(error)
        }
    }
    let stopped = world.store.audit_export(world.account(), ACCESS_CHAIN, &mut |entry| match entry.number {
        3 => Err(Mine::Enough(3)),
        _ => Ok(()),
    });
    assert_eq!(stopped, Err(Mine::Enough(3)));
    run(database, "UPDATE audit_entry SET after_facts = 'x' WHERE entry_no = 2");
    let failed: Result<(), Mine> = world.store.audit_export(world.account(), ACCESS_CHAIN, &mut |_| Ok(()));
    assert!(matches!(failed, Err(Mine::Store(StoreError::Corrupt(_)))));
}

fn an_unbroken_chain_grows(database: &Database) {
    let mut world = audited(database);
    let AuditVerdict::Unbroken { entries, head } = verdict(&world) else { panic!("broken") };
    assert_eq!(entries, 8);
    world.user("cid", vec![]);
    let verify = |head: &str| world.store.verify_audit(world.account(), ACCESS_CHAIN, Some(head)).unwrap();
    assert!(matches!(verify(&head), AuditVerdict::Unbroken { entries: 9, .. }));
    assert!(matches!(verify(&head.to_uppercase()), AuditVerdict::Unbroken { .. }));
    assert!(matches!(verify(&"0".repeat(64)), AuditVerdict::Broken { .. }));
}

fn an_altered_field(database: &Database) {
    let world = audited(database);
    let text = "actor address action_name target before_facts after_facts application";
    let set = |column: &str, value: &str| {
        run(database, &format!("UPDATE audit_entry SET {column} = {value} WHERE entry_no = 4"));
    };
    for column in text.split(' ') {
        run(
            database,
            &format!("CREATE TABLE kept AS SELECT {column} AS was FROM audit_entry WHERE entry_no = 4"),
        );
        set(column, "'omc'");
        assert_eq!(broken_at(&world), 4, "{column}");
        set(column, "(SELECT was FROM kept)");
        run(database, "DROP TABLE kept");
        assert!(matches!(verdict(&world), AuditVerdict::Unbroken { .. }), "{column}");
    }
    for column in ["made_at", "revision"] {
        set(column, &format!("{column} + 1"));
        assert_eq!(broken_at(&world), 4, "{column}");
        set(column, &format!("{column} - 1"));
    }
    assert!(matches!(verdict(&world), AuditVerdict::Unbroken { .. }));
    set("entry_hash", "'ff'");
    assert_eq!(broken_at(&world), 4);
}

fn a_taken_entry(database: &Database) {
    let world = audited(database);
    run(database, "DELETE FROM audit_entry WHERE entry_no = 5");
    assert_eq!(broken_at(&world), 5);
    run(database, "UPDATE audit_entry SET entry_no = 5 WHERE entry_no = 6");
    assert_eq!(broken_at(&world), 5);
}

fn swapped_entries(database: &Database) {
    let world = audited(database);
    for (from, to) in [(3, 99), (6, 3), (99, 6)] {
        run(database, &format!("UPDATE audit_entry SET entry_no = {to} WHERE entry_no = {from}"));
    }
    assert_eq!(broken_at(&world), 3);
}

fn a_cut_tail(database: &Database) {
    let world = audited(database);
    let head = world.store.head(world.account()).unwrap().unwrap().audit_hash;
    run(database, "DELETE FROM audit_entry WHERE entry_no > 6");
    assert_eq!(broken_at(&world), 7);
    // Whoever writes the head to match is found by the hash that was kept elsewhere.
    let last = &entries(&world, &access_log(None, 1, true))[0];
    let cut = format!("UPDATE account_head SET audit_count = 6, audit_hash = '{}'", last.hash);
    run(database, &cut);
    let kept = world.store.verify_audit(world.account(), ACCESS_CHAIN, Some(&head)).unwrap();
    assert!(matches!(kept, AuditVerdict::Broken { .. }), "{kept:?}");
}

/// The chain of another account does not pass for this one's.
fn a_chain_made_anew(database: &Database) {
    let world = audited(database);
    let mut other = World::in_store(world.store.clone(), "other shop");
    other.user("ann", vec![]);
    let (own, others) = (1, 2);
    run(database, &format!("DELETE FROM audit_entry WHERE account_id = {own}"));
    run(database, &format!("UPDATE audit_entry SET account_id = {own} WHERE account_id = {others}"));
    let head = other.store.head(other.account()).unwrap().unwrap().audit_hash;
    run(
        database,
        &format!("UPDATE account_head SET audit_count = 2, audit_hash = '{head}' WHERE account_id = {own}"),
    );
    assert_eq!(broken_at(&world), 1);
}

fn an_altered_head(database: &Database) {
    let world = audited(database);
    let head = world.store.head(world.account()).unwrap().unwrap();
    run(database, "UPDATE account_head SET audit_count = 9");
    assert_eq!(broken_at(&world), 9);
    run(database, "UPDATE account_head SET audit_count = 8, audit_hash = 'ff'");
    assert_eq!(broken_at(&world), 9);
    run(database, &format!("UPDATE account_head SET audit_hash = '{}', revision = 5", head.audit_hash));
    assert_eq!(broken_at(&world), 9);
    run(database, "UPDATE account_head SET revision = 7");
    assert_eq!(broken_at(&world), 9);
    run(database, "UPDATE account_head SET revision = 6");
    assert!(matches!(verdict(&world), AuditVerdict::Unbroken { .. }));
}

fn an_altered_log(database: &Database) {
    let world = audited(database);
    run(database, "DELETE FROM change_log WHERE revision = 3");
    assert!(matches!(verdict(&world), AuditVerdict::Broken { reason, .. } if reason.contains("revision 3")));
}
