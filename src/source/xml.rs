//! Owns XML documents as checkers read them: a flat tree of elements that know their places in the file. No entity of
//! the document's own is expanded. Knows no schema.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// The deepest nesting that is read.
const DEEPEST: usize = 256;

/// The most elements that are read.
const MOST_ELEMENTS: usize = 1_000_000;

/// A document: its elements, in the order they begin. The first one is the root.
#[derive(Debug)]
pub struct Document {
    elements: Vec<Element>,
}

/// The number of an element in its document.
pub type Id = usize;

#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Id>,
    tag: Range<usize>,
}

impl Document {
    /// Reads a text.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut elements: Vec<Element> = Vec::new();
        let mut open: Vec<Id> = Vec::new();
        loop {
            let before = offset(&reader);
            let event = reader.read_event().map_err(|why| why.to_string())?;
            match event {
                Event::Start(start) => {
                    let tag = before..offset(&reader);
                    let id = add(&mut elements, &open, &start, tag)?;
                    open.push(id);
                    if open.len() > DEEPEST {
                        return Err("it is nested too deep".to_owned());
                    }
                }
                Event::Empty(start) => {
                    let tag = before..offset(&reader);
                    add(&mut elements, &open, &start, tag)?;
                }
                Event::End(_) => {
                    open.pop();
                }
                Event::Text(text) => say(&mut elements, &open, &text.xml10_content()),
                Event::CData(text) => say(&mut elements, &open, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let char = reference.resolve_char_ref().ok().flatten();
                    let char = char.map(String::from);
                    let known = resolve_predefined_entity(&reference).unwrap_or_default();
                    say(&mut elements, &open, char.as_deref().unwrap_or(known));
                }
                Event::Eof if !open.is_empty() => return Err("it ends too early".to_owned()),
                Event::Eof if elements.is_empty() => return Err("it has no element".to_owned()),
                Event::Eof => return Ok(Self { elements }),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// The root element.
    #[must_use]
    pub const fn root(&self) -> Id {
        0
    }

    /// The name without its prefix.
    #[must_use]
    pub fn name(&self, element: Id) -> &str {
        &self.elements[element].name
    }

    /// The elements directly in it.
    #[must_use]
    pub fn children(&self, element: Id) -> &[Id] {
        &self.elements[element].children
    }

    /// The elements of this name directly in it.
    pub fn all<'d>(&'d self, element: Id, name: &'d str) -> impl Iterator<Item = Id> + 'd {
        let children = self.children(element).iter().copied();
        children.filter(move |&child| self.name(child) == name)
    }

    /// The first element at a path of names.
    #[must_use]
    pub fn at(&self, element: Id, path: &[&str]) -> Option<Id> {
        path.iter()
            .try_fold(element, |element, name| self.all(element, name).next())
    }

    /// The text directly in the element at a path, trimmed; `None` when there is no such element or no text.
    #[must_use]
    pub fn text(&self, element: Id, path: &[&str]) -> Option<&str> {
        let text = self.elements[self.at(element, path)?].text.trim();
        (!text.is_empty()).then_some(text)
    }

    /// An attribute, by its name without prefix.
    #[must_use]
    pub fn attribute(&self, element: Id, name: &str) -> Option<&str> {
        let mut attributes = self.elements[element].attributes.iter();
        attributes
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Where the element's tag stands, in bytes.
    #[must_use]
    pub fn range(&self, element: Id) -> Range<usize> {
        self.elements[element].tag.clone()
    }
}

fn offset(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn add(
    elements: &mut Vec<Element>,
    open: &[Id],
    start: &BytesStart<'_>,
    tag: Range<usize>,
) -> Result<Id, String> {
    if elements.len() >= MOST_ELEMENTS {
        return Err("it has too many elements".to_owned());
    }
    let id = elements.len();
    match open.last() {
        Some(&parent) => elements[parent].children.push(id),
        None if id > 0 => return Err("it has more than one root".to_owned()),
        None => {}
    }
    // The check for doubles takes quadratic time; the first one counts.
    let mut attributes = start.attributes();
    let attributes = attributes
        .with_checks(false)
        .filter_map(Result::ok)
        .map(|attribute| {
            let name = attribute.key.local_name().as_ref().to_owned();
            let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
            let value = value.map_or_else(
                |_| attribute.value.to_string(),
                std::borrow::Cow::into_owned,
            );
            (name, value)
        });
    elements.push(Element {
        name: start.local_name().as_ref().to_owned(),
        attributes: attributes.collect(),
        tag,
        ..Element::default()
    });
    Ok(id)
}

fn say(elements: &mut [Element], open: &[Id], text: &str) {
    if let Some(&id) = open.last() {
        elements[id].text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_places() {
        let text = "<?xml version=\"1.0\"?>\n<!-- c -->\n<p:a xmlns:p='x'>\n <b k=\"1 &amp; 2\">t&lt;<![CDATA[<u>]]>&foo;</b>\n <b/>\n</p:a>\n";
        let document = Document::parse(text).expect("good XML");
        let root = document.root();
        assert_eq!(document.name(root), "a");
        assert_eq!(document.text(root, &["b"]), Some("t<<u>"));
        let both: Vec<Id> = document.all(root, "b").collect();
        assert_eq!(document.attribute(both[0], "k"), Some("1 & 2"));
        assert_eq!(&text[document.range(both[1])], "<b/>");
        assert_eq!(document.text(root, &["b", "c"]), None);
    }

    #[test]
    fn what_is_not_xml_is_an_error() {
        for bad in ["", "text", "<a>", "<a></b>", "<a/><b/>", "<a", "</a>"] {
            assert!(Document::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Document::parse(&"<a>".repeat(100_000)).is_err());
    }
}
