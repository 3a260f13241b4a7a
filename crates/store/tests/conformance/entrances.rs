//! Ways in that are state of the account: loaded as they were applied.

use access::change::{SignIn, UserKind};
use access::commands::{
    AddClient, CreateUser, Refusal, RemoveClient, RemoveProvider, RemoveUser, SetAddresses, SetRetailerOpen,
    SetSignIn, SignOutUser,
};
use access::{Number, UserId};
use sql::Database;
use store::CredentialWrite;

use crate::Case;
use crate::backends::integer;
use crate::world::{World, id, key, label, new_user, range, save_provider, token_id};

pub(crate) const CASES: &[Case] = &[
    ("ended tokens are swept as they were applied", ended_tokens),
    ("ends of two accounts", ends_of_two_accounts),
    ("refs stay reserved", refs_stay_reserved),
    ("restricted users", restricted_users),
    ("from password to single sign-on and back", ways_to_sign_in),
    ("kinds of users", kinds_of_users),
];

/// Every change of the ways in; the user is switched from one to the other.
pub(crate) fn change_entrances(world: &mut World, user: UserId) {
    let (okta, azure) = (world.provider("okta"), world.provider("azure"));
    world.must(save_provider("okta", "https://other.shop.example"));
    world.check();
    let (erp, till) = (world.client("erp", id(1)), world.client("till", id(1)));
    world.check();
    for sign_in in [SignIn::Sso(okta), SignIn::Sso(azure), SignIn::Password, SignIn::Sso(azure)] {
        world.must(SetSignIn { id: user, sign_in });
        world.check();
    }
    let ranges = vec![range("192.0.2.0/24"), range("2001:db8::/32")];
    world.must(SetAddresses { id: user, ranges });
    world.end(user, &[(1, 9_000), (257, 9_000), (2, 9_000)]);
    world.check();
    world.must(RemoveProvider { id: okta });
    world.must(RemoveClient { id: till });
    world.check();
    let entrances = world.state.entrances();
    assert!(entrances.provider(okta).is_none() && entrances.provider(azure).is_some());
    assert!(entrances.client(till).is_none() && entrances.client(erp).is_some());
}

/// The tokens of these numbers that the stored state says ended, after it was found to be the applied one.
fn ended(world: &World, of: &[i64]) -> Vec<i64> {
    world.check();
    let loaded = world.store.load(world.account()).unwrap();
    let has = |number: &&i64| loaded.has_ended(token_id(**number));
    let ended: Vec<i64> = of.iter().filter(has).copied().collect();
    let rows = integer(world.store.database(), "SELECT count(*) FROM ended_token");
    assert_eq!(rows, i64::try_from(ended.len()).unwrap(), "a row of another token, or one that was swept");
    ended
}

/// Numbers that leave the same rest by 256 share a shard; what is swept there is swept in both.
fn ended_tokens(database: &Database) {
    let mut world = World::new(database);
    let ann = world.user("ann", vec![]);
    let all = [1, 257, 513, 769, 1_025, 2];
    world.now = 1_000;
    world.end(ann, &[(513, 2_001), (1, 2_000), (257, 3_000), (2, 1_500)]);
    assert_eq!(ended(&world, &all), [1, 257, 513, 2]);
    world.now = 1_999;
    world.end(ann, &[(769, 5_000)]);
    assert_eq!(ended(&world, &all), [1, 257, 513, 769, 2], "nothing of that shard was over");
    world.now = 2_000;
    world.end(ann, &[(769, 6_000), (1_025, 4_000)]);
    assert_eq!(ended(&world, &all), [257, 513, 769, 1_025, 2], "over at that very instant");
    // The clock of another node may be behind, and a token may be over when it is ended.
    world.now = 1_500;
    world.end(ann, &[(1, 1_400)]);
    assert_eq!(ended(&world, &all), [1, 257, 513, 769, 1_025, 2]);
    world.now = 9_000;
    world.end(ann, &[(258, 9_500)]);
    assert_eq!(ended(&world, &[1, 257, 513, 769, 1_025, 258]), [1, 257, 513, 769, 1_025, 258]);
    world.end(ann, &[(1_281, 9_400), (1_537, 9_300)]);
    assert_eq!(ended(&world, &[1, 257, 513, 769, 1_025, 1_281, 1_537, 258]), [1_281, 1_537, 258]);
    world.end(ann, &[(1, 9_500)]);
    assert_eq!(ended(&world, &[1, 257, 513, 769, 1_025, 1_281, 1_537, 258]), [1, 1_281, 1_537, 258]);
    world.now = 9_300;
    world.end(ann, &[(1_793, 9_999)]);
    assert_eq!(ended(&world, &[1, 1_281, 1_537, 1_793, 258]), [1, 1_281, 1_793, 258]);
}

/// One number in two accounts are two tokens.
fn ends_of_two_accounts(database: &Database) {
    let mut one = World::new(database);
    let mut two = World::in_store(one.store.clone(), "other shop");
    let (ann, bob) = (one.user("ann", vec![]), two.user("bob", vec![]));
    one.end(ann, &[(1, 2_000)]);
    two.end(bob, &[(1, 3_000), (257, 3_000)]);
    one.now = 2_500;
    one.end(ann, &[(513, 4_000)]);
    one.check();
    two.check();
    let has = |world: &World| [1, 257, 513].map(|number| world.state.has_ended(token_id(number)));
    assert_eq!((has(&one), has(&two)), ([false, false, true], [true, true, false]));
}

fn refs_stay_reserved(database: &Database) {
    let mut world = World::new(database);
    let (leeds, _) = world.retailer("leeds");
    let (okta, erp) = (world.provider("okta"), world.client("erp", leeds));
    world.must(RemoveProvider { id: okta });
    world.must(RemoveClient { id: erp });
    world.must(SetRetailerOpen { id: leeds, open: false });
    world.must(SetRetailerOpen { id: leeds, open: true });
    world.check();
    // Read anew: the rows, not the memory, remember what was removed.
    world.state = world.store.load(world.account()).unwrap();
    let taken = |refusal: Result<(), Refusal>| {
        assert!(matches!(refusal, Err(Refusal::Taken { .. })), "{refusal:?}");
    };
    taken(world.run(save_provider("okta", "https://id.shop.example")));
    taken(world.run(AddClient { r#ref: key("erp"), name: label("Another"), retailer: leeds }));
    assert!(world.state.entrances().find_provider("okta").is_none());
    assert!(world.state.entrances().find_client("erp").is_none());
    assert_eq!((world.provider("azure").number(), world.client("wms", leeds).number()), (2, 2));
    assert_eq!(world.state.entrances().providers().count(), 1);
    world.check();
}

fn restricted_users(database: &Database) {
    let mut world = World::new(database);
    let users = [world.user("erp", vec![]), world.user("wms", vec![]), world.user("ann", vec![])];
    let set = |world: &mut World, at: usize, texts: &[&str]| {
        world.must(SetAddresses { id: users[at], ranges: texts.iter().map(|text| range(text)).collect() });
        world.check();
        let loaded = world.store.load(world.account()).unwrap();
        users.map(|user| (loaded.user(user).unwrap().is_restricted(), loaded.entrances().ranges(user).len()))
    };
    let many: Vec<String> = (0..SetAddresses::RANGES_MAX).map(|n| format!("2001:db8:{n:x}::/48")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let free = (false, 0);
    assert_eq!(set(&mut world, 1, &["192.0.2.7", "10.0.0.0/8"]), [free, (true, 2), free]);
    assert_eq!(set(&mut world, 0, &many), [(true, 100), (true, 2), free]);
    assert_eq!(set(&mut world, 1, &["::/0"]), [(true, 100), (true, 1), free]);
    world.must(RemoveUser { id: users[0] });
    world.check();
    assert_eq!(set(&mut world, 1, &[])[1..], [free, free]);
    assert_eq!(integer(database, "SELECT count(*) FROM user_addresses WHERE user_no = 2"), 0);
}

fn ways_to_sign_in(database: &Database) {
    let mut world = World::new(database);
    let (okta, azure) = (world.provider("okta"), world.provider("azure"));
    let sso = CreateUser { sign_in: SignIn::Sso(azure), ..new_user("sam@shop.example", vec![]) };
    world.must(sso);
    let (sam, ann) = (id(1), world.user("ann@shop.example", vec![]));
    world.check();
    let password =
        |user, hash: &str| CredentialWrite::SetPassword { user, hash: hash.to_owned(), must_change: true };
    let found = |world: &World, user| world.store.password(world.account(), user).unwrap();
    let sign_out = world.changeset(&world.state, SignOutUser { id: ann }).unwrap();
    world.commit(&sign_out, &[password(ann, "$own")]).unwrap();
    let switch = world.changeset(&world.state, SetSignIn { id: ann, sign_in: SignIn::Sso(okta) }).unwrap();
    world.commit(&switch, &[]).unwrap();
    assert_eq!(found(&world, ann), None, "a password or single sign-on, never both");
    let switch = world.changeset(&world.state, SetSignIn { id: sam, sign_in: SignIn::Password }).unwrap();
    world.commit(&switch, &[password(sam, "$first")]).unwrap();
    assert_eq!(found(&world, sam).unwrap().hash, "$first", "given together with the switch, it stays");
    world.check();
    let ways = |world: &World| {
        let loaded = world.store.load(world.account()).unwrap();
        [sam, ann].map(|user| (loaded.user(user).unwrap().sign_in(), loaded.user(user).unwrap().epoch()))
    };
    assert_eq!(ways(&world), [(SignIn::Password, 2), (SignIn::Sso(okta), 3)]);
    world.must(RemoveProvider { id: azure });
    world.must(RemoveUser { id: ann });
    world.must(RemoveProvider { id: okta });
    world.check();
    assert_eq!(ways(&world), [(SignIn::Password, 2), (SignIn::Sso(okta), 4)]);
}

fn kinds_of_users(database: &Database) {
    let mut world = World::new(database);
    let kinds = [UserKind::Application, UserKind::Person, UserKind::System];
    for (kind, login) in kinds.into_iter().zip(["till", "ann", "erp"]) {
        world.must(CreateUser { kind, ..new_user(login, vec![]) });
    }
    world.check();
    let loaded = world.store.load(world.account()).unwrap();
    let found: Vec<UserKind> = loaded.users_after(None).map(|(_, user)| user.kind()).collect();
    assert_eq!(found, kinds);
}
