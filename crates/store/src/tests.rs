//! What cannot be asked from outside: a change that no command makes, and reading side by side.

use crate::error::StoreError;
use crate::load;
use crate::persist::Rows;
use crate::store::Store;
use crate::tables::accounts::{self, HeadRow};
use crate::tables::links;
use crate::{LinkPurpose, LinkRow, Origin, Pending, SecretRow, TokenKind, TokenRow};
use access::change::{GrantSpec, Profile, SignIn, Switch, UserKind};
use access::commands::{Command as _, CreateUser, open_account};
use access::snapshot::{Account, Snapshot};
use access::{
    AccountId, Application, Change, Contract, Instant, Label, Login, Number, Ref, RoleId, Scope, Subject,
    TokenId, UserId, Validity,
};
use sql::Database;

fn origin() -> Origin {
    Origin { application: None, address: "cli".to_owned(), reason: None }
}

/// An account with a few users, each with a grant.
fn populated(database: Database) -> (Store, Snapshot) {
    let store = Store::open(database, Contract::built_in().unwrap(), &[]).unwrap();
    let (id, name) = (store.next_account_id().unwrap(), Label::parse("A shop").unwrap());
    let account = Account { id, r#ref: Ref::parse("shop").unwrap(), name };
    let (_, mut state) = store.open_account(open_account(&account), &origin(), Instant(1)).unwrap();
    for number in 1..5 {
        let profile = Profile::of(Label::parse("Ann").unwrap(), None);
        let login = Login::parse(&format!("u{number}@x.example")).unwrap();
        let role = RoleId::from_number(number).unwrap();
        let grants = vec![GrantSpec { role, scope: Scope::account(), validity: Validity::ALWAYS }];
        let (kind, sign_in) = (UserKind::Person, SignIn::Password);
        let command = CreateUser { login, profile, kind, sign_in, grants };
        let proof = state.authorize(&Subject::operator(id), command, Instant(1)).unwrap();
        let changeset = CreateUser::run(proof).unwrap();
        let after = state.apply(changeset.changes()).unwrap();
        let (before, origin, at) = (&state, &origin(), Instant(1));
        let pending = Pending { changeset: &changeset, before, after: &after, origin, at, credentials: &[] };
        store.commit(&[pending], &|| true).unwrap();
        state = after;
    }
    (store, state)
}

/// The numbers of the users who have a token with a secret and a link.
fn with_a_token(store: &Store, account: AccountId, prints: &[(u32, String)]) -> Vec<u32> {
    let has = |(number, print): &&(u32, String)| {
        let id = UserId::from_number(*number).unwrap();
        let token = store.find_token(print).unwrap().is_some();
        let all =
            [!store.tokens_of(account, id).unwrap().is_empty(), store.find_link(print).unwrap().is_some()];
        assert_eq!(all, [token, token], "all of it or nothing");
        token
    };
    prints.iter().filter(has).map(|(number, _)| *number).collect()
}

/// A token with a secret, and a link, of these users.
fn hand_out(store: &Store, account: AccountId, numbers: [u32; 2]) -> Vec<(u32, String)> {
    let (made_at, expires_at) = (Instant(1), Instant(100));
    let hand = |number: u32| {
        let (user, print) = (UserId::from_number(number).unwrap(), format!("{number:064x}"));
        let token = TokenRow {
            id: TokenId::from_number(number.into()).unwrap(),
            user,
            kind: TokenKind::Session,
            application: Application::Omc,
            epoch: 1,
            label: String::new(),
            client: None,
            provider: None,
            retailer: None,
            location: None,
            must_change: false,
            made_at,
            expires_at,
            seen_at: None,
            address: String::new(),
            agent: String::new(),
        };
        let secret = SecretRow { fingerprint: print.clone(), is_refresh: false, expires_at };
        store.add_token(account, &token, &[secret], 1, &[]).unwrap();
        let (fingerprint, purpose) = (print.clone(), LinkPurpose::Reset);
        let link = LinkRow { fingerprint, user, purpose, epoch: 1, expires_at };
        store.database().write(|tx| links::put(tx, account, &link)).unwrap();
        (number, print)
    };
    numbers.map(hand).to_vec()
}

/// The provisioner's switch is not a command of the operator: its row is written here without one.
#[test]
fn the_provisioners_switch_is_loaded_as_it_was_applied() {
    let (store, mut state) = populated(Database::sqlite_memory().unwrap());
    let account = state.account().id;
    let handed_out = hand_out(&store, account, [2, 3]);
    for on in [false, true, false] {
        assert_eq!(with_a_token(&store, account, &handed_out).contains(&2), state.revision().0 == 5);
        let id = UserId::from_number(2).unwrap();
        let change = Change::UserSwitched { id, by: Switch::Provisioner, on };
        let after = state.apply(std::slice::from_ref(&change)).unwrap();
        store
            .database()
            .write::<_, StoreError>(|tx| {
                let mut rows = Rows::new(account);
                rows.write(tx, &change)?;
                rows.flush(tx)?;
                let mut head = accounts::head(tx, account)?.unwrap().head;
                head.revision = after.revision();
                accounts::update_head(tx, account, &HeadRow::new(head, &after))
            })
            .unwrap();
        assert_eq!(store.load(account).unwrap(), after);
        state = after;
    }
    assert!(!state.user(UserId::from_number(2).unwrap()).unwrap().is_active());
    assert_eq!(with_a_token(&store, account, &handed_out), [3], "switching off ends what the user has");
}

#[test]
fn a_state_read_side_by_side_is_the_one_read_alone() {
    let directory = std::env::temp_dir().join(format!("keyward_store_apart_{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let file = Database::sqlite_file(&directory.join("apart.db")).unwrap();
    for database in [Database::sqlite_memory().unwrap(), file] {
        let (store, state) = populated(database);
        let account = state.account().id;
        assert_eq!(load::load_apart(&store, account).unwrap(), Some(state.clone()));
        assert_eq!(load::load(&store, account).unwrap(), state);
    }
    std::fs::remove_dir_all(directory).unwrap();
}
