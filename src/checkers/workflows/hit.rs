//! Owns what is observed in one pipeline file: findings with their places, told once each.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::model::rule::{Rule, Severity};
use crate::source::file::{SourceFile, anchor};

use super::marks;
use super::rules::RULES;

/// At most as many findings are kept for one file.
const MOST: usize = 1_000;

/// A finding, without its path.
#[derive(Debug, Serialize, Deserialize)]
pub struct Hit {
    /// The rule's position in [`RULES`].
    rule: usize,
    pub severity: Severity,
    pub span: Span,
    pub headline: String,
    pub help: String,
    pub anchor: String,
    /// The mark of another tool that silences it.
    pub mark: Option<String>,
}

impl Hit {
    /// The rule.
    pub fn rule(&self) -> &'static Rule {
        RULES[self.rule.min(RULES.len() - 1)]
    }

    /// Sets another severity than the rule's.
    pub const fn graded(&mut self, severity: Severity) {
        self.severity = severity;
    }
}

/// A file of the tree that a pipeline names.
#[derive(Debug, Serialize, Deserialize)]
pub struct Local {
    pub path: String,
    pub span: Span,
    pub anchor: String,
}

/// What is known of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    pub hits: Vec<Hit>,
    pub locals: Vec<Local>,
    /// How many more there were than are kept.
    pub more: usize,
    /// Why it could not be read.
    pub unread: Option<String>,
    /// Scripts that could not be read.
    pub unread_scripts: usize,
}

/// Takes the findings of one file.
pub struct Sink<'a> {
    file: &'a SourceFile,
    pub facts: Facts,
    /// What marks may stand beside, besides the finding's own lines: the step that it is in.
    pub around: Range<usize>,
}

impl<'a> Sink<'a> {
    pub fn new(file: &'a SourceFile) -> Self {
        Self {
            file,
            facts: Facts::default(),
            around: 0..0,
        }
    }

    /// Tells a finding of `rule` at these bytes of the file.
    pub fn tell(
        &mut self,
        rule: &'static Rule,
        at: Range<usize>,
        headline: impl Into<String>,
        help: impl Into<String>,
    ) -> &mut Hit {
        if self.facts.hits.len() >= MOST {
            self.facts.more += 1;
            return self.facts.hits.last_mut().expect("it is full");
        }
        let span = self.file.span(at.clone());
        let number = RULES.iter().position(|known| known.id == rule.id);
        let hit = Hit {
            rule: number.unwrap_or_default(),
            severity: rule.severity,
            span,
            headline: headline.into(),
            help: help.into(),
            anchor: anchor(self.file.line(span.start.line)),
            mark: self.mark(rule, span, &at),
        };
        self.facts.hits.push(hit);
        self.facts.hits.last_mut().expect("one was pushed")
    }

    /// Remembers a file of the tree that is named here.
    pub fn local(&mut self, path: &str, at: Range<usize>) {
        if self.facts.locals.len() >= MOST {
            self.facts.more += 1;
            return;
        }
        let span = self.file.span(at);
        let anchor = anchor(self.file.line(span.start.line));
        self.facts.locals.push(Local {
            path: path.to_owned(),
            span,
            anchor,
        });
    }

    fn mark(&self, rule: &Rule, span: Span, at: &Range<usize>) -> Option<String> {
        let inside = self.around.contains(&at.start);
        let (from, to) = if inside {
            let around = self.file.span(self.around.clone());
            (around.start.line, around.end.line.max(span.start.line))
        } else {
            (span.start.line, span.start.line)
        };
        // A step of thousands of lines is not searched for each of its findings.
        (from..=to.min(from + 200)).find_map(|line| marks::of(self.file.line(line), rule))
    }

    /// What was found, each once: an alias may lead to the same place twice.
    pub fn done(mut self) -> Facts {
        let key = |hit: &Hit| (hit.span, hit.rule, hit.headline.clone());
        self.facts.hits.sort_by_key(key);
        self.facts.hits.dedup_by(|a, b| key(a) == key(b));
        self.facts.locals.sort_by_key(|local| local.span);
        self.facts.locals.dedup_by(|a, b| a.span == b.span);
        self.facts
    }
}
