//! Time zones, as a field offers them.

/// Most names that are offered at once.
const ZONES_MAX: usize = 12;

/// Names of known time zones that have the text in them, in any case, the likeliest first; a blank stands for `_`.
pub(crate) fn zones(text: &str) -> Vec<String> {
    service::time_zones(text, ZONES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_offered_by_a_part_and_not_too_many() {
        assert_eq!(zones("new york"), ["America/New_York"]);
        assert_eq!(zones("a").len(), ZONES_MAX);
        assert_eq!(zones("<script>"), Vec::<String>::new());
    }
}
