//! The specification: DESIGN section 2 read aloud. Look at every grant, one after the other.
//!
//! Slow and plain by intent. Sentences in quotation marks are DESIGN's.

use crate::contract::Entity;
use crate::world::{Dimension, Grant, Locations, Resource, Role, Scope, Status, User, Validity, World};
use access::{Application, LocationId, Place, UserId};

/// "Allow iff the account matches; the user is active; the application, when named, may be entered; and
/// [...] there is **one** grant, valid now and counting in that application, whose role holds it and whose
/// scope admits the resource."
#[must_use]
pub fn allows(
    world: &World,
    user: UserId,
    permission: &str,
    resource: &Resource,
    application: Option<Application>,
) -> bool {
    allows_at(world, world.now, user, permission, resource, application)
}

/// [`allows`], at another instant than the world's own.
#[must_use]
pub fn allows_at(
    world: &World,
    now: i64,
    user: UserId,
    permission: &str,
    resource: &Resource,
    application: Option<Application>,
) -> bool {
    let Some(asker) = world.user(user) else { return false };
    let active = asker.status == Status::Active;
    let entered = application.is_none_or(|a| may_enter(world, now, asker, a));
    if !active || !entered {
        return false;
    }
    let mut holding = counting(world, now, asker, application).filter(|g| holds(role(world, g), permission));
    match resource {
        Resource::Thing { entity, place } => {
            holding.any(|g| admits(&g.scope, entity, place, is_view(permission)))
        }
        Resource::User(target) => {
            on_user(&holding.collect::<Vec<_>>(), world.user(*target), is_view(permission))
        }
    }
}

/// "A user may enter the OMC or the Store App where a counting grant, wherever its scope, holds
/// `OMC_ACCESS` / `STOREAPP_ACCESS`, the API where one holds `API_ACCESS` or is unbound."
#[must_use]
pub fn may_enter(world: &World, now: i64, user: &User, application: Application) -> bool {
    counting(world, now, user, Some(application)).map(|g| role(world, g)).any(|role| match application {
        Application::Omc => holds(role, "OMC_ACCESS"),
        Application::StoreApp => holds(role, "STOREAPP_ACCESS"),
        Application::Api => holds(role, "API_ACCESS") || role.application.is_none(),
    })
}

/// "A role may be bound to one application, for good: its grants count only there. An unbound role counts
/// everywhere. [...] A question from another program may name the application; without one, every grant
/// counts." And only while it is valid.
fn counting<'w>(
    world: &'w World,
    now: i64,
    user: &'w User,
    application: Option<Application>,
) -> impl Iterator<Item = &'w Grant> {
    user.grants.iter().filter(move |grant| {
        let counts = match (role(world, grant).application, application) {
            (None, _) | (_, None) => true,
            (Some(bound), Some(asked)) => bound == asked,
        };
        counts && grant.validity.holds_at(now)
    })
}

fn role<'w>(world: &'w World, grant: &Grant) -> &'w Role {
    &world.roles[&grant.role]
}

/// Whether a role holds a permission.
#[must_use]
pub fn holds(role: &Role, permission: &str) -> bool {
    role.every || role.permissions.contains(permission)
}

/// Permissions are named `NOUN_VERB`; those whose verb is VIEW view.
#[must_use]
pub fn is_view(permission: &str) -> bool {
    permission.ends_with("_VIEW")
}

/// "A scope admits a resource when every dimension does."
#[must_use]
pub fn admits(scope: &Scope, entity: &Entity, place: &Place, viewing: bool) -> bool {
    let viewed_reference_data = entity.is_reference_data && viewing;

    // "retailers: All; or its retailer is in the set; or it is account-wide or shared reference data being
    // viewed". What has no retailer is account-wide if it never could have one, and shared if it could.
    let retailer = match (&scope.retailers, place.retailer) {
        (Dimension::All, _) => true,
        (Dimension::Listed(set), Some(retailer)) => set.contains(&retailer),
        (Dimension::Listed(_), None) => viewed_reference_data,
    };

    // "locations: All; or its location is in the set; or it carries none, and the scope says Narrow or it
    // is reference data being viewed". "An *empty* retailer, location or channel of an entity that carries
    // one is admitted by All alone (by viewing, for reference data)."
    let location = match (&scope.locations, place.location, entity.carries_location) {
        (Locations::All, _, _) => true,
        (Locations::Narrow(set) | Locations::Only(set), Some(location), _) => set.contains(&location),
        (Locations::Narrow(_), None, false) => true,
        (Locations::Only(_), None, false) | (_, None, true) => viewed_reference_data,
    };

    // "channels: All; or it carries none; or its channel is in the set", and the same for an empty one.
    let channel = match (&scope.channels, place.channel, entity.carries_channel) {
        (Dimension::All, _, _) => true,
        (Dimension::Listed(set), Some(channel), _) => set.contains(&channel),
        (Dimension::Listed(_), None, false) => true,
        (Dimension::Listed(_), None, true) => viewed_reference_data,
    };

    retailer && location && channel
}

/// "Users as resources": what grants that hold the permission say of a user.
///
/// "Whoever holds `USER_VIEW` sees the users who have a grant that meets that scope." What is no viewing
/// is managing: each grant of theirs must be covered by one. "A user without grants is seen and managed
/// from (All, All, All)", and so is one who does not exist.
fn on_user(holding: &[&Grant], target: Option<&User>, viewing: bool) -> bool {
    let theirs: &[Grant] = target.map_or(&[], |user| &user.grants);
    if theirs.is_empty() {
        return holding.iter().any(|own| own.scope == Scope::ACCOUNT);
    }
    if viewing {
        return holding.iter().any(|own| theirs.iter().any(|g| meets(&own.scope, &g.scope)));
    }
    theirs
        .iter()
        .all(|g| holding.iter().any(|own| covers(&own.scope, &g.scope) && own.validity.outlasts(g.validity)))
}

/// "Two scopes *meet* when in each dimension one is All or the sets share a member (Narrow counts as its
/// set)."
#[must_use]
pub fn meets(one: &Scope, other: &Scope) -> bool {
    fn dimension<T: Ord>(one: &Dimension<T>, other: &Dimension<T>) -> bool {
        match (one, other) {
            (Dimension::All, _) | (_, Dimension::All) => true,
            (Dimension::Listed(a), Dimension::Listed(b)) => !a.is_disjoint(b),
        }
    }
    let locations = match (&one.locations, &other.locations) {
        (Locations::All, _) | (_, Locations::All) => true,
        (Locations::Narrow(a) | Locations::Only(a), Locations::Narrow(b) | Locations::Only(b)) => {
            !a.is_disjoint(b)
        }
    };
    dimension(&one.retailers, &other.retailers) && locations && dimension(&one.channels, &other.channels)
}

/// "A scope covers another when each dimension contains it (All > Narrow(L) > Only(L), sets by inclusion)";
/// [`Validity::contains`] is the other half of the rule.
#[must_use]
pub fn covers(one: &Scope, other: &Scope) -> bool {
    fn dimension<T: Ord>(one: &Dimension<T>, other: &Dimension<T>) -> bool {
        match (one, other) {
            (Dimension::All, _) => true,
            (Dimension::Listed(_), Dimension::All) => false,
            (Dimension::Listed(a), Dimension::Listed(b)) => a.is_superset(b),
        }
    }
    let locations = match (&one.locations, &other.locations) {
        (Locations::All, _) => true,
        (Locations::Narrow(a), Locations::Narrow(b) | Locations::Only(b)) => a.is_superset(b),
        (Locations::Only(a), Locations::Only(b)) => a.is_superset(b),
        (Locations::Narrow(_) | Locations::Only(_), Locations::All) => false,
        (Locations::Only(_), Locations::Narrow(_)) => false,
    };
    dimension(&one.retailers, &other.retailers) && locations && dimension(&one.channels, &other.channels)
}

/// Whether a user signed in to an application, in a store or in none, sees another: the users rule, and
/// "in the Store App a vendor manager sees and manages only Store App users with *individual* (listed, not
/// All) access to the store they are in". Everybody sees themselves.
#[must_use]
pub fn sees_user(
    world: &World,
    user: UserId,
    target: UserId,
    application: Application,
    store: Option<LocationId>,
) -> bool {
    let oneself = user == target
        && world
            .user(user)
            .is_some_and(|u| u.status == Status::Active && may_enter(world, world.now, u, application));
    let seen = allows(world, user, "USER_VIEW", &Resource::User(target), Some(application));
    let limited = application == Application::StoreApp;
    oneself || seen && (!limited || store.is_some_and(|store| is_of_the_store(world, target, store)))
}

fn is_of_the_store(world: &World, target: UserId, store: LocationId) -> bool {
    world.user(target).is_some_and(|user| {
        user.grants.iter().any(|grant| {
            let individual = match &grant.scope.locations {
                Locations::All => false,
                Locations::Narrow(set) | Locations::Only(set) => set.contains(&store),
            };
            individual && role(world, grant).application == Some(Application::StoreApp)
        })
    })
}

impl Validity {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds_at(self, now: i64) -> bool {
        let begun = self.from.is_none_or(|from| from <= now);
        let over = self.until.is_some_and(|until| until <= now);
        begun && !over
    }

    /// Whether this ends no sooner than `other`: for one that holds now, all that counts of "contains".
    #[must_use]
    pub fn outlasts(self, other: Validity) -> bool {
        self.until.is_none_or(|own| other.until.is_some_and(|others| others <= own))
    }

    /// Whether every instant of `other` is one of this.
    #[must_use]
    pub fn contains(self, other: Validity) -> bool {
        let begins = self.from.is_none_or(|own| other.from.is_some_and(|others| own <= others));
        let ends = self.until.is_none_or(|own| other.until.is_some_and(|others| others <= own));
        begins && ends
    }
}

/// Whether listed places exist, belong to the listed retailers, and leave no listed retailer without one:
/// what every stored scope is.
#[must_use]
pub fn is_well_formed(world: &World, scope: &Scope) -> bool {
    let Dimension::Listed(retailers) = &scope.retailers else { return true };
    let each_has_its_own = |owners: Vec<access::RetailerId>| {
        owners.iter().all(|r| retailers.contains(r)) && retailers.iter().all(|r| owners.contains(r))
    };
    let locations = match &scope.locations {
        Locations::All => true,
        Locations::Narrow(set) | Locations::Only(set) => {
            each_has_its_own(set.iter().map(|l| world.retailer_of_location(*l)).collect())
        }
    };
    let channels = match &scope.channels {
        Dimension::All => true,
        Dimension::Listed(set) => {
            each_has_its_own(set.iter().map(|c| world.retailer_of_channel(*c)).collect())
        }
    };
    locations && channels
}
