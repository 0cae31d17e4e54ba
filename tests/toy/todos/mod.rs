//! Owns the checker `todos`: TODO marks that nobody is named for.

use serde::{Deserialize, Serialize};

use crate::check::context::Cx;
use crate::check::{Checker, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::{Place, Span};
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::{SourceFile, anchor};
use crate::source::tree::FileMeta;

static TODO_WITHOUT_OWNER: Rule = rule!("todo-without-owner", Low, "2026-11");

/// What a gate file can say.
#[derive(Clone, Debug, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The word that marks work to be done.
    word: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            word: "TODO".to_owned(),
        }
    }
}

/// A line with a mark that names nobody.
#[derive(Deserialize, Serialize)]
pub struct Mark {
    line: u32,
    anchor: String,
}

/// One configured check.
pub struct Todos {
    options: Options,
}

impl Checker for Todos {
    const NAME: &'static str = "todos";
    const SUMMARY: &'static str = "Marks of work to be done that nobody is named for";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&TODO_WITHOUT_OWNER];
    const METRICS: &'static [Metric] = &[Metric::counts(
        "todos_without_owner",
        &["todo-without-owner"],
        "marks that nobody is named for",
    )];

    type Options = Options;
    type Facts = Vec<Mark>;

    fn new(options: Options) -> Result<Self, String> {
        if options.word.is_empty() {
            return Err("the word is empty".to_owned());
        }
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        file.language.is_some() && !file.class.vendored
    }

    fn observe(&self, file: &SourceFile) -> Option<Vec<Mark>> {
        let mark = |(line, bytes): (u32, &[u8])| {
            let text = String::from_utf8_lossy(bytes);
            let (_, behind) = text.split_once(&self.options.word)?;
            let anchor = anchor(bytes);
            (!behind.starts_with('(')).then_some(Mark { line, anchor })
        };
        let marks: Vec<Mark> = file.lines().filter_map(mark).collect();
        (!marks.is_empty()).then_some(marks)
    }

    fn conclude(&self, files: &[Observed<'_, Vec<Mark>>], _: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        for Observed { file, facts } in files {
            for mark in facts.iter().flatten() {
                let place = Place::Part(file.path.clone(), Span::at(mark.line, 1));
                let word = &self.options.word;
                let headline = format!("{word} names nobody who will do it");
                let help = format!("write {word}(name), or do it");
                let finding = Finding::new(&TODO_WITHOUT_OWNER, place, headline, help);
                evidence
                    .findings
                    .push(finding.anchored(mark.anchor.clone()));
            }
        }
        Ok(evidence)
    }
}
