//! The short run: every target, a fixed number of inputs, a fixed seed.

use fuzz::{Finding, Tally, all, fuzz, replayed, target_folder};
use std::path::Path;
use std::sync::Mutex;

/// Inputs of a target, divided by its cost.
const INPUTS: u64 = 20_000;
/// Decides the inputs where [`SEED`] does not.
const SEED_DEFAULT: u64 = 20_311;
/// The variable that names another seed.
const SEED: &str = "KEYWARD_FUZZ_SEED";

fn seed() -> u64 {
    match std::env::var(SEED) {
        Ok(text) => {
            let number = text.parse();
            assert!(number.is_ok(), "{SEED} is `{text}`: expected a number");
            number.unwrap_or(SEED_DEFAULT)
        }
        Err(_) => SEED_DEFAULT,
    }
}

/// Writes the findings down and says where.
fn told(findings: &[Finding]) -> String {
    let folder = target_folder();
    let line = |finding: &Finding| {
        let path = finding.write(&folder).unwrap_or_else(|error| format!("not written: {error}").into());
        format!("{finding}\n    {}", path.display())
    };
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_input_breaks_a_promise() {
    let seed = seed();
    let waiting: Mutex<Vec<_>> = Mutex::new(all().collect());
    let next = || waiting.lock().unwrap().pop();
    let done: Mutex<Vec<(&str, Tally)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(target) = next() {
                    let tally = fuzz(target, seed, |inputs| inputs >= INPUTS / target.cost);
                    done.lock().unwrap().push((target.name, tally));
                }
            });
        }
    });
    let done = done.into_inner().unwrap();
    assert_eq!(done.len(), all().count());
    let findings: Vec<Finding> = done.iter().flat_map(|(_, tally)| tally.findings.clone()).collect();
    assert!(findings.is_empty(), "seed {seed}:\n{}", told(&findings));
    for (name, tally) in &done {
        println!("{name}: {} inputs, {} accepted, {} features", tally.inputs, tally.accepted, tally.features);
        // A target whose inputs all end at the first rule tests nothing.
        let both = tally.accepted > 0 && tally.accepted < tally.inputs;
        assert!(both, "{name}: of {} inputs {} were accepted", tally.inputs, tally.accepted);
        assert!(tally.features >= 4, "{name}: {} features", tally.features);
    }
}

#[test]
fn what_was_found_once_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let runs = all().map(|target| replayed(target, &folder).expect("the inputs can be read"));
    let findings: Vec<Finding> = runs.flat_map(|(_, findings)| findings).collect();
    assert!(findings.is_empty(), "{}", told(&findings));
    for entry in std::fs::read_dir(&folder).into_iter().flatten() {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(!entry.path().is_dir() || fuzz::by_name(&name).is_ok(), "regressions/{name} is of no target");
    }
}
