//! The search for a way around delegation: random accounts, random gangs, random chains of allowed commands.
//!
//! It finds none, and finds one for each rule that is switched off.

mod chain;
mod reach;
mod rng;
mod setup;

use crate::delegation::{OFF, Off};
use chain::{Chain, Escalation, KINDS, Tally};

/// Cases of the normal run, and of the long one (`KEYWARD_LONG=1`).
const CASES: u64 = 500;
const CASES_LONG: u64 = 10_000;

fn cases() -> u64 {
    if std::env::var("KEYWARD_LONG").is_ok_and(|v| v == "1") { CASES_LONG } else { CASES }
}

fn search(seeds: impl IntoIterator<Item = u64>, off: Off) -> (Option<Escalation>, Tally) {
    OFF.set(off);
    let mut tally = Tally::default();
    let found = seeds.into_iter().find_map(|seed| Chain::new(seed).run(seed, &mut tally));
    OFF.set(Off::default());
    (found, tally)
}

#[test]
fn no_chain_of_allowed_commands_leads_to_a_permission_that_nobody_of_the_gang_held() {
    let (found, tally) = search(0..cases(), Off::default());
    assert!(found.is_none(), "{found:#?}");
    for ((kind, _), count) in KINDS.iter().zip(tally.allowed) {
        assert!(count > 5, "`{kind}` was allowed {count} times: the search does not try it");
    }
    eprintln!("allowed {:?}, refused {}", tally.allowed, tally.refused);
}

#[test]
fn probe() {
    let all: [(&str, Off); 11] = [
        ("escalation", Off { escalation: true, ..Off::default() }),
        ("validity", Off { validity: true, ..Off::default() }),
        ("every", Off { every: true, ..Off::default() }),
        ("change", Off { change: true, ..Off::default() }),
        ("managers", Off { managers: true, ..Off::default() }),
        ("contents", Off { contents: true, ..Off::default() }),
        ("standing", Off { standing: true, ..Off::default() }),
        ("taken", Off { taken: true, ..Off::default() }),
        ("own_role", Off { own_role: true, ..Off::default() }),
        ("oneself", Off { oneself: true, ..Off::default() }),
        ("ranks", Off { ranks: true, ..Off::default() }),
    ];
    for (name, off) in all {
        let mut found = vec![];
        let mut from = 0;
        while found.len() < 3 && from < 2000 {
            match search(from..2000, off).0 {
                Some(e) => {
                    from = e.seed + 1;
                    found.push((e.seed, e.gained, e.steps.len()));
                }
                None => break,
            }
        }
        eprintln!("{name}: {found:?}");
    }
}
