//! What everybody does for themselves: sessions, tokens, the password, the active site.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::out::{Out, PutOut};
use crate::sign_in::{Issued, LinkView, S, Wish, refused};
use crate::told::About;
use crate::visitor::Visitor;
use access::commands::{Command, EndTokens, Refusal};
use access::reach::Reach;
use access::{Application, Instant, Label, LocationId, RetailerId, Snapshot, TokenId, UserId};
use authn::{AuthnRefusal, Principal, Secret, SecretKind, Shown, Try};
use std::sync::Arc;
use std::time::Duration;
use store::{Origin, TokenKind, TokenRow};

/// Sessions and tokens that open something now.
pub type Living = Vec<TokenRow>;

/// What a long-duration token is to be.
#[derive(Clone, Debug)]
pub struct LongTokenWish {
    /// What its owner calls it.
    pub label: String,
    /// When it ends; none for never.
    pub expires_at: Option<Instant>,
}

/// What somebody sees of themselves.
#[derive(Clone, Debug)]
pub struct OwnView {
    /// The state that it was read from.
    pub on: Arc<Snapshot>,
    /// When.
    pub now: Instant,
    /// Who they are.
    pub user: UserId,
    /// Their sessions and tokens.
    pub tokens: Living,
    /// Since when they have their password.
    pub password_set_at: Option<Instant>,
    /// Whether they may enter the OMC, and the API: both are needed for long-duration tokens.
    pub enters: (bool, bool),
}

impl Service {
    /// Most long-duration tokens of a user.
    pub const LONG_TOKENS_MAX: usize = 10;
    /// Longest label of a long-duration token, in characters.
    pub const LABEL_CHARS_MAX: usize = 100;
    /// How long a link lets somebody set a password, in seconds: three days.
    pub const LINK_S: i64 = 3 * 24 * 3600;

    /// What somebody sees of themselves.
    ///
    /// # Errors
    /// A principal who is no longer current.
    pub fn own(&self, who: &Principal) -> Result<OwnView, ServiceError> {
        let on = self.enter(who)?;
        let user = who.user().ok_or_else(|| ServiceError::Forbidden("the operator is no user".into()))?;
        let password = self.inner.store.password(who.account(), user)?;
        let (now, own) = (self.inner.clock.now(), on.user(user));
        let enters = |application| own.is_some_and(|u| on.may_enter(u, Some(application), now));
        Ok(OwnView {
            now,
            user,
            tokens: self.living(&on, user)?,
            password_set_at: password.map(|row| row.set_at),
            enters: (enters(Application::Omc), enters(Application::Api)),
            on,
        })
    }

    /// The sessions and tokens of a user, for themselves or for somebody who could end them: where somebody signs in
    /// from is not the business of everybody who sees them.
    ///
    /// # Errors
    /// A principal who is no longer current, a user whom they may not know, or one whom they do not manage.
    pub fn tokens_of(&self, who: &Principal, user: UserId) -> Result<Living, ServiceError> {
        let on = self.enter(who)?;
        let now = self.inner.clock.now();
        if !on.sees_user(who.subject(), user, now) {
            return Err(ServiceError::NotFound("user"));
        }
        let nothing = EndTokens { user, tokens: Vec::new() };
        let proof = on.authorize(who.subject(), nothing, now).map_err(Refusal::from)?;
        drop(EndTokens::run(proof)?);
        self.living(&on, user)
    }

    /// Those tokens of a user that open something on this state.
    pub(crate) fn living(&self, on: &Snapshot, user: UserId) -> Result<Living, ServiceError> {
        let Some(epoch) = on.user(user).filter(|u| u.is_active()).map(|u| u.epoch()) else {
            return Ok(Vec::new());
        };
        let (now, limits) = (self.inner.clock.now(), self.inner.authn.session_limits());
        let mut rows = self.inner.store.tokens_of(on.account().id, user)?;
        rows.retain(|row| {
            let seen = row.seen_at.unwrap_or(row.made_at);
            let idle = row.kind == TokenKind::Session && limits.idles_out(seen) <= now;
            let client = row.client.is_none_or(|client| on.entrances().client(client).is_some());
            row.epoch == epoch && now < row.expires_at && !idle && client && !on.has_ended(row.id)
        });
        Ok(rows)
    }

    /// Makes a long-duration token, shown this once. Its rights are those of its owner, whenever it is used.
    ///
    /// # Errors
    /// No access to the OMC and the API, ten tokens already, an end that is past, a label that is none, or a
    /// long-duration token that is to make another.
    pub fn make_long_token(
        &self,
        who: &Principal,
        wish: &LongTokenWish,
        visitor: &Visitor,
    ) -> Result<Issued, ServiceError> {
        let on = self.enter(who)?;
        let (Some(user), now) = (who.user(), self.inner.clock.now()) else {
            return Err(ServiceError::Forbidden("the operator has no tokens".into()));
        };
        if who.token_kind() == Some(TokenKind::LongDuration) {
            let why = "a long-duration token makes no other: sign in with your password to make one";
            return Err(ServiceError::Forbidden(why.into()));
        }
        let label = wish.label.trim();
        let given = label.chars().count();
        if label.contains(Label::turns_text) {
            return Err(ServiceError::Invalid(
                "the label has characters that turn the direction of text (U+202A to U+202E, U+2066 to U+2069): \
                 leave them out"
                    .into(),
            ));
        }
        if given == 0 || given > Self::LABEL_CHARS_MAX || label.contains(char::is_control) {
            let max = Self::LABEL_CHARS_MAX;
            return Err(ServiceError::Invalid(format!(
                "the label has {given} characters: it has 1 to {max}"
            )));
        }
        if wish.expires_at.is_some_and(|at| at <= now) {
            return Err(ServiceError::Invalid(
                "the end of the token is past: give a later one, or none".into(),
            ));
        }
        for application in [Application::Omc, Application::Api] {
            let shown = Shown { application, from: visitor.address, now };
            if !on.user(user).is_some_and(|u| on.may_enter(u, Some(shown.application), now)) {
                return Err(ServiceError::Forbidden(format!(
                    "long-duration tokens need access to the OMC and to the API: you have none to {application}"
                )));
            }
        }
        let expires_at = wish.expires_at.unwrap_or(Instant(i64::MAX));
        let made = Wish {
            label: label.to_owned(),
            most: Some(Self::LONG_TOKENS_MAX),
            ..Wish::new(TokenKind::LongDuration, expires_at, "own")
        };
        let who = self.inner.authn.in_api(who);
        self.issue(&who, visitor, &made, &[(SecretKind::LongDuration, expires_at)]).map(|(issued, _)| issued)
    }

    /// Ends sessions and tokens of a user: one's own, or those of somebody whom one manages.
    ///
    /// # Errors
    /// Who may not; a session or token that is none of theirs.
    pub fn end_tokens(
        &self,
        who: &Principal,
        user: UserId,
        tokens: &[TokenId],
        origin: Origin,
    ) -> Result<PutOut, ServiceError> {
        let living = self.tokens_of(who, user)?;
        if let Some(unknown) = tokens.iter().find(|id| !living.iter().any(|token| token.id == **id)) {
            tracing::debug!(%unknown, "a session or token that is not there is to be ended");
            return Err(ServiceError::NotFound("session or token"));
        }
        self.put_out(who, origin, user, Out::Tokens(tokens.to_vec()))
    }

    /// Signs out: the session or token that the principal came by ends.
    ///
    /// # Errors
    /// A principal who came by none, or a database that cannot be written.
    pub fn sign_out(&self, who: &Principal, visitor: &Visitor) -> Result<PutOut, ServiceError> {
        let (Some(user), Some(token)) = (who.user(), who.token()) else {
            return Err(ServiceError::Invalid(
                "there is no session or token to end: a password was sent".into(),
            ));
        };
        let origin = visitor.origin(who.application());
        if !who.may_change_password(&*self.newest(who.account())?) {
            return Err(ServiceError::Unauthenticated);
        }
        self.put_out(who, origin, user, Out::Tokens(vec![token]))
    }

    /// Puts the session into a site and perhaps a store of it: that narrows what pages show and offer.
    ///
    /// # Errors
    /// A place that the user has no grant for, or a principal who came by no session.
    pub fn move_session(
        &self,
        who: &Principal,
        secret: &Secret,
        retailer: Option<RetailerId>,
        location: Option<LocationId>,
    ) -> Result<(), ServiceError> {
        let on = self.enter(who)?;
        let Some(token) = who.token() else {
            return Err(ServiceError::Invalid("only a session is in a site".into()));
        };
        self.check_place(&on, who, retailer, location)?;
        let moved = self.inner.store.move_token(who.account(), token, retailer, location)?;
        self.forget_token(secret);
        if moved { Ok(()) } else { Err(ServiceError::Unauthenticated) }
    }

    /// Whether the place is open and the user has a grant that counts now and meets it: nobody is in a site that they have
    /// nothing to do with.
    pub(crate) fn check_place(
        &self,
        on: &Snapshot,
        who: &Principal,
        retailer: Option<RetailerId>,
        location: Option<LocationId>,
    ) -> Result<(), ServiceError> {
        if who.user().is_none() {
            return Ok(());
        }
        let parent = location.map(|id| on.places().location(id).map(|l| l.retailer));
        if parent.is_some_and(|parent| parent.is_none() || parent != retailer) {
            return Err(ServiceError::Invalid("the store is none of that site".into()));
        }
        let Some(retailer) = retailer else { return Ok(()) };
        let (places, reach) = (on.places(), Reach::of(on, who.subject(), self.inner.clock.now()));
        let site = places.retailer(retailer).is_some_and(|site| site.open && reach.has_retailer(site.id));
        let store = |id| places.location(id).is_some_and(|store| store.open && reach.has_location(store));
        match site && location.is_none_or(store) {
            true => Ok(()),
            false => Err(ServiceError::NotFound("site or store of yours")),
        }
    }

    /// Sets one's own password, knowing the present one; whoever must change a first password has just shown it. Every
    /// session and token ends, and a new session begins.
    ///
    /// # Errors
    /// The present password is wrong, the new one cannot be taken, or there are too many tries.
    pub fn change_own_password(
        &self,
        who: &Principal,
        present: &str,
        new: &str,
        visitor: &Visitor,
    ) -> Result<Issued, ServiceError> {
        let on = self.newest(who.account())?;
        let (Some(user), Some(login)) = (who.user(), who.login()) else {
            return Err(ServiceError::Forbidden("the operator has no password".into()));
        };
        if !who.may_change_password(&on) {
            return Err(ServiceError::Unauthenticated);
        }
        // What is wrong with the new one is told before the present one is tried.
        authn::NewPassword::parse(new).map_err(|e| ServiceError::BadPassword(e.to_string()))?;
        let same = || ServiceError::BadPassword("the new password is the present one: choose another".into());
        let stored = self.inner.store.password(who.account(), user)?.map(|row| row.hash);
        let is = |password: &str| match &stored {
            Some(hash) => self.inner.authn.is_password(password, hash, visitor.address),
            None => Ok(false),
        };
        if who.must_change() {
            // They have just signed in by it.
            if is(new)? {
                return Err(same());
            }
        } else if present == new {
            return Err(same());
        } else {
            self.check_present(&on, (who, user, login), present, is, visitor)?;
        }
        let hash = self.hash_new(new)?;
        let origin = visitor.origin(who.application());
        self.put_out(who, origin, user, Out::OwnPassword { hash })?;
        // The epoch that the change made is this principal's: nobody else came in by it.
        let after = self.newest(who.account())?;
        let again = self.inner.authn.after_own_password(who, &after).map_err(refused)?;
        self.begin_session(&again, visitor)
    }

    /// Tries the present password, counted and delayed as every try is: whoever found an open session is a guesser
    /// like others. It waits on the thread that it was called on, before it has a turn at the hashers.
    fn check_present(
        &self,
        on: &Snapshot,
        (who, user, login): (&Principal, UserId, &access::Login),
        present: &str,
        is: impl Fn(&str) -> Result<bool, AuthnRefusal>,
        visitor: &Visitor,
    ) -> Result<(), ServiceError> {
        let (clock, limits) = (&self.inner.clock, self.inner.authn.limits());
        let code = limits.code(present);
        let tried =
            Try { account: Some(who.account()), login: login.as_str(), address: visitor.address, code };
        let attempt = limits.begin(&tried, clock.now());
        let attempt = attempt.map_err(|r| ServiceError::TooManyTries { retry_after_s: r.retry_after_s })?;
        std::thread::sleep(Duration::from_millis(u64::from(attempt.delay_ms())));
        if is(present)? {
            attempt.succeeded(clock.now());
            return Ok(());
        }
        let lock = attempt.failed(clock.now());
        let about = About { visitor, application: who.application(), user: Some(user), thing: None };
        let mut facts = vec![("reason", "present password".to_owned())];
        facts.extend(lock.map(|lock| ("locked_s", lock.pause_s.to_string())));
        self.tell_now(who.account(), &[self.tell(on, "password.change_failed", &about, &facts)]);
        Err(ServiceError::WrongPassword)
    }

    /// What somebody sees of a link before they set a password by it.
    ///
    /// # Errors
    /// A link that was used, is over or never was: all alike.
    pub fn look_at_link(&self, secret: &Secret, visitor: &Visitor) -> Result<LinkView, ServiceError> {
        let (on, principal, link) = self.linked(secret, visitor)?;
        let user = principal.user().unwrap_or(link.user);
        let name = on.profile(user).unwrap_or_default().0.to_owned();
        let login = principal.login().map(ToString::to_string).unwrap_or_default();
        Ok(LinkView { account: on.account().r#ref.to_string(), login, name, purpose: link.purpose })
    }

    /// Sets a password by a link, once. Every session and token of the user ends.
    ///
    /// # Errors
    /// A link that was used, is over or never was; a password that cannot be taken.
    pub fn use_link(&self, secret: &Secret, new: &str, visitor: &Visitor) -> Result<(), ServiceError> {
        let (_, principal, link) = self.linked(secret, visitor)?;
        let hash = self.hash_new(new)?;
        let out = Out::OwnPassword { hash };
        match self.put_out(&principal, visitor.origin(None), link.user, out) {
            Ok(_) => Ok(()),
            // Somebody used it in between.
            Err(ServiceError::Refused(access::commands::Refusal::Denied(access::Denial::Inactive))) => {
                Err(self.bad_link(secret, visitor))
            }
            Err(other) => Err(other),
        }
    }

    /// What is answered to a link that is none. The audit is told of one that was used, replaced, taken back or is
    /// over, once for each; nobody knows whose any other is, so it goes to the log.
    fn bad_link(&self, secret: &Secret, visitor: &Visitor) -> ServiceError {
        let fingerprint = secret.fingerprint().to_hex();
        let told = || -> Result<bool, ServiceError> {
            let Some((account, user)) = self.inner.store.owner_of_link(&fingerprint)? else {
                return Ok(false);
            };
            let about = About { visitor, application: None, user: Some(user), thing: None };
            let reason = [("reason", "link".to_owned())];
            let entry = self.tell(&*self.newest(account)?, "password.change_failed", &about, &reason);
            Ok(self.inner.store.tell_refused_link(account, &fingerprint, &entry).map(|()| true)?)
        };
        match told() {
            Ok(true) => {}
            Ok(false) => Self::log_stranger(visitor, "a link that is none"),
            Err(error) => tracing::error!(%error, "an entry of the audit was not written"),
        }
        ServiceError::BadLink
    }

    fn linked(
        &self,
        secret: &Secret,
        visitor: &Visitor,
    ) -> Result<(Arc<Snapshot>, Principal, store::LinkRow), ServiceError> {
        let bad = || self.bad_link(secret, visitor);
        if secret.kind() != SecretKind::Link {
            return Err(bad());
        }
        let found = self.inner.store.find_link(&secret.fingerprint().to_hex())?;
        let (account, link) = found.ok_or_else(bad)?;
        let on = self.newest(account)?;
        let principal = self.inner.authn.linked(&on, &link, self.inner.clock.now());
        let principal = principal.map_err(|refusal| match refusal {
            AuthnRefusal::Refused => bad(),
            other => other.into(),
        })?;
        Ok((on, principal, link))
    }

    /// When a link that is made now ends by itself.
    pub(crate) fn link_ends(&self) -> Instant {
        Instant(self.inner.clock.now().0 + Self::LINK_S * S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{InitOp, Op, Request};
    use crate::{SignInOptions, Target, Way};
    use authn::BasicCredentials;

    const ADMIN: &str = "admin@shop.example";
    const PASSWORD: &str = "correct horse battery";

    fn visitor(last: u8) -> Visitor {
        Visitor::new(Some([10, 0, 0, last].into()), "Probe/1")
    }

    /// A company, and its administrator who signed in from the first address.
    fn signed_in() -> (Service, Principal) {
        let service = Service::open_target_with(&Target::Memory, SignInOptions::default()).unwrap();
        let op = Op::Init(InitOp { name: None, admin_login: ADMIN.into(), password: Some(PASSWORD.into()) });
        service.perform(&Request { account: Some("shop".into()), op }, &mut |_, _, _| ()).unwrap();
        let credentials = BasicCredentials::new(ADMIN, PASSWORD).unwrap();
        let knock = service.knock(credentials, None, Application::Omc, &visitor(1), Way::Form).unwrap();
        let who = service.verify(knock).unwrap();
        (service, who)
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it sees that something waits")]
    fn whoever_guesses_the_present_password_waits_as_at_the_door() {
        let (service, who) = signed_in();
        let guess = |number: u8, from: u8| {
            let present = format!("wrong number {number}");
            service.change_own_password(&who, &present, "five brass keys", &visitor(from))
        };
        // Twelve failures, at no address enough for a pause: from now on the login is slow.
        for number in 0..12 {
            assert!(matches!(guess(number, 2 + number / 4), Err(ServiceError::WrongPassword)), "{number}");
        }
        let began = std::time::Instant::now();
        assert!(matches!(guess(12, 9), Err(ServiceError::WrongPassword)));
        assert!(began.elapsed() >= Duration::from_millis(250), "{:?}", began.elapsed());
    }

    #[test]
    fn the_label_of_a_token_does_not_turn_the_text_around_it() {
        let (service, who) = signed_in();
        let make = |label: &str| {
            let wish = LongTokenWish { label: label.into(), expires_at: None };
            service.make_long_token(&who, &wish, &visitor(1)).map(drop)
        };
        for label in ["till \u{202e}1", "\u{2066}till", "\u{202a}", "till\u{2069}"] {
            let refused = make(label).unwrap_err().to_string();
            assert!(refused.contains("U+202E") && !refused.contains(Label::turns_text), "{refused:?}");
        }
        make("\u{5e7}\u{5d5}\u{5e4}\u{5d4} 1").unwrap();
    }
}
