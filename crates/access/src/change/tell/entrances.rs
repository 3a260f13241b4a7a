//! What an auditor reads of identity providers and API clients.

use super::{Facts, Told, fact, named, told};
use crate::change::{Change, IdentityProvider, OidcSettings, Protocol};
use crate::snapshot::Snapshot;
use crate::words::Setting;

impl Change {
    pub(super) fn tell_entrance(&self, before: &Snapshot) -> Told {
        let entrances = before.entrances();
        match self {
            Change::ProviderSaved { provider } => {
                let target = format!("{} {}", provider.id, provider.r#ref);
                let old = entrances.provider(provider.id);
                let action = if old.is_some() { "provider.edited" } else { "provider.created" };
                told(action, target, old.map(provider_facts).unwrap_or_default(), provider_facts(provider))
            }
            Change::ProviderRemoved { id } => {
                let old = entrances.provider(*id);
                let target = named(*id, old.map(|p| p.r#ref.as_str()));
                told("provider.removed", target, old.map(provider_facts).unwrap_or_default(), vec![])
            }
            Change::ClientAdded { client } => {
                let target = format!("{} {}", client.id, client.r#ref);
                let after = vec![fact("name", &client.name), fact("retailer", client.retailer)];
                told("client.created", target, vec![], after)
            }
            Change::ClientRemoved { id } => {
                let old = entrances.client(*id).map(|c| c.r#ref.as_str());
                told("client.removed", named(*id, old), vec![], vec![])
            }
            _ => told("entrance", String::new(), vec![], vec![]),
        }
    }
}

fn provider_facts(provider: &IdentityProvider) -> Facts {
    let words = |list: &[Setting]| list.iter().map(Setting::as_str).collect::<Vec<_>>().join(" ");
    let Protocol::Oidc(OidcSettings { issuer, client_id, scopes, claim, algorithms }) = &provider.protocol;
    vec![
        fact("name", &provider.name),
        fact("issuer", issuer),
        fact("client_id", client_id),
        fact("scopes", words(scopes)),
        fact("claim", claim),
        fact("algorithms", words(algorithms)),
    ]
}
