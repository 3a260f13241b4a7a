//! Identity providers and API clients.

use super::text::table;
use super::{Desk, Reply, changed, origin};
use crate::SSO_CALLBACK_PATH;
use crate::accounts::{Inner, Service};
use crate::error::ServiceError;
use crate::sign_in::{provider_config, secret_purpose};
use crate::writer::Prepared;
use access::change::{IdentityProvider, OidcSettings, Protocol};
use access::commands::{AddClient, Command, Refusal, RemoveProvider, SaveProvider};
use access::{AccountId, Change, Label, Ref, Setting};
use oidc::ClientSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::CredentialWrite;

/// What is done with identity providers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum ProviderOp {
    /// A new provider, or what an old one is from now on.
    Save {
        r#ref: String,
        name: Option<String>,
        issuer: String,
        client_id: String,
        /// None leaves it as it is, unless the issuer is another; an empty one takes it.
        client_secret: Option<String>,
        scopes: Vec<String>,
        claim: String,
        algorithms: Vec<String>,
    },
    /// Gone, when nobody signs in by it.
    Remove { provider: String },
    /// All of them.
    List,
}

/// What is done with API clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are the arguments of the command line, described there")]
pub enum ClientOp {
    /// A new client; its secret is shown once.
    Create { r#ref: String, name: Option<String>, retailer: String },
    /// Gone, with every token that was given through it.
    Remove { client: String },
    /// All of them.
    List,
}

pub(super) fn perform_provider(
    service: &Service,
    desk: &Desk,
    op: &ProviderOp,
) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    match op {
        ProviderOp::Save { .. } => save(service, desk, op),
        ProviderOp::Remove { provider } => {
            let found = on.entrances().find_provider(provider);
            let id = found.ok_or_else(|| Refusal::unknown("identity provider", provider))?.id;
            let revision = service.execute(&desk.who, origin(), RemoveProvider { id })?;
            Ok(changed(format!("removed {provider}"), revision, json!({ "provider": provider })))
        }
        ProviderOp::List => {
            let all: Vec<&IdentityProvider> = on.entrances().providers().collect();
            let rows: Vec<_> = all
                .iter()
                .map(|p| {
                    let Protocol::Oidc(settings) = &p.protocol;
                    let OidcSettings { issuer, client_id, claim, .. } = settings;
                    let texts = [&p.r#ref as &dyn ToString, &p.name, issuer, client_id, claim];
                    texts.map(ToString::to_string)
                })
                .collect();
            let text = table(["ref", "name", "issuer", "client id", "claim"], &rows);
            let items: Vec<Value> = all.iter().map(|p| json!(p)).collect();
            Ok(Reply::new(text, json!({ "items": items, "revision": on.revision() })))
        }
    }
}

fn save(service: &Service, desk: &Desk, op: &ProviderOp) -> Result<Reply, ServiceError> {
    let ProviderOp::Save { r#ref, name, issuer, client_id, client_secret, scopes, claim, algorithms } = op
    else {
        return Err(ServiceError::Internal("no provider to save".into()));
    };
    let setting = |text: &String| Setting::parse(text).map_err(|e| Refusal::from(e).into());
    let settings = |list: &[String]| list.iter().map(setting).collect::<Result<Vec<_>, ServiceError>>();
    let settings = OidcSettings {
        issuer: setting(issuer)?,
        client_id: setting(client_id)?,
        scopes: settings(scopes)?,
        claim: setting(claim)?,
        algorithms: settings(algorithms)?,
    };
    if settings.algorithms.is_empty() {
        return Err(ServiceError::Invalid("a provider without a signature algorithm lets nobody in".into()));
    }
    let secret = client_secret.as_deref().filter(|secret| !secret.is_empty());
    provider_config(&settings, secret.map(|s| ClientSecret::new(s.to_owned())))
        .map_err(ServiceError::Invalid)?;
    if secret.is_some() && !service.inner.keeps_secrets {
        return Err(ServiceError::Invalid(
            "a client secret is kept sealed, and there is no key for that: give --key-file".into(),
        ));
    }
    let name = Label::parse(name.as_deref().unwrap_or(r#ref)).map_err(Refusal::from)?;
    let key = Ref::parse(r#ref).map_err(Refusal::from)?;
    let command = SaveProvider { r#ref: key.clone(), name, protocol: Protocol::Oidc(settings) };
    let secret = client_secret.clone();
    let (inner, account) = (service.inner.clone(), desk.account);
    let done = service.run(&desk.who, origin(), move |on, now, who| {
        let changeset = SaveProvider::run(on.authorize(who, command.clone(), now)?)?;
        let made = changeset.changes().iter().find_map(|change| match change {
            Change::ProviderSaved { provider } => Some(provider.id),
            _ => None,
        });
        let id = made.or_else(|| on.entrances().find_provider(command.r#ref.as_str()).map(|p| p.id));
        let mut credentials = vec![];
        if let (Some(old), None) = (moved(on, &command), &secret) {
            credentials.push(no_secret_of_before(&inner, account, old)?);
        }
        if let (Some(provider), Some(secret)) = (id, &secret) {
            let sealed = match secret.as_str() {
                "" => None,
                secret => {
                    let sealed =
                        inner.sealer.seal(&secret_purpose(account, provider), secret, inner.ids.as_ref());
                    Some(sealed.map_err(|e| Refusal::Inconsistent(e.to_string()))?)
                }
            };
            credentials.push(CredentialWrite::SetProviderSecret { provider, sealed });
        }
        Ok(Prepared { changeset, credentials })
    })?;
    let callback = SSO_CALLBACK_PATH;
    let text = format!("saved {key}; it sends people back to {callback} of the pages");
    Ok(changed(text, done.revision, json!({ "provider": key })))
}

/// The provider as it is, when another issuer is to be in its place.
fn moved<'s>(on: &'s access::Snapshot, command: &SaveProvider) -> Option<&'s IdentityProvider> {
    let issuer = |protocol: &Protocol| {
        let Protocol::Oidc(settings) = protocol;
        settings.issuer.clone()
    };
    let old = on.entrances().find_provider(command.r#ref.as_str())?;
    (issuer(&old.protocol) != issuer(&command.protocol)).then_some(old)
}

/// A secret that was agreed on with another issuer is not sent to the new one.
///
/// # Errors
/// There is one, and nobody says what the new issuer's is.
fn no_secret_of_before(
    inner: &Inner,
    account: AccountId,
    old: &IdentityProvider,
) -> Result<CredentialWrite, Refusal> {
    let kept = inner.store.provider_secret(account, old.id);
    if kept.map_err(|e| Refusal::Inconsistent(e.to_string()))?.is_some() {
        return Err(Refusal::Inconsistent(format!(
            "the client secret of `{}` was agreed on with another issuer and is not sent to the new one: give the new \
             one's with --client-secret-stdin, or --no-client-secret",
            old.r#ref
        )));
    }
    // One that another server keeps in this moment does not stay either.
    Ok(CredentialWrite::SetProviderSecret { provider: old.id, sealed: None })
}

pub(super) fn perform_client(service: &Service, desk: &Desk, op: &ClientOp) -> Result<Reply, ServiceError> {
    let on = service.newest(desk.account)?;
    match op {
        ClientOp::Create { r#ref, name, retailer } => {
            let place = on.places().find_retailer(retailer);
            let retailer = place.ok_or_else(|| Refusal::unknown("retailer", retailer))?.id;
            let key = Ref::parse(r#ref).map_err(Refusal::from)?;
            let name = Label::parse(name.as_deref().unwrap_or(r#ref)).map_err(Refusal::from)?;
            let command = AddClient { r#ref: key, name, retailer };
            let (revision, secret) = service.add_client(&desk.who, origin(), command)?;
            let json = json!({ "client_id": r#ref, "client_secret": secret.reveal() });
            let mut reply = changed(format!("created {ref}"), revision, json);
            reply.text += &format!("\nclient secret, shown this once: {}", secret.reveal());
            Ok(reply)
        }
        ClientOp::Remove { client } => {
            let found = on.entrances().find_client(client);
            let id = found.ok_or_else(|| Refusal::unknown("API client", client))?.id;
            let done = service.put_out_client(&desk.who, origin(), id)?;
            Ok(changed(format!("removed {client}"), done.revision, json!({ "client": client })))
        }
        ClientOp::List => {
            let all: Vec<_> = on.entrances().clients().collect();
            let rows: Vec<_> = all
                .iter()
                .map(|c| {
                    let retailer = on.places().retailer(c.retailer).map_or("?", |r| r.r#ref.as_str());
                    [c.r#ref.to_string(), c.name.to_string(), retailer.to_owned()]
                })
                .collect();
            let items: Vec<Value> = all.iter().map(|c| json!(c)).collect();
            let text = table(["client id", "name", "retailer"], &rows);
            Ok(Reply::new(text, json!({ "items": items, "revision": on.revision() })))
        }
    }
}
