//! Owns the format `github`: the text for people, in which no line can be a command, then annotations; and the lines of
//! `GITHUB_OUTPUT`. The step summary is the Markdown report.

use crate::base::digest::Digest;
use crate::model::outcome::{Exit, GateOutcome};
use crate::model::report::Report;

use super::found::{self, Weight};
use super::issues::{self, Issue};
use super::{guard, text};

/// The runner cuts a message here, in characters.
const LONGEST: usize = 4096;

/// The text for people between a stop and a go of the runner's commands, then the annotations.
#[must_use]
pub fn render(report: &Report, options: text::TextOptions) -> String {
    let text = text::render(report, options);
    let token = token(&text);
    let mut out = format!("::stop-commands::{token}\n{text}::{token}::\n");
    for issue in issues::capped(report, "the step summary tells them") {
        out.push_str(&annotation(&issue));
    }
    out
}

/// A token that the text cannot contain: it is the digest of the text, and nobody can write a text that holds its own
/// digest. So it needs no chance, and the same report is the same bytes.
fn token(text: &str) -> String {
    let mut token = Digest::of_parts(["github", text]).to_string();
    while text.contains(&token) {
        token = Digest::of(token.as_bytes()).to_string();
    }
    token
}

fn annotation(issue: &Issue) -> String {
    let kind = match issue.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Notice => "notice",
    };
    let mut properties = Vec::new();
    if let Some((path, span)) = &issue.place {
        properties.push(format!("file={}", property(path)));
        if let Some(span) = span {
            let (line, column) = found::last(*span);
            properties.push(format!("line={}", span.start.line));
            properties.push(format!("endLine={line}"));
            if line == span.start.line {
                properties.push(format!("col={}", span.start.column));
                properties.push(format!("endColumn={column}"));
            }
        }
    }
    properties.push(format!("title={}", property(&issue.title)));
    let cut = issue.message.chars().take(LONGEST).collect::<String>();
    format!("::{kind} {}::{}\n", properties.join(","), data(&cut))
}

/// Escapes a message. The runner takes `##[` anywhere in a line that is no command yet, so that is broken as well.
fn data(text: &str) -> String {
    escape(&guard::defuse(text))
}

/// Escapes the value of a property, which never stands at the start of a line.
fn property(text: &str) -> String {
    let text = escape(text).replace(':', "%3A").replace(',', "%2C");
    guard::defuse(&text).into_owned()
}

fn escape(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The lines for `GITHUB_OUTPUT`: `verdict`, `exit_code`, `score` (empty when there is none), `failed` and `errored`
/// (gates that failed or could not be judged, the advisory ones included).
#[must_use]
pub fn outputs(report: &Report, exit: Exit) -> String {
    let verdict = report.verdict.to_string().to_lowercase();
    let score = report.score.total.map(|score| score.to_decimal(1));
    let of = |wanted: GateOutcome| {
        let gates = report.gates.iter();
        gates.filter(|gate| gate.outcome == wanted).count()
    };
    format!(
        "verdict={verdict}\nexit_code={}\nscore={}\nfailed={}\nerrored={}\n",
        exit as u8,
        score.unwrap_or_default(),
        of(GateOutcome::Failed),
        of(GateOutcome::Unknown)
    )
}
