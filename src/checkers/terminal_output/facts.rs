//! Owns what is known of one file: its violations with their places in it. Knows no path.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::place::{Point, Span};
use crate::source::file::{self, SourceFile};
use crate::source::language::Language;
use crate::source::workflow::{self, Script, Shell};

use super::hit::{Found, Hit, Kind};
use super::{python, shell};

/// A violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub span: Span,
    /// What anchors it in its line.
    pub anchor: String,
}

/// How much of a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Read {
    /// All of it.
    All,
    /// All but what the grammar does not understand.
    Flawed,
    /// It was left out by a declared limit; why.
    Left(String),
    /// Nothing could be read; why.
    Nothing(String),
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The violations, in their order.
    pub seen: Vec<Seen>,
    /// How much was read.
    pub read: Read,
}

impl Facts {
    /// Reads a file; `None` for one that holds no script.
    pub fn of(file: &SourceFile) -> Option<Self> {
        if file.is_binary() {
            return None;
        }
        match file.language()? {
            language @ (Language::Bash | Language::Python) => Some(whole(file, language)),
            Language::Yaml => steps(file),
            _ => None,
        }
    }

    fn unread(read: Read) -> Self {
        Self {
            seen: Vec::new(),
            read,
        }
    }
}

fn whole(file: &SourceFile, language: Language) -> Facts {
    let bytes = file.bytes();
    let found = match language {
        Language::Python => file.tree().map(|tree| python::read(tree, bytes)),
        _ => match shell::prepared(bytes) {
            Cow::Borrowed(_) => file.tree().map(|tree| shell::read(tree, bytes, bytes, &[])),
            Cow::Owned(prepared) => {
                file::parse(language, &prepared).map(|tree| shell::read(&tree, bytes, bytes, &[]))
            }
        },
    };
    let Some(found) = found else {
        return Facts::unread(not_parsed(bytes.len()));
    };
    Facts {
        seen: seen(file, &found.hits, |at| at),
        read: if found.has_errors {
            Read::Flawed
        } else {
            Read::All
        },
    }
}

fn not_parsed(size: usize) -> Read {
    if size > file::PARSE_LIMIT {
        Read::Left("not judged: larger than the size limit for parsing".to_owned())
    } else {
        Read::Nothing("not judged: too intricate to be parsed".to_owned())
    }
}

fn steps(file: &SourceFile) -> Option<Facts> {
    let Some(text) = file.text() else {
        return Some(Facts::unread(Read::Nothing("it is not UTF-8".to_owned())));
    };
    let scripts = match workflow::scripts(text) {
        Ok(scripts) if scripts.is_empty() => return None,
        Ok(scripts) => scripts,
        Err(why) => {
            let why = format!("it is no YAML: {why}");
            return Some(Facts::unread(Read::Nothing(why)));
        }
    };
    let mut facts = Facts::unread(Read::All);
    for script in &scripts {
        let found = script_found(script);
        if found.unread {
            facts.read = not_parsed(script.region.text().len());
        } else if found.has_errors && facts.read == Read::All {
            facts.read = Read::Flawed;
        }
        let place = |at| script.region.place(at);
        facts.seen.extend(seen(file, &found.hits, place));
    }
    Some(facts)
}

fn script_found(script: &Script) -> Found {
    let written = script.region.text();
    let expressions = workflow::expressions(written);
    let mut masked = written.as_bytes().to_vec();
    for range in &expressions {
        masked[range.clone()].fill(b'_');
    }
    let found = match script.shell {
        Shell::Posix => file::parse(Language::Bash, &shell::prepared(&masked))
            .map(|tree| shell::read(&tree, &masked, written.as_bytes(), &expressions)),
        Shell::Python => {
            file::parse(Language::Python, &masked).map(|tree| python::read(&tree, &masked))
        }
        Shell::Other(_) => Some(Found::default()),
    };
    found.unwrap_or(Found {
        unread: true,
        ..Found::default()
    })
}

/// A finding stands at the offending part if that is on the statement's first line, where a comment can stand; else at
/// the statement.
fn seen(file: &SourceFile, hits: &[Hit], place: impl Fn(usize) -> usize) -> Vec<Seen> {
    let places = |hit: &Hit| [place(hit.statement), place(hit.part)];
    let points = points(file, hits.iter().flat_map(places).collect());
    let mut anchor = (0, String::new());
    let seen = hits.iter().map(|hit| {
        let [statement, part] = places(hit).map(|at| points[&at]);
        let start = if part.line == statement.line {
            part
        } else {
            statement
        };
        if anchor.0 != start.line {
            anchor = (start.line, file::anchor(file.line(start.line)));
        }
        let end = Point {
            column: start.column + 1,
            ..start
        };
        Seen {
            kind: hit.kind,
            span: Span { start, end },
            anchor: anchor.1.clone(),
        }
    });
    seen.collect()
}

/// The points of byte offsets, in one pass: a line may be long, and hold many.
fn points(file: &SourceFile, mut offsets: Vec<usize>) -> BTreeMap<usize, Point> {
    offsets.sort_unstable();
    offsets.dedup();
    let mut points = BTreeMap::new();
    let mut last: Option<(usize, Point)> = None;
    for offset in offsets {
        let near = last.and_then(|(at, point)| Some((point, file.bytes().get(at..offset)?)));
        let point = match near {
            Some((point, between)) if !between.contains(&b'\n') => Point {
                column: point.column.saturating_add(columns(between)),
                ..point
            },
            _ => file.point(offset),
        };
        points.insert(offset, point);
        last = Some((offset, point));
    }
    points
}

fn columns(bytes: &[u8]) -> u32 {
    let chunks = bytes.utf8_chunks();
    let columns: usize = chunks
        .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
        .sum();
    u32::try_from(columns).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::class::PathClass;

    fn facts(language: Language, text: &[u8]) -> Option<Facts> {
        Facts::of(&SourceFile::new(
            text.to_vec(),
            Some(language),
            PathClass::default(),
        ))
    }

    fn check(language: Language, text: &[u8], expected: &[(u32, u32)]) {
        let facts = facts(language, text).expect("it is a script");
        let starts = facts.seen.iter().map(|seen| seen.span.start);
        let starts: Vec<(u32, u32)> = starts.map(|start| (start.line, start.column)).collect();
        assert_eq!(starts, expected, "{}", String::from_utf8_lossy(text));
    }

    #[test]
    fn places_are_exact() {
        check(
            Language::Bash,
            "\u{e9}=1; echo \"a $x\"".as_bytes(),
            &[(1, 14)],
        );
        check(
            Language::Bash,
            b"if a; then\n  echo \"a\n$x\"\nfi",
            &[(2, 10), (2, 3)],
        );
        check(
            Language::Bash,
            b"if x; then\n  a 2>&1 | b | c 'd'\nfi\n\necho \"$x\"\nif b=1 e >/dev/null 2>&1; then echo $y; fi\n",
            &[(5, 7), (6, 37)],
        );
        check(
            Language::Yaml,
            b"jobs: {a: {steps: [{run: 'echo ''a'' $x'}]}}",
            &[(1, 38)],
        );
        check(
            Language::Yaml,
            b"jobs:\n  a:\n    steps:\n      - run: |2\n          make\n\n          echo ${{ x }} $y\n      - run: >-\n          echo\n          $z\n",
            &[(7, 16), (9, 11)],
        );
    }

    /// Each would take minutes or the whole memory if nested calls, or the square of the length, were in the way.
    #[test]
    fn hostile_scripts_end() {
        for unit in [
            "(",
            "$(",
            "\"$(",
            "echo \"${x:-",
            "{ echo $x;} >f;",
            "`",
            "a|",
            ")",
            "\0",
            "x=(",
            "<<A ",
            "if a; then ",
            "f(){ ",
            "echo $x;",
            "[[ ( ",
            "2>",
            "\"",
        ] {
            let _ = facts(Language::Bash, unit.repeat(40_000 / unit.len()).as_bytes());
        }
        for unit in [
            "(",
            "print(",
            "f\"{",
            "print('\u{e9}'.format(",
            "\\\n",
            "not ",
            "b'\\",
        ] {
            let _ = facts(
                Language::Python,
                unit.repeat(40_000 / unit.len()).as_bytes(),
            );
        }
        for unit in ["[", "- ", "a:\n ", "{a: ", "\"", "&a [*a, "] {
            let _ = facts(Language::Yaml, unit.repeat(40_000 / unit.len()).as_bytes());
        }
    }

    #[test]
    fn what_was_not_read_is_told() {
        let read = |language, text: &[u8]| facts(language, text).map(|facts| facts.read);
        assert_eq!(read(Language::Bash, b"if x; then ) fi"), Some(Read::Flawed));
        let pipes = "a|".repeat(6_000);
        assert!(matches!(
            read(Language::Bash, pipes.as_bytes()),
            Some(Read::Nothing(_))
        ));
        let large = vec![b'#'; file::PARSE_LIMIT + 1];
        assert!(matches!(read(Language::Bash, &large), Some(Read::Left(_))));
        assert!(matches!(
            read(Language::Yaml, b"a: ["),
            Some(Read::Nothing(_))
        ));
        assert!(matches!(
            read(Language::Yaml, b"a: \xff"),
            Some(Read::Nothing(_))
        ));
        assert_eq!(read(Language::Yaml, b"a: b"), None);
        assert_eq!(read(Language::Bash, b"echo $x \0"), None);
    }
}
