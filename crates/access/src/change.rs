//! What a command changes. One enum, three interpreters: persist (in `store`), apply and tell (here).

mod tell;

pub use tell::{Facts, Told};

use crate::proof::Actor;
use crate::scope::Scope;
use crate::time::{Instant, Validity};
use crate::words::{
    AccountId, AddressRange, Application, ChannelId, ClientId, GrantId, Label, Language, LocationId, Login,
    PermissionName, ProviderId, Ref, RetailerId, Revision, RoleId, RoleKey, Setting, TimeZoneName, TokenId,
    UserId,
};
use serde::{Deserialize, Serialize};

/// A role, where, and for how long: what a grant says before it has an id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GrantSpec {
    /// The role.
    pub role: RoleId,
    /// Where it holds.
    pub scope: Scope,
    /// When it holds.
    #[serde(default)]
    pub validity: Validity,
}

/// A grant of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whose it is.
    pub user: UserId,
    /// What it says.
    #[serde(flatten)]
    pub spec: GrantSpec,
}

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserKind {
    /// Somebody.
    Person,
    /// An outside system that calls the API: an ERP, a WMS.
    System,
    /// An application of the company's own that calls the API.
    Application,
}

/// How a user signs in: by a password or by single sign-on, never both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// A password kept here.
    Password,
    /// This identity provider of the account.
    Sso(ProviderId),
}

/// An identity provider of the account: what vouches for the users who sign in by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// Its id.
    pub id: ProviderId,
    /// Its key in the account, also in the addresses that it sends people back to.
    pub r#ref: Ref,
    /// What its button says.
    pub name: Label,
    /// How it is talked to.
    pub protocol: Protocol,
}

/// How an identity provider is talked to. SAML will be a second variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// OpenID Connect.
    Oidc(OidcSettings),
}

/// What is known of an OpenID Connect provider. Its client secret is kept elsewhere, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcSettings {
    /// Its issuer identifier, compared exactly.
    pub issuer: Setting,
    /// What it calls us.
    pub client_id: Setting,
    /// Scopes asked for besides `openid`.
    pub scopes: Vec<Setting>,
    /// The claim whose value is the login of the user.
    pub claim: Setting,
    /// The signature algorithms that are accepted, such as `RS256`.
    pub algorithms: Vec<Setting>,
}

/// A program that signs users in to the API, at one retailer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiClient {
    /// Its id.
    pub id: ClientId,
    /// What it calls itself on the wire: its `client_id`.
    pub r#ref: Ref,
    /// What it is, for people.
    pub name: Label,
    /// The retailer that its tokens are active in.
    pub retailer: RetailerId,
}

/// What of a user is for people to read, and how they read.
///
/// What was written before a field was there has none of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Profile {
    /// Their name.
    pub name: Label,
    /// Their e-mail address; none for most systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Label>,
    /// The language that pages speak to them in; none: [`Language::default`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The time zone that moments are shown in, and days are meant in; none: UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<TimeZoneName>,
}

impl Profile {
    /// Somebody who chose neither language nor time zone.
    #[must_use]
    pub fn of(name: Label, email: Option<Label>) -> Self {
        Self { name, email, language: None, time_zone: None }
    }
}

/// What a location is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocationKind {
    /// A shop with people in it.
    Store,
    /// A warehouse.
    Warehouse,
}

/// Who of the two switches a user on and off; a user is active when both have them on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// The administrators of the account.
    Administrators,
    /// The provisioning client.
    Provisioner,
}

/// One change of an account's access state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "fields are the words of DESIGN section 1; the variants say what happens to them"
)]
pub enum Change {
    /// The first change of every account.
    AccountCreated { id: AccountId, r#ref: Ref, name: Label },
    /// Its name.
    AccountEdited { name: Label },
    /// A permission of the account's own.
    PermissionAdded { name: PermissionName },
    /// A custom role.
    RoleCreated {
        id: RoleId,
        key: RoleKey,
        label: Label,
        application: Option<Application>,
        permissions: Vec<PermissionName>,
    },
    /// Its label and permissions, whole.
    RoleEdited { id: RoleId, label: Label, permissions: Vec<PermissionName> },
    /// The role; its grants are taken by changes before this one.
    RoleRemoved { id: RoleId },
    /// A retailer; its default channel follows in the same changeset.
    RetailerCreated { id: RetailerId, r#ref: Ref, name: Label, default_channel: ChannelId },
    /// Its name and default channel.
    RetailerEdited { id: RetailerId, name: Label, default_channel: ChannelId },
    /// Opened or closed.
    RetailerStatus { id: RetailerId, open: bool },
    /// A store or warehouse; its retailer never changes.
    LocationCreated { id: LocationId, retailer: RetailerId, r#ref: Ref, name: Label, kind: LocationKind },
    /// Its name and kind.
    LocationEdited { id: LocationId, name: Label, kind: LocationKind },
    /// Opened or closed.
    LocationStatus { id: LocationId, open: bool },
    /// A sales channel; its retailer never changes.
    ChannelCreated { id: ChannelId, retailer: RetailerId, r#ref: Ref, name: Label },
    /// Its name.
    ChannelEdited { id: ChannelId, name: Label },
    /// Opened or closed.
    ChannelStatus { id: ChannelId, open: bool },
    /// A user, active, without grants.
    UserCreated { id: UserId, login: Login, profile: Profile, kind: UserKind, sign_in: SignIn },
    /// What is for people to read.
    UserEdited { id: UserId, profile: Profile },
    /// Switched on or off; switching off ends every session and token.
    UserSwitched { id: UserId, by: Switch, on: bool },
    /// Every session and token ends, nothing else.
    UserSignedOut { id: UserId },
    /// They sign in another way; every session and token ends.
    UserSignInSet { id: UserId, sign_in: SignIn },
    /// They come in to the API from these addresses alone; from everywhere when there are none.
    UserAddressesSet { id: UserId, ranges: Vec<AddressRange> },
    /// One session or token ends, before `until`, when it would have ended by itself; `at` is when.
    TokenEnded { id: TokenId, user: UserId, at: Instant, until: Instant },
    /// Gone; the login stays reserved. Their grants are taken by changes before this one.
    UserRemoved { id: UserId },
    /// A grant.
    GrantAdded { grant: Grant },
    /// Its scope and validity; its role never changes.
    GrantChanged { id: GrantId, user: UserId, scope: Scope, validity: Validity },
    /// The grant, gone.
    GrantRemoved { id: GrantId, user: UserId },
    /// A new identity provider, or what an old one is from now on.
    ProviderSaved { provider: IdentityProvider },
    /// The provider, which nobody signs in by any more; its ref stays reserved.
    ProviderRemoved { id: ProviderId },
    /// A new API client.
    ClientAdded { client: ApiClient },
    /// The client, with every token that it was given; its ref stays reserved.
    ClientRemoved { id: ClientId },
}

/// What one command changes, on which state, on whose behalf. Committed whole or not at all.
///
/// No constructor outside this crate: a spent proof makes it.
#[derive(Debug)]
#[must_use = "a changeset that is not committed changes nothing"]
pub struct Changeset {
    pub(crate) account: AccountId,
    pub(crate) base: Revision,
    /// The revision of the state that the last of its commands led to; a later one begins there.
    pub(crate) leads_to: Revision,
    pub(crate) actor: Actor,
    pub(crate) changes: Vec<Change>,
    /// The proof holds until then: a commit at or after it must be authorized again.
    pub(crate) holds_until: Option<Instant>,
}

impl Changeset {
    /// The account that it changes.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The state it was made on.
    #[must_use]
    pub fn base(&self) -> Revision {
        self.base
    }

    /// Who changes it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The changes, in order.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The instant from which the proof behind it no longer holds by itself.
    #[must_use]
    pub fn holds_until(&self) -> Option<Instant> {
        self.holds_until
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// This changeset and then `later`, as one: for commands that are committed all or none.
    ///
    /// # Errors
    /// `later`, when it was not made by the same actor on the state that this one leads to.
    pub fn then(mut self, later: Changeset) -> Result<Changeset, Changeset> {
        let follows =
            later.base == self.leads_to && later.account == self.account && later.actor == self.actor;
        if !follows {
            return Err(later);
        }
        self.holds_until = match (self.holds_until, later.holds_until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        };
        self.leads_to = later.leads_to;
        self.changes.extend(later.changes);
        Ok(self)
    }
}
