//! Owns the checker `sast`: risky code, found on syntax trees, with the flow of values followed inside of one function.

mod call;
pub mod class;
pub mod facts;
mod format;
mod java;
mod kind;
mod marks;
mod names;
pub mod options;
mod shell;
mod sinks;
mod sources;
mod table;
mod transfer;
mod value;
mod walk;
mod words;

use crate::base::words as messages;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use facts::{Facts, Unread};
use options::Options;

/// A configured check.
#[derive(Debug)]
pub struct Sast(Options);

/// At most so many marks or files are listed.
const LISTED: usize = 20;

impl Checker for Sast {
    const NAME: &'static str = "sast";
    const SUMMARY: &'static str =
        "risky code in Python, JavaScript, TypeScript, Go, Rust, Java and shell";
    const REVISION: u32 = 2;
    const RULES: &'static [&'static Rule] = class::RULES;
    const METRICS: &'static [Metric] = class::METRICS;

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        wants(file) && !(self.0.skip_tests && file.class.test)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], _: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let (mut marked, mut flawed, mut packed) = (Vec::new(), Vec::new(), Vec::new());
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            match facts.unread {
                Some(Unread::Flawed) => flawed.push(file.path.to_string()),
                Some(Unread::Packed) => packed.push(file.path.to_string()),
                Some(why) => evidence.partial(format!("{}: {}", file.path, why.why())),
                None => {}
            }
            if facts.more > 0 {
                evidence.partial(format!(
                    "{}: {} more findings than are kept; exclude the file if nobody writes it",
                    file.path, facts.more
                ));
            }
            for hit in &facts.hits {
                let place = Place::Part(file.path.clone(), hit.span);
                match &hit.mark {
                    Some(mark) if self.0.marks => marked.push(format!("{place} ({mark})")),
                    _ => evidence.findings.push(
                        Finding::new(
                            hit.class.rule(),
                            place,
                            hit.headline.clone(),
                            hit.class.help(),
                        )
                        .anchored(hit.anchor.clone())
                        .graded(hit.severity),
                    ),
                }
            }
        }
        let mut note = |all: &[String], noun: &str, what: &str, each: &str| {
            if all.is_empty() {
                return;
            }
            let notes = &mut evidence.notes;
            notes.push(format!("{} {what}", messages::count(all.len(), noun)));
            notes.extend(all.iter().take(LISTED).map(|one| format!("{each}: {one}")));
            if all.len() > LISTED {
                notes.push(format!("{each}: {} more", all.len() - LISTED));
            }
        };
        note(
            &marked,
            "finding",
            "silenced by the mark of another tool (option `marks`)",
            "silenced",
        );
        note(&packed, "file", Unread::Packed.why(), "bundle");
        note(
            &flawed,
            "file",
            Unread::Flawed.why(),
            "not understood in a part",
        );
        Ok(evidence)
    }
}

/// Is it code that somebody here wrote, or may be?
#[must_use]
pub fn wants(file: &FileMeta) -> bool {
    let class = file.class;
    file.is_file()
        && (file.language.is_none() || facts::is_read(file.language))
        && !(class.vendored || class.generated || class.minified || class.lock)
}
