//! Owns the walk over an XML report: well formed, one known root, no entity expanded; knows no report format.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// Deeper nesting than this is no report.
const DEEPEST: usize = 256;

/// One step of the walk.
#[derive(Debug)]
pub enum Step<'a, 'b> {
    /// An element begins. An empty element begins and ends.
    Start(&'a BytesStart<'b>),
    /// Character data.
    Text(&'a str),
    /// The element of this name ends.
    End(&'a str),
}

/// Walks a document whose root has one of the names given.
///
/// # Errors
/// Says why it is no such document.
pub fn walk(
    bytes: &[u8],
    roots: &[&str],
    mut visit: impl FnMut(Step<'_, '_>),
) -> Result<(), String> {
    let text = text(bytes)?;
    let mut reader = Reader::from_str(&text);
    let mut depth = 0_usize;
    let mut rooted = false;
    loop {
        let event = reader
            .read_event()
            .map_err(|problem| format!("it is not well-formed XML: {problem}"))?;
        match event {
            Event::Start(element) => {
                rooted = root(&element, depth, rooted, roots)?;
                depth += 1;
                if depth > DEEPEST {
                    return Err(format!("its elements nest deeper than {DEEPEST}"));
                }
                visit(Step::Start(&element));
            }
            Event::Empty(element) => {
                rooted = root(&element, depth, rooted, roots)?;
                visit(Step::Start(&element));
                visit(Step::End(element.local_name().as_ref()));
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                visit(Step::End(element.local_name().as_ref()));
            }
            Event::Text(text) => visit(Step::Text(&text.xml10_content())),
            Event::CData(text) => visit(Step::Text(&text.xml10_content())),
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => resolve_predefined_entity(&reference).map(str::to_owned),
                };
                visit(Step::Text(&known.unwrap_or_default()));
            }
            Event::Eof if depth > 0 => return Err("it ends early".to_owned()),
            Event::Eof if !rooted => return Err("it is empty".to_owned()),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn root(
    element: &BytesStart<'_>,
    depth: usize,
    rooted: bool,
    roots: &[&str],
) -> Result<bool, String> {
    let name = element.local_name();
    let name: &str = name.as_ref();
    if depth > 0 {
        return Ok(rooted);
    }
    if rooted {
        return Err("it has more than one root element".to_owned());
    }
    if roots.contains(&name) {
        return Ok(true);
    }
    Err(format!(
        "its root element is `{name}`, not `{}`",
        roots.join("` or `")
    ))
}

/// The document as text: UTF-8, with or without a byte order mark; UTF-16 with one.
fn text(bytes: &[u8]) -> Result<String, String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        String::from_utf16(&units.collect::<Vec<_>>())
            .map_err(|_| "it is not valid UTF-16".to_owned())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            Ok(String::from_utf8_lossy(bytes).into_owned())
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

/// The attribute as a whole number; 0 when it is missing or none.
pub fn number(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name)
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}
