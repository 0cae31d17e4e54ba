//! Owns the walk over an XML report as it streams in: well formed, of bounded depth, no entity expanded, nothing fetched.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::text::Text;

/// Deeper nesting than this is no report.
const DEEPEST: usize = 256;

/// One step of the walk.
pub enum Step<'a, 'b> {
    /// An element begins. An empty element begins and ends.
    Start(&'a BytesStart<'b>),
    /// Character data.
    Text(&'a str),
    /// The element of this name ends.
    End(&'a str),
}

/// Walks to the end of the document.
///
/// # Errors
/// Says why it is no XML document, or what `visit` said.
pub fn walk(
    text: &mut Text<'_>,
    visit: &mut dyn FnMut(Step<'_, '_>) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::from_reader(text);
    let mut buffer = Vec::new();
    let mut depth = 0_usize;
    let mut rooted = false;
    loop {
        buffer.clear();
        reader.get_mut().piece();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|problem| format!("it is not well-formed XML: {problem}"))?;
        match event {
            Event::Start(_) | Event::Empty(_) if rooted && depth == 0 => {
                return Err("it has more than one root element".to_owned());
            }
            Event::Start(element) => {
                rooted = true;
                depth += 1;
                if depth > DEEPEST {
                    return Err(format!("its elements nest deeper than {DEEPEST}"));
                }
                visit(Step::Start(&element))?;
            }
            Event::Empty(element) => {
                rooted = true;
                visit(Step::Start(&element))?;
                visit(Step::End(element.local_name().as_ref()))?;
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                visit(Step::End(element.local_name().as_ref()))?;
            }
            Event::Text(text) => visit(Step::Text(&text.xml10_content()))?,
            Event::CData(text) => visit(Step::Text(&text.xml10_content()))?,
            Event::Eof if depth > 0 => return Err("it ends early".to_owned()),
            Event::Eof if !rooted => return Err("it has no element".to_owned()),
            Event::Eof => return Ok(()),
            Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

/// The attribute's value, its references resolved; the raw text when one of them is unknown.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    // The check for doubles takes quadratic time; the first one counts.
    let attribute = element
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(
        match attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => attribute.value.into_owned(),
        },
    )
}

/// The attribute as a whole number; `None` when it is missing or none.
pub fn whole(element: &BytesStart<'_>, name: &str) -> Option<u64> {
    attribute(element, name)?.trim().parse().ok()
}
