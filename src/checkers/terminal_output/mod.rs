//! Owns the checker `terminal-output`: what scripts print with `echo`, here-documents and Python's `print`.

mod facts;
mod hit;
mod python;
mod shell;

use serde::{Deserialize, Serialize};

use crate::base::words::count;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use facts::{Facts, Read};
use hit::Kind;

static ECHO_NON_ASCII: Rule = rule!("echo-non-ascii", Medium, "2026-11");
static ECHO_COMMAND_SUBSTITUTION: Rule = rule!("echo-command-substitution", Low, "2026-11");
static ECHO_VARIABLE: Rule = rule!("echo-variable", Low, "2026-11");
static ECHO_MULTI_LINE: Rule = rule!("echo-multi-line", Low, "2026-11");
static ECHO_ESCAPE: Rule = rule!("echo-escape", Medium, "2026-11");
static HEREDOC_PRINT: Rule = rule!("heredoc-print", Low, "2026-11");
static PRINTF_NON_ASCII: Rule = rule!("printf-non-ascii", Medium, "2026-11");
static PRINT_NON_ASCII: Rule = rule!("print-non-ascii", Medium, "2026-11");

/// The options of `terminal-output`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Leave tests, fixtures and examples out.
    pub skip_tests: bool,
}

/// A configured check.
#[derive(Debug)]
pub struct TerminalOutput {
    options: Options,
}

impl Checker for TerminalOutput {
    const NAME: &'static str = "terminal-output";
    const SUMMARY: &'static str = "what shell scripts, workflows and Python print to the terminal";
    const REVISION: u32 = 3;
    const RULES: &'static [&'static Rule] = &[
        &ECHO_NON_ASCII,
        &ECHO_COMMAND_SUBSTITUTION,
        &ECHO_VARIABLE,
        &ECHO_MULTI_LINE,
        &ECHO_ESCAPE,
        &HEREDOC_PRINT,
        &PRINTF_NON_ASCII,
        &PRINT_NON_ASCII,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "terminal_output_violations",
            &[],
            "violations of the terminal output policy",
        ),
        Metric::counts(
            "non_ascii_output_violations",
            &["echo-non-ascii", "printf-non-ascii", "print-non-ascii"],
            "statements that print characters beyond ASCII",
        ),
        Metric::counts(
            "echo_expansion_violations",
            &["echo-command-substitution", "echo-variable"],
            "values that are printed with `echo`",
        ),
        Metric::counts(
            "multi_line_output_violations",
            &["echo-multi-line", "echo-escape", "heredoc-print"],
            "texts of several lines that are printed at once",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let class = file.class;
        let skipped = class.vendored || class.generated || class.minified || class.lock;
        let language = match file.language {
            None | Some(Language::Bash | Language::Python) => true,
            Some(Language::Yaml) => {
                class.workflow || matches!(file.path.name(), b"action.yml" | b"action.yaml")
            }
            Some(_) => false,
        };
        file.is_file() && language && !skipped && !(self.options.skip_tests && class.test)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], _cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let (mut judged, mut flawed, mut unread) = (0, Vec::new(), Vec::new());
        for observed in files {
            let Some(facts) = &observed.facts else {
                continue;
            };
            judged += 1;
            match &facts.read {
                Read::All => {}
                Read::Flawed => flawed.push(observed.file.path.to_string()),
                Read::Left(why) => unread.push(format!("{}: {why}", observed.file.path)),
                Read::Nothing(why) => evidence.partial(format!("{}: {why}", observed.file.path)),
            }
            for seen in &facts.seen {
                let (rule, headline, help) = words(seen.kind);
                let place = Place::Part(observed.file.path.clone(), seen.span);
                let finding = Finding::new(rule, place, headline, help);
                evidence
                    .findings
                    .push(finding.anchored(seen.anchor.clone()));
            }
        }
        if judged == 0 {
            return Ok(Evidence::not_applicable(
                "shell scripts, workflows with scripts, Python files",
            ));
        }
        if !flawed.is_empty() {
            evidence.notes.push(format!(
                "{} with syntax that was not understood; the rest of them was judged: {}",
                count(flawed.len(), "file"),
                flawed.join(", ")
            ));
        }
        evidence.notes.extend(unread);
        Ok(evidence)
    }
}

/// The rule of a kind, and a finding's headline and help.
const fn words(kind: Kind) -> (&'static Rule, &'static str, &'static str) {
    match kind {
        Kind::EchoNonAscii => (
            &ECHO_NON_ASCII,
            "`echo` prints a character beyond ASCII",
            "write it in plain ASCII: `OK`, `->`, `-`",
        ),
        Kind::EchoCommandSubstitution => (
            &ECHO_COMMAND_SUBSTITUTION,
            "`echo` prints the output of a command",
            "keep the output in a variable and print it with `printf '%s\\n' \"$value\"`",
        ),
        Kind::EchoVariable => (
            &ECHO_VARIABLE,
            "`echo` prints a value",
            "print it with `printf 'text: %s\\n' \"$value\"`",
        ),
        Kind::EchoMultiLine => (
            &ECHO_MULTI_LINE,
            "`echo` prints several lines at once",
            "write one `echo` for each line",
        ),
        Kind::EchoEscape => (
            &ECHO_ESCAPE,
            "`echo` is given escapes, which shells treat differently",
            "use `printf`, or one `echo` for each line",
        ),
        Kind::HeredocPrint => (
            &HEREDOC_PRINT,
            "a here-document is printed to the terminal",
            "write one `echo` for each line, or send the text into a file",
        ),
        Kind::PrintfNonAscii => (
            &PRINTF_NON_ASCII,
            "`printf` prints a character beyond ASCII",
            "write it in plain ASCII: `OK`, `->`, `-`",
        ),
        Kind::PrintNonAscii => (
            &PRINT_NON_ASCII,
            "Python prints a character beyond ASCII",
            "write it in plain ASCII: `OK`, `->`, `-`",
        ),
    }
}
