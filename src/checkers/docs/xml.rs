//! Owns whether a text is well-formed XML: one root, tags that match, attributes in quotes and once, entities that are known. Knows no
//! schema.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Where a text is no XML, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The offset in bytes.
    pub at: usize,
    /// Why, in words.
    pub what: String,
}

/// What a template fills in: such a file is XML only when that is done.
const TEMPLATES: [&str; 7] = ["{{", "{%", "<%", "<?php", "${", "#{", "@@"];

/// The first problem of a text; `None` where there is none, or a template makes it.
#[must_use]
pub fn problem(text: &str) -> Option<Problem> {
    if TEMPLATES.iter().any(|sign| text.contains(sign)) || text.trim().is_empty() {
        return None;
    }
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_comments = true;
    let (mut depth, mut roots) = (0_usize, 0_usize);
    let mut has_definitions = false;
    loop {
        let before = offset(reader.buffer_position());
        let tell = |what: String| Some(Problem { at: before, what });
        match reader.read_event() {
            Err(why) => {
                let at = offset(reader.error_position());
                return Some(Problem {
                    at,
                    what: why.to_string(),
                });
            }
            Ok(Event::Start(tag)) => {
                roots += usize::from(depth == 0);
                depth += 1;
                if let Some(what) = attributes(&tag).or_else(|| second(roots)) {
                    return tell(what);
                }
            }
            Ok(Event::Empty(tag)) => {
                roots += usize::from(depth == 0);
                if let Some(what) = attributes(&tag).or_else(|| second(roots)) {
                    return tell(what);
                }
            }
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::DocType(_)) => has_definitions = true,
            Ok(Event::Text(said)) if depth == 0 => {
                if !said.trim_start_matches('\u{feff}').trim().is_empty() {
                    return tell("text stands outside of the root".to_owned());
                }
            }
            Ok(Event::GeneralRef(entity)) if !has_definitions => {
                // Not asked of quick-xml: with a feature that another crate may switch on, it knows the entities of HTML.
                let is_known = entity.is_char_ref()
                    || matches!(&*entity, "amp" | "lt" | "gt" | "quot" | "apos");
                if !is_known {
                    return tell(format!("nothing defines the entity `{}`", &*entity));
                }
            }
            Ok(Event::Eof) if depth > 0 => return tell("it ends before its root does".to_owned()),
            Ok(Event::Eof) if roots == 0 => return tell("it has no element".to_owned()),
            Ok(Event::Eof) => return None,
            Ok(_) => {}
        }
    }
}

fn second(roots: usize) -> Option<String> {
    (roots > 1).then(|| "it has a second root".to_owned())
}

fn attributes(tag: &BytesStart<'_>) -> Option<String> {
    let problem = tag.attributes().find_map(Result::err)?;
    Some(problem.to_string())
}

fn offset(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::problem;

    fn check(text: &str, expected: &str) {
        let found = problem(text).map(|found| found.what).unwrap_or_default();
        assert!(
            found.contains(expected) && found.is_empty() == expected.is_empty(),
            "{text}: {found}"
        );
    }

    #[test]
    fn well_formed_or_not() {
        check(
            "<?xml version=\"1.0\"?>\n<!-- a -->\n<a b='1'>c &amp; &#10;</a>\n",
            "",
        );
        check("\u{feff}<a/>", "");
        check("<a><b></a>", "b");
        check("<a>", "ends");
        check("<a/><b/>", "second root");
        check("<a b=1/>", "enclosed");
        check("<a b='1' b='2'/>", "duplicate");
        check("<a>&nbsp;</a>", "nbsp");
        check("<!DOCTYPE a [<!ENTITY nbsp '&#160;'>]><a>&nbsp;</a>", "");
        check("<a/>text", "outside");
        check("text", "outside");
        check("<a>{{ b }}", "");
        check("", "");
    }
}
