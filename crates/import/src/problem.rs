//! What is wrong with the files: every problem once, sorted, bounded.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::limits::{PROBLEMS_MAX, SHOWN_CHARS_MAX};

/// One thing that is wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// The file, as the mapping names it.
    pub file: String,
    /// The physical line where the row begins, the first being 1; 0 for the file as a whole.
    pub line: u64,
    /// The header of the column, or several with commas between; empty for the row as a whole.
    pub column: String,
    /// The value that does not fit, cut at [`SHOWN_CHARS_MAX`]; empty where there is none.
    pub value: String,
    /// What is wrong and what would be right, as a part of a sentence.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, ": {}", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, ": `{}`", self.value)?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Everything that is wrong with the files of an import. There is at least one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    list: Vec<Problem>,
    more: u64,
}

impl Problems {
    /// The problems, sorted by file, line and column: all of them, or the [`PROBLEMS_MAX`] found first.
    #[must_use]
    pub fn list(&self) -> &[Problem] {
        &self.list
    }

    /// How many more there are than [`Self::list`] holds.
    #[must_use]
    pub fn more(&self) -> u64 {
        self.more
    }

    /// How many problems there are in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.more.saturating_add(u64::try_from(self.list.len()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.list.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more problems, not listed: mend these first", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A problem was reported, so there is no value; what depends on it stays silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reported;

/// Collects problems. One cell may be read for several kinds of rows: its problem is kept once.
#[derive(Debug, Default)]
pub(crate) struct Report {
    list: BTreeSet<Problem>,
    /// Hashes of all that was reported, so that the rest is counted without being kept.
    seen: HashSet<u64>,
    more: u64,
}

impl Report {
    /// Keeps a problem, unless it is known already.
    pub(crate) fn add(
        &mut self,
        file: &str,
        line: u64,
        column: &str,
        value: &str,
        reason: impl Into<String>,
    ) -> Reported {
        let problem = Problem {
            file: file.to_owned(),
            line,
            column: column.to_owned(),
            value: shown(value),
            reason: reason.into(),
        };
        let mut hasher = DefaultHasher::new();
        problem.hash(&mut hasher);
        if self.seen.insert(hasher.finish()) {
            if self.list.len() < PROBLEMS_MAX {
                self.list.insert(problem);
            } else {
                self.more += 1;
            }
        }
        Reported
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// `plan`, if nothing was reported.
    pub(crate) fn verdict<T>(self, plan: T) -> Result<T, Problems> {
        if self.list.is_empty() { Ok(plan) } else { Err(self.into_problems()) }
    }

    pub(crate) fn into_problems(self) -> Problems {
        Problems { list: self.list.into_iter().collect(), more: self.more }
    }
}

/// A value cut to what a message can carry, without control characters.
fn shown(value: &str) -> String {
    let mut text: String = value
        .chars()
        .take(SHOWN_CHARS_MAX)
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if value.chars().nth(SHOWN_CHARS_MAX).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_one_line() {
        let mut report = Report::default();
        report.add("b.csv", 0, "", "", "is not there");
        report.add("a.csv", 12, "Price", "1\u{7}2", "is not a number");
        report.add("a.csv", 2, "", "", "has 3 fields");
        report.add("a.csv", 12, "Price", "1\u{7}2", "is not a number");
        let problems = report.verdict(()).unwrap_err();
        assert_eq!(
            problems.to_string(),
            "a.csv:2: has 3 fields\na.csv:12: Price: `1\u{fffd}2`: is not a number\nb.csv: is not there"
        );
        assert_eq!((problems.total(), problems.more()), (3, 0));
    }

    #[test]
    fn past_the_bound_problems_are_counted_once_each() {
        let mut report = Report::default();
        let all = u64::try_from(PROBLEMS_MAX).unwrap() + 7;
        for _ in 0..2 {
            for line in 1..=all {
                report.add("a.csv", line, "", "", "bad");
            }
        }
        let problems = report.verdict(()).unwrap_err();
        assert_eq!((problems.list().len(), problems.more(), problems.total()), (PROBLEMS_MAX, 7, all));
        assert!(problems.to_string().ends_with("\nand 7 more problems, not listed: mend these first"));
    }

    #[test]
    fn a_long_value_is_cut() {
        let mut report = Report::default();
        report.add("a.csv", 1, "A", &"é".repeat(SHOWN_CHARS_MAX + 1), "is long");
        let problems = report.verdict(()).unwrap_err();
        assert_eq!(problems.list()[0].value, format!("{}…", "é".repeat(SHOWN_CHARS_MAX)));
    }
}
