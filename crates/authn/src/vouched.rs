//! Who is vouched for by something else than a secret of their own: an identity provider, or a link.

#[cfg(test)]
mod tests;

use crate::authenticator::{Authenticator, AuthnRefusal, Shown, may_come_in};
use crate::principal::Principal;
use access::change::SignIn;
use access::{Application, Instant, Login, ProviderId, Snapshot, Subject};
use store::{FoundToken, LinkRow, TokenKind};

impl Authenticator {
    /// The same user in the API, for what is made there from a page.
    #[must_use]
    pub fn in_api(&self, who: &Principal) -> Principal {
        who.clone().entering(Application::Api)
    }

    /// The principal of a refresh token that was not used yet, on this state.
    ///
    /// # Errors
    /// [`AuthnRefusal::Refused`] for one that is over or whose user was shut out; that its user may not come in there
    /// or from there.
    pub fn refreshed(
        &self,
        on: &Snapshot,
        found: &FoundToken,
        shown: &Shown,
    ) -> Result<Principal, AuthnRefusal> {
        let token = &found.token;
        let living = shown.now < found.secret.expires_at && shown.now < token.expires_at;
        let right = living && found.secret.is_refresh && !found.spent && token.kind == TokenKind::Pair;
        let user = on.user(token.user).filter(|_| right && on.account().id == found.account);
        let user = user.ok_or(AuthnRefusal::Refused)?;
        let login = Login::parse(&user.login()).map_err(|_| AuthnRefusal::Refused)?;
        let subject = Subject::signed_in(found.account, token.user, shown.application);
        let principal = Principal::signed_in(subject, login, token.epoch, false)
            .by((token.id, token.kind), token.client)
            .at(token.retailer, token.location);
        if !principal.is_current(on) {
            return Err(AuthnRefusal::Refused);
        }
        may_come_in(on, user, token.user, shown)?;
        Ok(principal)
    }

    /// The principal of somebody who has just set their own password, which advanced their epoch by one.
    ///
    /// # Errors
    /// [`AuthnRefusal::Refused`] when they were shut out since.
    pub fn after_own_password(&self, who: &Principal, on: &Snapshot) -> Result<Principal, AuthnRefusal> {
        let again = who.with_new_password();
        if again.is_current(on) { Ok(again) } else { Err(AuthnRefusal::Refused) }
    }

    /// The principal of somebody whom an identity provider vouches for, who was found on this state and signs in by
    /// that provider.
    ///
    /// # Errors
    /// [`AuthnRefusal::Refused`] for a user who is unknown, not active or signs in another way;
    /// [`AuthnRefusal::NotAllowedHere`] where they may not come in.
    pub fn vouched(
        &self,
        on: &Snapshot,
        provider: ProviderId,
        login: &Login,
        shown: &Shown,
    ) -> Result<Principal, AuthnRefusal> {
        let id = on.user_of_login(login).ok_or(AuthnRefusal::Refused)?;
        let user = on.user(id).filter(|u| u.is_active());
        let user = user.filter(|u| u.sign_in() == SignIn::Sso(provider));
        let user = user.ok_or(AuthnRefusal::Refused)?;
        may_come_in(on, user, id, shown)?;
        let subject = Subject::signed_in(on.account().id, id, shown.application);
        Ok(Principal::signed_in(subject, login.clone(), user.epoch(), false))
    }

    /// The principal of somebody who holds a link that lets them set a password, which they do by it and nothing else.
    ///
    /// # Errors
    /// [`AuthnRefusal::Refused`] when the link is over, was used, or its user is not active or signs in another way.
    pub fn linked(&self, on: &Snapshot, link: &LinkRow, now: Instant) -> Result<Principal, AuthnRefusal> {
        let user = on.user(link.user).filter(|u| u.is_active() && u.epoch() == link.epoch);
        let user = user.filter(|u| u.sign_in() == SignIn::Password && now < link.expires_at);
        let user = user.ok_or(AuthnRefusal::Refused)?;
        let login = Login::parse(&user.login()).map_err(|_| AuthnRefusal::Refused)?;
        // Whatever they may enter: the link opens no application.
        let entered = Application::ALL.into_iter().find(|a| on.may_enter(user, Some(*a), now));
        let application = entered.ok_or(AuthnRefusal::NotAllowedHere)?;
        let subject = Subject::signed_in(on.account().id, link.user, application);
        Ok(Principal::signed_in(subject, login, link.epoch, true))
    }
}
