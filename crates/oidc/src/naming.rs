//! The claim that names the user: in the ID token, or where the provider keeps it apart (OpenID Connect Core
//! 1.0, 5.3 and 5.4).

use serde_json::{Map, Value};

use crate::claims::Claims;
use crate::error::SsoError;
use crate::http::{HttpClient, shown};
use crate::metadata::Metadata;
use crate::provider::Provider;

impl Provider {
    /// The value of the claim that was agreed on. Where the ID token lacks it, the provider is asked for it
    /// with the access token, because some put only the subject into the ID token.
    pub(crate) fn agreed_claim(
        &self,
        http: &HttpClient,
        metadata: &Metadata,
        id_token: &Claims<'_>,
        access_token: Option<&str>,
    ) -> Result<String, SsoError> {
        let name = self.config.claim.as_str();
        if id_token.has(name) {
            return named(name, id_token);
        }
        let (Some(endpoint), Some(access_token)) = (&metadata.userinfo_endpoint, access_token) else {
            return named(name, id_token);
        };
        let answer = http.get_as(endpoint, access_token)?;
        let at = shown(endpoint);
        if answer.status != 200 {
            return Err(SsoError::lying(format!("{at} answers {} instead of 200", answer.status)));
        }
        let told: Map<String, Value> = serde_json::from_slice(&answer.body)
            .map_err(|_| SsoError::lying(format!("{at} does not answer with a JSON object")))?;
        let told = Claims(&told);
        // Otherwise a stolen access token could lend its owner's name (5.3.2).
        if told.text("sub").is_none() || told.text("sub") != id_token.text("sub") {
            return Err(SsoError::lying(format!("{at} tells of another subject than the ID token")));
        }
        named(name, &told)
    }
}

fn named(name: &str, claims: &Claims<'_>) -> Result<String, SsoError> {
    let nameless = |what: &str| SsoError::Nameless { what: format!("the claim `{name}` {what}") };
    let value = claims.name(name).map_err(|_| nameless("is not a short text"))?;
    let value = value.ok_or_else(|| nameless("is not there"))?;
    // Some providers write the truth as a text.
    let unverified = |verified: &Value| *verified != Value::Bool(true) && *verified != "true";
    if name == "email" && claims.value("email_verified").is_some_and(unverified) {
        return Err(nameless("is not verified by the provider (`email_verified`)"));
    }
    Ok(value)
}
