//! Owns what is observed in one file: threats with their places.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::model::rule::Severity;
use crate::source::file::{SourceFile, anchor};

/// At most so many hits of one file are kept.
const MOST: usize = 1_000;

/// What a hit is an instance of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    MixedScripts,
    TerminalEscape,
    YamlCode,
    YamlBomb,
    YamlDuplicate,
    ScriptLink,
    LinkMismatch,
    ImageData,
    AgentOverride,
    AgentTheft,
    HiddenInstruction,
}

/// One hit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Hit {
    pub kind: Kind,
    pub span: Span,
    pub severity: Severity,
    pub headline: String,
    pub anchor: String,
}

/// What is known of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    pub hits: Vec<Hit>,
    pub more: usize,
    /// Is it a YAML file that is none?
    pub no_yaml: bool,
}

impl Facts {
    /// Adds a hit at these bytes.
    pub fn add(
        &mut self,
        file: &SourceFile,
        kind: Kind,
        at: Range<usize>,
        severity: Severity,
        headline: impl Into<String>,
    ) {
        if self.hits.len() >= MOST {
            self.more += 1;
            return;
        }
        let span = file.span(at);
        self.hits.push(Hit {
            kind,
            span,
            severity,
            headline: headline.into(),
            anchor: anchor(file.line(span.start.line)),
        });
    }
}

/// What stands before a place on its line; of a very long line, the last part.
pub fn before_on_line(text: &str, at: usize) -> &str {
    let from = (at.saturating_sub(400)..=at).find(|&from| text.is_char_boundary(from));
    let before = &text[from.unwrap_or(at)..at];
    before.rsplit('\n').next().unwrap_or(before)
}
