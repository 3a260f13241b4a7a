//! Databases that exist for one test only.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sql::{Database, SqlError};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The server to test on, or `None` after saying why there is none.
pub(crate) fn postgres_url() -> Option<String> {
    let url = std::env::var("KEYWARD_TEST_POSTGRES").ok();
    if url.is_none() {
        println!("skipped: KEYWARD_TEST_POSTGRES is not set");
    }
    url
}

/// A directory or a PostgreSQL database, removed when dropped.
pub(crate) enum Scratch {
    Directory(PathBuf),
    Postgres { server: String, name: String, url: String },
}

impl Scratch {
    pub(crate) fn directory() -> Self {
        let path = std::env::temp_dir().join(unique_name());
        std::fs::create_dir(&path).unwrap();
        Self::Directory(path)
    }

    pub(crate) fn postgres(server: &str) -> Self {
        let name = unique_name();
        client(server).batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        Self::Postgres { server: server.to_owned(), name, url }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        match self {
            Self::Directory(path) => path.join(name),
            Self::Postgres { .. } => panic!("no files here"),
        }
    }

    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Postgres { url, .. } => url,
            Self::Directory(_) => panic!("no URL here"),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        match self {
            Self::Directory(path) => std::fs::remove_dir_all(path).unwrap(),
            Self::Postgres { server, name, .. } => {
                client(server).batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
            }
        }
    }
}

/// A connection beside the crate under test.
pub(crate) fn client(url: &str) -> postgres::Client {
    postgres::Client::connect(url, postgres::NoTls).unwrap()
}

/// Runs one statement in a transaction of its own.
pub(crate) fn execute(database: &Database, sql: &str) {
    database.write(|tx| tx.execute_batch(sql)).unwrap();
}

/// The only integer that a query answers.
pub(crate) fn integer(database: &Database, sql: &str) -> i64 {
    database.read::<_, SqlError>(|tx| tx.query_one(sql, &[])?.int(0)).unwrap()
}

fn unique_name() -> String {
    format!("keyward_sql_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
