//! The driver seam: SQLite and PostgreSQL behind one small, blocking interface.
//!
//! SQL is written once, with `$1..` placeholders, in the subset both understand; values go in as [`Value`] and
//! come out through the typed getters of [`Row`] and [`RowRef`]. Reads happen in [`Database::read`], writes in
//! [`Database::write`], which retries whole transactions and, on SQLite, commits concurrent ones in groups.
//!
//! **Invariant:** only this crate names a database driver, and no driver type is in its interface.
//! **Invariant:** what was answered `Ok` by `write` survives a crash of the process and of the machine.
//! **Invariant:** both backends are serializable for writers and consistent for readers, so what is right on one
//! is right on the other.
//!
//! ```
//! use sql::{Database, SqlError, Value};
//!
//! let database = Database::sqlite_memory()?;
//! database.write(|tx| {
//!     tx.execute_batch("CREATE TABLE place (id BIGINT PRIMARY KEY, label TEXT NOT NULL)")?;
//!     tx.execute("INSERT INTO place (id, label) VALUES ($1, $2)", &[Value::Int(1), "Leeds".into()])
//! })?;
//! let label = database.read(|tx| {
//!     let row = tx.query_one("SELECT label FROM place WHERE id = $1", &[Value::Int(1)])?;
//!     row.text(0).map(str::to_owned)
//! })?;
//! assert_eq!(label, "Leeds");
//! # Ok::<(), SqlError>(())
//! ```

mod database;
mod error;
mod limits;
mod nesting;
mod pool;
mod postgres;
mod row;
mod sqlite;
mod text;
mod tx;
mod value;

pub use database::{Backend, Database};
pub use error::SqlError;
pub use limits::{
    GROUP_MAX, GROUP_MS_MAX, INSERT_ROWS_MAX, PG_CONNECTIONS_MAX, PG_PARAMETERS_MAX, PG_WAIT_MS_MAX,
    SQLITE_PARAMETERS_MAX, Settings, WRITE_RETRIES_MAX,
};
pub use row::{Row, RowRef};
pub use text::placeholders;
pub use tx::Tx;
pub use value::Value;
