//! Owns the property that foreign text, whatever it holds, breaks no format and starts no command.

use proptest::prelude::*;
use qgate::base::path::RepoPath;
use qgate::model::finding::{Finding, Standing};
use qgate::model::gate::{Level, Scope};
use qgate::model::outcome::{GateOutcome, Verdict};
use qgate::model::place::{Place, Point, Span};
use qgate::model::report::{GateReport, Report};
use qgate::model::rule::Severity;
use qgate::model::waiver::Waiver;
use qgate::report::sarif;

use super::{check, markdown, render, sample};

/// What means something to some reader.
const SHARP: [&str; 34] = [
    "::",
    "::error::",
    "::stop-commands::x",
    "::add-mask::",
    "##[",
    "##[error]",
    "##vso[task.complete result=Failed]",
    "#",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "%0A",
    "%25",
    "%",
    "]]>",
    "]",
    ";",
    ",",
    "-->",
    "<!--",
    "<script>",
    "&amp;",
    "\"",
    "|",
    "`",
    "@user",
    "](http://x.y)",
    "[",
    "\u{1b}[31m",
    "\u{0}",
    "\u{fffe}",
    "\u{202e}",
    "\\",
];

fn foreign() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(&SHARP[..]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => any::<String>(),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

fn place() -> impl Strategy<Value = Place> {
    let path = prop_oneof![
        foreign().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 1..8),
    ]
    .prop_filter_map("no path", RepoPath::new);
    let span = (1_u32..50, 1_u32..9, 0_u32..3, 1_u32..9).prop_map(|(line, column, lines, end)| {
        let start = Point { line, column };
        let end = Point {
            line: line + lines,
            column: end,
        };
        Span {
            start,
            end: end.max(start),
        }
    });
    prop_oneof![
        (path.clone(), span).prop_map(|(path, span)| Place::Part(path, span)),
        path.prop_map(Place::File),
        foreign().prop_map(Place::Object),
    ]
}

fn finding() -> impl Strategy<Value = Finding> {
    let severity = prop::sample::select(vec![
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ]);
    let rule = prop_oneof![foreign(), Just("bidi-control".to_owned())];
    let standing = prop::sample::select(vec![
        Standing::Counts,
        Standing::Counts,
        Standing::OnBase,
        Standing::InBaseline,
        Standing::Waived(0),
    ]);
    let fix = prop::option::of(foreign());
    (rule, severity, place(), foreign(), foreign(), standing, fix).prop_map(
        |(rule, severity, place, headline, help, standing, fix)| Finding {
            standing,
            fix,
            ..sample::finding(&rule, severity, place, &headline, &help)
        },
    )
}

fn gate() -> impl Strategy<Value = GateReport> {
    let outcome = prop::sample::select(vec![
        GateOutcome::Passed,
        GateOutcome::Failed,
        GateOutcome::Warned,
        GateOutcome::NeedsApproval,
        GateOutcome::Unknown,
        GateOutcome::Bypassed,
        GateOutcome::NotApplicable,
        GateOutcome::NotConfigured,
    ]);
    let findings = prop::collection::vec(finding(), 0..4);
    (
        foreign(),
        any::<[bool; 3]>(),
        outcome,
        findings,
        foreign(),
        foreign(),
        foreign(),
    )
        .prop_map(
            |(id, [decides, decisive, new], outcome, findings, reason, cure, component)| {
                let level = if decides {
                    Level::Mandatory
                } else {
                    Level::Advisory
                };
                // An advisory gate never fails: the judge sees to that.
                let outcome = match outcome {
                    GateOutcome::Failed if !decides => GateOutcome::Warned,
                    other => other,
                };
                let mut gate = sample::gate(&id, level, outcome, findings);
                gate.reasons = vec![reason.clone()];
                gate.cures = vec![cure];
                gate.component = component;
                gate.origin = reason;
                gate.scope = if new { Scope::New } else { Scope::All };
                // What was there before is marked in gates of scope `new` only; what does not count breaks no criterion.
                for finding in &mut gate.checks[0].findings {
                    if finding.is_known() && !new {
                        finding.standing = Standing::Counts;
                    }
                    if !finding.counts() {
                        gate.decisive.remove(&finding.fingerprint);
                    }
                }
                if !decisive {
                    gate.decisive.clear();
                }
                gate
            },
        )
}

fn report() -> impl Strategy<Value = Report> {
    (
        prop::collection::vec(gate(), 0..4),
        foreign(),
        foreign(),
        foreign(),
    )
        .prop_map(|(gates, stage, notice, reason)| {
            let has = |wanted| {
                let mut gates = gates.iter();
                gates.any(|gate| gate.level == Level::Mandatory && gate.outcome == wanted)
            };
            let named = [
                GateOutcome::Failed,
                GateOutcome::NeedsApproval,
                GateOutcome::Unknown,
            ];
            let reasons: Vec<&str> = named
                .into_iter()
                .filter(|o| has(*o))
                .map(|_| reason.as_str())
                .collect();
            let verdict = match reasons.len() {
                0 => Verdict::Pass,
                _ if has(GateOutcome::Failed) || has(GateOutcome::NeedsApproval) => Verdict::Fail,
                _ => Verdict::Unknown,
            };
            let mut report = sample::of(gates, verdict, &reasons);
            report.subject.stage.clone_from(&stage);
            report.subject.environment = Some(stage);
            report.subject.base = Some(notice.clone());
            report.waivers = vec![Waiver {
                owner: Some(reason.clone()),
                place: Place::Object(reason.clone()),
                ..sample::waiver(&notice, &reason)
            }];
            report.notices = vec![notice];
            let lines = sarif::lines(&report).into_iter();
            let lines = lines.flat_map(|(path, lines)| {
                let at = move |line| (path.clone(), line);
                lines.into_iter().map(at)
            });
            let hashes = lines.zip(1..).filter(|(_, n)| n % 4 != 0);
            report.line_hashes = hashes.map(|(line, n)| (line, format!("{n:x}:1"))).collect();
            report
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn foreign_text_breaks_no_format_and_starts_no_command(report in report()) {
        check(&report);
    }

    #[test]
    fn the_same_report_is_the_same_bytes(report in report()) {
        for format in super::NAMES {
            prop_assert_eq!(render(format, &report), render(format, &report));
        }
    }

    #[test]
    fn markdown_has_a_limit(report in report(), limit in 3_000_usize..20_000, times in 1_usize..60) {
        let mut report = report;
        let all = report.gates.clone();
        report.gates = all.iter().cycle().take(all.len() * times).cloned().collect();
        prop_assert!(markdown::render(&report, limit).len() <= limit);
    }
}
