//! The audit of sign-ins: a chain for each node, beside that of access changes.

use access::commands::SignOutUser;
use access::{AccountId, Application, Instant, Number, Revision};
use sha2::{Digest, Sha256};
use sql::Database;
use store::{
    ACCESS_CHAIN, AuditEntry, AuditQuery, AuditVerdict, Made, SignInEntry, Store, StoreError, TokenKind,
    TokenRow,
};

use crate::Case;
use crate::backends::run;
use crate::tokens::{entry, found, refresh, secret, token};
use crate::world::{World, token_id};

pub(crate) const CASES: &[Case] = &[
    ("what a sign-in says", what_a_sign_in_says),
    ("a chain of sign-ins grows", a_chain_grows),
    ("a chain for each node", a_chain_for_each_node),
    ("an altered sign-in", an_altered_sign_in),
    ("a taken sign-in", a_taken_sign_in),
    ("a cut chain of sign-ins", a_cut_chain),
    ("a chain whose end was taken", an_end_that_was_taken),
    ("an entry of another chain", an_entry_of_another_chain),
    ("a sign-in of the future", a_sign_in_of_the_future),
    ("sign-ins leave access changes alone", sign_ins_leave_access_changes_alone),
    ("hashes are those that are documented", hashes_are_those_documented),
];

/// The sign-ins of a store's node, all of them.
pub(crate) fn entries(store: &Store, account: AccountId) -> Vec<AuditEntry> {
    chain(store, account, &store.sign_in_chain())
}

fn chain(store: &Store, account: AccountId, chain: &str) -> Vec<AuditEntry> {
    let query = AuditQuery { chain: chain.to_owned(), after: None, limit: 1_000, newest_first: false };
    store.audit(account, &query).unwrap()
}

fn verdict(store: &Store, account: AccountId) -> AuditVerdict {
    store.verify_audit(account, &store.sign_in_chain(), None).unwrap()
}

fn broken_at(world: &World) -> u64 {
    match verdict(&world.store, world.account()) {
        AuditVerdict::Broken { at, reason } => {
            assert!(!reason.is_empty());
            at
        }
        unbroken => panic!("{unbroken:?}"),
    }
}

fn head(store: &Store, account: AccountId) -> (u64, String) {
    match verdict(store, account) {
        AuditVerdict::Unbroken { entries, head } => (entries, head),
        broken => panic!("{broken:?}"),
    }
}

/// An account of revision 2 with six sign-ins.
fn signed_in(database: &Database) -> World {
    let mut world = World::new(database);
    world.user("ann", vec![]);
    let told: Vec<SignInEntry> = (1..=6).map(|number| entry("sign_in.succeeded", number)).collect();
    world.store.tell_sign_ins(world.account(), &told[..2]).unwrap();
    world.store.tell_sign_ins(world.account(), &told[2..]).unwrap();
    world
}

fn what_a_sign_in_says(database: &Database) {
    let mut world = World::new(database);
    world.user("ann", vec![]);
    let facts = vec![("by", "sso by idp_1".to_owned()), ("agent", "Browser \"1\" ü".to_owned())];
    let told = SignInEntry {
        at: Instant(-5),
        actor: "unknown".to_owned(),
        application: None,
        address: "2001:db8::1".to_owned(),
        action: "sign_in.failed",
        target: "usr_1 ann".to_owned(),
        facts: facts.clone(),
        revision: Revision(2),
    };
    world.store.tell_sign_ins(world.account(), std::slice::from_ref(&told)).unwrap();
    let read = entries(&world.store, world.account()).remove(0);
    let facts: Vec<_> = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    assert_eq!((read.number, read.at, read.actor.as_str()), (1, told.at, "unknown"));
    assert_eq!((read.application, read.address.as_str()), (None, "2001:db8::1"));
    assert_eq!((read.action.as_str(), read.target.as_str()), ("sign_in.failed", "usr_1 ann"));
    assert_eq!((read.before, read.after, read.revision), (vec![], facts, Revision(2)));
    let some = SignInEntry { application: Some(Application::Api), ..told };
    world.store.tell_sign_ins(world.account(), &[some]).unwrap();
    assert_eq!(entries(&world.store, world.account())[1].application, Some(Application::Api));
}

/// By each call that tells; one that changes nothing tells nothing.
fn a_chain_grows(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let (store, account) = (&world.store, world.account());
    let (count, empty) = head(store, account);
    assert_eq!((count, store.audit_chains(account).unwrap()), (0, vec![ACCESS_CHAIN.to_owned()]));
    store.tell_sign_ins(account, &[]).unwrap();
    assert_eq!(head(store, account), (0, empty.clone()));
    let told = |action, number| [entry(action, number), entry("also", number)];
    let pair = TokenRow { kind: TokenKind::Pair, ..token(1, ann) };
    store.add_token(account, &pair, &[secret(1), refresh(2)], 1, &told("sign_in.succeeded", 1)).unwrap();
    store.add_token(account, &token(2, ann), &[secret(3)], 0, &told("refused", 2)).unwrap();
    let kept = head(store, account).1;
    let old = found(store, 2).unwrap();
    store.refresh_token(&old, &[secret(4)], &told("token.refreshed", 3)).unwrap();
    store.refresh_token(&old, &[secret(5)], &told("refused", 4)).unwrap();
    store.first_seen(account, token_id(1), Instant(9), &entry("token.first_used", 5)).unwrap();
    store.first_seen(account, token_id(1), Instant(9), &entry("refused", 6)).unwrap();
    store.tell_sign_ins(account, &told("sign_in.failed", 7)).unwrap();
    let actions: Vec<String> = entries(store, account).into_iter().map(|entry| entry.action).collect();
    let expected = "sign_in.succeeded also token.refreshed also token.first_used sign_in.failed also";
    assert_eq!(actions.join(" "), expected);
    assert_eq!(head(store, account).0, 7);
    assert!(entries(store, account).windows(2).all(|pair| pair[1].previous_hash == pair[0].hash));
    for kept in [&empty, &kept, &kept.to_uppercase()] {
        let verdict = store.verify_audit(account, &store.sign_in_chain(), Some(kept)).unwrap();
        assert!(matches!(verdict, AuditVerdict::Unbroken { entries: 7, .. }), "{verdict:?}");
    }
    let other = store.head(account).unwrap().unwrap().audit_hash;
    let verdict = store.verify_audit(account, &store.sign_in_chain(), Some(&other)).unwrap();
    assert!(matches!(verdict, AuditVerdict::Broken { .. }), "the head of another chain: {verdict:?}");
}

fn a_chain_for_each_node(database: &Database) {
    let world = signed_in(database);
    let other = World::in_store(world.store.clone(), "other shop");
    let account = world.account();
    let [north, south] = ["north", "south 2"].map(|node| world.store.clone().of_node(node));
    assert_eq!((world.store.node(), world.store.sign_in_chain().as_str()), (Store::NODE, "sign_in/main"));
    assert_eq!((south.node(), south.sign_in_chain().as_str()), ("south 2", "sign_in/south 2"));
    south.tell_sign_ins(account, &[entry("sign_in.failed", 1)]).unwrap();
    add_told(&north, account, 1);
    add_told(&north, account, 2);
    let chains = ["access", "sign_in/main", "sign_in/north", "sign_in/south 2"];
    assert_eq!(world.store.audit_chains(account).unwrap(), chains);
    assert_eq!(other.store.audit_chains(other.account()).unwrap(), ["access"]);
    let counts = [&world.store, &north, &south].map(|store| head(store, account).0);
    assert_eq!(counts, [6, 2, 1]);
    let firsts = [&world.store, &north, &south].map(|store| entries(store, account).remove(0).previous_hash);
    assert!(firsts[0] != firsts[1] && firsts[1] != firsts[2], "each begins with a hash of its own");
    add_told(&north, other.account(), 3);
    assert_eq!(other.store.audit_chains(other.account()).unwrap(), ["access", "sign_in/north"]);
    assert_eq!((head(&north, other.account()).0, head(&north, account).0), (1, 2));
    // Each is exported and paged by itself.
    let mut exported = Vec::new();
    let all: Result<(), StoreError> = south.audit_export(account, chains[2], &mut |entry| {
        exported.push(entry.clone());
        Ok(())
    });
    all.unwrap();
    assert_eq!(exported, entries(&north, account));
    let newest = AuditQuery { chain: chains[1].to_owned(), after: Some(5), limit: 2, newest_first: true };
    let page = south.audit(account, &newest).unwrap();
    assert_eq!(page.iter().map(|entry| entry.number).collect::<Vec<_>>(), [4, 3]);
}

/// Makes a token and tells of it.
fn add_told(store: &Store, account: AccountId, number: i64) {
    let (told, ann) = ([entry("sign_in.succeeded", number)], crate::world::id(1));
    let number = number + 1_000 * i64::from(account.number());
    let made = store.add_token(account, &token(number, ann), &[secret(number)], 1_000, &told);
    assert_eq!(made, Ok(Made::Yes));
}

fn an_altered_sign_in(database: &Database) {
    let world = signed_in(database);
    let of = "WHERE chain_name = 'sign_in/main' AND entry_no = 4";
    let set = |column: &str, value: &str| {
        run(database, &format!("UPDATE audit_entry SET {column} = {value} {of}"));
    };
    for column in ["actor", "address", "action_name", "target", "before_facts", "after_facts", "application"]
    {
        run(database, &format!("CREATE TABLE kept AS SELECT {column} AS was FROM audit_entry {of}"));
        set(column, "'api'");
        assert_eq!(broken_at(&world), 4, "{column}");
        set(column, "(SELECT was FROM kept)");
        run(database, "DROP TABLE kept");
        assert_eq!(head(&world.store, world.account()).0, 6, "{column}");
    }
    for column in ["made_at", "revision"] {
        set(column, &format!("{column} + 1"));
        assert_eq!(broken_at(&world), 4, "{column}");
        set(column, &format!("{column} - 1"));
    }
    assert_eq!(head(&world.store, world.account()).0, 6);
    set("entry_hash", "'ff'");
    assert_eq!(broken_at(&world), 4);
    world.check();
}

fn a_taken_sign_in(database: &Database) {
    let world = signed_in(database);
    let of = "chain_name = 'sign_in/main' AND entry_no";
    run(database, &format!("DELETE FROM audit_entry WHERE {of} = 3"));
    assert_eq!(broken_at(&world), 3);
    run(database, &format!("UPDATE audit_entry SET entry_no = 3 WHERE {of} = 4"));
    assert_eq!(broken_at(&world), 3);
    world.check();
}

fn a_cut_chain(database: &Database) {
    let world = signed_in(database);
    let (account, kept) = (world.account(), head(&world.store, world.account()).1);
    run(database, "DELETE FROM audit_entry WHERE chain_name = 'sign_in/main' AND entry_no > 4");
    assert_eq!(broken_at(&world), 5);
    run(database, "UPDATE audit_chain SET entry_count = 4");
    assert_eq!(broken_at(&world), 5, "the hash is still that of the sixth");
    let last = entries(&world.store, account).remove(3).hash;
    run(database, &format!("UPDATE audit_chain SET head_hash = '{last}'"));
    assert_eq!(head(&world.store, account).0, 4, "whoever writes the end to match");
    let verify = |kept: &str| {
        let verdict = world.store.verify_audit(account, "sign_in/main", Some(kept)).unwrap();
        matches!(verdict, AuditVerdict::Unbroken { .. })
    };
    assert!(!verify(&kept) && verify(&last), "is found by the hash that was kept elsewhere");
    run(database, "DELETE FROM audit_chain");
    run(database, "DELETE FROM audit_entry WHERE chain_name = 'sign_in/main'");
    assert!(!verify(&kept) && !verify(&last), "so is whoever takes all of it");
}

fn an_end_that_was_taken(database: &Database) {
    let world = signed_in(database);
    world.store.clone().of_node("north").tell_sign_ins(world.account(), &[entry("also", 1)]).unwrap();
    run(database, "DELETE FROM audit_chain");
    assert_eq!(broken_at(&world), 7);
    let named = world.store.audit_chains(world.account()).unwrap();
    assert_eq!(named, ["access", "sign_in/main", "sign_in/north"], "a chain is not hidden by taking its end");
    run(database, "DELETE FROM audit_entry WHERE chain_name = 'sign_in/main'");
    run(database, "INSERT INTO audit_chain VALUES (1, 'sign_in/main', 6, 'ff')");
    assert_eq!(broken_at(&world), 1);
    assert_eq!(world.store.audit_chains(world.account()).unwrap(), named, "nor by taking its entries");
}

/// Entries do not pass for those of another node or account.
fn an_entry_of_another_chain(database: &Database) {
    let world = signed_in(database);
    let north = world.store.clone().of_node("north");
    north.tell_sign_ins(world.account(), &[entry("sign_in.succeeded", 1)]).unwrap();
    let move_to = |set: &str| {
        run(database, "DELETE FROM audit_entry WHERE chain_name = 'sign_in/north'");
        run(database, "DELETE FROM audit_chain WHERE chain_name = 'sign_in/north'");
        for table in ["audit_entry", "audit_chain"] {
            run(database, &format!("UPDATE {table} SET {set} WHERE chain_name = 'sign_in/main'"));
        }
    };
    let other = World::in_store(world.store.clone(), "other shop");
    move_to("chain_name = 'sign_in/north'");
    assert!(matches!(verdict(&north, world.account()), AuditVerdict::Broken { at: 1, .. }));
    run(database, "UPDATE audit_entry SET chain_name = 'sign_in/main' WHERE chain_name = 'sign_in/north'");
    run(database, "UPDATE audit_chain SET chain_name = 'sign_in/main' WHERE chain_name = 'sign_in/north'");
    assert_eq!(head(&world.store, world.account()).0, 6);
    move_to("account_id = 2");
    assert!(matches!(verdict(&world.store, other.account()), AuditVerdict::Broken { at: 1, .. }));
}

/// Two requests may be told in another order than they were judged in, but on no state that is not there yet.
fn a_sign_in_of_the_future(database: &Database) {
    let world = signed_in(database);
    let tell = |revision| {
        let told = SignInEntry { revision: Revision(revision), ..entry("sign_in.succeeded", 1) };
        world.store.tell_sign_ins(world.account(), &[told]).unwrap();
    };
    [2, 1, 2, 1].into_iter().for_each(tell);
    assert_eq!(head(&world.store, world.account()).0, 10);
    tell(3);
    assert_eq!(broken_at(&world), 12);
}

fn sign_ins_leave_access_changes_alone(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let account = world.account();
    let (before, head) = (chain(&world.store, account, ACCESS_CHAIN), world.store.head(account));
    add_told(&world.store, account, 1);
    add_told(&world.store.clone().of_node("north"), account, 2);
    world.store.seen(account, &[(token_id(1_001), Instant(9))]).unwrap();
    world.store.sweep_tokens(Instant(i64::MAX)).unwrap();
    assert_eq!(chain(&world.store, account, ACCESS_CHAIN), before);
    assert_eq!(world.store.head(account), head);
    world.must(SignOutUser { id: ann });
    let after = chain(&world.store, account, ACCESS_CHAIN);
    assert_eq!(&after[..before.len()], before);
    assert_eq!(after[before.len()].previous_hash, head.unwrap().unwrap().audit_hash);
    world.check();
}

/// The hash as the module of hashes documents it, made by itself.
fn documented_hash(account: AccountId, chain: &str, entry: &AuditEntry) -> String {
    let mut bytes = Vec::new();
    let integer = |bytes: &mut Vec<u8>, number: i64| bytes.extend(number.to_be_bytes());
    let text = |bytes: &mut Vec<u8>, text: &str| {
        integer(bytes, i64::try_from(text.len()).unwrap());
        bytes.extend(text.as_bytes());
    };
    text(&mut bytes, "keyward audit 1");
    integer(&mut bytes, i64::from(account.number()));
    text(&mut bytes, chain);
    integer(&mut bytes, i64::try_from(entry.number).unwrap());
    integer(&mut bytes, entry.at.0);
    text(&mut bytes, &entry.actor);
    match entry.application {
        None => bytes.push(0),
        Some(application) => {
            bytes.push(1);
            text(&mut bytes, application.name());
        }
    }
    let facts = [&entry.before, &entry.after].map(|facts| serde_json::to_string(facts).unwrap());
    for field in [&entry.address, &entry.action, &entry.target, &facts[0], &facts[1]] {
        text(&mut bytes, field);
    }
    integer(&mut bytes, i64::try_from(entry.revision.0).unwrap());
    text(&mut bytes, &entry.previous_hash);
    hex(&bytes)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hashes_are_those_documented(database: &Database) {
    let world = signed_in(database);
    let account = world.account();
    for name in world.store.audit_chains(account).unwrap() {
        let entries = chain(&world.store, account, &name);
        assert!(entries.len() > 1, "{name}");
        for entry in &entries {
            assert_eq!(entry.hash, documented_hash(account, &name, entry), "{name} {}", entry.number);
        }
        let mut begin = Vec::new();
        for (number, text) in [(22, "keyward audit 1 begins"), (1, ""), (name.len(), name.as_str())] {
            begin.extend(u64::try_from(number).unwrap().to_be_bytes());
            begin.extend(text.as_bytes());
        }
        assert_eq!(entries[0].previous_hash, hex(&begin), "{name}");
    }
}
