//! The filters of a template: the whole set, with the text that names each.

use std::fmt;

/// One step of a placeholder, applied from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    /// `lower`: lower case.
    Lower,
    /// `upper`: upper case.
    Upper,
    /// `trim`: no white space at either end.
    Trim,
    /// `collapse`: every run of white space becomes one space, none at the ends.
    Collapse,
    /// `dots`: as `collapse`, with dots for the spaces.
    Dots,
    /// `underscores`: as `collapse`, with underscores for the spaces.
    Underscores,
    /// `default:TEXT`: TEXT where there is nothing; `default:` permits nothing.
    Default(String),
    /// `lookup:NAME`: what the look-up has under this key.
    Lookup(String),
}

/// The filters as they are written, for the message that lists them.
pub(crate) const FILTERS: [&str; 8] =
    ["lower", "upper", "trim", "collapse", "dots", "underscores", "default:TEXT", "lookup:NAME"];

impl Filter {
    /// Reads one filter, such as `lower` or `lookup:region_of_store`; the error is a sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name.trim(), Some(argument.trim())),
            None => (text.trim(), None),
        };
        match (name, argument) {
            ("lower", None) => Ok(Self::Lower),
            ("upper", None) => Ok(Self::Upper),
            ("trim", None) => Ok(Self::Trim),
            ("collapse", None) => Ok(Self::Collapse),
            ("dots", None) => Ok(Self::Dots),
            ("underscores", None) => Ok(Self::Underscores),
            ("default", Some(text)) => Ok(Self::Default(text.to_owned())),
            ("lookup", Some(name)) if !name.is_empty() => Ok(Self::Lookup(name.to_owned())),
            _ => Err(format!("unknown filter `{}`; the filters are: {}", text.trim(), FILTERS.join(", "))),
        }
    }

    /// The text after this filter; look-ups and defaults are the template's business and leave it as it is.
    pub(crate) fn apply(&self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Trim => text.trim().to_owned(),
            Self::Collapse => joined(text, " "),
            Self::Dots => joined(text, "."),
            Self::Underscores => joined(text, "_"),
            Self::Default(_) | Self::Lookup(_) => text.to_owned(),
        }
    }
}

fn joined(text: &str, with: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(with)
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lower => f.write_str("lower"),
            Self::Upper => f.write_str("upper"),
            Self::Trim => f.write_str("trim"),
            Self::Collapse => f.write_str("collapse"),
            Self::Dots => f.write_str("dots"),
            Self::Underscores => f.write_str("underscores"),
            Self::Default(text) => write!(f, "default:{text}"),
            Self::Lookup(name) => write!(f, "lookup:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_does_what_its_name_says() {
        for (filter, before, after) in [
            ("lower", "Adam HERNANDEZ", "adam hernandez"),
            ("upper", "straße", "STRASSE"),
            ("trim", "  a  b ", "a  b"),
            ("collapse", "  a \t b ", "a b"),
            ("dots", " Adam  de Hernandez ", "Adam.de.Hernandez"),
            ("underscores", "America/New York", "America/New_York"),
        ] {
            assert_eq!(Filter::parse(filter).unwrap().apply(before), after, "{filter}");
        }
    }

    #[test]
    fn an_unknown_filter_is_told_all_there_are() {
        for text in ["lowercase", "lower:x", "lookup", "lookup:", "default", ""] {
            let message = Filter::parse(text).unwrap_err();
            assert_eq!(
                message,
                format!(
                    "unknown filter `{text}`; the filters are: lower, upper, trim, collapse, dots, \
                     underscores, default:TEXT, lookup:NAME"
                )
            );
        }
    }
}
