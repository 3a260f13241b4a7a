//! `init`: an account with its first administrator.

use super::{Desk, Reply, changed, origin, users};
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::ops::{GrantNames, ScopeNames, UserOp};
use access::commands::{Refusal, open_account};
use access::snapshot::Account;
use access::{AccountId, Label, Login, Ref};
use authn::NewPassword;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The first account and its administrator.
#[derive(Clone, Serialize, Deserialize)]
pub struct InitOp {
    /// The name of the account; its ref, when none is given.
    pub name: Option<String>,
    /// The administrator's login, an e-mail address.
    pub admin_login: String,
    /// Their password; one is made and shown once, when none is given.
    pub password: Option<String>,
}

impl std::fmt::Debug for InitOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InitOp").field("admin_login", &self.admin_login).finish_non_exhaustive()
    }
}

/// What the first administrator holds, at account scope.
const ROLES: [&str; 3] = ["client_admin", "api_user", "ADMIN"];

pub(super) fn perform(service: &Service, account: Option<&str>, op: &InitOp) -> Result<Reply, ServiceError> {
    let wanted = account
        .ok_or_else(|| ServiceError::Invalid("say how the new account is called: --account REF".into()))?;
    let r#ref = Ref::parse(wanted).map_err(Refusal::from)?;
    if wanted.contains('/') {
        return Err(ServiceError::Invalid(
            "an account's ref has no `/`: it parts the account from a login".into(),
        ));
    }
    let name = Label::parse(op.name.as_deref().unwrap_or(wanted)).map_err(Refusal::from)?;
    // All that can be wrong is looked at before the account is opened.
    let login = Login::parse(&op.admin_login).map_err(Refusal::from)?;
    if !login.is_email() {
        return Err(Refusal::OmcNeedsEmail(login.to_string()).into());
    }
    let made = users::made(service, op.password.as_deref())?;
    let password = op.password.as_deref().or(made.as_deref()).unwrap_or_default().to_owned();
    NewPassword::parse(&password).map_err(|e| ServiceError::Invalid(e.to_string()))?;
    let account = match service.accounts()?.into_iter().find(|a| a.r#ref == r#ref) {
        None => open(service, r#ref, name)?,
        // Opened by an `init` that was interrupted before it made the administrator: this one goes on.
        Some(found) if service.newest(found.id)?.user_count() == 0 => found.id,
        Some(_) => return Err(ServiceError::Account(format!("there is an account `{wanted}` already"))),
    };
    let grants = ROLES.map(|role| GrantNames {
        role: role.into(),
        scope: ScopeNames { everywhere: true, ..ScopeNames::default() },
        valid_from: None,
        valid_until: None,
    });
    let create = UserOp::Create {
        login: login.to_string(),
        name: None,
        email: None,
        language: None,
        time_zone: None,
        system: false,
        application: false,
        sso: None,
        grants: grants.into(),
        password: Some(password),
    };
    let desk = Desk { who: service.operator(account), account };
    users::create_first(service, &desk, &create)?;
    let revision = service.newest(account)?.revision();
    let json = json!({ "account": wanted, "admin_login": login, "password": made });
    let mut reply = changed(format!("account {wanted} with the administrator {login}"), revision, json);
    if let Some(made) = made {
        reply.text += &format!("\npassword, shown this once: {made}");
    }
    Ok(reply)
}

fn open(service: &Service, r#ref: Ref, name: Label) -> Result<AccountId, ServiceError> {
    let account = Account { id: service.inner.store.next_account_id()?, r#ref, name };
    let now = service.inner.clock.now();
    let (_, snapshot) = service.inner.store.open_account(open_account(&account), &origin(), now)?;
    service.forget_refs();
    service.keep(snapshot);
    Ok(account.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    fn begin(service: &Service, login: &str) -> Result<Reply, ServiceError> {
        let password = Some("seven quiet lamps".to_owned());
        perform(service, Some("acme"), &InitOp { name: None, admin_login: login.into(), password })
    }

    #[test]
    fn an_init_that_was_interrupted_is_completed_by_the_next_one_and_by_no_third() {
        let service = Service::open_target(&Target::Memory).unwrap();
        let account = open(&service, Ref::parse("acme").unwrap(), Label::parse("Acme").unwrap()).unwrap();
        begin(&service, "ann@acme.example").unwrap();
        let after = service.newest(account).unwrap();
        assert_eq!((after.user_count(), service.accounts().unwrap().len()), (1, 1));
        let refused = begin(&service, "bea@acme.example").unwrap_err();
        assert!(refused.to_string().contains("already"), "{refused}");
        assert_eq!(service.newest(account).unwrap().user_count(), 1);
    }
}
