//! What administrators do for others who sign in: links and generated passwords.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::out::Out;
use access::UserId;
use access::change::UserKind;
use authn::{NewPassword, Principal, Secret};
use store::{LinkPurpose, Origin};

/// How a user gets a new password: nobody chooses one for somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetBy {
    /// By a link: an invitation for whoever has no password yet, else a reset.
    Link,
    /// By a password that is made and shown once. People change it at their first sign-in.
    Generated,
}

/// What is shown once to whoever made it.
#[derive(Debug)]
pub enum Reset {
    /// The secret of a link, and when it ends by itself.
    Link(Secret, access::Instant),
    /// A password.
    Generated(NewPassword),
}

impl Service {
    /// Resets the password of a user: the old one, every session and token end at once.
    ///
    /// # Errors
    /// Who may not; a user who signs in by single sign-on; oneself.
    pub fn reset_password(
        &self,
        who: &Principal,
        user: UserId,
        by: ResetBy,
        origin: Origin,
    ) -> Result<Reset, ServiceError> {
        let on = self.enter(who)?;
        match by {
            ResetBy::Link => {
                let had_one = self.inner.store.password(who.account(), user)?.is_some();
                let purpose = if had_one { LinkPurpose::Reset } else { LinkPurpose::Invitation };
                let (secret, expires_at) = (self.new_link()?, self.link_ends());
                let out = Out::Link { secret: secret.clone(), expires_at, purpose };
                self.put_out(who, origin, user, out)?;
                Ok(Reset::Link(secret, expires_at))
            }
            ResetBy::Generated => {
                let made = NewPassword::generate(self.inner.ids.as_ref());
                let made = made.map_err(|e| ServiceError::Internal(e.to_string()))?;
                let hash = self.hash_new(made.reveal())?;
                // A system cannot change a password by itself.
                let must_change = on.user(user).is_some_and(|u| u.kind() == UserKind::Person);
                self.put_out(who, origin, user, Out::NewPassword { hash, must_change })?;
                Ok(Reset::Generated(made))
            }
        }
    }
}
