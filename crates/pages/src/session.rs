//! Who has a page open: the session behind a cookie.

use access::change::{Protocol, SignIn};
use access::{Application, LocationId, RetailerId};
use authn::{Principal, Secret, SecretKind};
use service::{Fault, Inquiry, OfficePage, Service, ServiceError, Visitor};

use crate::clock::Clock;
use crate::door::Door;
use crate::origin::Origin;
use crate::views::frame::Person;

/// Somebody who is signed in to a door.
pub(crate) struct Session {
    /// What opens the session; its form tokens are tied to it.
    pub(crate) secret: Secret,
    pub(crate) who: Principal,
    pub(crate) person: Person,
    /// How they read days and times.
    pub(crate) clock: Clock,
    /// The provider they sign in by; none for a password.
    pub(crate) provider: Option<ProviderOf>,
    /// The pages that they may read, besides their own.
    pub(crate) menu: Vec<OfficePage>,
    /// The sites that they may be in; not asked in the Store App.
    pub(crate) sites: Vec<Site>,
    /// The stores that they work in; asked in the Store App alone.
    pub(crate) stores: Vec<Store>,
}

/// A site that somebody may be in.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) id: RetailerId,
    pub(crate) reference: String,
    pub(crate) name: String,
}

/// A store that somebody may be in.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) id: LocationId,
    pub(crate) reference: String,
    pub(crate) name: String,
}

/// Most sites that the switcher lists; whoever has more names one on their own page.
pub(crate) const SITES_MAX: usize = 20;

/// Most stores that the switcher lists; whoever has more names one on their own page.
pub(crate) const STORES_MAX: usize = 20;

/// The provider that somebody signs in by.
#[derive(Clone)]
pub(crate) struct ProviderOf {
    pub(crate) name: String,
    /// Where it is; none when its issuer is no address that a header may carry.
    pub(crate) origin: Option<Origin>,
}

/// The application behind a door.
pub(crate) fn application(door: Door) -> Application {
    match door {
        Door::Omc => Application::Omc,
        Door::StoreApp => Application::StoreApp,
    }
}

/// Runs what may wait for the database, so that other requests of this thread go on elsewhere.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

/// Runs what may take long: a password is hashed in its turn, a provider is called.
pub(crate) async fn slowly<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ServiceError::Internal(error.to_string())))
}

/// The secret that a cookie holds, if it is one of a session.
pub(crate) fn session_secret(text: Option<&str>) -> Option<Secret> {
    Secret::parse(text?).ok().filter(|secret| secret.kind() == SecretKind::Session)
}

/// Who came by a secret. Nothing is asked of the database where the session was seen lately.
///
/// # Errors
/// [`Fault::Unauthenticated`] for a session that is over or never was.
fn principal(
    service: &Service,
    door: Door,
    secret: &Secret,
    visitor: &Visitor,
) -> Result<Principal, ServiceError> {
    let application = application(door);
    match service.recall_token(secret, application, visitor) {
        Some(who) => Ok(who),
        None => blocking(|| service.sign_in_token(secret, application, visitor)),
    }
}

impl Session {
    /// The store that they are in.
    pub(crate) fn store(&self) -> Option<&Store> {
        let active = self.who.subject().active_location()?;
        self.stores.iter().find(|store| store.id == active)
    }

    /// The session that a secret opens; none where it is over or never was.
    ///
    /// # Errors
    /// No access to the application any more; a database that cannot be asked.
    pub(crate) fn open(
        service: &Service,
        door: Door,
        secret: Secret,
        visitor: &Visitor,
    ) -> Result<Option<Self>, ServiceError> {
        let opened = principal(service, door, &secret, visitor).and_then(|who| {
            let Known { person, clock, provider, menu, sites, stores } = known(service, door, &who)?;
            Ok(Self { secret, who, person, clock, provider, menu, sites, stores })
        });
        match opened {
            Err(error) if error.fault() == Fault::Unauthenticated => Ok(None),
            other => other.map(Some),
        }
    }
}

/// What the pages know of somebody.
struct Known {
    person: Person,
    clock: Clock,
    provider: Option<ProviderOf>,
    menu: Vec<OfficePage>,
    sites: Vec<Site>,
    stores: Vec<Store>,
}

/// How the pages name somebody, by whom they come, and what they may read.
fn known(service: &Service, door: Door, who: &Principal) -> Result<Known, ServiceError> {
    let login = who.login().map(ToString::to_string).unwrap_or_default();
    // Whoever must change a first password is asked nothing else, and has no provider.
    if who.must_change() {
        return Ok(Known {
            person: Person { name: login.clone(), login },
            clock: Clock::default(),
            provider: None,
            menu: Vec::new(),
            sites: Vec::new(),
            stores: Vec::new(),
        });
    }
    let inquiry = match service.is_newest_in_memory() {
        true => service.inquire(who)?,
        false => blocking(|| service.inquire(who))?,
    };
    let on = inquiry.snapshot();
    let user = who.user();
    let name = user.and_then(|id| on.profile(id)).map(|(name, _)| name).filter(|name| !name.is_empty());
    let person = Person { name: name.map_or_else(|| login.clone(), ToOwned::to_owned), login };
    let clock = user.map_or_else(Clock::default, |id| Clock::of(on.language(id), on.time_zone(id)));
    let by = user.and_then(|id| on.user(id)).map(|user| user.sign_in());
    let provider = match by {
        Some(SignIn::Sso(id)) => on.entrances().provider(id),
        _ => None,
    };
    let provider = provider.map(|provider| {
        let Protocol::Oidc(settings) = &provider.protocol;
        let origin = Origin::of_url(settings.issuer.as_str()).ok();
        ProviderOf { name: provider.name.to_string(), origin }
    });
    let (sites, stores) = match door {
        Door::Omc => (sites(&inquiry), Vec::new()),
        Door::StoreApp => (Vec::new(), stores(&inquiry, who)),
    };
    let mut menu = inquiry.menu();
    menu.retain(|page| door == Door::Omc || *page == OfficePage::Users);
    Ok(Known { person, clock, provider, menu, sites, stores })
}

fn sites(inquiry: &Inquiry) -> Vec<Site> {
    let places = inquiry.snapshot().places();
    let sites = inquiry.sites(SITES_MAX + 1).into_iter().filter_map(|id| {
        let site = places.retailer(id)?;
        Some(Site { id, reference: site.r#ref.to_string(), name: site.name.to_string() })
    });
    sites.collect()
}

/// The stores that they work in, and the one that they are in, whatever it is.
fn stores(inquiry: &Inquiry, who: &Principal) -> Vec<Store> {
    let places = inquiry.snapshot().places();
    let mut ids = inquiry.stores(STORES_MAX);
    let active = who.subject().active_location();
    ids.extend(active.filter(|id| !ids.contains(id)));
    let stores = ids.into_iter().filter_map(|id| {
        let store = places.location(id)?;
        Some(Store { id, reference: store.r#ref.to_string(), name: store.name.to_string() })
    });
    stores.collect()
}
