//! The time zones that are known: those of IANA's database, as it is built into this program.

use crate::error::ServiceError;
use access::TimeZoneName;
use jiff::tz::db;

/// What is named where nothing like the given text is known.
const EXAMPLE: &str = "Europe/Paris";

/// The known time zone of that name, in any case.
///
/// # Errors
/// A name that is not known; the sentence says which one is like it.
pub fn time_zone(text: &str) -> Result<TimeZoneName, ServiceError> {
    let known = db().available().find(|name| name.as_str().eq_ignore_ascii_case(text));
    let name = known.and_then(|name| TimeZoneName::parse(name.as_str()).ok());
    name.ok_or_else(|| {
        let like = time_zones(text, 1).pop().unwrap_or_else(|| EXAMPLE.to_owned());
        let given: String = text.chars().take(TimeZoneName::LEN_MAX).collect();
        ServiceError::Invalid(format!("`{given}` is no time zone: write its IANA name, such as {like}"))
    })
}

/// At most so many names of known time zones that have the text in them, in any case; a blank stands for `_`. Those
/// that have it at the beginning of the name or of one of its parts come first.
#[must_use]
pub fn time_zones(part: &str, most: usize) -> Vec<String> {
    let part = part.trim().replace(' ', "_").to_ascii_lowercase();
    let mut found: Vec<(bool, String)> = Vec::new();
    for name in db().available() {
        let lower = name.as_str().to_ascii_lowercase();
        if lower.contains(&part) {
            let begins = lower.starts_with(&part) || lower.contains(&format!("/{part}"));
            found.push((!begins, name.as_str().to_owned()));
        }
    }
    found.sort_unstable();
    found.into_iter().take(most).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_name_in_any_case() {
        for (text, name) in [
            ("Europe/Paris", "Europe/Paris"),
            ("europe/paris", "Europe/Paris"),
            ("AMERICA/NEW_YORK", "America/New_York"),
            ("utc", "UTC"),
        ] {
            assert_eq!(time_zone(text).unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_is_not_known_is_told_with_one_that_is_like_it() {
        let said = |text: &str| time_zone(text).unwrap_err().to_string();
        assert_eq!(said("Lima"), "`Lima` is no time zone: write its IANA name, such as America/Lima");
        assert_eq!(
            said("Mars/Olympus"),
            "`Mars/Olympus` is no time zone: write its IANA name, such as Europe/Paris"
        );
        for wrong in ["", "+05:30", "Etc/Unknown", "Europe/Paris ", &"x".repeat(5_000)] {
            let said = said(wrong);
            assert!(said.len() < 200 && said.contains("such as"), "{said}");
        }
    }

    #[test]
    fn zones_are_found_by_a_part_the_likeliest_first_and_not_too_many() {
        assert_eq!(time_zones("new york", 12), ["America/New_York"]);
        assert_eq!(time_zones("PARIS", 12), ["Europe/Paris"]);
        let europe = time_zones("europe/", 12);
        assert_eq!(europe.len(), 12);
        assert!(europe.iter().all(|name| name.starts_with("Europe/")));
        assert_eq!(time_zones("nowhere at all", 12), Vec::<String>::new());
        let all = time_zones("", usize::MAX);
        assert!(all.len() > 400, "{} zones", all.len());
        // What is offered is taken.
        for name in &all {
            assert_eq!(time_zone(name).unwrap().as_str(), name);
        }
        // Both have it, one at the beginning of a part.
        let found = time_zones("li", usize::MAX);
        let place = |name: &str| found.iter().position(|own| own == name).unwrap();
        assert!(
            place("Europe/Lisbon") < place("Africa/Tripoli")
                && place("Europe/Lisbon") < place("Europe/Berlin")
        );
    }
}
