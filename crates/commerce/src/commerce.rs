//! The handle to commerce data.

use sql::Database;
use std::sync::Arc;
use store::{Clock, IdSource, SystemClock, SystemIds};

/// The commerce data of all accounts. Cheap to clone; all clones are one.
///
/// Every call blocks, as those of [`Database`] do. The tables are those of [`migrations`](crate::migrations), beside
/// those of the store.
#[derive(Clone, Debug)]
pub struct Commerce {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl Commerce {
    /// On this database, with the clock and the randomness of the machine.
    #[must_use]
    pub fn new(db: Database) -> Self {
        Self::with_ports(db, Arc::new(SystemClock), Arc::new(SystemIds))
    }

    /// On this database, with a clock and a source of ids of one's own.
    #[must_use]
    pub fn with_ports(db: Database, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { db, clock, ids }
    }
}
