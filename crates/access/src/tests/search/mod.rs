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

/// The search finds a way around a rule that is switched off, within some cases.
macro_rules! planted {
    ($($test:ident: $rule:ident within $cases:literal;)+) => {$(
        #[test]
        fn $test() {
            let (found, _) = search(0..$cases, Off { $rule: true, ..Off::default() });
            let found = found.expect("the search finds nothing although the rule is off");
            eprintln!("{} in case {} after {} steps", found.gained, found.seed, found.steps.len());
        }
    )+};
}

planted! {
    without_rule_1_permissions_are_handed_out_that_nobody_held: escalation within 200;
    without_rule_1_validity_what_ends_is_handed_on_without_end: validity within 200;
    without_rule_1_every_permission_to_come_is_handed_out: every within 500;
    without_rule_1_on_changes_a_grant_is_widened: change within 200;
    without_rule_3_two_halves_make_an_administrator: managers within 1000;
    without_rule_4_a_role_is_filled_with_what_nobody_held: contents within 200;
    without_rule_5_a_disabled_member_is_let_in_again: standing within 200;
}

/// Ranks, one's own grants, one's own role and taken permissions keep order: what they forbid leads to no
/// permission that was not held, since rule 1 and the rest of rule 4 stand beside them.
#[test]
fn without_the_rules_that_keep_order_alone_nothing_is_gained() {
    let off = Off { ranks: true, oneself: true, own_role: true, taken: true, ..Off::default() };
    let (found, _) = search(10_000..10_100, off);
    assert!(found.is_none(), "{found:#?}");
}
