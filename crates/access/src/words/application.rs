//! The three applications that a user may enter.

use serde::{Deserialize, Serialize};

/// An application of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Application {
    /// The Order Management Center, for the head office.
    Omc,
    /// The Store App, for people in a store.
    StoreApp,
    /// The API, for programs.
    Api,
}

impl Application {
    /// All three, in the order in which people list them.
    pub const ALL: [Application; 3] = [Application::Omc, Application::StoreApp, Application::Api];

    /// The name on every wire: `omc`, `store_app`, `api`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Application::Omc => "omc",
            Application::StoreApp => "store_app",
            Application::Api => "api",
        }
    }

    /// The permission that opens this application.
    #[must_use]
    pub const fn access_permission(self) -> &'static str {
        match self {
            Application::Omc => "OMC_ACCESS",
            Application::StoreApp => "STOREAPP_ACCESS",
            Application::Api => "API_ACCESS",
        }
    }

    /// The application of that name.
    ///
    /// # Errors
    /// The sentence names the three that exist.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|a| a.name() == text)
            .ok_or_else(|| format!("unknown application `{text}`: it is one of omc, store_app, api"))
    }

    pub(crate) const fn bit(self) -> u8 {
        match self {
            Application::Omc => 1,
            Application::StoreApp => 2,
            Application::Api => 4,
        }
    }
}

impl std::fmt::Display for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of applications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applications(u8);

impl Applications {
    /// The empty set.
    pub const NONE: Applications = Applications(0);
    /// All three.
    pub const ALL: Applications = Applications(7);

    /// This set and `one`.
    #[must_use]
    pub const fn with(self, one: Application) -> Self {
        Self(self.0 | one.bit())
    }

    /// Whether `one` is in the set.
    #[must_use]
    pub const fn contains(self, one: Application) -> bool {
        self.0 & one.bit() != 0
    }

    /// Members in the order of [`Application::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Application> {
        Application::ALL.into_iter().filter(move |a| self.contains(*a))
    }
}
