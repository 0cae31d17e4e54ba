//! Owns the checker `smells`: marks of work to be done, code that nobody runs, leftovers of a search for mistakes, and what can only be
//! a slip.

mod branches;
mod code;
mod comments;
mod debug;
mod facts;
mod handler;
mod keys;
mod marker;
mod options;
mod output;
mod prose;
mod same;
mod script;
mod statement;
mod table;
mod unreachable;
mod walk;

use crate::base::words;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use facts::{Facts, Hit, Kind, Unread};
use marker::Markers;
use options::Options;

static WORK_MARKER: Rule = rule!("work-marker", Info, "2026-12");
static COMMENTED_OUT_CODE: Rule = rule!("commented-out-code", Low, "2026-12");
static DEBUG_LEFTOVER: Rule = rule!("debug-leftover", Medium, "2026-12");
static SWALLOWED_ERROR: Rule = rule!("swallowed-error", Low, "2026-12");
static IDENTICAL_BRANCHES: Rule = rule!("identical-branches", Medium, "2026-12");
static DUPLICATE_CONDITION: Rule = rule!("duplicate-condition", Medium, "2026-12");
static DUPLICATE_KEY: Rule = rule!("duplicate-key", Medium, "2026-12");
static SELF_COMPARISON: Rule = rule!("self-comparison", Medium, "2026-12");
static SELF_ASSIGNMENT: Rule = rule!("self-assignment", Medium, "2026-12");
static UNREACHABLE_CODE: Rule = rule!("unreachable-code", Medium, "2026-12");

/// A configured check.
#[derive(Debug)]
pub struct Smells {
    options: Options,
    markers: Markers,
}

impl Checker for Smells {
    const NAME: &'static str = "smells";
    const SUMMARY: &'static str =
        "work left to be done, code that nobody runs, leftovers of debugging, and slips";
    const REVISION: u32 = 2;
    const RULES: &'static [&'static Rule] = &[
        &WORK_MARKER,
        &COMMENTED_OUT_CODE,
        &DEBUG_LEFTOVER,
        &SWALLOWED_ERROR,
        &IDENTICAL_BRANCHES,
        &DUPLICATE_CONDITION,
        &DUPLICATE_KEY,
        &SELF_COMPARISON,
        &SELF_ASSIGNMENT,
        &UNREACHABLE_CODE,
    ];
    const GUIDE: &'static str = "What counts, and how often it is wrong: [smells](../smells.md).";
    const METRICS: &'static [Metric] = &[
        Metric::counts("smells", &[], "smells of every kind"),
        Metric::counts(
            "work_markers",
            &["work-marker"],
            "marks of work to be done in comments",
        ),
        Metric::counts(
            "commented_out_code",
            &["commented-out-code"],
            "comments that are code",
        ),
        Metric::counts(
            "debug_leftovers",
            &["debug-leftover"],
            "calls of debuggers, and output that shows what a value is",
        ),
        Metric::counts(
            "slips",
            &[
                "identical-branches",
                "duplicate-condition",
                "duplicate-key",
                "self-comparison",
                "self-assignment",
                "unreachable-code",
            ],
            "code that cannot do what it says",
        ),
        Metric::counts(
            "swallowed_errors",
            &["swallowed-error"],
            "handlers of errors that do nothing and do not say why",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        let markers = Markers::new(&options.markers)?;
        Ok(Self { options, markers })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        wants(file) && (self.options.tests || !file.class.test)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file, &self.options, &self.markers)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let (mut read, mut packed, mut generated, mut flawed) = (0, 0, 0, 0);
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            match facts.unread {
                Some(Unread::Generated) => generated += 1,
                Some(Unread::Packed) => packed += 1,
                Some(why) => evidence.partial(format!("{}: {}", file.path, why.why())),
                None => read += 1,
            }
            flawed += usize::from(facts.is_flawed);
            if facts.more > 0 {
                evidence.partial(format!(
                    "{}: {} more findings than are kept; exclude the file if nobody writes it",
                    file.path, facts.more
                ));
            }
            let is_script = script::is_script(&file.path)
                || self
                    .options
                    .scripts
                    .iter()
                    .any(|glob| glob.matches(&file.path));
            let hits = facts.hits.iter();
            let hits = hits.filter(|hit| hit.kind != Kind::DebugOutput || !is_script);
            // A console is what a project opens to look at itself.
            let is_console = file.path.name() == b"console";
            let hits = hits.filter(|hit| !is_console || !hit.what.starts_with("binding."));
            evidence.findings.extend(hits.map(|hit| finding(file, hit)));
        }
        let tests = cx.tree.files().iter();
        let tests = tests.filter(|file| !self.options.tests && file.class.test && wants(file));
        let tests = tests
            .filter(|file| file.language.is_some_and(facts::is_read))
            .count();
        if read == 0 && evidence == Evidence::default() {
            return Ok(Evidence::not_applicable(
                "code in a language that is parsed",
            ));
        }
        for (count, what) in [
            (tests, "of tests not judged (option `tests`)"),
            (generated, Unread::Generated.why()),
            (packed, Unread::Packed.why()),
            (
                flawed,
                "with syntax that was not understood; the rest was looked into",
            ),
        ] {
            if count > 0 {
                let files = words::count(count, "file");
                evidence.notes.push(format!("{files} {what}"));
            }
        }
        Ok(evidence)
    }

    fn globs(&self) -> Vec<&crate::check::options::Glob> {
        self.options.scripts.iter().collect()
    }
}

/// Is it code that somebody here wrote, or may be?
fn wants(file: &FileMeta) -> bool {
    let class = file.class;
    file.is_file()
        && file.language.is_none_or(facts::is_read)
        && !(class.vendored || class.generated || class.minified || class.lock)
}

fn finding(file: &FileMeta, hit: &Hit) -> Finding {
    let what = &hit.what;
    let (rule, headline, help) = match hit.kind {
        Kind::WorkMarker => (
            &WORK_MARKER,
            format!("work is left to be done: {what}"),
            "do it, or write it down where work is planned and name that place",
        ),
        Kind::CommentedOutCode => (
            &COMMENTED_OUT_CODE,
            format!("{what} of code in a comment"),
            "delete it: the history keeps it",
        ),
        Kind::DebugLeftover => (
            &DEBUG_LEFTOVER,
            format!("`{what}` is left of a search for a mistake"),
            "take it out",
        ),
        Kind::DebugOutput => (
            &DEBUG_LEFTOVER,
            format!("`{what}` shows what a value is, and looks like a leftover"),
            "take it out, or write to the log; name the file in the option `scripts` if its output is meant",
        ),
        Kind::SwallowedError => (
            &SWALLOWED_ERROR,
            format!("{what} is caught, and nothing is done about it"),
            "handle it, log it, or catch less; if it is right to go on, say why in a comment",
        ),
        Kind::IdenticalBranches => (
            &IDENTICAL_BRANCHES,
            what.clone(),
            "mend the branch that was copied, or take the condition away",
        ),
        Kind::DuplicateCondition => (
            &DUPLICATE_CONDITION,
            format!("this condition was asked already, in {what}: its branch is never taken"),
            "ask what was meant, or take the branch away",
        ),
        Kind::DuplicateKey => (
            &DUPLICATE_KEY,
            format!("this key stands in {what} already, whose value is lost"),
            "take one of them away",
        ),
        Kind::SelfComparison => (
            &SELF_COMPARISON,
            format!("`{what}` stands on both sides"),
            "compare with what was meant",
        ),
        Kind::SelfAssignment => (
            &SELF_ASSIGNMENT,
            format!("`{what}` is assigned to itself"),
            "assign what was meant, or take the line away",
        ),
        Kind::UnreachableCode => (
            &UNREACHABLE_CODE,
            format!("nothing runs this: {what} leaves before"),
            "take it away, or leave later",
        ),
    };
    let place = Place::Part(file.path.clone(), hit.span);
    Finding::new(rule, place, headline, help).anchored(hit.anchor.clone())
}
