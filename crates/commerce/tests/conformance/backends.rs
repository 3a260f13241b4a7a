//! Databases that exist for one test only.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sql::Database;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Where empty databases come from; all of them are removed when it is dropped.
pub(crate) enum Scratch {
    Memory,
    Directory(PathBuf),
    /// The server and the schemas made there.
    Postgres {
        url: String,
        schemas: Vec<String>,
    },
}

impl Scratch {
    pub(crate) fn directory() -> Self {
        let path = std::env::temp_dir().join(unique_name());
        std::fs::create_dir(&path).unwrap();
        Self::Directory(path)
    }

    /// Nothing, after saying so, when there is no server to test on.
    pub(crate) fn postgres() -> Option<Self> {
        let url = std::env::var("KEYWARD_TEST_POSTGRES").ok();
        if url.is_none() {
            println!("skipped: KEYWARD_TEST_POSTGRES is not set");
        }
        url.map(|url| Self::Postgres { url, schemas: Vec::new() })
    }

    /// An empty database.
    pub(crate) fn database(&mut self) -> Database {
        match self {
            Self::Memory => Database::sqlite_memory().unwrap(),
            Self::Directory(path) => Database::sqlite_file(&path.join(unique_name())).unwrap(),
            Self::Postgres { url, schemas } => {
                let name = unique_name();
                run(&Database::postgres(url).unwrap(), &format!("CREATE SCHEMA {name}"));
                let mark = if url.contains('?') { '&' } else { '?' };
                let own = format!("{url}{mark}options=-csearch_path%3D{name}");
                schemas.push(name);
                Database::postgres(&own).unwrap()
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match self {
            Self::Memory => {}
            Self::Directory(path) => std::fs::remove_dir_all(path).unwrap(),
            Self::Postgres { url, schemas } => {
                let server = Database::postgres(url).unwrap();
                for name in schemas {
                    run(&server, &format!("DROP SCHEMA {name} CASCADE"));
                }
            }
        }
    }
}

/// Runs one statement in a transaction of its own, behind the back of the crate.
pub(crate) fn run(database: &Database, sql: &str) {
    database.write(|tx| tx.execute_batch(sql)).unwrap();
}

fn unique_name() -> String {
    format!("keyward_commerce_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
