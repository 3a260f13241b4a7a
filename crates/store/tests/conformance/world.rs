//! An account that grows by commands of the operator.

use std::sync::Arc;

use access::change::{Changeset, GrantSpec, LocationKind, OidcSettings, Profile, Protocol, SignIn, UserKind};
use access::commands::{
    AddClient, Command, CreateChannel, CreateLocation, CreateRetailer, CreateUser, EditGrants, EndTokens,
    GrantEdit, Refusal, SaveProvider, open_account,
};
use access::snapshot::Account;
use access::{
    AccountId, AddressRange, ChannelId, ClientId, Contract, Instant, Label, LocationId, Login, Number,
    PermissionName, ProviderId, Ref, RetailerId, RoleId, RoleKey, Scope, Setting, Snapshot, Subject, TokenId,
    UserId, Validity,
};
use sql::Database;
use store::{ACCESS_CHAIN, AuditQuery, Committed, CredentialWrite, Origin, Pending, Store, StoreError};

pub(crate) fn origin() -> Origin {
    Origin { application: None, address: "cli".to_owned(), reason: None }
}

/// Entries of the chain of access changes.
pub(crate) fn access_log(after: Option<u64>, limit: usize, newest_first: bool) -> AuditQuery {
    AuditQuery { chain: ACCESS_CHAIN.to_owned(), after, limit, newest_first }
}

pub(crate) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(crate) fn key(text: &str) -> Ref {
    Ref::parse(text).unwrap()
}

pub(crate) fn permission(text: &str) -> PermissionName {
    PermissionName::parse(text).unwrap()
}

pub(crate) fn role_key(text: &str) -> RoleKey {
    RoleKey::parse(text).unwrap()
}

pub(crate) fn range(text: &str) -> AddressRange {
    AddressRange::parse(text).unwrap()
}

pub(crate) fn token_id(number: i64) -> TokenId {
    TokenId::from_number(number).unwrap()
}

pub(crate) fn id<T: Number>(number: u32) -> T {
    T::from_number(number).unwrap()
}

pub(crate) fn open(database: &Database) -> Store {
    Store::open(database.clone(), Contract::built_in().unwrap(), &[]).unwrap()
}

/// A store, the state of one of its accounts, and a clock.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) state: Snapshot,
    pub(crate) now: i64,
}

impl World {
    pub(crate) fn new(database: &Database) -> Self {
        Self::in_store(open(database), "shop")
    }

    /// Another account of a store.
    pub(crate) fn in_store(store: Store, account_ref: &str) -> Self {
        let account = account(&store, account_ref);
        let (_, state) = store.open_account(open_account(&account), &origin(), Instant(1_000)).unwrap();
        Self { store, state, now: 1_000 }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.state.account().id
    }

    /// The changeset of a command of the operator, on a state of this account.
    pub(crate) fn changeset<C: Command>(&self, on: &Snapshot, command: C) -> Result<Changeset, Refusal> {
        let subject = Subject::operator(self.account());
        C::run(on.authorize(&subject, command, Instant(self.now))?)
    }

    /// Runs a command and commits what it changes.
    pub(crate) fn run<C: Command>(&mut self, command: C) -> Result<(), Refusal> {
        let changeset = self.changeset(&self.state, command)?;
        self.commit(&changeset, &[]).unwrap();
        Ok(())
    }

    pub(crate) fn must<C: Command>(&mut self, command: C) {
        self.run(command).unwrap();
    }

    /// Commits a changeset that was made on the state, which moves on.
    pub(crate) fn commit(
        &mut self,
        changeset: &Changeset,
        credentials: &[CredentialWrite],
    ) -> Result<Vec<Committed>, StoreError> {
        self.now += 1;
        let after = self.state.apply(changeset.changes()).unwrap();
        let (before, origin, at) = (&self.state, &origin(), Instant(self.now));
        let pending = Pending { changeset, before, after: &after, origin, at, credentials };
        let committed = self.store.commit(&[pending], &|| true)?;
        self.state = after;
        Ok(committed)
    }

    pub(crate) fn user(&mut self, login: &str, grants: Vec<GrantSpec>) -> UserId {
        self.must(new_user(login, grants));
        id(u32::try_from(self.state.user_count()).unwrap())
    }

    pub(crate) fn retailer(&mut self, name: &str) -> (RetailerId, ChannelId) {
        let default_channel = (key(&format!("{name} web")), label("Web"));
        self.must(CreateRetailer { r#ref: key(name), name: label(name), default_channel });
        let places = self.state.places();
        let last = |count: usize| u32::try_from(count).unwrap();
        (id(last(places.retailers().len())), id(last(places.channels().len())))
    }

    pub(crate) fn location(&mut self, retailer: RetailerId, name: &str) -> LocationId {
        let kind = LocationKind::Store;
        self.must(CreateLocation { retailer, r#ref: key(name), name: label(name), kind });
        id(u32::try_from(self.state.places().locations().len()).unwrap())
    }

    pub(crate) fn channel(&mut self, retailer: RetailerId, name: &str) -> ChannelId {
        self.must(CreateChannel { retailer, r#ref: key(name), name: label(name) });
        id(u32::try_from(self.state.places().channels().len()).unwrap())
    }

    pub(crate) fn grant(&mut self, user: UserId, edit: GrantEdit) {
        self.must(EditGrants { edits: vec![(user, edit)] });
    }

    pub(crate) fn provider(&mut self, name: &str) -> ProviderId {
        self.must(save_provider(name, "https://id.shop.example"));
        self.state.entrances().find_provider(name).unwrap().id
    }

    pub(crate) fn client(&mut self, name: &str, retailer: RetailerId) -> ClientId {
        self.must(AddClient { r#ref: key(name), name: label("Program"), retailer });
        self.state.entrances().find_client(name).unwrap().id
    }

    /// Ends tokens of these numbers, which would have ended by themselves at these instants.
    pub(crate) fn end(&mut self, user: UserId, tokens: &[(i64, i64)]) {
        let tokens = tokens.iter().map(|(number, until)| (token_id(*number), Instant(*until))).collect();
        self.must(EndTokens { user, tokens });
    }

    /// A built-in role by its key.
    pub(crate) fn role(&self, key: &str) -> RoleId {
        self.state.find_role(key).unwrap().id
    }

    /// What the store loads is this state, and so is what the change log tells, from the beginning and from
    /// the middle; every login is found; the audit chain is unbroken.
    pub(crate) fn check(&self) {
        let loaded = self.store.load(self.account()).unwrap();
        assert_eq!(loaded, self.state);
        for (user, found) in self.state.users_after(None) {
            assert_eq!(loaded.user_of_login(&Login::parse(&found.login()).unwrap()), Some(user));
        }
        assert_eq!(folded(&self.store, self.account()), self.state);
        let head = self.store.head(self.account()).unwrap().unwrap();
        assert_eq!(head.revision, self.state.revision());
        let verdict = self.store.verify_audit(self.account(), ACCESS_CHAIN, Some(&head.audit_hash)).unwrap();
        let unbroken = store::AuditVerdict::Unbroken { entries: head.audit_count, head: head.audit_hash };
        assert_eq!(verdict, unbroken);
    }
}

/// The state that the change log tells.
pub(crate) fn folded(store: &Store, account: AccountId) -> Snapshot {
    let log = store.changes_since(account, access::Revision(0)).unwrap();
    let (first, rest) = log.split_first().unwrap();
    let contract: Arc<Contract> = store.contract().clone();
    let first = Snapshot::first(contract, &first.1).unwrap();
    rest.iter().fold(first, |state, (revision, changes)| {
        let next = state.apply(changes).unwrap();
        assert_eq!(next.revision(), *revision);
        next
    })
}

/// A new account of a store, not opened yet.
pub(crate) fn account(store: &Store, account_ref: &str) -> Account {
    Account { id: store.next_account_id().unwrap(), r#ref: key(account_ref), name: label("A shop") }
}

pub(crate) fn new_user(login: &str, grants: Vec<GrantSpec>) -> CreateUser {
    let email = login.contains('@').then(|| label(login));
    CreateUser {
        login: Login::parse(login).unwrap(),
        profile: Profile::of(label("Ann Lee"), email),
        kind: UserKind::Person,
        sign_in: SignIn::Password,
        grants,
    }
}

pub(crate) fn save_provider(name: &str, issuer: &str) -> SaveProvider {
    let setting = |text: &str| Setting::parse(text).unwrap();
    let protocol = Protocol::Oidc(OidcSettings {
        issuer: setting(issuer),
        client_id: setting("keyward"),
        scopes: vec![setting("email"), setting("profile")],
        claim: setting("email"),
        algorithms: vec![setting("RS256")],
    });
    SaveProvider { r#ref: key(name), name: label("Single sign-on"), protocol }
}

pub(crate) fn spec(role: RoleId, scope: Scope) -> GrantSpec {
    GrantSpec { role, scope, validity: Validity::ALWAYS }
}
