//! Owns the rule on scripts that no shell can read. It speaks only where the grammar and a count of its own agree.

use crate::source::expression;
use crate::source::file;
use crate::source::language::Language;

use super::commands::Text;
use super::hit::Sink;
use super::rules::SCRIPT_ERROR;

/// Looks at a script of a POSIX shell.
pub fn check(script: &Text<'_>, sink: &mut Sink<'_>) {
    let mut masked = script.code.as_bytes().to_vec();
    for range in expression::ranges(script.code) {
        masked[range].fill(b'_');
    }
    let Some((at, what)) = open_end(&masked) else {
        return;
    };
    let Some(tree) = file::parse(Language::Bash, &masked) else {
        sink.facts.unread_scripts += 1;
        return;
    };
    if tree.root_node().has_error() {
        let place = (script.place)(at);
        sink.tell(
            &SCRIPT_ERROR,
            place..place + 1,
            format!("the script ends inside {what}"),
            "close it",
        );
    }
}

/// A quote that is not closed, or a block that has no end.
fn open_end(script: &[u8]) -> Option<(usize, &'static str)> {
    let mut at = 0;
    let mut word_start = true;
    while at < script.len() {
        let byte = script[at];
        let rest = &script[at..];
        match byte {
            b'\\' => at += 1,
            // Here-documents, comments and substitutions have quotes of their own: what follows them is not counted.
            b'#' if word_start => {
                at += rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                continue;
            }
            b'<' if rest.starts_with(b"<<") => return None,
            b'$' if matches!(rest.get(1), Some(b'(' | b'{' | b'\'')) => return None,
            b'`' => return None,
            b'\'' => match rest[1..].iter().position(|&b| b == b'\'') {
                Some(length) => at += length + 1,
                None => return Some((at, "single quotes")),
            },
            b'"' => {
                let mut end = at + 1;
                loop {
                    match script.get(end) {
                        None => return Some((at, "double quotes")),
                        Some(b'"') => break,
                        Some(b'\\') => end += 2,
                        Some(b'`') => return None,
                        Some(b'$')
                            if script
                                .get(end + 1)
                                .is_some_and(|&b| matches!(b, b'(' | b'{')) =>
                        {
                            return None;
                        }
                        Some(_) => end += 1,
                    }
                }
                at = end;
            }
            _ => {}
        }
        word_start = matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(');
        at += 1;
    }
    None
}
