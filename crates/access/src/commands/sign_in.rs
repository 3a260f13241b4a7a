//! How a user comes in: the way they sign in, from where, a new password, the end of sessions and tokens.

use super::users::{managed, not_oneself, of_user};
use super::{Command, Refusal};
use crate::change::{Change, Changeset, SignIn, UserKind};
use crate::proof::{Authorized, Demand, Guarded};
use crate::snapshot::Snapshot;
use crate::time::Instant;
use crate::words::{AddressRange, TokenId, UserId};

/// Has a user sign in another way: every session and token of theirs ends.
#[derive(Clone, Debug)]
pub struct SetSignIn {
    /// Whose.
    pub id: UserId,
    /// By a password or by one provider, never both.
    pub sign_in: SignIn,
}

/// Whether somebody of that kind may sign in that way.
pub(super) fn check_sign_in(on: &Snapshot, kind: UserKind, sign_in: SignIn) -> Result<(), Refusal> {
    let SignIn::Sso(provider) = sign_in else { return Ok(()) };
    if kind != UserKind::Person {
        return Err(Refusal::SystemBySso);
    }
    let known = on.entrances().provider(provider);
    known.map(drop).ok_or_else(|| Refusal::unknown("identity provider", provider))
}

impl Guarded for SetSignIn {
    fn demand(&self, _on: &Snapshot) -> Demand {
        of_user("USER_UPDATE", self.id)
    }
}

impl Command for SetSignIn {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let SetSignIn { id, sign_in } = *proof.operation();
        not_oneself(&proof, id)?;
        let user = managed(&proof, id, "USER_UPDATE")?;
        check_sign_in(proof.snapshot(), user.kind(), sign_in)?;
        let same = user.sign_in() == sign_in;
        Ok(proof.spend(if same { vec![] } else { vec![Change::UserSignInSet { id, sign_in }] }))
    }
}

/// The addresses from which a user comes in to the API; none for everywhere.
#[derive(Clone, Debug)]
pub struct SetAddresses {
    /// Whose.
    pub id: UserId,
    /// From where.
    pub ranges: Vec<AddressRange>,
}

impl SetAddresses {
    /// Most ranges of a user.
    pub const RANGES_MAX: usize = 100;
}

impl Guarded for SetAddresses {
    fn demand(&self, _on: &Snapshot) -> Demand {
        of_user("USER_UPDATE", self.id)
    }
}

impl Command for SetAddresses {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let SetAddresses { id, mut ranges } = proof.operation().clone();
        not_oneself(&proof, id)?;
        managed(&proof, id, "USER_UPDATE")?;
        ranges.sort_unstable();
        ranges.dedup();
        if ranges.len() > Self::RANGES_MAX {
            return Err(Refusal::TooMany { what: "address ranges of a user", max: Self::RANGES_MAX });
        }
        let same = proof.snapshot().entrances().ranges(id) == ranges;
        Ok(proof.spend(if same { vec![] } else { vec![Change::UserAddressesSet { id, ranges }] }))
    }
}

/// Takes a user's password from them, by somebody else: every session and token ends. The new one comes by a link,
/// or was made and is shown once; that goes along as a credential.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// Whose.
    pub id: UserId,
}

impl Guarded for ResetPassword {
    fn demand(&self, _on: &Snapshot) -> Demand {
        of_user("USER_UPDATE", self.id)
    }
}

impl Command for ResetPassword {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let id = proof.operation().id;
        not_oneself(&proof, id)?;
        if managed(&proof, id, "USER_UPDATE")?.sign_in() != SignIn::Password {
            return Err(Refusal::NoPasswordKept);
        }
        Ok(proof.spend(vec![Change::UserSignedOut { id }]))
    }
}

/// One's own new password, given with the old one or by a link: every session and token ends.
#[derive(Clone, Debug)]
pub struct ChangeOwnPassword;

impl Guarded for ChangeOwnPassword {
    fn demand(&self, _on: &Snapshot) -> Demand {
        Demand::nothing()
    }
}

impl Command for ChangeOwnPassword {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let own = proof.subject().user().and_then(|id| Some((id, proof.snapshot().user(id)?)));
        let (id, user) = own.ok_or(Refusal::NoPasswordKept)?;
        if user.sign_in() != SignIn::Password {
            return Err(Refusal::NoPasswordKept);
        }
        Ok(proof.spend(vec![Change::UserSignedOut { id }]))
    }
}

/// Ends sessions and tokens of a user, one by one; everybody may end their own.
#[derive(Clone, Debug)]
pub struct EndTokens {
    /// Whose they are: whoever makes this command has looked that up.
    pub user: UserId,
    /// Which, each with the instant until which it may be remembered somewhere.
    pub tokens: Vec<(TokenId, Instant)>,
}

impl Guarded for EndTokens {
    fn demand(&self, _on: &Snapshot) -> Demand {
        Demand::nothing()
    }
}

impl Command for EndTokens {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let EndTokens { user, tokens } = proof.operation().clone();
        if proof.subject().user() != Some(user) {
            managed(&proof, user, "USER_UPDATE")?;
        }
        let changes = ended(&proof, user, tokens);
        Ok(proof.spend(changes))
    }
}

/// Those that have not ended yet end now.
fn ended<Op>(proof: &Authorized<'_, Op>, user: UserId, tokens: Vec<(TokenId, Instant)>) -> Vec<Change> {
    let (on, at) = (proof.snapshot(), proof.now());
    let left = tokens.into_iter().filter(|(id, _)| !on.has_ended(*id));
    left.map(|(id, until)| Change::TokenEnded { id, user, at, until }).collect()
}

/// Leaves: the session or token that somebody came by ends, also when they may not come in by it any more. It could open
/// something again later.
#[derive(Clone, Debug)]
pub struct Leave {
    /// Which, with the instant until which it may be remembered somewhere: whoever makes this command has looked up that
    /// it is the one that the subject came by. None when it has ended by itself.
    pub token: Option<(TokenId, Instant)>,
}

impl Guarded for Leave {
    fn demand(&self, _on: &Snapshot) -> Demand {
        Demand::leaving()
    }
}

impl Command for Leave {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let Some(user) = proof.subject().user() else { return Ok(proof.spend(vec![])) };
        let token = proof.operation().token.into_iter().collect();
        let changes = ended(&proof, user, token);
        Ok(proof.spend(changes))
    }
}
