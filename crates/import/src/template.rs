//! Templates: text with placeholders, `"{SalesTeam|lower|dots}@us-regional.example"`.
//!
//! A placeholder is a column name, then filters. `{{` and `}}` are braces. A value that comes out of a
//! template has no white space at its ends. Where a placeholder is empty the whole value is empty: a row
//! without a customer gets no customer `CUST-`.

use std::fmt;

use serde::Deserialize;

use crate::filter::Filter;

/// A parsed template; its `Display` is text that parses to the same template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Template {
    parts: Vec<Part>,
}

/// What a template is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// `{Column|filter|filter}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placeholder {
    pub(crate) column: String,
    pub(crate) filters: Vec<Filter>,
}

impl Placeholder {
    fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = text.split('|');
        let column = pieces.next().unwrap_or_default().trim();
        if column.is_empty() {
            return Err(format!("`{{{text}}}` names no column; write {{Column}} or {{Column|filter}}"));
        }
        let filters = pieces.map(Filter::parse).collect::<Result<_, _>>()?;
        Ok(Self { column: column.to_owned(), filters })
    }
}

impl Template {
    /// Reads a template; the error is a sentence that repeats the template.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("an empty text gives nothing; leave the key out".to_owned());
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = brace.strip_prefix("{{") {
                literal.push('{');
                rest = after;
            } else if let Some(after) = brace.strip_prefix("}}") {
                literal.push('}');
                rest = after;
            } else {
                let (inside, after) = placeholder(brace).ok_or_else(|| {
                    format!("`{text}` has a brace without its partner; {{{{ and }}}} are braces as text")
                })?;
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Placeholder(
                    Placeholder::parse(inside).map_err(|e| format!("`{text}`: {e}"))?,
                ));
                rest = after;
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Placeholder(placeholder) => Some(placeholder),
        })
    }

    /// The look-ups that this template asks.
    pub(crate) fn lookups(&self) -> impl Iterator<Item = &str> {
        self.placeholders().flat_map(|placeholder| &placeholder.filters).filter_map(|filter| match filter {
            Filter::Lookup(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The value, where it is the same for every row.
    pub(crate) fn constant(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Placeholder(_) => None,
            })
            .collect::<Option<String>>()
            .map(|text| text.trim().to_owned())
    }

    /// The columns, as a problem names them; empty for a constant.
    pub(crate) fn columns(&self) -> String {
        let mut columns: Vec<&str> = Vec::new();
        for placeholder in self.placeholders() {
            if !columns.contains(&placeholder.column.as_str()) {
                columns.push(&placeholder.column);
            }
        }
        columns.join(", ")
    }
}

/// Splits `{inside}after`; a text that does not start so, or opens a second brace inside, is none.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    (!inside.contains('{')).then_some((inside, after))
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Part::Placeholder(placeholder) => {
                    write!(f, "{{{}", placeholder.column)?;
                    for filter in &placeholder.filters {
                        write!(f, "|{filter}")?;
                    }
                    f.write_str("}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_columns_and_filters_are_told_apart() {
        let template = Template::parse("{{{ Sales Team | lower|dots}}}@x").unwrap();
        assert_eq!(
            template.parts(),
            [
                Part::Text("{".to_owned()),
                Part::Placeholder(Placeholder {
                    column: "Sales Team".to_owned(),
                    filters: vec![Filter::Lower, Filter::Dots],
                }),
                Part::Text("}@x".to_owned()),
            ]
        );
        assert_eq!(template.constant(), None);
        assert_eq!(Template::parse(" {{USD}} ").unwrap().constant().as_deref(), Some("{USD}"));
        assert_eq!(Template::parse("{A}-{B}{A|lower}").unwrap().columns(), "A, B");
    }

    #[test]
    fn a_bad_template_says_what_is_wrong() {
        for (text, message) in [
            ("", "an empty text gives nothing; leave the key out"),
            ("a{B", "`a{B` has a brace without its partner; {{ and }} are braces as text"),
            ("aB}", "`aB}` has a brace without its partner; {{ and }} are braces as text"),
            ("{a{b}}", "`{a{b}}` has a brace without its partner; {{ and }} are braces as text"),
            ("x{}", "`x{}`: `{}` names no column; write {Column} or {Column|filter}"),
            ("{|lower}", "`{|lower}`: `{|lower}` names no column; write {Column} or {Column|filter}"),
        ] {
            assert_eq!(Template::parse(text).unwrap_err(), message);
        }
    }

    fn filter() -> impl Strategy<Value = Filter> {
        let argument = "([A-Za-z0-9_:-][A-Za-z0-9_: -]{0,6})?[A-Za-z0-9_-]";
        prop_oneof![
            Just(Filter::Lower),
            Just(Filter::Upper),
            Just(Filter::Trim),
            Just(Filter::Collapse),
            Just(Filter::Dots),
            Just(Filter::Underscores),
            Just(Filter::Default(String::new())),
            argument.prop_map(Filter::Default),
            argument.prop_map(Filter::Lookup),
        ]
    }

    /// A placeholder and the text that follows it: two texts never touch, as the parser makes them.
    fn piece() -> impl Strategy<Value = Vec<Part>> {
        let column = "[A-Za-z0-9_:]([A-Za-z0-9_: ./%]{0,8}[A-Za-z0-9_])?";
        let text = "[ -~é]{0,6}";
        (column, prop::collection::vec(filter(), 0..4), text).prop_map(|(column, filters, text)| {
            let mut parts = vec![Part::Placeholder(Placeholder { column, filters })];
            parts.extend((!text.is_empty()).then_some(Part::Text(text)));
            parts
        })
    }

    proptest! {
        #[test]
        fn what_is_shown_parses_to_the_same(pieces in prop::collection::vec(piece(), 1..5)) {
            let template = Template { parts: pieces.concat() };
            prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
        }

        #[test]
        fn no_text_makes_the_parser_fall(text in "[{}|: a-c]{0,16}") {
            if let Ok(template) = Template::parse(&text) {
                prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
            }
        }
    }
}
