//! Logins as they lie in memory: the first bytes apart from all else of a user, the rest in the far words.

use super::packed::{UserRef, far_words};

/// The first bytes of a login, filled up with zeros: where they lie follows from the user's number alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(32))]
pub(super) struct LoginHead([u8; Self::LEN]);

impl LoginHead {
    pub(super) const LEN: usize = 32;

    #[inline]
    pub(super) fn of(login: &str) -> Self {
        let mut head = [0; Self::LEN];
        match login.as_bytes().first_chunk() {
            Some(first) => head = *first,
            None => head.iter_mut().zip(login.as_bytes()).for_each(|(to, from)| *to = *from),
        }
        Self(head)
    }
}

impl<'a> UserRef<'a> {
    fn login_rest(self) -> &'a [u32] {
        self.far_on().get(far_words(self.status())..self.heads_at()).unwrap_or_default()
    }

    /// Their login.
    #[must_use]
    pub fn login(self) -> String {
        let mut bytes = Vec::with_capacity(self.login_len() + LoginHead::LEN);
        self.append_login(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Writes their login to the end of `to`, which is all that is allocated.
    pub(crate) fn append_login(self, to: &mut Vec<u8>) {
        let begin = to.len();
        let head = self.branch.login(self.slot).map_or(&[][..], |head| &head.0);
        to.extend_from_slice(head);
        if self.login_len() > LoginHead::LEN {
            to.extend(self.login_rest().iter().flat_map(|w| w.to_le_bytes()));
        }
        to.truncate(begin + self.login_len());
    }

    /// Whether both have the same login.
    pub(super) fn shares_login(self, other: UserRef<'_>) -> bool {
        self.login_len() == other.login_len()
            && self.branch.login(self.slot) == other.branch.login(other.slot)
            && self.login_rest() == other.login_rest()
    }

    /// Whether this login (in lower case) is theirs; nothing is unpacked.
    #[must_use]
    #[inline]
    pub fn has_login(self, login: &str) -> bool {
        self.branch.login(self.slot) == Some(&LoginHead::of(login))
            && self.login_len() == login.len()
            && (login.len() <= LoginHead::LEN || login_rest(login).eq(self.login_rest().iter().copied()))
    }
}

/// The bytes of a login behind its head four by four, the last word filled up with zeros.
pub(super) fn login_rest(login: &str) -> impl Iterator<Item = u32> + '_ {
    let (words, rest) = login.as_bytes().get(LoginHead::LEN..).unwrap_or_default().as_chunks::<4>();
    let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    words.iter().map(|bytes| u32::from_le_bytes(*bytes)).chain((!rest.is_empty()).then_some(last))
}
