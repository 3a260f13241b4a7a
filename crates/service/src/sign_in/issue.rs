//! What is handed out once somebody signed in: sessions, token pairs, access tokens, long-duration tokens.

use super::Way;
use crate::accounts::Service;
use crate::error::ServiceError;
use crate::out::Out;
use crate::told::About;
use crate::visitor::Visitor;
use access::{ClientId, Instant, LocationId, RetailerId, TokenId, UserId};
use authn::{Principal, Secret, SecretKind};
use std::sync::Arc;
use store::{Made, ProviderSession, SecretRow, TokenKind, TokenRow};

/// Microseconds in a second.
pub(crate) const S: i64 = 1_000_000;
/// How long an access token lasts, in seconds: a day.
pub(crate) const ACCESS_S: i64 = 24 * 3600;
/// How long a refresh token lasts, in seconds: a month.
pub(crate) const REFRESH_S: i64 = 30 * ACCESS_S;
/// Living tokens of a kind that a user has at most, but for long-duration ones; the oldest end when more are made.
const LIVING_MAX: usize = 200;
/// How many of the oldest end then.
const MADE_ROOM: usize = 20;
/// How often room is made for one that is new: others who sign in at the same time may take it.
const ROOM_ATTEMPTS_MAX: usize = 5;

/// A session or token with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Its id.
    pub id: TokenId,
    /// What opens it.
    pub secret: Secret,
    /// When it ends by itself; `i64::MAX` for never.
    pub expires_at: Instant,
}

/// An access token and the refresh token for the next.
#[derive(Clone, Debug)]
pub struct IssuedPair {
    /// The access token.
    pub access: Issued,
    /// The refresh token, good once.
    pub refresh: Secret,
    /// How long the access token lasts, in seconds.
    pub expires_in_s: i64,
    /// Whose they are.
    pub user: UserId,
    /// The retailer that they are active in.
    pub retailer: Option<RetailerId>,
}

/// What is to be made, beside for whom.
pub(crate) struct Wish {
    pub kind: TokenKind,
    pub label: String,
    pub client: Option<ClientId>,
    pub provider: Option<ProviderSession>,
    pub retailer: Option<RetailerId>,
    pub location: Option<LocationId>,
    /// When it ends by itself, beside its secrets.
    pub expires_at: Instant,
    /// Most living ones of the kind; none has the oldest end.
    pub most: Option<usize>,
    /// By what its user signed in.
    pub way: &'static str,
}

impl Wish {
    pub(crate) fn new(kind: TokenKind, expires_at: Instant, way: &'static str) -> Self {
        Self {
            kind,
            label: String::new(),
            client: None,
            provider: None,
            retailer: None,
            location: None,
            expires_at,
            most: None,
            way,
        }
    }
}

impl Service {
    /// A secret for somebody who has not signed in: it opens nothing, and ties a browser to the forms it is shown.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn new_visit(&self) -> Result<Secret, ServiceError> {
        Secret::generate(SecretKind::Session, self.inner.ids.as_ref()).map_err(no_randomness)
    }

    /// A session for somebody who signed in to pages by a password.
    ///
    /// # Errors
    /// A principal who is no longer current, or a database that cannot be written.
    pub fn begin_session(&self, who: &Principal, visitor: &Visitor) -> Result<Issued, ServiceError> {
        self.session(who, visitor, None, Way::Form.word())
    }

    pub(crate) fn session(
        &self,
        who: &Principal,
        visitor: &Visitor,
        provider: Option<ProviderSession>,
        way: &'static str,
    ) -> Result<Issued, ServiceError> {
        let ends = self.inner.authn.session_limits().ends(self.inner.clock.now());
        let (retailer, location) = self.first_place(who)?;
        let wish = Wish { provider, retailer, location, ..Wish::new(TokenKind::Session, ends, way) };
        self.issue(who, visitor, &wish, &[(SecretKind::Session, ends)]).map(|(issued, _)| issued)
    }

    /// An access token without a refresh token, as a OneStock client signs in for.
    ///
    /// # Errors
    /// A principal who is no longer current, or a database that cannot be written.
    pub fn begin_access(&self, who: &Principal, visitor: &Visitor) -> Result<Issued, ServiceError> {
        let ends = Instant(self.inner.clock.now().0 + ACCESS_S * S);
        let (retailer, location) = (who.subject().active_retailer(), who.subject().active_location());
        let wish = Wish { retailer, location, ..Wish::new(TokenKind::Access, ends, Way::Login.word()) };
        self.issue(who, visitor, &wish, &[(SecretKind::Access, ends)]).map(|(issued, _)| issued)
    }

    /// Makes a token with its secrets; the first one is what opens it, the others come after it.
    pub(crate) fn issue(
        &self,
        who: &Principal,
        visitor: &Visitor,
        wish: &Wish,
        secrets: &[(SecretKind, Instant)],
    ) -> Result<(Issued, Vec<Secret>), ServiceError> {
        let (Some(user), Some(application)) = (who.user(), who.application()) else {
            return Err(ServiceError::Forbidden("the operator has no sessions or tokens".into()));
        };
        let (account, now) = (who.account(), self.inner.clock.now());
        let on = self.newest(account)?;
        // A first password makes a session too: to change it.
        if !who.may_change_password(&on) {
            return Err(ServiceError::Unauthenticated);
        }
        let token = TokenRow {
            id: self.new_token_id()?,
            user,
            kind: wish.kind,
            application,
            epoch: who.epoch(),
            label: wish.label.clone(),
            client: wish.client,
            provider: wish.provider.clone(),
            retailer: wish.retailer,
            location: wish.location,
            must_change: who.must_change(),
            made_at: now,
            expires_at: wish.expires_at,
            seen_at: None,
            address: visitor.address_text(),
            agent: visitor.agent.clone(),
        };
        let (made, rows) = self.new_secrets(secrets)?;
        let about = About {
            visitor,
            application: Some(application),
            user: Some(user),
            thing: Some(token.id.to_string()),
        };
        let action = match wish.kind {
            TokenKind::LongDuration => "token.made",
            _ => "sign_in.succeeded",
        };
        let facts = [("way", wish.way.to_owned()), ("kind", wish.kind.word().to_owned())];
        let told = [self.tell(&on, action, &about, &facts)];
        let most = wish.most.unwrap_or(LIVING_MAX);
        let add = || self.inner.store.add_token(account, &token, &rows, most, &told);
        let mut outcome = add()?;
        for _ in 0..ROOM_ATTEMPTS_MAX {
            if outcome != Made::TooMany || wish.most.is_some() {
                break;
            }
            self.make_room(who, visitor, &token)?;
            outcome = add()?;
        }
        if outcome == Made::TooMany {
            return Err(ServiceError::TooManyTokens { most });
        }
        let mut made = made.into_iter();
        let secret = made.next().ok_or_else(|| ServiceError::Internal("a token without a secret".into()))?;
        let issued = Issued { id: token.id, secret, expires_at: token.expires_at };
        Ok((issued, made.collect()))
    }

    pub(crate) fn new_secrets(
        &self,
        secrets: &[(SecretKind, Instant)],
    ) -> Result<(Vec<Secret>, Vec<SecretRow>), ServiceError> {
        let (mut made, mut rows) = (Vec::with_capacity(secrets.len()), Vec::with_capacity(secrets.len()));
        for (kind, expires_at) in secrets {
            let secret = Secret::generate(*kind, self.inner.ids.as_ref()).map_err(no_randomness)?;
            rows.push(SecretRow {
                fingerprint: secret.fingerprint().to_hex(),
                is_refresh: *kind == SecretKind::Refresh,
                expires_at: *expires_at,
            });
            made.push(secret);
        }
        Ok((made, rows))
    }

    fn new_token_id(&self) -> Result<TokenId, ServiceError> {
        let mut bytes = [0; 8];
        self.inner.ids.fill(&mut bytes).map_err(no_randomness)?;
        Ok(TokenId::from_random(bytes))
    }

    /// Ends the tokens of the kind of a user that were not used for longest, when they have too many: programs that
    /// sign in with every call leave thousands behind. Those that open nothing any more, as they are idle or their
    /// client is gone, are counted by the store too and go like all others.
    fn make_room(&self, who: &Principal, visitor: &Visitor, like: &TokenRow) -> Result<(), ServiceError> {
        let (account, now) = (who.account(), self.inner.clock.now());
        let on: Arc<access::Snapshot> = self.newest(account)?;
        let mut rows = self.inner.store.tokens_of(account, like.user)?;
        let counted =
            |row: &TokenRow| row.kind == like.kind && row.epoch == like.epoch && now < row.expires_at;
        rows.retain(|row| counted(row) && !on.has_ended(row.id));
        rows.sort_by_key(|row| row.seen_at.unwrap_or(row.made_at));
        let oldest = rows.iter().take(MADE_ROOM).map(|row| row.id).collect();
        let operator = self.operator(account);
        let origin = visitor.origin(who.application());
        self.put_out(&operator, origin, like.user, Out::Tokens(oldest)).map(drop)
    }
}

pub(crate) fn no_randomness(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(error.to_string())
}
