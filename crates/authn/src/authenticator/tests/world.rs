//! Nine users of an account, and one authenticator.

use super::super::*;
use access::change::{Change, GrantSpec, IdentityProvider, OidcSettings, Profile, Protocol, UserKind};
use access::snapshot::{Account, Builder, Counters, UserRow};
use access::{Contract, GrantId, Label, Login, ProviderId, Ref, Revision, Scope, Setting, Validity};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::SystemIds;

pub(crate) const NOW: Instant = Instant(1_000_000);
pub(crate) const RIGHT: &str = "Otters swim upstream";

/// To the API, from nowhere in particular.
pub(crate) const SHOWN: Shown = Shown { application: Application::Api, from: None, now: NOW };

/// The users of the world, in the order of their numbers.
pub(crate) const ADA: &str = "ada@a.example";
pub(crate) const DISABLED: &str = "disabled@a.example";
pub(crate) const DEPROVISIONED: &str = "deprovisioned@a.example";
pub(crate) const REMOVED: &str = "removed@a.example";
pub(crate) const SSO: &str = "sso@a.example";
pub(crate) const PASSWORDLESS: &str = "passwordless@a.example";
pub(crate) const FIRST: &str = "first@a.example";
pub(crate) const OUTSIDE: &str = "outside@a.example";
pub(crate) const DAMAGED: &str = "damaged@a.example";
pub(crate) const LOGINS: [&str; 9] =
    [ADA, DISABLED, DEPROVISIONED, REMOVED, SSO, PASSWORDLESS, FIRST, OUTSIDE, DAMAGED];

pub(crate) fn provider() -> ProviderId {
    ProviderId::from_number(1).unwrap()
}

fn identity_provider() -> IdentityProvider {
    let setting = |text| Setting::parse(text).unwrap();
    let protocol = Protocol::Oidc(OidcSettings {
        issuer: setting("https://id.example"),
        client_id: setting("keyward"),
        scopes: vec![],
        claim: setting("email"),
        algorithms: vec![setting("ES256")],
    });
    let (key, name) = (Ref::parse("id").unwrap(), Label::parse("Id").unwrap());
    IdentityProvider { id: provider(), r#ref: key, name, protocol }
}

pub(crate) fn user_id(login: &str) -> UserId {
    let at = LOGINS.iter().position(|l| *l == login).unwrap();
    UserId::from_number(u32::try_from(at).unwrap() + 1).unwrap()
}

pub(crate) fn snapshot() -> Snapshot {
    let id = AccountId::from_number(1).unwrap();
    let account = Account { id, r#ref: Ref::parse("a").unwrap(), name: Label::parse("A").unwrap() };
    let contract = Contract::built_in().unwrap();
    let empty = Builder::new(contract.clone(), account.clone(), Revision(1), Counters::default()).finish();
    let role = |login: &str| {
        let key = if login == OUTSIDE { "client_viewer" } else { "ADMIN" };
        empty.find_role(key).unwrap().id
    };
    let mut builder = Builder::new(contract, account, Revision(1), Counters::default());
    builder.provider(identity_provider(), false).unwrap();
    for login in LOGINS {
        builder
            .user(UserRow {
                id: user_id(login),
                login: Login::parse(login).unwrap(),
                profile: Profile::of(Label::parse(login).unwrap(), None),
                kind: UserKind::Person,
                sign_in: if login == SSO { SignIn::Sso(provider()) } else { SignIn::Password },
                enabled: login != DISABLED,
                provisioned: login != DEPROVISIONED,
                removed: login == REMOVED,
                epoch: 7,
            })
            .unwrap();
        let spec = GrantSpec { role: role(login), scope: Scope::account(), validity: Validity::ALWAYS };
        builder.grant(GrantId::from_number(user_id(login).number()).unwrap(), &spec).unwrap();
    }
    builder.finish()
}

/// Passwords in memory, and how often they were asked for.
pub(crate) struct Kept {
    pub(crate) rows: HashMap<UserId, StoredPassword>,
    pub(crate) asked: AtomicUsize,
}

impl Passwords for Kept {
    fn password(&self, _: AccountId, user: UserId) -> Result<Option<StoredPassword>, PasswordsUnavailable> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.rows.get(&user).cloned())
    }
}

/// Every user but one has the same password, those too who may not use it.
pub(crate) fn kept(authenticator: &Authenticator, password: &str) -> Kept {
    let password = NewPassword::parse(password).unwrap();
    let row = |login: &&str| {
        let hash = match *login {
            DAMAGED => "$argon2id$damaged".to_owned(),
            _ => authenticator.hash(&password, &SystemIds).unwrap(),
        };
        (user_id(login), StoredPassword { hash, must_change: *login == FIRST })
    };
    let rows = LOGINS.iter().filter(|l| **l != PASSWORDLESS).map(row).collect();
    Kept { rows, asked: AtomicUsize::new(0) }
}

pub(crate) struct World {
    pub(crate) authenticator: Authenticator,
    pub(crate) snapshot: Snapshot,
    pub(crate) kept: Kept,
}

pub(crate) fn world() -> World {
    world_of(Queue::new(2, 64, 64))
}

pub(crate) fn world_of(queue: Queue) -> World {
    let authenticator = Authenticator::with_queue(Parameters::cheap(), &SystemIds, queue).unwrap();
    World { kept: kept(&authenticator, RIGHT), authenticator, snapshot: snapshot() }
}

impl World {
    pub(crate) fn verify(&self, login: &str, password: &str) -> Result<Principal, AuthnRefusal> {
        let credentials = BasicCredentials::of(login, password);
        let verified = self.authenticator.verify(&self.snapshot, &self.kept, &credentials, &SHOWN)?;
        assert_eq!(verified.outdated, None);
        Ok(verified.principal)
    }

    pub(crate) fn remembered(&self, login: &str, password: &str) -> Option<Principal> {
        let credentials = BasicCredentials::of(login, password);
        self.authenticator.remembered(&self.snapshot, &credentials, &SHOWN)
    }

    /// Hashes computed and passwords looked up by `act`.
    pub(crate) fn cost<T>(&self, act: impl FnOnce(&Self) -> T) -> (T, u64, usize) {
        let count = || (self.authenticator.hasher().computed(), self.kept.asked.load(Ordering::SeqCst));
        let before = count();
        let answer = act(self);
        (answer, count().0 - before.0, count().1 - before.1)
    }

    pub(crate) fn apply(&mut self, change: Change) {
        self.snapshot = self.snapshot.apply(&[change]).unwrap();
    }
}
