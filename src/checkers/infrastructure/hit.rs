//! Owns what is observed in one file: the hits, and what was not read.

use std::ops::{Range, RangeInclusive};

use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::model::rule::Severity;
use crate::source::file::{SourceFile, anchor};

use super::kinds::Kind;
use super::marks::Marks;
use super::terraform::Module;

/// At most as many hits are kept for one file; one with more is seen in part only.
const MOST: usize = 5_000;

/// One hit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Hit {
    pub kind: Kind,
    pub severity: Severity,
    pub span: Span,
    pub headline: String,
    pub anchor: String,
    /// The mark of another tool that silences it.
    pub mark: Option<String>,
    /// What elsewhere in the tree takes it away.
    pub unless: Option<Unless>,
}

/// What elsewhere in the tree takes a hit away.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unless {
    /// A `.dockerignore` for the Dockerfile.
    Ignored,
    /// A kustomization or skaffold.yaml that sets the tag of this image.
    Set(String),
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Family {
    Dockerfile,
    Compose,
    Kubernetes,
    Terraform,
}

/// What was not read of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unread {
    /// So many instructions or blocks of it.
    Parts(usize),
    /// A template that another program makes the file of.
    Template,
    /// It cannot be parsed.
    Broken,
}

/// What is observed in a file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    pub family: Option<Family>,
    pub hits: Vec<Hit>,
    /// Hits beyond [`MOST`].
    pub more: usize,
    pub unread: Option<Unread>,
    /// Images whose tags the file sets.
    pub images: Vec<String>,
    /// What a Terraform file declares; it is judged with the other files of its folder.
    pub module: Option<Module>,
}

impl Facts {
    /// Of a file that was not read.
    #[must_use]
    pub fn unread(unread: Unread) -> Self {
        Self {
            unread: Some(unread),
            ..Self::default()
        }
    }
}

/// Collects the hits of a file.
pub struct Hits<'a> {
    pub file: &'a SourceFile,
    marks: Marks,
    /// The lines of the statement that is looked at: a mark at any of them counts.
    pub scope: RangeInclusive<u32>,
    pub facts: Facts,
    /// The line that was anchored last, and its anchor: a long line may have many hits.
    anchored: (u32, String),
}

impl<'a> Hits<'a> {
    #[must_use]
    pub fn of(file: &'a SourceFile, family: Family) -> Self {
        Self {
            file,
            marks: Marks::of(file),
            scope: 0..=0,
            facts: Facts {
                family: Some(family),
                ..Facts::default()
            },
            anchored: (0, String::new()),
        }
    }

    /// Keeps a hit at `range`, as severe as its rule.
    pub fn push(&mut self, kind: Kind, range: Range<usize>, headline: impl Into<String>) {
        self.graded(kind, kind.rule().severity, range, headline);
    }

    /// Keeps a hit of its own severity.
    pub fn graded(
        &mut self,
        kind: Kind,
        severity: Severity,
        range: Range<usize>,
        headline: impl Into<String>,
    ) {
        self.at(kind, severity, self.file.span(range), headline);
    }

    /// Keeps a hit in a span.
    pub fn at(&mut self, kind: Kind, severity: Severity, span: Span, headline: impl Into<String>) {
        if self.facts.hits.len() >= MOST {
            self.facts.more += 1;
            return;
        }
        let line = span.start.line;
        if self.anchored.0 != line {
            self.anchored = (line, anchor(self.file.line(line)));
        }
        self.facts.hits.push(Hit {
            kind,
            severity: tempered(severity, self.file),
            span,
            headline: headline.into(),
            anchor: self.anchored.1.clone(),
            mark: self.mark(line, kind),
            unless: None,
        });
    }

    /// The mark that silences the rule at the line, or at the statement that is looked at.
    pub fn mark(&self, line: u32, kind: Kind) -> Option<String> {
        let here = self.marks.at(&(line..=line), kind);
        here.or_else(|| self.marks.at(&self.scope, kind))
    }

    /// Says what takes the last hit away.
    pub fn unless(&mut self, unless: Unless) {
        if let Some(hit) = self.facts.hits.last_mut() {
            hit.unless = Some(unless);
        }
    }
}

/// Tests, examples and other people's files are two steps less severe.
pub fn tempered(severity: Severity, file: &SourceFile) -> Severity {
    let class = file.class();
    if !(class.test || class.vendored) {
        return severity;
    }
    match severity {
        Severity::Critical => Severity::Medium,
        Severity::High => Severity::Low,
        _ => Severity::Info,
    }
}
