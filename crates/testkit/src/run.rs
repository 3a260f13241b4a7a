//! How many worlds a property test looks at, and the loop over them.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

/// Worlds a property test looks at in an ordinary run.
const CASES: u32 = 500;
/// And in a long one.
const CASES_LONG: u32 = 10_000;

/// Worlds a property test looks at: 500, or 10,000 when `KEYWARD_LONG` is `1`.
#[must_use]
pub fn cases() -> u32 {
    if std::env::var("KEYWARD_LONG").is_ok_and(|v| v == "1") { CASES_LONG } else { CASES }
}

/// Runs a property on [`cases`] values of the strategy.
///
/// # Panics
/// With the smallest value found that breaks it.
pub fn check<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    match TestRunner::new(config).run(strategy, property) {
        Ok(()) => {}
        // On one line: pretty-printed, a small world fills a hundred screens.
        Err(TestError::Fail(why, broken)) => panic!("{why}\nbroken by {broken:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
