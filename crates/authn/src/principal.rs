//! The principal: who was found to be calling.

use access::proof::Actor;
use access::{
    AccountId, Application, ClientId, LocationId, Login, RetailerId, Snapshot, Subject, TokenId, UserId,
};
use store::TokenKind;

/// Who is calling, in which application, and the epoch that their user had before the credential was
/// verified.
///
/// No public constructor: [`crate::Authenticator`] makes one from a verified credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    subject: Subject,
    /// None for the operator.
    login: Option<Login>,
    epoch: u32,
    must_change: bool,
    token: Option<(TokenId, TokenKind)>,
    client: Option<ClientId>,
}

impl Principal {
    pub(crate) fn signed_in(subject: Subject, login: Login, epoch: u32, must_change: bool) -> Self {
        Self { subject, login: Some(login), epoch, must_change, token: None, client: None }
    }

    /// The same principal, by this session or token, which this client asked for.
    pub(crate) fn by(self, token: (TokenId, TokenKind), client: Option<ClientId>) -> Self {
        Self { token: Some(token), client, ..self }
    }

    /// The same user, in another application; not by the session that they came by.
    pub(crate) fn entering(self, application: Application) -> Self {
        let Some(user) = self.subject.user() else { return self };
        let subject = Subject::signed_in(self.subject.account(), user, application);
        Self { subject, token: None, client: None, ..self }
    }

    /// The same user after their password was set: every session and token has ended.
    pub(crate) fn with_new_password(&self) -> Self {
        Self { epoch: self.epoch + 1, must_change: false, token: None, client: None, ..self.clone() }
    }

    /// Whoever runs the program, in one account. For the command line and the local socket alone: the
    /// service decides who may call this.
    #[must_use]
    pub fn operator(account: AccountId) -> Self {
        let subject = Subject::operator(account);
        Self { subject, login: None, epoch: 0, must_change: false, token: None, client: None }
    }

    /// The same principal, in a site and perhaps a store of it. They narrow, they never widen.
    #[must_use]
    pub fn at(self, retailer: Option<RetailerId>, location: Option<LocationId>) -> Self {
        Self { subject: self.subject.at(retailer, location), ..self }
    }

    /// What it is to the engine.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The account that it belongs to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.subject.account()
    }

    /// On whose behalf it asks.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.subject.actor()
    }

    /// The user; none for the operator.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.subject.user()
    }

    /// The application it calls from; none for the operator.
    #[must_use]
    pub fn application(&self) -> Option<Application> {
        self.subject.application()
    }

    /// The login; none for the operator.
    #[must_use]
    pub fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// The epoch of the user, read before the credential was verified; 0 for the operator.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether it may do nothing but set a new password.
    #[must_use]
    pub fn must_change(&self) -> bool {
        self.must_change
    }

    /// The session or token that it came by; none for a password sent along.
    #[must_use]
    pub fn token(&self) -> Option<TokenId> {
        self.token.map(|(id, _)| id)
    }

    /// Of what kind that is.
    #[must_use]
    pub fn token_kind(&self) -> Option<TokenKind> {
        self.token.map(|(_, kind)| kind)
    }

    /// The test of the choke point: on this state the user is active and has the epoch that the principal
    /// was made with, and neither the token that it came by nor the client of that token has ended. A state of
    /// another account holds no principal current, and a first password makes none that is.
    #[must_use]
    pub fn is_current(&self, on: &Snapshot) -> bool {
        !self.must_change && self.may_change_password(on)
    }

    /// [`Self::is_current`], for those too who may do nothing but set a new password.
    #[must_use]
    pub fn may_change_password(&self, on: &Snapshot) -> bool {
        let own = on.account().id == self.account();
        match self.subject.actor() {
            Actor::Operator => own,
            Actor::User(id) => {
                own && on.user(id).is_some_and(|u| u.is_active() && u.epoch() == self.epoch)
                    && self.token.is_none_or(|(token, _)| !on.has_ended(token))
                    && self.client.is_none_or(|client| on.entrances().client(client).is_some())
            }
        }
    }
}
