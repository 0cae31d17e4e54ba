//! Owns what is kept of a file: where risky code stands, of which class, how sure.

use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::model::rule::Severity;
use crate::source::file::{PARSE_LIMIT, SourceFile, anchor};
use crate::source::language::Language;

use super::class::{Class, Confidence};
use super::kind::Kinds;
use super::walk::{Found, Walk};
use super::{marks, shell, words};

/// A finding, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Its class.
    pub class: Class,
    /// How sure it is.
    pub confidence: Confidence,
    /// How bad it is, confidence and the file's role counted in.
    pub severity: Severity,
    /// Where it is.
    pub span: Span,
    /// What it is.
    pub headline: String,
    /// What tells it when lines move.
    pub anchor: String,
    /// The mark of another tool that stands there.
    pub mark: Option<String>,
}

/// What is observed in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The findings, in order.
    pub hits: Vec<Hit>,
    /// How many were not kept.
    pub more: usize,
    /// Why the file, or a part of it, was not looked at.
    pub unread: Option<Unread>,
}

/// Why a file, or a part of it, was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unread {
    /// It is larger than what is parsed.
    Large,
    /// The parser gave up.
    Intricate,
    /// It nests too deep.
    Deep,
    /// It is a bundle: its lines are longer than anybody writes.
    Packed,
    /// It has syntax that the grammar does not know; the rest was looked at.
    Flawed,
}

impl Unread {
    /// Why, in words.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Large => "too large to parse",
            Self::Intricate => "too intricate to parse",
            Self::Packed => "of lines that nobody writes (a bundle), not looked into",
            Self::Deep => "nested too deep in a part, which was not looked at",
            Self::Flawed => "with syntax that was not understood; the rest was looked at",
        }
    }
}

/// Is it a language that is looked at?
#[must_use]
pub fn is_read(language: Option<Language>) -> bool {
    matches!(
        language,
        Some(
            Language::Python
                | Language::JavaScript
                | Language::TypeScript
                | Language::Tsx
                | Language::Go
                | Language::Rust
                | Language::Java
                | Language::Bash
        )
    )
}

impl Facts {
    /// Looks at a file; `None` when there is nothing to tell.
    #[must_use]
    pub fn of(file: &SourceFile) -> Option<Self> {
        let language = file
            .language()
            .filter(|language| is_read(Some(*language)))?;
        let class = file.class();
        if class.generated || class.minified || !words::any(language, file.bytes()) {
            return None;
        }
        let unread = |why| {
            Some(Self {
                unread: Some(why),
                ..Self::default()
            })
        };
        if is_packed(file) {
            return unread(Unread::Packed);
        }
        let Some(tree) = file.tree() else {
            return unread(if file.bytes().len() > PARSE_LIMIT {
                Unread::Large
            } else {
                Unread::Intricate
            });
        };
        let mut facts = Self::default();
        let found = if language == Language::Bash {
            shell::look(file.bytes(), tree.root_node())
        } else {
            let kinds = Kinds::of(language)?;
            let mut walk = Walk::new(language, file.bytes(), kinds);
            walk.run(tree.root_node());
            facts.more = walk.more;
            facts.unread = walk.deep.then_some(Unread::Deep);
            walk.found
        };
        if facts.unread.is_none() && tree.root_node().has_error() {
            facts.unread = Some(Unread::Flawed);
        }
        facts.hits = found.into_iter().map(|found| hit(file, found)).collect();
        facts.hits.sort_by(|a, b| {
            (a.span.start, a.class, a.span.end).cmp(&(b.span.start, b.class, b.span.end))
        });
        facts
            .hits
            .dedup_by(|a, b| (a.class, a.span.start.line) == (b.class, b.span.start.line));
        (!facts.hits.is_empty() || facts.unread.is_some()).then_some(facts)
    }
}

/// Is it a bundle: lines that nobody writes?
fn is_packed(file: &SourceFile) -> bool {
    let script = matches!(
        file.language(),
        Some(Language::JavaScript | Language::TypeScript | Language::Tsx)
    );
    script && file.bytes().len() > 5_000 && file.bytes().len() / file.line_count().max(1) > 250
}

fn hit(file: &SourceFile, found: Found) -> Hit {
    let span = file.span(found.range.clone());
    let doubt = match found.confidence {
        Confidence::High => 0,
        Confidence::Medium => 1,
        Confidence::Low => 2,
    };
    let role = if found.test || file.class().test {
        2
    } else {
        0
    };
    Hit {
        class: found.class,
        confidence: found.confidence,
        severity: lowered(found.class.rule().severity, doubt, role),
        anchor: anchor(file.line(span.start.line)),
        mark: marks::at(file.bytes(), found.range.start, found.range.end),
        span,
        headline: found.headline,
    }
}

/// Doubt lowers a severity to low at most; a test's code lowers it further.
fn lowered(severity: Severity, doubt: usize, role: usize) -> Severity {
    let down = |severity, least| match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium => Severity::Low,
        Severity::Low | Severity::Info => least,
    };
    let doubted = (0..doubt).fold(severity, |severity, _| {
        let least = if severity == Severity::Info {
            severity
        } else {
            Severity::Low
        };
        down(severity, least)
    });
    (0..role).fold(doubted, |severity, _| down(severity, Severity::Info))
}

#[cfg(test)]
mod tests {
    use crate::checkers::sast::class::RULES;
    use crate::source::class::PathClass;

    use super::*;

    #[test]
    fn any_part_of_a_page_is_read() {
        // The examples of all rules, cut anywhere, in each language: no panic, findings inside of the file.
        let text: String = RULES.iter().map(|rule| rule.page).collect();
        let languages = Language::ALL
            .iter()
            .filter(|language| is_read(Some(**language)));
        for (n, language) in languages.enumerate() {
            for at in (n * 7..text.len().saturating_sub(900)).step_by(1_231) {
                let part = text.as_bytes()[at..at + 900].to_vec();
                let file = SourceFile::new(part, Some(*language), PathClass::default());
                let lines = u32::try_from(file.line_count()).expect("few lines");
                for hit in Facts::of(&file).into_iter().flat_map(|facts| facts.hits) {
                    assert!(hit.span.start <= hit.span.end && hit.span.end.line <= lines + 1);
                }
            }
        }
    }

    #[test]
    fn marks_and_roles_weigh() {
        let text = b"import os\nos.system('a ' + x)  # nosec\n".to_vec();
        let look = |test: bool| {
            let class = PathClass {
                test,
                ..PathClass::default()
            };
            let file = SourceFile::new(text.clone(), Some(Language::Python), class);
            Facts::of(&file).expect("a finding").hits.remove(0)
        };
        assert_eq!(look(false).mark.as_deref(), Some("# nosec"));
        assert_eq!(look(false).severity, Severity::Medium);
        assert_eq!(look(true).severity, Severity::Info);
    }

    #[test]
    fn severities() {
        assert_eq!(lowered(Severity::High, 0, 0), Severity::High);
        assert_eq!(lowered(Severity::High, 2, 0), Severity::Low);
        assert_eq!(lowered(Severity::Medium, 2, 0), Severity::Low);
        assert_eq!(lowered(Severity::High, 0, 2), Severity::Low);
        assert_eq!(lowered(Severity::Medium, 1, 2), Severity::Info);
    }
}
