//! The driver itself: it finds what is planted, the same in every run, and makes it short.

use fuzz::{FINDINGS_MAX, Finding, Reached, Tally, Target, all, attempt, by_name, fuzz, replayed};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Breaks its promise for two bytes in a row that no seed has, behind a rule of their own.
fn planted(input: &[u8]) -> Reached {
    if !input.starts_with(b"kw_") {
        return Reached::refused(input.len().min(2));
    }
    assert!(!input.windows(2).any(|pair| pair == b"]]"), "two brackets");
    Reached::accepted(input.contains(&b']'))
}

const PLANTED: Target = Target {
    name: "planted",
    check: planted,
    seeds: &["kw", "a longer text without any"],
    words: &["kw_"],
    len_max: 60,
    cost: 1,
};

fn run(seed: u64) -> Tally {
    fuzz(&PLANTED, seed, |inputs| inputs >= 50_000)
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn what_is_planted_is_found_and_made_short() {
    for seed in 1..4 {
        let findings = run(seed).findings;
        assert_eq!(findings.len(), 1, "seed {seed}: {findings:?}");
        assert_eq!(findings[0].input, b"kw_]]", "seed {seed}");
        assert!(findings[0].broken.message.contains("two brackets"), "{}", findings[0].broken);
        assert!(findings[0].broken.place.contains("driver.rs"), "{}", findings[0].broken);
    }
}

#[test]
fn a_seed_decides_the_run() {
    let shape = |tally: Tally| (tally.inputs, tally.accepted, tally.features);
    assert_eq!(shape(run(7)), shape(run(7)));
    assert_ne!(shape(run(7)), shape(run(8)));
}

#[test]
fn inputs_reach_the_bound_and_none_goes_beyond() {
    fn bounded(input: &[u8]) -> Reached {
        assert!(input.len() <= PLANTED.len_max, "{} bytes", input.len());
        Reached::accepted(input.len())
    }
    let tally = fuzz(&Target { check: bounded, ..PLANTED }, 1, |inputs| inputs >= 50_000);
    assert_eq!(tally.findings.len(), 0, "{:?}", tally.findings);
    assert!(tally.features > PLANTED.len_max, "only {} lengths", tally.features);
}

#[test]
fn findings_are_written_and_replayed() {
    let folder = folder("replayed");
    let broken = attempt(&PLANTED, b"kw_]]").expect_err("it is planted");
    let finding = Finding { target: PLANTED.name, input: b"kw_]]".to_vec(), broken };
    let path = finding.write(&folder).expect("written");
    assert_eq!(std::fs::read(&path).expect("the input"), b"kw_]]");
    assert!(
        std::fs::read_to_string(path.with_extension("message"))
            .expect("the message")
            .contains("two brackets")
    );
    let (count, again) = replayed(&PLANTED, &folder).expect("read");
    assert_eq!((count, again.len()), (1, 1));
    assert_eq!(replayed(&PLANTED, &folder.join("none")).expect("none").0, 0);
}

#[test]
fn a_run_ends_when_it_found_enough() {
    fn everywhere(input: &[u8]) -> Reached {
        // Each of these is a place of its own.
        match input.len() % 9 {
            0 => assert!(input.is_empty(), "0"),
            1 => assert!(input.is_empty(), "1"),
            2 => assert!(input.is_empty(), "2"),
            3 => assert!(input.is_empty(), "3"),
            4 => assert!(input.is_empty(), "4"),
            5 => assert!(input.is_empty(), "5"),
            6 => assert!(input.is_empty(), "6"),
            7 => assert!(input.is_empty(), "7"),
            _ => assert!(input.is_empty(), "8"),
        }
        Reached::refused(())
    }
    let tally = fuzz(&Target { check: everywhere, ..PLANTED }, 1, |_| false);
    assert_eq!(tally.findings.len(), FINDINGS_MAX);
}

#[test]
fn targets_have_names_of_their_own_and_seeds_within_their_bounds() {
    let names: BTreeSet<&str> = all().map(|target| target.name).collect();
    assert_eq!(names.len(), all().count());
    for target in all() {
        assert!(by_name(target.name).is_ok_and(|found| found.name == target.name));
        assert!(target.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{target:?}");
        assert!(target.seeds.iter().all(|seed| seed.len() <= target.len_max), "{target:?}");
        assert!(target.cost > 0 && target.seeds.len() >= 3, "{target:?}");
    }
    assert!(by_name("no-such").is_err_and(|error| error.contains("basic-header")));
}
