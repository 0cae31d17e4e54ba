//! Owns the search for words that mix scripts, and for sequences that steer a terminal.

use crate::model::rule::Severity;
use crate::source::file::SourceFile;
use crate::source::language::Language;

use super::hit::{Facts, Kind, before_on_line};

/// Cyrillic and Greek letters that look like a Latin one, which stands behind each.
const ALIKE: &[(char, char)] = &[
    ('\u{430}', 'a'),
    ('\u{435}', 'e'),
    ('\u{43e}', 'o'),
    ('\u{440}', 'p'),
    ('\u{441}', 'c'),
    ('\u{443}', 'y'),
    ('\u{445}', 'x'),
    ('\u{456}', 'i'),
    ('\u{458}', 'j'),
    ('\u{455}', 's'),
    ('\u{501}', 'd'),
    ('\u{4bb}', 'h'),
    ('\u{475}', 'v'),
    ('\u{51b}', 'q'),
    ('\u{51d}', 'w'),
    ('\u{4cf}', 'l'),
    ('\u{410}', 'A'),
    ('\u{412}', 'B'),
    ('\u{415}', 'E'),
    ('\u{41a}', 'K'),
    ('\u{41c}', 'M'),
    ('\u{41d}', 'H'),
    ('\u{41e}', 'O'),
    ('\u{420}', 'P'),
    ('\u{421}', 'C'),
    ('\u{422}', 'T'),
    ('\u{425}', 'X'),
    ('\u{405}', 'S'),
    ('\u{406}', 'I'),
    ('\u{408}', 'J'),
    ('\u{4c0}', 'I'),
    ('\u{3bf}', 'o'),
    ('\u{391}', 'A'),
    ('\u{392}', 'B'),
    ('\u{395}', 'E'),
    ('\u{396}', 'Z'),
    ('\u{397}', 'H'),
    ('\u{399}', 'I'),
    ('\u{39a}', 'K'),
    ('\u{39c}', 'M'),
    ('\u{39d}', 'N'),
    ('\u{39f}', 'O'),
    ('\u{3a1}', 'P'),
    ('\u{3a4}', 'T'),
    ('\u{3a5}', 'Y'),
    ('\u{3a7}', 'X'),
];

fn alike(c: char) -> Option<char> {
    ALIKE
        .iter()
        .find(|(letter, _)| *letter == c)
        .map(|(_, latin)| *latin)
}

const fn is_other(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}')
}

/// Words with Latin letters and letters of other scripts that only look like them.
pub fn mixed(file: &SourceFile, text: &str, facts: &mut Facts) {
    if !text.bytes().any(|b| matches!(b, 0xcd..=0xd4)) {
        return;
    }
    let prose = matches!(
        file.language(),
        None | Some(Language::Markdown | Language::Html | Language::Xml)
    );
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() || c == '_' {
            continue;
        }
        let word = &text[start..at];
        let from = start;
        start = at + c.len_utf8();
        if word.is_ascii() || word.len() > 200 {
            continue;
        }
        let latin = word.chars().filter(char::is_ascii_alphabetic).count();
        let others = word.chars().filter(|&c| is_other(c)).count();
        // A letter of its own look shows what script it is, and one odd letter beside a single Latin one is a unit or a formula.
        let hidden = word
            .chars()
            .filter(|&c| is_other(c))
            .all(|c| alike(c).is_some());
        if latin < 2 || others == 0 || !hidden || latin + others < 4 {
            continue;
        }
        let plain: String = word.chars().map(|c| alike(c).unwrap_or(c)).collect();
        // A comment is no code; it may well speak of such letters.
        let before = before_on_line(text, from).trim_start();
        let comment = ["//", "#", "*", "--", ";"]
            .iter()
            .any(|sign| before.starts_with(sign))
            || before.contains(" # ")
            || before.contains(" // ");
        let severity = if file.class().test || prose || comment {
            Severity::Low
        } else {
            Severity::Medium
        };
        facts.add(
            file,
            Kind::MixedScripts,
            from..at,
            severity,
            format!("a word looks like `{plain}`, and has {others} letters of another script"),
        );
    }
}

/// Sequences that steer a terminal which shows the file.
pub fn escapes(file: &SourceFile, text: &str, facts: &mut Facts) {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(0x1b, 0xc2, &text.as_bytes()[at..]) {
        let start = at + found;
        let rest = &text[start..];
        at = start + rest.chars().next().map_or(1, char::len_utf8);
        let Some(body) = rest
            .strip_prefix("\u{1b}[")
            .or_else(|| rest.strip_prefix('\u{9b}'))
        else {
            let operating = rest
                .strip_prefix("\u{1b}]")
                .or_else(|| rest.strip_prefix('\u{9d}'));
            if let Some(body) = operating {
                let what = if body.starts_with("52;") {
                    "writes to the clipboard of whoever shows it"
                } else if body.starts_with("8;") {
                    "makes a link whose target is not seen"
                } else {
                    "changes the terminal that shows it"
                };
                tell(file, start, Severity::Medium, what, facts);
            }
            continue;
        };
        let end = body.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c));
        match end.map(|end| body.as_bytes()[end]) {
            Some(b'm') => tell(
                file,
                start,
                Severity::Low,
                "colours what a terminal shows",
                facts,
            ),
            Some(b'A'..=b'H' | b'J' | b'K' | b'S' | b'T' | b'f' | b's' | b'u') => {
                tell(
                    file,
                    start,
                    Severity::Medium,
                    "moves the cursor, so that a terminal shows other lines than stand here",
                    facts,
                );
            }
            _ => {}
        }
    }
}

fn tell(file: &SourceFile, start: usize, severity: Severity, what: &str, facts: &mut Facts) {
    // One for each line is enough.
    let line = file.point(start).line;
    if facts.hits.iter().rev().take(50).any(|hit| {
        hit.kind == Kind::TerminalEscape && hit.span.start.line == line && hit.severity >= severity
    }) {
        return;
    }
    let severity = if file.class().test {
        Severity::Low
    } else {
        severity
    };
    facts.add(
        file,
        Kind::TerminalEscape,
        start..start + 1,
        severity,
        format!("a control sequence {what}"),
    );
}
