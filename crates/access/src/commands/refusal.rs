//! Why a command changed nothing, and what kind of "no" that is.

use crate::delegation::DelegationRefusal;
use crate::proof::Denial;
use crate::scope::IdSetError;
use crate::words::NameError;

/// What kind of "no" a refusal is; each protocol maps these, not the refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// What was given can never be right.
    Invalid,
    /// It names something that does not exist, or that may not be known.
    NotFound,
    /// The asker may not.
    Forbidden,
    /// It does not fit the present state.
    Conflict,
}

/// Why a command was refused. Nothing has changed when this is returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the sentence of each variant is its documentation")]
pub enum Refusal {
    #[error(transparent)]
    Denied(#[from] Denial),
    #[error(transparent)]
    Delegation(#[from] DelegationRefusal),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Set(#[from] IdSetError),
    #[error("there is no {what} `{given}`{hint}")]
    Unknown { what: &'static str, given: String, hint: String },
    #[error("the {what} `{given}` is taken{by}")]
    Taken { what: &'static str, given: String, by: &'static str },
    #[error("{what} `{given}` is closed: open it first")]
    Closed { what: &'static str, given: String },
    #[error("the {what} `{given}` belongs to another retailer than the scope names")]
    OutsideScope { what: &'static str, given: String },
    #[error("the scope names the retailer `{0}` but none of its {1}: name one, or leave the retailer out")]
    NothingListed(String, &'static str),
    #[error("the validity ends before it begins, or at once")]
    EmptyValidity,
    #[error("nobody changes their own grants or status")]
    Oneself,
    #[error("nobody edits a role they hold")]
    OwnRole,
    #[error("this would leave the account without an active user who holds every permission for good")]
    LastAdministrator,
    #[error("the built-in role `{0}` is fixed: copy it and edit the copy")]
    BuiltInRole(String),
    #[error("the login `{0}` is no e-mail address, which access to the OMC asks for")]
    OmcNeedsEmail(String),
    #[error(
        "the user has the role `{other}` in {application} already, at a site of this scope: change or take that grant first"
    )]
    SecondRankedRole { other: String, application: crate::words::Application },
    #[error(
        "the user has a role in {application} already, by access that you do not see, at a site of this scope"
    )]
    SecondRankedRoleElsewhere { application: crate::words::Application },
    #[error("site access is given only by somebody with access to one of the user's sites")]
    NoSharedSite,
    #[error(
        "sales channels and stock locations are changed only from the site of the grant: switch to it first"
    )]
    OtherActiveSite,
    #[error(
        "in the Store App only Store App users with individual access to the store you are in are managed, with Store App roles there"
    )]
    NotOfTheStore,
    #[error("the user was removed; the login stays reserved")]
    Removed,
    #[error(
        "{users} users sign in by the identity provider `{provider}`: have them sign in another way first"
    )]
    ProviderInUse { provider: String, users: usize },
    #[error("this user signs in by single sign-on: no password is kept")]
    NoPasswordKept,
    #[error("only people sign in by single sign-on: a system or application has a password")]
    SystemBySso,
    #[error("too many {what}: at most {max} are allowed")]
    TooMany { what: &'static str, max: usize },
    #[error("nothing is asked for: give at least one change")]
    Nothing,
    #[error("somebody else changed this {what} meanwhile: look at it again before you change it")]
    ChangedMeanwhile { what: &'static str },
    #[error("the change does not fit the state: {0}")]
    Inconsistent(String),
}

impl Refusal {
    /// Something that does not exist.
    pub fn unknown(what: &'static str, given: impl std::fmt::Display) -> Self {
        Refusal::Unknown { what, given: given.to_string(), hint: String::new() }
    }

    /// What kind of "no" it is.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::Denied(denial) if !denial.is_visible() => RefusalKind::NotFound,
            Refusal::Unknown { .. } => RefusalKind::NotFound,
            Refusal::Denied(_)
            | Refusal::Delegation(_)
            | Refusal::Oneself
            | Refusal::OwnRole
            | Refusal::NoSharedSite
            | Refusal::OtherActiveSite
            | Refusal::NotOfTheStore
            | Refusal::BuiltInRole(_) => RefusalKind::Forbidden,
            Refusal::Name(_)
            | Refusal::Set(_)
            | Refusal::OutsideScope { .. }
            | Refusal::NothingListed(..)
            | Refusal::EmptyValidity
            | Refusal::OmcNeedsEmail(_)
            | Refusal::SystemBySso
            | Refusal::Nothing => RefusalKind::Invalid,
            Refusal::Taken { .. }
            | Refusal::Closed { .. }
            | Refusal::LastAdministrator
            | Refusal::SecondRankedRole { .. }
            | Refusal::SecondRankedRoleElsewhere { .. }
            | Refusal::Removed
            | Refusal::ProviderInUse { .. }
            | Refusal::NoPasswordKept
            | Refusal::TooMany { .. }
            | Refusal::ChangedMeanwhile { .. }
            | Refusal::Inconsistent(_) => RefusalKind::Conflict,
        }
    }
}
