//! A small account, built by the commands of the operator alone.
//!
//! Three retailers (`north`, `south`, `west`), each with two locations (`north-1`, `north-2`) and two
//! channels (`north-web`, the default one, and `north-shop`); an administrator; a few custom roles.

use crate::change::{GrantSpec, LocationKind, OidcSettings, Profile, Protocol, SignIn, UserKind};
use crate::commands::*;
use crate::scope::{Extent, IdSet, LocationExtent, Scope};
use crate::snapshot::{Account, Snapshot};
use crate::words::*;
use crate::{Contract, Instant, Place, Question, Resource, Subject, Validity};
use std::sync::{Arc, OnceLock};

/// When all of it happens.
pub(super) const NOW: Instant = Instant(1_000);

pub(super) const MANAGE: &[&str] = &["USER_VIEW", "USER_UPDATE", "USER_CREATE", "USER_REMOVE"];
pub(super) const ORDERS: &[&str] = &["ORDER_VIEW", "ORDER_UPDATE"];
pub(super) const ROLES: &[&str] =
    &["ROLE_VIEW", "ROLE_CREATE", "ROLE_UPDATE", "ROLE_REMOVE", "PERMISSIONSFROMROLE_REMOVE"];

pub(super) fn contract() -> Arc<Contract> {
    static CONTRACT: OnceLock<Arc<Contract>> = OnceLock::new();
    CONTRACT.get_or_init(|| Contract::built_in().unwrap()).clone()
}

/// One command, as it runs in the program: a proof, what it pays for, the next state.
pub(super) fn execute_at<C: Command>(
    on: &Snapshot,
    who: &Subject,
    command: C,
    now: Instant,
) -> Result<Snapshot, Refusal> {
    let changeset = C::run(on.authorize(who, command, now)?)?;
    assert_eq!(changeset.base(), on.revision());
    Ok(on.apply(changeset.changes()).unwrap())
}

pub(super) fn execute<C: Command>(on: &Snapshot, who: &Subject, command: C) -> Result<Snapshot, Refusal> {
    execute_at(on, who, command, NOW)
}

/// Asserts that a command was refused, and how.
macro_rules! refused {
    ($got:expr, $($pattern:tt)+) => {{
        let got = $got;
        assert!(matches!(got, Err($($pattern)+)), "{got:?}");
    }};
}
pub(super) use refused;

pub(super) struct World {
    pub(super) state: Snapshot,
    pub(super) admin: UserId,
}

pub(super) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(super) fn names(permissions: &[&str]) -> Vec<PermissionName> {
    permissions.iter().map(|p| PermissionName::parse(p).unwrap()).collect()
}

pub(super) fn until(end: i64) -> Validity {
    Validity { from: None, until: Some(Instant(end)) }
}

pub(super) fn from(start: i64) -> Validity {
    Validity { from: Some(Instant(start)), until: None }
}

/// The account and its places, nobody in it yet.
pub(super) fn empty(number: u32, retailers: &[&str]) -> Snapshot {
    let text = format!("shop-{number}");
    let id = AccountId::from_number(number).unwrap();
    let account = Account { id, r#ref: Ref::parse(&text).unwrap(), name: label(&text) };
    let mut state = Snapshot::first(contract(), open_account(&account).changes()).unwrap();
    let operator = Subject::operator(id);
    let key = |text: String| Ref::parse(&text).unwrap();
    for name in retailers {
        let default_channel = (key(format!("{name}-web")), label("Web"));
        let retailer = CreateRetailer { r#ref: key((*name).into()), name: label(name), default_channel };
        state = execute(&state, &operator, retailer).unwrap();
        let retailer = state.places().find_retailer(name).unwrap().id;
        let shop = CreateChannel { retailer, r#ref: key(format!("{name}-shop")), name: label("Shop") };
        state = execute(&state, &operator, shop).unwrap();
        for number in 1..=2 {
            let r#ref = key(format!("{name}-{number}"));
            let store = CreateLocation { retailer, r#ref, name: label("Store"), kind: LocationKind::Store };
            state = execute(&state, &operator, store).unwrap();
        }
    }
    state
}

impl World {
    pub(super) fn new() -> Self {
        let state = empty(1, &["north", "south", "west"]);
        let mut world = World { state, admin: UserId::from_number(1).unwrap() };
        world.admin = world.user("admin@shop.example", &[("ADMIN", Scope::account())]);
        world.custom("manager", MANAGE);
        world.custom("orders", ORDERS);
        world.custom("viewer", &["ORDER_VIEW"]);
        world.custom("role_editor", ROLES);
        world
    }

    pub(super) fn operator(&self) -> Subject {
        Subject::operator(self.state.account().id)
    }

    /// Runs a command and keeps the new state.
    pub(super) fn run<C: Command>(&mut self, who: &Subject, command: C) -> Result<(), Refusal> {
        self.state = execute(&self.state, who, command)?;
        Ok(())
    }

    /// What a command would be answered; the state stays.
    pub(super) fn ask<C: Command>(&self, who: &Subject, command: C) -> Result<(), Refusal> {
        execute(&self.state, who, command).map(|_| ())
    }

    pub(super) fn role(&self, key: &str) -> RoleId {
        self.state.find_role(key).unwrap_or_else(|| panic!("no role {key}")).id
    }

    pub(super) fn custom(&mut self, key: &str, permissions: &[&str]) -> RoleId {
        self.custom_in(key, None, permissions)
    }

    pub(super) fn custom_in(
        &mut self,
        key: &str,
        application: Option<Application>,
        permissions: &[&str],
    ) -> RoleId {
        let operator = self.operator();
        self.run(&operator, create_role(key, application, permissions)).unwrap();
        self.role(key)
    }

    pub(super) fn spec(&self, role: &str, scope: Scope) -> GrantSpec {
        GrantSpec { role: self.role(role), scope, validity: Validity::ALWAYS }
    }

    /// A user made by the operator.
    pub(super) fn user(&mut self, login: &str, grants: &[(&str, Scope)]) -> UserId {
        let specs = grants.iter().map(|(role, scope)| self.spec(role, scope.clone())).collect();
        self.user_with(login, specs)
    }

    pub(super) fn user_with(&mut self, login: &str, grants: Vec<GrantSpec>) -> UserId {
        let operator = self.operator();
        self.run(&operator, create_user(login, grants)).unwrap();
        self.state.find_user(login).unwrap()
    }

    pub(super) fn provider(&mut self, key: &str) -> ProviderId {
        let operator = self.operator();
        self.run(&operator, save_provider(key)).unwrap();
        self.state.entrances().find_provider(key).unwrap().id
    }

    /// Somebody signed in to the API, which every unbound role opens.
    pub(super) fn api(&self, user: UserId) -> Subject {
        self.in_application(user, Application::Api)
    }

    pub(super) fn in_application(&self, user: UserId, application: Application) -> Subject {
        Subject::signed_in(self.state.account().id, user, application)
    }

    pub(super) fn grant(&self, user: UserId, at: usize) -> GrantId {
        self.state.grants(user)[at].id
    }

    pub(super) fn retailer(&self, name: &str) -> RetailerId {
        self.state.places().find_retailer(name).unwrap().id
    }

    pub(super) fn location(&self, name: &str) -> LocationId {
        self.state.places().find_location(name).unwrap().id
    }

    pub(super) fn channel(&self, name: &str) -> ChannelId {
        let retailer = name.split('-').next().unwrap();
        self.state.places().find_channel(Some(self.retailer(retailer)), name).unwrap().id
    }

    /// (these retailers, All, All).
    pub(super) fn sites(&self, names: &[&str]) -> Scope {
        let set = IdSet::new(names.iter().map(|n| self.retailer(n))).unwrap();
        Scope { retailers: Extent::Set(set), ..Scope::account() }
    }

    /// ({retailer}, Only{locations}, All).
    pub(super) fn only(&self, retailer: &str, locations: &[&str]) -> Scope {
        let set = IdSet::new(locations.iter().map(|l| self.location(l))).unwrap();
        Scope { locations: LocationExtent::Only(set), ..self.sites(&[retailer]) }
    }

    /// ({retailer}, Narrow{locations}, All).
    pub(super) fn narrow(&self, retailer: &str, locations: &[&str]) -> Scope {
        let set = IdSet::new(locations.iter().map(|l| self.location(l))).unwrap();
        Scope { locations: LocationExtent::Narrow(set), ..self.sites(&[retailer]) }
    }

    /// ({retailer}, All, {channels}).
    pub(super) fn channels(&self, retailer: &str, channels: &[&str]) -> Scope {
        let set = IdSet::new(channels.iter().map(|c| self.channel(c))).unwrap();
        Scope { channels: Extent::Set(set), ..self.sites(&[retailer]) }
    }

    /// Whether a user may do that to an entity at a place, in any application.
    pub(super) fn allowed(&self, user: UserId, permission: &str, entity: &str, place: Place) -> bool {
        let permission = self.state.permissions().find(permission).unwrap();
        let resource = Resource::thing(self.state.contract().entity(entity).unwrap(), place);
        self.state.allows(&Question { user, permission, resource, application: None }, NOW)
    }
}

pub(super) fn profile(name: &str) -> Profile {
    Profile::of(label(name), None)
}

pub(super) fn save_provider(key: &str) -> SaveProvider {
    let setting = |text: &str| Setting::parse(text).unwrap();
    let protocol = Protocol::Oidc(OidcSettings {
        issuer: setting("https://id.shop.example"),
        client_id: setting("keyward"),
        scopes: vec![setting("email")],
        claim: setting("email"),
        algorithms: vec![setting("RS256")],
    });
    SaveProvider { r#ref: Ref::parse(key).unwrap(), name: label("Single sign-on"), protocol }
}

pub(super) fn create_user(login: &str, grants: Vec<GrantSpec>) -> CreateUser {
    CreateUser {
        login: Login::parse(login).unwrap(),
        profile: profile("Somebody"),
        kind: UserKind::Person,
        sign_in: SignIn::Password,
        grants,
    }
}

pub(super) fn create_role(key: &str, application: Option<Application>, permissions: &[&str]) -> CreateRole {
    let key = RoleKey::parse(key).unwrap();
    CreateRole { key, label: label("A role"), application, permissions: names(permissions) }
}

pub(super) fn edit_role(id: RoleId, permissions: &[&str]) -> EditRole {
    EditRole { id, label: label("As edited"), permissions: names(permissions) }
}

pub(super) fn add(user: UserId, spec: GrantSpec) -> EditGrants {
    EditGrants { edits: vec![(user, GrantEdit::Add(spec))] }
}

pub(super) fn change(user: UserId, id: GrantId, scope: Scope, validity: Validity) -> EditGrants {
    EditGrants { edits: vec![(user, GrantEdit::Change { id, scope, validity })] }
}

pub(super) fn remove(user: UserId, id: GrantId) -> EditGrants {
    EditGrants { edits: vec![(user, GrantEdit::Remove(id))] }
}
