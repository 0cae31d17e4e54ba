//! Owns the search for characters that nobody sees: those that turn the reading direction, and those without looks.

use std::collections::BTreeSet;

use crate::model::rule::Severity;
use crate::source::file::SourceFile;
use crate::source::language::Language;

use super::hit::{Hits, Kind, Line, lines};
use super::unicode as known;

/// What the file is, as far as it matters here.
#[derive(Clone, Copy)]
struct Role {
    test: bool,
    /// Text for people, or data that may hold such text.
    prose: bool,
}

/// Scans for bidirectional controls and invisible characters; one hit for each line.
pub fn scan(file: &SourceFile, hits: &mut Hits) {
    if file.bytes().is_ascii() {
        return;
    }
    let prose = matches!(
        file.language(),
        None | Some(
            Language::Markdown | Language::Html | Language::Json | Language::Xml | Language::Yaml
        )
    );
    let role = Role {
        test: file.class().test,
        prose,
    };
    for line in lines(file.bytes()) {
        if line.bytes.is_ascii() {
            continue;
        }
        let chars = characters(&line);
        bidi(&line, &chars, role, hits);
        invisible(&line, &chars, role, hits);
    }
}

/// The readable characters of a line with their offsets. A byte order mark at the start of the file is none of them,
/// unless it hides a `#!`.
fn characters(line: &Line<'_>) -> Vec<(usize, char)> {
    let mut chars = Vec::new();
    let mut at = 0;
    for chunk in line.bytes.utf8_chunks() {
        chars.extend(
            chunk
                .valid()
                .char_indices()
                .map(|(offset, c)| (at + offset, c)),
        );
        at += chunk.valid().len() + chunk.invalid().len();
    }
    let is_mark = line.start == 0 && chars.first().is_some_and(|(_, c)| *c == '\u{feff}');
    if is_mark && !line.bytes[3..].starts_with(b"#!") {
        chars.remove(0);
    }
    chars
}

fn bidi(line: &Line<'_>, chars: &[(usize, char)], role: Role, hits: &mut Hits) {
    let found: Vec<(usize, char)> = chars
        .iter()
        .copied()
        .filter(|(_, c)| known::is_bidi(*c))
        .collect();
    if found.is_empty() || !hits.room(Kind::Bidi) {
        return;
    }
    let honest =
        role.prose && is_balanced(&found) && chars.iter().any(|(_, c)| known::is_right_to_left(*c));
    let severity = match (honest, role.test) {
        (true, _) => Severity::Low,
        (false, true) => Severity::Medium,
        (false, false) => Severity::High,
    };
    push(Kind::Bidi, severity, line, &found, hits);
}

/// Is each opening closed by its own kind in the same line?
fn is_balanced(found: &[(usize, char)]) -> bool {
    let mut open = Vec::new();
    for (_, c) in found {
        match c {
            '\u{202a}' | '\u{202b}' => open.push('\u{202c}'),
            '\u{2066}'..='\u{2068}' => open.push('\u{2069}'),
            '\u{202c}' | '\u{2069}' if open.last() == Some(c) => {
                open.pop();
            }
            _ => return false,
        }
    }
    open.is_empty()
}

fn invisible(line: &Line<'_>, chars: &[(usize, char)], role: Role, hits: &mut Hits) {
    if !chars.iter().any(|(_, c)| known::is_invisible(*c)) {
        return;
    }
    let right_to_left = chars.iter().any(|(_, c)| known::is_right_to_left(*c));
    let mut found = Vec::new();
    let mut smuggled = false;
    let mut flag = false;
    for (n, &(at, c)) in chars.iter().enumerate() {
        // A flag of a region is a black flag and tag characters behind it.
        flag = c == '\u{1f3f4}' || (flag && known::is_tag(c));
        if !known::is_invisible(c) {
            continue;
        }
        let before = n.checked_sub(1).map(|n| chars[n].1);
        let after = chars.get(n + 1).map(|next| next.1);
        if (known::is_tag(c) && flag)
            || (known::is_direction_mark(c) && right_to_left)
            || is_at_home(c, before, after)
        {
            continue;
        }
        smuggled |= known::is_tag(c)
            || (known::is_selector(c) && before.is_some_and(known::is_selector))
            || (known::is_filler(c) && !role.prose);
        found.push((at, c));
    }
    if found.is_empty() || !hits.room(Kind::Invisible) {
        return;
    }
    let severity = match (smuggled, role.test || role.prose) {
        (true, _) if !role.test => Severity::High,
        (false, true) => Severity::Low,
        _ => Severity::Medium,
    };
    push(Kind::Invisible, severity, line, &found, hits);
    if let (Some(said), Some(hit)) = (said(chars), hits.shown.last_mut()) {
        hit.detail.push_str(&format!("; they say: {said}"));
    }
}

/// What tag characters, and runs of variation selectors taken for bytes, say in ASCII.
fn said(chars: &[(usize, char)]) -> Option<String> {
    const LONGEST: usize = 200;
    let mut said = String::new();
    for (n, &(_, c)) in chars.iter().enumerate() {
        let beside = |n: Option<usize>| {
            n.and_then(|n| chars.get(n))
                .is_some_and(|(_, c)| known::is_selector(*c))
        };
        let code = u32::from(c);
        let byte = match c {
            '\u{e0020}'..='\u{e007e}' => code - 0xe_0000,
            '\u{fe00}'..='\u{fe0f}' if beside(n.checked_sub(1)) || beside(n.checked_add(1)) => {
                code - 0xfe00
            }
            '\u{e0100}'..='\u{e01ef}' if beside(n.checked_sub(1)) || beside(n.checked_add(1)) => {
                code - 0xe_0100 + 16
            }
            _ => continue,
        };
        if let Some(c) = char::from_u32(byte).filter(|c| (' '..='~').contains(c)) {
            said.push(c);
        }
    }
    let cut = said.len() > LONGEST;
    said.truncate(LONGEST);
    (said.trim().len() >= 2).then(|| if cut { said + "..." } else { said })
}

/// Do its neighbours make the character legitimate?
fn is_at_home(c: char, before: Option<char>, after: Option<char>) -> bool {
    let beside = |test: fn(char) -> bool| before.is_some_and(test) || after.is_some_and(test);
    match c {
        '\u{200d}' => {
            let joins = |c: char| known::is_symbol(c) || known::is_selector(c);
            beside(known::needs_joiners)
                || (before.is_some_and(joins) && after.is_some_and(known::is_symbol))
        }
        '\u{200c}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => {
            beside(known::needs_joiners)
        }
        '\u{200b}' => beside(known::has_no_spaces),
        '\u{fe00}'..='\u{fe0f}' => {
            before.is_some_and(|c| {
                known::is_symbol(c) || known::is_ideograph(c) || known::needs_joiners(c)
            }) || (after == Some('\u{20e3}')
                && before.is_some_and(|c| c.is_ascii_digit() || matches!(c, '#' | '*')))
        }
        '\u{e0100}'..='\u{e01ef}' => before.is_some_and(known::is_ideograph),
        '\u{34f}' => before.is_some_and(|c| !c.is_ascii()),
        '\u{115f}' | '\u{1160}' => beside(|c| matches!(c, '\u{1100}'..='\u{11ff}')),
        _ => false,
    }
}

fn push(kind: Kind, severity: Severity, line: &Line<'_>, found: &[(usize, char)], hits: &mut Hits) {
    let distinct: BTreeSet<char> = found.iter().map(|(_, c)| *c).collect();
    let mut detail: Vec<String> = distinct
        .into_iter()
        .map(|c| format!("U+{:04X} ({})", u32::from(c), known::name(c)))
        .collect();
    let others = detail.len().saturating_sub(3);
    detail.truncate(3);
    if others > 0 {
        detail.push(format!("{others} others"));
    }
    let first = found[0];
    let range = (first.0, first.0 + first.1.len_utf8());
    hits.push(kind, severity, line, range, detail.join(", "));
}
