//! Owns text inside XML 1.0: plain ASCII, references for the rest. Knows no format.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::base::ascii;

/// How every document begins.
pub const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Text for an attribute in double quotes or for the content of an element. What XML cannot hold at all, not even as a
/// reference (most control characters, U+FFFE, U+FFFF), becomes `\u{1b}`.
#[must_use]
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for c in legal(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A CI log that shows the document must see no command in it.
            '#' if before == '#' => out.push_str("&#35;"),
            ':' if before == ':' => out.push_str("&#58;"),
            ' '..='~' => out.push(c),
            _ => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
        }
        before = c;
    }
    out
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn legal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_legal(c) {
            out.push(c);
        } else {
            out.push_str(&ascii::escape(c.encode_utf8(&mut [0; 4])));
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::guard;
    use proptest::prelude::*;

    fn check(given: &str, expected: &str) {
        assert_eq!(text(given), expected);
    }

    #[test]
    fn references() {
        check("a<b>&\"'", "a&lt;b&gt;&amp;&quot;'");
        check(
            "za\u{17c}\n\u{1b}[31m\u{0}",
            "za&#380;&#10;\\u{1b}[31m\\u{0}",
        );
        check("\u{fffe}\u{1f600}", "\\u{fffe}&#128512;");
        check("##[error]\n::x", "#&#35;[error]&#10;:&#58;x");
    }

    proptest! {
        #[test]
        fn a_parser_reads_the_same(given: String) {
            let document = format!("<a b=\"{0}\">{0}</a>", text(&given));
            prop_assert!(document.is_ascii());
            prop_assert!(guard::is_safe(&document));
            let mut reader = quick_xml::Reader::from_str(&document);
            let quick_xml::events::Event::Start(start) = reader.read_event().expect("XML") else {
                panic!("an element");
            };
            let attribute = start.attributes().next().expect("one").expect("well formed");
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                .expect("references");
            prop_assert_eq!(value, legal(&given));
        }
    }
}
