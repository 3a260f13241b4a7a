//! Commands: intent, demand and decision of everything that changes an account.
//!
//! A command's value is the intent; [`Guarded::demand`](crate::proof::Guarded) what it needs;
//! [`Command::run`] spends the proof and says what changes, or why nothing does.

mod account;
mod entrances;
mod goods;
mod grants;
mod places;
mod refusal;
mod roles;
mod sign_in;
mod users;

pub use account::{EditAccount, open_account};
pub use entrances::{AddClient, RemoveClient, RemoveProvider, SaveProvider};
pub use goods::{WriteCustomers, WriteItems, WriteLocationDetails, WriteOrders, WriteStock};
pub use grants::{EditGrants, GrantEdit};
pub use places::{
    CreateChannel, CreateLocation, CreateRetailer, EditChannel, EditLocation, EditRetailer, SetChannelOpen,
    SetLocationOpen, SetRetailerOpen,
};
pub use refusal::{Refusal, RefusalKind};
pub use roles::{AddPermission, CopyRole, CreateRole, EditRole, RemoveRole};
pub use sign_in::{ChangeOwnPassword, EndTokens, Leave, ResetPassword, SetAddresses, SetSignIn};
pub use users::{CreateUser, DisableUser, EditUser, EnableUser, RemoveUser, SignOutUser};

use crate::change::{Change, Changeset};
use crate::proof::{Authorized, Guarded};

/// A change of access state. Values are kept by the writer, which runs them again on a newer state.
pub trait Command: Guarded + Clone + Send + Sync + 'static {
    /// What changes.
    ///
    /// # Errors
    /// Why nothing does.
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal>;
}

/// Spends a proof on changes, unless they would leave the account without an administrator (rule 6).
///
/// An account that has none yet (it is being opened) is let be.
pub(crate) fn spend_keeping_an_administrator<Op>(
    proof: Authorized<'_, Op>,
    changes: Vec<Change>,
) -> Result<Changeset, Refusal> {
    let before = proof.snapshot();
    if !before.administrators().is_empty() {
        let after = before.apply(&changes).map_err(|e| Refusal::Inconsistent(e.to_string()))?;
        if after.administrators().is_empty() {
            return Err(Refusal::LastAdministrator);
        }
    }
    Ok(proof.spend(changes))
}
