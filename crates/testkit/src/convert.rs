//! From a world to what `access` knows, and back for scopes.
//!
//! A snapshot is made in both ways that the product has: from rows, as a store loads it, and by applying
//! changes, as a running server does. A test holds them equal.

use crate::world::{
    Dimension, Grant, Locations, Question, Resource, Role, Scope, Status, Validity, World, id,
};
use access::catalogue::Contract;
use access::change::{LocationKind, Profile, SignIn, UserKind};
use access::snapshot::{Account, Builder, Channel, Counters, Location, Retailer, RoleRow, UserRow};
use access::{
    AccountId, Application, Change, ChannelId, Extent, GrantId, GrantSpec, IdSet, Instant, Label, Language,
    LocationExtent, LocationId, Login, Number, PermissionName, Ref, RetailerId, Revision, RoleId, RoleKey,
    Snapshot, Subject, TimeZoneName, UserId,
};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// The account of every world.
pub const ACCOUNT: u32 = 1;

/// The contract as `access` reads it.
///
/// # Panics
/// When its files do not parse.
#[must_use]
pub fn contract() -> Arc<Contract> {
    static CONTRACT: LazyLock<Arc<Contract>> =
        LazyLock::new(|| Contract::built_in().expect("the contract reads whole"));
    CONTRACT.clone()
}

impl World {
    /// The instant of the world.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(self.now)
    }

    /// The state, made from rows as a store loads it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let revision = Revision(self.history().len() as u64);
        let grants = self.highest_grant() + 1;
        let counters = Counters { grants, custom_roles: self.custom_roles_made };
        let mut builder = Builder::new(contract(), account(), revision, counters);
        for name in &self.custom_permissions {
            builder.permission(permission(name)).expect("a new permission");
        }
        for (id, role) in self.roles.iter().filter(|(id, _)| !id.is_built_in()) {
            builder.role(role_row(*id, role)).expect("a sound role");
        }
        self.build_places(&mut builder);
        for (id, user) in self.users() {
            builder.user(user_row(id, user.status)).expect("a user in turn");
            for grant in &user.grants {
                builder.grant(grant.id, &grant.spec()).expect("a grant of a known role");
            }
        }
        builder.finish()
    }

    fn build_places(&self, builder: &mut Builder) {
        for id in self.retailer_ids() {
            let (r#ref, name) = named(id);
            let default_channel = self.default_channel(id);
            builder.retailer(Retailer { id, r#ref, name, default_channel, open: true }).expect("in turn");
        }
        for (id, retailer) in (1..).map(id).zip(self.locations.iter().copied()) {
            let (r#ref, name) = named::<LocationId>(id);
            let kind = LocationKind::Store;
            builder.location(Location { id, retailer, r#ref, name, kind, open: true }).expect("in turn");
        }
        for (id, retailer) in (1..).map(id).zip(self.channels.iter().copied()) {
            let (r#ref, name) = named::<ChannelId>(id);
            builder.channel(Channel { id, retailer, r#ref, name, open: true }).expect("in turn");
        }
    }

    /// The state, made by applying [`Self::history`] to nothing.
    ///
    /// # Panics
    /// When a change does not fit: the world is not sound, or `apply` is not.
    #[must_use]
    pub fn applied(&self) -> Snapshot {
        let history = self.history();
        let (first, rest) = history.split_first().expect("a first changeset");
        let start = Snapshot::first(contract(), first).expect("a sound beginning");
        rest.iter().fold(start, |state, changes| state.apply(changes).expect("changes that fit"))
    }

    /// Changesets that lead from nothing to this world. They take detours: grants that come late, are
    /// changed, or go again; roles that are edited, or removed.
    #[must_use]
    pub fn history(&self) -> Vec<Vec<Change>> {
        let Account { id, r#ref, name } = account();
        let mut history = vec![vec![Change::AccountCreated { id, r#ref, name }], self.place_changes()];
        let added = |name: &String| Change::PermissionAdded { name: permission(name) };
        history.push(self.custom_permissions.iter().map(added).collect());
        history.extend(self.role_changes());
        history.push(self.users().map(|(id, _)| user_created(id)).collect());
        history.extend(self.profile_changes());
        history.extend(self.grant_changes());
        history.push(self.users().filter_map(|(id, user)| switched(id, user.status)).collect());
        history
    }

    fn place_changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for id in self.retailer_ids() {
            let (r#ref, name) = named(id);
            let default_channel = self.default_channel(id);
            changes.push(Change::RetailerCreated { id, r#ref, name, default_channel });
        }
        for (id, retailer) in (1..).map(id).zip(self.locations.iter().copied()) {
            let (r#ref, name) = named::<LocationId>(id);
            let kind = LocationKind::Store;
            changes.push(Change::LocationCreated { id, retailer, r#ref, name, kind });
        }
        for (id, retailer) in (1..).map(id).zip(self.channels.iter().copied()) {
            let (r#ref, name) = named::<ChannelId>(id);
            changes.push(Change::ChannelCreated { id, retailer, r#ref, name });
        }
        changes
    }

    /// First everybody has the language and time zone of another, then, the last one first, their own.
    fn profile_changes(&self) -> [Vec<Change>; 2] {
        let edited = |id, profile| Change::UserEdited { id, profile };
        let other =
            |(user, _)| edited(user, Profile { name: profile(user).name, ..profile(id(user.number() + 1)) });
        let mut own: Vec<Change> = self.users().map(|(id, _)| edited(id, profile(id))).collect();
        own.reverse();
        [self.users().map(other).collect(), own]
    }

    fn role_changes(&self) -> Vec<Vec<Change>> {
        let mut made = Vec::new();
        let mut settled = Vec::new();
        for number in 1..=self.custom_roles_made {
            let id: RoleId = id(RoleId::BUILT_IN_MAX + number);
            let row = self.roles.get(&id).map(|role| role_row(id, role));
            let (key, application) = match &row {
                Some(row) => (row.key.clone(), row.application),
                None => (RoleKey::parse(&format!("removed-{number}")).expect("a key"), None),
            };
            let label = Label::parse("Before its edit").expect("a label");
            made.push(Change::RoleCreated { id, key, label, application, permissions: vec![] });
            settled.push(match row {
                Some(RoleRow { label, permissions, .. }) => Change::RoleEdited { id, label, permissions },
                None => Change::RoleRemoved { id },
            });
        }
        vec![made, settled]
    }

    fn grant_changes(&self) -> Vec<Vec<Change>> {
        let (mut later, mut first, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        for (user, row) in self.users() {
            for grant in &row.grants {
                let add = |spec| Change::GrantAdded { grant: access::Grant { id: grant.id, user, spec } };
                let GrantSpec { role, scope, validity } = grant.spec();
                match grant.id.number() % 3 {
                    0 => {
                        let wide = GrantSpec {
                            role,
                            scope: access::Scope::account(),
                            validity: access::Validity::ALWAYS,
                        };
                        first.push(add(wide));
                        settled.push(Change::GrantChanged { id: grant.id, user, scope, validity });
                    }
                    1 => first.push(add(grant.spec())),
                    _ => later.push(add(grant.spec())),
                }
            }
        }
        if let Some((user, _)) = self.users().next() {
            let grant = id::<GrantId>(self.highest_grant() + 1);
            let spec = GrantSpec {
                role: id(1),
                scope: access::Scope::account(),
                validity: access::Validity::ALWAYS,
            };
            first.push(Change::GrantAdded { grant: access::Grant { id: grant, user, spec } });
            settled.push(Change::GrantRemoved { id: grant, user });
        }
        vec![first, settled, later]
    }

    fn highest_grant(&self) -> u32 {
        self.users.iter().flat_map(|u| &u.grants).map(|g| g.id.number()).max().unwrap_or(0)
    }

    /// The first of a retailer's channels.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn default_channel(&self, retailer: RetailerId) -> ChannelId {
        self.channels_of(retailer).next().expect("a retailer has a channel")
    }

    /// A question in the words of `access`.
    ///
    /// # Panics
    /// When it names a permission or entity that the snapshot does not have.
    #[must_use]
    pub fn ask(&self, on: &Snapshot, question: &Question) -> access::Question {
        let resource = match question.resource {
            Resource::User(user) => access::Resource::User(user),
            Resource::Thing { entity, place } => {
                access::Resource::thing(on.contract().entity(entity.name).expect("a known entity"), place)
            }
        };
        access::Question {
            user: question.user,
            permission: on.permissions().find(&question.permission).expect("a known permission"),
            resource,
            application: question.application,
        }
    }

    /// A user of this world, signed in to an application.
    #[must_use]
    pub fn subject(&self, user: UserId, application: Application) -> Subject {
        Subject::signed_in(id(ACCOUNT), user, application)
    }
}

impl Grant {
    /// What it says, in the words of `access`.
    #[must_use]
    pub fn spec(&self) -> GrantSpec {
        GrantSpec { role: self.role, scope: (&self.scope).into(), validity: self.validity.into() }
    }
}

impl From<Validity> for access::Validity {
    fn from(validity: Validity) -> Self {
        Self { from: validity.from.map(Instant), until: validity.until.map(Instant) }
    }
}

fn set<T: Number>(members: &BTreeSet<T>) -> IdSet<T> {
    IdSet::new(members.iter().copied()).expect("a world lists at least one place, and few")
}

fn extent<T: Number>(dimension: &Dimension<T>) -> Extent<T> {
    match dimension {
        Dimension::All => Extent::All,
        Dimension::Listed(members) => Extent::Set(set(members)),
    }
}

fn dimension<T: Number>(extent: &Extent<T>) -> Dimension<T> {
    match extent {
        Extent::All => Dimension::All,
        Extent::Set(set) => Dimension::Listed(set.members().iter().copied().collect()),
    }
}

impl From<&Scope> for access::Scope {
    fn from(scope: &Scope) -> Self {
        Self {
            retailers: extent(&scope.retailers),
            locations: match &scope.locations {
                Locations::All => LocationExtent::All,
                Locations::Narrow(members) => LocationExtent::Narrow(set(members)),
                Locations::Only(members) => LocationExtent::Only(set(members)),
            },
            channels: extent(&scope.channels),
        }
    }
}

impl From<&access::Scope> for Scope {
    fn from(scope: &access::Scope) -> Self {
        let members = |set: &IdSet<LocationId>| set.members().iter().copied().collect();
        Self {
            retailers: dimension(&scope.retailers),
            locations: match &scope.locations {
                LocationExtent::All => Locations::All,
                LocationExtent::Narrow(set) => Locations::Narrow(members(set)),
                LocationExtent::Only(set) => Locations::Only(members(set)),
            },
            channels: dimension(&scope.channels),
        }
    }
}

fn account() -> Account {
    Account {
        id: id::<AccountId>(ACCOUNT),
        r#ref: Ref::parse("acme").expect("a ref"),
        name: Label::parse("Acme").expect("a label"),
    }
}

/// A ref and a name made of an id: `ret-1`.
fn named<T: Number>(id: T) -> (Ref, Label) {
    let text = format!("{}-{}", T::PREFIX, id.number());
    (Ref::parse(&text).expect("a ref"), Label::parse(&text).expect("a label"))
}

fn permission(name: &str) -> PermissionName {
    PermissionName::parse(name).expect("a permission name")
}

fn role_row(id: RoleId, role: &Role) -> RoleRow {
    RoleRow {
        id,
        key: RoleKey::parse(&role.key).expect("a role key"),
        label: Label::parse(&role.key).expect("a label"),
        application: role.application,
        permissions: role.permissions.iter().map(|p| permission(p)).collect(),
    }
}

/// The login of a user: an e-mail address, so that the OMC is open to them.
///
/// # Panics
/// Never: the text is a login whatever the number.
#[must_use]
pub fn login(user: UserId) -> Login {
    Login::parse(&format!("user-{}@acme.example", user.number())).expect("a login")
}

/// Some chose a language, some a time zone, some both, most neither.
fn profile(user: UserId) -> Profile {
    let name = Label::parse(&format!("User {}", user.number())).expect("a label");
    let number = user.number();
    let language = match number % 5 {
        1 => Some(Language::EnUs),
        2 => Some(Language::EnGb),
        _ => None,
    };
    let zone = (number % 4 == 2).then(|| format!("Area/City_{}", number % 7));
    let time_zone = zone.map(|zone| TimeZoneName::parse(&zone).expect("a time zone"));
    Profile { language, time_zone, ..Profile::of(name, None) }
}

fn user_row(id: UserId, status: Status) -> UserRow {
    UserRow {
        id,
        login: login(id),
        profile: profile(id),
        kind: UserKind::Person,
        sign_in: SignIn::Password,
        enabled: status != Status::Disabled,
        provisioned: status != Status::Deprovisioned,
        removed: status == Status::Removed,
        // The first epoch is 1, and every way out is one step on.
        epoch: if status == Status::Active { 1 } else { 2 },
    }
}

fn user_created(id: UserId) -> Change {
    let (kind, sign_in) = (UserKind::Person, SignIn::Password);
    Change::UserCreated { id, login: login(id), profile: profile(id), kind, sign_in }
}

fn switched(id: UserId, status: Status) -> Option<Change> {
    use access::change::Switch;
    let off = |by| Some(Change::UserSwitched { id, by, on: false });
    match status {
        Status::Active => None,
        Status::Disabled => off(Switch::Administrators),
        Status::Deprovisioned => off(Switch::Provisioner),
        Status::Removed => Some(Change::UserRemoved { id }),
    }
}
