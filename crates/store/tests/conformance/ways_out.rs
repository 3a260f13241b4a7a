//! Each way out takes what was handed out to that user, or that token, and nothing of anybody else.

use access::change::SignIn;
use access::commands::{
    DisableUser, EditUser, EnableUser, RemoveUser, ResetPassword, SetSignIn, SignOutUser,
};
use access::{Instant, UserId};
use sql::Database;
use store::{CredentialWrite, LinkPurpose, LinkRow, Made, Store, TokenKind, TokenRow};

use crate::Case;
use crate::backends::{integer, run};
use crate::tokens::{add, found, link, print, refresh, secret, token};
use crate::world::{World, id, label, new_user};

pub(crate) const CASES: &[Case] = &[
    ("a way out takes what its user has", a_way_out_takes_what_its_user_has),
    ("what is no way out takes nothing", what_is_no_way_out),
    ("one token ends", one_token_ends),
    ("a link made by a way out survives it", a_link_made_by_a_way_out),
    ("one link a user", one_link_a_user),
    ("a rehash only over the old hash", a_rehash),
];

/// Numbers of secrets (1 to 5) and links (11 to 14) that open something.
fn open(store: &Store) -> Vec<i64> {
    let links = (11..15).filter(|number| store.find_link(&print(*number)).unwrap().is_some());
    (1..6).filter(|number| found(store, *number).is_some()).chain(links).collect()
}

/// Writes links behind a sign-out of nobody who matters.
fn put_links(world: &mut World, links: &[LinkRow]) {
    let login = format!("bystander{}", world.state.user_count());
    let changeset = world.changeset(&world.state, new_user(&login, vec![])).unwrap();
    let writes: Vec<_> = links.iter().cloned().map(CredentialWrite::PutLink).collect();
    world.commit(&changeset, &writes).unwrap();
}

/// Ann has a session, a pair and a link, Bob a session and a link; a user with the number of Ann's in another
/// account has as much.
fn handed_out(database: &Database) -> (World, World, UserId) {
    let mut world = World::new(database);
    let mut other = World::in_store(world.store.clone(), "other shop");
    let (ann, bob) = (world.user("ann", vec![]), world.user("bob", vec![]));
    assert_eq!(other.user("cid", vec![]), ann);
    let store = world.store.clone();
    add(&store, world.account(), &token(1, ann));
    let pair = TokenRow { kind: TokenKind::Pair, ..token(2, ann) };
    assert_eq!(store.add_token(world.account(), &pair, &[secret(2), refresh(3)], 9, &[]), Ok(Made::Yes));
    add(&store, world.account(), &token(4, bob));
    assert_eq!(store.add_token(other.account(), &token(1, ann), &[secret(5)], 9, &[]), Ok(Made::Yes));
    put_links(&mut world, &[link(11, ann), link(12, bob)]);
    put_links(&mut other, &[link(13, ann)]);
    assert_eq!(open(&store), [1, 2, 3, 4, 5, 11, 12, 13]);
    (world, other, ann)
}

/// What is left of rows: of tokens, of secrets, of links.
fn rows(world: &World) -> [i64; 3] {
    let count = |table| integer(world.store.database(), &format!("SELECT count(*) FROM {table}"));
    ["user_token", "token_secret", "password_link WHERE is_over = FALSE"].map(count)
}

/// The provisioner's switch is tested beside the rows: no command of the operator makes it.
fn a_way_out_takes_what_its_user_has(database: &Database) {
    let out: [fn(&mut World, UserId); 4] = [
        |world, id| world.must(DisableUser { id }),
        |world, id| world.must(SignOutUser { id }),
        |world, id| {
            let sign_in = SignIn::Sso(world.state.entrances().find_provider("okta").unwrap().id);
            world.must(SetSignIn { id, sign_in });
        },
        |world, id| world.must(RemoveUser { id }),
    ];
    let (mut world, other, mut ann) = handed_out(database);
    world.provider("okta");
    for (round, out) in out.into_iter().enumerate() {
        if round > 0 {
            // Each in turn, with somebody new in the place of Ann.
            ann = world.user(&format!("ann{round}"), vec![]);
            add(&world.store, world.account(), &token(1, ann));
            let pair = TokenRow { kind: TokenKind::Pair, ..token(2, ann) };
            let made = world.store.add_token(world.account(), &pair, &[secret(2), refresh(3)], 9, &[]);
            assert_eq!(made, Ok(Made::Yes));
            // What is over stays known; the next has the same fingerprint here.
            run(database, "DELETE FROM password_link WHERE is_over = TRUE");
            put_links(&mut world, &[link(11, ann)]);
        }
        assert_eq!((open(&world.store), rows(&world)), (vec![1, 2, 3, 4, 5, 11, 12, 13], [4, 5, 3]));
        out(&mut world, ann);
        assert_eq!((open(&world.store), rows(&world)), (vec![4, 5, 12, 13], [2, 2, 2]), "round {round}");
        assert_eq!(world.store.tokens_of(world.account(), ann), Ok(vec![]));
        world.check();
    }
    other.check();
}

fn what_is_no_way_out(database: &Database) {
    let (mut world, _, ann) = handed_out(database);
    let all = open(&world.store);
    let (name, email) = (label("Another"), None);
    world.must(EditUser { id: ann, profile: access::change::Profile::of(name, email) });
    world.must(access::commands::SetAddresses { id: ann, ranges: vec![crate::world::range("::1")] });
    assert_eq!(open(&world.store), all);
    world.must(DisableUser { id: ann });
    // One that was on its way in while its user was put out is ended by its epoch; being let in takes nothing.
    add(&world.store, world.account(), &token(1, ann));
    world.must(EnableUser { id: ann });
    assert_eq!(open(&world.store), [1, 4, 5, 12, 13]);
    assert_ne!(found(&world.store, 1).unwrap().token.epoch, world.state.user(ann).unwrap().epoch());
    world.check();
}

fn one_token_ends(database: &Database) {
    let (mut world, _, ann) = handed_out(database);
    world.end(ann, &[(2, 10_000)]);
    assert_eq!((open(&world.store), rows(&world)), (vec![1, 4, 5, 11, 12, 13], [3, 3, 3]));
    assert_eq!(world.state.user(ann).unwrap().epoch(), 1, "her others are not touched");
    // Swept already, or never there: it is ended all the same.
    world.end(ann, &[(77, 10_000), (1, 10_000)]);
    assert_eq!((open(&world.store), rows(&world)), (vec![4, 5, 11, 12, 13], [2, 2, 3]));
    world.check();
}

fn a_link_made_by_a_way_out(database: &Database) {
    let (mut world, _, ann) = handed_out(database);
    let changeset = world.changeset(&world.state, ResetPassword { id: ann }).unwrap();
    let epoch = world.state.user(ann).unwrap().epoch() + 1;
    let new = LinkRow { epoch, purpose: LinkPurpose::Invitation, ..link(14, ann) };
    let password = CredentialWrite::RemovePassword { user: ann };
    world.commit(&changeset, &[password, CredentialWrite::PutLink(new.clone())]).unwrap();
    assert_eq!(open(&world.store), [4, 5, 12, 13, 14]);
    assert_eq!(world.store.find_link(&new.fingerprint), Ok(Some((world.account(), new))));
    assert_eq!(world.state.user(ann).unwrap().epoch(), epoch);
    // The next way out takes it.
    world.must(SignOutUser { id: ann });
    assert_eq!(open(&world.store), [4, 5, 12, 13]);
    world.check();
}

fn one_link_a_user(database: &Database) {
    let (mut world, other, ann) = handed_out(database);
    let newer = LinkRow { expires_at: Instant(i64::MAX), ..link(14, ann) };
    put_links(&mut world, std::slice::from_ref(&newer));
    assert_eq!(open(&world.store), [1, 2, 3, 4, 5, 12, 13, 14]);
    // Of two in one command the later counts.
    put_links(&mut world, &[link(15, ann), LinkRow { fingerprint: print(16), ..newer.clone() }]);
    let find = |number| world.store.find_link(&print(number));
    assert_eq!([11, 14, 15].map(find), [const { Ok(None) }; 3]);
    assert_eq!(find(16), Ok(Some((world.account(), LinkRow { fingerprint: print(16), ..newer }))));
    assert_eq!(integer(world.store.database(), "SELECT count(*) FROM password_link"), 6, "all are known");
    assert_eq!(world.store.find_link(&print(13)), Ok(Some((other.account(), link(13, ann)))));
    assert_eq!(world.store.find_link(""), Ok(None));
}

fn a_rehash(database: &Database) {
    let mut world = World::new(database);
    let (ann, bob) = (world.user("ann", vec![]), world.user("bob", vec![]));
    let set = |user, hash: &str| {
        let (hash, must_change) = (hash.to_owned(), user == ann);
        CredentialWrite::SetPassword { user, hash, must_change }
    };
    let changeset = world.changeset(&world.state, SignOutUser { id: ann }).unwrap();
    world.commit(&changeset, &[set(ann, "$weak"), set(bob, "$weak")]).unwrap();
    let row = |user| world.store.password(world.account(), user).unwrap();
    let (before, head) = (row(ann).unwrap(), world.store.head(world.account()));
    let rehash = |user, old, new| world.store.rehash(world.account(), user, old, new).unwrap();
    rehash(ann, "$other", "$strong");
    assert_eq!(row(ann).as_ref(), Some(&before), "the password is another by now");
    rehash(ann, "$weak", "$strong");
    assert_eq!(row(ann), Some(store::PasswordRow { hash: "$strong".to_owned(), ..before }));
    rehash(ann, "$weak", "$late");
    assert_eq!([ann, bob].map(|user| row(user).unwrap().hash), ["$strong", "$weak"]);
    rehash(id(9), "$weak", "$strong");
    assert_eq!(row(id(9)), None, "nobody is given a password");
    assert_eq!(world.store.head(world.account()), head, "the same password: no change");
}
