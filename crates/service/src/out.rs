//! Out means out: the one function by which anybody or anything is shut out.
//!
//! Whatever ends a user's access, or one session or token of theirs, is a change of the account's state: it is
//! committed by the account's writer and published before the answer. So no request that starts after the answer is
//! let in, whatever it shows. Nothing has to be told to a cache: every request is judged on the newest state.

use crate::accounts::Service;
use crate::error::ServiceError;
use crate::sign_in::{S, no_randomness};
use crate::writer::{Prepared, by};
use access::change::SignIn;
use access::commands::{
    ChangeOwnPassword, Command, DisableUser, EndTokens, Leave, Refusal, RemoveClient, RemoveUser,
    ResetPassword, SetSignIn, SignOutUser,
};
use access::{ClientId, Instant, Revision, Snapshot, TokenId, UserId};
use authn::{Principal, Secret, SecretKind, Tokens};
use store::{CredentialWrite, LinkPurpose, LinkRow, Origin};

/// A way out.
#[derive(Clone, Debug)]
pub enum Out {
    /// Every access ends until the user is enabled; sessions and tokens end for good.
    Disable,
    /// Every access ends for good; the login stays reserved.
    Remove,
    /// Every session and token ends. Whoever knows the password may sign in again.
    SignOut,
    /// The password, every session and token end; this password is theirs from now on.
    NewPassword {
        /// Its hash.
        hash: String,
        /// Whether it is a first password, to be changed at once.
        must_change: bool,
    },
    /// The password, every session and token end; this link lets them set a new one.
    Link {
        /// The secret of the link, made by whoever shows it.
        secret: Secret,
        /// When the link ends by itself.
        expires_at: Instant,
        /// What it is for.
        purpose: LinkPurpose,
    },
    /// One's own new password: every session and token ends.
    OwnPassword {
        /// Its hash.
        hash: String,
    },
    /// They sign in another way: the password, every session and token end.
    SignIn(SignIn),
    /// These sessions and tokens end, and nothing else.
    Tokens(Vec<TokenId>),
}

/// What a way out did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutOut {
    /// The state that has it.
    pub revision: Revision,
}

impl Service {
    /// Shuts a user out in one of the ways. When it returns, no request that starts is let in by what was ended.
    ///
    /// # Errors
    /// Who may not, what does not fit, or a database that cannot be written. Nothing has changed then, unless the error
    /// says that this is not known.
    pub fn put_out(
        &self,
        who: &Principal,
        origin: Origin,
        user: UserId,
        out: Out,
    ) -> Result<PutOut, ServiceError> {
        let done = match out {
            Out::Disable => self.run(who, origin, by(DisableUser { id: user })),
            Out::Remove => self.run(who, origin, by(RemoveUser { id: user })),
            Out::SignOut => self.run(who, origin, by(SignOutUser { id: user })),
            Out::SignIn(sign_in) => self.run(who, origin, by(SetSignIn { id: user, sign_in })),
            Out::NewPassword { hash, must_change } => self.run(who, origin, move |on, now, who| {
                let changeset = ResetPassword::run(on.authorize(who, ResetPassword { id: user }, now)?)?;
                let set = CredentialWrite::SetPassword { user, hash: hash.clone(), must_change };
                Ok(Prepared { changeset, credentials: vec![set] })
            }),
            Out::Link { secret, expires_at, purpose } => {
                let fingerprint = secret.fingerprint().to_hex();
                self.run(who, origin, move |on, now, who| {
                    let changeset =
                        ResetPassword::run(on.authorize(who, ResetPassword { id: user }, now)?)?;
                    let epoch = epoch_after(on, changeset.changes(), user)?;
                    let fingerprint = fingerprint.clone();
                    let link = LinkRow { fingerprint, user, purpose, epoch, expires_at };
                    let credentials =
                        vec![CredentialWrite::RemovePassword { user }, CredentialWrite::PutLink(link)];
                    Ok(Prepared { changeset, credentials })
                })
            }
            Out::OwnPassword { hash } => self.run_limited(who, origin, move |on, now, who| {
                let changeset = ChangeOwnPassword::run(on.authorize(who, ChangeOwnPassword, now)?)?;
                let set = CredentialWrite::SetPassword { user, hash: hash.clone(), must_change: false };
                Ok(Prepared { changeset, credentials: vec![set] })
            }),
            Out::Tokens(ids) => {
                let tokens = self.ends_of(who, user, &ids)?;
                match who.token() {
                    // Whoever has a first password or may come in no more leaves all the same.
                    Some(own) if ids == [own] => {
                        self.run_limited(who, origin, by(Leave { token: tokens.into_iter().next() }))
                    }
                    _ => self.run(who, origin, by(EndTokens { user, tokens })),
                }
            }
        };
        Ok(PutOut { revision: done?.revision })
    }

    /// Removes an API client: every token that was given through it ends.
    ///
    /// # Errors
    /// Those of [`Self::put_out`].
    pub fn put_out_client(
        &self,
        who: &Principal,
        origin: Origin,
        client: ClientId,
    ) -> Result<PutOut, ServiceError> {
        Ok(PutOut { revision: self.execute(who, origin, RemoveClient { id: client })? })
    }

    /// Until when it is to be kept that those of the user's tokens ended; others of the list are nobody's business.
    ///
    /// The way out deletes what the store has of them, so that they open nothing but where they are remembered: it is
    /// kept for longer than that, and by far, for nodes whose clocks differ. A token that never ends by itself would
    /// be kept for ever otherwise.
    fn ends_of(
        &self,
        who: &Principal,
        user: UserId,
        ids: &[TokenId],
    ) -> Result<Vec<(TokenId, Instant)>, ServiceError> {
        let until = Instant(self.inner.clock.now().0.saturating_add(10 * Tokens::AGE_S_MAX * S));
        let rows = self.inner.store.tokens_of(who.account(), user)?;
        let of_user = rows.iter().filter(|row| ids.contains(&row.id));
        Ok(of_user.map(|row| (row.id, until)).collect())
    }

    /// A secret for a link that lets somebody set a password.
    pub(crate) fn new_link(&self) -> Result<Secret, ServiceError> {
        Secret::generate(SecretKind::Link, self.inner.ids.as_ref()).map_err(no_randomness)
    }
}

fn epoch_after(on: &Snapshot, changes: &[access::Change], user: UserId) -> Result<u32, Refusal> {
    let after = on.apply(changes).map_err(|e| Refusal::Inconsistent(e.to_string()))?;
    after.user(user).map(|u| u.epoch()).ok_or_else(|| Refusal::unknown("user", user))
}
