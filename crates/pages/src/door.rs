//! The two applications that have pages. Each has its own address below the site, and its own session.

use crate::next::LocalPath;

/// The application somebody signs in to through a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// The Order Management Center, at the root of the site.
    Omc,
    /// The Store App, below `/store`.
    StoreApp,
}

impl Door {
    /// Both, the Order Management Center first.
    pub const ALL: [Self; 2] = [Self::Omc, Self::StoreApp];

    /// What every address of the application begins with; none for the Order Management Center.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Omc => "",
            Self::StoreApp => "/store",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Omc => "Order Management Center",
            Self::StoreApp => "Store App",
        }
    }

    /// The word of the application in grants and in the audit.
    #[must_use]
    pub const fn application(self) -> &'static str {
        match self {
            Self::Omc => "omc",
            Self::StoreApp => "store_app",
        }
    }

    /// The address of a page of [`crate::paths`] in this application.
    #[must_use]
    pub fn to(self, path: &str) -> String {
        format!("{}{path}", self.prefix())
    }

    /// Where somebody goes who asked for no page in particular.
    #[must_use]
    pub fn home(self) -> LocalPath {
        LocalPath::home(self)
    }

    /// The application that an address belongs to. `/stores` is no part of the Store App.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let in_store = path.strip_prefix(Self::StoreApp.prefix());
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?', '#']);
        if in_store.is_some_and(ends) { Self::StoreApp } else { Self::Omc }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_a_door_is_found_to_be_its_own() {
        for door in Door::ALL {
            for path in ["/", "/me", "/sign-in?next=%2F"] {
                assert_eq!(Door::of_path(&door.to(path)), door);
            }
            assert_eq!(Door::of_path(door.home().as_str()), door);
        }
        assert_eq!(Door::of_path("/stores"), Door::Omc);
        assert_eq!(Door::of_path("/store"), Door::StoreApp);
        assert_eq!(Door::of_path("/store?retailer=leeds"), Door::StoreApp);
        assert_eq!(Door::of_path(""), Door::Omc);
    }
}
