//! What was committed is what is loaded.

use access::change::{Change, LocationKind, Profile, UserKind};
use access::commands::{
    AddPermission, CreateRole, CreateUser, DisableUser, EditAccount, EditChannel, EditGrants, EditLocation,
    EditRetailer, EditRole, EditUser, EnableUser, GrantEdit, RemoveRole, RemoveUser, SetAddresses,
    SetChannelOpen, SetLocationOpen, SetRetailerOpen, SignOutUser, open_account,
};
use access::{
    Application, Extent, GrantId, IdSet, Instant, Language, LocationExtent, RetailerId, Revision, RoleId,
    Scope, TimeZoneName, UserId, Validity,
};
use sql::Database;
use std::collections::BTreeSet;
use store::{ACCESS_CHAIN, StoreError};

use crate::Case;
use crate::backends::{integer, row_counts, run};
use crate::entrances::change_entrances;
use crate::world::{
    World, access_log, account, id, label, new_user, open, origin, permission, range, role_key, spec,
};

pub(crate) const CASES: &[Case] = &[
    ("every change is loaded as it was applied", every_change),
    ("accounts beside each other", accounts_beside_each_other),
    ("a taken ref", a_taken_ref),
    ("an unknown account", an_unknown_account),
    ("changes after a revision", changes_after_a_revision),
    ("a log of before the languages", a_log_of_before_the_languages),
    ("a hole in the log", a_hole_in_the_log),
    ("a changeset of many parts", a_changeset_of_many_parts),
    ("rows that contradict each other", rows_that_contradict_each_other),
];

/// Every kind of change there is, but the provisioner's switch, which no command of the operator makes: a
/// test beside the rows has it.
fn every_change(database: &Database) {
    let mut world = World::new(database);
    world.must(EditAccount { name: label("Another name") });
    let (leeds, web) = world.retailer("leeds");
    let shop = world.location(leeds, "LEEDS-1");
    let other = world.location(leeds, "LEEDS-2");
    let phone = world.channel(leeds, "PHONE");
    world.check();
    change_places(&mut world);
    world.check();
    world.must(AddPermission { name: permission("GIFT_WRAP") });
    world.must(AddPermission { name: permission("ALPHA_WRAP") });
    let permissions = vec![permission("GIFT_WRAP"), permission("ORDER_VIEW")];
    let application = Some(Application::StoreApp);
    world.must(CreateRole { key: role_key("wrapper"), label: label("Wrapper"), application, permissions });
    world.must(CreateRole {
        key: role_key("empty"),
        label: label("Empty"),
        application: None,
        permissions: vec![],
    });
    let wrapper: RoleId = world.role("wrapper");
    world.must(EditRole { id: wrapper, label: label("Gifts"), permissions: vec![permission("ALPHA_WRAP")] });
    world.check();
    let scope = Scope {
        retailers: Extent::one(leeds),
        locations: LocationExtent::Only(IdSet::new([shop, other]).unwrap()),
        channels: Extent::Set(IdSet::new([web, phone]).unwrap()),
    };
    let ann = world.user("ann@shop.example", vec![spec(world.role("client_admin"), Scope::account())]);
    let bob =
        world.user("bob", vec![spec(wrapper, scope.clone()), spec(world.role("empty"), Scope::account())]);
    world.check();
    change_users(&mut world);
    let narrow = Scope { locations: LocationExtent::Narrow(IdSet::one(shop)), ..Scope::retailer(leeds) };
    let validity = Validity { from: Some(Instant(-5)), until: Some(Instant(i64::MAX)) };
    world.grant(bob, GrantEdit::Change { id: id::<GrantId>(2), scope: narrow, validity });
    world.check();
    world.grant(bob, GrantEdit::Remove(id(2)));
    world.grant(bob, GrantEdit::Add(spec(wrapper, scope)));
    world.must(RemoveRole { id: wrapper });
    world.check();
    change_entrances(&mut world, ann);
    world.must(RemoveUser { id: bob });
    assert!(world.state.administrators().contains(&ann));
    world.check();
    assert_all_were_there(&world);
}

fn change_places(world: &mut World) {
    world.must(EditRetailer { id: id(1), name: label("Leeds & York"), default_channel: id(2) });
    world.must(EditLocation { id: id(2), name: label("Depot"), kind: LocationKind::Warehouse });
    world.must(EditChannel { id: id(1), name: label("Shop online") });
    for open in [false, true, false] {
        world.must(SetLocationOpen { id: id(2), open });
        world.must(SetChannelOpen { id: id(1), open });
        world.must(SetRetailerOpen { id: id(1), open });
        world.check();
    }
    world.must(SetRetailerOpen { id: id(1), open: true });
    world.must(SetLocationOpen { id: id(2), open: true });
    world.must(SetChannelOpen { id: id(1), open: true });
}

fn change_users(world: &mut World) {
    world.must(EditUser { id: id(2), profile: Profile::of(label("Bob"), Some(label("b@x.example"))) });
    change_preferences(world);
    world.must(EditUser { id: id(2), profile: Profile::of(label("Bobby"), None) });
    world.must(SignOutUser { id: id(2) });
    world.must(DisableUser { id: id(2) });
    world.check();
    world.must(EnableUser { id: id(2) });
    for (login, kind) in [("erp", UserKind::System), ("till", UserKind::Application)] {
        world.must(CreateUser { kind, ..new_user(login, vec![]) });
    }
    world.check();
    assert_eq!(world.state.user(id(2)).unwrap().epoch(), 3);
}

/// Of those who were there before, and of somebody who is made with some.
fn change_preferences(world: &mut World) {
    let (paris, lima) = (zone("Europe/Paris"), zone("America/Lima"));
    let bob = Profile::of(label("Bob"), None);
    for (language, time_zone) in [
        (Some(Language::EnUs), None),
        (Some(Language::EnGb), Some(lima.clone())),
        (None, Some(paris.clone())),
    ] {
        world.must(EditUser { id: id(2), profile: Profile { language, time_zone, ..bob.clone() } });
        world.check();
    }
    let new = new_user("zoe@x.example", vec![]);
    let profile = Profile { language: Some(Language::EnUs), time_zone: Some(lima), ..new.profile.clone() };
    world.must(CreateUser { profile, ..new });
    world.check();
    assert_eq!(world.state.time_zone(id(2)), Some(&paris));
}

fn zone(name: &str) -> TimeZoneName {
    TimeZoneName::parse(name).unwrap()
}

/// A log that was written before profiles had a language and a time zone is followed as it was meant: these bodies
/// are what was written then, and what is written now of whoever chose nothing.
fn a_log_of_before_the_languages(database: &Database) {
    const CREATED: &str = r#"[{"change":"user_created","id":1,"login":"ann","profile":{"name":"Ann Lee"},"kind":"person","sign_in":"password"}]"#;
    const EDITED: &str =
        r#"[{"change":"user_edited","id":1,"profile":{"name":"Ann","email":"a@x.example"}}]"#;
    let mut world = World::new(database);
    let before = world.state.clone();
    world.user("ann", vec![]);
    let plain = Profile::of(label("Ann"), Some(label("a@x.example")));
    world.must(EditUser { id: id(1), profile: plain.clone() });
    let after = world.state.clone();
    let profile =
        Profile { language: Some(Language::EnUs), time_zone: Some(zone("Europe/Paris")), ..plain.clone() };
    world.must(EditUser { id: id(1), profile: profile.clone() });
    for (revision, body) in [(2, CREATED), (3, EDITED)] {
        let found =
            format!("SELECT count(*) FROM change_log WHERE revision = {revision} AND body = '{body}'");
        assert_eq!(integer(database, &found), 1, "{body}");
        run(database, &format!("UPDATE change_log SET body = '{body}' WHERE revision = {revision}"));
    }
    let log = world.store.changes_since(world.account(), before.revision()).unwrap();
    let told: Vec<_> = log.iter().flat_map(|(_, changes)| changes).filter_map(profile_of).collect();
    assert_eq!(told, [&Profile::of(label("Ann Lee"), None), &plain, &profile]);
    let followed = log[..2].iter().fold(before, |state, (_, changes)| state.apply(changes).unwrap());
    assert_eq!(followed, after);
    world.check();
}

fn profile_of(change: &Change) -> Option<&Profile> {
    match change {
        Change::UserCreated { profile, .. } | Change::UserEdited { profile, .. } => Some(profile),
        _ => None,
    }
}

/// A variant that is added later fails here until the test above makes one.
fn assert_all_were_there(world: &World) {
    let log = world.store.changes_since(world.account(), Revision(0)).unwrap();
    let kind = |change: &Change| serde_json::to_value(change).unwrap()["change"].as_str().unwrap().to_owned();
    let seen: BTreeSet<String> = log.iter().flat_map(|(_, changes)| changes).map(kind).collect();
    let expected = "account_created account_edited channel_created channel_edited channel_status \
        client_added client_removed grant_added grant_changed grant_removed location_created location_edited location_status \
        permission_added provider_removed provider_saved retailer_created retailer_edited retailer_status role_created role_edited \
        role_removed token_ended user_addresses_set user_created user_edited user_removed user_sign_in_set \
        user_signed_out user_switched";
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>().join(" "), expected);
}

fn accounts_beside_each_other(database: &Database) {
    let mut one = World::new(database);
    let mut two = World::in_store(one.store.clone(), "other shop");
    one.retailer("leeds");
    two.user("ann", vec![]);
    one.user("ann", vec![]);
    two.retailer("york");
    two.retailer("leeds");
    one.check();
    two.check();
    let heads = one.store.heads().unwrap();
    assert_eq!(heads, [(one.account(), Revision(3)), (two.account(), Revision(4))]);
    let accounts = one.store.accounts().unwrap();
    assert_eq!(accounts, [one.state.account().clone(), two.state.account().clone()]);
}

fn a_taken_ref(database: &Database) {
    let world = World::new(database);
    let counts = row_counts(database);
    let same_ref = account(&world.store, "shop");
    let refusal = world.store.open_account(open_account(&same_ref), &origin(), Instant(2)).unwrap_err();
    assert_eq!(refusal, StoreError::AccountTaken(same_ref.r#ref.clone()));
    let same_id = access::snapshot::Account { id: world.account(), ..account(&world.store, "third") };
    let refusal = world.store.open_account(open_account(&same_id), &origin(), Instant(2)).unwrap_err();
    assert!(matches!(refusal, StoreError::Stale { account, .. } if account == world.account()), "{refusal}");
    assert_eq!(row_counts(database), counts);
}

fn an_unknown_account(database: &Database) {
    let store = open(database);
    let nobody = store.next_account_id().unwrap();
    assert_eq!(nobody, id(1));
    assert_eq!(store.head(nobody).unwrap(), None);
    assert_eq!(store.load(nobody).unwrap_err(), StoreError::UnknownAccount(nobody));
    assert_eq!(store.changes_since(nobody, Revision(0)).unwrap_err(), StoreError::UnknownAccount(nobody));
    assert_eq!(
        store.verify_audit(nobody, ACCESS_CHAIN, None).unwrap_err(),
        StoreError::UnknownAccount(nobody)
    );
    assert_eq!(store.audit(nobody, &access_log(None, 10, false)).unwrap(), []);
}

fn changes_after_a_revision(database: &Database) {
    let mut world = World::new(database);
    let first = world.state.clone();
    world.user("ann", vec![]);
    world.retailer("leeds");
    let log = world.store.changes_since(world.account(), first.revision()).unwrap();
    let revisions: Vec<u64> = log.iter().map(|(revision, _)| revision.0).collect();
    assert_eq!(revisions, [2, 3]);
    let now = log.iter().fold(first, |state, (_, changes)| state.apply(changes).unwrap());
    assert_eq!(now, world.state);
    assert_eq!(world.store.changes_since(world.account(), world.state.revision()).unwrap(), []);
    assert_eq!(world.store.changes_since(world.account(), Revision(99)).unwrap(), []);
}

fn a_hole_in_the_log(database: &Database) {
    let mut world = World::new(database);
    for login in ["ann", "bob", "cid"] {
        world.user(login, vec![]);
    }
    let since = |after| world.store.changes_since(world.account(), Revision(after));
    run(database, "DELETE FROM change_log WHERE revision = 3");
    assert!(matches!(since(0), Err(StoreError::Corrupt(_))));
    assert!(matches!(since(2), Err(StoreError::Corrupt(_))));
    assert_eq!(since(3).unwrap().len(), 1);
    run(database, "DELETE FROM change_log WHERE revision = 4");
    assert!(matches!(since(3), Err(StoreError::Corrupt(_))));
}

fn a_changeset_of_many_parts(database: &Database) {
    let mut world = World::new(database);
    let role = CreateRole {
        key: role_key("clerk"),
        label: label("Clerk"),
        application: None,
        permissions: vec![permission("ORDER_VIEW")],
    };
    world.must(role);
    let spec = spec(world.role("clerk"), Scope::account());
    let users: Vec<UserId> = (0..50).map(|n| world.user(&format!("user{n}"), vec![])).collect();
    let edits: Vec<_> = (0..2_500).map(|n| (users[n % users.len()], GrantEdit::Add(spec.clone()))).collect();
    world.must(EditGrants { edits });
    let log = world.store.changes_since(world.account(), Revision(52)).unwrap();
    assert_eq!((log.len(), log[0].1.len()), (1, 2_500));
    let parts = integer(database, "SELECT count(*) FROM change_log WHERE revision = 53");
    assert_eq!(parts, 3);
    world.check();
    run(database, "DELETE FROM change_log WHERE revision = 53 AND part_no = 1");
    let refusal = world.store.changes_since(world.account(), Revision(0)).unwrap_err();
    assert!(matches!(refusal, StoreError::Corrupt(_)), "{refusal}");
}

fn rows_that_contradict_each_other(database: &Database) {
    let mut world = World::new(database);
    let (leeds, _) = world.retailer("leeds");
    let role = world.role("client_admin");
    world.user("ann@shop.example", vec![spec(role, Scope::retailer(leeds))]);
    world.user("bob", vec![]);
    rows_of_users(&world, role);
    rows_of_entrances(&mut world, leeds);
}

/// A row that is changed behind the store's back is refused; changed back, it is read again.
fn refused(world: &World, wrong: &str, right: &str) {
    run(world.store.database(), wrong);
    let refusal = world.store.load(world.account()).unwrap_err();
    assert!(matches!(refusal, StoreError::Corrupt(_)), "{wrong}: {refusal}");
    run(world.store.database(), right);
    world.check();
}

fn rows_of_users(world: &World, role: RoleId) {
    let refused = |wrong: &str, right: &str| refused(world, wrong, right);
    refused("UPDATE user_grant SET retailers = '2,1'", "UPDATE user_grant SET retailers = '1'");
    refused("UPDATE user_grant SET locations = 'x:1'", "UPDATE user_grant SET locations = '*'");
    refused(
        "UPDATE user_grant SET role_no = 900",
        &format!("UPDATE user_grant SET role_no = {}", number(role)),
    );
    refused("UPDATE user_grant SET user_no = 3", "UPDATE user_grant SET user_no = 1");
    refused("UPDATE account_user SET language_tag = 'xx'", "UPDATE account_user SET language_tag = NULL");
    refused("UPDATE account_user SET zone_name = 'a b'", "UPDATE account_user SET zone_name = NULL");
    refused("UPDATE account_user SET kind = 'ghost'", "UPDATE account_user SET kind = 'person'");
    refused(
        "UPDATE account_user SET user_no = 4 WHERE user_no = 2",
        "UPDATE account_user SET user_no = 2 WHERE user_no = 4",
    );
    refused("UPDATE retailer SET retailer_no = 7", "UPDATE retailer SET retailer_no = 1");
    refused("UPDATE account_user SET epoch = -1", "UPDATE account_user SET epoch = 1");
    refused("UPDATE account_user SET sign_in = 'sso'", "UPDATE account_user SET sign_in = 'password'");
    refused("UPDATE account_user SET provider_no = 1", "UPDATE account_user SET provider_no = NULL");
}

fn rows_of_entrances(world: &mut World, leeds: RetailerId) {
    world.provider("okta");
    world.client("erp", leeds);
    world.must(SetAddresses { id: id(1), ranges: vec![range("192.0.2.0/24")] });
    world.end(id(1), &[(7, 9_000)]);
    let was = |table: &str, column: &str, wrong: &str, right: &str| {
        let set = |value| format!("UPDATE {table} SET {column} = {value}");
        refused(world, &set(wrong), &set(right));
    };
    was("identity_provider", "provider_no", "2", "1");
    was("identity_provider", "provider_ref", "'usr_1'", "'okta'");
    was("api_client", "client_no", "2", "1");
    was("api_client", "display_name", "''", "'Program'");
    was("user_addresses", "ranges", "'192.0.2.0/33'", "'192.0.2.0/24'");
    was("ended_token", "token_no", "-1", "7");
}

fn number(role: RoleId) -> u32 {
    use access::Number;
    role.number()
}
