//! The providers that were talked to, and how many calls to them may be under way: a slow one may take half a minute,
//! and nobody else shall wait for it.

use super::seen::{Logouts, Once};
use super::sso::{provider_config, secret_purpose};
use crate::accounts::Service;
use crate::error::ServiceError;
use access::change::{IdentityProvider, OidcSettings, Protocol};
use access::{AccountId, ProviderId, Snapshot};
use oidc::{ClientSecret, HttpClient, Provider, Reach};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Calls at a time, of all accounts.
const CALLS_MAX: usize = 32;
/// How many of them are kept aside for providers who end sessions.
const KEPT_FOR_LOGOUTS: usize = 4;
/// Calls at a time for one address and purpose.
const OF_ADDRESS_MAX: usize = 4;
/// Calls at a time to one provider for one purpose.
const OF_PROVIDER_MAX: usize = 8;
/// When to try again, in seconds.
const RETRY_S: u32 = 5;
/// Begun sign-ins remembered whose answer came.
const USED_MAX: usize = 65_536;
/// Logout tokens remembered, so that none is used twice.
const TOKENS_MAX: usize = 10_000;

/// What a provider is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// Somebody signs in, or out of it.
    SignIn,
    /// It ends sessions, and its keys are asked for.
    Logout,
}

/// Whose provider it is.
pub(super) type Of = (AccountId, ProviderId);

/// The providers that were talked to, with what is known of each, and the one way to call them.
#[derive(Debug)]
pub(crate) struct Providers {
    http: HttpClient,
    known: Mutex<HashMap<Of, Arc<Known>>>,
    calls: Mutex<Calls>,
    /// The states of sign-ins whose answer came.
    pub(super) used: Mutex<Once<String>>,
    /// The names of logout tokens that came.
    pub(super) tokens: Mutex<Once<(AccountId, ProviderId, String)>>,
    pub(super) logouts: Mutex<Logouts>,
}

#[derive(Debug, Default)]
struct Calls {
    all: usize,
    addresses: HashMap<(Purpose, u64), usize>,
    providers: HashMap<(Purpose, Of), usize>,
}

impl Calls {
    fn has_room(&self, purpose: Purpose, address: Option<u64>, of: Of) -> bool {
        let max = match purpose {
            Purpose::SignIn => CALLS_MAX - KEPT_FOR_LOGOUTS,
            Purpose::Logout => CALLS_MAX,
        };
        let of_address = address.and_then(|address| self.addresses.get(&(purpose, address)));
        let of_provider = self.providers.get(&(purpose, of));
        self.all < max
            && of_address.is_none_or(|count| *count < OF_ADDRESS_MAX)
            && of_provider.is_none_or(|count| *count < OF_PROVIDER_MAX)
    }

    fn begin(&mut self, purpose: Purpose, address: Option<u64>, of: Of) {
        self.all += 1;
        if let Some(address) = address {
            *self.addresses.entry((purpose, address)).or_default() += 1;
        }
        *self.providers.entry((purpose, of)).or_default() += 1;
    }

    fn end(&mut self, purpose: Purpose, address: Option<u64>, of: Of) {
        self.all = self.all.saturating_sub(1);
        if let Some(address) = address {
            one_less(&mut self.addresses, &(purpose, address));
        }
        one_less(&mut self.providers, &(purpose, of));
    }
}

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    match counts.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => drop(counts.remove(key)),
    }
}

/// A provider as it was agreed with.
#[derive(Debug)]
pub(super) struct Known {
    settings: OidcSettings,
    sealed_secret: Option<String>,
    provider: Provider,
}

impl Known {
    pub(super) fn provider(&self) -> &Provider {
        &self.provider
    }
}

/// A call that is counted until it is dropped.
#[derive(Debug)]
pub(super) struct Call<'p> {
    providers: &'p Providers,
    purpose: Purpose,
    address: Option<u64>,
    of: Of,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        held(&self.providers.calls).end(self.purpose, self.address, self.of);
    }
}

/// The content of a lock; what a thread that panicked left there is whole, as nothing panics while it is held.
pub(super) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Providers {
    pub(crate) fn new(private: bool) -> Self {
        let reach = if private { Reach::AlsoPrivate } else { Reach::PublicOnly };
        Self {
            http: HttpClient::new(reach),
            known: Mutex::default(),
            calls: Mutex::default(),
            used: Mutex::new(Once::new(USED_MAX)),
            tokens: Mutex::new(Once::new(TOKENS_MAX)),
            logouts: Mutex::default(),
        }
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.http
    }

    /// Room for a call, where there is any for this address and this provider; without an address, it is of somebody
    /// who is signed in.
    pub(super) fn call(
        &self,
        purpose: Purpose,
        address: Option<u64>,
        of: Of,
    ) -> Result<Call<'_>, ServiceError> {
        let mut calls = held(&self.calls);
        if !calls.has_room(purpose, address, of) {
            return Err(ServiceError::TooManyTries { retry_after_s: RETRY_S });
        }
        calls.begin(purpose, address, of);
        Ok(Call { providers: self, purpose, address, of })
    }
}

impl Service {
    /// The provider as it was agreed with, made anew when that changed.
    pub(super) fn provider(
        &self,
        on: &Snapshot,
        found: &IdentityProvider,
    ) -> Result<Arc<Known>, ServiceError> {
        let (account, Protocol::Oidc(settings)) = (on.account().id, &found.protocol);
        let sealed = self.inner.store.provider_secret(account, found.id)?;
        let mut known = held(&self.inner.providers.known);
        let same = known.get(&(account, found.id));
        if let Some(same) = same.filter(|k| k.settings == *settings && k.sealed_secret == sealed) {
            return Ok(same.clone());
        }
        let secret = match &sealed {
            None => None,
            Some(text) => {
                let purpose = secret_purpose(account, found.id);
                let opened = self.inner.sealer.open(&purpose, text).ok_or_else(|| {
                    ServiceError::Unavailable(format!(
                        "the secret of {} was sealed with another key: set it again",
                        found.id
                    ))
                })?;
                Some(ClientSecret::new(opened))
            }
        };
        let provider = Provider::new(provider_config(settings, secret).map_err(ServiceError::Invalid)?);
        let made = Arc::new(Known { settings: settings.clone(), sealed_secret: sealed, provider });
        known.insert((account, found.id), made.clone());
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Number;

    fn of(provider: u32) -> Of {
        let account = AccountId::from_number(1).expect("an id");
        (account, ProviderId::from_number(provider).expect("an id"))
    }

    fn fill<'p>(providers: &'p Providers, purpose: Purpose, tries: &[(Option<u64>, u32)]) -> Vec<Call<'p>> {
        tries.iter().filter_map(|(address, p)| providers.call(purpose, *address, of(*p)).ok()).collect()
    }

    #[test]
    fn one_address_and_one_provider_have_their_share_and_give_it_back() {
        let providers = Providers::new(false);
        let one_address: Vec<_> = (0..20).map(|n| (Some(7), n % 5 + 1)).collect();
        let held = fill(&providers, Purpose::SignIn, &one_address);
        assert_eq!(held.len(), OF_ADDRESS_MAX);
        assert_eq!(fill(&providers, Purpose::SignIn, &[(Some(8), 1)]).len(), 1, "others call meanwhile");
        drop(held);
        let one_provider: Vec<_> = (0..20).map(|n| (Some(n), 1)).collect();
        let held = fill(&providers, Purpose::SignIn, &one_provider);
        assert_eq!(held.len(), OF_PROVIDER_MAX);
        assert_eq!(fill(&providers, Purpose::SignIn, &[(None, 1), (Some(0), 2)]).len(), 1);
        let refused = providers.call(Purpose::SignIn, Some(99), of(1)).err();
        assert!(matches!(refused, Some(ServiceError::TooManyTries { retry_after_s: RETRY_S })));
        drop(held);
        let calls = super::held(&providers.calls);
        assert!(calls.all == 0 && calls.addresses.is_empty() && calls.providers.is_empty());
    }

    #[test]
    fn sign_ins_leave_room_for_logouts() {
        let providers = Providers::new(false);
        let everybody: Vec<_> = (0..100).map(|n| (Some(n), u32::try_from(n).unwrap_or(0) % 50 + 1)).collect();
        let sign_ins = fill(&providers, Purpose::SignIn, &everybody);
        assert_eq!(sign_ins.len(), CALLS_MAX - KEPT_FOR_LOGOUTS);
        let logouts = fill(&providers, Purpose::Logout, &everybody);
        assert_eq!(logouts.len(), KEPT_FOR_LOGOUTS);
        drop(sign_ins);
        // A provider that is busy with sign-ins is still asked for its keys, from the same address too.
        let busy = fill(&providers, Purpose::SignIn, &[(Some(7), 60); 20]);
        assert_eq!(busy.len(), OF_ADDRESS_MAX);
        assert_eq!(fill(&providers, Purpose::Logout, &[(Some(7), 60)]).len(), 1);
    }
}
