//! Every bound of this crate, in one place.

/// Most retries of one write after a serialization failure, deadlock or busy database.
pub const WRITE_RETRIES_MAX: u32 = 20;

/// How often a write on PostgreSQL may lose to others before they wait for it: a change that touches many rows would
/// lose for ever to many that touch one of them each.
pub(crate) const LOSSES_MAX: u32 = 3;

/// Longest pause before a retry, in milliseconds; pauses grow up to it.
pub(crate) const RETRY_PAUSE_MS_MAX: u64 = 50;

/// Most writes of one SQLite group commit.
pub const GROUP_MAX: u32 = 256;

/// How long a SQLite group may be gathering, in milliseconds, before the next member commits it.
pub const GROUP_MS_MAX: u64 = 20;

/// Most rows of one statement of `insert_many`.
pub const INSERT_ROWS_MAX: usize = 1_000;

/// Most parameters of one SQLite statement (`SQLITE_MAX_VARIABLE_NUMBER` of the bundled library).
pub const SQLITE_PARAMETERS_MAX: usize = 32_766;

/// Most parameters of one PostgreSQL statement: the protocol counts them in 16 bits.
pub const PG_PARAMETERS_MAX: usize = 65_535;

/// Default of [`Settings::connections_max`] for PostgreSQL.
pub const PG_CONNECTIONS_MAX: usize = 16;

/// Default of [`Settings::wait_ms_max`], in milliseconds.
pub const PG_WAIT_MS_MAX: u64 = 5_000;

/// Longest wait for a TCP connection to one PostgreSQL host, in seconds, unless the URL says `connect_timeout`.
pub(crate) const PG_CONNECT_S_MAX: u64 = 5;

/// Rows fetched in one round trip while streaming from PostgreSQL.
pub(crate) const PG_PAGE_ROWS: i32 = 2_000;

/// Prepared statements kept per connection.
pub(crate) const STATEMENTS_MAX: usize = 512;

/// How long we wait and how much we hold. `Settings::default()` suits a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Most connections: of the PostgreSQL pool, or of readers of a SQLite file. At least 1.
    pub connections_max: usize,
    /// Longest wait for a free connection of those, in milliseconds.
    pub wait_ms_max: u64,
    /// Longest wait for a lock held by somebody else, in milliseconds.
    pub lock_ms_max: u64,
    /// Longest run of one PostgreSQL statement (of one page, when streamed), in milliseconds, and longest pause
    /// that a closure may make between two. SQLite has no such limit.
    pub statement_ms_max: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connections_max: PG_CONNECTIONS_MAX,
            wait_ms_max: PG_WAIT_MS_MAX,
            lock_ms_max: 5_000,
            statement_ms_max: 60_000,
        }
    }
}
