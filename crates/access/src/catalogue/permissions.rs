//! Permissions and sets of them.

use super::ContractError;
use crate::words::PermissionName;
use std::collections::HashMap;

/// A permission by its place in an account's catalogue. Not stable across program versions: names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionId(pub(crate) u16);

impl PermissionId {
    /// The place in the catalogue.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The permissions of the contract and after them those of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    names: Vec<PermissionName>,
    by_name: HashMap<PermissionName, PermissionId>,
    views: PermissionSet,
}

impl Permissions {
    /// Most permissions an account may have, the contract's and its own together.
    pub const COUNT_MAX: usize = 1024;

    pub(crate) fn read(text: &str) -> Result<Self, ContractError> {
        let wrong = |reason: String| ContractError::new("permissions.txt", reason);
        let mut all = Self::default();
        for line in text.lines() {
            let name = PermissionName::parse(line).map_err(|e| wrong(e.to_string()))?;
            all.add(name.clone())
                .ok_or_else(|| wrong(format!("`{name}` is there twice, or there are too many")))?;
        }
        Ok(all)
    }

    /// Adds a permission; nothing when it is there already or the catalogue is full.
    pub(crate) fn add(&mut self, name: PermissionName) -> Option<PermissionId> {
        if self.by_name.contains_key(&name) || self.names.len() >= Self::COUNT_MAX {
            return None;
        }
        let id = PermissionId(u16::try_from(self.names.len()).ok()?);
        if name.is_view() {
            self.views.insert(id);
        }
        self.by_name.insert(name.clone(), id);
        self.names.push(name);
        Some(id)
    }

    /// The permission of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PermissionId> {
        // A borrowed key would need `Borrow<str>` and its hash; a permission is looked up once a question.
        PermissionName::parse(name).ok().and_then(|n| self.by_name.get(&n).copied())
    }

    /// The name of a permission of this catalogue.
    #[must_use]
    pub fn name(&self, id: PermissionId) -> &str {
        self.names.get(id.index()).map_or("?", PermissionName::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All names in the order of the catalogue.
    #[must_use]
    pub fn names(&self) -> &[PermissionName] {
        &self.names
    }

    /// All of them as a set.
    #[must_use]
    pub fn all(&self) -> PermissionSet {
        self.ids().collect()
    }

    /// All ids in the order of the catalogue.
    pub fn ids(&self) -> impl Iterator<Item = PermissionId> + use<> {
        (0..u16::try_from(self.names.len()).unwrap_or(u16::MAX)).map(PermissionId)
    }

    /// Whether it is a permission of viewing.
    #[must_use]
    #[inline]
    pub fn is_view(&self, id: PermissionId) -> bool {
        self.views.contains(id)
    }

    /// The set of the named ones.
    ///
    /// # Errors
    /// The first name that is not in the catalogue.
    pub fn set<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Result<PermissionSet, String> {
        names.into_iter().map(|n| self.find(n).ok_or_else(|| n.to_owned())).collect()
    }
}

/// A set of permissions: one bit each.
#[derive(Clone, Debug, Default)]
pub struct PermissionSet(Vec<u64>);

impl PartialEq for PermissionSet {
    fn eq(&self, other: &Self) -> bool {
        self.is_subset(other) && other.is_subset(self)
    }
}

impl Eq for PermissionSet {}

impl PermissionSet {
    /// Adds one.
    pub fn insert(&mut self, id: PermissionId) {
        let word = id.index() / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (id.0 % 64);
        }
    }

    /// Whether it is in.
    #[must_use]
    #[inline]
    pub fn contains(&self, id: PermissionId) -> bool {
        self.0.get(id.index() / 64).is_some_and(|bits| bits >> (id.0 % 64) & 1 != 0)
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: &PermissionSet) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own |= more;
        }
    }

    /// Those of this that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &PermissionSet) -> PermissionSet {
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        PermissionSet(self.0.iter().zip(others).map(|(own, less)| own & !less).collect())
    }

    /// Whether all of this is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &PermissionSet) -> bool {
        self.without(other).is_empty()
    }

    /// Whether there is none in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    /// How many are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Its members in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = PermissionId> + '_ {
        let bound = u16::try_from(self.0.len() * 64).unwrap_or(u16::MAX);
        (0..bound).map(PermissionId).filter(|id| self.contains(*id))
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.0
    }
}

impl FromIterator<PermissionId> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = PermissionId>>(ids: I) -> Self {
        let mut set = Self::default();
        ids.into_iter().for_each(|id| set.insert(id));
        set
    }
}
