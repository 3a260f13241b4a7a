//! Reads the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file, named from the top of the repository with `/`.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A crate under `crates/`.
#[derive(Debug)]
pub(crate) struct Krate {
    /// The name of its folder, which the tables of the rules use.
    pub(crate) folder: String,
    pub(crate) manifest: String,
    /// The files under its `src/`.
    pub(crate) sources: Vec<Source>,
}

pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the repository").to_path_buf()
}

/// The crates under `crates/`, by folder name.
pub(crate) fn crates() -> Vec<Krate> {
    let mut crates: Vec<Krate> = entries(&top().join("crates"))
        .into_iter()
        .filter(|folder| folder.join("Cargo.toml").is_file())
        .map(|folder| Krate {
            folder: folder.file_name().expect("a folder has a name").to_string_lossy().into_owned(),
            manifest: fs::read_to_string(folder.join("Cargo.toml")).expect("Cargo.toml is text"),
            sources: sources_under(&folder.join("src")),
        })
        .collect();
    crates.sort_by(|a, b| a.folder.cmp(&b.folder));
    assert!(!crates.is_empty(), "no crate under crates/: these tests look in the wrong place");
    crates
}

/// All Rust files under `folder`.
pub(crate) fn sources_under(folder: &Path) -> Vec<Source> {
    let mut paths = vec![];
    walk(folder, &mut paths);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    paths.iter().map(|path| read(path)).collect()
}

/// The files that belong to the repository: those of git, or all but build output where there is no
/// git (an unpacked archive).
pub(crate) fn tracked() -> Vec<Source> {
    let top = top();
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&top).output();
    let mut paths = vec![];
    match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let names = String::from_utf8_lossy(&output.stdout).into_owned();
            paths.extend(names.split_terminator('\0').map(|name| top.join(name)));
        }
        _ => walk(&top, &mut paths),
    }
    // A file that is removed but not yet committed is still listed.
    paths.iter().filter(|path| path.is_file()).map(|path| read(path)).collect()
}

/// Every file under `folder` that is not build output.
fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in entries(folder) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if entry.is_symlink() || name == "target" || name == ".git" {
            continue;
        }
        if entry.is_dir() {
            walk(&entry, into);
        } else {
            into.push(entry);
        }
    }
}

/// What stands in `folder`, sorted; nothing when it is not there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> Source {
    let bytes = fs::read(path).expect("a file of the repository can be read");
    let name = path.strip_prefix(top()).unwrap_or(path).to_string_lossy().replace('\\', "/");
    Source { path: name, text: String::from_utf8_lossy(&bytes).into_owned() }
}

/// The lines of a Rust file that are neither comments nor a test module at its end, with their
/// numbers from 1.
pub(crate) fn production_lines(text: &str) -> Vec<(usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_test_module = |pair: &[&str]| matches!(pair, [cfg, module] if cfg.trim() == "#[cfg(test)]" && module.trim().starts_with("mod ") && module.contains('{'));
    let end = lines.windows(2).position(is_test_module).unwrap_or(lines.len());
    let code = lines.iter().take(end).enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.map(|(index, line)| (index + 1, *line)).collect()
}

#[test]
fn production_lines_leave_out_comments_and_the_test_module() {
    let text = "//! head\nuse a;\n    // why\nfn f() {}\n#[cfg(test)]\nmod tests {\n    use b;\n}\n";
    assert_eq!(production_lines(text), [(2, "use a;"), (4, "fn f() {}")]);
}

#[test]
fn the_repository_is_found() {
    assert!(tracked().iter().any(|file| file.path == "Cargo.toml"));
    assert!(crates().iter().any(|krate| krate.folder == "access"));
}
