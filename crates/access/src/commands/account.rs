//! The account itself.

use super::{Command, Refusal};
use crate::change::{Change, Changeset};
use crate::proof::{Actor, Authorized, Demand, Guarded, Where};
use crate::resource::{Place, Resource};
use crate::snapshot::{Account, Snapshot};
use crate::words::{Label, Revision};

/// The first changeset of a new account. The operator alone opens accounts, and there is no state yet to
/// prove anything on: this is the one changeset without a proof.
pub fn open_account(account: &Account) -> Changeset {
    let (id, r#ref, name) = (account.id, account.r#ref.clone(), account.name.clone());
    let changes = vec![Change::AccountCreated { id, r#ref, name }];
    Changeset {
        account: id,
        base: Revision(0),
        leads_to: Revision(1),
        actor: Actor::Operator,
        changes,
        holds_until: None,
    }
}

/// Renames the account.
#[derive(Clone, Debug)]
pub struct EditAccount {
    /// Its new name.
    pub name: Label,
}

impl Guarded for EditAccount {
    fn demand(&self, on: &Snapshot) -> Demand {
        Demand::new("ACCOUNT_UPDATE", account_wide(on, "account"))
    }
}

impl Command for EditAccount {
    fn run(proof: Authorized<'_, Self>) -> Result<Changeset, Refusal> {
        let name = proof.operation().name.clone();
        Ok(proof.spend(vec![Change::AccountEdited { name }]))
    }
}

/// A thing of an account-wide entity.
pub(super) fn account_wide(on: &Snapshot, entity: &str) -> Where {
    thing(on, entity, Place::default())
}

/// A thing of an entity at a place.
pub(super) fn thing(on: &Snapshot, entity: &str, place: Place) -> Where {
    match resource(on, entity, place) {
        Some(resource) => Where::On(resource),
        // Unknown entities cannot be asked about; the whole account is the strictest place there is.
        None => Where::Covering(crate::scope::Scope::account()),
    }
}

pub(super) fn resource(on: &Snapshot, entity: &str, place: Place) -> Option<Resource> {
    on.contract().entity(entity).map(|e| Resource::thing(e, place))
}
