//! Whether an audit chain of an account is unbroken.

use super::{ACCESS_CHAIN, genesis};
use crate::error::StoreError;
use crate::tables::{accounts, audit_chains, audit_entries, change_log};
use access::AccountId;
use sql::{RowRef, Tx};

/// What a walk along the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Nothing was altered, taken, put in or moved.
    Unbroken {
        /// How many entries there are.
        entries: u64,
        /// The hash of the last, to be kept elsewhere.
        head: String,
    },
    /// Something was.
    Broken {
        /// The number of the first entry that is not what it should be.
        at: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// The chain as far as it was walked.
struct Walk<'a> {
    account: AccountId,
    chain: &'a str,
    expected: Option<&'a str>,
    met_expected: bool,
    number: u64,
    head: String,
    revision: u64,
}

/// What is wrong with an entry, or why the walk failed.
enum Stop {
    Broken(u64, String),
    Failed(StoreError),
}

impl<T: Into<StoreError>> From<T> for Stop {
    fn from(error: T) -> Self {
        Self::Failed(error.into())
    }
}

pub(crate) fn verify(
    tx: &mut Tx<'_>,
    account: AccountId,
    chain: &str,
    expected_head: Option<&str>,
) -> Result<AuditVerdict, StoreError> {
    let mut walk = Walk {
        account,
        chain,
        expected: expected_head,
        met_expected: expected_head.is_none(),
        number: 0,
        head: genesis(account, chain),
        revision: 0,
    };
    match walk.whole(tx) {
        Ok(()) => Ok(AuditVerdict::Unbroken { entries: walk.number, head: walk.head }),
        Err(Stop::Broken(at, reason)) => Ok(AuditVerdict::Broken { at, reason }),
        Err(Stop::Failed(error)) => Err(error),
    }
}

impl Walk<'_> {
    fn whole(&mut self, tx: &mut Tx<'_>) -> Result<(), Stop> {
        let (account, chain) = (self.account, self.chain);
        let found = accounts::head(tx, account)?.ok_or(StoreError::UnknownAccount(account))?.head;
        let (count, hash) = if chain == ACCESS_CHAIN {
            (found.audit_count, found.audit_hash.clone())
        } else {
            audit_chains::find(tx, account, chain)?.unwrap_or_else(|| (0, genesis(account, chain)))
        };
        self.meet();
        audit_entries::all(tx, account, chain, |row| self.step(row))?;
        let broken = |reason| Err(Stop::Broken(self.number + 1, reason));
        if self.number != count {
            let own = self.number;
            return broken(format!("the chain ends after {own} entries, the account counts {count}"));
        }
        if self.head != hash {
            return broken("the chain does not end with the hash that the account holds".to_owned());
        }
        if self.revision > found.revision.0 {
            let (own, head) = (self.revision, found.revision);
            return broken(format!("the chain tells of revision {own}, the account is at {head}"));
        }
        if chain == ACCESS_CHAIN
            && let Some(gap) = change_log::gap(tx, account, found.revision)?
        {
            let head = found.revision;
            return broken(format!("the change log is broken at revision {gap}, the account is at {head}"));
        }
        if !self.met_expected {
            return broken("the expected head is not the hash of any entry".to_owned());
        }
        Ok(())
    }

    fn meet(&mut self) {
        self.met_expected |= self.expected.is_some_and(|hash| hash.eq_ignore_ascii_case(&self.head));
    }

    fn step(&mut self, row: &RowRef<'_>) -> Result<(), Stop> {
        let next = self.number + 1;
        let (sealed, hash) = audit_entries::sealed(self.account, self.chain, row)?;
        if sealed.number != next {
            return Err(Stop::Broken(next, format!("the entry is missing; {} follows", sealed.number)));
        }
        if sealed.previous_hash != self.head {
            return Err(Stop::Broken(next, "it does not follow the entry before it".to_owned()));
        }
        if sealed.hash() != hash {
            return Err(Stop::Broken(next, "it is not what its hash was made of".to_owned()));
        }
        // Sign-ins of two requests at once may be judged on one state and told after a newer one.
        if self.chain == ACCESS_CHAIN && sealed.revision < self.revision {
            return Err(Stop::Broken(next, "it goes back to an earlier revision".to_owned()));
        }
        (self.number, self.revision) = (next, self.revision.max(sealed.revision));
        hash.clone_into(&mut self.head);
        self.meet();
        Ok(())
    }
}
