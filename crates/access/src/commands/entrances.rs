//! Identity providers and API clients: made, edited, removed.

use super::{Command, Refusal};
use crate::change::{ApiClient, Change, Changeset, IdentityProvider, Protocol, SignIn};
use crate::proof::{Authorized, Demand, Guarded, Where};
use crate::scope::Scope;
use crate::snapshot::{Entrances, Snapshot};
use crate::words::{ClientId, Label, ProviderId, Ref, RetailerId};

/// Rule 7: account-wide.
fn demand() -> Demand {
    Demand::new("IDENTITYPROVIDER_UPDATE", Where::Covering(Scope::account()))
}

/// A new identity provider, or what the one of that ref is from now on.
#[derive(Clone, Debug)]
pub struct SaveProvider {
    /// Its key, for good.
    pub r#ref: Ref,
    /// What its button says.
    pub name: Label,
    /// How it is talked to.
    pub protocol: Protocol,
}

impl Guarded for SaveProvider {
    fn demand(&self, _on: &Snapshot) -> Demand {
        demand()
    }
}

impl Command for SaveProvider {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let entrances = proof.snapshot().entrances();
        let SaveProvider { r#ref, name, protocol } = proof.operation().clone();
        let id = match entrances.find_provider(r#ref.as_str()) {
            Some(own) => own.id,
            None if entrances.knows_provider(r#ref.as_str()) => {
                let by = ": a removed provider had it, and it stays reserved";
                return Err(Refusal::Taken { what: "provider ref", given: r#ref.to_string(), by });
            }
            None => {
                let next = entrances.next_provider();
                let next = next.filter(|id| crate::Number::number(*id) as usize <= Entrances::PROVIDERS_MAX);
                next.ok_or(Refusal::TooMany {
                    what: "identity providers ever made",
                    max: Entrances::PROVIDERS_MAX,
                })?
            }
        };
        let provider = IdentityProvider { id, r#ref, name, protocol };
        if entrances.provider(id) == Some(&provider) {
            return Ok(proof.spend(vec![]));
        }
        Ok(proof.spend(vec![Change::ProviderSaved { provider }]))
    }
}

/// Removes a provider that nobody signs in by.
#[derive(Clone, Debug)]
pub struct RemoveProvider {
    /// Which.
    pub id: ProviderId,
}

impl Guarded for RemoveProvider {
    fn demand(&self, _on: &Snapshot) -> Demand {
        demand()
    }
}

impl Command for RemoveProvider {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (on, id) = (proof.snapshot(), proof.operation().id);
        let provider =
            on.entrances().provider(id).ok_or_else(|| Refusal::unknown("identity provider", id))?;
        let users = on.users_after(None).filter(|(_, u)| !u.is_removed() && u.sign_in() == SignIn::Sso(id));
        match users.count() {
            0 => Ok(proof.spend(vec![Change::ProviderRemoved { id }])),
            users => Err(Refusal::ProviderInUse { provider: provider.r#ref.to_string(), users }),
        }
    }
}

/// A new API client.
#[derive(Clone, Debug)]
pub struct AddClient {
    /// Its `client_id`.
    pub r#ref: Ref,
    /// What it is, for people.
    pub name: Label,
    /// The retailer that its tokens are active in.
    pub retailer: RetailerId,
}

impl Guarded for AddClient {
    fn demand(&self, _on: &Snapshot) -> Demand {
        demand()
    }
}

impl Command for AddClient {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let on = proof.snapshot();
        let AddClient { r#ref, name, retailer } = proof.operation().clone();
        let place = on.places().retailer(retailer);
        let place = place.ok_or_else(|| Refusal::unknown("retailer", retailer))?;
        if !place.open {
            return Err(Refusal::Closed { what: "retailer", given: place.r#ref.to_string() });
        }
        let entrances = on.entrances();
        if entrances.knows_client(r#ref.as_str()) {
            return Err(Refusal::Taken { what: "client id", given: r#ref.to_string(), by: "" });
        }
        let next = entrances.next_client();
        let next = next.filter(|id| crate::Number::number(*id) as usize <= Entrances::CLIENTS_MAX);
        let max = Entrances::CLIENTS_MAX;
        let id = next.ok_or(Refusal::TooMany { what: "API clients ever made", max })?;
        Ok(proof.spend(vec![Change::ClientAdded { client: ApiClient { id, r#ref, name, retailer } }]))
    }
}

/// Removes a client: every token that was given through it ends.
#[derive(Clone, Debug)]
pub struct RemoveClient {
    /// Which.
    pub id: ClientId,
}

impl Guarded for RemoveClient {
    fn demand(&self, _on: &Snapshot) -> Demand {
        demand()
    }
}

impl Command for RemoveClient {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let (on, id) = (proof.snapshot(), proof.operation().id);
        on.entrances().client(id).ok_or_else(|| Refusal::unknown("API client", id))?;
        Ok(proof.spend(vec![Change::ClientRemoved { id }]))
    }
}
