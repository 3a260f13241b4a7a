//! Words that stand nowhere, and words that stand in few crates only.

use crate::assert_none;
use crate::repo::{Krate, Source, crates, production_lines, tracked};

/// Marks of unfinished work. Written in two parts, so that this file does not hold them.
const FORBIDDEN: &[&str] =
    &[concat!("to", "do!("), concat!("unimple", "mented!("), concat!("FIX", "ME"), concat!("XX", "X")];

/// Text of production code, the crates (folders under `crates/`) that alone may hold it, and why.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("Principal::new(", &["authn"], "only authn may say who is calling"),
    ("SystemTime::now", &["store"], "time is a parameter: `store` has the one Clock"),
];

fn forbidden_words(source: &Source) -> Vec<String> {
    let mut found = vec![];
    for (index, line) in source.text.lines().enumerate() {
        for word in FORBIDDEN.iter().filter(|word| holds_word(line, word)) {
            found.push(format!(
                "{}:{}: `{word}`: finish it, or say in plain words what is missing",
                source.path,
                index + 1
            ));
        }
    }
    found
}

/// Whether `word` stands in `line` with no letter or digit right before or after it.
fn holds_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let (before, rest) = line.split_at(start);
        let after = rest.strip_prefix(word).unwrap_or_default();
        let opens = word.ends_with('(');
        !before.ends_with(char::is_alphanumeric) && (opens || !after.starts_with(char::is_alphanumeric))
    })
}

fn out_of_place(krate: &Krate) -> Vec<String> {
    let foreign = ONLY_IN.iter().filter(|(_, allowed, _)| !allowed.contains(&krate.folder.as_str()));
    let mut found = vec![];
    for (text, allowed, why) in foreign {
        for source in &krate.sources {
            let lines = production_lines(&source.text).into_iter().filter(|(_, line)| line.contains(text));
            found.extend(lines.map(|(number, _)| {
                format!("{}:{number}: `{text}` may stand only in {allowed:?}: {why}", source.path)
            }));
        }
    }
    found
}

#[test]
fn nothing_is_marked_unfinished() {
    assert_none(&tracked().iter().flat_map(forbidden_words).collect::<Vec<_>>());
}

#[test]
fn some_words_stand_only_where_they_belong() {
    assert_none(&crates().iter().flat_map(out_of_place).collect::<Vec<_>>());
}

#[cfg(test)]
mod made_up {
    use super::*;

    fn source(text: &str) -> Source {
        Source { path: "a.rs".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn every_forbidden_word_is_found_with_its_line() {
        for word in FORBIDDEN {
            let found = forbidden_words(&source(&format!("fn f() {{\n    {word} later)\n}}")));
            assert_eq!(found.len(), 1, "{word}");
            assert!(found[0].starts_with("a.rs:2:"), "{found:?}");
        }
    }

    #[test]
    fn a_pattern_of_mktemp_is_no_mark() {
        assert_eq!(forbidden_words(&source(concat!("mktemp -d /tmp/a.XX", "XXXX"))), Vec::<String>::new());
    }

    #[test]
    fn a_word_out_of_place_is_found_but_not_in_tests_and_comments() {
        let text = "// Principal::new( is authn's\nlet p = Principal::new(x);\n#[cfg(test)]\nmod tests {\n Principal::new(y)\n}";
        let of = |folder: &str| {
            out_of_place(&Krate {
                folder: folder.to_owned(),
                manifest: String::new(),
                sources: vec![source(text)],
            })
        };
        assert_eq!(of("authn"), Vec::<String>::new());
        assert_eq!(of("rest").len(), 1, "{:?}", of("rest"));
        assert!(of("rest")[0].starts_with("a.rs:2:"), "{:?}", of("rest"));
    }
}
