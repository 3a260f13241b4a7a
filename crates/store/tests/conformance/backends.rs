//! Databases that exist for one test only.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sql::Database;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Where empty databases come from; all of them are removed when it is dropped.
pub(crate) enum Scratch {
    Memory,
    /// The directory and the files made there.
    Directory {
        path: PathBuf,
        files: Vec<PathBuf>,
    },
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
        Self::Directory { path, files: Vec::new() }
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
            Self::Memory => return Database::sqlite_memory().unwrap(),
            Self::Directory { path, files } => files.push(path.join(unique_name())),
            Self::Postgres { url, schemas } => {
                let name = unique_name();
                run(&Database::postgres(url).unwrap(), &format!("CREATE SCHEMA {name}"));
                schemas.push(name);
            }
        }
        self.same_database()
    }

    /// The last of them again, as another process would open it.
    pub(crate) fn same_database(&self) -> Database {
        match self {
            Self::Memory => panic!("a database in memory is opened once"),
            Self::Directory { files, .. } => Database::sqlite_file(files.last().unwrap()).unwrap(),
            Self::Postgres { url, schemas } => {
                let mark = if url.contains('?') { '&' } else { '?' };
                let name = schemas.last().unwrap();
                Database::postgres(&format!("{url}{mark}options=-csearch_path%3D{name}")).unwrap()
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match self {
            Self::Memory => {}
            Self::Directory { path, .. } => std::fs::remove_dir_all(path).unwrap(),
            Self::Postgres { url, schemas } => {
                let server = Database::postgres(url).unwrap();
                for name in schemas {
                    run(&server, &format!("DROP SCHEMA {name} CASCADE"));
                }
            }
        }
    }
}

/// Runs one statement in a transaction of its own, behind the back of the store.
pub(crate) fn run(database: &Database, sql: &str) {
    database.write(|tx| tx.execute_batch(sql)).unwrap();
}

/// The only integer that a query answers.
pub(crate) fn integer(database: &Database, sql: &str) -> i64 {
    database.read::<_, sql::SqlError>(|tx| tx.query_one(sql, &[])?.int(0)).unwrap()
}

/// Rows of every table of access state, so that a test can say that nothing was written.
pub(crate) fn row_counts(database: &Database) -> Vec<i64> {
    let tables = [
        "account",
        "account_head",
        "custom_permission",
        "custom_role",
        "custom_role_permission",
        "retailer",
        "place_location",
        "sales_channel",
        "account_user",
        "user_grant",
        "user_password",
        "user_addresses",
        "identity_provider",
        "api_client",
        "ended_token",
        "user_token",
        "token_secret",
        "password_link",
        "change_log",
        "audit_entry",
        "audit_chain",
    ];
    tables.iter().map(|table| integer(database, &format!("SELECT count(*) FROM {table}"))).collect()
}

fn unique_name() -> String {
    format!("keyward_store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
