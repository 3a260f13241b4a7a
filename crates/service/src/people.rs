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
        let made = self.new_way_in(by)?;
        let out = match &made {
            Reset::Link(secret, expires_at) => {
                let had_one = self.inner.store.password(who.account(), user)?.is_some();
                let purpose = if had_one { LinkPurpose::Reset } else { LinkPurpose::Invitation };
                Out::Link { secret: secret.clone(), expires_at: *expires_at, purpose }
            }
            // A system cannot change a password by itself.
            Reset::Generated(password) => Out::NewPassword {
                hash: self.hash_new(password.reveal())?,
                must_change: on.user(user).is_some_and(|u| u.kind() == UserKind::Person),
            },
        };
        self.put_out(who, origin, user, out)?;
        Ok(made)
    }

    /// A link or a password, made for somebody.
    pub(crate) fn new_way_in(&self, by: ResetBy) -> Result<Reset, ServiceError> {
        Ok(match by {
            ResetBy::Link => Reset::Link(self.new_link()?, self.link_ends()),
            ResetBy::Generated => {
                let made = NewPassword::generate(self.inner.ids.as_ref());
                Reset::Generated(made.map_err(|e| ServiceError::Internal(e.to_string()))?)
            }
        })
    }
}
