//! What somebody types to find a thing by its key or name, how well things fit it, and the few that fit best.

use crate::directory::fold::fold;
use crate::directory::{Words, WordsError};
use memchr::memmem;

/// How well a thing fits what was typed, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Its key is what was typed.
    Exact,
    /// Its key or its name begins so.
    Begins,
    /// Each word that was typed is some part of its key or its name.
    Part,
}

/// A text to find things by, whatever its case. Nothing but white space fits everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    whole: Vec<u8>,
    words: Words,
}

impl Typed {
    /// The text as it was typed; white space around it is none of it.
    ///
    /// # Errors
    /// A text that is too long or has too many words: those of [`Words::parse`].
    pub fn parse(text: &str) -> Result<Self, WordsError> {
        let words = Words::parse(text)?;
        Ok(Self { whole: folded(text.trim()), words })
    }

    /// Its words, for a list of users.
    #[must_use]
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Whether it stands behind a text, in the order of the lists of users: those that begin so come after that.
    #[must_use]
    pub fn is_behind(&self, text: &str) -> bool {
        folded(text) < self.whole
    }

    fn fit(&self, key: &[u8], name: &[u8]) -> Option<Fit> {
        let whole = self.whole.as_slice();
        if key == whole {
            return Some(Fit::Exact);
        }
        if !whole.is_empty() && (key.starts_with(whole) || name.starts_with(whole)) {
            return Some(Fit::Begins);
        }
        let has = |word: &[u8]| memmem::find(key, word).is_some() || memmem::find(name, word).is_some();
        self.words.folded().all(has).then_some(Fit::Part)
    }
}

/// The text in one case.
pub(crate) fn folded(text: &str) -> Vec<u8> {
    let mut to = Vec::with_capacity(text.len());
    fold(text, &mut to);
    to
}

/// Whether two texts are the same whatever their case.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// The things that fit best of all that are offered: by how well, by name, by key, then as they were offered.
///
/// Only so many are kept, so a hundred thousand are looked at without a list of them.
#[derive(Debug)]
pub struct Best<'t, T> {
    typed: &'t Typed,
    most: usize,
    kept: Vec<(Rank, T)>,
    /// The key and name of what is offered, kept from one to the next for their memory.
    key: Vec<u8>,
    name: Vec<u8>,
}

/// How well, name and key.
type Rank = (Fit, Vec<u8>, Vec<u8>);

impl<'t, T> Best<'t, T> {
    /// None yet, of at most so many.
    #[must_use]
    pub fn new(typed: &'t Typed, most: usize) -> Self {
        Self { typed, most, kept: Vec::new(), key: Vec::new(), name: Vec::new() }
    }

    /// Offers a thing by its key and name.
    pub fn offer(&mut self, key: &str, name: &str, thing: T) {
        self.key.clear();
        self.name.clear();
        fold(key, &mut self.key);
        fold(name, &mut self.name);
        let Some(fit) = self.typed.fit(&self.key, &self.name) else { return };
        let rank = (fit, self.name.as_slice(), self.key.as_slice());
        let at = self.kept.partition_point(|((f, n, k), _)| (*f, n.as_slice(), k.as_slice()) <= rank);
        if at < self.most {
            self.kept.truncate(self.most.saturating_sub(1));
            self.kept.insert(at, ((fit, self.name.clone(), self.key.clone()), thing));
        }
    }

    /// Those that are left, the best first.
    #[must_use]
    pub fn into_things(self) -> Vec<T> {
        self.kept.into_iter().map(|(_, thing)| thing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(text: &str, most: usize, all: &[(&'a str, &'a str)]) -> Vec<&'a str> {
        let typed = Typed::parse(text).unwrap();
        let mut best = Best::new(&typed, most);
        all.iter().for_each(|(key, name)| best.offer(key, name, *key));
        best.into_things()
    }

    #[test]
    fn the_key_itself_comes_first_then_what_begins_so_then_any_part() {
        let all = [
            ("x-lee", "Zeta"),
            ("leeds-2", "Moor"),
            ("s1", "Leeds Station"),
            ("lee", "Wharf"),
            ("s2", "New Lee"),
            ("york", "York"),
        ];
        assert_eq!(best("LEE", 12, &all), ["lee", "s1", "leeds-2", "s2", "x-lee"]);
        assert_eq!(best(" lee ", 2, &all), ["lee", "s1"]);
        assert_eq!(best("station leeds", 12, &all), ["s1"]);
        assert_eq!(best("nobody", 12, &all), [""; 0]);
        assert_eq!(best("", 3, &all), ["s1", "leeds-2", "s2"], "by name");
        assert_eq!(best("lee", 0, &all), [""; 0]);
    }

    #[test]
    fn case_is_nothing_in_any_alphabet() {
        assert_eq!(best("ÉCO", 12, &[("a", "École Militaire"), ("ΣΑΣ", "x")]), ["a"]);
        assert_eq!(best("σας", 12, &[("a", "École"), ("ΣΑΣ", "x")]), ["ΣΑΣ"]);
        assert!(same("Maß", "mAß") && same("ΟΔΟΣ", "οδος") && !same("a", "b"));
    }

    #[test]
    fn what_is_too_long_to_be_found_is_refused() {
        assert!(Typed::parse(&"x".repeat(Words::LEN_MAX + 1)).is_err());
        assert!(Typed::parse(&"x ".repeat(Words::COUNT_MAX + 1)).is_err());
    }

    /// The few that are kept are the first of all that fit, sorted: for every list that is made of a few parts.
    #[test]
    fn the_few_are_the_first_of_all() {
        let parts = ["a", "b", "ab", "BA", "c a"];
        let pairs: Vec<(&str, &str)> = parts.iter().flat_map(|key| parts.map(|name| (*key, name))).collect();
        for (text, step, most) in ["", "a", "B", "ab", "a b", "c"]
            .iter()
            .flat_map(|t| (1..9).flat_map(move |s| (0..5).map(move |m| (t, s, m))))
        {
            let typed = Typed::parse(text).unwrap();
            let mut few = Best::new(&typed, most);
            let mut sorted = Vec::new();
            // Another order each time, some of them twice.
            for (place, (key, name)) in (0..40).map(|n| (n, pairs[(n * step + n / 7) % pairs.len()])) {
                few.offer(key, name, place);
                let (key, name) = (folded(key), folded(name));
                sorted.extend(typed.fit(&key, &name).map(|fit| (fit, name, key, place)));
            }
            sorted.sort();
            let wanted: Vec<usize> = sorted.into_iter().take(most).map(|(.., place)| place).collect();
            assert_eq!(few.into_things(), wanted, "{text} {step} {most}");
        }
    }
}
