//! How long a file may be, and what it starts with.

use crate::assert_none;
use crate::repo::{Source, crates, sources_under, top};

/// Longest source file, in lines.
const LINES_MAX: usize = 500;

fn all_sources() -> Vec<Source> {
    let ours = sources_under(&top().join("xtask/src"));
    crates().into_iter().flat_map(|krate| krate.sources).chain(ours).collect()
}

fn too_long(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > LINES_MAX)
        .then(|| format!("{} has {lines} lines, {LINES_MAX} at most: split it by subject", source.path))
}

/// The root of a crate must say what the crate is for.
fn without_header(source: &Source) -> Option<String> {
    let is_root = source.path.ends_with("src/lib.rs") || source.path.ends_with("src/main.rs");
    (is_root && !source.text.starts_with("//!"))
        .then(|| format!("{} does not start with a `//!` header: what is it for, what holds?", source.path))
}

#[test]
fn no_source_file_is_too_long() {
    assert_none(&all_sources().iter().filter_map(too_long).collect::<Vec<_>>());
}

#[test]
fn every_crate_starts_with_a_header() {
    assert_none(&all_sources().iter().filter_map(without_header).collect::<Vec<_>>());
}

#[cfg(test)]
mod made_up {
    use super::*;

    fn source(path: &str, text: String) -> Source {
        Source { path: path.to_owned(), text }
    }

    #[test]
    fn the_longest_file_is_fine_and_one_line_more_is_not() {
        assert_eq!(too_long(&source("a.rs", "x\n".repeat(LINES_MAX))), None);
        assert!(too_long(&source("a.rs", "x\n".repeat(LINES_MAX + 1))).is_some());
    }

    #[test]
    fn only_the_root_of_a_crate_needs_a_header() {
        assert!(without_header(&source("crates/a/src/lib.rs", "mod b;".to_owned())).is_some());
        assert!(without_header(&source("crates/a/src/main.rs", String::new())).is_some());
        assert_eq!(without_header(&source("crates/a/src/lib.rs", "//! The a of b.".to_owned())), None);
        assert_eq!(without_header(&source("crates/a/src/b.rs", "mod c;".to_owned())), None);
    }
}
