//! Owns the checker `duplication`: code that stands at several places.

mod facts;
mod find;
mod groups;
mod lines;
mod new;
mod options;
mod tokens;
mod windows;

#[cfg(test)]
mod tests;

use crate::base::words;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use facts::{Code, Facts, Left};
use find::{Clone, Found, Place};
use options::Options;

static IDENTICAL_CODE: Rule = rule!("identical-code", Low, "2026-11");
static SIMILAR_CODE: Rule = rule!("similar-code", Low, "2026-11");

/// A configured check.
#[derive(Debug)]
pub struct Duplication(Options);

/// At most so many other places are named in a finding.
const NAMED: usize = 5;

/// The fewest tokens that an option may ask for: fewer stand everywhere.
const LEAST: usize = 10;

impl Checker for Duplication {
    const NAME: &'static str = "duplication";
    const SUMMARY: &'static str =
        "code that stands at several places, in every language that is parsed";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&IDENTICAL_CODE, &SIMILAR_CODE];
    const METRICS: &'static [Metric] = &[
        Metric::measured(
            "duplication",
            Dimension::Share,
            Better::Lower,
            "lines of code that stand in some duplicate, each counted once",
        ),
        Metric::measured(
            "duplicated_lines",
            Dimension::Count,
            Better::Lower,
            "lines of code that stand in some duplicate, each counted once",
        ),
        Metric::measured(
            "new_duplication",
            Dimension::Share,
            Better::Lower,
            "lines of code that are new since the base and stand in some duplicate; with the option `new` only",
        ),
        Metric::counts(
            "duplicated_blocks",
            &["identical-code", "similar-code"],
            "places at which code stands that stands elsewhere too",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        if options.min_tokens < LEAST {
            return Err(format!(
                "`min_tokens` below {LEAST} finds what stands everywhere"
            ));
        }
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let class = file.class;
        may_be_code(file)
            && !(class.vendored || class.generated || class.minified || class.lock)
            && (self.0.tests || !class.test)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file)
    }

    fn lane(&self) -> Lane {
        if self.0.new { Lane::Waits } else { Lane::Pure }
    }

    fn gives(&self, metric: &str) -> bool {
        metric != "new_duplication" || self.0.new
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut read: Vec<(&FileMeta, &Code)> = Vec::new();
        let mut left: Vec<(&FileMeta, Left)> = Vec::new();
        for Observed { file, facts } in files {
            match facts {
                Some(Facts::Code(code)) => read.push((file, code)),
                Some(Facts::Left(why)) => left.push((file, *why)),
                None => {}
            }
        }
        if read.is_empty() && left.is_empty() {
            return Ok(Evidence::not_applicable(
                "code in a language that is parsed",
            ));
        }
        read.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        let codes: Vec<&Code> = read.iter().map(|(_, code)| *code).collect();
        let found = find::find(&codes, &self.0);
        let mut evidence = evidence(&read, &found);
        if self.0.new {
            new::measure(&read, &found.lines, cx.change.diff()?, &mut evidence);
        }
        self.say_what_was_left(&mut evidence, &left, cx);
        Ok(evidence)
    }
}

fn evidence(read: &[(&FileMeta, &Code)], found: &Found) -> Evidence {
    let mut evidence = Evidence::default();
    for clone in &found.clones {
        for (at, place) in clone.places.iter().enumerate() {
            if !place.is_told {
                evidence.findings.push(finding(read, clone, at, place));
            }
        }
    }
    let lines: u64 = read.iter().map(|(_, code)| u64::from(code.lines)).sum();
    let duplicated: u64 = found.lines.values().map(|lines| lines.len() as u64).sum();
    if let Some(share) = Value::ratio(duplicated, lines) {
        evidence.measure("duplication", share);
    }
    evidence.measure(
        "duplicated_lines",
        Value::Plain(Quantity::count(
            usize::try_from(duplicated).unwrap_or(usize::MAX),
        )),
    );
    if found.gave_up {
        evidence.partial("the search took more steps than code takes and was given up; exclude files that nobody writes");
    }
    if found.data > 0 {
        let tables = words::count(found.data, "group");
        evidence
            .notes
            .push(format!("{tables} of equal tables of data not counted"));
    }
    let flawed = read.iter().filter(|(_, code)| code.is_flawed).count();
    if flawed > 0 {
        let files = words::count(flawed, "file");
        evidence.notes.push(format!(
            "{files} with syntax that was not understood; their tokens were compared all the same"
        ));
    }
    evidence
}

impl Duplication {
    fn say_what_was_left(&self, evidence: &mut Evidence, left: &[(&FileMeta, Left)], cx: &Cx<'_>) {
        for (file, _) in left.iter().filter(|(_, why)| *why == Left::Intricate) {
            evidence.partial(format!("{}: too intricate to parse", file.path));
        }
        let told = |why| left.iter().filter(|(_, left)| *left == why).count();
        let code = cx
            .tree
            .files()
            .iter()
            .filter(|file| file.language.is_some() && may_be_code(file));
        let (mut generated, mut vendored, mut packed, mut tests) =
            (told(Left::Generated), 0, told(Left::Packed), 0);
        for class in code.map(|file| file.class) {
            if class.vendored {
                vendored += 1;
            } else if class.generated || class.lock {
                generated += 1;
            } else if class.minified {
                packed += 1;
            } else if class.test && !self.0.tests {
                tests += 1;
            }
        }
        let all = [
            (generated, "generated"),
            (vendored, "vendored"),
            (packed, "minified or bundled"),
            (told(Left::Large), "too large to parse"),
            (tests, "of tests (option `tests`)"),
        ];
        for (count, what) in all.into_iter().filter(|(count, _)| *count > 0) {
            let files = words::count(count, "file");
            evidence
                .notes
                .push(format!("{files} not looked into: {what}"));
        }
    }
}

/// May it be code in a language with a grammar? A file without a telling name may be.
fn may_be_code(file: &FileMeta) -> bool {
    file.is_file()
        && file
            .language
            .is_none_or(|language| tokens::Table::of(language).is_some())
}

fn finding(read: &[(&FileMeta, &Code)], clone: &Clone, at: usize, place: &Place) -> Finding {
    let shown = |place: &Place| {
        let path = &read[place.file].0.path;
        format!("{path}:{}-{}", place.lines.first, place.lines.last)
    };
    let others: Vec<String> = clone
        .places
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != at)
        .take(NAMED)
        .map(|(_, place)| shown(place))
        .collect();
    let more = clone.places.len() - 1 - others.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let (rule, how) = if clone.is_same {
        (&IDENTICAL_CODE, "the same code as")
    } else {
        (&SIMILAR_CODE, "the same code but for names and values as")
    };
    let span = place::Span {
        start: place::Point {
            line: place.lines.first,
            column: 1,
        },
        end: place::Point {
            line: place.lines.last.saturating_add(1),
            column: 1,
        },
    };
    let headline = format!(
        "{}, {}: {how} {}{more}",
        words::count(place.lines.code, "line"),
        words::count(clone.tokens, "token"),
        others.join(", "),
    );
    let help = "put what is common in one place and use it from each; if the places only happen to look alike, leave them and exempt them with the reason";
    Finding::new(
        rule,
        place::Place::Part(read[place.file].0.path.clone(), span),
        headline,
        help,
    )
    .anchored(clone.anchor.clone())
}
