//! The languages that the pages are written in.

use serde::{Deserialize, Serialize};

/// A language of the pages, by its BCP 47 tag.
///
/// The words are English in both; what differs is how days and times are written: `3 Nov 2026, 15:05` or
/// `Nov 3, 2026, 3:05 PM`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English of the United Kingdom: what is used where nobody chose.
    #[default]
    #[serde(rename = "en-GB")]
    EnGb,
    /// English of the United States.
    #[serde(rename = "en-US")]
    EnUs,
}

/// A text that is no language of the pages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no language of the pages: it is one of en-GB, en-US")]
pub struct LanguageError {
    given: String,
}

impl Language {
    /// All of them, in the order in which people list them.
    pub const ALL: [Language; 2] = [Language::EnGb, Language::EnUs];

    /// The tag: `en-GB`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Language::EnGb => "en-GB",
            Language::EnUs => "en-US",
        }
    }

    /// What people call it: `English (UK)`.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Language::EnGb => "English (UK)",
            Language::EnUs => "English (US)",
        }
    }

    /// The language of a tag, in any case, as BCP 47 has it.
    ///
    /// # Errors
    /// The sentence names those that there are.
    pub fn parse(text: &str) -> Result<Self, LanguageError> {
        let found = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(text));
        found.ok_or_else(|| LanguageError { given: text.chars().take(80).collect() })
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_in_any_case_and_written_in_its_own() {
        for language in Language::ALL {
            for text in [language.tag().to_owned(), language.tag().to_lowercase()] {
                assert_eq!(Language::parse(&text), Ok(language));
            }
        }
        for wrong in ["", "en", "de-DE", "en_GB", "en-GB ", "english"] {
            let said = Language::parse(wrong).unwrap_err().to_string();
            assert!(said.contains(&format!("`{wrong}`")) && said.contains("en-GB, en-US"), "{said}");
        }
    }
}
