//! Which crate may depend on which, and which alone may name a driver or the web.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::assert_none;
use crate::repo::{Krate, crates, production_lines, top};

/// A crate (its folder under `crates/`), the crates of ours it may depend on, and why.
type Arrow = (&'static str, &'static [&'static str], &'static str);

/// The arrows of ARCHITECTURE.md. Only normal dependencies count; tests may use what they like.
const ARROWS: &[Arrow] = &[
    ("access", &[], "the decision is pure: it stands on nothing"),
    ("sql", &[], "the driver seam knows nothing of what is stored"),
    ("oidc", &[], "a protocol: text in, a verified identity out"),
    ("import", &[], "reads files into rows; what they mean is the service's"),
    ("store", &["access", "sql"], "keeps access state, so it knows its words and the seam"),
    ("authn", &["access", "store"], "makes a Principal around a Subject from stored credentials"),
    ("commerce", &["access", "store", "sql"], "its rows are guarded by a Filter or an Authorized"),
    (
        "service",
        &["access", "sql", "store", "authn", "oidc", "commerce", "import"],
        "the order of a request: the one place where all meet",
    ),
    ("rest", &["service", "access", "authn", "commerce"], "a surface: never a store or a connection"),
    ("pages", &["service", "access", "authn"], "a surface: never a store or a connection"),
    ("server", &["rest", "pages", "service", "authn", "access"], "puts the surfaces together"),
    ("cli", &["server", "service", "access", "import"], "a caller of the service like any surface"),
    (
        "testkit",
        &["access", "sql", "store", "authn", "commerce", "service"],
        "builds worlds for tests; nothing that ships depends on it",
    ),
    (
        "fuzz",
        &["access", "store", "authn", "oidc", "pages"],
        "feeds the parsers of foreign text; nothing that ships depends on it",
    ),
];

/// A package of others, the only crates that may name it in any section, and why.
const PACKAGES_ONLY_IN: &[Arrow] = &[
    ("rusqlite", &["sql"], "drivers stay behind the seam"),
    ("postgres", &["sql"], "drivers stay behind the seam"),
    ("tokio-postgres", &["sql"], "drivers stay behind the seam"),
    ("axum", &["rest", "pages", "server"], "only surfaces know HTTP"),
    ("askama", &["pages"], "only the pages are HTML"),
];

/// What a crate without I/O and clock must not name.
const PURE: &[&str] = &["access"];
const IMPURE_NAMES: &[&str] = &["std::fs", "std::net", "std::time::SystemTime", "SystemTime::now", "tokio"];

/// The packages named in a manifest: in its normal sections, and in any section.
struct Named {
    normal: Vec<String>,
    any: Vec<String>,
}

/// Package names by the key used for them in `[workspace.dependencies]`.
type WorkspaceNames = BTreeMap<String, String>;

fn workspace_names(root_manifest: &Table) -> WorkspaceNames {
    let dependencies =
        root_manifest.get("workspace").and_then(|w| w.get("dependencies")).and_then(Value::as_table);
    let renamed = |value: &Value| value.get("package").and_then(Value::as_str).map(str::to_owned);
    dependencies
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), renamed(value).unwrap_or_else(|| key.clone())))
        .collect()
}

/// Reads all sections of dependencies, those of `[target.*]` as well.
fn named(manifest: &Table, workspace: &WorkspaceNames) -> Named {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables: Vec<&Table> = std::iter::once(manifest).chain(targets.filter_map(Value::as_table)).collect();
    let section = |name: &str| -> Vec<String> {
        let sections = tables.iter().filter_map(|table| table.get(name).and_then(Value::as_table));
        sections.flatten().map(|(key, value)| package(key, value, workspace)).collect()
    };
    let normal = section("dependencies");
    let any = [normal.clone(), section("dev-dependencies"), section("build-dependencies")].concat();
    Named { normal, any }
}

/// The real name of a package that may be renamed, here or in the workspace.
fn package(key: &str, value: &Value, workspace: &WorkspaceNames) -> String {
    let here = value.get("package").and_then(Value::as_str);
    let there = value.get("workspace").and_then(|_| workspace.get(key)).map(String::as_str);
    here.or(there).unwrap_or(key).to_owned()
}

fn complaints(crates: &[Krate], root_manifest: &str, arrows: &[Arrow]) -> Vec<String> {
    let workspace = workspace_names(&parse("Cargo.toml", root_manifest));
    let manifests: Vec<(&str, Table)> =
        crates.iter().map(|krate| (krate.folder.as_str(), parse(&krate.folder, &krate.manifest))).collect();
    let folder_of: BTreeMap<&str, &str> = manifests
        .iter()
        .filter_map(|(folder, table)| Some((table.get("package")?.get("name")?.as_str()?, *folder)))
        .collect();
    let mut found = vec![];
    for (folder, table) in &manifests {
        let named = named(table, &workspace);
        let ours = named.normal.iter().filter_map(|package| folder_of.get(package.as_str()).copied());
        found.extend(forbidden_arrows(folder, ours, arrows));
        found.extend(forbidden_packages(folder, &named.any));
    }
    found
}

fn forbidden_arrows<'a>(folder: &str, ours: impl Iterator<Item = &'a str>, arrows: &[Arrow]) -> Vec<String> {
    let Some((_, allowed, why)) = arrows.iter().find(|(name, ..)| *name == folder) else {
        return vec![format!(
            "crates/{folder} is missing from the table ARROWS: say what it may depend on, and why"
        )];
    };
    let complain =
        |to: &str| format!("crates/{folder} depends on crates/{to}, which ARROWS forbids ({folder}: {why})");
    ours.filter(|to| !allowed.contains(to)).map(complain).collect()
}

fn forbidden_packages(folder: &str, any: &[String]) -> Vec<String> {
    let forbidden = |(package, allowed, _): &&Arrow| {
        !allowed.contains(&folder) && any.iter().any(|named| named == package)
    };
    let complain = |(package, allowed, why): &Arrow| {
        format!("crates/{folder} names the package `{package}`, which only {allowed:?} may ({why})")
    };
    PACKAGES_ONLY_IN.iter().filter(forbidden).map(complain).collect()
}

/// Names in the production code of a pure crate that stand for I/O or a clock.
fn impurities(krate: &Krate) -> Vec<String> {
    let mut found = vec![];
    for source in &krate.sources {
        let code: String =
            production_lines(&source.text).iter().map(|(_, line)| format!("{line}\n")).collect();
        let text = format!("{code}{}", grouped_std_imports(&code));
        for name in IMPURE_NAMES.iter().filter(|name| text.contains(**name)) {
            found.push(format!(
                "{} names `{name}`: crates/{} has no I/O and no clock",
                source.path, krate.folder
            ));
        }
    }
    found
}

/// `use std::{fmt, fs::File};` written out as `std::fmt std::fs::File`.
fn grouped_std_imports(code: &str) -> String {
    let groups = code.split("std::{").skip(1).map(|rest| rest.split(';').next().unwrap_or(rest));
    groups
        .flat_map(|group| group.split([',', '{', '}']))
        .map(|name| format!(" std::{}", name.trim()))
        .collect()
}

fn parse(name: &str, manifest: &str) -> Table {
    manifest.parse().map_err(|error| format!("{name}: {error}")).expect("a manifest is TOML")
}

#[test]
fn crates_depend_only_where_the_arrows_point() {
    let root = std::fs::read_to_string(top().join("Cargo.toml")).expect("the root manifest");
    assert_none(&complaints(&crates(), &root, ARROWS));
}

#[test]
fn pure_crates_have_no_io_and_no_clock() {
    let all = crates();
    for name in PURE {
        let krate = all.iter().find(|krate| krate.folder == *name).expect("a pure crate is there");
        assert_none(&impurities(krate));
    }
}

#[test]
fn the_arrows_have_no_cycle() {
    // Each round takes away the crates that stand only on crates already taken away.
    let mut left: Vec<&Arrow> = ARROWS.iter().collect();
    while !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|(name, ..)| *name).collect();
        left.retain(|(_, allowed, _)| allowed.iter().any(|to| names.contains(to)));
        assert!(left.len() < names.len(), "a cycle among {names:?}");
    }
}

#[cfg(test)]
mod made_up {
    use super::*;
    use crate::repo::Source;

    fn krate(folder: &str, package: &str, rest: &str) -> Krate {
        let manifest = format!("[package]\nname = \"{package}\"\n{rest}");
        Krate { folder: folder.to_owned(), manifest, sources: vec![] }
    }

    fn of(crates: &[Krate]) -> Vec<String> {
        let root = "[workspace.dependencies]\nsql = { path = \"crates/sql\" }\nlite = { package = \"rusqlite\", version = \"1\" }";
        complaints(crates, root, ARROWS)
    }

    #[test]
    fn a_forbidden_arrow_names_both_ends() {
        let found =
            of(&[krate("sql", "sql", ""), krate("rest", "rest", "[dependencies]\nsql.workspace = true")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("crates/rest depends on crates/sql"), "{found:?}");
    }

    #[test]
    fn an_arrow_is_seen_under_another_name_and_for_one_target() {
        let renamed = "[dependencies]\nother = { package = \"sql\", path = \"../sql\" }";
        let target = "[target.'cfg(unix)'.dependencies]\nsql = { path = \"../sql\" }";
        for rest in [renamed, target] {
            assert_eq!(of(&[krate("sql", "sql", ""), krate("access", "access", rest)]).len(), 1, "{rest}");
        }
    }

    #[test]
    fn an_allowed_arrow_and_one_for_tests_only_are_fine() {
        let store = krate("store", "store", "[dependencies]\nsql.workspace = true");
        let rest = krate("rest", "rest", "[dev-dependencies]\nsql.workspace = true");
        assert_eq!(of(&[krate("sql", "sql", ""), store, rest]), Vec::<String>::new());
    }

    #[test]
    fn the_folder_counts_where_the_package_is_called_otherwise() {
        let found = of(&[
            krate("cli", "keyward", ""),
            krate("rest", "rest", "[dependencies]\nkeyward = { path = \"../cli\" }"),
        ]);
        assert!(found[0].contains("crates/rest depends on crates/cli"), "{found:?}");
    }

    #[test]
    fn a_crate_without_a_row_is_named() {
        let found = of(&[krate("fresh", "fresh", "")]);
        assert!(found[0].contains("crates/fresh is missing from the table"), "{found:?}");
    }

    #[test]
    fn a_driver_outside_the_seam_is_seen_in_every_section() {
        for rest in ["[dependencies]\nrusqlite = \"1\"", "[dev-dependencies]\nlite.workspace = true"] {
            let found = of(&[krate("store", "store", rest)]);
            assert!(found[0].contains("crates/store names the package `rusqlite`"), "{found:?}");
        }
        assert_eq!(of(&[krate("sql", "sql", "[dependencies]\nrusqlite = \"1\"")]), Vec::<String>::new());
    }

    #[test]
    fn io_in_a_pure_crate_is_seen_however_it_is_imported() {
        for text in [
            "use std::fs;",
            "use std::{fmt, fs::File};",
            "use std::{\n    net::TcpStream,\n};",
            "tokio::spawn(x)",
        ] {
            let source = Source { path: "a.rs".to_owned(), text: text.to_owned() };
            let krate = Krate { folder: "access".to_owned(), manifest: String::new(), sources: vec![source] };
            assert_eq!(impurities(&krate).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_word_in_a_comment_is_no_io() {
        let source = Source { path: "a.rs".to_owned(), text: "// unlike tokio\nuse std::fmt;".to_owned() };
        let krate = Krate { folder: "access".to_owned(), manifest: String::new(), sources: vec![source] };
        assert_eq!(impurities(&krate), Vec::<String>::new());
    }
}
