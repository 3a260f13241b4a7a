//! Databases that exist for one test only.

use sql::Database;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

fn unique_name() -> String {
    format!("keyward_service_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A database; what was made for it is removed when it is dropped.
pub enum Place {
    /// Gone with its service.
    Memory,
    /// A folder with one file.
    File(PathBuf),
    /// A server and a schema of its own there.
    Postgres { url: String, schema: String },
}

impl Place {
    /// One of each kind; PostgreSQL where a server is offered.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Place::Memory, Place::file()];
        all.extend(Place::postgres());
        all
    }

    pub fn file() -> Self {
        let folder = std::env::temp_dir().join(unique_name());
        std::fs::create_dir(&folder).expect("a folder");
        Place::File(folder)
    }

    /// None, visibly, where no server is offered.
    pub fn postgres() -> Option<Self> {
        let Ok(url) = std::env::var("KEYWARD_TEST_POSTGRES") else {
            println!("skipped: KEYWARD_TEST_POSTGRES is not set");
            return None;
        };
        let schema = unique_name();
        run(&Database::postgres(&url).expect("a server"), &format!("CREATE SCHEMA {schema}"));
        Some(Place::Postgres { url, schema })
    }

    pub fn name(&self) -> &'static str {
        match self {
            Place::Memory => "memory",
            Place::File(_) => "file",
            Place::Postgres { .. } => "postgres",
        }
    }

    /// Whether a service can be opened on it again.
    pub fn lasts(&self) -> bool {
        !matches!(self, Place::Memory)
    }

    pub fn database(&self) -> Database {
        match self {
            Place::Memory => Database::sqlite_memory().expect("a database"),
            Place::File(folder) => Database::sqlite_file(&folder.join("keyward.db")).expect("a file"),
            Place::Postgres { url, schema } => {
                let mark = if url.contains('?') { '&' } else { '?' };
                let url = format!("{url}{mark}options=-csearch_path%3D{schema}");
                Database::postgres(&url).expect("a schema")
            }
        }
    }

    /// The first column of every row that a query finds, behind the back of the service.
    pub fn texts(&self, query: &str) -> Vec<String> {
        let rows = self.database().read::<_, sql::SqlError>(|tx| {
            let rows = tx.query(query, &[])?;
            rows.iter().map(|row| Ok(row.as_ref().text(0)?.to_owned())).collect()
        });
        rows.expect("rows")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Place::Memory => {}
            Place::File(folder) => drop(std::fs::remove_dir_all(folder)),
            Place::Postgres { url, schema } => {
                run(&Database::postgres(url).expect("a server"), &format!("DROP SCHEMA {schema} CASCADE"));
            }
        }
    }
}

fn run(database: &Database, sql: &str) {
    database.write(|tx| tx.execute_batch(sql)).expect("done");
}
