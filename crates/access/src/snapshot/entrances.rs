//! The ways in that are state of the account: identity providers, API clients, allowed addresses. Few of each.

use crate::change::{ApiClient, IdentityProvider};
use crate::words::{AddressRange, ClientId, Number, ProviderId, UserId};
use std::collections::BTreeMap;

/// Something with a number and a ref that are never given again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept<T> {
    thing: T,
    removed: bool,
}

/// Identity providers, API clients and allowed addresses of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entrances {
    providers: Vec<Kept<IdentityProvider>>,
    clients: Vec<Kept<ApiClient>>,
    ranges: BTreeMap<UserId, Vec<AddressRange>>,
}

fn at<T>(list: &[Kept<T>], id: impl Number) -> Option<&Kept<T>> {
    list.get(id.number() as usize - 1)
}

fn at_mut<T>(list: &mut [Kept<T>], id: impl Number) -> Option<&mut Kept<T>> {
    list.get_mut(id.number() as usize - 1)
}

fn next<Id: Number>(count: usize) -> Option<Id> {
    u32::try_from(count + 1).ok().and_then(Id::from_number)
}

fn remove<T>(list: &mut [Kept<T>], id: impl Number) -> bool {
    let there = at_mut(list, id).filter(|kept| !kept.removed);
    there.map(|kept| kept.removed = true).is_some()
}

impl Entrances {
    /// Most identity providers ever made in an account.
    pub const PROVIDERS_MAX: usize = 1_000;
    /// Most API clients ever made in an account.
    pub const CLIENTS_MAX: usize = 100_000;

    /// The provider of that id, unless it was removed.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> Option<&IdentityProvider> {
        at(&self.providers, id).filter(|kept| !kept.removed).map(|kept| &kept.thing)
    }

    /// The provider of that id or ref, unless it was removed.
    #[must_use]
    pub fn find_provider(&self, text: &str) -> Option<&IdentityProvider> {
        match ProviderId::read(text) {
            Some(id) => self.provider(id),
            None => self.providers().find(|p| p.r#ref.as_str() == text),
        }
    }

    /// All providers, in the order in which they were made.
    pub fn providers(&self) -> impl Iterator<Item = &IdentityProvider> {
        self.providers.iter().filter(|kept| !kept.removed).map(|kept| &kept.thing)
    }

    /// The client of that id, unless it was removed.
    #[must_use]
    #[inline]
    pub fn client(&self, id: ClientId) -> Option<&ApiClient> {
        at(&self.clients, id).filter(|kept| !kept.removed).map(|kept| &kept.thing)
    }

    /// The client of that id or ref, unless it was removed.
    #[must_use]
    pub fn find_client(&self, text: &str) -> Option<&ApiClient> {
        match ClientId::read(text) {
            Some(id) => self.client(id),
            None => self.clients().find(|c| c.r#ref.as_str() == text),
        }
    }

    /// All clients, in the order in which they were made.
    pub fn clients(&self) -> impl Iterator<Item = &ApiClient> {
        self.clients.iter().filter(|kept| !kept.removed).map(|kept| &kept.thing)
    }

    /// The addresses that a user comes in from; none means everywhere.
    #[must_use]
    pub fn ranges(&self, user: UserId) -> &[AddressRange] {
        self.ranges.get(&user).map_or(&[], Vec::as_slice)
    }

    /// The id of the next provider.
    pub(crate) fn next_provider(&self) -> Option<ProviderId> {
        next(self.providers.len())
    }

    /// The id of the next client.
    pub(crate) fn next_client(&self) -> Option<ClientId> {
        next(self.clients.len())
    }

    /// Whether a ref is or was a provider's.
    pub(crate) fn knows_provider(&self, text: &str) -> bool {
        self.providers.iter().any(|kept| kept.thing.r#ref.as_str() == text)
    }

    /// Whether a ref is or was a client's.
    pub(crate) fn knows_client(&self, text: &str) -> bool {
        self.clients.iter().any(|kept| kept.thing.r#ref.as_str() == text)
    }

    /// Puts a provider in its place: the next one, or its own. Whether there was such a place.
    pub(super) fn save_provider(&mut self, provider: IdentityProvider) -> bool {
        if self.next_provider() == Some(provider.id) {
            let free = !self.knows_provider(provider.r#ref.as_str());
            self.providers.push(Kept { thing: provider, removed: false });
            return free;
        }
        let same = at_mut(&mut self.providers, provider.id);
        let same = same.filter(|kept| !kept.removed && kept.thing.r#ref == provider.r#ref);
        same.map(|kept| kept.thing = provider).is_some()
    }

    pub(super) fn remove_provider(&mut self, id: ProviderId) -> bool {
        remove(&mut self.providers, id)
    }

    pub(super) fn add_client(&mut self, client: ApiClient) -> bool {
        let right = self.next_client() == Some(client.id) && !self.knows_client(client.r#ref.as_str());
        self.clients.push(Kept { thing: client, removed: false });
        right
    }

    pub(super) fn remove_client(&mut self, id: ClientId) -> bool {
        remove(&mut self.clients, id)
    }

    pub(super) fn set_ranges(&mut self, user: UserId, ranges: Vec<AddressRange>) {
        if ranges.is_empty() {
            self.ranges.remove(&user);
        } else {
            self.ranges.insert(user, ranges);
        }
    }
}
