//! The files of `contracts/`, read once more and in the plainest way.
//!
//! `access` reads them too, into bit sets; a test holds both readings together.

use access::Application;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A row of `entities.csv`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Entity {
    /// Its name: `order`.
    pub name: &'static str,
    /// Whether a thing of it has a retailer, or a place where one could be.
    pub carries_retailer: bool,
    /// Whether it has a location.
    pub carries_location: bool,
    /// Whether it has a sales channel.
    pub carries_channel: bool,
    /// Whether it is reference data.
    pub is_reference_data: bool,
    /// Whether it is judged by the users rule instead of a place.
    pub is_user: bool,
}

impl std::fmt::Debug for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A row of `modules.csv`.
#[derive(Clone, Debug)]
pub struct Module {
    /// Its name: `orders`.
    pub name: &'static str,
    /// The application it is an area of.
    pub application: Application,
    /// What reading it takes.
    pub read: BTreeSet<&'static str>,
    /// What writing it takes on top.
    pub write: BTreeSet<&'static str>,
}

/// A row of `roles.csv`, its modules resolved.
#[derive(Clone, Debug)]
pub struct BuiltInRole {
    /// Its key.
    pub key: &'static str,
    /// The application it is bound to; none: it counts everywhere.
    pub application: Option<Application>,
    /// Whether it holds every permission.
    pub every: bool,
    /// The permissions of the contract that it holds.
    pub permissions: BTreeSet<&'static str>,
}

/// Everything that is the same in every account.
#[derive(Debug)]
pub struct Contract {
    /// In the order of the file.
    pub permissions: Vec<&'static str>,
    /// In the order of the file.
    pub entities: Vec<Entity>,
    /// In the order of the file.
    pub modules: Vec<Module>,
    /// In the order of the file: the first has the number 1.
    pub roles: Vec<BuiltInRole>,
}

/// The contract that this program was built with.
pub static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let permissions: Vec<_> = include_str!("../../../contracts/permissions.txt").lines().collect();
    let modules: Vec<_> = rows(include_str!("../../../contracts/modules.csv")).iter().map(module).collect();
    let roles = rows(include_str!("../../../contracts/roles.csv"));
    Contract {
        entities: rows(include_str!("../../../contracts/entities.csv")).iter().map(entity).collect(),
        roles: roles.iter().map(|row| role(row, &permissions, &modules)).collect(),
        permissions,
        modules,
    }
});

impl Contract {
    /// The entity of that name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn entity(&self, name: &str) -> &Entity {
        self.entities.iter().find(|e| e.name == name).expect("an entity of entities.csv")
    }
}

type Row = BTreeMap<&'static str, &'static str>;

/// The rows of a file by the names of their columns. The files live as long as the program, and so may
/// what was read from them.
fn rows(text: &'static str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let leak = |s: &str| -> &'static str { Box::leak(s.to_owned().into_boxed_str()) };
    let header: Vec<_> = reader.headers().expect("a header").iter().map(leak).collect();
    let record = |r: csv::Result<csv::StringRecord>| r.expect("a row").iter().map(leak).collect::<Vec<_>>();
    reader.records().map(record).map(|cells| header.iter().copied().zip(cells).collect()).collect()
}

fn entity(row: &Row) -> Entity {
    let is_user = row["retailer"].contains("users rule");
    let carries = |column: &str| {
        let said = row[column];
        !is_user && (matches!(said, "own" | "itself" | "may be empty") || said.starts_with("of the "))
    };
    Entity {
        name: row["entity"],
        carries_retailer: carries("retailer"),
        carries_location: carries("location"),
        carries_channel: carries("channel"),
        is_reference_data: row["reference_data"] == "yes",
        is_user,
    }
}

fn module(row: &Row) -> Module {
    Module {
        name: row["module"],
        application: Application::parse(row["application"]).expect("an application"),
        read: row["read_permissions"].split_whitespace().collect(),
        write: row["write_permissions"].split_whitespace().collect(),
    }
}

/// A role holds what opens its applications, what its row adds, and the lists of its modules: the read
/// list for read, both for write.
fn role(row: &Row, all: &[&'static str], modules: &[Module]) -> BuiltInRole {
    let every = row["also"] == "*";
    let mut permissions: BTreeSet<_> = row["opens"].split_whitespace().collect();
    if every {
        permissions.extend(all);
    } else {
        permissions.extend(row["also"].split_whitespace());
    }
    for module in modules {
        if matches!(row[module.name], "read" | "write") {
            permissions.extend(&module.read);
        }
        if row[module.name] == "write" {
            permissions.extend(&module.write);
        }
    }
    let application = match row["application"] {
        "" => None,
        name => Some(Application::parse(name).expect("an application")),
    };
    BuiltInRole { key: row["key"], application, every, permissions }
}
