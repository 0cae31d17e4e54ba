//! Owns the checker `patterns`: rules that users write over code and text.

mod code;
mod compiled;
mod options;
mod scan;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::base::words;
use crate::check::options::Glob;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{self, Severity};
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use options::{Options, Rule};
use scan::Facts;

/// A configured check.
#[derive(Debug)]
pub struct Patterns(Options);

impl Checker for Patterns {
    const NAME: &'static str = "patterns";
    const SUMMARY: &'static str = "rules of your own, as code, as tree-sitter queries or as text";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static rule::Rule] = &[];
    const GUIDE: &'static str = "How rules are written, with examples: [patterns](../patterns.md).";
    const METRICS: &'static [Metric] = &[
        Metric::counts("pattern_matches", &[], "findings of all rules"),
        Metric::graded(
            "pattern_critical",
            Severity::Critical,
            "findings of severity critical",
        ),
        Metric::graded("pattern_high", Severity::High, "findings of severity high"),
        Metric::graded(
            "pattern_medium",
            Severity::Medium,
            "findings of severity medium",
        ),
        Metric::graded("pattern_low", Severity::Low, "findings of severity low"),
        Metric::graded("pattern_info", Severity::Info, "findings of severity info"),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        if options.rules.is_empty() {
            return Err("there is no rule: add one to `rules`".to_owned());
        }
        let mut ids: Vec<&str> = options.rules.iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        let next = ids.iter().skip(1);
        if let Some((twice, _)) = ids.iter().zip(next).find(|(one, next)| one == next) {
            return Err(format!("two rules are called `{twice}`: rename one"));
        }
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let class = file.class;
        file.is_file()
            && !(class.vendored || class.generated || class.minified || class.lock)
            && self.0.rules.iter().any(|rule| is_for(rule, file))
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file, &self.0.rules)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], _: &Cx<'_>) -> Result<Evidence, Fault> {
        if files.is_empty() {
            return Ok(Evidence::not_applicable("files that the rules are for"));
        }
        let mut evidence = Evidence::default();
        let mut odd = 0;
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            odd += usize::from(facts.is_odd);
            for why in &facts.unread {
                evidence.partial(format!("{}: {why}", file.path));
            }
            for hit in &facts.hits {
                let Some(rule) = self.0.rules.get(hit.rule as usize) else {
                    continue;
                };
                if !is_for(rule, file) {
                    continue;
                }
                let id = Cow::Owned(rule.id.clone());
                let place = Place::Part(file.path.clone(), hit.span);
                let written = &rule.written;
                let finding = Finding::of(id, written.severity, place, &hit.message, &written.help);
                evidence.findings.push(finding.anchored(hit.anchor.clone()));
            }
        }
        if odd > 0 {
            let files = words::count(odd, "file");
            evidence
                .notes
                .push(format!("{files} not looked into: no text in UTF-8"));
        }
        Ok(evidence)
    }

    fn globs(&self) -> Vec<&Glob> {
        let rules = self.0.rules.iter().map(|rule| &rule.written);
        rules
            .flat_map(|rule| rule.paths.iter().chain(&rule.exclude))
            .collect()
    }
}

/// Is a rule for this file, as far as its metadata tell?
fn is_for(rule: &Rule, file: &FileMeta) -> bool {
    let written = &rule.written;
    let matches = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(&file.path));
    (written.tests || !file.class.test)
        && (written.paths.is_empty() || matches(&written.paths))
        && !matches(&written.exclude)
        && (file.language.is_none() || scan::fits(rule, file.language))
}
