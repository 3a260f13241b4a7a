//! A rendered page, read by a tokenizer that follows the HTML standard, as a flat list of elements that
//! each know which they stand in. Stricter than a browser: what is not closed in order is an error.

use std::collections::BTreeMap;

use html5gum::{StartTag, Token, Tokenizer};

/// Elements without content.
const VOID: &[&str] = &["meta", "link", "input", "img", "br", "hr"];

pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// Index of the element it stands in.
    pub(crate) parent: Option<usize>,
    /// All text inside, also that of elements inside.
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

pub(crate) struct Page {
    pub(crate) elements: Vec<Element>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Page {
    /// Reads a page; an error says what no page of ours may have.
    pub(crate) fn read(html: &str) -> Result<Self, String> {
        let mut page = Self { elements: vec![] };
        let mut open: Vec<usize> = vec![];
        for token in Tokenizer::new(html) {
            let token = token.map_err(|never| format!("{never:?}"))?;
            match token {
                Token::StartTag(tag) => page.open(&tag, &mut open),
                Token::EndTag(tag) => {
                    let last = open.pop().and_then(|index| page.elements.get(index));
                    let name = text(&tag.name);
                    if !last.is_some_and(|element| element.is(&name)) {
                        return Err(format!(
                            "</{name}> closes <{}>",
                            last.map_or("", |element| &element.name)
                        ));
                    }
                }
                Token::String(string) => {
                    for index in &open {
                        page.elements.get_mut(*index).ok_or("no element")?.text += &text(&string);
                    }
                }
                Token::Comment(comment) => return Err(format!("a comment: {:?}", text(&comment))),
                Token::Doctype(doctype) if doctype.force_quirks => return Err("quirks".to_owned()),
                Token::Doctype(_) => {}
                Token::Error(error) => return Err(format!("no proper HTML: {:?}", error.value)),
            }
        }
        if open.is_empty() { Ok(page) } else { Err("something is not closed".to_owned()) }
    }

    fn open(&mut self, tag: &StartTag<()>, open: &mut Vec<usize>) {
        let name = text(&tag.name);
        let attributes = tag.attributes.iter().map(|(key, value)| (text(key), text(value))).collect();
        let index = self.elements.len();
        if !VOID.contains(&name.as_str()) {
            open.push(index);
        }
        let parent = open.iter().rev().find(|above| **above != index).copied();
        self.elements.push(Element { name, attributes, parent, text: String::new() });
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.is(name))
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.get("id") == Some(id))
    }

    /// The elements inside the element with that index, at any depth.
    pub(crate) fn inside(&self, outer: usize) -> impl Iterator<Item = &Element> {
        self.elements.iter().filter(move |element| {
            std::iter::successors(element.parent, |parent| self.elements.get(*parent)?.parent)
                .any(|parent| parent == outer)
        })
    }
}
