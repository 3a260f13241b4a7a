//! What a list of users may be asked for.

use super::fold::fold;
use crate::change::{SignIn, UserKind};
use crate::words::{Application, ChannelId, LocationId, ProviderId, RetailerId, RoleId};
use memchr::memmem;

/// Which users, in which order. The default asks for all of them by login.
///
/// `retailer`, `application`, `role`, `location` and `channel` are about grants: those that are given must all
/// be met by **one** grant of the user that the viewer sees. It may begin later or have ended: a list of who
/// has what is that of the grants that stand in the users' pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserQuery {
    /// All of these words occur in login, name or e-mail.
    pub words: Words,
    /// A grant whose scope meets ({retailer}, All, All): its retailers are All or have this one.
    pub retailer: Option<RetailerId>,
    /// A grant that counts there: of a role bound to this application, or to none.
    pub application: Option<Application>,
    /// A grant of this role.
    pub role: Option<RoleId>,
    /// Their status; none: any but [`Status::Removed`].
    pub status: Option<Status>,
    /// How they sign in.
    pub sign_in: Option<SignInFilter>,
    /// What they are.
    pub kind: Option<UserKind>,
    /// A grant whose scope meets ({the location's retailer}, {location}, All): its locations are All or list this
    /// one, and its retailers are All or have the location's own.
    pub location: Option<LocationId>,
    /// A grant whose scope meets ({the channel's retailer}, All, {channel}): as for a location.
    pub channel: Option<ChannelId>,
    /// In which order.
    pub sort: Sort,
}

/// The status of a user, by the two switches. Both may be off: such a user is disabled and deprovisioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Both switches are on.
    Enabled,
    /// The administrators have them off.
    Disabled,
    /// The provisioner has them off.
    Deprovisioned,
    /// Gone: their login stays reserved. Only this status finds them.
    Removed,
}

/// A way to sign in, or any by single sign-on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignInFilter {
    /// By a password.
    Password,
    /// By single sign-on, whoever vouches.
    Sso,
    /// By this identity provider.
    Provider(ProviderId),
}

impl SignInFilter {
    pub(super) fn admits(self, sign_in: SignIn) -> bool {
        match (self, sign_in) {
            (SignInFilter::Password, SignIn::Password) | (SignInFilter::Sso, SignIn::Sso(_)) => true,
            (SignInFilter::Provider(wanted), SignIn::Sso(provider)) => wanted == provider,
            _ => false,
        }
    }
}

/// The order of a list. Users with the same text stand by number, so that every page is stable; descending is
/// exactly the other way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// The last one first.
    pub descending: bool,
}

/// What a list is sorted by. Texts compare in one case, character by character (by code point).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Login.
    #[default]
    Login,
    /// Name.
    Name,
    /// E-mail address; those who have none come behind all others.
    Email,
    /// When they were made: by number.
    Made,
}

/// Words that must all occur in login, name or e-mail of a user, each in any of the three and in any part of
/// it, whatever the case. No words: everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Words(Vec<Box<[u8]>>);

/// Why a text is nothing to search for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Longer than anything it could be found in.
    #[error("the text to search for has {given} bytes, more than {max}: shorten it", max = Words::LEN_MAX)]
    TooLong {
        /// Bytes given.
        given: usize,
    },
    /// More words than are looked for at once.
    #[error("the text to search for has {given} words, more than {max}: leave some out", max = Words::COUNT_MAX)]
    TooMany {
        /// Words given.
        given: usize,
    },
}

impl Words {
    /// Most bytes of a text to search for.
    pub const LEN_MAX: usize = 500;
    /// Most words of it.
    pub const COUNT_MAX: usize = 8;

    /// The words of a text, as somebody types it.
    ///
    /// # Errors
    /// A text that is too long or has too many words.
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        if text.len() > Self::LEN_MAX {
            return Err(WordsError::TooLong { given: text.len() });
        }
        let parts = || text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
        if parts().count() > Self::COUNT_MAX {
            return Err(WordsError::TooMany { given: parts().count() });
        }
        let mut words: Vec<Box<[u8]>> = parts()
            .map(|word| {
                let mut folded = Vec::with_capacity(word.len());
                fold(word, &mut folded);
                folded.into()
            })
            .collect();
        // A word that is part of another is found with it. The longest first: it leaves the fewest users.
        words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let mut kept: Vec<Box<[u8]>> = Vec::new();
        for word in words {
            if !kept.iter().any(|longer| memmem::find(longer, &word).is_some()) {
                kept.push(word);
            }
        }
        Ok(Self(kept))
    }

    /// Whether there is nothing to search for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In one case, as UTF-8.
    pub(crate) fn folded(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|word| &**word)
    }
}
